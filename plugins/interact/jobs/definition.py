"""Organisations, agents and jobs as people define them: one frozen shape each, from file to store to API."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, AliasChoices, Field, ValidationInfo, field_validator, model_validator

from interact.chats.limits import AnswerLimits
from interact.errors import listed
from interact.jobs.channels import Channel
from interact.jobs.naming import KEY_PATTERN
from interact.jobs.parameters import Parameter
from interact.jobs.telling import JobNotices
from interact.jobs.timing import (
    STORED,
    BusinessCalendar,
    DataTrigger,
    JobSchedule,
    Refusal,
    Strict,
    TimeOfDay,
    require_unique,
)
from interact.schedules.lateness import smallest_gap
from interact.schedules.occurrences import NO_ZONES

Kind = Literal["organisation", "agent", "channel", "job"]
KINDS: tuple[Kind, ...] = ("organisation", "agent", "channel", "job")
"""What others refer to comes first."""
Role = Literal["member", "admin"]
_COLOUR = r"^(#[0-9a-fA-F]{6})?$"


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Return the names that a time zone may have."""
    # Asking the system reads its folder of zones, which costs milliseconds each time.
    return frozenset(available_timezones()) - NO_ZONES


def _zone(name: str) -> str:
    if name not in zones():
        raise ValueError(f"{name!r} is no IANA time zone; write it as 'Europe/Amsterdam' or 'UTC'")
    return name


