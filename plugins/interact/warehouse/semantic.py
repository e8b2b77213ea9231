"""The semantic model: what the warehouse's columns mean, in the words of analysts.

Names follow what MetricFlow, Cortex and Ossie semantic models share, so that an analyst recognises them. A model of one
table may be written short, with `base_table` and `time_dimension`; one of several has `datasets` and `relationships`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from interact.errors import FileRefused, listed
from interact.nodes import Plain, follow, node_of, read_nodes
from interact.warehouse.measures import (
    NAME,
    TABLE,
    Conversion,
    Dataset,
    Dimension,
    Metric,
    Part,
    Relationship,
    Target,
    TimeDimension,
    plural_of,
)
from interact.warehouse.sentences import Misplaced, Shapes, fault_in
from interact.warehouse.words import columns_named, unfinished

__all__ = [
    "Conversion",
    "Dataset",
    "Dimension",
    "Metric",
    "ModelFile",
    "Relationship",
    "SemanticModel",
    "Target",
    "TimeDimension",
    "model_file_of",
    "model_in",
    "plural_of",
    "read_model",
    "read_model_file",
]

_SHAPES: Shapes = {
    "datasets": (Dataset, "dataset"),
    "relationships": (Relationship, "relationship"),
    "time_dimension": (TimeDimension, "time dimension"),
    "time_dimensions": (TimeDimension, "time dimension"),
    "dimensions": (Dimension, "dimension"),
    "metrics": (Metric, "metric"),
    "target": (Target, "target"),
    "conversion": (Conversion, "conversion"),
}


class SemanticModel(Part):
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
        for faults in (
            self._faults_of_tables,
            self._faults_of_names,
            self._faults_of_sql,
            self._faults_of_metrics,
            self._shown_pii,
        ):
            for fault in faults():
                raise fault
        return self

    def _faults_of_tables(self) -> Iterator[Misplaced]:
        if (self.base_table is None) == (not self.datasets):
            yield Misplaced("a model takes `base_table`, its one table, or `datasets`, its several: one of the two")
        if self.base_table is not None and (self.time_dimension is None or self.time_dimensions):
            yield Misplaced("a model with `base_table` takes `time_dimension`, one, and no `time_dimensions`")
        if self.datasets and (self.time_dimension is not None or not self.time_dimensions):
            yield Misplaced("a model with `datasets` takes `time_dimensions`, a list, and no `time_dimension`")
        there = {each.name for each in self.tables}
        named = [("relationships", at, end) for at, each in enumerate(self.relationships)
                 for end in (each.from_, each.to)]  # fmt: skip
        for key in ("dimensions", "metrics", "time_dimensions"):
            named += [(key, at, each.dataset) for at, each in enumerate(getattr(self, key)) if each.dataset]
        for key, at, name in named:
            if name not in there:
                yield Misplaced(f"there is no dataset {name!r} (there are {listed(sorted(there))})", key, at)
        for at, each in enumerate(self.relationships):
            if any(other.from_ == each.from_ and other.to == each.to for other in self.relationships[:at]):
                yield Misplaced(
                    f"dataset {each.from_!r} has two relationships to {each.to!r}, and nothing says which is meant. "
                    "Make a view of it in the database for the second, and a dataset of that",
                    "relationships",
                    at,
                )

    def _faults_of_names(self) -> Iterator[Misplaced]:
        named: dict[str, tuple[str, int]] = {}
        for key in ("metrics", "dimensions"):
            for at, each in enumerate(getattr(self, key)):
                if each.name in named:
                    other, place = named[each.name][0], (key, at)
                    fact = f"two of the {key}" if other == key else "both a metric and a dimension"
                    yield Misplaced(f"{each.name!r} is the name of {fact}. Give one of them another name", *place)
                named[each.name] = (key, at)
        for key, parts in (("datasets", self.datasets), ("time_dimensions", self.time_dimensions)):
            names = [part.name for part in parts]
            for at, name in enumerate(names):
                if name in names[:at]:
                    yield Misplaced(f"{name!r} is the name of two of the {key}. Give one another name", key, at)
        metrics, shown = [each.name for each in self.metrics], [each.name for each in self.shown_dimensions]
        for name in self.default_metrics:
            if name not in metrics:
                fact = f"the defaults name {name!r}, which is no metric (there are {listed(metrics)})"
                yield Misplaced(fact, "default_metrics")
        if self.default_dimension and self.default_dimension not in shown:
            is_pii = any(each.name == self.default_dimension for each in self.dimensions)
            fact = "is `pii` and never shown" if is_pii else "does not exist"
            yield Misplaced(
                f"the defaults name {self.default_dimension!r}, a dimension that {fact} (there are {listed(shown)})",
                "default_dimension",
            )

    def _faults_of_sql(self) -> Iterator[Misplaced]:
        for key, noun in (("dimensions", "dimension"), ("time_dimensions", "time dimension"), ("metrics", "metric")):
            for at, each in enumerate(getattr(self, key)):
                for field in ("expr", "filter") if getattr(each, "type", "") != "derived" else ():
                    text = getattr(each, field, None)
                    if text is not None and (fact := unfinished(text)):
                        told = f"{noun} {each.name!r} has the `{field}` {text!r}, which {fact}. Complete it"
                        yield Misplaced(told, key, at, field)

    def _faults_of_metrics(self) -> Iterator[Misplaced]:
        for at, metric in enumerate(self.metrics):
            for fact in (*self._wrong_parts(metric), *self._wrong_words(metric)):
                yield Misplaced(f"metric {metric.name!r} {fact}", "metrics", at)

    def _shown_pii(self) -> Iterator[Misplaced]:
        """Yield what would show a column that tells who a person is; counting such a column is no matter."""
        hidden = {self.home(each.dataset): frozenset[str]() for each in self.dimensions if each.pii}
        for each in self.dimensions:
            if each.pii:
                hidden[self.home(each.dataset)] |= columns_named(each.expr)
        for at, metric in enumerate(self.metrics):
            if metric.type == "simple" and not metric.is_count:
                texts = [str(metric.expr), metric.conversion.expr if metric.conversion else ""]
                target = metric.target.expr if metric.target and metric.target.expr else ""
                named = hidden.get(self.home(metric.dataset), frozenset()) & columns_named(" ".join([*texts, target]))
                if named:
                    fact = f"metric {metric.name!r} would show {listed(sorted(named))}, which is `pii`. Only count it"
                    yield Misplaced(fact, "metrics", at)
        for at, dimension in enumerate(self.dimensions):
            named = hidden.get(self.home(dimension.dataset), frozenset()) & columns_named(dimension.expr)
            if named and not dimension.pii:
                fact = f"dimension {dimension.name!r} would show {listed(sorted(named))}, which is `pii` elsewhere"
                yield Misplaced(f"{fact}. Mark it `pii` too, or take it out", "dimensions", at)

    def _wrong_parts(self, metric: Metric) -> Iterator[str]:
        names = {each.name: each for each in self.metrics}
        for part in metric.parts:
            if part not in names:
                yield f"is made of {part!r}, which is no metric (there are {listed(names)})"
            elif metric.type == "ratio" and names[part].type != "simple":
                yield f"divides {part!r}, which is no simple metric. Use type 'derived', as `expr: a / b`"
        if metric.type == "derived" and metric.name in self._made_of(metric.name):
            yield "is made of itself. Leave one of the metrics on the way out"
        elif metric.parts and all(name in names for name in self._made_of(metric.name)):
            units = sorted({leaf.fixed_unit for leaf in self.leaves(metric.name) if leaf.fixed_unit})
            if len(units) > 1:
                yield f"reckons with money in {listed(units)}, which does not go together. Convert one of them"

    def _wrong_words(self, metric: Metric) -> Iterator[str]:
        shown = {each.name for each in self.shown_dimensions}
        for what, name in (("`currency`", metric.currency), ("`target.per`", metric.target and metric.target.per)):
            if name and name not in shown:
                yield f"has the {what} {name!r}, which is no dimension to show (there are {listed(sorted(shown))})"
            elif name and not self._parts_wrong(metric) and not self.reaches(metric.name, name):
                yield f"has the {what} {name!r}, to which no relationship leads from its dataset"
        if metric.type == "simple":
            home = self.home(metric.dataset)
            times = [each.name for each in self.times if self.home(each.dataset) == home]
            if not times:
                yield f"is of dataset {home!r}, which has no time dimension. Add one to `time_dimensions`"
            elif (metric.time_dimension or times[0]) not in times:
                yield f"has the time dimension {metric.time_dimension!r}; dataset {home!r} has {listed(times)}"

    def _parts_wrong(self, metric: Metric) -> bool:
        return any(True for _ in self._wrong_parts(metric))

    def _made_of(self, name: str) -> set[str]:
        """Return the names of all metrics that one is made of, directly or not."""
        names, found = {each.name: each for each in self.metrics}, set[str]()
        waiting = list(names[name].parts)
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting += names[part].parts if part in names else ()
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

    @property
    def measured(self) -> tuple[str, ...]:
        """The names of the datasets that have metrics, in the order of those."""
        return tuple(dict.fromkeys(self.home(each.dataset) for each in self.metrics if each.type == "simple"))

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

    @property
    def shown_dimensions(self) -> tuple[Dimension, ...]:
        """Those that may be named, listed, grouped and filtered by: all but `pii`."""
        return tuple(each for each in self.dimensions if not each.pii)


@dataclass(frozen=True)
class ModelFile:
    """A model and where its parts stand in its text; `file` is the name that messages show."""

    model: SemanticModel
    file: str
    root: yaml.Node

    def refused(self, fact: str, *at: str | int) -> FileRefused:
        """Return the refusal of a part, as ("metrics", 3), with its line."""
        is_written = self.root.start_mark is not None
        return FileRefused(self.file, follow(self.root, at)[1] if at and is_written else None, fact)

    def parts(self) -> Iterator[tuple[tuple[str | int, ...], Part]]:
        """Yield each time dimension, dataset, relationship, dimension and metric with the place where it stands."""
        if self.model.time_dimension:
            yield ("time_dimension",), self.model.time_dimension
        for key in ("time_dimensions", "datasets", "relationships", "dimensions", "metrics"):
            for at, part in enumerate(getattr(self.model, key)):
                yield (key, at), part


def read_model(path: Path) -> SemanticModel:
    """Return the model in a YAML file; raises FileRefused with the file, the line and what is wrong there."""
    return read_model_file(path).model


def read_model_file(path: Path) -> ModelFile:
    """Return the model in a YAML file with its lines; raises FileRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FileRefused(str(path), None, "This semantic model is not written in UTF-8. Save it so.") from None
    except OSError:
        raise FileRefused(
            "", None, f"There is no semantic model at {str(path)!r} that can be read. Name a YAML file that exists."
        ) from None
    return model_in(text, str(path))


def model_in(text: str, file: str = "") -> ModelFile:
    """Return the model in a text, without `file` as it came from a page; raises FileRefused."""
    roots = read_nodes(text, file)
    if len(roots) != 1:
        several = (
            f"The model is one YAML document, and these are {len(roots)}. Take out the lines that hold `---` alone."
        )
        raise FileRefused(file, None, several if roots else "The model is empty. Write it, or take one over.")
    content = Plain(file).value(roots[0])
    try:
        return ModelFile(SemanticModel.model_validate(content), file, roots[0])
    except ValidationError as error:
        line, sentence = fault_in(roots[0], content, error, SemanticModel, _SHAPES)
        raise FileRefused(file, line, sentence) from None


def model_file_of(content: Any) -> ModelFile:
    """Return the model that plain content holds, as if it stood in a file without lines; raises ValidationError."""
    return ModelFile(SemanticModel.model_validate(content), "", node_of(dict(content)))


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
