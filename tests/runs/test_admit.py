"""What Airflow makes by itself goes through the gate: a row and a run together, or a row and no run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from builders.timed import Story, a_story, at
from interact.chats.record import AssetLoad, Run
from interact.chats.status import RunVerdict
from interact.errors import NotFound, NotStartable, StoreUnavailable
from interact.runs.account import account
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.ask import open_attempt, stop
from interact.runs.begin import Begun, Passed
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected, jobs, runs
from interact.store.sessions import Session

ASSET = "warehouse.ads"
WAITS = {"assets": [ASSET], "schedule": "and", "cutoff_minutes": 30}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """An hourly job."""
    return a_story(tmp_path)


def run_of(story: Story, begun: Begun | Passed) -> Run:
    """The run that has begun."""
    assert isinstance(begun, Begun), begun
    with story.desk.store.reading() as session:
        return runs.by_id(session, begun.run_id)


def passed(begun: Begun | Passed) -> tuple[str, TimeOutcome | None]:
    """Why a run does nothing, and what became of its time."""
    assert isinstance(begun, Passed)
    return begun.reason, begun.outcome


def test_a_scheduled_run_stands_for_its_time_and_the_row_names_it(story: Story) -> None:
    run = run_of(story, story.begins("08:00:04", "08:00"))
    assert (run.initiator, run.due_at, run.run_after) == ("schedule", at("08:00"), at("08:00"))
    row = story.row("08:00")
    assert row is not None
    assert (row.outcome, row.reason, row.run_id, row.dag_run_id, row.started_at) == (
        TimeOutcome.RAN,
        None,
        run.run_id,
        run.dag_run_id,
        at("08:00:04"),
    )


def test_a_first_task_that_is_tried_again_goes_on_with_the_same_run_and_start(story: Story) -> None:
    first = story.begins("08:59:58", "08:00", run_type="manual")
    assert story.begins("09:00:20", "08:00", run_type="manual") == first
    assert run_of(story, first).begun_at == at("08:59:58")
    scheduled = story.begins("10:00:04", "10:00")
    assert story.begins("10:00:30", "10:00") == scheduled
    assert story.rows() == [("10:00", "ran")]


def test_one_time_has_one_run_however_many_dag_runs_airflow_makes(story: Story) -> None:
    run = run_of(story, story.begins("08:00:04", "08:00"))
    told = f"It was decided already: run {run.run_id} was started for it."
    assert passed(story.begins("08:00:05", "08:00", dag_run_id="scheduled__other")) == (told, TimeOutcome.RAN)


def test_two_that_begin_at_the_very_same_moment_make_one_run(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []

    def looks_too_early(session: Session, job_id: str, due_at: datetime) -> ExpectedTime | None:
        looked.append(due_at)
        return None if len(looked) == 1 else found_by(session, job_id, due_at)

    found_by = expected.at
    first = run_of(story, story.begins("08:00:04", "08:00"))
    monkeypatch.setattr(expected, "at", looks_too_early)
    second = story.begins("08:00:04", "08:00", dag_run_id="scheduled__other")
    assert passed(second)[1] is TimeOutcome.RAN and first.run_id in passed(second)[0]
    with story.desk.store.reading() as session:
        assert [run.run_id for run in runs.not_ended(session)] == [first.run_id]


def test_one_run_whose_first_task_is_executed_twice_at_once_goes_on_in_both(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def looks_too_early(session: Session, *, dag_id: str, dag_run_id: str) -> Run | None:
        looked.append(dag_run_id)
        return None if len(looked) == 1 else find(session, dag_id=dag_id, dag_run_id=dag_run_id)

    find = runs.find
    first = story.begins("08:00:04", "08:00")
    monkeypatch.setattr(runs, "find", looks_too_early)
    assert isinstance(first, Begun) and story.begins("08:00:04", "08:00") == first
    assert story.rows() == [("08:00", "ran")]


def test_a_late_run_behind_the_jobs_own_is_skipped_with_a_row_and_a_warning(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    own = run_of(story, story.begins("08:00:04", "08:00"))
    with caplog.at_level(logging.WARNING):
        reason, outcome = passed(story.begins("09:10:05", "09:00"))
    assert outcome is TimeOutcome.SKIPPED and own.run_id in reason
    assert f"Job {story.job.job_id}, time 2026-11-23T09:00:00+00:00: skipped" in caplog.text
    row = story.row("09:00")
    assert row is not None and (row.dag_run_id, row.run_id) == ("scheduled__2026-11-23T09:00:00+00:00", None)


def test_the_end_of_a_run_records_at_once_what_it_ruled_out(story: Story) -> None:
    story.begins("08:00:04", "08:00")
    story.ends("10:20", "08:00")
    assert story.rows() == [("08:00", "ran"), ("09:00", "skipped"), ("10:00", "skipped")]
    assert passed(story.begins("10:20:05", "10:00"))[1] is TimeOutcome.SKIPPED
    assert isinstance(story.begins("11:00:03", "11:00"), Begun)


def test_clearing_a_run_does_not_free_the_times_that_its_first_pass_ruled_out(story: Story) -> None:
    story.begins("08:00:04", "08:00")
    story.ends("09:10", "08:00")
    assert isinstance(story.begins("09:11", "08:00", clear=1), Begun)
    assert passed(story.begins("09:12", "09:00"))[1] is TimeOutcome.SKIPPED


def test_a_run_that_airflow_ended_without_a_word_is_closed_as_of_its_end_and_rules_out_nothing_later(
    story: Story,
) -> None:
    dead = run_of(story, story.begins("08:00:04", "08:00"))
    story.airflow.runs[dead.dag_run_id] = AirflowRun("failed", at("08:40"))
    assert isinstance(story.begins("09:00:04", "09:00"), Begun)
    with story.desk.store.reading() as session:
        closed = runs.by_id(session, dead.run_id)
    assert closed.ended_at == at("08:40") and "ended in Airflow as 'failed'" in str(closed.reason)


def test_a_run_that_somebody_deleted_in_airflow_holds_nothing_up(story: Story) -> None:
    dead = run_of(story, story.begins("08:00:04", "08:00"))
    del story.airflow.runs[dead.dag_run_id]
    assert isinstance(story.begins("09:00:04", "09:00"), Begun)


def test_after_a_downtime_the_latest_time_runs_late_and_the_one_before_gets_its_reason(story: Story) -> None:
    assert passed(story.begins("10:07", "08:00"))[1] is TimeOutcome.NOT_RUN
    run = run_of(story, story.begins("10:07:10", "10:00"))
    assert run.begun_at == at("10:07:10") and story.rows() == [("08:00", "not_run"), ("10:00", "ran")]


def test_a_schedule_never_fires_for_a_time_before_it_was_saved(story: Story) -> None:
    story.save("08:03", schedule="0 8 * * *")
    told = "It is no time of the job's schedule any more"
    assert passed(story.begins("08:04", at("08:00", day=-1)))[0].startswith(told)
    story.save("08:05", schedule={"cron": "0 9 * * *", "enabled": False})
    story.save("09:03", schedule={"cron": "0 9 * * *", "enabled": True})
    assert passed(story.begins("09:04", "09:00"))[0].startswith(told)
    assert story.rows() == []


def test_a_time_is_judged_by_the_plan_that_held_then(story: Story) -> None:
    story.save("08:00:02", schedule={"cron": "30 * * * *", "enabled": True})
    assert isinstance(story.begins("08:00:04", "08:00"), Begun)
    story.ends("08:20", "08:00")
    assert passed(story.begins("09:00:04", "09:00"))[1] is None


def test_an_inactive_agent_skips_scheduled_times_and_leaves_no_run(story: Story) -> None:
    story.save("07:30", active=False)
    assert passed(story.begins("08:00:04", "08:00"))[1] is TimeOutcome.SKIPPED
    with pytest.raises(NotStartable, match="is not active"):
        story.begins("08:01", "08:00", run_type="manual")


@pytest.mark.parametrize(("run_type", "clear"), [("scheduled", 1), ("backfill", 0), ("manual", 0)])
def test_clear_backfill_and_a_persons_trigger_always_run(story: Story, run_type: str, clear: int) -> None:
    story.begins("08:00:04", "08:00")
    passed(story.begins("09:10:05", "09:00"))
    run = run_of(story, story.begins("13:00", "09:00", run_type=run_type, clear=clear))
    assert run.due_at is None
    assert story.rows() == [("08:00", "ran"), ("09:00", "skipped")]


def test_only_what_people_ask_for_is_refused_when_too_many_wait(tmp_path: Path) -> None:
    story = a_story(tmp_path, environ={"INTERACT_MAX_WAITING_RUNS": "1"})
    story.to("07:30")
    with story.desk.store.writing() as session:
        snapshot = jobs.snapshot(session, story.job.job_id)
        assert snapshot is not None
        intent = runs.Acceptance("run_1", "run_1", "key:ci", snapshot, ({"market": "NL"},), ("?",), at("07:30"))
        runs.accept(session, intent, now=at("07:30"))
    with pytest.raises(NotStartable, match="1 runs waiting"):
        story.begins("08:00", run_type="manual")
    assert isinstance(story.begins("08:00:04", "08:00"), Begun)


def test_a_chat_that_is_cleared_alone_makes_its_run_go_on_as_no_run_of_the_schedule(story: Story) -> None:
    begun = story.begins("01:00:05", "01:00")
    assert isinstance(begun, Begun)
    story.ends("01:10", "01:00")
    dag_run = story.dag_run("01:00", clear=1)
    names = {"dag_id": dag_run.dag_id, "dag_run_id": dag_run.dag_run_id}
    story.to("02:40")
    attempt = open_attempt(story.desk, begun.chats[0][0], **names, clear_number=1)
    with story.desk.store.reading() as session:
        again = runs.by_id(session, begun.run_id)
    assert (again.verdict, again.reason, again.ended_at) == (RunVerdict.RUNNING, None, None)
    assert (again.started_at, again.begun_at, again.clear_number) == (at("01:00:05"), at("02:40"), 1)
    stop(story.desk, attempt, reason="Stopped.")
    story.to("02:45")
    assert announce(story.desk, **names).run.ended_at == at("02:45")
    assert story.rows() == [("01:00", "ran")]  # not skipped: 02:00 came when nothing was in progress
    account(story.desk, story.airflow)
    assert story.rows() == [("01:00", "ran"), ("02:00", "not_run")]


def test_a_deleted_jobs_run_does_nothing(story: Story) -> None:
    story.to("07:30")
    with story.desk.store.writing() as session:
        jobs.mark_deleted(session, story.job.job_id, now=at("07:30"))
    assert passed(story.begins("08:00:04", "08:00")) == ("The job was deleted.", None)
    with pytest.raises(NotFound, match=story.job.job_id):
        story.begins("08:00:04", "08:00", run_type="manual")


def test_a_workers_clock_behind_the_schedulers_costs_no_time(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS)
    story.airflow.load(ASSET, at("07:30"))
    assert isinstance(story.begins("07:59:58", "08:00"), Begun)


@pytest.mark.parametrize("step", ["record", "accept", "mark_started"])
def test_a_crash_between_any_two_writes_leaves_neither_row_nor_run(
    story: Story, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store went away.")

    with monkeypatch.context() as broken:
        broken.setattr(expected if step == "record" else runs, step, crash)
        with pytest.raises(StoreUnavailable, match="went away"):
            story.begins("08:00:04", "08:00")
    assert story.rows() == []
    with story.desk.store.reading() as session:
        assert runs.not_ended(session) == []
    assert isinstance(story.begins("08:00:20", "08:00"), Begun)


def test_every_run_of_a_job_with_data_says_when_it_was_last_loaded(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers={"assets": [ASSET, "s3://costs"]})
    story.airflow.load(ASSET, at("07:30"), dag_id="load_ads")
    loads = (AssetLoad(ASSET, at("07:30"), "load_ads"), AssetLoad("s3://costs", None, None))
    assert run_of(story, story.begins("08:00:04", "08:00")).data == loads
    story.ends("08:10", "08:00")
    assert run_of(story, story.begins("08:20", run_type="manual")).data == loads
    story.airflow.load("s3://costs", at("08:25"), dag_id="load_costs")
    again = run_of(story, story.begins("08:30", "08:00", clear=1))
    assert again.data[1] == AssetLoad("s3://costs", at("08:25"), "load_costs")


def test_data_starts_a_run_of_its_own_beside_the_schedule(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers={"assets": [ASSET]})
    run = run_of(story, story.begins("08:20", run_type="asset_triggered"))
    assert (run.initiator, run.due_at) == ("asset:warehouse.ads", None)
    assert passed(story.begins("09:10", "09:00"))[1] is TimeOutcome.SKIPPED


def test_a_run_by_data_names_the_newest_load_which_airflow_does_not_tell(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers={"assets": ["s3://costs", ASSET, "never"], "when": "any"})
    story.airflow.load(ASSET, at("08:10"))
    story.airflow.load("s3://costs", at("08:05"))
    run = run_of(story, story.begins("08:20", run_type="asset_triggered", initiator="asset:"))
    assert run.initiator == "asset:warehouse.ads"


def test_data_that_nobody_wants_any_more_starts_nothing(story: Story) -> None:
    told = ("The job does not wait for data any more.", None)
    assert passed(story.begins("08:20", run_type="asset_triggered")) == told


def test_a_time_that_waits_runs_when_its_data_comes_as_that_time(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS)
    told = "Waiting for 'warehouse.ads' until 2026-11-23 08:30 (UTC)."
    assert passed(story.begins("08:00:04", "08:00")) == (told, None)
    story.airflow.load(ASSET, at("08:20"), dag_id="load_ads")
    run = run_of(story, story.begins("08:20:05", run_type="asset_triggered"))
    assert (run.initiator, run.due_at, run.run_after) == ("asset:warehouse.ads", at("08:00"), at("08:00"))
    assert run.data == (AssetLoad(ASSET, at("08:20"), "load_ads"),)
    assert passed(story.begins("08:30:03", "08:30"))[1] is TimeOutcome.RAN


def test_data_that_came_before_its_time_starts_nothing_and_lets_the_time_run_at_once(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS)
    story.airflow.load(ASSET, at("00:40"))
    reason = ("No time of the schedule waits for data.", None)
    assert passed(story.begins("00:40:05", run_type="asset_triggered")) == reason
    assert isinstance(story.begins("01:00:03", "01:00"), Begun)


def test_at_the_cut_off_it_runs_with_the_gap_marked(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS)
    passed(story.begins("08:00:04", "08:00"))
    run = run_of(story, story.begins("08:30:03", "08:30"))
    assert (run.due_at, run.data) == (at("08:00"), (AssetLoad(ASSET, None, None, late=True),))


def test_at_the_cut_off_it_is_skipped_when_the_job_says_so(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS | {"at_cutoff": "skip"})
    story.airflow.load(ASSET, at("06:30"), dag_id="load_ads")
    reason, outcome = passed(story.begins("08:30:03", "08:30"))
    assert outcome is TimeOutcome.SKIPPED and "last loaded 2026-11-23 06:30 (UTC) by DAG 'load_ads'" in reason
    assert story.rows() == [("08:00", "skipped")]


def test_a_cut_off_that_airflow_shows_instead_of_a_newer_time_lets_the_newer_one_run(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS | {"cutoff_minutes": 59})
    story.airflow.load(ASSET, at("08:50"))
    assert run_of(story, story.begins("09:00:03", "08:59")).due_at == at("09:00")


def test_a_daily_time_waits_for_the_load_of_each_day(tmp_path: Path) -> None:
    story = a_story(tmp_path, schedule="0 8 * * *", triggers=WAITS | {"cutoff_minutes": 120})
    for day in range(3):
        assert passed(story.begins(at("08:00:03", day=day), at("08:00", day=day)))[0].startswith("Waiting for")
        story.airflow.load(ASSET, at("08:30", day=day))
        begun = story.begins(at("08:30:03", day=day), at("08:30", day=day), run_type="asset_triggered")
        assert (run_of(story, begun).due_at, run_of(story, begun).data[0].loaded_at) == (
            at("08:00", day=day),
            at("08:30", day=day),
        )
        story.ends(at("08:40", day=day), at("08:30", day=day), run_type="asset_triggered")


def test_a_run_that_is_cleared_while_in_progress_keeps_what_its_first_pass_ruled_out(story: Story) -> None:
    run_of(story, story.begins("08:00:03", "08:00"))
    run_of(story, story.begins("09:05", "08:00", clear=1))
    assert story.rows() == [("08:00", "ran"), ("09:00", "skipped")]


def test_a_run_that_stays_out_for_now_leaves_no_row(tmp_path: Path) -> None:
    story = a_story(tmp_path, triggers=WAITS)
    passed(story.begins("08:00:04", "08:00"))
    assert story.rows() == []


@contextmanager
def no_writes(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nobody write while this lasts."""
    with monkeypatch.context() as broken:

        def away() -> None:
            raise StoreUnavailable("The store went away.")

        broken.setattr(type(story.desk.store), "writing", lambda _: away())
        yield


def test_a_store_that_goes_away_in_the_middle_fails_the_try_and_the_next_one_decides(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.begins("08:00:04", "08:00")
    with no_writes(story, monkeypatch), pytest.raises(StoreUnavailable, match="went away"):
        story.begins("09:10:05", "09:00")
    assert story.rows() == [("08:00", "ran")]
    assert passed(story.begins("09:10:30", "09:00"))[1] is TimeOutcome.SKIPPED
