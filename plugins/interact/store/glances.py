"""Chats as pages read them: what they hang on, several attempts at once, and how far they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from interact.chats.record import Attempt, Chat, Run
from interact.chats.status import ChatStatus
from interact.store.continued import is_newest, of_attempt
from interact.store.records import attempt_of, chat_of, message_of, query_of, run_of
from interact.store.tables import AttemptRow, ChatRow, JobRow, MessageRow, QueryRow, RunRow


@dataclass(frozen=True)
class Origin:
    """What chats hang on, a job or what somebody asked outside any, and whose it is."""

    owner: str
    is_deleted: bool
    is_job: bool
    is_aside: bool
    """True for previews, and for further questions of a thread."""


@dataclass(frozen=True)
class Progress:
    """How far the newest attempt at a chat is; all zero before the first."""

    attempt: int = 0
    queries: int = 0
    has_report: bool = False
    is_drawn: bool = False
    has_failed_to_draw: bool = False
    is_held: bool = False
    """Whether it failed with what it had: a report that there is, is not drawn."""


def origins(session: Session, job_ids: Collection[str]) -> dict[str, Origin]:
    """Return what chats hang on, by the id of their job; deleted jobs too."""
    kept = session.execute(
        select(JobRow.id, JobRow.purpose, JobRow.owner, JobRow.deleted_at).where(JobRow.id.in_(job_ids))
    )
    return {
        job_id: Origin(owner, is_deleted=deleted_at is not None, is_job=purpose == "job", is_aside=purpose == "asides")
        for job_id, purpose, owner, deleted_at in kept
    }


def first_of_run(session: Session, run_id: str, limit: int) -> tuple[Chat, ...]:
    """Return the first chats of a run, in the order of its combinations."""
    found = select(ChatRow).where(ChatRow.run_id == run_id).order_by(ChatRow.position).limit(limit)
    return tuple(chat_of(row) for row in session.scalars(found.execution_options(populate_existing=True)))


def runs_of(session: Session, chats: Iterable[Chat]) -> dict[str, Run]:
    """Return the runs of some chats, by run id."""
    rows = session.scalars(select(RunRow).where(RunRow.id.in_({chat.run_id for chat in chats})))
    return {row.id: run_of(row) for row in rows}


def prompts(session: Session, chat_ids: Collection[str]) -> dict[str, str]:
    """Return the questions of chats, filled in, by chat id."""
    found = session.execute(select(ChatRow.id, ChatRow.prompt).where(ChatRow.id.in_(chat_ids)))
    return {str(chat_id): str(prompt) for chat_id, prompt in found}


def attempts(session: Session, numbers: Iterable[tuple[str, int]]) -> dict[str, Attempt]:
    """Return one attempt at each of several chats, by chat id, with messages and queries; one that is not there is not.

    `numbers` are a chat's id and the attempt's number.
    """
    wanted = list(numbers)
    if not wanted:
        return {}
    rows = session.scalars(select(AttemptRow).where(_among(AttemptRow.chat_id, AttemptRow.number, wanted)))
    said = select(MessageRow).where(_among(MessageRow.chat_id, MessageRow.attempt, wanted))
    asked = select(AttemptRow.chat_id, QueryRow).join(QueryRow, of_attempt())
    asked = asked.where(_among(AttemptRow.chat_id, AttemptRow.number, wanted))
    messages = session.scalars(said.order_by(MessageRow.position)).all()
    queries = session.execute(asked.order_by(QueryRow.attempt, QueryRow.position)).all()
    return {
        row.chat_id: attempt_of(
            row,
            tuple(message_of(one) for one in messages if one.chat_id == row.chat_id),
            tuple(query_of(one) for chat_id, one in queries if chat_id == row.chat_id),
        )
        for row in rows
    }


def progress(session: Session, chat: Chat) -> Progress:
    """Return how far a chat's newest attempt is, in one look."""
    found = session.execute(
        select(
            AttemptRow.number,
            select(func.count()).select_from(QueryRow).where(of_attempt()).correlate(AttemptRow).scalar_subquery(),
            AttemptRow.report_json.is_not(None),
            AttemptRow.html_sha256.is_not(None),
            AttemptRow.render_failure.is_not(None),
            AttemptRow.status == ChatStatus.FAILED,
        ).where(AttemptRow.chat_id == chat.chat_id, AttemptRow.number == chat.attempt)
    ).one_or_none()
    if found is None:
        return Progress()
    number, queries, *files = found
    return Progress(number, queries, *(bool(each) for each in files))


def statuses(session: Session, run_id: str) -> dict[ChatStatus, int]:
    """Return how many of a run's chats stand how."""
    counted = select(ChatRow.status, func.count()).where(ChatRow.run_id == run_id).group_by(ChatRow.status)
    return {ChatStatus(status): int(count) for status, count in session.execute(counted)}


def queries_so_far(session: Session, run_id: str) -> dict[str, int]:
    """Return how many queries the newest attempt at each of a run's chats has made, by chat id; none has no entry."""
    counted = select(ChatRow.id, func.count()).join(AttemptRow, is_newest()).join(QueryRow, of_attempt())
    counted = counted.where(ChatRow.run_id == run_id)
    return {str(chat_id): int(count) for chat_id, count in session.execute(counted.group_by(ChatRow.id))}


def query_count(session: Session, run_id: str) -> int:
    """Return how many queries the newest attempts at a run's chats have made together."""
    counted = select(func.count()).select_from(ChatRow).join(AttemptRow, is_newest()).join(QueryRow, of_attempt())
    return session.scalars(counted.where(ChatRow.run_id == run_id)).one()


def drawn_count(session: Session, run_id: str) -> int:
    """Return how many of a run's reports have been drawn, or could not be."""
    ended = or_(AttemptRow.html_sha256.is_not(None), AttemptRow.render_failure.is_not(None))
    counted = select(func.count()).select_from(ChatRow).join(AttemptRow, is_newest())
    return session.scalars(counted.where(ChatRow.run_id == run_id, ended)).one()


def _among(
    chat_id: InstrumentedAttribute[str], number: InstrumentedAttribute[int], wanted: Iterable[tuple[str, int]]
) -> ColumnElement[bool]:
    return or_(*(and_(chat_id == one, number == attempt) for one, attempt in wanted))
