"""The demo's data: the same for the same day, and its planted events where the docstring says."""

from __future__ import annotations

import hashlib
import runpy
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "include" / "demo" / "performance.py"
MODULE = runpy.run_path(str(SOURCE))
ENDS = [date(2026, 11, 14), date(2026, 3, 1), date(2028, 2, 29), date(2025, 1, 1)]
PLACES = [None, "NL", "BE", "DE"]
SEARCH = (
    "Brand Search",
    "Generic Search",
    "Competitor Search",
    "Running Shoes Search",
    "Rain Jackets Search",
    "Winter Launch Search",
)

Row = tuple[Any, ...]
Figures = dict[str, tuple[float, float, float]]


@pytest.fixture(scope="module")
def rows_of() -> Callable[[date], list[Row]]:
    made: dict[date, list[Row]] = {}

    def build(end: date) -> list[Row]:
        if end not in made:
            made[end] = list(MODULE["rows"](end))
        return made[end]

    return build


def totals(rows: Iterable[Row], start: date, end: date, market: str | None) -> Figures:
    """Spend, conversions and revenue of each campaign in a window."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in rows:
        if start <= row[0] <= end and market in (None, row[3]):
            for place, column in enumerate((6, 7, 8)):
                sums[row[1]][place] += row[column]
    return {name: (spend, conversions, revenue) for name, (spend, conversions, revenue) in sums.items()}


def week(rows: Iterable[Row], end: date, market: str | None, *, before: int = 0) -> Figures:
    last = end - timedelta(days=7 * before)
    return totals(rows, last - timedelta(days=6), last, market)


def below_two(figures: Figures) -> set[str]:
    return {name for name, (spend, _, revenue) in figures.items() if spend and revenue / spend < 2}


def over_target(figures: Figures) -> set[str]:
    targets = {campaign.name: campaign.target_cpa for campaign in MODULE["CAMPAIGNS"]}
    return {
        name
        for name, (spend, conversions, _) in figures.items()
        if spend and conversions and spend / conversions > targets[name]
    }


def test_the_same_day_gives_the_same_rows_on_every_python() -> None:
    digest = hashlib.sha256()
    for row in MODULE["rows"](date(2026, 11, 14)):
        digest.update(repr(row).encode())
    assert digest.hexdigest() == "b93136f50f695cae010864894b25e79e3adf6bb8cbffebd73d75b459ae52afa8"


def test_loading_a_day_later_leaves_ordinary_history_as_it_was(rows_of: Callable[[date], list[Row]]) -> None:
    end = date(2026, 11, 14)
    today = {row[:4]: row for row in rows_of(end) if row[0] < end - timedelta(days=40)}
    tomorrow = {row[:4]: row for row in MODULE["rows"](end + timedelta(days=1))}
    assert len(today) > 15_000
    assert [key for key, row in today.items() if key in tomorrow and tomorrow[key] != row] == []


def test_there_are_400_days_of_17_campaigns_in_three_markets(rows_of: Callable[[date], list[Row]]) -> None:
    rows = rows_of(ENDS[0])
    days = {row[0] for row in rows}
    assert (min(days), max(days), len(days)) == (date(2025, 10, 11), date(2026, 11, 14), 400)
    assert len({row[1] for row in rows}) == 17
    assert {row[3] for row in rows} == {"NL", "BE", "DE"}
    assert {row[2] for row in rows} == {"Paid search", "Shopping", "Display", "Social", "Video", "Organic"}
    assert {row[1] for row in rows if row[2] == "Paid search"} == set(SEARCH)


def test_each_campaign_has_one_row_a_day_and_market_in_order(rows_of: Callable[[date], list[Row]]) -> None:
    rows = rows_of(ENDS[0])
    assert len({(row[0], row[1], row[3]) for row in rows}) == len(rows)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_figures_are_plausible(rows_of: Callable[[date], list[Row]]) -> None:
    for row in rows_of(ENDS[0]):
        impressions, clicks, spend, conversions, revenue = row[4:9]
        assert impressions > clicks > 0
        assert clicks >= conversions >= 0
        assert spend >= 0
        assert (revenue > 0) == (conversions > 0)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("market", PLACES)
def test_two_paid_search_campaigns_fell_below_a_roas_of_two(
    rows_of: Callable[[date], list[Row]], end: date, market: str | None
) -> None:
    rows = rows_of(end)
    assert below_two(week(rows, end, market)) == {"Generic Search", "Winter Launch Search", "Video Awareness"}
    assert below_two(week(rows, end, market, before=1)) == {"Video Awareness"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("market", PLACES)
def test_one_campaign_went_over_its_cpa_target(
    rows_of: Callable[[date], list[Row]], end: date, market: str | None
) -> None:
    rows = rows_of(end)
    assert over_target(week(rows, end, market)) == {"Competitor Search"}
    assert over_target(week(rows, end, market, before=1)) == set()


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("market", PLACES)
def test_one_campaign_spent_without_a_conversion(
    rows_of: Callable[[date], list[Row]], end: date, market: str | None
) -> None:
    rows = rows_of(end)
    assert [name for name, (spend, conversions, _) in week(rows, end, market).items() if spend and not conversions] == [
        "Winter Launch Search"
    ]
    assert [name for name, figures in week(rows, end, market, before=1).items() if figures[0] and not figures[1]] == []


def test_organic_never_spends_and_has_no_targets(rows_of: Callable[[date], list[Row]]) -> None:
    organic = [row for row in rows_of(ENDS[0]) if row[2] == "Organic"]
    assert {(row[6], row[9], row[10]) for row in organic} == {(0.0, None, None)}
    assert sum(row[8] for row in organic) > 0


@pytest.mark.parametrize("end", ENDS)
def test_tracking_was_out_on_exactly_one_day(rows_of: Callable[[date], list[Row]], end: date) -> None:
    tracked: dict[date, float] = defaultdict(float)
    for row in rows_of(end):
        tracked[row[0]] += row[7] + row[8]
    assert [day for day, total in tracked.items() if total == 0] == [end - timedelta(days=30)]


@pytest.mark.parametrize("end", ENDS)
def test_one_campaign_stopped_ten_days_ago(rows_of: Callable[[date], list[Row]], end: date) -> None:
    last: dict[str, date] = {}
    for row in rows_of(end):
        last[row[1]] = row[0]
    assert {name: day for name, day in last.items() if day != end} == {"Display Retargeting": end - timedelta(days=10)}


def test_loading_writes_one_file_with_every_row(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "new folder" / "warehouse.duckdb"
    began = time.monotonic()
    count = MODULE["load"](path, ENDS[0])
    assert time.monotonic() - began < 5
    with duckdb.connect(path, read_only=True) as connection:
        stored = connection.execute("SELECT * FROM ad_performance ORDER BY rowid").fetchall()
    assert len(stored) == count
    assert [
        tuple(float(cell) if index in (6, 8, 9, 10) and cell is not None else cell for index, cell in enumerate(row))
        for row in stored
    ] == list(MODULE["rows"](ENDS[0]))
    assert [entry.name for entry in path.parent.iterdir()] == ["warehouse.duckdb"]


def test_loading_again_replaces_the_file_for_new_readers_only(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "warehouse.duckdb"
    MODULE["load"](path, ENDS[0])
    with duckdb.connect(path, read_only=True) as reader:
        MODULE["load"](path, ENDS[1])
        assert reader.execute("SELECT MAX(date) FROM ad_performance").fetchall() == [(ENDS[0],)]
    with duckdb.connect(path, read_only=True) as reader:
        assert reader.execute("SELECT MAX(date) FROM ad_performance").fetchall() == [(ENDS[1],)]


def test_a_failed_load_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(b"the old file")
    load = MODULE["load"]
    monkeypatch.setitem(load.__globals__, "rows", lambda end: iter([("no", "row")]))
    with pytest.raises(Exception, match=r"(?i)csv|column"):
        load(path, ENDS[0])
    assert path.read_bytes() == b"the old file"
    assert [entry.name for entry in tmp_path.iterdir()] == ["warehouse.duckdb"]
