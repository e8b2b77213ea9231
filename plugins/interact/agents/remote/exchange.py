"""What goes to a service that answers, and what comes back: docs/remote-agents.md in types."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from interact.chats.finding import Finding
from interact.chats.limits import AnswerLimits
from interact.chats.result import Cell, Column, Format, Value
from interact.reports.document import Report

MESSAGES, RESULTS, ROWS, COLUMNS = 200, 50, 10_000, 100
"""How much of each one answer may have."""
ServiceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.~-]{1,200}$")]
Progress = Literal["queued", "running", "completed", "failed", "cancelled"]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Got(BaseModel):
    """Keys that are not known are passed over, so that a service may say more than this version reads."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class EarlierTurn(_Sent):
    """A question that came before in the same thread, and what was answered; "" when nothing was."""

    prompt: str
    answer: str


class RunRequest(_Sent):
    """One question."""

    prompt: str
    on_date: date
    """The day that relative dates count from, in the job's time zone."""
    parameters: dict[str, str]
    filters: dict[str, str]
    """Dimension to value: the answer is about these rows only."""
    title: str
    instructions: str
    context: str
    earlier: tuple[EarlierTurn, ...]
    limits: AnswerLimits
    may_write_sql: bool
    model: dict[str, Any]
    """The agent's semantic model, without what tells who a person is."""


class Accepted(_Got):
    """The answer to a question that was taken, or that had been taken before under the same key."""

    id: ServiceId
    status: Progress = "queued"


class Said(_Got):
    """Something to read while the answer is made; `seq` grows."""

    seq: int = Field(ge=0)
    text: str = Field(max_length=20_000)


class ClaimedColumn(_Got):
    """One column of a claimed result; its label is by default its name as words."""

    name: str = Field(min_length=1, max_length=200)
    label: str = Field(default="", max_length=200)
    format: Format = "text"
    unit: str | None = Field(default=None, max_length=20)
    good: Literal["up", "down"] | None = None
    is_change: bool = False

    def as_column(self) -> Column:
        """Return it as a column of ours."""
        words = self.name.replace("_", " ")
        return Column(**{**self.model_dump(), "label": self.label or words[:1].upper() + words[1:]})


class ClaimedResult(_Got):
    """What the service says that a query returned. Its rows are kept as they are; its SQL was never seen by our guard.

    Texts and the report refer to it by `result_id`, any name that is its own within the run.
    """

    result_id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    title: str = Field(min_length=1, max_length=200)
    sql: str = Field(default="", max_length=50_000)
    columns: tuple[ClaimedColumn, ...] = Field(min_length=1, max_length=COLUMNS)
    rows: tuple[tuple[Value, ...], ...] = Field(default=(), max_length=ROWS)
    truncated: bool = False

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        if len({column.name for column in self.columns}) != len(self.columns):
            raise ValueError("two of its columns have one name")
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, and there are {len(self.columns)} columns")
        return self


class RunState(_Got):
    """How a run stands. What belongs to the answer is read once it is completed."""

    status: Progress
    messages: tuple[Said, ...] = Field(default=(), max_length=MESSAGES)
    """Those after the `after` of the call, in order."""
    results: tuple[ClaimedResult, ...] = Field(default=(), max_length=RESULTS)
    """All so far, each time."""
    answer: str = Field(default="", max_length=100_000)
    """Markdown; figures stand in it as `[[result_id/row/column]]`."""
    report: Report | None = None
    metrics: tuple[Cell, ...] = Field(default=(), max_length=24)
    """The figures to compare with the next time; by default those of the report's tiles."""
    findings: tuple[Finding, ...] = Field(default=(), max_length=24)
    """What the answer points out; an `anomaly` is told to the channels that hear of one."""
    usage: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, max_length=20
    )
    """Counts so far: `requests`, `tool_calls`, `input_tokens`, `output_tokens`, `queries`."""
    cost_usd: float | None = Field(default=None, ge=0)
    model: str = Field(default="", max_length=200)
    """Which model answered."""
    error: str = Field(default="", max_length=5_000)
    """Why it failed, in words for people."""
