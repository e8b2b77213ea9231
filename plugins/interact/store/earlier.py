"""What the chats of a run had answered before: each one's last completed chat with the same values and question."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interact.chats.record import CORRECTED, EVERYONE, Attempt, Chat, Run
from interact.chats.status import ChatStatus
from interact.store.continued import is_newest, of_attempt
from interact.store.glances import prompts
from interact.store.records import attempt_of
from interact.store.tables import AttemptRow, ChatRow, QueryRow, RunRow

SENT = (EVERYONE, CORRECTED)
"""Runs that others heard of than the one person who started them."""
LOOK_BACK = 5_000
"""So many of a job's completed chats are looked through."""
RUNS_BACK = 200
"""So many of its runs, one by one, for a single chat."""


@dataclass(frozen=True)
class Earlier:
    """The newest attempt at an earlier chat, without messages and queries."""

    attempt: Attempt
    run_after: datetime
    """Of its run."""
    results: Mapping[str, str]
    """Result id to the SHA-256 of its file."""


def last_completed(session: Session, chats: Collection[Chat]) -> dict[str, Earlier]:
    """Return what each of these chats, all of one run, was answered last before it, by the id of the new one.

    A chat whose question was another one then, since the job's prompt has changed, has none. Runs that nobody or one
    person alone was to hear of are passed over: the others do not know what those said.
    """
    then = _with_same_values(session, chats)
    asked = prompts(session, [*then, *then.values()])
    then = {chat_id: earlier for chat_id, earlier in then.items() if asked.get(chat_id) == asked.get(earlier)}
    rows = session.execute(
        select(AttemptRow, RunRow.run_after)
        .join(ChatRow, is_newest())
        .join(RunRow, RunRow.id == ChatRow.run_id)
        .where(ChatRow.id.in_(then.values()))
    ).all()
    results = _results(session, then.values())
    found = {row.chat_id: Earlier(attempt_of(row), run_after, results.get(row.chat_id, {})) for row, run_after in rows}
    return {chat_id: found[earlier] for chat_id, earlier in then.items() if earlier in found}


@dataclass(frozen=True)
class Before(Earlier):
    """The newest attempt at the chat before one."""

    run_id: str
    is_other_question: bool
    """True when the job asked something else then."""


def before(session: Session, chat: Chat, run: Run) -> Before | None:
    """Return the last completed chat of the same job and values whose run counts its dates from before this one's.

    That is not always the one that was answered last: a backfill comes late. A run that repeats another, to correct it,
    is compared with what was before that one. Runs that nobody or one person alone was to hear of are passed over.
    """
    found = _last(session, chat, run)
    if found is None:
        return None
    chat_id, run_id, run_after = found
    row = session.scalars(select(AttemptRow).join(ChatRow, is_newest()).where(ChatRow.id == chat_id)).one_or_none()
    if row is None:
        return None
    asked = prompts(session, [chat.chat_id, chat_id])
    results = _results(session, [chat_id]).get(chat_id, {})
    is_other = asked.get(chat.chat_id) != asked.get(chat_id)
    return Before(attempt_of(row), run_after, results, run_id, is_other_question=is_other)


def _last(session: Session, chat: Chat, run: Run) -> tuple[str, str, datetime] | None:
    """Return the chat, its run, and the instant that this counts its dates from; None when there is none."""
    family, first = _family(session, run)
    earlier = (
        select(RunRow.id, RunRow.run_after)
        .where(
            RunRow.job_id == chat.job_id,
            RunRow.run_after < first,
            RunRow.id.not_in(family),
            or_(RunRow.rerun_of.is_(None), RunRow.rerun_of.not_in(family)),
            RunRow.audience.in_(SENT),
        )
        .order_by(RunRow.run_after.desc(), RunRow.accepted_at.desc())
        .limit(RUNS_BACK)
    )
    wanted = frozenset(chat.parameters.items())
    for run_id, run_after in session.execute(earlier).all():
        # Run by run: of a job with a thousand combinations all earlier chats would be too many to sort.
        completed = select(ChatRow.id, ChatRow.parameters).where(
            ChatRow.run_id == run_id, ChatRow.status == ChatStatus.COMPLETED
        )
        for chat_id, parameters in session.execute(completed):
            if frozenset(parameters.items()) == wanted:
                return chat_id, run_id, run_after
    return None


def _family(session: Session, run: Run) -> tuple[set[str], datetime]:
    """Return the runs that one repeats, itself among them, and the instant that the first counts its dates from."""
    family, first, before = {run.run_id}, run.run_after, run.rerun_of
    while before and before not in family and (row := session.get(RunRow, before)):
        family.add(before)
        first, before = min(first, row.run_after), row.rerun_of
    return family, first


def _with_same_values(session: Session, chats: Collection[Chat]) -> dict[str, str]:
    """Return the id of the newest earlier chat of each, newest first until all are found or none is left to look at."""
    sought = {frozenset(chat.parameters.items()): chat.chat_id for chat in chats}
    found: dict[str, str] = {}
    if not sought:
        return found
    one = next(iter(chats))
    completed = (
        select(ChatRow.id, ChatRow.parameters)
        .join(RunRow, RunRow.id == ChatRow.run_id)
        .where(
            ChatRow.job_id == one.job_id,
            ChatRow.status == ChatStatus.COMPLETED,
            ChatRow.created_at < one.created_at,
            ChatRow.run_id != one.run_id,
            RunRow.audience.in_(SENT),
        )
        .order_by(ChatRow.created_at.desc(), ChatRow.run_id.desc(), ChatRow.position)
        .limit(LOOK_BACK)
    )
    with session.execute(completed.execution_options(yield_per=100)) as rows:
        for earlier, parameters in rows:
            chat_id = sought.pop(frozenset(parameters.items()), None)
            if chat_id:
                found[chat_id] = earlier
            if not sought:
                break
    return found


def _results(session: Session, chat_ids: Collection[str]) -> dict[str, dict[str, str]]:
    kept = (
        select(QueryRow.chat_id, QueryRow.result_id, QueryRow.rows_sha256)
        .join(AttemptRow, of_attempt())
        .join(ChatRow, is_newest())
        .where(ChatRow.id.in_(chat_ids), QueryRow.rows_sha256.is_not(None))
    )
    results: dict[str, dict[str, str]] = {}
    for chat_id, result_id, sha256 in session.execute(kept):
        results.setdefault(chat_id, {})[result_id] = str(sha256)
    return results
