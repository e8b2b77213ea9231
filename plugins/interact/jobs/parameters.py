"""A question's variables: which values each takes, and how a value is written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from reprlib import Repr
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from interact.errors import listed
from interact.jobs.timing import STORED, Misfit, Strict

ParameterType = Literal["choice", "text", "number", "date"]
ALL = "*"
"""Stands for every allowed value, those of today: alone, as a default, for a schedule, or in a trigger."""
VALUE_LIMIT = 200
MOST_VALUES = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS = 15
"""As many digits of a decimal number a double keeps."""
_LONGEST_NUMBER = 40
"""As it may be written: 0.000000000000001 has more signs than digits."""
_YEARS = range(1900, 2101)
_NOT_IN_A_LINE = ("Cc", "Cs", "Zl", "Zp")
_Written = Annotated[list[str | float], Field(max_length=MOST_VALUES)]


class Parameter(Strict):
    """A question's variable. A run is asked once for each combination of the values that it is given."""

    type: ParameterType = "choice"
    """`choice` takes one of its values; the others take any text, number or date, unless they name values too."""
    description: Annotated[str, Field(max_length=200)] = ""
    """What it is, for those who fill in a form."""
    values: Annotated[tuple[str, ...], Field(max_length=MOST_VALUES)] = ()
    """What is allowed, as a list."""
    query: Annotated[str, Field(min_length=1, max_length=5000)] | None = None
    """What is allowed, as a SELECT of one column on the agent's warehouse."""
    default: Annotated[tuple[str, ...], Field(max_length=MOST_VALUES)] = ()
    """What a run takes that names no value; empty means the schedule's."""
    schedule: Annotated[tuple[str, ...], Field(max_length=MOST_VALUES)] = ()
    """What a run takes that the job's schedule or its data starts; empty means the default."""

    @field_validator("values", mode="before", json_schema_input_type=_Written)
    @classmethod
    def _many(cls, value: object, info: ValidationInfo) -> object:
        return _entries(info.data.get("type"), value) if isinstance(value, list | tuple) else value

    @field_validator("default", "schedule", mode="before", json_schema_input_type=str | float | _Written)
    @classmethod
    def _one_or_many(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, list | tuple):
            return _entries(info.data.get("type"), value)
        return _entries(info.data.get("type"), (value,)) if isinstance(value, str | int | float) else value

    @field_validator("values", "default", "schedule")
    @classmethod
    def _well_written(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.context == STORED or (info.field_name != "values" and value == (ALL,)):
            return value
        return tuple(canonical(info.data.get("type", "choice"), each) for each in value)

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if info.context == STORED:
            return self
        if self.values and self.query:
            raise Misfit("has both `values` and a `query`. Keep one of the two", at=("query",))
        if self.type == "choice" and not self.is_limited:
            raise Misfit(
                "is a choice and lacks what can be chosen. Add `values` or a `query`, or make its `type` text, number "
                "or date",
                at=("values",),
            )
        _require_unique("values", self.values)
        for name, chosen in (("default", self.default), ("schedule", self.schedule)):
            if chosen == (ALL,):
                self._require_limited(name)
            else:
                _require_unique(name, chosen)
                self._require_allowed(name, chosen)
        return self

    def _require_limited(self, name: str) -> None:
        if not self.is_limited:
            raise Misfit(
                f"takes any {self.type}, so that {ALL!r} in `{name}` stands for nothing. Name values there, or say "
                "with `values` or a `query` what is allowed",
                at=(name,),
            )

    def _require_allowed(self, name: str, chosen: tuple[str, ...]) -> None:
        unknown = [value for value in chosen if self.values and value not in self.values]
        if unknown:
            told = f"has the {name} {listed(unknown)}, which is not among its values {listed(self.values)}"
            raise Misfit(told, at=(name,))

    @property
    def is_limited(self) -> bool:
        """Whether only some values are allowed, rather than any of its type."""
        return bool(self.values or self.query)

    def taken(self, *, by_itself: bool) -> tuple[str, ...]:
        """Return what a run takes that names no value; empty when it has to name one."""
        first, second = (self.schedule, self.default) if by_itself else (self.default, self.schedule)
        return first or second


def canonical(kind: ParameterType, value: object) -> str:
    """Return a value as it is kept and compared: text; numbers without superfluous digits, dates as 2026-12-24.

    Raises Misfit: "takes a number of at most 15 digits, as 12 or 0.5, not 'x'".
    """
    match kind:
        case "number":
            return _number(value)
        case "date":
            return _date(value)
        case _:
            return _text(value)


def _entries(kind: ParameterType | None, values: Iterable[object]) -> tuple[object, ...]:
    """Return numbers and dates as their text; of other types, pydantic refuses what is no text, where it stands."""
    if kind not in ("number", "date"):
        return tuple(values)
    return tuple(each if each == ALL else canonical(kind, each) for each in values)


def _require_unique(name: str, values: tuple[str, ...]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise Misfit(f"has {listed(twice)} twice in `{name}`. Take one of them out", at=(name,))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Misfit(f"does not take {_shown(value)}, which is no text")
    text = value.strip()
    if not text or len(text) > VALUE_LIMIT:
        raise Misfit(f"takes 1 to {VALUE_LIMIT} characters, not {len(text):,}")
    stranger = next((sign for sign in text if unicodedata.category(sign) in _NOT_IN_A_LINE), None)
    if stranger:
        raise Misfit(f"takes one line of text, without the character U+{ord(stranger):04X}")
    if text == ALL:
        raise Misfit(f"does not take {ALL!r} among other values: alone it stands for all of them")
    return text


def _number(value: object) -> str:
    told = Misfit(f"takes a number of at most {_DIGITS} digits, as 12 or 0.5, not {_shown(value)}")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or _is_huge(value):
        raise told
    written = str(value).strip()
    if len(written) > _LONGEST_NUMBER or not _NUMBER.fullmatch(written):
        raise told
    number = Decimal(written)
    if number and number.adjusted() not in range(-_DIGITS, _DIGITS):
        raise told
    plain = format(number.copy_abs(), "f") if number else "0"
    short = plain.rstrip("0").rstrip(".") if "." in plain else plain
    if len(short.replace(".", "").strip("0")) > _DIGITS:
        raise told
    return f"-{short}" if number < 0 else short


def _date(value: object) -> str:
    told = Misfit(f"takes a date from {_YEARS[0]} to {_YEARS[-1]}, as 2026-12-24, not {_shown(value)}")
    if not isinstance(value, str) or not _DAY.fullmatch(value.strip()):
        raise told
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise told from None
    if day.year not in _YEARS:
        raise told
    return day.isoformat()


def _is_huge(value: object) -> bool:
    """Whether a number has so many digits that Python would not write it down."""
    return isinstance(value, int) and abs(value) >= 10**_LONGEST_NUMBER


def _shown(value: object) -> str:
    """Return a value as a message quotes it: briefly, and what is no text in the words of JSON."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if _is_huge(value):
        return f"a number of more than {_LONGEST_NUMBER} digits"
    short = Repr()
    short.maxstring, short.maxlong, short.maxother = 80, 80, 80
    return short.repr(value)
