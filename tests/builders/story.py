"""A desk on a fresh store with one job, and an agent that answers as it is told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from interact import settings
from interact.agents.contract import Answer, Journal, Question
from interact.chats.figures import reference
from interact.chats.result import Column, Result
from interact.errors import QueryRefused
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent, StoredJob
from interact.reports.document import Period, Report, Section, Table
from interact.runs.ask import ask, open_attempt
from interact.runs.desk import Desk, open_desk
from interact.store import agents, chats, jobs, organisations, runs
from interact.store.migrate import migrate
from interact.warehouse.queries import Compiled, Warehouse
from interact.warehouse.semantic import SemanticModel, read_model

MODEL = Path(__file__).resolve().parents[2] / "include" / "demo" / "semantic_model.yaml"
SPEND = Column(name="spend", label="Spend", format="currency", unit="EUR")


def a_desk(home: Path, **environ: str) -> Desk:
    """Return a desk on a migrated SQLite store in a folder."""
    desk = open_desk(settings.read({"INTERACT_HOME": str(home), **environ}))
    migrate(desk.settings.database_url)
    return desk


def a_job(desk: Desk, *, active: bool = True, now: datetime | None = None, **changes: Any) -> StoredJob:
    """Return a stored job with the parameter market, of an active agent."""
    now = now or datetime.now(UTC)
    job = {
        "key": "weekly",
        "organisation": "norrland",
        "agent": "analyst",
        "name": "Weekly report",
        "prompt": "What did {{ market }} spend?",
        "owner": "ada",
        "parameters": {"market": {"values": ["NL", "BE", "DE"], "default": ["NL"]}},
        **changes,
    }
    model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
    with desk.store.writing() as session:
        organisations.save(session, Organisation(key="norrland", name="Norrland", timezone="Europe/Amsterdam"), now=now)
        agent = Agent(
            key="analyst", organisation="norrland", name="Analyst", warehouse="w", semantic_model=model, active=active
        )
        agents.save(session, agent, now=now)
        stored, _ = jobs.save(session, Job.model_validate(job), now=now)
    return stored


class FakeDoor(Warehouse):
    """A door with one row behind it; SQL that holds "refuse" is refused."""

    def __init__(self, filters: Mapping[str, str]) -> None:
        self.model: SemanticModel = read_model(MODEL)
        self.filters = filters

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Return the one row."""
        if "refuse" in compiled.sql:
            raise QueryRefused("The query does something that is not allowed. Ask for metrics.")
        return Result(result_id=new_id("result"), title=title, sql=compiled.sql, columns=(SPEND,), rows=((1234.0,),))


@contextmanager
def open_fake(agent: StoredAgent, filters: dict[str, str]) -> Iterator[Warehouse]:
    """Open the fake door."""
    yield FakeDoor(filters)


class Says:
    """An agent that does what a function says, and remembers the questions."""

    def __init__(self, answer: Callable[[Question, Warehouse], Answer]) -> None:
        self._answer = answer
        self.questions: list[Question] = []

    def __call__(self, agent: object) -> "Says":
        """Stand in for the roster."""
        return self

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Answer."""
        self.questions.append(question)
        return self._answer(question, warehouse)


def with_report(question: Question, warehouse: Warehouse) -> Answer:
    """Answer with one figure and a report of one table."""
    result = warehouse.run(Compiled("SELECT 1234 AS spend", (SPEND,)), title="Spend")
    table = Table(title="Spend", result_id=result.result_id, columns=("spend",))
    report = Report(
        title=question.title,
        period=Period(start=date(2026, 11, 15), end=date(2026, 11, 21)),
        summary=f"Spend was {reference(result, 0, 'spend')}.",
        sections=(Section(title="Spend", blocks=(table,)),),
    )
    return Answer(text=f"Spend was {reference(result, 0, 'spend')}.", report=report, usage={"queries": 1})


def answered(desk: Desk, chat_id: str, agent: Says) -> dict[str, int]:
    """Open the chat's next attempt, as its task does, and let the agent answer it."""
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
        run = runs.by_id(session, chat.run_id) if chat else None
    if run is None:
        raise LookupError(chat_id)
    attempt = open_attempt(desk, chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
    return ask(desk, attempt, open_warehouse=open_fake, find_agent=agent)
