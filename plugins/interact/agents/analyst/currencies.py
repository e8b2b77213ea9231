"""Which figures may be added: money in several currencies may not, unless its model says how it becomes one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from interact.warehouse.semantic import SemanticModel

MOST_CURRENCIES = 6
"""In how many currencies rankings are made, one table each, of money that cannot be ranked together."""


def kept_apart(name: str, model: SemanticModel, *, fixed: Collection[str]) -> tuple[str, ...]:
    """Return the dimensions that a metric's money has to be grouped by; `fixed` are those with one value anyway."""
    leaves = model.leaves(name)
    found = dict.fromkeys(leaf.currency for leaf in leaves if leaf.currency and not leaf.conversion)
    return tuple(each for each in found if each not in fixed)


def alike(names: Iterable[str], model: SemanticModel, *, fixed: Collection[str]) -> dict[tuple[str, ...], list[str]]:
    """Return metrics by the dimensions that keep their money apart; those that need none stand under ()."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        groups.setdefault(kept_apart(name, model, fixed=fixed), []).append(name)
    return groups
