"""The suite's warehouses are the same each time, small, and use all that a semantic model can say."""

from pathlib import Path

import pytest

from interact.warehouse.semantic import Dimension, Metric, read_model
from prompts.warehouses import TABLES, make, model_path

SIZE = 4_000_000


@pytest.mark.parametrize("model", TABLES)
def test_the_rows_are_the_same_each_time(model: str) -> None:
    first, second = ({name: list(rows) for name, (_, rows) in TABLES[model]().items()} for _ in range(2))
    assert first == second
    assert all(first.values())


@pytest.mark.parametrize("model", TABLES)
def test_a_warehouse_is_one_small_file(model: str, tmp_path: Path) -> None:
    path = make(model, tmp_path)
    assert path.stat().st_size < SIZE
    assert list(tmp_path.iterdir()) == [path]


def test_every_part_of_a_semantic_model_is_used_somewhere() -> None:
    models = [read_model(model_path(name)) for name in TABLES]
    metrics = [metric for model in models for metric in model.metrics]
    dimensions = [dimension for model in models for dimension in model.dimensions]
    assert [
        name for name in Metric.model_fields if name != "description" and not any(getattr(m, name) for m in metrics)
    ] == []
    assert [name for name in Dimension.model_fields if not any(getattr(each, name) for each in dimensions)] == [
        "description"
    ]
    assert {metric.agg for metric in metrics} >= {"sum", "count", "count_distinct", "avg", "min", "max", "median"}
    assert {metric.semi_additive for metric in metrics} >= {"first", "last", "average"}
    assert {model.base_table is None for model in models} == {True, False}
