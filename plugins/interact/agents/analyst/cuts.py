"""One table: which figures stand side by side, by what, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interact.agents.analyst.currencies import MOST_CURRENCIES, alike
from interact.agents.analyst.request import Breakdown, Ranking
from interact.warehouse.queries import Filter, Grain
from interact.warehouse.semantic import SemanticModel


@dataclass(frozen=True)
class Cut:
    """A table to make; of one breakdown there may be several, since not all figures fit into one."""

    dimensions: tuple[str, ...]
    """Those asked for, behind those that keep money apart."""
    metrics: tuple[str, ...]
    ranking: Ranking | None = None
    grain: Grain | None = None
    only: Filter | None = None
    """The currency that a ranking of money is about."""


def cuts_of(
    breakdown: Breakdown,
    metrics: tuple[str, ...],
    model: SemanticModel,
    *,
    fixed: frozenset[str],
    members: Mapping[str, tuple[str, ...]],
) -> tuple[Cut, ...]:
    """Return the tables of a breakdown: metrics that do not reach its dimensions are left out."""
    reached = [each for each in metrics if all(model.reaches(each, name) for name in breakdown.dimensions)]
    groups = alike(reached, model, fixed=fixed | set(breakdown.dimensions))
    return tuple(cut for apart, names in groups.items() for cut in _cuts(breakdown, tuple(names), apart, members))


def _cuts(
    breakdown: Breakdown, metrics: tuple[str, ...], apart: tuple[str, ...], members: Mapping[str, tuple[str, ...]]
) -> Iterator[Cut]:
    ranking = breakdown.ranking if breakdown.ranking and breakdown.ranking.metric in metrics else None
    if ranking and len(apart) == 1 and not breakdown.grain:
        for value in members.get(apart[0], ())[:MOST_CURRENCIES]:
            yield Cut(breakdown.dimensions, metrics, ranking, only=Filter(apart[0], (value,)))
        return
    dimensions = (*apart, *(each for each in breakdown.dimensions if each not in apart))
    yield Cut(dimensions, metrics, ranking, breakdown.grain)
