"""An analyst's own SQL passes the guard, and gives what it gives, on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from builders.warehoused import duckdb_shop, postgres_shop
from interact.warehouse.guarded import GuardedDoor
from warehouse.honest import HONEST, Honest


@pytest.fixture(scope="module")
def doors(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GuardedDoor]]:
    with duckdb_shop(tmp_path_factory.mktemp("honest")) as duckdb, postgres_shop(postgres_url) as postgres:
        yield {"duckdb": duckdb(), "postgres": postgres()}


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize("honest", HONEST, ids=lambda honest: honest.name)
def test_an_honest_query_gives_what_it_gives(honest: Honest, engine: str, doors: dict[str, GuardedDoor]) -> None:
    found = doors[engine].query(honest.of(engine), title=honest.name)
    assert len(found.rows) == len(honest.rows)
    for row, expected in zip(found.rows, honest.rows, strict=True):
        assert row == tuple(pytest.approx(cell) if isinstance(cell, float) else cell for cell in expected)
