"""What a run's end puts right: failures that were told before it, and a report that it corrects."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.ended import BAD, GOOD, MAIL, OPS, TEAM, House, notice, route, with_channels
from builders.stores import opened, sqlite_url
from interact.chats.record import CORRECTED, NOBODY
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.stored import StoredJob
from interact.notices.sending import Outcome
from interact.runs.earlier import HAD_NONE, REPLACED
from interact.runs.tell import tell
from interact.store.sessions import Store


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with three channels."""
    with opened(sqlite_url(tmp_path)) as store:
        yield with_channels(store, tmp_path)


@pytest.fixture
def each_house(store: Store, tmp_path: Path) -> House:
    """The same on SQLite, and on PostgreSQL."""
    return with_channels(store, tmp_path)


def failing(house: House, job: StoredJob, *statuses: ChatStatus, **changes: Any) -> list[str]:
    """Let a run fail and be told; returns its notices."""
    found = tell(house.desk, house.ended(job, *(statuses or (BAD,)), **changes))
    house.delivered(found)
    house.later(days=7)
    return found


def test_what_works_again_is_told_to_those_who_heard_the_failure_whatever_the_condition(each_house: House) -> None:
    job = each_house.job(channels=["mail", "alarm", "ops"], notices={"when": "highlights"})
    each_house.channels({**OPS, "topics": ["skipped_run"]})
    failing(each_house, job)
    failing(each_house, job, GOOD, BAD)
    (notice_id,) = tell(each_house.desk, each_house.ended(job, GOOD))
    assert [line[:3] for line in each_house.told([notice_id])] == [
        ("alarm", "#alarm", "pending"),
        ("mail", "ada@example.com", "pending"),
        ("mail", "team@example.com", "pending"),
        ("ops", "", "held"),
    ]
    assert (
        "2 failed runs"
        in f"{notice(each_house, notice_id).content.subject} {notice(each_house, notice_id).content.lead}"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": NOBODY},
        {"verdict": RunVerdict.CANCELLED},
        {"outage": "warehouse:w"},
    ],
)
def test_a_failure_that_nobody_heard_of_and_an_outage_are_no_failure_to_recover_from(
    house: House, changes: dict[str, Any]
) -> None:
    job = house.job(channels=["mail", "alarm"])
    failing(house, job, **changes)
    (notice_id,) = tell(house.desk, house.ended(job, GOOD))
    alarm, *_ = house.told([notice_id])
    assert alarm[:3] == ("alarm", "", "held")
    assert not notice(house, notice_id).content.subject.startswith("Works again")


def test_it_works_again_once(house: House) -> None:
    job = house.job(channels=["alarm"])
    failing(house, job)
    failing(house, job, GOOD)
    (notice_id,) = tell(house.desk, house.ended(job, GOOD))
    assert [state for *_, state, _ in house.told([notice_id])] == ["held"]


@pytest.mark.parametrize(
    ("initiator", "state"), [("schedule", "pending"), ("asset:ads", "pending"), ("key:ci", "held")]
)
def test_a_time_that_could_not_begin_is_a_failure_and_what_somebody_asked_for_is_none(
    house: House, initiator: str, state: str
) -> None:
    job = house.job(channels=["alarm"])
    house.delivered(tell(house.desk, house.ended(job, initiator=initiator)))
    house.later(days=7)
    (notice_id,) = tell(house.desk, house.ended(job, GOOD))
    assert [told for *_, told, _ in house.told([notice_id])] == [state]


def test_a_test_run_of_which_nobody_hears_does_not_take_the_recovery_from_those_who_wait_for_it(house: House) -> None:
    job = house.job(channels=["alarm"])
    failing(house, job)
    failing(house, job, GOOD, audience=NOBODY)
    (notice_id,) = tell(house.desk, house.ended(job, GOOD))
    assert house.told([notice_id]) == [("alarm", "#alarm", "pending", "")]


def test_only_the_team_whose_value_failed_hears_that_it_works_again(house: House) -> None:
    routes = [route("NL", "alarm"), route("BE", "ops")]
    house.channels({**OPS, "level": "error"})
    job = house.job(notices={"routes": routes})
    failing(house, job, GOOD, BAD)
    run_id = house.ended(job, GOOD, GOOD)
    said = house.said(run_id, tell(house.desk, run_id))
    assert [state for *_, state, _ in house.told([said["completed:market=NL"]])] == ["held"]
    assert house.told([said["completed:market=BE"]]) == [("ops", "#ops", "pending", "")]


