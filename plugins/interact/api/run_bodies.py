"""What triggers and runs look like over HTTP."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from interact.api.chat_bodies import API, Document, documents, job_of
from interact.api.delivery_words import delivery_of
from interact.api.planned import is_late
from interact.api.shapes import Id, Instant, Named, Request, Shape
from interact.chats.record import Chat, Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.stored import Snapshot
from interact.notices.states import Delivery
from interact.reports.rollup import Rollup
from interact.runs.accept import Accepted
from interact.store.chats import Outline
from interact.store.run_deliveries import Standing


class TriggerBody(Request):
    """The body of a trigger."""

    parameters: dict[str, Any] = Field(default_factory=dict, examples=[{"market": ["NL", "BE"]}])
    """Each parameter with one value or a list; "*" stands for every allowed value."""

    send_to: Literal["everyone", "nobody"] = Field(default="everyone", alias="send_to")
    """Who is told of the run's end: `everyone` whom the job names, or `nobody`."""


class RerunBody(Request):
    """The body of a re-run."""

    send_to: Literal["nobody", "everyone", "corrected"] = Field(default="nobody", alias="send_to")
    """Who is told of the run's end: `nobody`, `everyone` whom the job names, or `corrected`: those who had the first
    one, marked as its correction. A question is its asker's alone, and tells nobody."""


class ById(Shape):
    """Something by its id."""

    id: Id


class ChatOfRun(Shape):
    """A chat that was opened, and its values."""

    id: Id
    parameters: dict[str, str]


class RunAddress(Shape):
    """A run, and where people see it; the address is null until Airflow has taken it."""

    id: Id
    url: str | None


class AcceptedRun(Shape):
    """A run that will come. `chat` and `chat_id` are the first of `chats`."""

    success: Literal[True] = True
    chat: ById
    job: ById | None
    """Null for a question outside any job, and for a preview."""
    chat_id: Id = Field(alias="chat_id")
    job_id: Id | None = Field(alias="job_id")
    chats: list[ChatOfRun]
    run: RunAddress


class ChatState(ChatOfRun):
    """A chat of a run as it stands."""

    status: ChatStatus
    reason: str | None
    documents: list[Document]


class RunWhole(Shape):
    """A run as it stands."""

    id: Id
    verdict: RunVerdict
    delivery: Delivery
    """What became of its notices."""
    reason: str | None
    initiator: str
    accepted_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    due_at: Instant | None
    late: bool
    date: Instant
    """The instant that relative dates are counted from."""
    title: str
    """Its job's name then, or a question in short."""
    job: Named | None
    """Null for a question outside any job, and for a preview."""
    job_version: int | None
    rerun_of: Id | None
    cancelled_by: str | None
    url: str | None
    """Where people see it; null until Airflow has taken it."""
    chats: list[ChatState]
    rollup: dict[str, Any] | None
    """The comparison of a run's chats, once it has ended with two or more."""
    documents: list[Document]
    """The roll-up's files."""


class Cancelled(Shape):
    """A run that is cancelled now."""

    success: Literal[True] = True
    run: RunAddress
    verdict: RunVerdict


def accepted(run: Accepted, url: str | None) -> AcceptedRun:
    """Return the answer to a trigger."""
    first, job = run.chats[0].chat_id, job_of(run.run, "")
    job_id = job.id if job else None
    return AcceptedRun(
        chat=ById(id=first),
        job=ById(id=job_id) if job_id else None,
        chat_id=first,
        job_id=job_id,
        chats=[ChatOfRun(id=chat.chat_id, parameters=dict(chat.parameters)) for chat in run.chats],
        run=RunAddress(id=run.run.run_id, url=url),
    )


def run_whole(
    run: Run,
    snapshot: Snapshot,
    opened: list[tuple[Chat, Outline | None]],
    *,
    standing: Standing | None,
    url: str | None,
    rollup: Rollup | None,
) -> RunWhole:
    """Return a run with its chats, each with its newest attempt's files, and what compares them.

    `standing` is how its deliveries stand; None where there is none.
    """
    title = snapshot.job.definition.name
    job = job_of(run, title)
    return RunWhole(
        id=run.run_id,
        verdict=run.verdict,
        delivery=delivery_of(run, standing),
        reason=run.reason,
        initiator=run.initiator,
        accepted_at=run.accepted_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        due_at=run.due_at,
        late=is_late(run),
        date=run.run_after,
        title=title,
        job=job,
        job_version=snapshot.job.version if job else None,
        rerun_of=run.rerun_of,
        cancelled_by=run.cancelled_by,
        url=url,
        chats=[_state(chat, attempt) for chat, attempt in opened],
        rollup=rollup.model_dump(mode="json") if rollup else None,
        documents=_rollup_documents(run) if rollup else [],
    )


def _state(chat: Chat, attempt: Outline | None) -> ChatState:
    return ChatState(
        id=chat.chat_id,
        parameters=dict(chat.parameters),
        status=chat.status,
        reason=chat.reason,
        documents=documents(attempt, newest=True) if attempt else [],
    )


def _rollup_documents(run: Run) -> list[Document]:
    kept = (("pdf", run.rollup_pdf_sha256), ("html", run.rollup_html_sha256))
    return [
        Document.model_validate({"kind": kind, "url": f"{API}/runs/{run.run_id}/rollup.{kind}", "sha256": sha256})
        for kind, sha256 in kept
        if sha256
    ]
