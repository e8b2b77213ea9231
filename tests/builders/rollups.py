"""Roll-ups to compare and to draw, from the smallest up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from builders.drafts import WEEK
from builders.story import FakeDoor, Says
from interact.agents.contract import Answer, Question
from interact.chats.record import Chat
from interact.chats.result import Cell, Column, Result
from interact.chats.status import ChatStatus
from interact.jobs.naming import new_id
from interact.reports.branding import Branding
from interact.reports.comparing import Answered, Summable, bare, read_figures, roll_up
from interact.reports.document import Report
from interact.reports.manuscript import Comparison
from interact.reports.rollup import Rollup
from interact.runs.ask import OpenAttempt, ask, open_attempt, stop
from interact.runs.desk import Desk
from interact.store import runs
from interact.warehouse.queries import Compiled, Warehouse

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
SPEND = Column(name="spend", label="Spend", format="currency", unit="EUR")
CONVERSIONS = Column(name="conversions", label="Conversions", format="integer", good="up")
REVENUE = Column(name="revenue", label="Revenue", format="currency", unit="EUR", good="up")
CPA = Column(name="cpa", label="CPA", format="currency", unit="EUR", good="down")
ROAS = Column(name="roas", label="ROAS", format="ratio", good="up")
FIVE = (SPEND, CONVERSIONS, REVENUE, CPA, ROAS)
ADDS = Summable(
    sums=frozenset(map(bare, (SPEND, CONVERSIONS, REVENUE))),
    ratios={bare(CPA): ("spend", "conversions"), bare(ROAS): ("revenue", "spend")},
)


def a_chat(number: int = 0, *, status: ChatStatus = ChatStatus.COMPLETED, **more) -> Chat:
    """The chat of one market."""
    plain = {
        "chat_id": f"chat_{number:012d}",
        "run_id": "run_000000000001",
        "job_id": "job_000000000001",
        "agent_id": "agent_000000000001",
        "organisation_id": "org_000000000001",
        "position": number,
        "parameters": {"market": f"M{number}"},
        "status": status,
        "reason": None,
        "attempt": 1,
        "created_at": NOW,
        "started_at": NOW,
        "ended_at": NOW,
    }
    return Chat(**(plain | more))


def a_reading(
    number: int, *values, columns: tuple[Column, ...] = FIVE, summable: Summable = ADDS, rows: int = 1, **more
):
    """A chat that was answered with one row of figures, all of them its headline."""
    return read_rows(number, [values] * rows, columns=columns, summable=summable, **more)


def read_rows(number, rows, *, columns=FIVE, summable=ADDS, label=None, report=None, **chat):
    """A chat that was answered with these rows; the first one is its headline."""
    result = Result(
        result_id=f"result_{number:012d}", title="Totals", sql="SELECT 1", columns=columns, rows=tuple(map(tuple, rows))
    )
    cells = tuple(Cell(result_id=result.result_id, row=0, column=column.name) for column in columns)
    about = a_chat(number, **chat)
    answered = Answered(about, label or " · ".join(about.parameters.values()), () if report else cells, report)
    return read_figures(answered, {result.result_id: result}, summable)


def a_failure(number: int, reason: str | None = "The warehouse is away. Try again.", **more):
    """A chat that was not answered."""
    chat = a_chat(number, **({"status": ChatStatus.FAILED, "reason": reason} | more))
    return read_figures(Answered(chat, " · ".join(chat.parameters.values())), {}, ADDS)


def a_rollup(*readings, title: str = "Weekly report", summable: Summable = ADDS) -> Rollup:
    """The roll-up of these chats."""
    return roll_up("run_000000000001", title, readings, summable)


def a_market(number: int, name: str = "", **more):
    """An answered market with plausible figures."""
    spend, conversions = 900.0 + 311.5 * (number * 7 % 23), 20 + number * 13 % 47
    revenue = spend * (1.1 + (number * 5 % 11) / 4)
    figures = (spend, conversions, revenue, spend / conversions, revenue / spend)
    return a_reading(number, *figures, **({"parameters": {"market": name or f"M{number}"}} | more))


def a_comparison(rollup: Rollup, **more) -> Comparison:
    """A roll-up to be drawn."""
    plain = {"branding": Branding(name="Norrland"), "created": NOW, "base_url": "https://airflow.example.com"}
    return Comparison(rollup, **(plain | more))


def answer(desk: Desk, chat: Chat, *values, columns: tuple[Column, ...] = FIVE, with_report: bool = False) -> None:
    """Let an agent answer a chat of a stored run with one row of figures, which are its headline."""

    def figures(question: Question, warehouse: Warehouse) -> Answer:
        result = warehouse.run(Compiled("SELECT 1", columns), title="Totals")
        cells = tuple(Cell(result_id=result.result_id, row=0, column=column.name) for column in columns)
        report = Report(title=question.title, period=WEEK, summary="All is well.") if with_report else None
        return Answer(text="Fine.", headline=cells, report=report)

    attempt = opened_attempt(desk, chat)
    ask(desk, attempt, open_warehouse=lambda agent, filters: row_behind(filters, values), find_agent=Says(figures))


def decline(desk: Desk, chat: Chat, reason: str = "I do not know 'weather'. Ask for spend.") -> None:
    """Let an agent decline a chat of a stored run."""
    stop(desk, opened_attempt(desk, chat), reason=reason)


def opened_attempt(desk: Desk, chat: Chat) -> OpenAttempt:
    """Open the next attempt of a stored chat."""
    with desk.store.reading() as session:
        run = runs.by_id(session, chat.run_id)
    return open_attempt(desk, chat.chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)


@contextmanager
def row_behind(filters: dict[str, str], values: tuple[object, ...]) -> Iterator[Warehouse]:
    """Open a door with one row behind it."""

    class Door(FakeDoor):
        def run(self, compiled: Compiled, *, title: str) -> Result:
            return Result(
                result_id=new_id("result"), title=title, sql=compiled.sql, columns=compiled.columns, rows=(values,)
            )

    yield Door(filters)
