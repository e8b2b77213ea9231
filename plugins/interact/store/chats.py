"""Chats and their attempts: what was said, queried and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from interact.chats.finding import Finding
from interact.chats.message import Message
from interact.chats.metric import KeptMetric
from interact.chats.record import Attempt, Chat, QueryRecord
from interact.chats.result import Cell
from interact.chats.status import ChatStatus
from interact.errors import NotFound
from interact.store.continued import is_newest, of_attempt
from interact.store.listing import Page, Viewer, Wanted, newest, visible
from interact.store.records import attempt_of, chat_of, message_of, query_of
from interact.store.tables import AttemptRow, ChatRow, MessageRow, QueryRow, StepRow

__all__ = [
    "Outcome",
    "Outline",
    "Page",
    "Rendered",
    "Viewer",
    "Wanted",
    "add_message",
    "add_query",
    "add_step",
    "attempt",
    "attempts",
    "begin_attempt",
    "by_id",
    "cancel",
    "fail",
    "finish_attempt",
    "is_superseded",
    "kept_results",
    "newest",
    "newest_attempts",
    "newest_outlines",
    "of_run",
    "prompt_of",
    "query_in",
    "set_rendered",
    "set_spent",
    "steps_before",
    "thread_of",
    "visible",
]

VANISHED = "The task stopped without a word; attempt {number} follows."


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended."""

    status: ChatStatus
    reason: str | None
    report_json: str | None = None
    headline: tuple[Cell, ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    outage: str | None = None
    """What was away when it failed, as `warehouse:CONNECTION` or `model:CONNECTION`."""
    model: str = ""
    cost_usd: float | None = None
    findings: tuple[Finding, ...] = ()
    metrics: tuple[KeptMetric, ...] = ()
    untraced: int = 0


@dataclass(frozen=True)
class Rendered:
    """The files that were drawn of an attempt's report, or why there are none."""

    html_sha256: str | None = None
    pdf_sha256: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Outline:
    """An attempt without its words and figures: what a list of chats shows of it."""

    chat_id: str
    number: int
    status: ChatStatus
    has_report: bool
    html_sha256: str | None
    pdf_sha256: str | None
    render_failure: str | None


def by_id(session: Session, chat_id: str) -> Chat | None:
    """Return a chat."""
    row = session.get(ChatRow, chat_id, populate_existing=True)
    return chat_of(row) if row else None


def of_run(session: Session, run_id: str) -> tuple[Chat, ...]:
    """Return a run's chats in the order of its combinations."""
    wanted = select(ChatRow).where(ChatRow.run_id == run_id).order_by(ChatRow.position)
    return tuple(chat_of(row) for row in session.scalars(wanted.execution_options(populate_existing=True)))


def thread_of(session: Session, chat_id: str) -> tuple[Chat, ...]:
    """Return the chat that begins a thread, by its id, and those that follow it, in the order they were asked."""
    head = by_id(session, chat_id)
    following = select(ChatRow).where(ChatRow.thread_id == chat_id).order_by(ChatRow.created_at, ChatRow.run_id)
    rows = session.scalars(following.execution_options(populate_existing=True))
    return (head, *(chat_of(row) for row in rows)) if head else ()


def prompt_of(session: Session, chat_id: str) -> str:
    """Return a chat's question, filled in; raises NotFound."""
    prompt = session.scalar(select(ChatRow.prompt).where(ChatRow.id == chat_id))
    if prompt is None:
        raise NotFound("chat", chat_id)
    return prompt


def begin_attempt(session: Session, chat_id: str, *, now: datetime, clear_number: int = 0) -> int:
    """Open the next attempt and return its number, from 1; one that is still open is closed as failed.

    One of the same `clear_number` as that before it, which did not answer and kept steps, goes on from there.
    """
    number = 1 + _locked(session, chat_id).attempt
    before = session.get(AttemptRow, (chat_id, number - 1), populate_existing=True)
    continues = _to_go_on_from(session, before) if before and before.clear_number == clear_number else None
    vanished = Outcome(ChatStatus.FAILED, VANISHED.format(number=number))
    _close(session, chat_id, number - 1, vanished, now=now)
    session.add(
        AttemptRow(
            chat_id=chat_id,
            number=number,
            status=ChatStatus.RUNNING,
            prompt=prompt_of(session, chat_id),
            started_at=now,
            usage={},
            clear_number=clear_number,
            continues=continues,
        )
    )
    session.flush()
    _set(session, chat_id, status=ChatStatus.RUNNING, reason=None, attempt=number, started_at=now, ended_at=None)
    return number


def add_message(session: Session, chat_id: str, attempt: int, message: Message) -> None:
    """Put a message at the end of an attempt."""
    last = select(func.max(MessageRow.position)).where(MessageRow.chat_id == chat_id, MessageRow.attempt == attempt)
    row = MessageRow(
        chat_id=chat_id,
        attempt=attempt,
        position=1 + (session.scalar(last) or 0),
        role=message.role,
        text=message.text,
        result_ids=list(message.result_ids),
        created_at=message.created_at,
    )
    session.add(row)
    session.flush()


def add_query(session: Session, chat_id: str, attempt: int, query: QueryRecord) -> None:
    """Put a query at the end of an attempt."""
    last = select(func.max(QueryRow.position)).where(QueryRow.chat_id == chat_id, QueryRow.attempt == attempt)
    row = QueryRow(
        result_id=query.result_id,
        chat_id=chat_id,
        attempt=attempt,
        position=1 + (session.scalar(last) or 0),
        title=query.title,
        sql=query.sql,
        row_count=query.row_count,
        truncated=query.truncated,
        elapsed_seconds=query.elapsed_seconds,
        rows_sha256=query.rows_sha256,
        failure=query.failure,
        is_claimed=query.is_claimed,
    )
    session.add(row)
    session.flush()


def add_step(session: Session, chat_id: str, attempt: int, body: str, *, now: datetime) -> None:
    """Put what an agent did at the end of an attempt."""
    last = select(func.max(StepRow.position)).where(StepRow.chat_id == chat_id, StepRow.attempt == attempt)
    position = 1 + (session.scalar(last) or 0)
    session.add(StepRow(chat_id=chat_id, attempt=attempt, position=position, body=body, created_at=now))
    session.flush()


def is_superseded(session: Session, chat_id: str, number: int) -> bool:
    """Return whether a chat has an attempt after this one; none is begun before the transaction has ended."""
    return _locked(session, chat_id).attempt > number


def steps_before(session: Session, chat_id: str, number: int) -> tuple[str, ...]:
    """Return what was done in the attempts that one goes on from, oldest first."""
    row = session.get(AttemptRow, (chat_id, number))
    if row is None or row.continues is None:
        return ()
    wanted = select(StepRow.body).where(
        StepRow.chat_id == chat_id, StepRow.attempt >= row.continues, StepRow.attempt < number
    )
    return tuple(session.scalars(wanted.order_by(StepRow.attempt, StepRow.position)))


def set_spent(session: Session, chat_id: str, number: int, usage: Mapping[str, int], cost_usd: float | None) -> None:
    """Keep what an open attempt has used so far."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.chat_id == chat_id, AttemptRow.number == number)
        .values(usage=dict(usage), cost_usd=cost_usd)
    )


def finish_attempt(session: Session, chat_id: str, number: int, outcome: Outcome, *, now: datetime) -> None:
    """Close an attempt, and with it the chat unless a newer attempt is under way; one that is closed stays as it is."""
    chat = _locked(session, chat_id)
    if _close(session, chat_id, number, outcome, now=now) and chat.attempt == number:
        _set(session, chat_id, status=outcome.status, reason=outcome.reason, ended_at=now)


def fail(session: Session, chat_id: str, *, reason: str, now: datetime) -> None:
    """Close a chat that is queued or running as failed, and its open attempt; one that has ended stays as it is."""
    _end(session, chat_id, Outcome(ChatStatus.FAILED, reason), now=now)


def cancel(session: Session, chat_id: str, *, reason: str, now: datetime) -> None:
    """Close a chat that is queued or running as cancelled, and its open attempt; one that has ended stays as it is."""
    _end(session, chat_id, Outcome(ChatStatus.CANCELLED, reason), now=now)


def _end(session: Session, chat_id: str, outcome: Outcome, *, now: datetime) -> None:
    chat = _locked(session, chat_id)
    if chat.status in (ChatStatus.QUEUED, ChatStatus.RUNNING):
        _close(session, chat_id, chat.attempt, outcome, now=now)
        _set(session, chat_id, status=outcome.status, reason=outcome.reason, ended_at=now)


def set_rendered(session: Session, chat_id: str, number: int, rendered: Rendered) -> None:
    """Keep the files of an attempt's report, or why it has none."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.chat_id == chat_id, AttemptRow.number == number)
        .values(html_sha256=rendered.html_sha256, pdf_sha256=rendered.pdf_sha256, render_failure=rendered.failure)
    )


