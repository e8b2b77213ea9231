"""An agent on a model's fake server, a notebook that it keeps, and a warehouse of a few rows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from builders.model_servers import KEY, Asked, ModelServer, Says, calls
from builders.story import SPEND, FakeDoor
from interact.agents.contract import Answer, Journal, Question
from interact.agents.llm.answering import LlmAgent, Source
from interact.agents.llm.loop import Patience
from interact.chats.limits import AnswerLimits
from interact.chats.result import Column, Result, Value
from interact.errors import NotStartable, QueryRefused
from interact.jobs.naming import new_id
from interact.warehouse.queries import Compiled, Warehouse

QUICK = Patience(attempt_seconds=2, request_seconds=4, further_tries=0, look_seconds=0.05)
CAMPAIGN = Column(name="campaign", label="Campaign")
WEEK = {"metrics": ["spend"], "start": "2026-11-15", "end": "2026-11-21", "title": "Spend"}
LOOKS = calls("query_metrics", **WEEK)
"""What a model does first: it asks for the spend of a week."""


class Notebook(Journal):
    """A journal that remembers; after `cancel` nobody wants the answer any more."""

    def __init__(self, before: "Notebook | None" = None, results: Mapping[str, Result] | None = None) -> None:
        self.before = before
        self.results = dict(results or {})
        self.kept: list[str] = []
        self.said: list[str] = []
        self.usage: dict[str, int] = {}
        self.wanted_for: int | None = None
        """How often it is still wanted when somebody looks; None for always."""

    def steps(self) -> tuple[str, ...]:
        """Return what the notebook before holds."""
        return (*self.before.steps(), *self.before.kept) if self.before else ()

    def earlier_results(self) -> Mapping[str, Result]:
        """Return the results of the tries before."""
        return self.results

    def keep(self, step: str, *, usage: Mapping[str, int] | None = None, cost_usd: float | None = None) -> None:
        """Remember a step."""
        self.kept.append(step)
        self.usage = dict(usage or {})

    def say(self, text: str) -> None:
        """Remember what is said."""
        self.said.append(text)

    def require_wanted(self) -> None:
        """Raise once it is not wanted."""
        if self.wanted_for == 0:
            raise NotStartable("Chat 'chat_1' was cancelled.")
        if self.wanted_for:
            self.wanted_for -= 1


class FewRows(FakeDoor):
    """A warehouse with a few campaigns; SQL that writes is refused."""

    def __init__(self, rows: tuple[tuple[Value, ...], ...] = (("Brand", 1234.0), ("Generic", 56.0))) -> None:
        super().__init__({})
        self.rows = rows
        self.last_day: str | None = "2026-11-22"
        self.results: dict[str, Result] = {}
        self.asked: list[str] = []

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the campaigns."""
        return tuple(sorted(str(row[0]) for row in self.rows))

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Return the rows, or their first figure where nothing groups them."""
        if compiled.columns[0].name == "first_date":
            days = ("2026-01-01", self.last_day)
            return Result(
                result_id=new_id("result"), title=title, sql=compiled.sql, columns=compiled.columns, rows=(days,)
            )
        if "campaign" in {column.name for column in compiled.columns}:
            return self._kept((CAMPAIGN, SPEND), self.rows, compiled.sql, title)
        return self._kept((SPEND,), ((self.rows[0][1],),), compiled.sql, title)

    def query(self, sql: str, *, title: str) -> Result:
        """Return the rows."""
        if not sql.upper().startswith("SELECT"):
            raise QueryRefused("A query is one SELECT. Begin with SELECT.")
        return self._kept((CAMPAIGN, SPEND), self.rows, sql, title)

    def _kept(self, columns: tuple[Column, ...], rows: tuple[tuple[Value, ...], ...], sql: str, title: str) -> Result:
        self.asked.append(sql)
        result = Result(result_id=new_id("result"), title=title, sql=sql, columns=columns, rows=rows)
        self.results[result.result_id] = result
        return result


def a_question(prompt: str = "What did we spend in the past 7 days?", **more: Any) -> Question:
    """Return a question of a Sunday."""
    limits = AnswerLimits(**more.pop("limits", {}))
    return Question(prompt, date(2026, 11, 22), limits=limits, **more)


def an_llm(*servers: ModelServer, patience: Patience = QUICK, model: str = "openai") -> LlmAgent:
    """Return an agent of servers in turn, of connections `m1`, `m2` and so on."""
    return LlmAgent([a_source(f"m{n}", server, model) for n, server in enumerate(servers, 1)], patience)


def a_source(connection: str, server: ModelServer, model: str = "openai") -> Source:
    """Return a connection to a server, which speaks as `openai`, `responses` (OpenAI's newer API) or `anthropic`."""
    return Source(connection, lambda: a_model(server, model))


def a_model(server: ModelServer, model: str = "openai", *, name: str = "fake-1") -> Any:
    """Return pydantic-ai's model of a server."""
    if model == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(name, provider=AnthropicProvider(api_key=KEY, base_url=server.url))
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    kind = OpenAIResponsesModel if model == "responses" else OpenAIChatModel
    return kind(name, provider=OpenAIProvider(api_key=KEY, base_url=server.openai))


def answered(
    agent: LlmAgent, question: Question | None = None, journal: Journal | None = None, door: Warehouse | None = None
) -> Answer:
    """Let an agent answer."""
    return agent.answer(question or a_question(), door or FewRows(), journal or Notebook())


def tells_spend(asked: Asked) -> Says:
    """Say what the last result shows."""
    return Says(f"Spend was [[{asked.result['result_id']}/0/spend]].")


def reports(asked: Asked, **changes: Any) -> Says:
    """Make a report of the last result."""
    result_id = asked.result["result_id"]
    report = {
        "title": "Spend of the week",
        "period": {"start": "2026-11-15", "end": "2026-11-21"},
        "summary": f"Spend was [[{result_id}/0/spend]].",
        "sections": [
            {
                "title": "Spend",
                "blocks": [{"type": "table", "title": "Spend", "result_id": result_id, "columns": ["spend"]}],
            }
        ],
    }
    return Says("", [("create_report", report | changes)])
