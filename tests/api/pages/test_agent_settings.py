"""An agent's settings: everybody reads what it can be asked, admins change it, and nothing of theirs is lost."""

import re
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from interact.jobs.stored import StoredAgent
from interact.store import agents, organisations

ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"


def settings_of(site: Any, key: str = "analyst") -> str:
    return f"/agents/{site.found.agents[key].agent_id}/settings"


def stored(site: Any, key: str = "analyst") -> StoredAgent:
    with site.found.desk.store.reading() as session:
        found = agents.by_id(session, site.found.agents[key].agent_id)
    assert found is not None
    return found


def typed(site: Any, key: str = "analyst", **changes: str) -> dict[str, str]:
    """Return the form of an agent as its page shows it, with changes; None takes a field out."""
    page = site.get(settings_of(site, key), "ivy").text
    fields = dict(re.findall(r'<input[^>]* name="(version|name|description|warehouse)"[^>]* value="([^"]*)"', page))
    fields |= dict(re.findall(r'<input type="hidden" name="(version)" value="([^"]*)"', page))
    texts = re.findall(r'<textarea[^>]*name="(semantic_model|instructions)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    fields |= {name: unescaped(text) for name, text in texts}
    return {**fields, "active": "on", **changes}


def unescaped(text: str) -> str:
    for entity, sign in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def saved(site: Any, who: str = "ivy", key: str = "analyst", **changes: str) -> Any:
    return site.post(settings_of(site, key), who, data=typed(site, key, **changes))


def wrong(page: str) -> dict[str, str]:
    """Return what stands beside the fields of a page."""
    return {name: unescaped(told) for name, told in re.findall(r'<p class="wrong" id="([\w-]+)-wrong">(.*?)</p>', page)}


def test_a_member_reads_what_the_agent_can_be_asked_and_what_it_is(site: Any) -> None:
    page = site.get(settings_of(site)).text
    assert "<strong><bdi>ROAS</bdi></strong>" in page and "return on ad spend" in page
    assert "one for each campaign" in page and "lower is better" in page
    assert "<bdi>Spend and ROAS by campaign for the past 7 days</bdi>" in page
    assert "<code>w</code>" in page and "agents.yaml" in page
    assert "<bdi>ivy</bdi> can change it." in page
    assert "<form" not in page and "Save" not in page.replace("Saved", "")


def test_a_stranger_finds_nothing(site: Any) -> None:
    path = settings_of(site)
    version = path.replace("settings", "versions/1")
    answers = [site.get(path, "eve"), site.post(path, "eve", data={"name": "x"}), site.get(version, "eve")]
    answers.append(site.post(f"{version}/restore", "eve", data={"version": "1"}))
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert all("Marketing analyst" not in answer.text for answer in answers)


def test_a_member_may_change_and_restore_nothing(site: Any) -> None:
    path = settings_of(site)
    assert site.post(path, "ada", data=typed(site, name="Mine")).status_code == 403
    assert site.post(path.replace("settings", "versions/1/restore"), "ada", data={"version": "1"}).status_code == 403
    assert stored(site).definition.name == "Marketing analyst"


def test_nobody_is_asked_to_sign_in(site: Any) -> None:
    assert site.client.get(settings_of(site)).status_code == 401
    assert site.client.post(settings_of(site), data={"name": "x"}).status_code == 401


def test_a_save_makes_a_version_and_says_so(site: Any) -> None:
    answer = saved(site, name="Analyst", instructions="Be brief.\nSay what is uncertain.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{settings_of(site)}?saved=2")
    page = site.get(f"{settings_of(site)}?saved=2", "ivy").text
    assert "Saved as version 2." in page
    assert "name &#39;Marketing analyst&#39; → &#39;Analyst&#39;; instructions" in page
    assert stored(site).definition.instructions == "Be brief.\nSay what is uncertain."


def test_every_save_is_listed_with_when_and_by_whom(site: Any) -> None:
    for number in range(23):
        saved(site, description=f"Save {number}")
    page = site.get(settings_of(site)).text
    assert re.search(r'<td data-label="Version">24 <span class="muted">now</span></td>', page)
    assert len(re.findall(r'data-label="Version"', page)) == 20
    assert len(re.findall(r"\d\d:\d\d CET<span class=\"under\">by <bdi>ivy</bdi>", page)) == 20
    older = re.search(r'href="([^"]*before=5[^"]*)">Older versions', page)
    assert older is not None
    page = site.get(older[1].removeprefix("/interact")).text
    assert re.findall(r'data-label="Version">(\d+)', page) == ["4", "3", "2", "1"]
    assert "by the file <code>agents.yaml</code>" in page and ">created</bdi>" in page
    assert site.get(f"{settings_of(site)}?before=1").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": ""}, "name", "“Name” is empty; fill it in."),
        ({"name": "x" * 121}, "name", "“Name” is longer than the 120 characters that are allowed."),
        ({"name": "a\x07b"}, "name", "The text 'a\\x07b' holds the character U+0007"),
        ({"description": "x" * 501}, "description", "“Description” is longer than the 500 characters"),
        ({"description": "two\nlines"}, "description", "holds the character U+000A"),
        ({"warehouse": "two words"}, "warehouse", "“Warehouse” takes the id of an Airflow connection"),
        ({"instructions": "x" * 20_001}, "instructions", "“Instructions” is longer than the 20,000 characters"),
        ({"semantic_model": "name: x\nlabel: [1"}, "semantic_model", "Line 2: This is no YAML"),
        ({"semantic_model": "name: x\nlable: y"}, "semantic_model", "Line 2: 'lable' is no key of the model (did you"),
        ({"semantic_model": ""}, "semantic_model", "The model is empty."),
    ],
)
def test_each_refusal_stands_at_its_field_and_nothing_is_lost(
    site: Any, changes: dict[str, str], field: str, told: str
) -> None:
    answer = saved(site, **{"description": "Typed", **changes})
    assert answer.status_code == 422
    assert list(wrong(answer.text)) == [field]
    assert told in wrong(answer.text)[field]
    assert f'id="{field}-wrong"' in answer.text and 'aria-invalid="true"' in answer.text
    assert "Typed" in answer.text or "description" in changes
    assert stored(site).version == 1


