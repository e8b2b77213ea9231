"""A model's figures through a relationship that leads to several rows: it is told so, and gets none."""

from datetime import date
from pathlib import Path

from builders.llm import a_question, an_llm, answered, tells_spend
from builders.model_servers import a_model_server, calls
from interact.jobs.naming import new_id
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.semantic import SemanticModel

MODEL = SemanticModel.model_validate(
    {
        "name": "media",
        "datasets": [{"name": "delivery"}, {"name": "campaigns"}],
        "relationships": [
            {"from": "delivery", "to": "campaigns", "from_columns": ["campaign_id"], "to_columns": ["id"]}
        ],
        "time_dimensions": [{"name": "day", "expr": "day", "dataset": "delivery", "type": "date"}],
        "dimensions": [{"name": "network", "dataset": "campaigns"}],
        "metrics": [{"name": "spend", "agg": "sum", "expr": "spend"}],
    }
)


def test_a_relationship_that_leads_to_several_rows_gives_a_model_no_figure(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(tmp_path / "media.duckdb") as connection:
        connection.execute("CREATE TABLE delivery AS SELECT DATE '2026-11-20' AS day, 1 AS campaign_id, 50 AS spend")
        connection.execute(
            "CREATE TABLE campaigns AS SELECT * FROM (VALUES (1, 'Meta'), (1, 'TikTok')) AS t(id, network)"
        )
    week = {"metrics": ["spend"], "start": "2026-11-15", "end": "2026-11-21", "title": "Spend"}
    assert date.fromisoformat(week["end"]) < a_question().on_date
    split, whole = calls("query_metrics", **(week | {"dimensions": ["network"]})), calls("query_metrics", **week)
    door = DuckDbDoor(tmp_path / "media.duckdb", MODEL, {}, new_id=lambda: new_id("result"))
    with a_model_server(split, whole, tells_spend) as server, door:
        answered(an_llm(server), door=door)
    refused = server.asked[1].returns[0]
    assert "of which 1 value stands in several rows of 'campaigns': sums would count twice." in refused
    assert 'rows":' not in refused
    assert server.asked[2].result["rows"] == [[50]]
