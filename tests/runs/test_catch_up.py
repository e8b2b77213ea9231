"""The watch tells what nobody was told of, and sends what is due: within its time, and one fault harms no other."""

import logging
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from builders.delivered import AWAY, BUSY, REFUSED, Ways
from builders.doors import doors
from builders.outages import Town, a_town
from builders.stores import opened, sqlite_url
from builders.timed import at
from interact.chats.status import RunVerdict
from interact.errors import StoreUnavailable, WarehouseUnavailable
from interact.jobs.stored import StoredAgent, StoredJob
from interact.runs import catch_up
from interact.runs.account import account
from interact.runs.airflow import AirflowRun
from interact.runs.begin import Begun, DagRun, begin
from interact.store import runs, watch
from interact.store.sessions import Store


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An organisation with one channel, and a warehouse that is there."""
    with opened(sqlite_url(tmp_path)) as store:
        made = a_town(store, tmp_path)
        made.load()
        yield made


def begun(town: Town, job: StoredJob, clock: str) -> str:
    """Let a run of 08:00 begin, and nothing more; return its id."""
    town.to(clock)
    name = f"scheduled__{at('08:00').isoformat()}"
    town.airflow.runs[name] = AirflowRun("running")
    dag_run = DagRun(job.job_id, job.dag_id, name, "schedule", {}, at("08:00"), 0, "scheduled")
    found = begin(town.desk, dag_run, town.airflow)
    assert isinstance(found, Begun)
    return found.run_id


def test_a_run_that_is_marked_failed_by_hand_in_airflow_is_told_once(store: Store, tmp_path: Path) -> None:
    town = a_town(store, tmp_path)
    job = town.job()
    run_id = begun(town, job, "08:00:30")
    town.airflow.runs[f"scheduled__{at('08:00').isoformat()}"] = AirflowRun("failed", at("08:02"))
    done = town.watched("08:03")
    assert (done.settled, done.told, town.ways.sent) == (1, 0, [])
    done = town.watched("08:08")
    assert (done.settled, done.told, done.sent) == (0, 1, 1)
    run = town.run(run_id)
    assert (run.verdict, run.ended_at, run.told_at) == (RunVerdict.FAILED, at("08:02"), at("08:08"))
    ((key, envelope),) = town.ways.sent
    assert (key, envelope.recipient, envelope.notice.kind) == ("mail", "team@north.example", "failed")
    assert "was ended in Airflow as 'failed'" in envelope.notice.model_dump_json()
    done = town.watched("08:13")
    assert (done.told, done.sent, len(town.ways.sent)) == (0, 0, 1)


def test_a_run_whose_last_task_died_is_told_after_its_grace(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builders.outages.tell", lambda *_: [])
    job = town.job()
    town.to("08:00:30")
    town.runs(job)
    assert (town.watched("08:02:30").told, town.watched("08:02:31").told) == (0, 1)
    assert [envelope.notice.kind for _, envelope in town.ways.sent] == ["completed"]


def test_missed_times_are_told_and_sent(town: Town) -> None:
    town.job(schedule="0 * * * *")
    done = town.watched("03:10")
    assert (done.not_run, done.missed, done.sent) == (2, 1, 1)
    assert [envelope.notice.subject for _, envelope in town.ways.sent] == ["2 times not run: Report weekly"]


def test_what_servers_answer_is_counted(town: Town) -> None:
    for number in range(3):
        town.channel("north", f"mail-{number}", recipients=[f"team{number}@north.example"])
    town.ways.answers = {"mail-0": lambda _: REFUSED, "mail-1": lambda _: BUSY}
    town.job(schedule="0 * * * *", channels=["mail-0", "mail-1", "mail-2"])
    done = town.watched("03:10")
    assert (done.sent, done.failed, done.lost) == (1, 1, 0)


def test_without_ways_out_nothing_is_told(town: Town) -> None:
    town.job(schedule="0 * * * *")
    town.to("03:10")
    done = account(town.desk, town.airflow)
    assert (done.not_run, done.missed, town.said("skipped")) == (2, 0, [])


def clock_for(number: int) -> Callable[[], float]:
    """Return a clock by which each part of a pass is over after so many looks at it."""
    return chain(repeat(0.0, number), repeat(catch_up.SECONDS)).__next__


def test_what_a_pass_has_no_time_for_is_left_to_the_next(town: Town) -> None:
    for number in range(5):
        town.job(f"job-{number}", schedule="0 * * * *")
    town.watched("00:00:01")
    town.to("01:40")
    account(town.desk, town.airflow)
    done = catch_up.Accounts()
    catch_up.tell_all(town.desk, doors(), done, clock_for(3))
    assert (done.missed, len(town.said("skipped"))) == (2, 2)
    catch_up.tell_all(town.desk, doors(), done, clock_for(100))
    assert (done.missed, len(town.said("skipped"))) == (5, 5)


def test_the_end_of_outages_has_its_time_too(town: Town) -> None:
    town.warehouse.unlink()
    job = town.job()
    town.to("08:00:30")
    town.runs(job)
    done = catch_up.Accounts()
    assert list(catch_up.end_outages(town.desk, town.airflow, doors(), done, clock_for(1))) == []
    assert len(list(catch_up.end_outages(town.desk, town.airflow, doors(), done, clock_for(2)))) == 1
    assert done.recovered == 1


def test_a_run_that_cannot_be_told_keeps_no_other_untold(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("builders.outages.tell", lambda *_: [])
    town.to("07:00")
    found = [town.job(f"job-{number}") for number in range(3)]
    town.to("08:00:30")
    ended = [town.runs(job).run_id for job in found]
    told = catch_up.tell

    def fails(desk: object, run_id: str, *given: object) -> list[str]:
        if run_id == ended[1]:
            raise RuntimeError("secret contents")
        return told(desk, run_id, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(catch_up, "tell", fails)
    done = town.watched("08:10")
    assert (done.told, done.sent, done.faults) == (2, 2, 1)
    assert f"Run {ended[1]} could not be looked after (RuntimeError)" in caplog.text
    assert "secret" not in caplog.text
    monkeypatch.setattr(catch_up, "tell", told)
    assert town.watched("08:15").told == 1


def test_a_probe_that_stops_at_a_fault_leaves_the_outage_open_and_is_counted(town: Town) -> None:
    town.warehouse.unlink()
    job = town.job()
    town.to("08:00:30")
    town.runs(job)

    def faulty(agent: StoredAgent) -> None:
        raise RuntimeError("secret")

    town.to("08:10")
    done = account(town.desk, town.airflow, doors(probe=faulty, open_sender=town.ways.open))
    assert (done.recovered, done.faults, [each.ended_at for each in town.incidents()]) == (0, 1, [None])
    with town.desk.store.reading() as session:
        assert watch.last(session) == at("08:10")


def test_a_warehouse_that_is_away_is_no_fault_of_the_watch(town: Town) -> None:
    town.warehouse.unlink()
    job = town.job()
    town.to("08:00:30")
    town.runs(job)

    def away(agent: StoredAgent) -> None:
        raise WarehouseUnavailable("The warehouse file 'w' is not there.")

    town.to("08:10")
    assert account(town.desk, town.airflow, doors(probe=away, open_sender=town.ways.open)).faults == 0


def test_a_run_that_cannot_be_handed_over_is_tried_again_by_the_next_pass(town: Town) -> None:
    town.warehouse.unlink()
    first, second = town.job("first"), town.job("second")
    town.to("08:00:30")
    for job in (first, second):
        town.runs(job)
    town.load()
    town.airflow.missing.add(first.dag_id)
    done = town.watched("08:10")
    assert (done.recovered, done.started, [dag_id for dag_id, *_ in town.airflow.started]) == (1, 1, [second.dag_id])
    town.airflow.missing.clear()
    assert town.watched("08:15").started == 1
    assert sorted(dag_id for dag_id, *_ in town.airflow.started) == sorted([first.dag_id, second.dag_id])


def test_without_the_store_the_pass_ends(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store went away.")

    monkeypatch.setattr(catch_up, "deliver", away)
    with pytest.raises(StoreUnavailable, match="went away"):
        town.watched("08:10")
    with town.desk.store.reading() as session:
        assert watch.last(session) is None


def test_a_server_that_hangs_on_is_left_when_the_time_is_over(town: Town) -> None:
    recipients = [f"reader{number}@north.example" for number in range(20)]
    town.channel("north", recipients=recipients)
    town.job(schedule="0 * * * *")
    town.to("03:10")
    account(town.desk, town.airflow)
    done, ways = catch_up.Accounts(), Ways()
    catch_up.tell_all(town.desk, doors(), done, lambda: 0.0)
    catch_up.send_all(town.desk, doors(open_sender=ways.open), done, clock_for(5))
    assert 0 < done.sent < 20
    catch_up.send_all(town.desk, doors(open_sender=ways.open), done, lambda: 0.0)
    assert (done.sent, sorted(ways.recipients)) == (20, sorted(recipients))


def test_the_log_holds_ids_and_counts_only(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.warehouse.unlink()
    job = town.job(name="Takeover of Acme")
    town.to("08:00:30")
    town.runs(job)
    town.load()
    town.ways.answers = {"mail": lambda _: AWAY}
    with caplog.at_level(logging.DEBUG, logger="interact"):
        town.watched("08:10")
    assert "is over; runs that start again: 1" in caplog.text
    assert "Acme" not in caplog.text and "team@" not in caplog.text


def test_untold_runs_are_found_oldest_first_and_no_more_than_asked_for(town: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builders.outages.tell", lambda *_: [])
        town.to("07:00")
        found = [town.job(f"job-{number}") for number in range(3)]
        ended = []
        for number, job in enumerate(found):
            town.to(f"08:00:{30 + number}")
            ended.append(town.runs(job).run_id)
    with town.desk.store.reading() as session:
        assert runs.untold(session, ended_before=at("08:00:32"), limit=5) == ended[:2]
        assert runs.untold(session, ended_before=at("09:00"), limit=2) == ended[:2]