def test_what_is_wrong_beside_the_model_is_said_at_the_same_time(site: Any) -> None:
    answer = saved(site, name="", semantic_model="- x")
    assert set(wrong(answer.text)) == {"name", "semantic_model"}
    assert '<a href="#name">Name</a>' in answer.text and '<a href="#semantic_model">Semantic model</a>' in answer.text


def test_a_dimension_that_jobs_filter_by_is_not_taken_out(site: Any) -> None:
    model = typed(site)["semantic_model"]
    answer = saved(site, semantic_model=model.replace("name: market", "name: land"))
    assert answer.status_code == 422
    assert (
        "Job 'weekly' filters by 'market', which agent 'analyst' would not know" in wrong(answer.text)["semantic_model"]
    )


def test_two_admins_at_once_lose_nothing_of_either(site: Any) -> None:
    mine = typed(site, description="Mine", name="Marketing analyst")
    saved(site, name="Theirs", instructions="Theirs too.")
    answer = site.post(settings_of(site), "ivy", data=mine)
    assert answer.status_code == 409
    page = answer.text
    assert "Somebody else has saved version 2 meanwhile" in page and "by <bdi>ivy</bdi>" in page
    assert "<bdi>Paid media in NL, BE and DE, day by day.</bdi>" in page and "<bdi>Mine</bdi>" in page
    # What was not touched is as it is there now; saving again lets both edits hold.
    assert 'name="name" id="name" value="Theirs"' in page and "\nTheirs too.</textarea>" in page
    assert '<input type="hidden" name="version" value="2">' in page
    again = mine | {"version": "2", "name": "Theirs", "instructions": "Theirs too."}
    assert site.post(settings_of(site), "ivy", data=again).status_code == 303
    now = stored(site)
    assert (now.version, now.definition.name, now.definition.description) == (3, "Theirs", "Mine")
    assert now.definition.instructions == "Theirs too."


def test_two_edits_of_the_model_are_shown_line_by_line(site: Any) -> None:
    model = typed(site)["semantic_model"]
    mine = typed(site, semantic_model=model.replace("label: CPA", "label: Cost per order"))
    saved(site, semantic_model=model.replace("label: CPA", "label: Cost"))
    page = site.post(settings_of(site), "ivy", data=mine).text
    assert '<span class="gone">−     label: Cost\n' in page
    assert '<span class="come">+     label: Cost per order\n' in page
    assert "label: Cost per order" in page.split("<textarea")[2]


