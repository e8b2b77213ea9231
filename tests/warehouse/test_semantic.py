"""The semantic model as a file: what is accepted, and what a refusal names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from interact.errors import DefinitionRefused
from interact.warehouse.semantic import SemanticModel, read_model


def a_model(**changes: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "label": "Shop",
        "base_table": "sales",
        "time_dimension": {"name": "date", "label": "Date", "expr": "date"},
        "dimensions": [{"name": "market", "label": "Market", "plural": "markets", "expr": "market"}],
        "metrics": [
            {"name": "spend", "label": "Spend", "agg": "sum", "expr": "spend", "format": "currency", "unit": "EUR"},
            {"name": "clicks", "label": "Clicks", "agg": "sum", "expr": "clicks", "format": "integer"},
            {
                "name": "cpc",
                "label": "CPC",
                "type": "ratio",
                "numerator": "spend",
                "denominator": "clicks",
                "format": "number",
            },
        ],
        "default_metrics": ["spend"],
        "default_dimension": "market",
    } | changes


def test_a_model_is_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(a_model()), encoding="utf-8")
    model = read_model(path)
    assert model.metric("cpc").denominator == "clicks"
    assert model.dimension("market").plural == "markets"
    assert model == SemanticModel.model_validate(a_model())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dimension": []}, "dimension"),
        ({"base_table": "a;b"}, "base_table"),
        ({"default_metrics": ["roas"]}, "the defaults name 'roas'"),
        ({"default_dimension": "planet"}, "the defaults name 'planet'"),
        ({"metrics": [{"name": "spend", "label": "Spend", "format": "number"}]}, "lacks 'agg', 'expr'"),
        (
            {"dimensions": [{"name": "spend", "label": "S", "plural": "s", "expr": "s"}], "default_dimension": "spend"},
            "both",
        ),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(a_model(**changes)), encoding="utf-8")
    with pytest.raises(DefinitionRefused, match=f"'model.yaml' is wrong at .*{reason}"):
        read_model(path)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(DefinitionRefused, match=r"'model.yaml' is no YAML"):
        read_model(tmp_path / "model.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionRefused, match=r"no semantic model at .*absent.yaml"):
        read_model(tmp_path / "absent.yaml")
