"""Every attempt of the list, on both engines: against the guard alone, what stands behind it, and the door."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from builders.warehoused import MODEL, duckdb_shop, postgres_shop
from interact.errors import InteractError, QueryFailed, QueryRefused, QueryStopped
from interact.warehouse import guard
from interact.warehouse.cutting import cut
from interact.warehouse.exposure import access_to
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.postgres import PostgresDoor
from interact.warehouse.queries import Limits
from interact.warehouse.scopes import Reading
from warehouse.attacks import ATTACKS, Attack, Behind

LIMITS = Limits(seconds=1.0, memory_bytes=1_000_000_000, rows=1000)
HONEST = "SELECT country, COUNT(*) AS n FROM crm.customers GROUP BY country"
ALL = "SELECT 1 AS one FROM orders, crm.customers"
SECRETS = ("example.com", "Anna", "Zoe", "99999", "hush", "5000", "7000", "root:", "/srv", "reader_", "memory_limit")
OUTCOMES = {QueryStopped: "stopped", QueryRefused: "refused", QueryFailed: "refused"}
MORE = (
    "CREATE SEQUENCE numbers",
    "CREATE FUNCTION wipe() RETURNS INT LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM orders; SELECT 1'",
)
CASES = [pytest.param(attack, engine, id=f"{attack.name}, {engine}") for attack in ATTACKS for engine in attack.engines]


def expected(attack: Attack, engine: str) -> Behind:
    return (engine == "postgres" and attack.behind_postgres) or attack.behind


BEHIND = [each for each in CASES if expected(*each.values) != "nothing"]


@pytest.fixture(scope="module")
def doors(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GuardedDoor]]:
    """A door to each engine that shows the Netherlands only."""
    with (
        duckdb_shop(tmp_path_factory.mktemp("attacks")) as duckdb,
        postgres_shop(postgres_url, *MORE) as postgres,
    ):
        yield {name: build(limits=LIMITS, country="NL") for name, build in (("duckdb", duckdb), ("postgres", postgres))}


def test_the_list_is_long_and_each_attempt_is_made_once() -> None:
    assert len({(attack.name, engine) for attack in ATTACKS for engine in attack.engines}) == len(CASES)
    assert len(CASES) >= 200


@pytest.mark.parametrize(("attack", "engine"), CASES)
def test_the_guard_alone_refuses_it_unless_it_is_for_the_limits(attack: Attack, engine: str) -> None:
    access = access_to(MODEL, {"country": "NL"}, dialect=engine)
    if attack.passes:
        guard.read(attack.sql, access, dialect=engine, is_free=True)
        return
    began = time.monotonic()
    with pytest.raises(QueryRefused, match=r"\.$") as raised:
        guard.read(attack.sql, access, dialect=engine, is_free=True)
    assert time.monotonic() - began < 2
    assert len(str(raised.value)) < 600


@pytest.mark.parametrize(("attack", "engine"), CASES)
def test_on_the_door_it_gives_nothing_and_the_next_query_is_right(
    attack: Attack, engine: str, doors: dict[str, GuardedDoor]
) -> None:
    began = time.monotonic()
    outcome = tried(doors[engine], attack.sql)
    assert time.monotonic() - began < LIMITS.seconds + 4
    assert outcome == (attack.behind if attack.passes else "refused")
    assert doors[engine].query(HONEST, title="t").rows == (("NL", 2),)


@pytest.mark.parametrize(("attack", "engine"), BEHIND)
def test_without_the_guard_what_stands_behind_it_holds(
    attack: Attack, engine: str, doors: dict[str, GuardedDoor], monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded(monkeypatch, engine)
    outcome = tried(doors[engine], attack.sql)
    monkeypatch.undo()
    behind = expected(attack, engine)
    assert outcome in (("refused", "stopped", "empty") if behind == "ended" else (behind,))
    assert doors[engine].query(HONEST, title="t").rows == (("NL", 2),)


def unguarded(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """Let the guard pass whatever comes; PostgreSQL's views stand before it as if it read each table by its name."""
    if engine == "postgres":
        access = access_to(MODEL, {"country": "NL"}, dialect=engine)
        views = cut(ALL, guard.read(ALL, access, dialect=engine, is_free=True), access, dialect=engine, is_free=True)
        views = views[: views.index(" SELECT 1")]
        monkeypatch.setattr(PostgresDoor, "_text", lambda self, sql, reading, is_free: below(views, sql))
    monkeypatch.setattr(guard, "read", lambda *args, **more: Reading())


def below(views: str, sql: str) -> str:
    return f"{views},{sql[4:]}" if sql.startswith("WITH") else f"{views} {sql}"


def tried(door: GuardedDoor, sql: str) -> str:
    """Return what came of an attempt; a sentence or a row that tells too much fails here."""
    try:
        result = door.query(sql, title="t")
    except InteractError as error:
        outcome, told = OUTCOMES.get(type(error), type(error).__name__), str(error)
    else:
        outcome, told = "empty", str(result.rows)
    assert [word for word in SECRETS if word in told and word not in sql] == []
    assert outcome == "empty" or len(told) < 600
    return outcome
