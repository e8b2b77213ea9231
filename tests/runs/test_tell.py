"""Who hears of an ended run: decided once, written whole, and never told twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from builders.ended import (
    BAD,
    GOOD,
    MAIL,
    OPS,
    STOPPED,
    TEAM,
    House,
    a_house,
    notice,
    route,
    with_channels,
)
from builders.stores import opened, sqlite_url
from interact.chats.record import CORRECTED, EVERYONE, NOBODY
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.naming import QUESTIONS_DAG
from interact.notices.sending import Answer, Outcome
from interact.runs import tell as telling
from interact.runs.conditions import CHECK_SAYS_NO, NO_HIGHLIGHT
from interact.runs.hearers import NO_MAIL
from interact.runs.tell import OF_THE_WHOLE, tell, unheard
from interact.store import jobs, ledger, runs
from interact.store.sessions import Store
from interact.store.tables import RunRow


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A store with three channels."""
    with opened(sqlite_url(tmp_path)) as store:
        yield with_channels(store, tmp_path)


@pytest.fixture
def each_house(store: Store, tmp_path: Path) -> House:
    """The same on SQLite, and on PostgreSQL."""
    return with_channels(store, tmp_path)


def test_a_completed_run_is_told_to_the_jobs_channels_and_the_decision_is_kept(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail", "ops"]), GOOD)
    house.later(seconds=2)
    (notice_id,) = tell(house.desk, run_id)
    assert house.told([notice_id]) == [*TEAM, ("ops", "#ops", "pending", "")]
    kept = notice(house, notice_id)
    assert (kept.occasion, kept.run_id, kept.content.kind) == (f"{run_id}:completed", run_id, "completed")
    assert house.run(run_id).told_at == house.desk.now()


@pytest.mark.parametrize(
    ("statuses", "kind"), [((GOOD, GOOD), "completed"), ((GOOD, BAD), "partial"), ((BAD, BAD), "failed")]
)
def test_what_is_said_has_the_runs_verdict(house: House, statuses: tuple[ChatStatus, ...], kind: str) -> None:
    run_id = house.ended(house.job(channels=["mail"]), *statuses)
    (notice_id,) = tell(house.desk, run_id)
    assert (notice(house, notice_id).occasion, notice(house, notice_id).content.kind) == (f"{run_id}:{kind}", kind)


def test_telling_twice_decides_once(each_house: House) -> None:
    run_id = each_house.ended(each_house.job(channels=["mail"]), GOOD)
    first = tell(each_house.desk, run_id)
    told_at = each_house.run(run_id).told_at
    each_house.later(minutes=1)
    each_house.channels({**MAIL, "recipients": ["new@example.com"]})
    assert tell(each_house.desk, run_id) == first
    assert (each_house.told(first), each_house.run(run_id).told_at) == (TEAM, told_at)


def test_two_at_once_decide_once(each_house: House) -> None:
    job = each_house.job(channels=["mail", "ops"])
    for _ in range(5):
        run_id = each_house.ended(job, GOOD, BAD)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _, run_id=run_id: tell(each_house.desk, run_id), range(4)))
        assert [len(ids) for ids in found] == [1, 1, 1, 1]
        assert len(each_house.deliveries(found[0])) == 3


def test_a_run_that_has_not_ended_has_nothing_to_tell(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), GOOD)
    with house.desk.store.writing() as session:
        runs.mark_started(session, run_id, at=house.desk.now(), clear_number=1)
    assert (tell(house.desk, run_id), house.run(run_id).told_at) == ([], None)


def test_a_run_that_is_cleared_while_it_is_decided_is_left_to_who_ends_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, say = house.ended(house.job(channels=["mail"]), BAD), telling.say

    def cleared(*given: Any, **named: Any) -> Any:
        said = say(*given, **named)
        house.later(minutes=1)
        house.end(run_id, GOOD, clear_number=1)
        return said

    monkeypatch.setattr(telling, "say", cleared)
    assert (tell(house.desk, run_id), house.run(run_id).told_at) == ([], None)


@pytest.mark.parametrize("audience", [NOBODY, "me:ada@example.com", CORRECTED])
def test_a_job_without_channels_is_told_to_nobody_unless_somebody_asks(house: House, audience: str) -> None:
    asked = tell(house.desk, house.ended(house.job(), GOOD, audience=audience))
    assert len(asked) == (audience == "me:ada@example.com")


def test_nobody_hears_of_what_is_nobodys(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), BAD, audience=NOBODY)
    assert tell(house.desk, run_id) == []
    assert house.run(run_id).told_at is not None


def test_a_cancelled_run_is_not_told(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), STOPPED, verdict=RunVerdict.CANCELLED)
    assert tell(house.desk, run_id) == []
    assert house.run(run_id).told_at is not None


