"""When an outage is over, the latest time of each job that it hit runs once more, where nothing speaks against it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from builders.outages import Town, a_town
from builders.stores import opened, sqlite_url
from builders.timed import at
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.errors import StoreUnavailable, WarehouseUnavailable
from interact.jobs.stored import StoredAgent, StoredJob
from interact.runs import recovery
from interact.runs.accept import Ask, accept
from interact.runs.recovery import recover
from interact.store import agents, chats, incidents, jobs, runs
from interact.store.incidents import Incident
from interact.store.sessions import Store

MARKETS = "SELECT DISTINCT market FROM ad_performance"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An organisation whose warehouse is away."""
    with opened(sqlite_url(tmp_path)) as store:
        yield a_town(store, tmp_path)


def hit(town: Town, **changes: Any) -> tuple[StoredJob, Run]:
    """A job whose run of 08:00 failed by the outage."""
    town.to("00:00")
    job = town.job(**changes)
    town.to("08:00:30")
    return job, town.runs(job)


def recovered(town: Town, *, probe: Callable[[StoredAgent], None] = lambda _: None) -> tuple[Run, ...] | None:
    """Let the one open outage end, when its warehouse is back."""
    with town.desk.store.reading() as session:
        (incident,) = incidents.still_open(session)
    return _recovered(town, incident, probe=probe)


def _recovered(town: Town, incident: Incident, **doors: Any) -> tuple[Run, ...] | None:
    plain = {"probe": lambda _: None, "probe_model": lambda _: None, "read_column": lambda *_: ()}
    return recover(town.desk, incident, town.airflow, **(plain | doors))


def why(town: Town) -> list[str]:
    """Return what the recovery says of each job."""
    (notice,) = town.said("recovered")
    return [each.text for each in notice.content.changes]


def half_way(town: Town) -> tuple[Run, ...]:
    """Let a recovery die when it has accepted runs and not ended the outage yet; return those runs."""
    town.to("08:30")

    def dies(*_: object, **__: object) -> bool:
        raise StoreUnavailable("The store went away.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "end", dies)
        with pytest.raises(StoreUnavailable, match="went away"):
            recovered(town)
    with town.desk.store.reading() as session:
        return tuple(runs.not_handed_over(session))


def away(agent: StoredAgent) -> None:
    raise WarehouseUnavailable("The warehouse file 'w' is not there.")


def test_the_run_that_comes_again_is_of_the_same_time_and_of_the_job_as_it_is_now(town: Town) -> None:
    parameters = {"market": {"values": ["NL", "BE", "DE"], "default": "DE", "schedule": ["NL", "BE"]}}
    job, failed = hit(town, parameters=parameters, prompt="Spend in {{ market }}")
    town.job(parameters=parameters, prompt="Spend of {{ market }} by channel")
    town.to("08:30")
    (run,) = recovered(town) or ()
    assert (run.initiator, run.rerun_of, run.due_at, run.run_after) == (
        "schedule",
        failed.run_id,
        at("08:00"),
        at("08:00"),
    )
    assert (run.audience, run.queued_at, run.dag_id) == ("everyone", None, job.dag_id)
    with town.desk.store.reading() as session:
        opened_chats = chats.of_run(session, run.run_id)
        prompts = [chats.prompt_of(session, chat.chat_id) for chat in opened_chats]
    assert prompts == ["Spend of NL by channel", "Spend of BE by channel"]


def test_while_the_warehouse_is_away_nothing_ends(town: Town) -> None:
    hit(town)
    assert recovered(town, probe=away) is None
    assert town.said("recovered") == []
    assert [each.ended_at for each in town.incidents()] == [None]


@pytest.mark.parametrize(
    ("clock", "day", "runs_again"),
    [("08:30:00", 0, True), ("20:00:00", 0, True), ("20:00:01", 0, False), ("08:00:00", 1, False)],
)
def test_a_daily_time_runs_again_within_its_twelve_hours(town: Town, clock: str, day: int, runs_again: bool) -> None:
    hit(town)
    town.to(at(clock, day=day))
    assert bool(recovered(town)) is runs_again


def test_only_the_latest_of_a_jobs_times_runs_again(town: Town) -> None:
    job, _ = hit(town, schedule={"cron": "0 * * * *", "lateness_minutes": 300})
    town.to("09:00:30")
    second = town.runs(job, "09:00")
    town.to("09:10")
    (run,) = recovered(town) or ()
    assert (run.rerun_of, run.due_at) == (second.run_id, at("09:00"))


def test_a_time_that_a_later_one_has_overtaken_does_not_run_again(town: Town) -> None:
    hit(town, schedule={"cron": "0 * * * *", "lateness_minutes": 300})
    town.to("09:00")
    assert recovered(town) == ()
    assert why(town) == ["Does not run again by itself. A later time of its schedule has come since."]


def switched_off(town: Town, job: StoredJob) -> None:
    town.job(schedule={"cron": "0 8 * * *", "enabled": False})


def completed_since(town: Town, job: StoredJob) -> None:
    town.load()
    assert town.runs(job, "08:20", run_type="manual").verdict is RunVerdict.COMPLETED


def asked_since(town: Town, job: StoredJob) -> None:
    accept(town.desk, Ask(job.job_id, {}, "user:ada"))


def paused(town: Town, job: StoredJob) -> None:
    town.airflow.paused.add(job.dag_id)


def inactive(town: Town, job: StoredJob) -> None:
    with town.desk.store.writing() as session:
        (agent,) = agents.all_of(session, job.organisation_id)
        agents.save(session, agent.definition.model_copy(update={"active": False}), now=town.desk.now())


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (switched_off, "Its schedule was changed or switched off since."),
        (completed_since, "A newer run of it is under way or has completed."),
        (asked_since, "A newer run of it is under way or has completed."),
        (paused, "was paused in Airflow."),
        (inactive, "its agent 'analyst' is not active."),
    ],
)
def test_what_speaks_against_a_further_run_is_said(
    town: Town, happens: Callable[[Town, StoredJob], None], told: str
) -> None:
    job, _ = hit(town)
    town.to("08:20")
    happens(town, job)
    town.to("08:30")
    assert recovered(town) == ()
    (text,) = why(town)
    assert told in text


