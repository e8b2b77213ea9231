"""The semantic model: what the warehouse's columns mean, in the words of analysts.

Names follow what MetricFlow, Cortex and Ossie semantic models share, so that an analyst recognises them. A model of one
table may be written short, with `base_table` and `time_dimension`; one of several has `datasets` and `relationships`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from interact.chats.result import Format
from interact.errors import DefinitionRefused, listed

NAME = r"^[a-z][a-z0-9_]*$"
TABLE = r"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*){0,2}$"
COLUMN = r"^[A-Za-z_][A-Za-z0-9_$]*$"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ARITHMETIC = re.compile(r"[A-Za-z0-9_+\-*/()., ]+")
FUNCTIONS = frozenset({"abs", "coalesce", "greatest", "least", "nullif", "round"})
"""What a derived metric may call."""
Agg = Literal["sum", "count", "count_distinct", "avg", "min", "max", "median"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class _Named(_Part):
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
    """The columns that name one row; checked at load where others join it."""
    description: str = ""

    @classmethod
    def _unsaid(cls, name: str, label: object) -> dict[str, str]:
        return {**super()._unsaid(name, label), "table": name}


class Relationship(_Part):
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
    """The date column that windows are cut from (whole days)."""

    expr: str
    dataset: str = ""
    synonyms: tuple[str, ...] = ()


class Target(_Part):
    """What a metric should reach: a number, or an aggregate that is constant within one member of dimension `per`."""

    expr: str | None = None
    per: str | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.value is None) == (self.expr is None) or (self.expr is None) != (self.per is None):
            raise ValueError("a target takes `value`, a number, or `expr` with `per`, the dimension it is constant in")
        return self


class Conversion(_Part):
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
            raise ValueError(f"metric {self.name!r} of type {self.type!r} lacks {listed(missing)}")
        own = ("agg", "expr", "filter", "dataset", "time_dimension", "currency", "conversion", "semi_additive")
        foreign = {
            "simple": ("numerator", "denominator"),
            "ratio": own,
            "derived": (*(name for name in own if name != "expr"), "numerator", "denominator"),
        }[self.type]
        if stray := [field for field in foreign if getattr(self, field)]:
            raise ValueError(f"metric {self.name!r} of type {self.type!r} takes no {listed(stray)}")
        if self.conversion and not self.currency:
            raise ValueError(f"metric {self.name!r} converts money, and names no `currency` dimension that it is in")
        if self.type == "derived" and not _ARITHMETIC.fullmatch(str(self.expr)):
            raise ValueError(
                f"metric {self.name!r} has {self.expr!r}; it takes names of metrics, numbers and + - * / ( )"
            )
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the metrics that it is directly made of; none of a simple one."""
        if self.type == "ratio":
            return (str(self.numerator), str(self.denominator))
        if self.type == "derived":
            words = dict.fromkeys(_WORD.findall(str(self.expr)))
            return tuple(word for word in words if word.lower() not in FUNCTIONS)
        return ()


