"""Sessions: what is kept, what is dropped, and one clear sentence for each thing that can be wrong."""

import multiprocessing
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from builders.saved import NOW, an_organisation
from builders.stores import check, opened, sqlite_url
from interact.errors import SettingRefused, StoreUnavailable
from interact.store import organisations
from interact.store.faults import unavailable
from interact.store.migrate import migrate
from interact.store.sessions import Store, open_store, parse_url

WRITERS, WRITES = 8, 25


def keys_in(store: Store) -> list[str]:
    with store.reading() as session:
        return [entry.definition.key for entry in organisations.all_of(session)]


def test_what_is_written_together_is_kept_together(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(key="one"), now=NOW)
        organisations.save(session, an_organisation(key="two"), now=NOW)
    assert keys_in(store) == ["one", "two"]


def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    def write_and_fail() -> None:
        with store.writing() as session:
            organisations.save(session, an_organisation(), now=NOW)
            raise LookupError("something else broke")

    with pytest.raises(LookupError, match="something else broke"):
        write_and_fail()
    assert keys_in(store) == []


def test_a_reading_session_cannot_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable, match="can be read but not written"), store.reading() as session:
        organisations.save(session, an_organisation(), now=NOW)
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
    assert keys_in(store) == ["north"]


def test_a_reading_session_sees_one_state(store: Store) -> None:
    with store.reading() as session:
        assert organisations.all_of(session) == []
        with store.writing() as other:
            organisations.save(other, an_organisation(), now=NOW)
        assert organisations.all_of(session) == []
    assert keys_in(store) == ["north"]


def test_the_same_thing_written_twice_at_once_is_a_clear_refusal(store: Store) -> None:
    insert = text(
        "INSERT INTO organisations (id, key, definition, created_at, updated_at) VALUES (:id, 'k', '{}', :at, :at)"
    )
    with store.writing() as session:
        session.execute(insert, {"id": "org_1", "at": str(NOW)})
    with pytest.raises(StoreUnavailable, match=r"met another writer .* Try again"), store.writing() as session:
        session.execute(insert, {"id": "org_2", "at": str(NOW)})


def test_a_row_that_refers_to_nothing_is_refused(store: Store) -> None:
    insert = text("INSERT INTO job_versions (job_id, version, definition, saved_at) VALUES ('job_x', 1, '{}', :at)")
    with pytest.raises(StoreUnavailable, match="met another writer"), store.writing() as session:
        session.execute(insert, {"at": str(NOW)})


def test_a_migrated_store_passes_the_check(store: Store) -> None:
    store.check()


def test_a_store_of_another_version_says_what_to_do(store: Store) -> None:
    def at(version: str) -> None:
        with store.writing() as session:
            session.execute(text("UPDATE interact_version SET version_num = :v"), {"v": version})

    at("0000")
    with pytest.raises(StoreUnavailable, match=r"tables of version 0000, not 0006\. Run `interact migrate`"):
        store.check()
    at("9999")
    with pytest.raises(StoreUnavailable, match=r"tables of version 9999, not 0006\. Upgrade this program"):
        store.check()
    at("0004")