def test_a_refused_save_keeps_the_version_that_it_was_made_of(site: Any) -> None:
    # Else a conflict would be lost between the refusal and the next try.
    mine = typed(site, name="")
    saved(site, name="Theirs")
    page = site.post(settings_of(site), "ivy", data=mine).text
    assert '<input type="hidden" name="version" value="1">' in page


def test_switching_off_says_how_many_jobs_do_not_start_and_on_since_when(site: Any) -> None:
    page = site.get(settings_of(site), "ivy").text
    assert "its 6 jobs do not start: their times are recorded as skipped." in page
    assert saved(site, active="").status_code == 303
    page = site.get(f"{settings_of(site)}?saved=2", "ivy").text
    assert "The agent is off: its 6 jobs do not start until it is switched on." in page
    assert re.search(r"It is off since \d+ \w+ \d{4}, \d\d:\d\d CES?T \(version 2\)\.", page)
    assert "Its 6 jobs have not started since." in page
    assert re.search(r"<dt>Off since</dt><dd>\d+ \w+ \d{4}", site.get(settings_of(site)).text)


def test_an_agent_from_a_file_says_that_the_file_wins_when_it_is_applied_again(site: Any) -> None:
    told = "holds until that file is applied again"
    assert told in site.get(settings_of(site), "ivy").text
    saved(site, name="Analyst")
    assert told not in site.get(settings_of(site), "ivy").text


def test_a_version_shows_what_it_said_and_how_it_differs(site: Any) -> None:
    saved(site, name="Analyst", active="")
    path = settings_of(site).replace("settings", "versions/1")
    page = site.get(path).text
    assert "How it differs from version 2, which holds now" in page
    assert (
        '<td data-label="Now"><bdi>Analyst</bdi></td><td data-label="In version 1"><bdi>Marketing analyst</bdi>' in page
    )
    assert "kind: agent\nkey: analyst\norganisation: norrland\nname: Marketing analyst\n" in page
    assert "Restore" not in page
    assert "Restore version 1?" in site.get(path, "ivy").text
    assert "This is the version that holds now." in site.get(path.replace("/1", "/2"), "ivy").text


@pytest.mark.parametrize("number", ["0", "2", "-1", "99999999999999999999", "x"])
def test_a_version_that_is_not_there_is_not_found(site: Any, number: str) -> None:
    assert site.get(settings_of(site).replace("settings", f"versions/{number}"), "ivy").status_code in (404, 422)


def test_restoring_makes_a_new_version(site: Any) -> None:
    saved(site, name="Analyst", active="")
    path = settings_of(site).replace("settings", "versions/1/restore")
    answer = site.post(path, "ivy", data={"version": "2"})
    assert answer.headers["location"] == f"{settings_of(site)}?saved=3"
    now = stored(site)
    assert (now.version, now.definition.name, now.definition.active) == (3, "Marketing analyst", True)
    assert site.post(path, "ivy", data={"version": "2"}).status_code == 409
    assert site.post(path, "ivy", data={}).status_code == 409