def test_a_question_is_not_told(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), GOOD)
    with house.desk.store.writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(dag_id=QUESTIONS_DAG))
    assert tell(house.desk, run_id) == []
    assert house.run(run_id).told_at is not None


def test_a_run_that_fell_with_its_job_is_not_told_and_one_that_completed_is(house: House) -> None:
    job = house.job(channels=["mail"])
    fell, completed = house.ended(job, BAD), house.ended(job, GOOD)
    with house.desk.store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=house.desk.now())
    assert (tell(house.desk, fell), len(tell(house.desk, completed))) == ([], 1)


def test_a_run_that_could_not_begin_is_told_as_failed(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]))
    (notice_id,) = tell(house.desk, run_id)
    assert notice(house, notice_id).occasion == f"{run_id}:failed"


# One person


def test_one_person_hears_it_whatever_the_channels_hear_and_the_job_sends_only_then(house: House) -> None:
    house.channels({**MAIL, "level": "error"})
    job = house.job(channels=["ops", "mail"], notices={"when": "highlights"})
    run_id = house.ended(job, GOOD, audience="me:ivy@example.com")
    assert house.told(tell(house.desk, run_id)) == [("mail", "ivy@example.com", "pending", "")]


def test_one_person_without_a_way_to_them_is_held_with_the_reason(tmp_path: Path) -> None:
    with opened(sqlite_url(tmp_path)) as store:
        house = a_house(store, tmp_path)
        run_id = house.ended(house.job(), BAD, audience="me:ivy@example.com")
        assert house.told(tell(house.desk, run_id)) == [("", "ivy@example.com", "held", NO_MAIL)]


# After Clear


def test_the_same_verdict_after_a_clear_tells_nobody_twice(each_house: House) -> None:
    run_id = each_house.ended(each_house.job(channels=["mail"]), BAD)
    first = tell(each_house.desk, run_id)
    each_house.delivered(first)
    each_house.later(minutes=5)
    each_house.channels({**MAIL, "recipients": ["new@example.com"]})
    each_house.end(run_id, BAD, clear_number=1)
    assert tell(each_house.desk, run_id) == first
    assert {state for *_, state, _ in each_house.told(first)} == {"delivered"}
    assert each_house.run(run_id).told_at == each_house.desk.now()


def test_a_run_that_failed_and_completes_after_a_clear_tells_so_to_those_too_who_hear_only_failures(
    house: House,
) -> None:
    run_id = house.ended(house.job(channels=["mail", "alarm"]), BAD)
    (failed,) = tell(house.desk, run_id)
    house.delivered([failed])
    house.later(minutes=5)
    house.end(run_id, GOOD, clear_number=1)
    first, completed = tell(house.desk, run_id)
    assert (first, notice(house, completed).occasion) == (failed, f"{run_id}:completed")
    assert house.told([completed]) == [("alarm", "#alarm", "pending", ""), *TEAM]
    assert notice(house, completed).content.subject.startswith("Works again")


def test_another_verdict_although_only_the_last_task_was_cleared_is_told(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), GOOD, verdict=RunVerdict.PARTIAL)
    partial = tell(house.desk, run_id)
    with house.desk.store.writing() as session:
        runs.mark_ended(session, run_id, verdict=RunVerdict.COMPLETED, reason=None, at=house.desk.now())
    found = tell(house.desk, run_id)
    assert (set(house.said(run_id, found)), set(found) > set(partial)) == ({"partial", "completed"}, True)


def test_what_was_kept_back_from_all_is_said_anew_after_a_clear_that_found_something(house: House) -> None:
    job = house.job(channels=["mail"], notices={"when": "highlights"})
    run_id = house.ended(job, GOOD)
    (kept_back,) = tell(house.desk, run_id)
    house.later(minutes=5)
    house.end(run_id, GOOD, highlights=("Brand fell",), clear_number=2)
    first, anew = tell(house.desk, run_id)
    assert (first, notice(house, anew).occasion) == (kept_back, f"{run_id}:completed~1")
    assert house.told([anew]) == TEAM
    assert notice(house, anew).content.highlights[0].title == "Brand fell"


