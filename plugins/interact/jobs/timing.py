"""When a job runs by itself, as people define it: the business calendar, the schedule, the data it follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from interact.errors import DefinitionRefused, listed
from interact.schedules.expression import parse
from interact.schedules.occurrences import OnHoliday
from interact.schedules.working_days import require_known

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TimeOfDay = Annotated[str, Field(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
AssetName = Annotated[str, Field(min_length=1, max_length=1500, pattern=r"^[ -~]+$")]
AssetNames = Annotated[tuple[AssetName, ...], Field(min_length=1, max_length=20)]
STORED = "stored"
"""The context in which pydantic reads what the store kept: it was checked when it came in, and stays readable when a
library's lists of countries change. Checking it again would cost each task a fifth of a second."""
_WEEK_MINUTES = 7 * 24 * 60
_DAY_MINUTES = 24 * 60


class Strict(BaseModel):
    """What people define: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Refusal(ValueError):
    """What a definition is refused for. `at` leads from where that is noticed to what is meant; ".." leads up."""

    def __init__(self, told: str, *, at: tuple[str, ...] = ()) -> None:
        self.at = at
        super().__init__(told)


class Misfit(Refusal):
    """What a definition lacks or has too much; the text is a predicate: "takes a number, not 'x'"."""


class BusinessCalendar(Strict):
    """Which days an organisation works on."""

    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    country: str | None = None
    """Whose public holidays count, as ISO 3166-1 writes it ("NL"); None, or "none" in a file, when none do."""
    region: str | None = None
    """A part of the country with holidays of its own, as the library `holidays` writes it ("BY")."""
    add: tuple[date, ...] = ()
    """The organisation's own holidays."""
    remove: tuple[date, ...] = ()
    """Public holidays on which it works."""

    @field_validator("weekend")
    @classmethod
    def _leaves_a_day(cls, value: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(value)) == len(WEEKDAYS):
            raise ValueError("all seven days are weekend, so that no business day is left. Take one out")
        return value

    @field_validator("country", "region")
    @classmethod
    def _known(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None or (info.field_name == "country" and value.lower() == "none"):
            return None
        if info.context == STORED:
            return value
        country = value if info.field_name == "country" else info.data.get("country", "")
        if not value:
            raise ValueError(f"an empty {info.field_name} is none. Name one, as 'NL' or 'BY', or leave the key out")
        if country is None:
            raise ValueError("a region belongs to a country, and `country` names none. Name it, or take `region` out")
        if country:
            with _told():
                require_known(country, None if info.field_name == "country" else value)
        return value


class JobSchedule(Strict):
    """When a job runs: an expression, and what becomes of a time that cannot be kept."""

    cron: str
    """Five fields, or a macro such as `@daily` or `@first-weekday 09:30`."""
    enabled: bool = True
    """Scheduled runs only; data, people and the API start the job all the same."""
    on_holiday: OnHoliday = "run"
    lateness_minutes: int | None = Field(default=None, ge=1, le=_WEEK_MINUTES)
    """How late a time may still run; None means half the interval to the next, at most 12 hours."""

    @field_validator("cron")
    @classmethod
    def _readable(cls, value: str, info: ValidationInfo) -> str:
        if info.context == STORED:
            return value
        with _told():
            return parse(value).text


class DataTrigger(Strict):
    """The assets whose loads start a job."""

    assets: AssetNames
    """Names, or URIs: what holds "://"."""
    enabled: bool = True
    """Off, the job runs as though it named none: no load starts it, and no time of its schedule waits."""
    when: Literal["any", "all"] = "all"
    schedule: Literal["or", "and"] = "or"
    """`and`: each time of the job's schedule waits for the data, until its cut-off."""
    cutoff_minutes: int | None = Field(default=None, ge=1, le=_DAY_MINUTES)
    at_cutoff: Literal["run", "skip"] = "run"
    fresh_minutes: int | None = Field(default=None, ge=1, le=_WEEK_MINUTES)
    """How long before the planned time a load may lie; None means that it is of that day, by the job's zone, and
    later than the time before."""

    @field_validator("assets", mode="before", json_schema_input_type=AssetName | AssetNames)
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value

    @field_validator("assets")
    @classmethod
    def _unique(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        require_unique(value)
        return value

    @model_validator(mode="after")
    def _cut_off(self) -> Self:
        if self.schedule == "and" and self.cutoff_minutes is None:
            raise Refusal(
                "with `schedule: and` it needs `cutoff_minutes`: how long after the planned time the job "
                "waits for the data, 1 to 1440",
                at=("cutoff_minutes",),
            )
        waits = {
            "cutoff_minutes": self.cutoff_minutes is not None,
            "at_cutoff": self.at_cutoff == "skip",
            "fresh_minutes": self.fresh_minutes is not None,
        }
        idle = [name for name, given in waits.items() if given]
        if self.schedule == "or" and idle:
            raise Refusal(
                f"{listed(idle)} has no meaning while nothing waits. Write `schedule: and` beside it, or take it out",
                at=(idle[0],),
            )
        return self


def require_unique(values: tuple[str, ...]) -> None:
    """Raise ValueError for what stands twice in a list."""
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{listed(twice)} stands twice. Take one of them out")


@contextmanager
def _told() -> Iterator[None]:
    """Turn a refusal of the schedules into what pydantic reports with the place where it stands."""
    try:
        yield
    except DefinitionRefused as error:
        raise ValueError(str(error).rstrip(".")) from None
