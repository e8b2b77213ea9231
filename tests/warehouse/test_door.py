"""The door to a DuckDB file: what it returns, what it keeps out, and how it survives what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from interact.chats.result import Column
from interact.errors import DefinitionRefused, QueryFailed, QueryRefused, QueryStopped, WarehouseUnavailable
from interact.warehouse.compile import compile_query
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Compiled, Limits, MetricQuery, Window
from interact.warehouse.semantic import SemanticModel

WEEK = Window(date(2026, 11, 8), date(2026, 11, 14))
MARKETS = Compiled(
    "SELECT DISTINCT market FROM ad_performance ORDER BY market", (Column(name="market", label="Market"),)
)
TOTAL = Compiled("SELECT SUM(revenue + spend + clicks) AS n FROM ad_performance", (Column(name="n", label="n"),))
RUNAWAY = Compiled(
    "SELECT COUNT(*) AS n FROM ad_performance AS a, ad_performance AS b, ad_performance AS c "
    "WHERE a.spend + b.spend + c.spend = 1.25 AND ROUND(a.revenue + b.revenue) = c.clicks",
    (Column(name="n", label="n"),),
)

Door = Callable[..., DuckDbDoor]
MakeFile = Callable[..., Path]


def test_a_result_carries_its_id_title_sql_and_columns(a_door: Door, model: SemanticModel) -> None:
    compiled = compile_query(MetricQuery(("spend",), WEEK, ("market",)), model)
    result = a_door().run(compiled, title="Spend by market")
    assert (result.result_id, result.title, result.sql) == ("result_000000000001", "Spend by market", compiled.sql)
    assert result.columns == compiled.columns
    assert [row[0] for row in result.rows] == ["DE", "NL", "BE"]
    assert 0 < result.elapsed_seconds < 20


def test_each_result_gets_a_fresh_id(a_door: Door) -> None:
    door = a_door()
    assert [door.run(MARKETS, title="m").result_id for _ in range(2)] == ["result_000000000001", "result_000000000002"]


def test_a_door_for_one_market_shows_that_market_only(
    a_door: Door, by_hand: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    door = a_door(market="NL")
    count = Compiled("SELECT COUNT(*) AS n FROM ad_performance", (Column(name="n", label="n"),))
    assert door.run(MARKETS, title="m").rows == (("NL",),)
    assert door.run(count, title="n").rows == tuple(by_hand("SELECT COUNT(*) FROM ad_performance WHERE market = 'NL'"))
    assert door.members("market") == ("NL",)


def test_a_condition_that_is_always_true_shows_no_more(a_door: Door) -> None:
    sql = "SELECT DISTINCT market FROM ad_performance WHERE market = 'BE' OR 1 = 1"
    assert a_door(market="NL").run(Compiled(sql, MARKETS.columns), title="m").rows == (("NL",),)


def test_several_filters_hold_together(a_door: Door) -> None:
    assert a_door(market="BE", channel="Video").members("campaign") == ("Video Awareness", "Video Product Stories")


def test_a_filter_with_a_quote_finds_nothing_and_breaks_nothing(a_door: Door) -> None:
    assert a_door(market="NL' OR '1'='1").members("market") == ()


def test_a_filter_on_an_unknown_dimension_is_refused(a_door: Door) -> None:
    with pytest.raises(DefinitionRefused, match=r"no dimension 'planet' .there are 'campaign', 'channel', 'market'"):
        a_door(planet="Mars")


def test_members_are_sorted(a_door: Door) -> None:
    assert a_door().members("market") == ("BE", "DE", "NL")
    assert a_door().members("channel") == ("Display", "Organic", "Paid search", "Shopping", "Social", "Video")


def test_members_are_not_cut_by_the_limit_of_rows(a_door: Door) -> None:
    assert len(a_door(limits=Limits(rows=2)).members("campaign")) == 17


def test_members_of_an_unknown_dimension_are_refused(a_door: Door) -> None:
    with pytest.raises(DefinitionRefused, match=r"no dimension 'planet'"):
        a_door().members("planet")


def test_rows_over_the_limit_are_marked(a_door: Door) -> None:
    result = a_door(limits=Limits(rows=2)).run(MARKETS, title="m")
    assert (len(result.rows), result.truncated) == (2, True)


def test_what_the_guard_refuses_does_not_start_a_process(a_door: Door, tmp_path: Path) -> None:
    door = a_door(tmp_path / "absent.duckdb")
    with pytest.raises(QueryRefused, match=r"'salaries'"):
        door.run(Compiled("SELECT * FROM salaries", ()), title="x")


def test_columns_that_were_not_announced_are_refused(a_door: Door) -> None:
    wrong = Compiled("SELECT market AS land FROM ad_performance", MARKETS.columns)
    with pytest.raises(QueryFailed, match=r"returned the columns \['land'\]; \['market'\] were expected"):
        a_door().run(wrong, title="x")


def test_a_query_the_engine_cannot_run_says_why(a_door: Door) -> None:
    door = a_door()
    with pytest.raises(QueryFailed, match=r"could not run the query: .*sum.VARCHAR"):
        door.run(Compiled("SELECT SUM(market) AS market FROM ad_performance", MARKETS.columns), title="x")
    assert door.members("market") == ("BE", "DE", "NL")


def test_a_missing_file_is_named_with_what_to_do(a_door: Door, tmp_path: Path) -> None:
    with pytest.raises(WarehouseUnavailable, match=r"'absent.duckdb' is not there. Run the DAG that loads it"):
        a_door(tmp_path / "absent.duckdb").run(MARKETS, title="x")


def test_a_file_that_arrives_later_is_found(a_door: Door, tmp_path: Path, demo_file: Path) -> None:
    door = a_door(tmp_path / "late.duckdb")
    with pytest.raises(WarehouseUnavailable, match=r"'late.duckdb'"):
        door.run(MARKETS, title="x")
    (tmp_path / "late.duckdb").write_bytes(demo_file.read_bytes())
    assert door.members("market") == ("BE", "DE", "NL")


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 1000])
def test_a_file_of_another_kind_is_named(a_door: Door, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.duckdb"
    path.write_bytes(content)
    with pytest.raises(WarehouseUnavailable, match=r"'broken.duckdb' (is no DuckDB database|has no table)"):
        a_door(path).run(MARKETS, title="x")


def test_a_file_cut_short_gives_a_clear_error(a_door: Door, tmp_path: Path, demo_file: Path) -> None:
    path = tmp_path / "cut.duckdb"
    path.write_bytes(demo_file.read_bytes()[: demo_file.stat().st_size // 2])
    with pytest.raises((WarehouseUnavailable, QueryFailed), match=r"\.$"):
        a_door(path).run(TOTAL, title="x")


def test_a_file_with_damaged_pages_never_gives_figures(a_door: Door, tmp_path: Path, demo_file: Path) -> None:
    path = tmp_path / "damaged.duckdb"
    content = bytearray(demo_file.read_bytes())
    for place in range(12_288, len(content), 4096):
        content[place : place + 64] = b"\xa5" * 64
    path.write_bytes(content)
    with pytest.raises((WarehouseUnavailable, QueryFailed), match=r"\.$"):
        a_door(path).run(TOTAL, title="x")


def test_a_file_without_the_table_is_named(a_door: Door, a_file: MakeFile) -> None:
    path = a_file("other.duckdb", "CREATE TABLE something AS SELECT 1 AS x", empty=True)
    with pytest.raises(WarehouseUnavailable, match=r"'other.duckdb' has no table 'ad_performance'"):
        a_door(path).run(MARKETS, title="x")


def test_a_table_without_a_column_is_named(a_door: Door, a_file: MakeFile) -> None:
    path = a_file("narrow.duckdb", "ALTER TABLE ad_performance DROP COLUMN target_roas")
    with pytest.raises(WarehouseUnavailable, match=r"'ad_performance' without the columns target_roas"):
        a_door(path).run(MARKETS, title="x")


def test_a_time_dimension_that_is_no_date_is_refused(a_door: Door, a_file: MakeFile) -> None:
    path = a_file("timed.duckdb", "ALTER TABLE ad_performance ALTER date TYPE TIMESTAMP")
    with pytest.raises(WarehouseUnavailable, match=r"'timed.duckdb' has 'date' as TIMESTAMP, not as DATE"):
        a_door(path).run(MARKETS, title="x")


def test_a_file_that_is_being_written_is_said_to_be(a_door: Door, tmp_path: Path, demo_file: Path) -> None:
    path = tmp_path / "held.duckdb"
    path.write_bytes(demo_file.read_bytes())
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(WarehouseUnavailable, match=r"'held.duckdb' is being written right now"):
            a_door(path).run(MARKETS, title="x")
        writer.communicate()
    assert a_door(path).members("market") == ("BE", "DE", "NL")


def test_a_query_over_its_time_is_stopped_and_the_next_one_works(a_door: Door) -> None:
    door = a_door(limits=Limits(seconds=0.5))
    with pytest.raises(QueryStopped, match=r"it ran for more than 0.5 seconds. Ask for fewer"):
        door.run(RUNAWAY, title="x")
    assert door.members("market") == ("BE", "DE", "NL")


def test_a_query_over_its_memory_is_stopped_and_the_next_one_works(a_door: Door) -> None:
    door = a_door(limits=Limits(memory_bytes=700_000_000))
    many = (
        "SELECT COUNT(*) AS n FROM (SELECT DISTINCT a.spend * 1000 + b.revenue AS s, a.revenue AS r "
        "FROM ad_performance AS a, ad_performance AS b) AS q"
    )
    with pytest.raises(QueryStopped, match=r"it needed more than 700 MB of memory"):
        door.run(Compiled(many, RUNAWAY.columns), title="x")
    assert door.members("market") == ("BE", "DE", "NL")


def test_a_process_without_room_to_start_says_so(a_door: Door) -> None:
    with pytest.raises(WarehouseUnavailable, match=r"'demo.duckdb' (cannot be opened|was not opened)"):
        a_door(limits=Limits(memory_bytes=60_000_000)).run(MARKETS, title="x")


def test_a_process_killed_in_the_middle_is_said_and_replaced(a_door: Door) -> None:
    door = a_door()
    door.members("market")
    pid = running_pid(door)
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(QueryStopped, match=r"its process ended \(SIGKILL\)"):
        door.run(RUNAWAY, title="x")
    assert door.members("market") == ("BE", "DE", "NL")
    assert running_pid(door) != pid


def test_a_process_that_hangs_is_killed(a_door: Door) -> None:
    door = a_door(limits=Limits(seconds=0.2))
    door.members("market")
    os.kill(running_pid(door), signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(QueryStopped, match=r"more than 0.2 seconds"):
        door.run(MARKETS, title="x")
    assert time.monotonic() - began < 10
    assert door.members("market") == ("BE", "DE", "NL")


def test_an_interrupted_wait_never_gives_the_next_question_the_old_answer(a_door: Door) -> None:
    door = a_door()
    door.members("market")

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt("the user")

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt, match=r"the user"):
            door.run(RUNAWAY, title="x")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert door.members("market") == ("BE", "DE", "NL")


def test_threads_may_share_a_door(a_door: Door) -> None:
    door, found = a_door(), []
    dimensions = ["market", "channel", "campaign"] * 4
    threads = [
        threading.Thread(target=lambda name=name: found.append((name, len(door.members(name))))) for name in dimensions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(found)) == [("campaign", 17), ("channel", 6), ("market", 3)]
    assert len(found) == 12


def test_closing_ends_the_process(a_door: Door) -> None:
    with a_door() as door:
        door.members("market")
        pid = running_pid(door)
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()


def test_the_process_ends_when_its_caller_is_killed(demo_file: Path, model: SemanticModel, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from interact.warehouse import pipe\n"
        "setup = {'path': sys.argv[1], 'memory_bytes': 10**9, 'threads': 1, 'tables': []}\n"
        "running = pipe.start(); running.ask(setup, seconds=20); print(running.pid, flush=True); sys.stdin.read()"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    caller = subprocess.Popen(
        [sys.executable, "-c", script, str(demo_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    )
    assert caller.stdout is not None
    pid = int(caller.stdout.readline())
    caller.kill()
    caller.communicate()
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_a_file_that_is_swapped_is_read_by_the_next_door(a_door: Door, a_file: MakeFile) -> None:
    path = a_file("swapped.duckdb")
    first = a_door(path)
    assert len(first.members("market")) == 3
    a_file("fresh.duckdb", "DELETE FROM ad_performance WHERE market <> 'BE'").replace(path)
    assert first.members("market") == ("BE", "DE", "NL")
    assert a_door(path).members("market") == ("BE",)


def running_pid(door: DuckDbDoor) -> int:
    assert door._pipe is not None
    return door._pipe.pid


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_column_gives_its_values_in_the_querys_order(a_door: Door) -> None:
    door = a_door()
    sql = "SELECT DISTINCT market FROM ad_performance ORDER BY market DESC"
    assert door.column(sql, limit=10) == ("NL", "DE", "BE")
    assert door.column(sql, limit=2) == ("NL", "DE")


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT market, channel FROM ad_performance", "exactly one named column"),
        ("SELECT * FROM ad_performance", "exactly one named column"),
        ("SELECT 1 + 1 FROM ad_performance", "exactly one named column"),
        ("SELECT market FROM secrets", "secrets"),
        ("DELETE FROM ad_performance", "SELECT"),
        ("SELECT market FROM read_csv('x')", "read"),
    ],
)
def test_a_column_is_asked_for_by_one_harmless_select(a_door: Door, sql: str, told: str) -> None:
    with pytest.raises(QueryRefused, match=told):
        a_door().column(sql, limit=10)
