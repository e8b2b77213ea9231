"""An outage that fails many jobs is told once when it begins and once when it is over, and pauses nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders.delivered import AWAY
from builders.outages import Town, a_town
from builders.stores import opened, sqlite_url
from builders.timed import at
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.jobs.stored import StoredJob
from interact.runs.earlier import REPLACED
from interact.runs.incidents import after_sending, join
from interact.store import chats, incidents, jobs, runs
from interact.store.ledger import Addressee
from interact.store.sessions import Store

TEAM = ("mail", "team@north.example", "pending", "")
WAREHOUSE = "the warehouse of connection 'w'"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """An organisation whose warehouse is away."""
    with opened(sqlite_url(tmp_path)) as store:
        yield a_town(store, tmp_path)


def versions(town: Town, found: list[StoredJob]) -> set[int]:
    with town.desk.store.reading() as session:
        return {job.version for job in jobs.by_ids(session, [job.job_id for job in found]).values()}


def joined(town: Town, run: Run, reader: str) -> str:
    """Let a run join the outage of its warehouse, with one who hears of it."""
    with town.desk.store.writing() as session:
        to = [Addressee(f"channel_{reader}", reader, "email", f"{reader}@north.example")]
        return join(session, run, runs.snapshot_of(session, run.run_id), {"warehouse:w"}, to, town.desk.now())


def test_a_warehouse_that_fails_twenty_jobs_is_one_outage_and_one_recovery_for_each_organisation(
    store: Store, tmp_path: Path
) -> None:
    town = a_town(store, tmp_path, "north", "south", pause_after_failures=1)
    daily = [town.job(f"daily-{number}", ("north", "south")[number % 2]) for number in range(18)]
    short = {"cron": "0 8 * * *", "lateness_minutes": 20}
    late = [town.job("late", key, schedule=short) for key in ("north", "south")]
    town.to("08:00:30")
    failed = {job.job_id: town.runs(job) for job in daily + late}
    assert {(run.verdict, run.incident_id is not None) for run in failed.values()} == {(RunVerdict.FAILED, True)}
    assert (town.watched("08:05").recovered, town.watched("08:10").recovered) == (0, 0)
    assert [each.ended_at for each in town.incidents()] == [None, None]

    town.load()
    done = town.watched("08:30")
    assert (done.recovered, done.faults) == (2, 0)
    assert [each.ended_at for each in town.incidents()] == [at("08:30"), at("08:30")]
    for kind in ("outage", "recovered"):
        said = town.said(kind)
        assert sorted(town.told(notice)[0][:3] for notice in said) == [
            ("mail", "team@north.example", "delivered"),
            ("mail", "team@south.example", "delivered"),
        ]
        assert len(said) == 2
    assert len(town.ways.sent) == 4
    assert versions(town, daily + late) == {1}

    again = {dag_id: town.run(dag_run_id) for dag_id, dag_run_id, *_ in town.airflow.started}
    assert again.keys() == {job.dag_id for job in daily}
    for job in daily:
        run = again[job.dag_id]
        assert (run.rerun_of, run.initiator, run.due_at) == (failed[job.job_id].run_id, "schedule", at("08:00"))
        assert run.queued_at == at("08:30")
    assert town.watched("08:35").recovered == 0
    assert len(town.airflow.started) == len(daily)
    ran = town.handed_over(daily[0], again[daily[0].dag_id])
    assert (ran.verdict, ran.incident_id) == (RunVerdict.COMPLETED, None)


def test_the_outage_says_what_is_away_since_when_and_what_happens_next(town: Town) -> None:
    job = town.job()
    town.to("08:00:30")
    run = town.runs(job)
    (notice,) = town.said("outage")
    said = notice.content
    assert notice.occasion == f"{run.incident_id}:began"
    assert (said.level, said.topics, said.subject) == (
        "error",
        ("failed_run",),
        f"Outage: {WAREHOUSE} cannot be reached",
    )
    assert said.lead == (
        f"Since 23 Nov 2026, 08:00 UTC, {WAREHOUSE} cannot be reached. Job 'Report weekly' was the first to fail by it."
    )
    assert [(each.title, each.text) for each in said.failures] == [
        (
            "Report weekly",
            "The warehouse file 'warehouse.duckdb' is not there. Run the DAG that loads it, then run this again.",
        )
    ]
    assert said.then.startswith("Its jobs are not paused. When it is back you hear it, and the latest time")
    assert [link.path for link in said.links] == [f"/interact/runs/{run.run_id}"]


def test_the_recovery_says_for_how_long_and_what_becomes_of_each_job(town: Town) -> None:
    town.job("daily")
    late = town.job("late", schedule={"cron": "0 8 * * *", "lateness_minutes": 20})
    town.to("08:00:30")
    with town.desk.store.reading() as session:
        daily = jobs.all_jobs(session)
    for job in daily:
        town.runs(job)
    town.load()
    town.watched("10:05:30")
    (notice,) = town.said("recovered")
    said = notice.content
    assert (said.level, said.topics) == ("info", ("failed_run",))
    assert said.subject == f"Over after 2 h 5 min: {WAREHOUSE} answers again"
    assert said.lead == (
        "The warehouse of connection 'w' answers again. It was away for 2 h 5 min, from 23 Nov 2026, 08:00 UTC to "
        "23 Nov 2026, 10:05 UTC. 2 jobs failed by it."
    )
    assert [(each.title, each.text) for each in said.changes] == [
        ("Report daily", "Runs now for 23 Nov 2026, 08:00 UTC."),
        (
            late.definition.name,
            "Does not run again by itself. Its time, 23 Nov 2026, 08:00 UTC, is over its lateness limit of 20 min.",
        ),
    ]
    assert said.then.startswith("The latest time of 1 job runs now.")


def test_an_outage_that_is_over_before_its_notice_went_is_told_once(town: Town) -> None:
    job = town.job()
    town.to("08:00:30")
    town.runs(job)
    town.load()
    town.watched("08:25")
    assert [town.told(each) for each in town.said("outage")] == [[(*TEAM[:2], "held", REPLACED)]]
    assert [envelope.notice.kind for _, envelope in town.ways.sent] == ["recovered"]


def test_a_private_job_is_not_named_to_those_who_hear_of_the_outage(town: Town) -> None:
    job = town.job("secret", visibility="private", name="Takeover of Acme")
    town.to("08:00:30")
    town.runs(job)
    town.load()
    town.watched("08:10")
    said = [notice.content.model_dump_json() for notice in town.said("outage") + town.said("recovered")]
    assert len(said) == 2
    assert all("A private job of ada" in text and "Acme" not in text for text in said)
    assert town.said("outage")[0].content.links == ()


def test_each_hears_of_an_outage_once_and_further_jobs_bring_further_hearers(town: Town) -> None:
    town.channel("north", "board", recipients=["board@north.example", "TEAM@north.example"])
    town.channel("north", "chat", type="slack", level="error", topics=["completed_run"])
    first, second = town.job("first"), town.job("second", channels=["mail", "board", "chat"])
    town.to("08:00:30")
    town.runs(first)
    (notice,) = town.said("outage")
    assert town.told(notice) == [TEAM]
    town.runs(second)
    assert [each.notice_id for each in town.said("outage")] == [notice.notice_id]
    told = "Channel 'mail' tells this place already."
    deaf = "This channel hears of 'completed_run', and this is 'failed_run'."
    heard = [
        ("board", "TEAM@north.example", "held", told),
        ("board", "board@north.example", "pending", ""),
        ("chat", "", "held", deaf),
        TEAM,
    ]
    assert town.told(notice) == heard
    town.load()
    town.watched("08:30")
    (over,) = town.said("recovered")
    assert [each[:2] for each in town.told(over)] == [("board", "board@north.example"), TEAM[:2]]


def test_those_that_join_at_once_open_one_incident_with_one_notice(store: Store, tmp_path: Path) -> None:
    town = a_town(store, tmp_path)
    job = town.job()
    town.to("08:00:30")
    run = town.runs(job)
    with store.writing() as session:
        for known in incidents.still_open(session):
            incidents.end(session, known.incident_id, at=town.desk.now())
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda number: joined(town, run, f"reader{number}"), range(8)))
    assert (len(ids), [each.ended_at for each in town.incidents()].count(None)) == (1, 1)
    (notice,) = (each for each in town.said("outage") if each.notice_id in ids)
    assert len(town.told(notice)) == 8


def test_an_outage_begins_when_it_was_first_found_and_was_seen_when_it_was_last(town: Town) -> None:
    for clock in ("08:00:30", "08:20", "08:10"):
        town.to("00:00")
        job = town.job(f"at-{clock.replace(':', '')}")
        town.to(clock)
        town.runs(job)
    ((began, seen),) = {(each.began_at, each.seen_at) for each in town.incidents()}
    assert (began, seen) == (at("08:00:30"), at("08:20"))


def test_an_attempt_says_what_was_away(town: Town) -> None:
    job = town.job()
    town.to("08:00:30")
    run = town.runs(job)
    with town.desk.store.reading() as session:
        (attempt,) = chats.newest_attempts(session, run.run_id).values()
    assert (attempt.outage, attempt.reason) == (
        "warehouse:w",
        "The warehouse file 'warehouse.duckdb' is not there. Run the DAG that loads it, then run this again.",
    )


def test_a_failure_of_its_own_is_no_outage(town: Town) -> None:
    town.load()
    job = town.job(prompt="Spend on TikTok")
    town.to("08:00:30")
    run = town.runs(job)
    assert (run.verdict, run.incident_id, town.incidents()) == (RunVerdict.FAILED, None, [])


def test_a_mail_server_that_is_away_is_told_by_channels_of_other_connections_until_it_takes_something(
    town: Town,
) -> None:
    town.channel("north", "chat", type="slack", connection="slack_bot", recipients=["#ops"], level="error")
    town.channel("north", "deaf", type="slack", connection="slack_bot", topics=["completed_run"])
    town.channel("north", "second", recipients=["second@north.example"])
    town.load()
    job = town.job()
    town.to("08:00:30")
    town.ways.answers = {"mail": lambda _: AWAY}
    town.runs(job)
    town.watched()
    (incident,) = town.incidents()
    assert (incident.subject, incident.told) == ("channel:smtp", "Connection refused.")
    (notice,) = town.said("outage")
    assert notice.content.lead == (
        "Since 23 Nov 2026, 08:00 UTC, the mail or chat server of connection 'smtp' cannot be reached. "
        "Cut off: 'mail', 'second'."
    )
    town.watched("08:05")
    assert town.told(notice) == [("chat", "#ops", "delivered", "250 Ok: queued as 1")]
    town.ways.answers = {}
    town.watched("08:30")
    (over,) = town.said("recovered")
    assert over.content.subject == "Over after 29 min: the mail or chat server of connection 'smtp' answers again"
    assert (over.content.changes, over.content.then) == ((), "")
    assert [each[:2] for each in town.told(over)] == [("chat", "#ops")]
    assert [each.ended_at for each in town.incidents()] == [at("08:30")]


def test_a_server_that_is_away_with_no_other_channel_to_say_so_is_kept_all_the_same(town: Town) -> None:
    server = (town.job().organisation_id, "smtp")
    after_sending(town.desk, {server: "Connection refused."}, ())
    after_sending(town.desk, {server: "Connection refused."}, ())
    assert [(each.subject, each.ended_at) for each in town.incidents()] == [("channel:smtp", None)]
    after_sending(town.desk, {}, {server})
    assert [each.ended_at for each in town.incidents()] == [town.desk.now()]
    assert town.said("outage") + town.said("recovered") == []


def test_a_server_that_took_anything_in_the_same_pass_is_not_away(town: Town) -> None:
    server = (town.job().organisation_id, "smtp")
    after_sending(town.desk, {server: "Connection refused."}, {server})
    assert town.incidents() == []


def test_an_organisation_that_is_not_known_opens_nothing(town: Town) -> None:
    after_sending(town.desk, {("org_aaaaaaaaaaaa", "smtp"): "Connection refused."}, ())
    assert town.incidents() == []
