"""Organisations, agents and jobs as people define them: one frozen shape each, from file to store to API."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from interact.errors import listed
from interact.jobs.naming import KEY_PATTERN
from interact.jobs.timing import STORED, BusinessCalendar, DataTrigger, JobSchedule, Strict, TimeOfDay
from interact.schedules.lateness import smallest_gap
from interact.schedules.occurrences import NO_ZONES

Kind = Literal["organisation", "agent", "job"]
KINDS: tuple[Kind, ...] = ("organisation", "agent", "job")
_COLOUR = r"^(#[0-9a-fA-F]{6})?$"


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    # Asking the system reads its folder of zones, which costs milliseconds each time.
    return frozenset(available_timezones()) - NO_ZONES


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no IANA time zone; write it as 'Europe/Amsterdam' or 'UTC'")
    return name


Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
TimeZone = Annotated[str, AfterValidator(_zone)]


class Branding(Strict):
    """How an organisation's reports look; an empty colour means the default."""

    primary: str = Field(default="", pattern=_COLOUR)
    secondary: str = Field(default="", pattern=_COLOUR)
    background: str = Field(default="", pattern=_COLOUR)
    heading: str = Field(default="", pattern=_COLOUR)
    text: str = Field(default="", pattern=_COLOUR)
    highlight: str = Field(default="", pattern=_COLOUR)


class Organisation(Strict):
    """A workspace."""

    key: Key
    name: Name
    timezone: TimeZone
    branding: Branding = Branding()
    start_of_business: TimeOfDay = "08:00"
    """When `@first-weekday` and `@last-weekday` run that name no time."""
    calendar: BusinessCalendar = BusinessCalendar()


class Agent(Strict):
    """An analyst: which warehouse it reads, and what the warehouse's columns mean."""

    key: Key
    organisation: Key
    name: Name
    kind: Literal["embedded"] = "embedded"
    active: bool = True
    warehouse: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")
    """Id of the Airflow connection to the warehouse."""
    semantic_model: str | dict[str, Any]
    """In a file: the model's path, seen from that file. In the store: the model itself."""


class Parameter(Strict):
    """A question's variable. A run is asked once for each combination of the values it is given."""

    values: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1)]
    """What is allowed."""
    default: tuple[str, ...] = ()
    """What a run takes that names no value; empty means that it has to name one."""

    @field_validator("default", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        if isinstance(value, str):
            return (value,)
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len(set(self.values)) != len(self.values):
            raise ValueError("a value stands twice in `values`")
        unknown = [value for value in self.default if value not in self.values]
        if unknown:
            raise ValueError(f"the default {listed(unknown)} is not among the values {listed(self.values)}")
        return self


class Job(Strict):
    """A saved question."""

    key: Key
    organisation: Key
    agent: Key
    name: Name
    prompt: Annotated[str, Field(min_length=1, max_length=20_000)]
    owner: Annotated[str, Field(min_length=1, max_length=200)]
    """An Airflow user name."""
    visibility: Literal["private", "organisation"] = "organisation"
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Parameter] = Field(default_factory=dict)
    time_limit_minutes: int = Field(default=30, ge=1, le=24 * 60)
    """How long one answer may take."""
    timezone: TimeZone | None = None
    """The organisation's unless the job names its own."""
    schedule: JobSchedule | None = None
    triggers: DataTrigger | None = None

    @field_validator("schedule", mode="before")
    @classmethod
    def _cron_alone(cls, value: object) -> object:
        return {"cron": value} if isinstance(value, str) else value

    @field_validator("schedule", "triggers")
    @classmethod
    def _can_run_by_itself(cls, value: object, info: ValidationInfo) -> object:
        lacking = [name for name, parameter in info.data.get("parameters", {}).items() if not parameter.default]
        if value is not None and lacking:
            raise ValueError(
                f"nobody names values when the job runs by itself, and the parameter {listed(lacking)} has no default. "
                "Give it a `default`"
            )
        return value

    @field_validator("triggers")
    @classmethod
    def _waits_for_a_schedule(cls, value: DataTrigger | None, info: ValidationInfo) -> DataTrigger | None:
        if value is not None and value.schedule == "and" and info.data.get("schedule", value) is None:
            raise ValueError(
                "with `schedule: and` the job's own `schedule` waits for the data, and the job has none. "
                "Give it a `schedule`, or write `schedule: or`"
            )
        return value

    @model_validator(mode="after")
    def _cuts_off_in_time(self, info: ValidationInfo) -> Self:
        if info.context != STORED and self.schedule and self.triggers and self.triggers.cutoff_minutes:
            gap = smallest_gap(self.schedule.cron)
            if timedelta(minutes=self.triggers.cutoff_minutes) >= gap:
                raise ValueError(
                    f"`triggers.cutoff_minutes` is {self.triggers.cutoff_minutes}, and the schedule "
                    f"{self.schedule.cron!r} comes again after {gap // timedelta(minutes=1)} minutes: a time waits for "
                    "its data until the next one at most. Name fewer minutes"
                )
        return self

    @property
    def is_private(self) -> bool:
        """True when only the owner may see what this job answers."""
        return self.visibility == "private"


Definition = Organisation | Agent | Job
SHAPES: dict[str, type[Organisation] | type[Agent] | type[Job]] = {
    "organisation": Organisation,
    "agent": Agent,
    "job": Job,
}
