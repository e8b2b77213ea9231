"""A language model that is away is one outage for all jobs that ask it, and over when its server answers again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.llm import WEEK, tells_spend
from builders.model_servers import ModelServer, a_model_server, calls, fails
from builders.outages import Town, a_town
from builders.stores import opened, sqlite_url
from interact.chats.status import RunVerdict
from interact.connections.agents import probe_model
from interact.jobs.definition import Agent
from interact.runs.recovery import recover
from interact.store import agents, incidents


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with a_model_server(fails(503)) as running:
        yield running


@pytest.fixture
def town(tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """An organisation whose warehouse is there, and whose agent asks a model that is away."""
    monkeypatch.setenv("AIRFLOW_CONN_M", server.connection())
    with opened(sqlite_url(tmp_path)) as store:
        town = a_town(store, tmp_path)
        agent_id = town.job("unplanned", schedule=None).agent_id
        with store.writing() as session:
            stored = agents.by_id(session, agent_id)
            plain = stored.definition.model_dump() if stored else {}
            agents.save(session, Agent.model_validate(plain | {"type": "llm", "connection": "m"}), now=town.desk.now())
        town.load()
        yield town


def recovered(town: Town) -> int | None:
    with town.desk.store.reading() as session:
        (incident,) = incidents.still_open(session)
    again = recover(
        town.desk,
        incident,
        town.airflow,
        probe=lambda _: None,
        probe_model=probe_model,
        read_column=lambda *_: (),
    )
    return None if again is None else len(again)


def test_a_model_that_is_away_is_one_outage_that_ends_when_its_server_answers(town: Town, server: ModelServer) -> None:
    town.to("00:00")
    jobs = [town.job(), town.job("daily")]
    town.to("08:00:30")
    failed = [town.runs(job) for job in jobs]
    assert [run.verdict for run in failed] == [RunVerdict.FAILED] * 2
    assert [each.subject for each in town.incidents()] == ["model:m"]
    (notice,) = town.said("outage")
    assert notice.content.subject == "Outage: the model or service of connection 'm' cannot be reached"
    assert recovered(town) is None
    server.turns = [calls("query_metrics", **WEEK), tells_spend]
    asked = len(server.asked)
    assert recovered(town) == 2
    assert len(server.asked) == asked
    assert server.seen[-1] == "GET /v1/models"