def test_who_is_no_admin_any_more_by_then_saves_nothing(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from interact.api.pages import agent_settings

    mine = typed(site, name="Mine")
    plain_of = agent_settings.plain_of

    def meanwhile(form: Any) -> Any:
        with site.found.desk.store.writing() as session:
            there = organisations.by_key(session, "norrland")
            assert there is not None
            members = {"ada": "admin", "ivy": "member"}
            organisations.save(
                session, there.definition.model_copy(update={"members": members}), now=site.found.desk.now()
            )
        return plain_of(form)

    monkeypatch.setattr(agent_settings, "plain_of", meanwhile)
    answer = site.post(settings_of(site), "ivy", data=mine)
    assert answer.status_code == 403
    assert "is no admin of &#39;Norrland &amp; Kaye&#39; any more" in answer.text
    assert stored(site).version == 1


def test_names_that_hold_tags_stay_names(site: Any) -> None:
    saved(site, name=HOSTILE, instructions=HOSTILE, description=HOSTILE)
    paths = (settings_of(site), settings_of(site).replace("settings", "versions/2"))
    for page in (site.get(path, who).text for path in paths for who in ("ada", "ivy")):
        assert ESCAPED in page and "<script>alert" not in page and "<img src=x" not in page


def test_a_script_is_led_on_without_a_redirect(site: Any) -> None:
    answer = site.post(settings_of(site), "ivy", data=typed(site, name="Other"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, f"{settings_of(site)}?saved=2")


MODEL_FIELDS = {"requests": "8", "tool_calls": "20", "tokens": "50000", "cost_usd": "0.5"}


def naming(site: Any, who: str = "root", role: str = "admin", **changes: str) -> Any:
    """Save the agent as somebody who may change Airflow's connections."""
    return site.post(settings_of(site), who, role=role, data=typed(site, **changes))


def test_an_agent_becomes_one_on_a_language_model_with_limits_and_fallbacks(site: Any) -> None:
    naming(site, type="llm", connection="gpt", fallbacks="claude\nlocal", **MODEL_FIELDS)
    now = stored(site).definition
    assert (now.type, now.connection, now.fallbacks) == ("llm", "gpt", ("claude", "local"))
    assert now.limits.model_dump() == {"requests": 8, "tool_calls": 20, "tokens": 50_000, "cost_usd": 0.5}
    page = site.get(settings_of(site), "ivy").text
    assert re.search(r'name="type" value="llm" checked', page)
    assert 'value="gpt"' in page and "claude\nlocal</textarea>" in page and 'value="0.5"' in page
    assert "<dt>Asks</dt><dd><code>gpt</code>, then <code>claude</code>" in site.get(settings_of(site)).text


def test_an_agent_that_is_embedded_again_drops_its_connection_and_keeps_its_limits(site: Any) -> None:
    naming(site, type="remote", connection="service", fallbacks="left over", **MODEL_FIELDS)
    assert (stored(site).definition.type, stored(site).definition.fallbacks) == ("remote", ())
    naming(site, type="embedded", connection="service", fallbacks="x", requests="no number")
    now = stored(site).definition
    assert (now.type, now.connection, now.fallbacks, now.limits.requests) == ("embedded", None, (), 8)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"type": "llm"}, "connection", "lacks"),
        ({"type": "remote", "connection": "two words"}, "connection", "“Model or service” takes"),
        ({"type": "llm", "connection": "c", "fallbacks": "a b/c"}, "fallbacks", "“Fallbacks” takes"),
        ({"type": "llm", "connection": "c", "tokens": "many"}, "tokens", "“Tokens” takes a whole number"),
        ({"type": "llm", "connection": "c", "requests": "0"}, "requests", "“Requests”"),
        ({"type": "oracle"}, "type", "“Kind” takes"),
    ],
)
def test_what_is_wrong_about_a_model_stands_at_its_field(
    site: Any, changes: dict[str, str], field: str, told: str
) -> None:
    answer = naming(site, **changes)
    assert answer.status_code == 422
    assert told in wrong(answer.text)[field]


def test_only_who_may_change_airflows_connections_names_a_model_that_no_agent_asks_yet(site: Any) -> None:
    answer = saved(site, type="llm", connection="gpt")
    assert answer.status_code == 422
    assert wrong(answer.text)["connection"].startswith("Connection 'gpt' is asked by no agent of this organisation")
    naming(site, type="llm", connection="gpt")
    assert saved(site, type="llm", connection="gpt", description="New").status_code == 303
    answer = saved(site, type="llm", connection="gpt", fallbacks="another")
    assert "'another' is asked by no agent of this organisation (there are 'gpt')" in wrong(answer.text)["connection"]


def test_a_version_on_a_model_is_restored_by_an_admin_only_while_an_agent_asks_that_model(site: Any) -> None:
    naming(site, type="llm", connection="gpt")
    was = stored(site).version
    naming(site, type="embedded")
    restore = settings_of(site).replace("settings", f"versions/{was}/restore")
    refused = site.post(restore, "ivy", data={"version": str(was + 1)})
    assert refused.status_code == 422 and "&#39;gpt&#39; is asked by no agent" in refused.text
    assert site.post(restore, "root", role="admin", data={"version": str(was + 1)}).status_code == 303
    assert stored(site).definition.connection == "gpt"
