"""A demo warehouse as a file, doors to it, and its rows as plain Python for answers that do not come from our SQL."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Limits
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).parents[2] / "include" / "demo"
END = date(2026, 11, 14)


@pytest.fixture(scope="session")
def model() -> SemanticModel:
    return read_model(DEMO / "semantic_model.yaml")


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "demo.duckdb"
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, END)
    return path


@pytest.fixture(scope="session")
def demo_rows() -> list[dict[str, Any]]:
    names = ["date", "campaign", "channel", "market", "impressions", "clicks", "spend", "conversions", "revenue"]
    rows = runpy.run_path(str(DEMO / "performance.py"))["rows"](END)
    return [dict(zip(names, row, strict=False)) for row in rows]


@pytest.fixture
def a_door(model: SemanticModel, demo_file: Path) -> Iterator[Callable[..., DuckDbDoor]]:
    opened: list[DuckDbDoor] = []
    numbers = itertools.count(1)

    def build(
        path: Path = demo_file, *, limits: Limits | None = None, model: SemanticModel = model, **filters: str
    ) -> DuckDbDoor:
        door = DuckDbDoor(path, model, filters, limits=limits or Limits(), new_id=lambda: f"result_{next(numbers):012}")
        opened.append(door)
        return door

    yield build
    for door in opened:
        door.close()


@pytest.fixture
def by_hand(demo_file: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """Run SQL that the test wrote itself, straight on the file."""
    import duckdb

    def run(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(demo_file, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return run


@pytest.fixture
def a_file(tmp_path: Path, demo_file: Path) -> Callable[..., Path]:
    """Make a DuckDB file: a copy of the demo's, or an empty one, on which statements were run."""
    import duckdb

    def build(name: str, *statements: str, empty: bool = False) -> Path:
        path = tmp_path / name
        if not empty:
            path.write_bytes(demo_file.read_bytes())
        with duckdb.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return build