def test_a_correction_goes_to_those_who_had_the_first_one_and_says_what_it_replaces(each_house: House) -> None:
    job = each_house.job(channels=["mail", "ops", "alarm"], notices={"when": "highlights"})
    first = each_house.ended(job, GOOD, highlights=("Brand fell",))
    had = tell(each_house.desk, first)
    each_house.delivered(had)
    each_house.later(hours=2)
    each_house.channels({**MAIL, "recipients": ["team@example.com", "new@example.com"]})
    (notice_id,) = tell(each_house.desk, each_house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
    assert each_house.told([notice_id]) == [
        ("alarm", "", "held", HAD_NONE),
        *TEAM,
        ("ops", "#ops", "pending", ""),
    ]
    assert notice(each_house, notice_id).content.corrects == "This replaces the report of 23 November, 08:03."


@pytest.mark.parametrize(
    ("outcome", "states"),
    [(Outcome.UNKNOWN, ["pending", "pending"]), (Outcome.REFUSED, ["held"]), (None, ["pending", "pending"])],
)
def test_who_may_have_had_the_first_one_hears_its_correction_and_who_surely_did_not_does_not(
    house: House, outcome: Outcome | None, states: list[str]
) -> None:
    job = house.job(channels=["mail"])
    first = house.ended(job, GOOD)
    had = tell(house.desk, first)
    if outcome:
        house.delivered(had, outcome)
    found = tell(house.desk, house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
    assert [state for *_, state, _ in house.told(found)] == states


def test_the_correction_of_a_value_goes_to_those_who_had_that_value(house: House) -> None:
    routes = [route("NL", "mail", "nl@example.com"), route("BE", "mail", "be@example.com")]
    job = house.job(channels=["ops"], notices={"routes": routes})
    first = house.ended(job, GOOD, GOOD)
    house.delivered(tell(house.desk, first))
    run_id = house.ended(job, GOOD, audience=CORRECTED, rerun_of=first)
    said = house.said(run_id, tell(house.desk, run_id))
    assert house.told([said["completed"]]) == [("ops", "#ops", "pending", "")]
    assert house.told([said["completed:market=NL"]]) == [("mail", "nl@example.com", "pending", "")]


def test_what_is_still_to_be_sent_of_a_failure_is_not_sent_after_the_news_that_it_works(each_house: House) -> None:
    run_id = each_house.ended(each_house.job(channels=["mail", "alarm"]), BAD)
    failed = tell(each_house.desk, run_id)
    each_house.later(minutes=5)
    each_house.end(run_id, GOOD, clear_number=1)
    (completed,) = set(tell(each_house.desk, run_id)) - set(failed)
    assert {line[2:] for line in each_house.told(failed)} == {("held", REPLACED)}
    assert each_house.told([completed]) == [("alarm", "#alarm", "pending", ""), *TEAM]


def test_what_is_still_to_be_sent_of_a_wrong_report_is_not_sent_after_its_correction(each_house: House) -> None:
    job = each_house.job(channels=["mail"], notices={"routes": [route("NL", "ops"), route("BE", "alarm")]})
    first = each_house.ended(job, GOOD, BAD)
    said = each_house.said(first, wrong := tell(each_house.desk, first))
    corrected = tell(each_house.desk, each_house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
    assert each_house.told([said["partial"]]) == [(*line[:2], "held", REPLACED) for line in TEAM]
    assert each_house.told([said["completed:market=NL"]]) == [("ops", "#ops", "held", REPLACED)]
    assert each_house.told([said["failed:market=BE"]]) == [("alarm", "#alarm", "pending", "")]
    assert [line for line in each_house.told(corrected) if line[0] == "mail"] == TEAM
    assert {each.next_at for each in each_house.deliveries(wrong) if each.told == REPLACED} == {None}


def test_a_second_correction_of_the_same_report_goes_where_the_first_one_went(house: House) -> None:
    job = house.job(channels=["mail"])
    first = house.ended(job, GOOD)
    tell(house.desk, first)
    for _ in range(2):
        corrected = tell(house.desk, house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
        assert house.told(corrected) == TEAM


def test_a_correction_reaches_those_too_whose_route_was_taken_out_since(house: House) -> None:
    job = house.job(notices={"routes": [route("NL", "mail", "nl@example.com"), route("BE", "ops")]})
    first = house.ended(job, GOOD, GOOD)
    house.delivered(tell(house.desk, first))
    job = house.job(notices={"routes": [route("BE", "ops")]})
    run_id = house.ended(job, GOOD, GOOD, audience=CORRECTED, rerun_of=first)
    said = house.said(run_id, tell(house.desk, run_id))
    assert house.told([said["completed:market=NL"]]) == [("mail", "nl@example.com", "pending", "")]
    assert house.told([said["completed:market=BE"]]) == [("ops", "#ops", "pending", "")]


def test_a_correction_that_failed_replaces_nothing(house: House) -> None:
    job = house.job(channels=["mail"])
    first = house.ended(job, GOOD)
    wrong = tell(house.desk, first)
    (notice_id,) = tell(house.desk, house.ended(job, BAD, audience=CORRECTED, rerun_of=first))
    assert (notice(house, notice_id).content.corrects, house.told([notice_id])) == ("", TEAM)
    assert house.told(wrong) == TEAM


def test_a_report_in_place_of_a_failure_says_so(house: House) -> None:
    job = house.job(channels=["mail"])
    first = house.ended(job, BAD)
    tell(house.desk, first)
    (notice_id,) = tell(house.desk, house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
    assert notice(house, notice_id).content.corrects == "This is the run of 23 November, 08:03 again, which had failed."


def test_a_correction_keeps_to_the_domains_that_hold_now(house: House) -> None:
    job = house.job(channels=["mail"])
    first = house.ended(job, GOOD)
    house.delivered(tell(house.desk, first))
    house.limits(recipient_domains=["example.org"])
    found = tell(house.desk, house.ended(job, GOOD, audience=CORRECTED, rerun_of=first))
    assert [state for *_, state, _ in house.told(found)] == ["held", "held"]
