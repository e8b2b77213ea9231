"""The door to PostgreSQL: which roles it takes, what it leaves on the server, and how it survives what goes wrong."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from builders.warehoused import MODEL, postgres_place
from interact.errors import QueryFailed, QueryRefused, QueryStopped, WarehouseUnavailable
from interact.warehouse.postgres import PostgresDoor
from interact.warehouse.queries import Limits
from interact.warehouse.semantic import SemanticModel

MANY = ", ".join(f"orders AS o{number}" for number in range(14))
RUNAWAY = f"SELECT COUNT(*) AS n FROM {MANY} WHERE {' || '.join(f'o{number}.note' for number in range(14))} = 'x'"
Admin = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def place(postgres_url: str) -> Iterator[dict[str, str]]:
    """How the role of the documentation reaches the shop."""
    with postgres_place(postgres_url) as connect:
        yield connect


@pytest.fixture
def admin(place: dict[str, str], postgres_url: str) -> Iterator[Admin]:
    """Run a statement as the one who owns the server."""
    connection = psycopg2.connect(**place | {"user": str(make_url(postgres_url).username)})
    connection.autocommit = True

    def run(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@contextmanager
def opened(connect: dict[str, str], *, model: SemanticModel = MODEL, **more: Any) -> Iterator[PostgresDoor]:
    limits = Limits(**more)
    with PostgresDoor(connect, model, {}, name="shop", limits=limits, new_id=lambda: "result_aaaaaaaaaaaa") as door:
        yield door


def count(door: PostgresDoor) -> int:
    return int(str(door.query("SELECT COUNT(*) AS n FROM orders", title="t").rows[0][0]))


def test_the_role_of_the_documentation_reads(place: dict[str, str]) -> None:
    with opened(place) as door:
        assert count(door) == 6


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["ALTER ROLE {role} SUPERUSER"], "has a role that is a superuser. Give the connection a role"),
        (["GRANT INSERT ON orders TO {role}"], "has a role that may write to 'orders'. Give"),
        (["GRANT DELETE ON crm.customers TO {role}"], "has a role that may write to 'crm.customers'. Give"),
        (["ALTER TABLE orders OWNER TO {role}"], "has a role that owns 'orders'. Give"),
        (["GRANT pg_read_server_files TO {role}"], "may read or write files of the server, or all data"),
        (["GRANT pg_execute_server_program TO {role}"], "may read or write files of the server, or all data"),
    ],
)
def test_a_role_that_may_do_more_than_read_is_refused(
    place: dict[str, str], admin: Admin, statements: list[str], told: str
) -> None:
    undone = (
        "ALTER ROLE {role} NOSUPERUSER; REVOKE INSERT ON orders FROM {role}; ALTER TABLE orders OWNER TO CURRENT_USER; "
    )
    undone += "REVOKE DELETE ON crm.customers FROM {role}; GRANT SELECT ON orders TO {role}; "
    undone += "REVOKE pg_read_server_files, pg_execute_server_program FROM {role}"
    for statement in statements:
        admin(statement.format(role=place["user"]))
    try:
        with opened(place) as door, pytest.raises(WarehouseUnavailable, match=f"The warehouse 'shop' .*{told}"):
            count(door)
    finally:
        admin(undone.format(role=place["user"]))


def test_a_table_that_is_not_there_is_named(place: dict[str, str]) -> None:
    away = MODEL.model_dump(exclude_none=True)
    away["datasets"][2]["table"] = "plans"
    fitting = opened(place, model=SemanticModel.model_validate(away))
    with (
        fitting as door,
        pytest.raises(WarehouseUnavailable, match=r"'shop' has no table 'plans'. Load it, or let the role see"),
    ):
        count(door)


def test_a_column_that_the_role_may_not_read_is_named(place: dict[str, str]) -> None:
    more = MODEL.model_dump(exclude_none=True)
    more["dimensions"] = [*more["dimensions"], {"name": "salary", "dataset": "customers"}]
    fitting = opened(place, model=SemanticModel.model_validate(more))
    with (
        fitting as door,
        pytest.raises(WarehouseUnavailable, match=r"'crm.customers' without the columns salary. Grant SELECT"),
    ):
        count(door)


def test_a_time_dimension_that_is_no_date_is_refused(place: dict[str, str]) -> None:
    wrong = MODEL.model_dump(exclude_none=True)
    wrong["time_dimensions"][0]["expr"] = "channel"
    fitting = opened(place, model=SemanticModel.model_validate(wrong))
    with (
        fitting as door,
        pytest.raises(WarehouseUnavailable, match=r"has 'channel' not as date. Cast it in the semantic model"),
    ):
        count(door)


def test_a_query_over_its_time_leaves_nothing_on_the_server(place: dict[str, str], admin: Admin) -> None:
    with opened(place, seconds=0.5) as door:
        with pytest.raises(QueryStopped, match=r"it ran for more than 0.5 seconds"):
            door.query(RUNAWAY, title="t")
        assert active(admin, place) == 0
        assert count(door) == 6


def test_a_killed_process_is_said_and_replaced_and_the_server_notices(place: dict[str, str], admin: Admin) -> None:
    with opened(place, seconds=3) as door:
        count(door)
        killer = threading.Timer(0.3, os.kill, (pid(door), signal.SIGKILL))
        killer.start()
        with pytest.raises(QueryStopped, match=r"its process ended \(SIGKILL\)"):
            door.query(RUNAWAY, title="t")
        assert count(door) == 6
        deadline = time.monotonic() + 6
        while active(admin, place) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert active(admin, place) == 0


def test_a_connection_that_the_server_ends_is_said_and_opened_again(place: dict[str, str], admin: Admin) -> None:
    with opened(place) as door:
        count(door)
        admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{place['user']}'")
        with pytest.raises(WarehouseUnavailable, match=r"'shop' went away in the middle of a query. Run this again"):
            count(door)
        assert count(door) == 6


def test_a_locked_table_is_not_waited_for_without_end(place: dict[str, str], postgres_url: str) -> None:
    holder = psycopg2.connect(**place | {"user": str(make_url(postgres_url).username)})
    with opened(place) as door:
        count(door)
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(QueryFailed, match=r"the table was locked for 3 seconds. Run this again later"):
                count(door)
        holder.rollback()
        assert count(door) == 6
    holder.close()


def test_a_large_result_travels_only_as_far_as_it_is_wanted(place: dict[str, str]) -> None:
    with opened(place, rows=10) as door:
        began = time.monotonic()
        result = door.query(f"SELECT o1.id AS a, o2.id AS b FROM {MANY}", title="t")
        assert (len(result.rows), result.truncated) == (10, True)
        assert time.monotonic() - began < 3


def test_a_long_text_is_cut(place: dict[str, str]) -> None:
    six = ", ".join(f"orders AS o{number}" for number in range(7))
    with opened(place) as door:
        result = door.query(f"SELECT STRING_AGG(o1.channel, '') AS a FROM {six}", title="t")
        assert (len(str(result.rows[0][0])), result.truncated) == (10_001, True)


def test_a_quoted_table_is_never_another_one_that_differs_by_case(place: dict[str, str], admin: Admin) -> None:
    admin('CREATE TABLE "Orders" AS SELECT 99 AS id')
    admin(f'GRANT SELECT ON "Orders" TO {place["user"]}')
    with opened(place) as door:
        assert door.query('SELECT MAX(id) AS n FROM "Orders"', title="t").rows == ((6,),)
        with pytest.raises(QueryRefused, match=r"'CASED' a second meaning|reads 'Cased'"):
            door.query('WITH "CASED" AS (SELECT 1 AS id) SELECT id FROM Cased', title="t")
    admin('DROP TABLE "Orders"')


def test_a_column_that_a_metric_counts_needs_a_grant_and_stays_hidden(place: dict[str, str], admin: Admin) -> None:
    counting = "SELECT COUNT(DISTINCT email) AS people FROM crm.customers"
    with opened(place) as door:
        with pytest.raises(QueryFailed, match=r"permission denied for table customers"):
            door._asked(counting, rows=1, columns=())
        admin(f"GRANT SELECT (email) ON crm.customers TO {place['user']}")
        assert door._asked(counting, rows=1, columns=[named("people")])["rows"] == [[4]]
        with pytest.raises(QueryRefused, match=r"'email', which tells who a person is"):
            door.query(counting, title="t")
        admin(f"REVOKE SELECT (email) ON crm.customers FROM {place['user']}")


def test_the_password_is_in_no_argument_and_no_environment(place: dict[str, str]) -> None:
    with opened(place | {"password": "hunter2"}) as door:
        count(door)
        process = Path(f"/proc/{pid(door)}")
        assert b"hunter2" not in process.joinpath("cmdline").read_bytes() + process.joinpath("environ").read_bytes()


def named(name: str) -> Any:
    from interact.chats.result import Column

    return Column(name=name, label=name)


def active(admin: Admin, place: dict[str, str]) -> int:
    sql = f"SELECT COUNT(*) FROM pg_stat_activity WHERE usename = '{place['user']}' AND state = 'active'"
    return int(admin(sql)[0][0])


def pid(door: PostgresDoor) -> int:
    assert door._pipe is not None
    return door._pipe.pid
