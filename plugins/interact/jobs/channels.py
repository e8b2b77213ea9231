"""Addresses for notices, as people define them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from interact.jobs.naming import KEY_PATTERN
from interact.jobs.timing import Misfit, Strict, require_unique

Level = Literal["info", "warning", "error"]
Topic = Literal["completed_run", "failed_run", "anomaly", "skipped_run"]
TOPICS: tuple[Topic, ...] = ("completed_run", "failed_run", "anomaly", "skipped_run")
Address = Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=320)]


class Channel(Strict):
    """Where notices go: by which Airflow connection, to whom, and which of them."""

    key: Annotated[str, Field(pattern=KEY_PATTERN)]
    organisation: Annotated[str, Field(pattern=KEY_PATTERN)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    type: Literal["email", "slack", "teams"]
    connection: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
    """Id of the Airflow connection that holds the server, the webhook or the token."""
    recipients: Annotated[tuple[Address, ...], Field(max_length=100)] = ()
    """Of email: the addresses."""
    level: Level = "info"
    """`info` is everything, `warning` warnings and errors, `error` failures only."""
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)] = TOPICS
    """A notice's topic and its level both have to match."""

    @field_validator("recipients", "topics")
    @classmethod
    def _unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if self.type == "email" and not self.recipients:
            raise Misfit("of type email lacks `recipients`. Add the addresses, as [team@example.com]")
        if self.type != "email" and self.recipients:
            raise Misfit(f"of type {self.type} takes no `recipients`: its connection names the room. Take them out")
        return self
