"""What a query on the small shop must return, reckoned row by row in Python: slow, and without any SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from statistics import mean, median
from typing import Any

from builders.small_shop import Rows
from interact.warehouse.queries import Filter, Having, MetricQuery, Window

Row = dict[str, Any]
Key = tuple[object, ...]
TIMES = {"shop_orders": "ordered_at", "visits": "day", "stock": "day"}
LEAVES: dict[str, tuple[str, str, Callable[[Row], object], Callable[[Row], object]]] = {
    # table, how rows become a figure, the value of a row, whether a row counts
    "revenue": ("shop_orders", "sum", lambda row: row["amount"], lambda row: row["paid"]),
    "orders": ("shop_orders", "count", lambda row: row["order_id"], lambda row: True),
    "open_orders": ("shop_orders", "count", lambda row: 1, lambda row: not row["paid"]),
    "customers": ("shop_orders", "distinct", lambda row: row["customer_id"], lambda row: True),
    "middle_order": ("shop_orders", "median", lambda row: row["amount"], lambda row: True),
    "usual_order": ("shop_orders", "mean", lambda row: row["amount"], lambda row: True),
    "largest_order": ("shop_orders", "max", lambda row: times(row["amount"], 2), lambda row: True),
    "shipped_orders": ("shop_orders", "count", lambda row: row["order_id"], lambda row: True),
    "takings": ("shop_orders", "sum", lambda row: row["amount"], lambda row: True),
    "euros": ("shop_orders", "sum", lambda row: times(row["amount"], row["rate"]), lambda row: True),
    "visits": ("visits", "sum", lambda row: row["visits"], lambda row: True),
    "stock": ("stock", "sum", lambda row: row["units"], lambda row: True),
    "opening_stock": ("stock", "sum", lambda row: row["units"], lambda row: True),
    "usual_stock": ("stock", "sum", lambda row: row["units"], lambda row: True),
    "usual_holders": ("stock", "distinct a day", lambda row: row["holder"], lambda row: True),
    "large_stocks": ("stock", "count", lambda row: 1, lambda row: (row["units"] or 0) > 5),
}
PARTS = {
    "aov": ("revenue", "orders"),
    "conversion_rate": ("orders", "visits"),
    "cover": ("stock", "shipped_orders"),
    "gain": ("revenue", "visits"),
    "margin": ("revenue", "visits", "orders"),
}
STOCKS = {"stock": max, "large_stocks": max, "opening_stock": min}
AVERAGES = ("usual_stock", "usual_holders")
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def reckoned(query: MetricQuery, rows: Rows, held_to: Mapping[str, str]) -> dict[Key, tuple[object, ...]]:
    """Return the figures of each group, as the query's result shows them, in no order."""
    return _Reckoning(query, rows, held_to).answer()


