"""The semantic model: what the warehouse's columns mean, in the words of analysts.

Names follow what MetricFlow and Cortex semantic models share, so that an analyst recognises them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from interact.chats.result import Format
from interact.errors import DefinitionRefused, listed

NAME = r"^[a-z][a-z0-9_]*$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dimension(_Part):
    """A column to group and filter by; `expr` is its SQL, `plural` and `synonyms` are further words for it."""

    name: str = Field(pattern=NAME)
    label: str
    plural: str
    expr: str
    synonyms: tuple[str, ...] = ()
    description: str = ""


class TimeDimension(_Part):
    """The date column that windows are cut from (whole days)."""

    name: str = Field(pattern=NAME)
    label: str
    expr: str


class Target(_Part):
    """What a metric should reach, as an aggregate that is constant within one member of dimension `per`."""

    expr: str
    per: str


class Metric(_Part):
    """A figure: `simple` is one aggregate, `ratio` is sum over sum (NULL where the denominator is zero)."""

    name: str = Field(pattern=NAME)
    label: str
    description: str = ""
    type: Literal["simple", "ratio"] = "simple"
    agg: Literal["sum", "count", "avg", "min", "max"] | None = None
    expr: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    format: Format
    unit: str | None = None
    good: Literal["up", "down"] | None = None
    target: Target | None = None
    synonyms: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = ("agg", "expr") if self.type == "simple" else ("numerator", "denominator")
        missing = [field for field in needed if getattr(self, field) is None]
        if missing:
            raise ValueError(f"metric {self.name!r} of type {self.type!r} lacks {listed(missing)}")
        return self


class SemanticModel(_Part):
    """One base table with its dimensions and metrics."""

    name: str = Field(pattern=NAME)
    label: str
    description: str = ""
    base_table: str = Field(pattern=NAME)
    time_dimension: TimeDimension
    dimensions: tuple[Dimension, ...]
    metrics: tuple[Metric, ...]
    default_metrics: tuple[str, ...]
    default_dimension: str

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        metrics, dimensions = {m.name for m in self.metrics}, {d.name for d in self.dimensions}
        simple = {m.name for m in self.metrics if m.type == "simple"}
        for metric in self.metrics:
            for part in (metric.numerator, metric.denominator):
                if part is not None and part not in simple:
                    raise ValueError(f"metric {metric.name!r} divides {part!r}, which is no simple metric")
            if metric.target and metric.target.per not in dimensions:
                raise ValueError(f"the target of {metric.name!r} is per {metric.target.per!r}, which is no dimension")
        unknown = [name for name in self.default_metrics if name not in metrics]
        if unknown or self.default_dimension not in dimensions:
            raise ValueError(f"the defaults name {listed(unknown or [self.default_dimension])}, which do not exist")
        if metrics & dimensions:
            raise ValueError(f"{listed(sorted(metrics & dimensions))} is both a metric and a dimension")
        return self

    def metric(self, name: str) -> Metric:
        """Return the metric of that name; raises KeyError."""
        return {metric.name: metric for metric in self.metrics}[name]

    def dimension(self, name: str) -> Dimension:
        """Return the dimension of that name; raises KeyError."""
        return {dimension.name: dimension for dimension in self.dimensions}[name]


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
