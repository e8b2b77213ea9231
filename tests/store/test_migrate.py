"""Migrations lead from nothing to the tables that the code knows, also when two do it at once."""

import multiprocessing
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select, text

from builders.saved import NOW, later
from builders.stores import check, migrated_to, opened, sqlite_url
from interact.errors import StoreUnavailable
from interact.jobs.definition import Agent, Job, Organisation
from interact.store import agents, chats, jobs, organisations, periods, questions, runs
from interact.store import migrate as migrating
from interact.store.migrate import migrate
from interact.store.notice_tables import NoticeRow
from interact.store.sessions import VERSION, VERSION_TABLE, make_engine, parse_url
from interact.store.tables import ChatRow, JobRow
from interact.store.time_tables import ExpectedTimeRow


def test_an_empty_database_becomes_the_store_that_the_code_knows(empty_url: str) -> None:
    migrate(empty_url)
    check(empty_url)
    engine = make_engine(parse_url(empty_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert ExpectedTimeRow.metadata is NoticeRow.metadata
        assert compare_metadata(context, NoticeRow.metadata) == []
    engine.dispose()


# What version 0001 kept of an organisation, a job and its run.
ORGANISATION = {"key": "north", "name": "North", "timezone": "Europe/Amsterdam", "branding": {}}
AGENT = {
    "key": "analyst",
    "organisation": "north",
    "name": "Analyst",
    "kind": "embedded",
    "active": True,
    "warehouse": "w",
    "semantic_model": {"a": 1},
}
JOB = {
    "key": "weekly",
    "organisation": "north",
    "agent": "analyst",
    "name": "Weekly report",
    "prompt": "What happened?",
    "owner": "ada",
    "visibility": "organisation",
    "parameters": {},
    "time_limit_minutes": 30,
    "timezone": None,
}
STORED = {"job_id": "job_1", "organisation_id": "org_1", "agent_id": "agent_1", "dag_id": "dag_1", "version": 1}
SNAPSHOT = {
    "job": STORED | {"definition": JOB},
    "agent": {"agent_id": "agent_1", "organisation_id": "org_1", "definition": AGENT},
    "organisation": {"organisation_id": "org_1", "definition": ORGANISATION},
}


def fill_0001(url: str) -> None:
    """Put one job with a run that has ended and one that waits into a store of version 0001."""
    engine = make_engine(parse_url(url))
    tables = MetaData()
    tables.reflect(engine)
    of_run = {"job_id": "job_1", "organisation_id": "org_1", "dag_id": "dag_1", "initiator": "key:ci"}
    of_run |= {"accepted_at": NOW, "run_after": NOW, "clear_number": 0, "snapshot": SNAPSHOT}
    rows = {
        "organisations": [
            {"id": "org_1", "key": "north", "definition": ORGANISATION, "created_at": NOW, "updated_at": NOW}
        ],
        "agents": [
            {"id": "agent_1", "organisation_id": "org_1", "key": "analyst", "definition": AGENT}
            | {"created_at": NOW, "updated_at": NOW}
        ],
        "jobs": [
            {"id": "job_1", "organisation_id": "org_1", "agent_id": "agent_1", "key": "weekly", "dag_id": "dag_1"}
            | {"version": 1, "owner": "ada", "visibility": "organisation", "created_at": NOW}
        ],
        "job_versions": [{"job_id": "job_1", "version": 1, "definition": JOB, "saved_at": NOW}],
        "runs": [
            of_run
            | {"id": "run_1", "dag_run_id": "run_1", "verdict": "completed"}
            | {"queued_at": NOW, "started_at": later(seconds=2), "ended_at": later(seconds=9)},
            of_run | {"id": "run_2", "dag_run_id": "run_2", "verdict": "queued"},
        ],
    }
    with engine.begin() as connection:
        for name, content in rows.items():
            for row in content:
                connection.execute(insert(tables.tables[name]), row)
    engine.dispose()


def test_a_store_of_version_0001_keeps_its_jobs_and_runs(empty_url: str) -> None:
    migrated_to("0001", empty_url)
    fill_0001(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        store.check()
        job = jobs.by_id(session, "job_1")
        assert job is not None
        assert (job.definition.schedule, job.definition.triggers) == (None, None)
        assert periods.current(session, "job_1") is None
        ended, waiting = runs.by_id(session, "run_1"), runs.by_id(session, "run_2")
        assert (ended.begun_at, ended.started_at, ended.due_at, ended.data) == (*[later(seconds=2)] * 2, None, ())
        assert (waiting.begun_at, waiting.data) == (None, ())
        assert runs.snapshot_of(session, "run_1") == jobs.snapshot(session, "job_1")
        assert runs.under_way(session, "job_1", since=later(seconds=5), until=later(seconds=5)) == [ended]


def test_a_job_of_version_0001_that_is_saved_as_it_was_stays_as_it_is(empty_url: str) -> None:
    migrated_to("0001", empty_url)
    fill_0001(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        _, organisation = organisations.save(session, Organisation.model_validate(ORGANISATION), now=later(hours=1))
        saved, outcome = jobs.save(session, Job.model_validate(JOB), now=later(hours=1))
        scheduled, changed = jobs.save(session, Job.model_validate(JOB | {"schedule": "@daily"}), now=later(hours=2))
        period = periods.current(session, "job_1")
    assert (organisation, outcome, saved.version) == ("unchanged", "unchanged", 1)
    assert (changed, scheduled.version) == ("changed", 2)
    assert period is not None
    assert (period.version, period.held_from) == (2, later(hours=2))


# What version 0003 kept beside that: a chat, and a second job with two versions and another name in each.
CHAT = {"id": "chat_1", "run_id": "run_1", "position": 0, "job_id": "job_1", "agent_id": "agent_1"}
CHAT |= {"organisation_id": "org_1", "parameters": {}, "prompt": "What happened?", "status": "completed", "attempt": 0}


def fill_0003(url: str) -> None:
    """Put into a store of version 0003 what `fill_0001` does, a chat of it, and a job that has been renamed."""
    fill_0001(url)
    engine = make_engine(parse_url(url))
    tables = MetaData()
    tables.reflect(engine)
    job = {"id": "job_2", "organisation_id": "org_1", "agent_id": "agent_1", "key": "renamed", "dag_id": "dag_2"}
    job |= {"version": 2, "owner": "ada", "visibility": "private", "created_at": NOW, "deleted_at": NOW}
    version = {"job_id": "job_2", "saved_at": NOW}
    rows = [
        ("jobs", job),
        ("job_versions", version | {"version": 1, "definition": JOB | {"key": "renamed", "name": "As it was"}}),
        ("job_versions", version | {"version": 2, "definition": JOB | {"key": "renamed", "name": "Jób 🙂"}}),
        ("chats", CHAT | {"created_at": NOW}),
    ]
    with engine.begin() as connection:
        for name, row in rows:
            connection.execute(insert(tables.tables[name]), row)
    engine.dispose()


def test_a_store_of_version_0003_gets_names_and_purposes_and_keeps_its_chats(empty_url: str) -> None:
    migrated_to("0003", empty_url)
    fill_0003(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        store.check()
        found = session.execute(select(JobRow.id, JobRow.name, JobRow.purpose).order_by(JobRow.id)).all()
        assert [tuple(row) for row in found] == [("job_1", "Weekly report", "job"), ("job_2", "Jób 🙂", "job")]
        assert [job.job_id for job in jobs.all_jobs(session)] == ["job_1"]
        assert questions.purpose_of(session, "job_1") is None
        chat = chats.by_id(session, "chat_1")
        assert chat is not None and chat.thread_id is None
        assert chats.thread_of(session, "chat_1") == (chat,)
        assert runs.by_id(session, "run_1").stands_in_for is None
        assert session.scalars(select(ChatRow.prompt)).one() == "What happened?"


def test_an_agent_of_version_0003_has_one_version_and_the_next_save_makes_the_second(empty_url: str) -> None:
    migrated_to("0003", empty_url)
    fill_0003(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        (first,) = agents.versions(session, "agent_1")
        assert (first.number, first.definition, first.saved_at, first.saved_by) == (
            1,
            Agent.model_validate(AGENT),
            NOW,
            None,
        )
        kept, unchanged = agents.save(session, Agent.model_validate(AGENT), now=later(hours=1), saved_by="user:ivy")
        changes = AGENT | {"description": "Paid media."}
        changed, outcome = agents.save(session, Agent.model_validate(changes), now=later(hours=2), saved_by="user:ivy")
        assert (unchanged, kept.version, outcome, changed.version) == ("unchanged", 1, "changed", 2)
        assert [(each.number, each.saved_by) for each in agents.versions(session, "agent_1")] == [
            (2, "user:ivy"),
            (1, None),
        ]


def test_a_job_of_version_0003_that_cannot_be_read_has_no_name_and_stops_no_migration(empty_url: str) -> None:
    migrated_to("0003", empty_url)
    fill_0003(empty_url)
    engine = make_engine(parse_url(empty_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE job_versions SET definition = '[1]' WHERE job_id = 'job_1'"))
    engine.dispose()
    with opened(empty_url) as store, store.reading() as session:
        assert session.get_one(JobRow, "job_1").name == ""
        assert session.get_one(JobRow, "job_2").name == "Jób 🙂"


def fill_0005(url: str) -> None:
    """Put into a store of version 0005 what `fill_0003` does, with an attempt at the chat and a query of it."""
    fill_0003(url)
    engine = make_engine(parse_url(url))
    tables = MetaData()
    tables.reflect(engine)
    attempt = {"chat_id": "chat_1", "number": 1, "status": "completed", "prompt": "What?", "started_at": NOW}
    query = {"chat_id": "chat_1", "attempt": 1, "position": 1, "result_id": "result_1", "title": "Spend", "sql": "S"}
    with engine.begin() as connection:
        connection.execute(
            insert(tables.tables["attempts"]), attempt | {"usage": {"queries": 4}, "headline": [], "ended_at": NOW}
        )
        connection.execute(
            insert(tables.tables["queries"]), query | {"row_count": 1, "truncated": False, "elapsed_seconds": 0.5}
        )
        connection.execute(text("UPDATE chats SET attempt = 1"))
    engine.dispose()


def test_an_attempt_of_version_0005_keeps_its_usage_and_has_no_cost(empty_url: str) -> None:
    migrated_to("0005", empty_url)
    fill_0005(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        kept = chats.attempt(session, "chat_1")
        assert kept is not None
        assert (dict(kept.usage), kept.cost_usd, kept.model, kept.untraced) == ({"queries": 4}, None, "", 0)
        assert (kept.findings, kept.metrics, kept.continues, kept.clear_number) == ((), (), None, 0)
        assert [query.is_claimed for query in kept.queries] == [False]
        assert (chats.begin_attempt(session, "chat_1", now=NOW), chats.steps_before(session, "chat_1", 2)) == (2, ())


def test_an_organisation_of_version_0005_has_one_version_and_the_next_save_makes_the_second(empty_url: str) -> None:
    migrated_to("0005", empty_url)
    fill_0005(empty_url)
    with opened(empty_url) as store, store.writing() as session:
        first = organisations.version(session, "org_1", 1)
        there = organisations.by_id(session, "org_1")
        assert first is not None and there is not None
        assert (there.version, first.definition, first.saved_by) == (1, there.definition, None)
        changed = there.definition.model_copy(update={"context": "We sell pears."})
        organisations.save(session, changed, now=later(hours=1), saved_by="user:ivy")
        assert [each.number for each in organisations.versions(session, "org_1")] == [2, 1]


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    migrate(empty_url)
    check(empty_url)


def test_the_newest_migration_is_the_version_that_the_code_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [VERSION]


def test_partial_uniqueness_is_in_the_database(empty_url: str) -> None:
    migrate(empty_url)
    engine = make_engine(parse_url(empty_url))
    catalogue = "sqlite_master" if engine.name == "sqlite" else "pg_indexes"
    column, name = ("sql", "name") if engine.name == "sqlite" else ("indexdef", "indexname")
    with engine.connect() as connection:
        query = f"SELECT {column} FROM {catalogue} WHERE {name} = 'uq_jobs_organisation_id_key_not_deleted'"
        made = connection.exec_driver_sql(query).scalar_one()
    engine.dispose()
    assert "UNIQUE" in made and "deleted_at IS NULL" in made


def try_migrate(url: str, failures: "multiprocessing.Queue[str]") -> None:
    try:
        migrate(url)
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent shows it
        failures.put(repr(error))


def test_several_migrate_at_once_and_all_succeed(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    failures = context.Queue()
    running = [context.Process(target=try_migrate, args=(empty_url, failures)) for _ in range(4)]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert failures.empty(), failures.get()
    check(empty_url)


def test_who_migrates_waits_for_another_who_has_the_file(tmp_path: Path) -> None:
    file = tmp_path / "interact.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    leaving = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    leaving.start()
    migrate(f"sqlite:///{file}")
    leaving.join()
    other.close()
    check(f"sqlite:///{file}")


def test_the_folder_and_the_file_are_made_and_use_a_write_ahead_log(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'a folder' / '100%' / 'interact.db'}")
    connection = sqlite3.connect(tmp_path / "a folder" / "100%" / "interact.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_folder_that_cannot_be_made_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(
        StoreUnavailable, match=r"^The folder 'taken' of the store 'interact\.db' cannot be made .*_URL"
    ):
        migrate(f"sqlite:///{tmp_path / 'taken' / 'interact.db'}")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_store_and_folder_are_for_their_owner_and_group_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    home = tmp_path / "home"
    before = os.umask(umask)
    try:
        with opened(sqlite_url(home)) as store, store.writing() as session:
            session.execute(text("CREATE TABLE more (a)"))
            assert {file.name: file.stat().st_mode & 0o777 for file in home.iterdir()} == {
                "interact.db": 0o640,
                "interact.db-wal": 0o640,
                "interact.db-shm": 0o640,
            }
    finally:
        os.umask(before)
    assert home.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o2770])
def test_a_folder_that_people_made_keeps_its_rights(tmp_path: Path, mode: int) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(mode)
    migrate(sqlite_url(tmp_path / "home"))
    assert (tmp_path / "home").stat().st_mode & 0o7777 == mode


def test_a_store_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    migrate(sqlite_url(tmp_path))
    (tmp_path / "interact.db").chmod(0o664)
    migrate(sqlite_url(tmp_path))
    assert (tmp_path / "interact.db").stat().st_mode & 0o777 == 0o660


def test_a_migration_that_fails_half_way_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(connection: object) -> None:
        upgrade(connection)
        raise RuntimeError("half way")

    upgrade = migrating._upgrade
    monkeypatch.setattr(migrating, "_upgrade", breaks)
    with pytest.raises(RuntimeError, match="half way"):
        migrate(empty_url)
    with pytest.raises(StoreUnavailable, match="lacks our tables"):
        check(empty_url)


def test_a_store_beside_other_tables_leaves_them_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "interact.db")
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('of somebody else')")
    connection.commit()
    migrate(sqlite_url(tmp_path))
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("of somebody else",)]
    connection.close()
