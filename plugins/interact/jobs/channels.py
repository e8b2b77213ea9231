"""Addresses for notices, as people define them."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interact.jobs.naming import KEY_PATTERN
from interact.jobs.timing import Misfit, Strict, require_unique
from interact.notices.hearing import TOPICS, Level, Topic

ChannelType = Literal["email", "slack", "teams", "webhook"]
CHANNEL_TYPES: tuple[ChannelType, ...] = ("email", "slack", "teams", "webhook")
Recipient = Annotated[str, Field(min_length=1, max_length=320)]
_ADDRESS = re.compile(r"[^@\s,;:<>\"'()\[\]\\\x00-\x1f\x7f]+@[^@\s,;:<>\"'()\[\]\\\x00-\x1f\x7f]+")
_ROOM = re.compile(r"#[\w.-]{1,80}|[CGDU][A-Z0-9]{5,20}")


class Channel(Strict):
    """Where notices go: by which Airflow connection, to whom, and which of them."""

    key: Annotated[str, Field(pattern=KEY_PATTERN)]
    organisation: Annotated[str, Field(pattern=KEY_PATTERN)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    type: ChannelType
    connection: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
    """Id of the Airflow connection that holds the server, the webhook or the token."""
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=500)] = ()
    """Of email the addresses; of a Slack bot the rooms, as `#marketing` or `C012AB3CD`."""
    level: Level = "info"
    """`info` is everything, `warning` warnings and errors, `error` failures only."""
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)] = TOPICS
    """A notice's topic and its level both have to match."""

    @field_validator("recipients", "topics")
    @classmethod
    def _unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value

    @field_validator("recipients")
    @classmethod
    def _reachable(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        unusable = unaddressable(info.data["type"], value) if "type" in info.data else None
        if unusable:
            raise Misfit(unusable)
        return value

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if self.type == "email" and not self.recipients:
            raise Misfit("of type email lacks `recipients`. Add the addresses, as [team@example.com]")
        return self


def unaddressable(channel_type: ChannelType, recipients: tuple[str, ...]) -> str | None:
    """Return why a channel of this type cannot reach these recipients, as a predicate; None when it can."""
    if channel_type in ("teams", "webhook"):
        named = f"takes nobody for a channel of type {channel_type}: its connection names the place. Take them out"
        return named if recipients else None
    pattern = _ADDRESS if channel_type == "email" else _ROOM
    wrong = next((each for each in recipients if not pattern.fullmatch(each)), None)
    if wrong is None:
        return None
    allowed = "addresses, as 'team@example.com'" if channel_type == "email" else "rooms, as '#marketing' or 'C012AB3CD'"
    return f"takes for a channel of type {channel_type} {allowed}, not {wrong!r:.80}"
