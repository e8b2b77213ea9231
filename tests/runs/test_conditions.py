"""When a completed run is told: always, or only when a report, a comparison or a query says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.ended import GOOD, House, a_house
from builders.stores import opened, sqlite_url
from interact.chats.result import Value
from interact.errors import QueryFailed, QueryRefused, StoreUnavailable, WarehouseUnavailable
from interact.jobs.stored import StoredAgent
from interact.runs.conditions import CHECK_SAYS_NO, NO_CHANGE, NO_HIGHLIGHT, NOBODY_ASKS, Condition, is_yes
from interact.runs.tell import tell
from interact.runs.values import ReadColumn
from interact.store import chats, ledger, runs

SQL = "SELECT count(*) FROM ad_performance"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with a channel."""
    with opened(sqlite_url(tmp_path)) as store:
        made = a_house(store, tmp_path)
        made.channels({})
        yield made


def condition(house: House, when: str, *, read: ReadColumn | None = None, **ended: Any) -> Condition:
    """Return what a job says about a run of NL and BE that completed."""
    check = {"check": SQL} if when == "check" else {}
    run_id = house.ended(house.job(channels=["mail"], notices={"when": when, **check}), GOOD, GOOD, **ended)
    with house.desk.store.reading() as session:
        return Condition(house.desk, run_id, runs.snapshot_of(session, run_id), read)


@pytest.mark.parametrize("value", [1, -1, 0.5, True, "yes", "true", "1", "2026-11-23", " t "])
def test_what_is_true_not_0_and_not_empty_means_yes(value: Value) -> None:
    assert is_yes(value)


@pytest.mark.parametrize("value", [0, 0.0, False, None, "", " ", "0", "false", "FALSE", "f", "no", "n"])
def test_what_is_false_0_or_empty_means_no_as_does_a_text_that_says_so(value: Value) -> None:
    assert not is_yes(value)


def test_a_run_is_always_told_unless_the_job_says_otherwise(house: House) -> None:
    assert condition(house, "always").unmet() is None


def test_a_run_is_told_when_a_report_has_a_highlight(house: House) -> None:
    assert condition(house, "highlights").unmet() == NO_HIGHLIGHT
    assert condition(house, "highlights", highlights=("Brand fell",)).unmet() is None


def test_a_run_is_told_when_it_is_another_one_than_the_last(house: House) -> None:
    seen = {"highlights": ("Brand fell",)}
    assert condition(house, "change", **seen).unmet() is None
    house.later(days=7)
    same = condition(house, "change", **seen)
    assert same.unmet() == NO_CHANGE
    house.later(days=7)
    assert condition(house, "change", highlights=("Brand fell further",)).unmet() is None


def test_some_chats_are_asked_about_alone(house: House) -> None:
    asked = condition(house, "highlights", highlights=("Brand fell",))
    with house.desk.store.reading() as session:
        nl, be = chats.of_run(session, asked.run_id)
    assert (asked.unmet([nl.chat_id]), asked.unmet([be.chat_id])) == (None, None)


@pytest.mark.parametrize(
    ("found", "why"), [((3,), None), ((0,), CHECK_SAYS_NO), ((None,), CHECK_SAYS_NO), ((), CHECK_SAYS_NO)]
)
def test_a_check_says_yes_by_the_first_value_of_its_first_row(
    house: House, found: tuple[Value, ...], why: str | None
) -> None:
    asked: list[tuple[str, str, int]] = []

    def read(agent: StoredAgent, sql: str, limit: int) -> tuple[Value, ...]:
        asked.append((agent.definition.key, sql, limit))
        return found

    check = condition(house, "check", read=read)
    assert [check.unmet(), check.unmet(), check.caution] == [why, why, ""]
    assert asked == [("analyst", SQL, 1)]  # once, however many parts of the run there are


@pytest.mark.parametrize(
    "error",
    [
        QueryRefused("Table 'orders' is not in the model. Ask for one that is."),
        QueryFailed("There is no column 'spent'."),
        WarehouseUnavailable("The warehouse file '/srv/w.duckdb' is missing."),
    ],
)
def test_a_check_that_cannot_be_asked_holds_nothing_back_and_the_notice_says_why(
    house: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def read(*_: object) -> tuple[Value, ...]:
        raise error

    check = condition(house, "check", read=read)
    (notice_id,) = tell(house.desk, check.run_id, read)
    told = f"The job's check could not be asked, so this is sent all the same: {error}"
    assert [state for *_, state, _ in house.told([notice_id])] == ["pending"]
    with house.desk.store.reading() as session:
        assert ledger.notices_by_id(session, [notice_id])[notice_id].content.then == told
    assert str(error) not in caplog.text


def test_a_check_that_nobody_can_ask_here_holds_nothing_back(house: House) -> None:
    check = condition(house, "check")
    assert check.unmet() is None
    assert check.caution.endswith(NOBODY_ASKS)


def test_a_store_that_is_away_decides_nothing(house: House) -> None:
    def read(*_: object) -> tuple[Value, ...]:
        raise StoreUnavailable("The store is away.")

    with pytest.raises(StoreUnavailable, match="away"):
        condition(house, "check", read=read).unmet()