def test_a_job_that_is_deleted_is_not_spoken_of(town: Town) -> None:
    job, _ = hit(town)
    with town.desk.store.writing() as session:
        jobs.mark_deleted(session, job.job_id, now=town.desk.now())
    assert (recovered(town), why(town)) == ((), [])


def test_a_run_that_somebody_asked_for_is_theirs_to_ask_for_again(town: Town) -> None:
    job = town.job()
    town.to("07:30")
    town.runs(job, "07:30", run_type="manual")
    assert recovered(town) == ()
    assert why(town) == ["Does not run again by itself. The run that failed was none of its schedule."]


def test_time_behind_a_run_that_somebody_asked_for_does_not_count(town: Town) -> None:
    job, _ = hit(town, schedule={"cron": "0 8 * * *", "lateness_minutes": 30})
    with town.desk.store.writing() as session:
        snapshot = jobs.snapshot(session, job.job_id)
        assert snapshot is not None
        given = runs.Acceptance("run_aaaaaaaaaaaa", "run_aaaaaaaaaaaa", "user:ada", snapshot, (), (), at("08:01"))
        runs.accept(session, given, now=at("08:01"))
        runs.mark_started(session, given.run_id, at=at("08:01"), clear_number=0)
        runs.mark_ended(session, given.run_id, verdict=RunVerdict.FAILED, reason="It failed.", at=at("08:41"))
    town.to("09:05")
    assert len(recovered(town) or ()) == 1


def test_a_time_that_waited_for_its_data_counts_from_when_it_began(town: Town) -> None:
    waits = {"assets": ["ads"], "schedule": "and", "cutoff_minutes": 60}
    job = town.job(schedule={"cron": "0 8 * * *", "lateness_minutes": 30}, triggers=waits)
    town.airflow.load("ads", at("08:40"))
    town.to("08:40:30")
    town.runs(job, "08:40", run_type="asset_triggered")
    town.to("09:10")
    (run,) = recovered(town) or ()
    assert (run.due_at, [load.loaded_at for load in run.data]) == (at("08:00"), [at("08:40")])


def test_an_outage_that_comes_back_at_once_runs_nothing_a_second_time(town: Town) -> None:
    job, failed = hit(town)
    (first,) = half_way(town)
    again = town.handed_over(job, first)
    assert (again.verdict, again.incident_id) == (RunVerdict.FAILED, failed.incident_id)
    assert recovered(town) == ()
    assert why(town) == ["Does not run again by itself. It ran again once already, and failed again."]


def test_a_recovery_that_dies_half_way_is_finished_by_the_next_without_a_second_run(town: Town) -> None:
    hit(town)
    (first,) = half_way(town)
    assert town.said("recovered") == []
    assert recovered(town) == (first,)
    assert why(town) == ["Runs now for 23 Nov 2026, 08:00 UTC."]


