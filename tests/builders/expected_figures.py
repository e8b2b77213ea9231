"""What a query must return, from plain rows in Python: for tests whose answers do not come from our SQL."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from interact.warehouse.queries import MetricQuery, Window


def calculated(query: MetricQuery, rows: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[float | None, ...]]:
    """The same figures from the rows, in Python."""
    kept = [row for row in rows if all((row["market"] in each.values) != each.exclude for each in query.filters)]
    now, then = grouped(kept, query.window, query.dimensions), grouped(kept, query.compare, query.dimensions)
    if not query.dimensions:
        now.setdefault((), [])
    figures: dict[tuple[str, ...], tuple[float | None, ...]] = {}
    for key in now | then:
        cells: list[float | None] = []
        for metric in query.metrics:
            current = figure(metric, now.get(key, []))
            cells.append(current)
            if query.compare:
                previous = figure(metric, then.get(key, []))
                cells += [previous, (current - previous) / previous if current is not None and previous else None]
        figures[key] = tuple(cells)
    return figures


def grouped(
    rows: list[dict[str, Any]], window: Window | None, dimensions: tuple[str, ...]
) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    def key(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row[name] for name in dimensions)

    chosen = [row for row in rows if window and window.start <= row["date"] <= window.end]
    return {group: list(members) for group, members in groupby(sorted(chosen, key=key), key)}


def figure(metric: str, rows: list[dict[str, Any]]) -> float | None:
    above, below = {"roas": ("revenue", "spend"), "cpa": ("spend", "conversions")}.get(metric, (metric, None))
    if not rows:
        return None
    total = float(sum(row[above] for row in rows))
    if below is None:
        return total
    divisor = float(sum(row[below] for row in rows))
    return total / divisor if divisor else None
