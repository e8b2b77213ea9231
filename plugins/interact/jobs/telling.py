"""Who is told of a job's runs, and when: beside the job's channels, as people define it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from interact.errors import listed
from interact.jobs.channels import Recipient
from interact.jobs.naming import KEY_PATTERN
from interact.jobs.timing import Misfit, Strict, require_unique

When = Literal["always", "highlights", "change", "check"]
WHEN: tuple[When, ...] = ("always", "highlights", "change", "check")


class Route(Strict):
    """The chats of one value of a parameter, to those whom they concern: the NL chat to the NL team."""

    parameter: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    value: Annotated[str, Field(min_length=1, max_length=200)]
    channel: Annotated[str, Field(pattern=KEY_PATTERN)]
    recipients: Annotated[tuple[Recipient, ...], Field(max_length=100)] = ()
    """Instead of the channel's own."""

    @field_validator("recipients")
    @classmethod
    def _unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value


class JobNotices(Strict):
    """When a completed run is told, what goes along, and who hears of their own values only.

    Failures, recoveries and missed times are told whatever `when` says.
    """

    when: When = "always"
    """`always`; `highlights`: when a report has any; `change`: when figures or highlights are other ones than at the
    last completed run of the same values of which everyone was to hear; `check`: when the SQL of `check` says so."""
    check: Annotated[str, Field(max_length=20_000)] = ""
    """A SELECT on the agent's warehouse. It says yes when its first row's first value is true, not 0 and not empty."""
    attach_pdf: bool = True
    """Email and Slack bots attach the PDFs as far as the size allows."""
    routes: Annotated[tuple[Route, ...], Field(max_length=500)] = ()

    @field_validator("routes")
    @classmethod
    def _each_once(cls, value: tuple[Route, ...]) -> tuple[Route, ...]:
        told = [(route.parameter, route.value, route.channel) for route in value]
        twice = sorted({each for each in told if told.count(each) > 1})
        if twice:
            raise Misfit(f"names {listed(twice)} twice. Put their recipients into one route")
        return value

    @model_validator(mode="after")
    def _has_its_check(self) -> Self:
        if self.when == "check" and not self.check:
            raise Misfit("with `when: check` lacks `check`. Write a SELECT whose first value says whether to send")
        if self.check and self.when != "check":
            raise Misfit("has a `check`, which only `when: check` reads. Write that, or take the check out")
        return self
