"""`interact apply --check` lets the models of language agents say one word."""

from pathlib import Path
from typing import Any

import pytest

from builders.model_servers import a_model_server, fails, says
from builders.story import MODEL
from interact.commands.main import main

AGENT = """
kind: organisation
key: north
name: North
timezone: UTC
---
kind: agent
key: finance
organisation: north
name: Finance
type: llm
connection: m
fallbacks: [m2]
warehouse: w
semantic_model: {model}
"""


def test_a_model_that_does_not_answer_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "agent.yaml"
    file.write_text(AGENT.format(model=MODEL), encoding="utf-8")
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    with a_model_server(says("yes")) as first, a_model_server(fails(401)) as second:
        monkeypatch.setenv("AIRFLOW_CONN_M", first.connection())
        monkeypatch.setenv("AIRFLOW_CONN_M2", second.connection())
        assert run("migrate") == 0
        assert run("apply", "--check", str(file)) == 0
    warnings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")]
    assert [line for line in warnings if "finance" in line][1:] == [
        "warning: Agent 'finance': The model of connection 'm2' takes no question (status 401): it refuses the key. "
        "Put one that is in use into the connection's password."
    ]
    assert (len(first.asked), len(second.asked)) == (1, 1)


def run(*arguments: Any) -> int:
    return main(list(arguments))