class SemanticModel(_Part):
    """Datasets with their dimensions and metrics."""

    name: str = Field(pattern=NAME)
    label: str = ""
    description: str = ""
    base_table: str | None = Field(default=None, pattern=TABLE)
    """The one table of a model that is written short."""
    time_dimension: TimeDimension | None = None
    """The one time dimension of a model that is written short."""
    datasets: tuple[Dataset, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    time_dimensions: tuple[TimeDimension, ...] = ()
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...] = Field(min_length=1)
    default_metrics: tuple[str, ...] = ()
    """What is shown where a question names none; by default the first five."""
    default_dimension: str = ""
    """What an analysis goes by that names none; by default the first."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        made: dict[str, Any] = {}
        names = {key: [each.get("name") for each in _maps(value.get(key))] for key in ("metrics", "dimensions")}
        shown = [each.get("name") for each in _maps(value.get("dimensions")) if not each.get("pii")]
        if not value.get("default_metrics") and names["metrics"]:
            made["default_metrics"] = names["metrics"][:5]
        if not value.get("default_dimension") and shown:
            made["default_dimension"] = shown[0]
        if not value.get("label") and isinstance(value.get("name"), str):
            made["label"] = value["name"].replace("_", " ").capitalize()
        return {**value, **made}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        yield from self._faults_of_tables()
        named = {"dimension": self.dimensions, "metric": self.metrics, "dataset": self.tables}
        for kind, parts in named.items():
            names = [each.name for each in parts]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                yield f"there are two of the {kind} {listed(twice)}"
        metrics, dimensions = {m.name for m in self.metrics}, {d.name for d in self.dimensions}
        if both := sorted(metrics & dimensions):
            yield f"{listed(both)} is both a metric and a dimension"
        for metric in self.metrics:
            yield from self._faults_of(metric, dimensions)
        unknown = [name for name in self.default_metrics if name not in metrics]
        if unknown or (self.default_dimension and self.default_dimension not in dimensions):
            yield f"the defaults name {listed(unknown or [self.default_dimension])}, which do not exist"
        if self.default_dimension and self.dimension(self.default_dimension).pii:
            yield f"the default dimension {self.default_dimension!r} is `pii`, which is never shown"

    def _faults_of_tables(self) -> Iterator[str]:
        if (self.base_table is None) == (not self.datasets):
            yield "a model takes `base_table`, its one table, or `datasets`, its several"
        if self.base_table is not None and (self.time_dimension is None or self.time_dimensions):
            yield "a model with `base_table` takes `time_dimension`, one"
        if self.datasets and (self.time_dimension is not None or not self.time_dimensions):
            yield "a model with `datasets` takes `time_dimensions`, a list"
        there = {each.name for each in self.tables}
        ends = [end for each in self.relationships for end in (each.from_, each.to)]
        placed = [each.dataset for each in (*self.dimensions, *self.metrics, *self.times) if each.dataset]  # type: ignore[attr-defined]
        if unknown := sorted({name for name in (*ends, *placed) if name not in there}):
            yield f"there is no dataset {listed(unknown)} (there are {listed(sorted(there))})"
        for each in self.tables:
            starts = [relation.to for relation in self.relationships if relation.from_ == each.name]
            if len(set(starts)) != len(starts):
                yield f"dataset {each.name!r} has two relationships to one dataset; make a view for the second"

    def _faults_of(self, metric: Metric, dimensions: set[str]) -> Iterator[str]:
        names = {each.name: each for each in self.metrics}
        for part in metric.parts:
            if part not in names:
                yield f"metric {metric.name!r} is made of {part!r}, which is no metric"
            elif metric.type == "ratio" and names[part].type != "simple":
                yield f"metric {metric.name!r} divides {part!r}, which is no simple metric"
        if metric.type == "derived" and metric.name in self._made_of(metric.name):
            yield f"metric {metric.name!r} is made of itself"
        for what, name in (("currency", metric.currency), ("target", metric.target and metric.target.per)):
            if name and name not in dimensions:
                yield f"the {what} of {metric.name!r} is per {name!r}, which is no dimension"
        if metric.type == "simple":
            times = [each.name for each in self.times if self.home(each.dataset) == self.home(metric.dataset)]
            if not times or (metric.time_dimension or times[0]) not in times:
                said = f"no time dimension {metric.time_dimension!r}" if metric.time_dimension else "no time dimension"
                yield f"metric {metric.name!r} has {said} in its dataset {self.home(metric.dataset)!r}"

    def _made_of(self, name: str) -> set[str]:
        """Return all metrics that one is made of, directly or not."""
        names, found = {each.name: each for each in self.metrics}, set[str]()
        waiting = list(names[name].parts)
        while waiting:
            part = waiting.pop()
            if part in names and part not in found:
                found.add(part)
                waiting += names[part].parts
        return found

    @cached_property
    def tables(self) -> tuple[Dataset, ...]:
        """The datasets, also of a model that is written short."""
        if self.base_table is None:
            return self.datasets
        name = self.base_table.rpartition(".")[2].lower()
        return (Dataset.model_validate({"name": name, "table": self.base_table}),)

    @cached_property
    def times(self) -> tuple[TimeDimension, ...]:
        """The time dimensions, also of a model that is written short."""
        return (self.time_dimension,) if self.time_dimension else self.time_dimensions

    def home(self, dataset: str) -> str:
        """Return the name of a dataset that a part names, or of the first one where it names none."""
        return dataset or (self.tables[0].name if self.tables else "")

    def dataset(self, name: str) -> Dataset:
        """Return the dataset of that name, "" being the first; raises KeyError."""
        return {each.name: each for each in self.tables}[self.home(name)]

    def time_of(self, metric: Metric) -> TimeDimension:
        """Return the time dimension by which a metric's windows are cut; of one made of others, that of its first part.

        Raises KeyError.
        """
        while metric.parts:
            metric = self.metric(metric.parts[0])
        home = self.home(metric.dataset)
        own = [each for each in self.times if self.home(each.dataset) == home]
        return next(each for each in own if metric.time_dimension in (None, each.name))

    def leaves(self, name: str) -> tuple[Metric, ...]:
        """Return the simple metrics that one is made of, in order; itself when it is simple. Raises KeyError."""
        metric = self.metric(name)
        if not metric.parts:
            return (metric,)
        found = (leaf for part in metric.parts for leaf in self.leaves(part))
        return tuple({leaf.name: leaf for leaf in found}.values())

    def path(self, start: str, end: str) -> tuple[Relationship, ...] | None:
        """Return the relationships that lead from many to one from a dataset to another; None when none do."""
        paths: dict[str, tuple[Relationship, ...]] = {start: ()}
        waiting = [start]
        while waiting:
            here = waiting.pop(0)
            for each in self.relationships:
                if each.from_ == here and each.to not in paths:
                    paths[each.to] = (*paths[here], each)
                    waiting.append(each.to)
        return paths.get(end)

    def reaches(self, metric: str, dimension: str) -> bool:
        """Return whether a metric can be shown by a dimension: all that it is made of lead to it."""
        end = self.home(self.dimension(dimension).dataset)
        return all(self.path(self.home(leaf.dataset), end) is not None for leaf in self.leaves(metric))

    def metric(self, name: str) -> Metric:
        """Return the metric of that name; raises KeyError."""
        return {metric.name: metric for metric in self.metrics}[name]

    def dimension(self, name: str) -> Dimension:
        """Return the dimension of that name; raises KeyError."""
        return {dimension.name: dimension for dimension in self.dimensions}[name]

    @cached_property
    def shown_dimensions(self) -> tuple[Dimension, ...]:
        """Those that may be named, listed, grouped and filtered by: all but `pii`."""
        return tuple(each for each in self.dimensions if not each.pii)


def plural_of(word: str) -> str:
    """Return an English noun in the plural: "countries" of "country"."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def read_model(path: Path) -> SemanticModel:
    """Return the model in a YAML file; raises DefinitionRefused with the file and what is wrong in it."""
    try:
        return SemanticModel.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise DefinitionRefused(f"There is no semantic model at {str(path)!r}. Name a YAML file that exists.") from None
    except yaml.YAMLError as error:
        raise DefinitionRefused(f"The semantic model {path.name!r} is no YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the model"
        raise DefinitionRefused(f"The semantic model {path.name!r} is wrong at {where}: {first['msg']}.") from None
