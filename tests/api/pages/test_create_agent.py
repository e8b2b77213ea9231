"""Admins create agents, with a model of their own or one that is taken over."""

import re
from typing import Any

import pytest

from builders.signed_in import bearer
from builders.story import MODEL
from interact.jobs.stored import StoredAgent
from interact.store import agents, organisations

DEMO = MODEL.read_text()
FORM = {"name": "Finance & control", "warehouse": "w", "semantic_model": DEMO, "active": "on"}


def made(site: Any, who: str = "ivy", **changes: str) -> Any:
    return site.post("/agents", who, data={"organisation": site.found.organisation_id} | FORM | changes)


def stored(site: Any, key: str) -> StoredAgent | None:
    with site.found.desk.store.reading() as session:
        return agents.by_key(session, site.found.organisation_id, key)


def wrong(page: str) -> dict[str, str]:
    return dict(re.findall(r'<p class="wrong" id="([\w-]+)-wrong">(.*?)</p>', page))


def test_an_admin_creates_an_agent_and_comes_to_its_settings(site: Any) -> None:
    answer = made(site, description="Costs by month", instructions="Be brief.")
    agent = stored(site, "finance-control")
    assert agent is not None
    assert answer.headers["location"] == f"/agents/{agent.agent_id}/settings?saved=1"
    assert (agent.definition.name, agent.definition.warehouse) == ("Finance & control", "w")
    assert (agent.definition.description, agent.definition.active) == ("Costs by month", True)
    assert "Finance &amp; control" in site.get("/agents").text


