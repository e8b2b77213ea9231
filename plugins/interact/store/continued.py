"""Which queries an attempt has: its own, and those of the attempts that it goes on from."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func

from interact.store.tables import AttemptRow, ChatRow, QueryRow


def of_attempt() -> ColumnElement[bool]:
    """Return the condition that a query is one of an attempt's."""
    first = func.coalesce(AttemptRow.continues, AttemptRow.number)
    return and_(QueryRow.chat_id == AttemptRow.chat_id, QueryRow.attempt.between(first, AttemptRow.number))


def is_newest() -> ColumnElement[bool]:
    """Return the condition that an attempt is its chat's newest."""
    return and_(AttemptRow.chat_id == ChatRow.id, AttemptRow.number == ChatRow.attempt)
