"""What a semantic model is made of: datasets and how they are related, dimensions, times and metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from interact.chats.result import Format
from interact.errors import listed
from interact.warehouse.arithmetic import NotArithmetic, names_in

NAME = r"^[a-z][a-z0-9_]*$"
TABLE = r"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*){0,2}$"
COLUMN = r"^[A-Za-z_][A-Za-z0-9_$]*$"
Agg = Literal["sum", "count", "count_distinct", "avg", "min", "max", "median"]


class Part(BaseModel):
    """Anything that a model holds: fixed, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class _Named(Part):
    name: str = Field(pattern=NAME)
    label: str
    """By default its name as words."""

    @model_validator(mode="before")
    @classmethod
    def _made(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and isinstance(value.get("name"), str):
            return {**cls._unsaid(value["name"], value.get("label")), **value}
        return value

    @classmethod
    def _unsaid(cls, name: str, label: object) -> dict[str, str]:
        """Return what goes without saying of a part with that name, and that label if it has one."""
        words = name.replace("_", " ")
        return {"label": words[:1].upper() + words[1:]}


class Dataset(_Named):
    """A table or view; `table` is its name in the database, by default the dataset's own."""

    table: str = Field(pattern=TABLE)
    primary_key: tuple[Annotated[str, Field(pattern=COLUMN)], ...] = ()
    """The columns that name one row."""
    description: str = ""

    @classmethod
    def _unsaid(cls, name: str, label: object) -> dict[str, str]:
        return {**super()._unsaid(name, label), "table": name}


class Relationship(Part):
    """Many rows of dataset `from` belong to one of dataset `to`, by equal columns."""

    from_: str = Field(alias="from")
    to: str
    from_columns: tuple[Annotated[str, Field(pattern=COLUMN)], ...] = Field(min_length=1)
    to_columns: tuple[Annotated[str, Field(pattern=COLUMN)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.from_columns) != len(self.to_columns):
            raise ValueError(f"the relationship from {self.from_!r} to {self.to!r} pairs unequal numbers of columns")
        return self


class Dimension(_Named):
    """A column to group and filter by; `expr` is its SQL, `plural` and `synonyms` are further words for it."""

    plural: str
    """By default its label, lower-case, in the plural."""
    expr: str
    """By default the column of its name."""
    dataset: str = ""
    """Whose columns `expr` names; by default the first dataset."""
    synonyms: tuple[str, ...] = ()
    description: str = ""
    pii: bool = False
    """True for what tells who a person is: it is never shown, listed, grouped or filtered by."""

    @classmethod
    def _unsaid(cls, name: str, label: object) -> dict[str, str]:
        made = super()._unsaid(name, label)
        shown = label if isinstance(label, str) else made["label"]
        # An abbreviation stays as it is.
        plural = plural_of(shown.lower() if shown[1:] == shown[1:].lower() else shown)
        return {**made, "plural": plural, "expr": name}


class TimeDimension(_Named):
    """The column that windows are cut from (whole days)."""

    expr: str
    dataset: str = ""
    type: Literal["date", "timestamp"] = "timestamp"
    """What the column holds. What is said of timestamps is right for dates too; `date` makes its SQL simpler."""
    synonyms: tuple[str, ...] = ()


class Target(Part):
    """What a metric should reach: a number, or an aggregate that is constant within one member of dimension `per`."""

    expr: str | None = None
    per: str | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.value is None) == (self.expr is None) or (self.expr is None) != (self.per is None):
            raise ValueError("a target takes `value`, a number, or `expr` with `per`, the dimension it is constant in")
        return self


class Conversion(Part):
    """How money in several currencies becomes one: `expr` stands for the metric's own, in `unit`."""

    unit: str = Field(pattern=r"^[A-Z]{3}$")
    expr: str


class Metric(_Named):
    """A figure.

    `simple` is one aggregate of one dataset; `ratio` is sum over sum (NULL where the denominator is zero); `derived` is
    arithmetic on other metrics, by their names in `expr` (a division by zero is NULL).
    """

    description: str = ""
    type: Literal["simple", "ratio", "derived"] = "simple"
    dataset: str = ""
    """Of a simple metric; by default the first dataset."""
    time_dimension: str | None = None
    """Of a simple metric, by which its windows are cut; by default the first of its dataset."""
    agg: Agg | None = None
    expr: str | None = None
    filter: str | None = None
    """Of a simple metric: SQL that a row has to fulfil to count."""
    numerator: str | None = None
    denominator: str | None = None
    format: Format = "number"
    unit: str | None = None
    currency: str | None = None
    """Of money in several currencies: the dimension that names each row's. Without a conversion it is never added."""
    conversion: Conversion | None = None
    good: Literal["up", "down"] | None = None
    target: Target | None = None
    semi_additive: Literal["last", "first", "average"] | None = None
    """Of a stock, as a balance, which is never summed over time: which days of a window count."""
    settles_days: int = Field(default=0, ge=0, le=366)
    """For how many days, today among them, values may still change, as conversions that come late."""
    synonyms: tuple[str, ...] = ()

    @field_validator("target", mode="before")
    @classmethod
    def _number_alone(cls, value: object) -> object:
        return {"value": value} if isinstance(value, int | float) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"simple": ("agg", "expr"), "ratio": ("numerator", "denominator"), "derived": ("expr",)}[self.type]
        missing = [field for field in needed if getattr(self, field) is None]
        if missing:
            raise ValueError(f"metric {self.name!r} of type {self.type!r} lacks {listed(missing)}. Add it")
        own = ("agg", "expr", "filter", "dataset", "time_dimension", "currency", "conversion", "semi_additive")
        foreign = {
            "simple": ("numerator", "denominator"),
            "ratio": own,
            "derived": (*(name for name in own if name != "expr"), "numerator", "denominator"),
        }[self.type]
        if stray := [field for field in foreign if getattr(self, field)]:
            raise ValueError(f"metric {self.name!r} of type {self.type!r} takes no {listed(stray)}. Take it out")
        if self.expr == "*" and self.agg != "count":
            raise ValueError(f"metric {self.name!r} has the expr '*', which agg 'count' alone takes. Name a column")
        if self.semi_additive == "average" and self.agg not in ("sum", "count", "count_distinct"):
            raise ValueError(
                f"metric {self.name!r} averages the days of a window, which agg {self.agg!r} cannot; "
                "`semi_additive: average` takes 'sum', 'count', 'count_distinct'"
            )
        self._check_money()
        if self.type == "derived":
            self._check_arithmetic()
        return self

    def _check_money(self) -> None:
        if self.conversion and not self.currency:
            raise ValueError(
                f"metric {self.name!r} has a `conversion` and no `currency`. Name the dimension that its money is in"
            )
        if self.currency and self.unit and self.unit != (self.conversion.unit if self.conversion else None):
            fact = f"is converted to {self.conversion.unit!r}" if self.conversion else "is in several currencies"
            raise ValueError(f"metric {self.name!r} has the unit {self.unit!r} and {fact}. Take one of the two out")

    def _check_arithmetic(self) -> None:
        try:
            names_in(str(self.expr))
        except NotArithmetic as fault:
            raise ValueError(
                f"metric {self.name!r} has the expr {self.expr!r}, in which {fault}; "
                "it takes names of metrics, numbers and + - * / ( )"
            ) from None

    @property
    def fixed_unit(self) -> str | None:
        """The unit that its money is in; None where each row has its own."""
        if self.conversion:
            return self.conversion.unit
        return self.unit if self.format == "currency" and not self.currency else None

    @property
    def is_count(self) -> bool:
        """Whether it counts rows or values: of none it is 0."""
        return self.agg in ("count", "count_distinct")

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the metrics that it is directly made of; none of a simple one."""
        if self.type == "ratio":
            return (str(self.numerator), str(self.denominator))
        return names_in(str(self.expr)) if self.type == "derived" else ()


def plural_of(word: str) -> str:
    """Return an English noun in the plural: "countries" of "country"."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"