def test_a_slug_may_be_written_and_an_agent_may_begin_switched_off(site: Any) -> None:
    made(site, key="own-slug", active="")
    agent = stored(site, "own-slug")
    assert agent is not None and not agent.definition.active


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_a_member_is_told_who_creates_agents(site: Any, who: str) -> None:
    answers = [site.get("/agents/new", who), made(site, who), site.post("/agents", who, data=FORM)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "Only an admin" in answers[0].text
    assert stored(site, "finance-control") is None


def test_an_admin_of_another_organisation_makes_none_here_and_takes_no_model_over(site: Any) -> None:
    assert made(site, "eve").status_code == 404
    analyst = site.found.agents["analyst"].agent_id
    assert site.get(f"/agents/new/model?like={analyst}", "eve").status_code == 404
    assert "Marketing analyst" not in site.get("/agents/new", "eve").text
    assert stored(site, "finance-control") is None


def test_a_model_that_exists_is_a_start(site: Any) -> None:
    page = site.get("/agents/new", "ivy").text
    analyst = site.found.agents["analyst"].agent_id
    assert f'<option value="{analyst}">Marketing analyst</option>' in page
    part = site.get(f"/agents/new/model?like={analyst}", "ivy").text
    assert part.startswith('<div class="field" id="model-field">')
    assert "Taken over from <bdi>Marketing analyst</bdi>" in part and "base_table: ad_performance" in part
    assert site.get(f"/agents/new/model?like={analyst}", "ada").status_code == 403


def test_who_manages_several_organisations_picks_one(site: Any) -> None:
    with site.found.desk.store.writing() as session:
        south = organisations.by_key(session, "south")
        assert south is not None
        members = {"eve": "admin", "ivy": "admin"}
        changed = south.definition.model_copy(update={"members": members})
        organisations.save(session, changed, now=site.found.desk.now())
    page = site.get("/agents/new", "ivy").text
    assert re.findall(r'<option value="org_[^"]*"(?: selected)?>([^<]*)<', page) == ["Norrland &amp; Kaye", "South"]
    assert "Marketing analyst · Norrland" in page
    assert made(site, organisation=south.organisation_id).status_code == 422  # Its agents read no connection yet.
    data = FORM | {"organisation": south.organisation_id}
    answer = site.post("/agents", "root", role="admin", data=data)
    with site.found.desk.store.reading() as session:
        (agent,) = agents.all_of(session, south.organisation_id)
    assert answer.headers["location"].startswith(f"/agents/{agent.agent_id}/")


@pytest.mark.parametrize(
    ("changes", "status", "field", "told"),
    [
        ({"name": ""}, 422, "name", "“Name” is empty; fill it in."),
        ({"key": "No!"}, 422, "key", "“Slug” takes a-z, 0-9 and hyphens inside"),
        ({"key": "analyst"}, 409, "key", "There is an agent &#39;analyst&#39; already. Name another key"),
        ({"warehouse": ""}, 422, "warehouse", "“Warehouse” takes the id of an Airflow connection"),
        ({"semantic_model": "a: [1"}, 422, "semantic_model", "Line 1: This is no YAML"),
        ({"semantic_model": DEMO.replace("agg: sum", "agg: total", 1)}, 422, "semantic_model", "`metrics.agg` takes"),
    ],
)
def test_each_refusal_stands_at_its_field_and_nothing_is_lost(
    site: Any, changes: dict[str, str], status: int, field: str, told: str
) -> None:
    answer = made(site, **{"instructions": "Typed by hand.", **changes})
    assert answer.status_code == status
    assert list(wrong(answer.text)) == [field]
    assert told in wrong(answer.text)[field]
    assert "\nTyped by hand.</textarea>" in answer.text
    assert stored(site, "finance-control") is None


def test_who_may_change_connections_is_offered_those_of_airflow(site: Any, two_connections: None) -> None:
    page = site.get("/agents/new", "root", role="admin").text
    assert '<option value="a_warehouse"></option>' in page and "smtp" not in page
    analyst = site.found.agents["analyst"].agent_id
    assert "a_warehouse" in site.get(f"/agents/{analyst}/settings", "root", role="admin").text
    for who in ("ivy", "ada"):
        assert "a_warehouse" not in site.get(f"/agents/{analyst}/settings", who).text
    assert '<option value="w"></option>' in site.get("/agents/new", "ivy").text


def test_another_admin_names_no_connection_that_their_agents_do_not_read_yet(site: Any) -> None:
    form = FORM | {"warehouse": "of_another_organisation"}
    answer = site.post("/agents", "ivy", data=form)
    assert answer.status_code == 422
    told = (
        "Connection &#39;of_another_organisation&#39; is read by no agent of this organisation (there are &#39;w&#39;)."
    )
    assert told in answer.text and 'id="warehouse-wrong"' in answer.text
    analyst = site.found.agents["analyst"]
    edit = form | {"name": "Other", "version": str(analyst.version)}
    assert site.post(f"/agents/{analyst.agent_id}/settings", "ivy", data=edit).status_code == 422
    with site.found.desk.store.reading() as session:
        kept = agents.by_id(session, analyst.agent_id)
    assert kept is not None and (kept.version, kept.definition.warehouse) == (1, "w")
    by_root = site.post("/agents", "root", role="admin", data=form | {"organisation": site.found.organisation_id})
    assert by_root.status_code == 303


@pytest.fixture
def two_connections(airflow_database: None) -> Any:
    """Let Airflow know a warehouse and a mail server."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        session.add(Connection(conn_id="a_warehouse", conn_type="duckdb", password="secret", extra='{"path": "/x"}'))
        session.add(Connection(conn_id="smtp", conn_type="smtp"))
    yield
    with create_session() as session:
        session.query(Connection).filter(Connection.conn_id.in_(["a_warehouse", "smtp"])).delete()


def test_a_form_of_another_site_is_refused(site: Any) -> None:
    from builders.signed_in import token_of

    cookie = {"Cookie": f"_token={token_of('ivy')}", "Origin": "https://elsewhere.example"}
    answer = site.client.post("/agents", headers=cookie, data=FORM)
    assert (answer.status_code, stored(site, "finance-control")) == (403, None)
    assert site.client.post("/agents", headers=bearer("ivy"), json=FORM).status_code == 422