def attempt(session: Session, chat_id: str, number: int | None = None) -> Attempt | None:
    """Return an attempt, by default the newest, with its messages and queries; None when there is none."""
    wanted = select(AttemptRow).where(AttemptRow.chat_id == chat_id).order_by(AttemptRow.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(AttemptRow.number == number)
    row = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    messages = select(MessageRow).where(MessageRow.chat_id == chat_id, MessageRow.attempt == row.number)
    first = row.continues or row.number
    queries = select(QueryRow).where(QueryRow.chat_id == chat_id, QueryRow.attempt.between(first, row.number))
    return attempt_of(
        row,
        tuple(message_of(said) for said in session.scalars(messages.order_by(MessageRow.position))),
        tuple(query_of(asked) for asked in session.scalars(queries.order_by(QueryRow.attempt, QueryRow.position))),
    )


def query_in(session: Session, chat_id: str, result_id: str) -> QueryRecord | None:
    """Return a query of any attempt of a chat; None for one of another chat."""
    row = session.get(QueryRow, result_id)
    return query_of(row) if row and row.chat_id == chat_id else None


def attempts(session: Session, chat_id: str) -> tuple[Attempt, ...]:
    """Return a chat's attempts, oldest first, without messages and queries."""
    wanted = select(AttemptRow).where(AttemptRow.chat_id == chat_id).order_by(AttemptRow.number)
    return tuple(attempt_of(row) for row in session.scalars(wanted.execution_options(populate_existing=True)))


def newest_attempts(session: Session, run_id: str) -> dict[str, Attempt]:
    """Return the newest attempt of each of a run's chats by chat id, without messages and queries."""
    found = select(AttemptRow).join(ChatRow, is_newest())
    rows = session.scalars(found.where(ChatRow.run_id == run_id).execution_options(populate_existing=True))
    return {row.chat_id: attempt_of(row) for row in rows}


def newest_outlines(session: Session, run_id: str) -> dict[str, Outline]:
    """Return how the newest attempt of each of a run's chats stands, and its files, by chat id."""
    found = (
        select(
            AttemptRow.chat_id,
            AttemptRow.number,
            AttemptRow.status,
            AttemptRow.report_json.is_not(None),
            AttemptRow.html_sha256,
            AttemptRow.pdf_sha256,
            AttemptRow.render_failure,
        )
        .join(ChatRow, is_newest())
        .where(ChatRow.run_id == run_id)
    )
    return {
        chat_id: Outline(chat_id, number, ChatStatus(status), bool(has_report), *files)
        for chat_id, number, status, has_report, *files in session.execute(found)
    }


def kept_results(session: Session, run_id: str) -> dict[str, dict[str, str]]:
    """Return, by chat id, the results of each newest attempt of a run: result id to the SHA-256 of its file."""
    found = (
        select(QueryRow.chat_id, QueryRow.result_id, QueryRow.rows_sha256)
        .join(AttemptRow, of_attempt())
        .join(ChatRow, is_newest())
        .where(ChatRow.run_id == run_id, QueryRow.rows_sha256.is_not(None))
    )
    results: dict[str, dict[str, str]] = {}
    for chat_id, result_id, sha256 in session.execute(found):
        results.setdefault(chat_id, {})[result_id] = str(sha256)
    return results


def _locked(session: Session, chat_id: str) -> Chat:
    wanted = select(ChatRow).where(ChatRow.id == chat_id).with_for_update()
    row = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("chat", chat_id)
    return chat_of(row)


def _to_go_on_from(session: Session, before: AttemptRow) -> int | None:
    """Return the first of the attempts that one after this goes on from; None when this answered, or kept no steps."""
    if before.status == ChatStatus.COMPLETED:
        return None
    kept = select(StepRow.position).where(StepRow.chat_id == before.chat_id, StepRow.attempt == before.number).limit(1)
    return before.continues or (before.number if session.scalar(kept) is not None else None)


def _close(session: Session, chat_id: str, number: int, outcome: Outcome, *, now: datetime) -> bool:
    """Return whether there was an open attempt of that number to close."""
    closed = session.execute(
        update(AttemptRow)
        .where(AttemptRow.chat_id == chat_id, AttemptRow.number == number, AttemptRow.status == ChatStatus.RUNNING)
        .values(
            status=outcome.status,
            reason=outcome.reason,
            report_json=outcome.report_json,
            headline=[cell.model_dump() for cell in outcome.headline],
            outage=outcome.outage,
            ended_at=now,
            model=outcome.model,
            findings=[each.model_dump(mode="json") for each in outcome.findings],
            metrics=[each.model_dump(mode="json") for each in outcome.metrics],
            untraced=outcome.untraced,
            **({"usage": dict(outcome.usage), "cost_usd": outcome.cost_usd} if outcome.usage else {}),
        )
        .returning(AttemptRow.number)
    )
    return closed.first() is not None


def _set(session: Session, chat_id: str, **values: object) -> None:
    session.execute(update(ChatRow).where(ChatRow.id == chat_id).values(**values))
