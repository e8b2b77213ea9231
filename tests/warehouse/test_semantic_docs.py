"""docs/semantic-models.md is true: its models are models, its commands run, and it names every key."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from builders.drafted import ROWS, TABLES
from interact.commands.main import main
from interact.warehouse.compile import compile_query
from interact.warehouse.queries import MetricQuery, Window
from interact.warehouse.semantic import Dataset, Dimension, Metric, Relationship, SemanticModel, TimeDimension, model_in

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "semantic-models.md").read_text(encoding="utf-8")
MODELS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MAY = Window(date(2026, 5, 1), date(2026, 5, 31))


@pytest.mark.parametrize("text", MODELS)
def test_its_models_can_be_asked_for_all_that_they_name(text: str) -> None:
    model = model_in(text).model
    for metric in model.metrics:
        by = [each.name for each in model.shown_dimensions if model.reaches(metric.name, each.name)]
        for name in by:
            grouped = (name, "currency") if any(leaf.currency for leaf in model.leaves(metric.name)) else (name,)
            sql = compile_query(MetricQuery((metric.name,), MAY, grouped, compare=MAY.before()), model).sql
            assert f"AS {name}" in sql or f"\n    {name}," in sql
        assert by


@pytest.mark.parametrize("shape", [SemanticModel, Dataset, Relationship, Dimension, TimeDimension, Metric])
def test_it_names_every_key(shape: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in shape.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


def test_its_examples_show_every_key_of_a_metric() -> None:
    shown = {key for key in Metric.model_fields if any(f"{key}: " in text for text in MODELS)}
    assert shown == set(Metric.model_fields)


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    monkeypatch.chdir(tmp_path)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        for statement in (*TABLES, *ROWS):
            connection.execute(statement)
        connection.execute(f"UPDATE orders SET ordered_at = TIMESTAMP '{yesterday} 10:00'")
    commands = re.findall(r"^\$ interact (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        assert main(shlex.split(command)) == 0, capsys.readouterr()
    assert "Holland" in capsys.readouterr().out