def test_what_was_kept_back_is_said_anew_although_only_the_question_was_cleared(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"], notices={"when": "highlights"}), GOOD)
    tell(house.desk, run_id)
    house.later(minutes=5)
    house.end(run_id, GOOD, highlights=("Brand fell",))
    *_, anew = tell(house.desk, run_id)
    assert house.told([anew]) == TEAM
    assert notice(house, anew).content.highlights[0].title == "Brand fell"


def test_each_other_end_that_clears_bring_is_told_also_one_that_was_told_before(each_house: House) -> None:
    run_id = each_house.ended(each_house.job(channels=["mail"]), BAD)
    each_house.delivered(tell(each_house.desk, run_id))
    for number, status in enumerate((GOOD, BAD, GOOD, GOOD), 1):
        each_house.later(minutes=5)
        each_house.end(run_id, status, clear_number=number)
        each_house.delivered(tell(each_house.desk, run_id))
    said = each_house.said(run_id, tell(each_house.desk, run_id))
    assert sorted(said) == ["completed", "completed~1", "failed", "failed~1"]


# Conditions


@pytest.mark.parametrize(
    ("when", "highlights", "found", "why"),
    [
        ({"when": "always"}, (), (), None),
        ({"when": "highlights"}, ("Brand fell",), (), None),
        ({"when": "highlights"}, (), (), NO_HIGHLIGHT),
        ({"when": "change"}, (), (), None),
        ({"when": "check", "check": "SELECT 1"}, (), (1,), None),
        ({"when": "check", "check": "SELECT 1"}, (), (0,), CHECK_SAYS_NO),
        ({"when": "check", "check": "SELECT 1"}, (), (), CHECK_SAYS_NO),
    ],
)
def test_a_condition_that_is_not_met_holds_one_delivery_a_channel(
    house: House, when: dict[str, str], highlights: tuple[str, ...], found: tuple[object, ...], why: str | None
) -> None:
    run_id = house.ended(house.job(channels=["mail", "ops", "alarm"], notices=when), GOOD, highlights=highlights)
    told = house.told(tell(house.desk, run_id, lambda *_: found))  # type: ignore[arg-type,return-value]
    deaf = told.pop(0)
    assert deaf[:3] == ("alarm", "", "held")
    assert deaf[3].startswith("This channel hears of 'failed_run'")
    held = [("mail", "", "held", why), ("ops", "", "held", why)]
    assert told == (held if why else [*TEAM, ("ops", "#ops", "pending", "")])


@pytest.mark.parametrize("statuses", [(BAD, BAD), (GOOD, BAD)])
def test_what_failed_is_told_whatever_the_condition(house: House, statuses: tuple[ChatStatus, ...]) -> None:
    run_id = house.ended(house.job(channels=["mail"], notices={"when": "highlights"}), *statuses)
    assert house.told(tell(house.desk, run_id)) == TEAM


# Routes


def test_the_chats_of_a_value_go_to_those_whom_they_concern(each_house: House) -> None:
    routes = [route("NL", "mail", "nl@example.com"), route("BE", "mail", "be@example.com"), route("DE", "ops")]
    run_id = each_house.ended(each_house.job(channels=["ops"], notices={"routes": routes}), GOOD, BAD)
    said = each_house.said(run_id, tell(each_house.desk, run_id))
    assert {name: (notice(each_house, each).content.kind, each_house.told([each])) for name, each in said.items()} == {
        "partial": ("partial", [("ops", "#ops", "pending", "")]),
        "completed:market=NL": ("completed", [("mail", "nl@example.com", "pending", "")]),
        "failed:market=BE": ("failed", [("mail", "be@example.com", "pending", "")]),
    }


def test_who_hears_of_the_whole_run_is_not_told_of_its_parts_again(house: House) -> None:
    routes = [route("NL", "mail", "Team@example.com", "nl@example.com"), route("NL", "ops")]
    run_id = house.ended(house.job(channels=["mail", "ops"], notices={"routes": routes}), GOOD)
    said = house.said(run_id, tell(house.desk, run_id))
    assert house.told([said["completed:market=NL"]]) == [
        ("mail", "Team@example.com", "held", OF_THE_WHOLE),
        ("mail", "nl@example.com", "pending", ""),
        ("ops", "#ops", "held", OF_THE_WHOLE),
    ]


def test_a_job_with_routes_alone_says_nothing_of_the_whole_run(house: House) -> None:
    run_id = house.ended(house.job(notices={"routes": [route("BE", "ops")]}), GOOD, GOOD)
    (be,) = tell(house.desk, run_id)
    assert notice(house, be).occasion == f"{run_id}:completed:market=BE"


def test_what_concerns_every_value_goes_to_all_routes_of_a_job_that_has_nothing_else(house: House) -> None:
    routes = [route("NL", "mail", "nl@example.com", "ada@example.com"), route("BE", "mail"), route("DE", "ops")]
    run_id = house.ended(house.job(notices={"routes": routes}))
    (notice_id,) = tell(house.desk, run_id)
    assert notice(house, notice_id).occasion == f"{run_id}:failed"
    assert house.told([notice_id]) == [
        ("mail", "ada@example.com", "pending", ""),
        ("mail", "nl@example.com", "pending", ""),
        ("mail", "team@example.com", "pending", ""),
        ("ops", "#ops", "pending", ""),
    ]


def test_what_is_held_of_a_value_is_held_for_its_own_people(house: House) -> None:
    house.channels({**OPS, "level": "error"})
    routes = [route("NL", "mail", "nl@example.com"), route("NL", "ops", "#nl"), route("BE", "mail")]
    job = house.job(notices={"when": "highlights", "routes": routes})
    run_id = house.ended(job, GOOD, GOOD)
    said = house.said(run_id, tell(house.desk, run_id))
    assert [line[:3] for line in house.told([said["completed:market=NL"]])] == [
        ("mail", "nl@example.com", "held"),
        ("ops", "#nl", "held"),
    ]
    assert [line[:3] for line in house.told([said["completed:market=BE"]])] == [("mail", "", "held")]


def test_a_condition_is_asked_of_each_values_own_chats(house: House) -> None:
    job = house.job(notices={"when": "change", "routes": [route("NL", "ops"), route("BE", "mail")]})
    tell(house.desk, house.ended(job, GOOD, highlights=("Brand fell",)))
    house.later(days=7)
    run_id = house.ended(job, GOOD, GOOD, highlights=("Brand fell",))
    said = house.said(run_id, tell(house.desk, run_id))
    assert [state for *_, state, _ in house.told([said["completed:market=NL"]])] == ["held"]
    assert house.told([said["completed:market=BE"]]) == TEAM


def test_a_value_that_completes_twice_is_told_once_although_the_rest_is_cleared(house: House) -> None:
    routes = [route("NL", "mail", "nl@example.com"), route("BE", "mail", "be@example.com")]
    run_id = house.ended(house.job(notices={"routes": routes}), GOOD, BAD)
    house.delivered(tell(house.desk, run_id))
    house.later(minutes=5)
    house.end(run_id, GOOD, GOOD, clear_number=1)
    said = house.said(run_id, tell(house.desk, run_id))
    assert sorted(said) == ["completed:market=BE", "completed:market=NL", "failed:market=BE"]


# Outages


def test_a_run_that_failed_by_an_outage_alone_is_told_with_the_outage(each_house: House) -> None:
    job = each_house.job(channels=["mail", "alarm"])
    run_id = each_house.ended(job, BAD, BAD, outage="warehouse:w")
    (notice_id,) = tell(each_house.desk, run_id)
    assert (notice(each_house, notice_id).content.kind, notice(each_house, notice_id).run_id) == ("outage", None)
    assert each_house.told([notice_id]) == [("alarm", "#alarm", "pending", ""), *TEAM]
    assert each_house.run(run_id).incident_id is not None


@pytest.mark.parametrize(("audience", "count"), [(NOBODY, 0), ("me:ivy@example.com", 1), (EVERYONE, 2)])
def test_whoever_would_hear_of_the_run_hears_of_the_outage(house: House, audience: str, count: int) -> None:
    run_id = house.ended(house.job(channels=["mail"]), BAD, outage="warehouse:w", audience=audience)
    assert len(house.told(tell(house.desk, run_id))) == count
    assert house.run(run_id).incident_id is not None


def test_a_run_that_an_outage_hit_in_part_is_told_as_its_own(house: House) -> None:
    run_id = house.ended(house.job(channels=["mail"]), GOOD, BAD, outage="warehouse:w")
    (notice_id,) = tell(house.desk, run_id)
    assert (notice(house, notice_id).content.kind, house.run(run_id).incident_id) == ("partial", None)


# What announce asks


def test_nobody_was_told_when_all_that_was_to_be_sent_waits_or_failed(house: House) -> None:
    found = tell(house.desk, house.ended(house.job(channels=["mail", "ops", "alarm"]), GOOD))
    assert unheard(house.desk, found) == "3 pending"
    house.delivered(found, Outcome.REFUSED)
    assert unheard(house.desk, found) == "3 failed"
    assert unheard(house.desk, []) is None


def test_nobody_lacks_it_while_somebody_else_is_sending_it(house: House) -> None:
    found = tell(house.desk, house.ended(house.job(channels=["ops"]), GOOD))
    with house.desk.store.writing() as session:
        (sent,) = ledger.deliveries(session, found)
        ledger.claim(session, [sent.delivery_id], claim="the watch", now=house.desk.now())
    assert unheard(house.desk, found) is None


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.UNKNOWN])
def test_somebody_was_told_when_a_server_accepted_it_or_may_have(house: House, outcome: Outcome) -> None:
    found = tell(house.desk, house.ended(house.job(channels=["mail", "ops"]), GOOD))
    with house.desk.store.writing() as session:
        first = ledger.deliveries(session, found)[0]
        ledger.claim(session, [first.delivery_id], claim="c", now=house.desk.now())
        answer = Answer(outcome, "Ok")
        ledger.settle(session, first.delivery_id, answer, claim="c", again_at=None, now=house.desk.now())
    assert unheard(house.desk, found) is None
