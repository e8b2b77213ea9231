"""What the chats of a run had answered before: each one's last completed chat with the same values and question."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from interact.chats.record import CORRECTED, EVERYONE, Attempt, Chat
from interact.chats.status import ChatStatus
from interact.store.glances import prompts
from interact.store.records import attempt_of
from interact.store.tables import AttemptRow, ChatRow, QueryRow, RunRow

LOOK_BACK = 5_000
"""So many of a job's completed chats are looked through."""


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
        .join(ChatRow, and_(ChatRow.id == AttemptRow.chat_id, ChatRow.attempt == AttemptRow.number))
        .join(RunRow, RunRow.id == ChatRow.run_id)
        .where(ChatRow.id.in_(then.values()))
    ).all()
    results = _results(session, then.values())
    found = {row.chat_id: Earlier(attempt_of(row), run_after, results.get(row.chat_id, {})) for row, run_after in rows}
    return {chat_id: found[earlier] for chat_id, earlier in then.items() if earlier in found}


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
            RunRow.audience.in_((EVERYONE, CORRECTED)),
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
        .join(ChatRow, and_(ChatRow.id == QueryRow.chat_id, ChatRow.attempt == QueryRow.attempt))
        .where(ChatRow.id.in_(chat_ids), QueryRow.rows_sha256.is_not(None))
    )
    results: dict[str, dict[str, str]] = {}
    for chat_id, result_id, sha256 in session.execute(kept):
        results.setdefault(chat_id, {})[result_id] = str(sha256)
    return results