Key = Annotated[str, Field(pattern=KEY_PATTERN)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Domain = Annotated[
    str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$", max_length=253)
]
UserName = Annotated[str, Field(min_length=1, max_length=200)]
"""A person's name as Airflow knows it."""


class Branding(Strict):
    """How an organisation's reports look; an empty colour means the default."""

    primary: str = Field(default="", pattern=_COLOUR)
    secondary: str = Field(default="", pattern=_COLOUR)
    background: str = Field(default="", pattern=_COLOUR)
    heading: str = Field(default="", pattern=_COLOUR)
    text: str = Field(default="", pattern=_COLOUR)
    highlight: str = Field(default="", pattern=_COLOUR)


class OrganisationNotices(Strict):
    """What holds for all notices of an organisation."""

    recipient_domains: Annotated[tuple[Domain, ...], Field(max_length=100)] = ()
    """Mail goes to addresses of these domains and of no others; without any, to all."""
    pause_after_failures: int = Field(default=5, ge=0, le=100)
    """After so many failed runs in a row of its own a job's schedule pauses; 0 for never."""

    @field_validator("recipient_domains")
    @classmethod
    def _unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value

    def forbids(self, address: str) -> bool:
        """Return whether mail may not go to an address; one as a%host or host!a leads on to a further host."""
        name, _, domain = address.rpartition("@")
        leads_on = "%" in name or "!" in name
        return bool(self.recipient_domains) and (leads_on or domain.lower() not in self.recipient_domains)


class Organisation(Strict):
    """A workspace: people, agents, channels and jobs."""

    key: Key
    """By what files, agents, channels and jobs name it; another key is another organisation."""
    name: Name
    timezone: TimeZone
    """Of its schedules and days, as IANA writes it: Europe/Amsterdam."""
    branding: Branding = Branding()
    start_of_business: TimeOfDay = "08:00"
    """When `@first-weekday` and `@last-weekday` run that name no time."""
    calendar: BusinessCalendar = BusinessCalendar()
    notices: OrganisationNotices = OrganisationNotices()
    context: Annotated[str, Field(max_length=20_000)] = ""
    """What each of its agents is told of it before a question: what it sells, how it counts, what its words mean."""
    members: dict[UserName, Role] = Field(default_factory=dict)
    """Who belongs to it, by Airflow user name; while nobody is named, every Airflow user does."""

    @field_validator("members")
    @classmethod
    def _in_order(cls, value: dict[str, Role]) -> dict[str, Role]:
        # The order in which people are named means nothing, so that another one is no change.
        return dict(sorted(value.items()))


ConnectionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$")]
AgentType = Literal["embedded", "llm", "remote"]


class Agent(Strict):
    """An analyst: who answers, which warehouse it reads, and what the warehouse's columns mean."""

    key: Key
    organisation: Key
    name: Name
    description: Annotated[str, Field(max_length=500)] = ""
    """What it is for, in a sentence or two."""
    type: AgentType = Field(default="embedded", validation_alias=AliasChoices("type", "kind"))
    """`embedded` answers by rules, without a model; `llm` lets a language model answer; `remote` asks a service.

    Earlier versions kept it as `kind`.
    """
    connection: ConnectionId | None = None
    """Of an `llm` the Airflow connection to its model, of a `remote` one that to its service."""
    fallbacks: Annotated[tuple[ConnectionId, ...], Field(max_length=5)] = ()
    """Of an `llm`: the connections that are tried in turn when the model before does not answer."""
    limits: AnswerLimits = AnswerLimits()
    active: bool = True
    """An agent that is not cannot be asked, and its jobs do not start."""
    warehouse: ConnectionId
    """Id of the Airflow connection to the warehouse."""
    semantic_model: str | dict[str, Any]
    """In a file: another YAML file, seen from that one, or the model itself. In the store: the model itself."""
    instructions: Annotated[str, Field(max_length=20_000)] = ""
    """What it is told before each question. The embedded analyst reads its model alone."""

    @model_validator(mode="after")
    def _is_of_one_type(self) -> Self:
        if self.type == "embedded" and (self.connection or self.fallbacks):
            stray = "connection" if self.connection else "fallbacks"
            raise Refusal(
                f"an agent of type 'embedded' asks no model, and takes no `{stray}`. "
                "Write `type: llm` or `type: remote`, or take it out",
                at=(stray,),
            )
        if self.type != "embedded" and self.connection is None:
            raise Refusal(
                f"an agent of type {self.type!r} lacks `connection`, the Airflow connection that it asks. Add its id",
                at=("connection",),
            )
        if self.type == "remote" and self.fallbacks:
            raise Refusal("an agent of type 'remote' takes no `fallbacks`. Take them out", at=("fallbacks",))
        require_unique(self.fallbacks)
        return self


class Job(Strict):
    """A saved question."""

    key: Key
    organisation: Key
    agent: Key
    """Who answers."""
    name: Name
    prompt: Annotated[str, Field(min_length=1, max_length=20_000)]
    """The question; `{{ market }}` stands for the value of the parameter `market`."""
    owner: UserName
    """Whose it is."""
    visibility: Literal["private", "organisation"] = "organisation"
    """`private`: what it asks and answers is its owner's alone."""
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Parameter] = Field(default_factory=dict)
    channels: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    """Who hears of its runs."""
    notices: JobNotices = JobNotices()
    """When they hear of them, what goes along, and who hears of some values only."""
    allow_sql: bool = False
    """Whether its agent may write SQL of its own beside asking for metrics; both go through the same door."""
    untraced: Literal["mark", "hold"] = "mark"
    """What becomes of a report with a number that no result shows: it is marked there, or the report is held back."""
    time_limit_minutes: int = Field(default=30, ge=1, le=24 * 60)
    """How long one answer may take."""
    parallel_chats: int | None = Field(default=None, ge=1, le=100)
    """How many of a run's chats are answered at the same time; without it the pool says."""
    timezone: TimeZone | None = None
    """The organisation's unless the job names its own."""
    schedule: JobSchedule | None = None
    """A text alone is its `cron`."""
    triggers: DataTrigger | None = None

    @field_validator("schedule", mode="before", json_schema_input_type=JobSchedule | str | None)
    @classmethod
    def _cron_alone(cls, value: object) -> object:
        return {"cron": value} if isinstance(value, str) else value

    @field_validator("schedule", "triggers")
    @classmethod
    def _can_run_by_itself(cls, value: object, info: ValidationInfo) -> object:
        parameters = info.data.get("parameters", {})
        lacking = [name for name, parameter in parameters.items() if not parameter.taken(by_itself=True)]
        if value is not None and lacking:
            raise Refusal(
                f"nobody names values when the job runs by itself, and the parameter {listed(lacking)} has no default. "
                "Give it a `default`, or the values of its `schedule`",
                at=("..", "parameters", lacking[0], "default"),
            )
        return value

    @field_validator("channels")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value

    @field_validator("notices")
    @classmethod
    def _routes_its_values(cls, value: JobNotices, info: ValidationInfo) -> JobNotices:
        parameters = info.data.get("parameters", {})
        for number, route in enumerate(value.routes):
            parameter = parameters.get(route.parameter)
            if parameter is None:
                raise Refusal(
                    f"routes the parameter {route.parameter!r}, which the job does not have "
                    f"(it has {listed(sorted(parameters))})",
                    at=("routes", str(number), "parameter"),
                )
            if parameter.values and route.value not in parameter.values:
                raise Refusal(
                    f"routes the value {route.value!r} of {route.parameter!r}; allowed are {listed(parameter.values)}",
                    at=("routes", str(number), "value"),
                )
        return value

    @field_validator("triggers")
    @classmethod
    def _waits_for_a_schedule(cls, value: DataTrigger | None, info: ValidationInfo) -> DataTrigger | None:
        if value is not None and value.schedule == "and" and info.data.get("schedule", value) is None:
            raise Refusal(
                "with `schedule: and` the job's own `schedule` waits for the data, and the job has none. "
                "Give it a `schedule`, or write `schedule: or`",
                at=("schedule",),
            )
        return value

    @model_validator(mode="after")
    def _cuts_off_in_time(self, info: ValidationInfo) -> Self:
        if info.context != STORED and self.schedule and self.triggers and self.triggers.cutoff_minutes:
            gap = smallest_gap(self.schedule.cron)
            if timedelta(minutes=self.triggers.cutoff_minutes) >= gap:
                raise Refusal(
                    f"`triggers.cutoff_minutes` is {self.triggers.cutoff_minutes}, and the schedule "
                    f"{self.schedule.cron!r} comes again after {gap // timedelta(minutes=1)} minutes: a time waits for "
                    "its data until the next one at most. Name fewer minutes",
                    at=("triggers", "cutoff_minutes"),
                )
        return self

    @property
    def heard_by(self) -> tuple[str, ...]:
        """The keys of all channels that hear of its runs, of whole ones or of some values."""
        return tuple(dict.fromkeys([*self.channels, *(route.channel for route in self.notices.routes)]))

    @property
    def is_private(self) -> bool:
        """True when only the owner may see what this job answers."""
        return self.visibility == "private"


Definition = Organisation | Agent | Channel | Job
SHAPES: dict[str, type[Organisation] | type[Agent] | type[Channel] | type[Job]] = {
    "organisation": Organisation,
    "agent": Agent,
    "channel": Channel,
    "job": Job,
}