def test_one_process_has_one_store_a_url(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    assert open_store(url) is open_store(url)


def write_many(url: str, number: int, failures: "multiprocessing.Queue[str]") -> None:
    try:
        store = open_store(url)
        for count in range(WRITES):
            with store.writing() as session:
                # Reading first is what made writers fail as "database is locked".
                assert organisations.by_key(session, f"k-{number}-{count}") is None
                organisations.save(session, an_organisation(key=f"k-{number}-{count}"), now=NOW)
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent shows it
        failures.put(repr(error))


def test_eight_processes_write_at_once_and_none_is_locked_out(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    migrate(url)
    store = open_store(url)
    assert keys_in(store) == []
    # Forked, with a connection open in the parent, as Airflow forks its task processes.
    context = multiprocessing.get_context("fork")
    failures = context.Queue()
    writers = [context.Process(target=write_many, args=(url, number, failures)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert failures.empty(), failures.get()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert len(keys_in(store)) == WRITERS * WRITES


def test_a_fork_gets_connections_of_its_own(store: Store) -> None:
    with store.reading():
        pass
    mine = store._current().pool
    child = os.fork()
    if child == 0:
        theirs = store._current().pool
        os._exit(0 if theirs is not mine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store._current().pool is mine


def test_a_store_at_rest_holds_no_connection_and_can_be_used_again(store: Store) -> None:
    with store.reading():
        pass
    store.rest()
    assert store._current().pool.checkedin() == 0
    with store.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_store_that_was_never_made_says_to_migrate(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'no' / 'interact.db'}")
    with pytest.raises(StoreUnavailable, match=r"interact\.db' does not exist. Run `interact migrate`"):
        store.check()
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_names_the_file_and_the_log_its_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "interact.db").write_text("not a database, but long enough to be looked at as one" * 100)
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(
            StoreUnavailable, match=r"The store 'interact\.db' .*INTERACT_(DATABASE_URL|HOME)"
        ) as refused:
            Store(parse_url(sqlite_url(folder))).check()
        assert "/" not in str(refused.value)
        assert str(folder / "interact.db") in caplog.text
    assert {record.levelname for record in caplog.records} == {"ERROR"}


def test_a_server_behind_a_socket_is_named_without_its_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(f"postgresql://ada:topsecret@/interact?host={tmp_path}")
    with pytest.raises(StoreUnavailable, match="'interact' on a socket of this machine cannot be reached") as refused:
        store.check()
    assert "/" not in str(refused.value)
    assert str(tmp_path) in caplog.text
    assert "topsecret" not in caplog.text


def test_what_a_server_says_of_its_folders_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    fact = 'cannot be reached (root certificate file "/srv/ada/.postgresql/root.crt" does not exist), or/and so on'
    told = str(unavailable(parse_url("postgresql://db.example/interact"), fact))
    assert told == (
        "The store 'interact' on 'db.example' cannot be reached "
        '(root certificate file "root.crt" does not exist), or/and so on.'
    )
    assert "/srv/ada/.postgresql/root.crt" in caplog.text


def test_a_file_without_tables_says_to_migrate(empty_url: str, tmp_path: Path) -> None:
    if empty_url.startswith("sqlite"):
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "interact.db").touch()
    with pytest.raises(StoreUnavailable, match=r"lacks our tables.* Run `interact migrate`"):
        check(empty_url)


def test_a_file_that_is_no_database_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "interact.db").write_text("not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(StoreUnavailable, match="is no SQLite database"):
        open_store(sqlite_url(tmp_path)).check()


def test_a_folder_in_the_place_of_the_file_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "interact.db").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_store(sqlite_url(tmp_path)).check()


def test_a_writer_that_never_ends_is_named_after_the_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interact.store.sessions.BUSY_SECONDS", 0.2)
    url = sqlite_url(tmp_path)
    with opened(url) as store:
        holder = sqlite3.connect(tmp_path / "interact.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="stayed locked by another process"), store.writing() as session:
            organisations.save(session, an_organisation(), now=NOW)
        assert keys_in(store) == []
        holder.close()
        with store.writing() as session:
            organisations.save(session, an_organisation(), now=NOW)


def write_as_nobody(url: str, found: "multiprocessing.Queue[str]") -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        with Store(parse_url(url)).writing() as session:
            organisations.save(session, an_organisation(), now=NOW)
        found.put("written")
    except StoreUnavailable as error:
        found.put(str(error))


def test_a_store_that_may_not_be_written_is_a_clear_refusal(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    migrate(url)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    (tmp_path / "interact.db").chmod(0o444)
    tmp_path.chmod(0o555)
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=write_as_nobody, args=(url, found))
    child.start()
    said = found.get(timeout=30)
    child.join()
    tmp_path.chmod(0o755)
    assert "can be read but not written" in said or "cannot be opened" in said
    assert "the file and its folder" in said


def fill(url: str, found: "multiprocessing.Queue[str]") -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = 512 * 1024
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        for number in range(200):
            with open_store(url).writing() as session:
                organisations.save(session, an_organisation(key=f"k-{number}", name="x" * 120), now=NOW)
                session.execute(text("UPDATE organisations SET definition = :d"), {"d": '"' + "y" * 50_000 + '"'})
        found.put("all written")
    except StoreUnavailable as error:
        found.put(str(error))


def test_a_disk_without_room_is_a_clear_refusal_and_the_store_stays_whole(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    migrate(url)
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    child = context.Process(target=fill, args=(url, found))
    child.start()
    said = found.get(timeout=60)
    child.join()
    assert "is on a disk that" in said
    check = sqlite3.connect(tmp_path / "interact.db")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://root:topsecret@db/x",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://u:topsecret@h",
        "a:b@c",
    ],
)
def test_a_url_that_is_none_of_ours_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SettingRefused, match="INTERACT_DATABASE_URL is no URL that the store takes") as refused:
        open_store(url)
    assert "topsecret" not in str(refused.value)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    store = open_store("postgresql://ada:topsecret@127.0.0.1:1/interact")
    with pytest.raises(
        StoreUnavailable, match=r"'interact' on '127\.0\.0\.1' cannot be reached \(.*refused"
    ) as refused:
        store.check()
    assert "topsecret" not in str(refused.value)


@contextmanager
def asking_for_passwords(server_url: str, user: str) -> Iterator[None]:
    """Let a server ask one new user for a password, though it trusts all others."""
    rules = Path(str(parse_url(server_url).query["host"])) / "data" / "pg_hba.conf"
    trusted = rules.read_text()
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE ROLE {user} LOGIN PASSWORD 'right'")
        rules.write_text(f"local all {user} scram-sha-256\n{trusted}")
        admin.exec_driver_sql("SELECT pg_reload_conf()")
        yield
        rules.write_text(trusted)
        admin.exec_driver_sql("SELECT pg_reload_conf()")
        admin.exec_driver_sql(f"DROP ROLE {user}")
    engine.dispose()


def refusal_of(store: Store) -> str:
    try:
        store.check()
    except StoreUnavailable as error:
        return str(error)
    return ""


def test_a_wrong_password_is_said_and_never_shown(postgres_url: str) -> None:
    wrong = parse_url(postgres_url).set(username="mallory", password="topsecret")
    said, deadline = "", time.monotonic() + 10
    with asking_for_passwords(postgres_url, "mallory"):
        while "password" not in said and time.monotonic() < deadline:  # the server reads its rules when it gets to it
            said = refusal_of(Store(wrong))
    assert 'cannot be reached (password authentication failed for user "mallory")' in said
    assert "topsecret" not in said