class _Reckoning:
    def __init__(self, query: MetricQuery, rows: Rows, held_to: Mapping[str, str]) -> None:
        self.query, self.rows, self.held_to = query, rows, held_to
        self.sides = [query.window, *([_cut(query, query.compare)] if query.compare else [])]
        asked = dict.fromkeys([*query.metrics, *(each.metric for each in query.having)])
        self.leaves = dict.fromkeys(leaf for name in asked for leaf in PARTS.get(name, (name,)))
        self.counted = {(leaf, side): list(self._counted(leaf, side)) for leaf in self.leaves for side in self.sides}

    def answer(self) -> dict[Key, tuple[object, ...]]:
        keys = {key for rows in self.counted.values() for key, _ in rows}
        if not self.query.dimensions and not self.query.grain:
            keys = {()}
        return {key: tuple(self._cells(key)) for key in keys if self._holds(key)}

    def _cells(self, key: Key) -> Iterator[object]:
        for name in self.query.metrics:
            now = self._figure(name, key, self.query.window)
            yield now
            if self.query.compare:
                then = self._figure(name, key, self.sides[1])
                yield then
                yield None if now is None or not then else (now - then) / then
            if self.query.targets and self._has_target(name):
                yield self._target(name, key)

    def _holds(self, key: Key) -> bool:
        met = [self._met(each, key) for each in self.query.having]
        return not met or (any(met) if self.query.any_of else all(met))

    def _met(self, each: Having, key: Key) -> bool:
        figure = self._figure(each.metric, key, self.query.window)
        wanted = self._target(each.metric, key) if each.value is None else each.value
        if figure is None or wanted is None:
            return False
        return {"<": figure < wanted, "<=": figure <= wanted, ">": figure > wanted, ">=": figure >= wanted,
                "=": figure == wanted, "!=": figure != wanted}[each.comparator]  # fmt: skip

    def _has_target(self, name: str) -> bool:
        return name == "conversion_rate" or (name == "aov" and "currency" in self.query.dimensions)

    def _target(self, name: str, key: Key) -> float | None:
        if name == "conversion_rate":
            return 0.5
        if not any(found == key for side in self.sides for leaf in ("revenue", "orders")
                   for found, _ in self.counted[leaf, side]):  # fmt: skip
            return None
        return {"EUR": 4, "GBP": 6}.get(str(key[self.query.dimensions.index("currency") + bool(self.query.grain)]))

    def _figure(self, name: str, key: Key, side: Window) -> Any:
        def leaf(part: str) -> Any:
            return self._leaf(part, [row for found, row in self.counted[part, side] if found == key], key, side)

        if name in LEAVES:
            return leaf(name)
        parts = [leaf(part) for part in PARTS[name]]
        if None in parts:
            return None
        if name == "gain":
            return parts[0] - 2 * parts[1]
        if name == "margin":
            revenue, visits, orders = parts
            return divided(divided(100 * (revenue - 2 * visits), revenue), orders - 1)
        return divided(parts[0], parts[1])

    def _leaf(self, leaf: str, rows: list[Row], key: Key, side: Window) -> Any:
        _, how, value, _ = LEAVES[leaf]
        values: list[Any] = [found for row in rows if (found := value(row)) is not None]
        if how in ("count", "distinct", "distinct a day"):
            told = [(row["day"], value(row)) for row in rows if value(row) is not None] if "day" in how else values
            figure = len(told if how == "count" else set(told))
        else:
            figure = {"sum": sum, "median": median, "mean": mean, "max": max}[how](values) if values else None  # type: ignore[operator]
        if leaf in STOCKS or leaf in AVERAGES:
            figure = figure or (figure if how == "sum" else None)
        if leaf in AVERAGES:
            days = {self._day("stock", row) for row in self._within("stock", leaf, side)
                    if not self.query.grain or self._bucket(self._day("stock", row), side) == key[0]}  # fmt: skip
            return divided(figure, len(days))
        return figure

    def _counted(self, leaf: str, side: Window) -> Iterator[tuple[Key, Row]]:
        """Yield the rows that count for a leaf in a window, each with its group."""
        table, _, _, counts = LEAVES[leaf]
        there = list(self._within(table, leaf, side))
        ends: dict[object, date] = {}
        if leaf in STOCKS:
            for row in there:
                day = self._day(table, row)
                bucket = self._bucket(day, side)
                ends[bucket] = STOCKS[leaf](ends.get(bucket, day), day)
        for row in there:
            day = self._day(table, row, leaf)
            bucket = self._bucket(day, side)
            if (
                not counts(row)
                or (ends and ends[bucket] != day)
                or not all(self._kept(row, f) for f in self.query.filters)
            ):
                continue
            members = [self._member(row, name) for name in self.query.dimensions]
            yield (*([bucket] if self.query.grain else []), *members), row

    def _within(self, table: str, leaf: str, side: Window) -> Iterator[Row]:
        for row in self.rows[table]:
            day = self._day(table, row, leaf)
            is_kept = all(self._member(row, name) == value for name, value in self.held_to.items())
            if day and side.start <= day <= side.end and is_kept:
                yield row

    def _day(self, table: str, row: Row, leaf: str = "") -> Any:
        moment = row["shipped_on" if leaf == "shipped_orders" else TIMES[table]]
        return moment.date() if isinstance(moment, datetime) else moment

    def _bucket(self, day: date, side: Window) -> date | None:
        grain = self.query.grain
        if grain is None:
            return None
        now, compare = self.query.window, self.query.compare
        if compare and side.start == compare.start:
            if _by_months(self.query, compare):
                number = day.year * 12 + day.month - 1 + _number(now.start) - _number(compare.start)
                day = date(number // 12, number % 12 + 1, 1)
            else:
                day += now.start - compare.start
        if grain == "week":
            return day - timedelta(days=day.weekday())
        if grain == "day":
            return day
        return date(day.year, (day.month - 1) // MONTHS[grain] * MONTHS[grain] + 1, 1)

    def _kept(self, row: Row, each: Filter) -> bool:
        return (self._member(row, each.dimension) in each.values) != each.exclude

    def _member(self, row: Row, name: str) -> Any:
        if name == "country":
            return next((c["title"] for c in self.rows["countries"] if c["code"] == row["country_code"]), None)
        if name == "segment":
            return next((c["segment"] for c in self.rows["customers"] if c["customer_id"] == row["customer_id"]), None)
        return ("big" if (row["amount"] or 0) > 5 else "small") if name == "size" else row[name]


def _number(day: date) -> int:
    return day.year * 12 + day.month


def _by_months(query: MetricQuery, compare: Window) -> bool:
    """Whether both windows begin with a period of the grain and are as many months long."""
    length, now = MONTHS.get(str(query.grain)), query.window
    if not length or any(w.start.day != 1 or (w.start.month - 1) % length for w in (now, compare)):
        return False
    return _number(now.end) - _number(now.start) == _number(compare.end) - _number(compare.start)


def _cut(query: MetricQuery, compare: Window) -> Window:
    """Return the comparison without the days for which a trend has no day to stand beside."""
    if not query.grain or _by_months(query, compare):
        return compare
    return Window(compare.start, min(compare.end, compare.start + timedelta(days=query.window.days - 1)))


def divided(above: Any, below: Any) -> Any:
    """Return a quotient, None where there is none."""
    return None if above is None or not below else above / below


def times(value: Any, factor: Any) -> Any:
    """Return a product, None where one of the two is None."""
    return None if value is None or factor is None else value * factor
