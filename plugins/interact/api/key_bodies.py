"""What API keys look like over HTTP."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from interact.api.shapes import GivenInstant, Id, Instant, Request, Shape
from interact.store.keys import KeyRecord

Permission = Literal["agent_jobs_read", "agent_jobs_trigger"]


class KeyBody(Request):
    """A key to be made."""

    name: str = Field(min_length=1, max_length=120, examples=["pipeline"])
    """What it is for; the runs that it starts show it."""
    permissions: list[Permission] = Field(min_length=1)
    expires_at: GivenInstant | None = None
    job_ids: list[Id] | None = Field(default=None, min_length=1, max_length=1000)
    """Only these jobs; null for all that the organisation shares."""

    @field_validator("name")
    @classmethod
    def _is_printable(cls, value: str) -> str:
        if not value.isprintable() or not value.strip():
            raise PydanticCustomError("name_not_printable", "this takes one line of text that can be printed")
        return value.strip()


class KeyLine(Shape):
    """A key without its secret."""

    id: Id
    name: str
    permissions: list[Permission]
    created_at: Instant
    last_used_at: Instant | None
    """To the minute."""
    expires_at: Instant | None
    job_ids: list[Id] | None


class KeyList(Shape):
    """An organisation's keys, oldest first."""

    keys: list[KeyLine]


class KeyMade(KeyLine):
    """A key that was just made: the only answer that holds its secret."""

    secret: str
    """What to send as X-API-Key."""
    organisation_id: Id
    """What to send as X-Organization-Id."""


def key_line(key: KeyRecord) -> KeyLine:
    """Return a key as a list shows it."""
    return KeyLine.model_validate(_plain(key))


def key_made(key: KeyRecord, secret: str) -> KeyMade:
    """Return a new key with its secret."""
    return KeyMade.model_validate(_plain(key) | {"secret": secret, "organisation_id": key.organisation_id})


def _plain(key: KeyRecord) -> dict[str, object]:
    return {
        "id": key.key_id,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "job_ids": None if key.job_ids is None else sorted(key.job_ids),
    }
