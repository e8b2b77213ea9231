"""What chats look like over HTTP, and how lists of them are asked for."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from interact.api.delivery_words import delivery_of
from interact.api.planned import is_late
from interact.api.shapes import Id, Instant, Named, Request, Shape
from interact.chats.calculation import Calculation
from interact.chats.figures import resolve
from interact.chats.record import AssetLoad, Attempt, Chat, QueryRecord, Run
from interact.chats.result import Format, Result, Value
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import Snapshot
from interact.notices.states import Delivery
from interact.store.chats import Outline
from interact.store.run_deliveries import Standing

API = "/api/agents"


class ListQuery(Request):
    """The query of a list of chats; names as in the answers."""

    agent_id: Id | None = None
    job_id: Id | None = None
    status: ChatStatus | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None
    """The `next` of the page before."""


class ChatQuery(Request):
    """The query of one chat or of its files."""

    attempt: int | None = Field(default=None, ge=1, le=1_000_000)
    """The number of an attempt, from 1; by default the newest."""


class RunMark(Shape):
    """The run that a chat belongs to."""

    id: Id
    verdict: RunVerdict
    delivery: Delivery
    """What became of its notices."""


class Load(Shape):
    """When an asset that the job follows was last loaded, as the run began."""

    asset: str
    loaded_at: Instant | None
    dag_id: str | None
    late: bool


class ChatLine(Shape):
    """A chat as a list shows it."""

    id: Id
    status: ChatStatus
    reason: str | None
    initiator: str
    """`schedule`, `user:NAME`, `key:NAME`, `asset:URI` or `airflow`."""
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    due_at: Instant | None
    """The time of its schedule that its run stands for."""
    late: bool
    parameters: dict[str, str]
    attempt: int
    """The number of its newest attempt; 0 before the first."""
    title: str
    """Its job's name then, or a question in short."""
    job: Named | None
    """Null for a question outside any job, and for a preview."""
    thread_id: Id | None
    """The chat that this one is a further question of."""
    agent: Named
    run: RunMark
    data: list[Load]


class ChatPage(Shape):
    """A page of chats, newest first; `next` is the cursor of the page after it."""

    chats: list[ChatLine]
    next: str | None


class Message(Shape):
    """Something said."""

    role: Literal["user", "assistant"]
    text: str
    """Markdown."""
    result_ids: list[Id]
    created_at: Instant


class ResultColumn(Shape):
    """A column of a result; `format` says how its values are shown."""

    name: str
    label: str
    format: Format
    unit: str | None
    good: Literal["up", "down"] | None
    is_change: bool


class Query(Shape):
    """One query with its rows, or with why it failed."""

    id: Id
    title: str
    sql: str
    failure: str | None
    claimed: bool
    """True when a remote agent says that it ran this: our guard never saw it."""
    truncated: bool
    elapsed_seconds: float
    columns: list[ResultColumn]
    rows: list[list[Value]]
    csv: str | None
    """Where the rows are as a file, with their column names."""
    xlsx: str | None


class Document(Shape):
    """A file that was made of a report."""

    kind: Literal["pdf", "html"]
    url: str
    sha256: str


class AttemptLine(Shape):
    """One try at a chat: Airflow's Clear and its retries make a further one."""

    number: int
    status: ChatStatus
    reason: str | None
    started_at: Instant
    ended_at: Instant | None


class Versions(Shape):
    """Which versions a chat was answered with: those of when its run was accepted."""

    job: int | None
    """Null for a question outside any job."""
    agent: int
    organisation: int


class ChatWhole(ChatLine):
    """A chat with everything that one attempt said, asked and found; `shown` is that attempt's number."""

    shown: int
    attempts: list[AttemptLine]
    messages: list[Message]
    queries: list[Query]
    documents: list[Document]
    report: dict[str, Any] | None
    """What `create_report` made: title, period, summary, highlights, sections, recommendations, method; and `since`,
    what changed since the last completed run of the same question and values."""
    versions: Versions
    model: str | None
    """Which model answered, as its provider names it; null where none did."""
    untraced: int
    """How many numbers of its texts no query shows: they are marked with [?] there."""
    usage: dict[str, int]
    """Counts, as `queries`; of a model also `requests`, `tool_calls`, `input_tokens` and `output_tokens`."""
    cost_usd: float | None
    """Null where it is not known."""