def test_an_outage_after_an_outage_runs_the_time_again_within_its_limit(town: Town) -> None:
    job, failed = hit(town)
    town.to("08:30")
    (first,) = recovered(town) or ()
    again = town.handed_over(job, first)
    assert again.incident_id not in (None, failed.incident_id)
    town.to("09:00")
    (second,) = recovered(town) or ()
    assert (second.rerun_of, second.due_at) == (first.run_id, at("08:00"))


def test_two_recoveries_at_once_run_it_once_and_say_it_once(store: Store, tmp_path: Path) -> None:
    town = a_town(store, tmp_path)
    found = [hit(town, key=f"job-{number}") for number in range(4)]
    town.to("08:30")
    with town.desk.store.reading() as session:
        (incident,) = incidents.still_open(session)
    with ThreadPoolExecutor(3) as pool:
        list(
            pool.map(
                lambda _: _recovered(town, incident),
                range(3),
            )
        )
    with town.desk.store.reading() as session:
        accepted = runs.not_handed_over(session)
    assert sorted(str(run.rerun_of) for run in accepted) == sorted(run.run_id for _, run in found)
    assert len(town.said("recovered")) == 1


def test_all_agents_that_were_hit_have_to_answer(town: Town) -> None:
    _, run = hit(town)
    with town.desk.store.writing() as session:
        (first,) = agents.all_of(session, run.organisation_id)
        plain = {"key": "second", "active": True}
        second, _ = agents.save(session, first.definition.model_copy(update=plain), now=town.desk.now())
        agents.save(session, first.definition.model_copy(update={"key": "unhurt"}), now=town.desk.now())
    hit(town, key="other", agent="second")
    asked: list[str] = []

    def only_the_first(agent: StoredAgent) -> None:
        asked.append(agent.definition.key)
        if agent.agent_id == second.agent_id:
            away(agent)

    assert recovered(town, probe=only_the_first) is None
    assert set(asked) <= {"analyst", "second"}
    assert recovered(town) is not None


def test_an_answer_since_then_is_as_good_as_a_probe(town: Town) -> None:
    job, _ = hit(town)
    town.load()
    town.to("08:20")
    town.runs(job, "08:20", run_type="manual")
    assert recovered(town, probe=away) == ()


def test_an_answer_from_before_it_was_last_found_away_proves_nothing(town: Town) -> None:
    job, _ = hit(town)
    town.load()
    town.to("08:20")
    town.runs(job, "08:20", run_type="manual")
    town.warehouse.unlink()
    town.to("08:30")
    town.runs(job, "08:30", run_type="manual")
    assert recovered(town, probe=away) is None


def test_what_nobody_asks_any_more_is_no_outage(town: Town) -> None:
    _, run = hit(town)
    with town.desk.store.writing() as session:
        (agent,) = agents.all_of(session, run.organisation_id)
        agents.save(session, agent.definition.model_copy(update={"warehouse": "new"}), now=town.desk.now())
    town.to("08:30")
    assert len(recovered(town, probe=away) or ()) == 1
    (notice,) = town.said("recovered")
    assert notice.content.subject == "Over after 29 min: nothing asks the warehouse of connection 'w' any more"


def test_a_warehouse_that_goes_away_again_while_values_are_read_leaves_it_open(town: Town) -> None:
    hit(town)
    query = {"query": "SELECT DISTINCT market FROM ad_performance", "default": "*"}
    town.job(parameters={"market": query}, prompt="Spend in {{ market }}")
    with town.desk.store.reading() as session:
        (incident,) = incidents.still_open(session)

    def read_column(agent: StoredAgent, *_: object) -> tuple[str, ...]:
        away(agent)
        return ()

    assert _recovered(town, incident, read_column=read_column) is None
    assert [each.ended_at for each in town.incidents()] == [None]


def test_more_jobs_than_a_notice_names_are_counted(town: Town) -> None:
    for number in range(22):
        hit(town, key=f"job-{number:02}")
    town.to("08:30")
    assert len(recovered(town) or ()) == 22
    (notice,) = town.said("recovered")
    assert [each.title for each in notice.content.changes][-2:] == ["Report job-19", "and 2 more"]


@pytest.mark.parametrize(("visibility", "is_told"), [("organisation", True), ("private", False)])
def test_what_is_wrong_with_a_private_job_is_its_owners_alone(town: Town, visibility: str, *, is_told: bool) -> None:
    hit(town, visibility=visibility)
    town.job(parameters={"market": {"query": MARKETS, "default": "NL"}}, visibility=visibility)
    town.to("08:30")
    assert recovered(town) == ()
    (said,) = why(town)
    assert ("NL" in said or "market" in said) is is_told
    assert said.startswith("Does not run again by itself. ") and len(said) > 50
