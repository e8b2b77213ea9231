"""The demo's model, a fixed day, a prompt read without a warehouse, and one answered from the demo's data."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.request import Request
from interact.agents.contract import Answer, Journal, Question, Turn
from interact.chats.figures import resolve
from interact.chats.result import Result
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Compiled
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).parents[3] / "include" / "demo"
TODAY = date(2026, 6, 18)
"""A Thursday, for prompts that are only read."""
END = date(2026, 11, 15)
"""The last day of the data, a Sunday; prompts are answered on the Monday after it."""
MEMBERS = {
    "campaign": (
        "Brand Search",
        "Generic Search",
        "Search – NL",
        "Black Friday 2025",
        "for the past",
        "delete",
        "spend",
    ),
    "channel": ("Paid search", "Shopping", "Display", "Social", "Video"),
    "market": ("BE", "DE", "NL"),
}


@pytest.fixture(scope="session")
def model() -> SemanticModel:
    return read_model(DEMO / "semantic_model.yaml")


@pytest.fixture
def members() -> dict[str, tuple[str, ...]]:
    return dict(MEMBERS)


@pytest.fixture
def read(model: SemanticModel, members: dict[str, tuple[str, ...]]) -> Callable[..., Request]:
    """Read a prompt on 18 June 2026; keywords are filters that the run enforces."""

    def build(prompt: str, **enforced: str) -> Request:
        return read_prompt(prompt, model, members, on_date=TODAY, enforced=enforced)

    return build


@dataclass(frozen=True)
class Asked:
    """An answer with the results of all queries behind it."""

    answer: Answer
    results: dict[str, Result]

    @property
    def text(self) -> str:
        """The answer as people see it."""
        return resolve(self.answer.text, self.results)

    def shown(self, text: str) -> str:
        """Any text of the report as people see it."""
        return resolve(text, self.results)

    def result(self, title: str) -> Result:
        """The result under a title."""
        return next(result for result in self.results.values() if result.title == title)


class RecordingDoor(DuckDbDoor):
    """A door that keeps its results, as a chat does."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.results: dict[str, Result] = {}

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run and keep."""
        result = super().run(compiled, title=title)
        self.results[result.result_id] = result
        return result


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("analyst") / "demo.duckdb"
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, END)
    return path


@pytest.fixture
def ask(model: SemanticModel, demo_file: Path) -> Callable[..., Asked]:
    """Ask the demo on 16 November 2026, after earlier questions; keywords are filters that the run enforces."""
    from interact.agents.analyst.analyst import EmbeddedAnalyst

    def build(
        prompt: str,
        *,
        on_date: date = date(2026, 11, 16),
        path: Path = demo_file,
        title: str = "",
        parameters: dict[str, str] | None = None,
        earlier: tuple[str, ...] = (),
        **filters: str,
    ) -> Asked:
        numbers = itertools.count(1)
        door = RecordingDoor(path, model, filters, new_id=lambda: f"result_{next(numbers):012}")
        given = {**filters, **(parameters or {})}
        turns = tuple(Turn(each, "") for each in earlier)
        question = Question(prompt, on_date, parameters=given, filters=filters, title=title, earlier=turns)
        with door:
            return Asked(EmbeddedAnalyst().answer(question, door, Journal()), door.results)

    return build


@pytest.fixture
def warehouse_of(tmp_path: Path) -> Callable[..., Path]:
    """Write a warehouse: rows of date, campaign, channel, market, spend, conversions, revenue, target of CPA."""
    import duckdb

    def build(rows: Iterable[tuple[Any, ...]]) -> Path:
        path = tmp_path / "own.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "CREATE TABLE ad_performance (date DATE, campaign VARCHAR, channel VARCHAR, market VARCHAR, "
                "impressions BIGINT, clicks BIGINT, spend DECIMAL(12, 2), conversions BIGINT, revenue DECIMAL(12, 2), "
                "target_cpa DECIMAL(8, 2), target_roas DECIMAL(6, 2))"
            )
            connection.executemany(
                "INSERT INTO ad_performance VALUES (?, ?, ?, ?, 1000, 100, ?, ?, ?, ?, 2)",
                [tuple(row) for row in rows],
            )
        return path

    return build


@pytest.fixture(scope="session")
def by_hand(demo_file: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """Run SQL that the test wrote itself, straight on the file, apart from everything that compiles queries."""
    import duckdb

    def build(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(demo_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return build
