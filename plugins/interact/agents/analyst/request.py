"""What a prompt asks for, once it is read."""

from __future__ import annotations

from dataclasses import dataclass

from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.windows import Period
from interact.warehouse.queries import Filter, Grain, Window


@dataclass(frozen=True)
class Ranking:
    """Which metric orders a breakdown, and how many of it are asked for (None: all)."""

    metric: str
    descending: bool
    limit: int | None = None


@dataclass(frozen=True)
class Breakdown:
    """One table that is asked for: by dimensions, by time, or both."""

    dimensions: tuple[str, ...]
    ranking: Ranking | None = None
    grain: Grain | None = None


@dataclass(frozen=True)
class Request:
    """One prompt, read completely."""

    period: Period
    compare: Window | None
    metrics: tuple[str, ...]
    """Those that are named to be shown, in order; empty for the model's own choice."""
    breakdowns: tuple[Breakdown, ...]
    order: Ranking | None
    """The order asked for where no table was: "sorted by spend"."""
    rules: tuple[Rule, ...]
    filters: tuple[Filter, ...]
    report: bool
    sections: frozenset[str]
    """What is asked for by name: summary, recommendations, chart, tiles, changes, table."""
    unwanted: frozenset[str]
    """What is expressly not asked for, of the same names and `report`."""
    targets: bool
    """True where targets are to be shown beside their metrics."""
    asks_why: bool
    notes: tuple[str, ...]
    """How words were read that could have been read otherwise."""
    not_understood: tuple[str, ...]
    """The parts of the prompt that the answer leaves out, word for word."""