def chat_line(chat: Chat, run: Run, title: str, agent_name: str, *, standing: Standing | None) -> ChatLine:
    """Return a chat as a list shows it; its title is its job's name, where it has a job.

    `standing` is how the deliveries of its run stand; None where there is none.
    """
    return ChatLine(
        id=chat.chat_id,
        status=chat.status,
        reason=chat.reason,
        initiator=run.initiator,
        created_at=chat.created_at,
        started_at=chat.started_at,
        ended_at=chat.ended_at,
        due_at=run.due_at,
        late=is_late(run),
        parameters=dict(chat.parameters),
        attempt=chat.attempt,
        title=title,
        job=job_of(run, title),
        thread_id=chat.thread_id,
        agent=Named(id=chat.agent_id, name=agent_name),
        run=RunMark(id=run.run_id, verdict=run.verdict, delivery=delivery_of(run, standing)),
        data=[_load(load) for load in run.data],
    )


def job_of(run: Run, title: str) -> Named | None:
    """Return a run's job with the name that it had then; None for what was asked outside any."""
    return None if run.dag_id == QUESTIONS_DAG else Named(id=run.job_id, name=title)


def versions_of(snapshot: Snapshot) -> Versions:
    """Return the versions that a run is answered with."""
    is_question = snapshot.job.dag_id == QUESTIONS_DAG
    return Versions(
        job=None if is_question else snapshot.job.version,
        agent=snapshot.agent.version,
        organisation=snapshot.organisation.version,
    )


def chat_whole(
    line: ChatLine,
    versions: Versions,
    attempt: Attempt | None,
    attempts: tuple[Attempt, ...],
    results: dict[str, Result],
) -> ChatWhole:
    """Return a chat with everything that one of its attempts said, asked and found."""
    report = json.loads(attempt.report_json) if attempt and attempt.report_json else None
    calculations = tuple(Calculation.model_validate(each) for each in (report or {}).get("calculations", ()))
    return ChatWhole(
        **dict(line),
        shown=attempt.number if attempt else 0,
        attempts=[_attempt(each) for each in attempts],
        messages=[
            Message(
                role=said.role,
                text=resolve(said.text, results),
                result_ids=list(said.result_ids),
                created_at=said.created_at,
            )
            for said in (attempt.messages if attempt else ())
        ],
        queries=[_query(attempt, query, results.get(query.result_id)) for query in attempt.queries] if attempt else [],
        documents=documents(attempt) if attempt else [],
        report=_shown(report, results, calculations),
        versions=versions,
        model=(attempt.model or None) if attempt else None,
        untraced=attempt.untraced if attempt else 0,
        usage=dict(attempt.usage) if attempt else {},
        cost_usd=attempt.cost_usd if attempt else None,
    )


def documents(attempt: Attempt | Outline, *, newest: bool = False) -> list[Document]:
    """Return the files of an attempt's report; `newest` leaves its number out of their addresses."""
    query = "" if newest else f"?attempt={attempt.number}"
    kept = (("pdf", attempt.pdf_sha256), ("html", attempt.html_sha256))
    return [
        Document.model_validate(
            {"kind": kind, "url": f"{API}/chats/{attempt.chat_id}/report.{kind}{query}", "sha256": sha256}
        )
        for kind, sha256 in kept
        if sha256
    ]


def _load(load: AssetLoad) -> Load:
    return Load(asset=load.asset, loaded_at=load.loaded_at, dag_id=load.dag_id, late=load.late)


def _attempt(attempt: Attempt) -> AttemptLine:
    return AttemptLine(
        number=attempt.number,
        status=attempt.status,
        reason=attempt.reason,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
    )


def _query(attempt: Attempt, query: QueryRecord, result: Result | None) -> Query:
    file = f"{API}/chats/{attempt.chat_id}/results/{query.result_id}" if result else None
    return Query(
        id=query.result_id,
        title=query.title,
        sql=query.sql,
        failure=query.failure,
        claimed=query.is_claimed,
        truncated=query.truncated,
        elapsed_seconds=query.elapsed_seconds,
        columns=[ResultColumn(**column.model_dump()) for column in result.columns] if result else [],
        rows=[list(row) for row in result.rows] if result else [],
        csv=f"{file}.csv" if file else None,
        xlsx=f"{file}.xlsx" if file else None,
    )


def _shown(part: Any, results: dict[str, Result], calculations: tuple[Calculation, ...]) -> Any:
    """Return a report with every reference in its prose shown as the figure."""
    if isinstance(part, dict):
        return {name: _shown(value, results, calculations) for name, value in part.items()}
    if isinstance(part, list):
        return [_shown(value, results, calculations) for value in part]
    return resolve(part, results, calculations) if isinstance(part, str) else part
