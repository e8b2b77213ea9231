"""The demo's semantic model fits its data."""

from __future__ import annotations

import itertools
import runpy
from datetime import date
from pathlib import Path

import pytest

from interact.warehouse.compile import compile_query
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import MetricQuery, Window
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).parents[2] / "include" / "demo"
WEEK = Window(date(2026, 11, 8), date(2026, 11, 14))


@pytest.fixture(scope="module")
def model() -> SemanticModel:
    return read_model(DEMO / "semantic_model.yaml")


def test_every_metric_by_every_dimension_runs(model: SemanticModel, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, WEEK.end)
    names, numbers = tuple(metric.name for metric in model.metrics), itertools.count(1)
    with DuckDbDoor(path, model, {}, new_id=lambda: f"result_{next(numbers):012}") as door:
        for dimension in (dimension.name for dimension in model.dimensions):
            query = MetricQuery(names, WEEK, (dimension,), compare=WEEK.before(), targets=True)
            result = door.run(compile_query(query, model), title=dimension)
            assert [result.value(0, name) is not None for name in names] == [True] * len(names)


def test_no_word_means_two_things(model: SemanticModel) -> None:
    words = [
        word.lower()
        for part in (*model.metrics, *model.dimensions)
        for word in {
            part.name.replace("_", " "),
            part.label.lower(),
            getattr(part, "plural", part.name),
            *part.synonyms,
        }
    ]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []


def test_costs_are_good_when_they_fall_and_returns_when_they_rise(model: SemanticModel) -> None:
    assert {name: model.metric(name).good for name in ("cpa", "cpc", "roas", "revenue", "spend")} == {
        "cpa": "down",
        "cpc": "down",
        "roas": "up",
        "revenue": "up",
        "spend": None,
    }


def test_targets_are_per_campaign(model: SemanticModel) -> None:
    targets = {metric.name: (metric.target.expr, metric.target.per) for metric in model.metrics if metric.target}
    assert targets == {"cpa": ("MAX(target_cpa)", "campaign"), "roas": ("MAX(target_roas)", "campaign")}


def test_money_names_its_currency(model: SemanticModel) -> None:
    assert {metric.unit for metric in model.metrics if metric.format == "currency"} == {"EUR"}
    assert {metric.unit for metric in model.metrics if metric.format != "currency"} == {None}
