"""The form in which somebody writes a job: what it shows, what it makes, what it refuses and where, the preview."""

import html
import re
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.prompts import REPORT
from builders.served import a_page
from interact.jobs.channels import Channel
from interact.jobs.stored import StoredJob
from interact.store import channels, jobs

DAILY = {"name": "Daily spend", "prompt": "Show spend by campaign for yesterday.", "visibility": "organisation"}
MARKET = {"parameter": "0", "parameter-0-name": "market", "parameter-0-type": "choice", "parameter-0-values": "NL\nBE"}
WAITING = {"assets": "orders", "trigger_schedule": "and", "cutoff_minutes": "60", "schedule_on": "on", "cron": "@daily"}


def new(site: Any) -> str:
    return f"/agents/{site.found.agents['analyst'].agent_id}/jobs"


def saved(site: Any, answer: Any) -> StoredJob:
    """The job that an answer leads to."""
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/jobs/(job_[a-z0-9]{12})\?saved=[0-9]+", answer.headers["location"])
    assert found, answer.headers["location"]
    with site.found.desk.store.reading() as session:
        job = jobs.by_id(session, found[1])
    assert job is not None
    return job


def wrong(page: str) -> dict[str, str]:
    """What stands beside the fields of a page, by the field's name."""
    found = re.findall(r'<p class="wrong" id="([a-z0-9_-]+)-wrong">(.*?)</p>', page, re.DOTALL)
    return {name: html.unescape(sentence) for name, sentence in found}


def head(page: str) -> str:
    """What the head of a form says of its refusal, without tags."""
    found = re.search(r'id="refusal"><p>(.*?)</p>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])) if found else ""


def test_the_form_asks_in_the_order_in_which_people_think(site: Any) -> None:
    page = site.get(f"{new(site)}/new").text
    names = ("name", "prompt", "visibility", "schedule_on", "cron", "timezone", "add-parameter", "assets")
    places = [page.index(f'id="{name}"') for name in (*names, "time_limit_minutes", "parallel_chats")]
    assert places == sorted(places)


def test_a_new_job_is_everybodys_and_runs_by_hand_until_somebody_says_otherwise(site: Any) -> None:
    page = site.get(f"{new(site)}/new").text
    assert re.search(r'value="organisation" checked', page)
    assert re.search(r'name="schedule_on" data-shows', page)
    assert re.search(r'id="cron"[^>]* value="0 8 \* \* 1"', page)
    assert 'placeholder="Europe/Amsterdam"' in page
    assert "Private job of <bdi>ada</bdi>" in page


def test_a_name_and_a_prompt_make_a_job(site: Any) -> None:
    job = saved(site, site.post(new(site), data={**DAILY, "cron": "0 8 * * 1"}))
    definition = job.definition
    assert (definition.name, definition.prompt, definition.owner) == ("Daily spend", DAILY["prompt"], "ada")
    assert (definition.agent, definition.schedule, definition.triggers) == ("analyst", None, None)
    assert (job.version, job.kept_in, definition.key) == (1, None, "daily-spend")
    page = site.get(f"/jobs/{job.job_id}?saved=1").text
    assert "The job is saved. It runs by hand, or through the API." in page
    assert "The job is saved." not in site.get(f"/jobs/{job.job_id}").text


def test_all_that_a_form_has_goes_into_the_job(site: Any) -> None:
    with site.found.desk.store.writing() as session:
        plain = {"key": "mail", "organisation": "norrland", "name": "Team mail", "type": "email", "connection": "smtp"}
        channel = Channel.model_validate({**plain, "recipients": ["team@example.com"]})
        channels.save(session, channel, now=site.found.desk.now())
    assert "Team mail" in site.get(f"{new(site)}/new").text
    whole = {
        **DAILY,
        **MARKET,
        **WAITING,
        "visibility": "private",
        "on_holiday": "next",
        "lateness_minutes": "45",
        "timezone": "Asia/Tokyo",
        "when": "any",
        "at_cutoff": "skip",
        "fresh_minutes": "300",
        "channels": "mail",
        "time_limit_minutes": "15",
        "parallel_chats": "2",
        "parameter-0-default": "*",
        "parameter-0-schedule": "NL",
        "parameter-0-description": "Where it was sold",
    }
    job = saved(site, site.post(new(site), data=whole))
    plain = job.definition.model_dump(mode="json", exclude_defaults=True)
    assert plain == {
        "key": "private-2",  # Of its name it says nothing; another one is there already.
        "organisation": "norrland",
        "agent": "analyst",
        "owner": "ada",
        "name": "Daily spend",
        "prompt": DAILY["prompt"],
        "visibility": "private",
        "parameters": {
            "market": {
                "values": ["NL", "BE"],
                "default": ["*"],
                "schedule": ["NL"],
                "description": "Where it was sold",
            }
        },
        "channels": ["mail"],
        "time_limit_minutes": 15,
        "parallel_chats": 2,
        "timezone": "Asia/Tokyo",
        "schedule": {"cron": "@daily", "on_holiday": "next", "lateness_minutes": 45},
        "triggers": {
            "assets": ["orders"],
            "when": "any",
            "schedule": "and",
            "cutoff_minutes": 60,
            "at_cutoff": "skip",
            "fresh_minutes": 300,
        },
    }
    page = site.get(f"/jobs/{job.job_id}?saved=1").text
    assert (
        "JST." in page and "Each time of its schedule waits until &#39;orders&#39; is loaded, for 1 h at most" in page
    )


def test_a_script_is_led_on_as_well_as_a_plain_form(site: Any) -> None:
    answer = site.post(new(site), data=DAILY, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert re.fullmatch(r"/jobs/job_[a-z0-9]{12}\?saved=1", answer.headers["hx-redirect"])


REFUSED = [
    ({"name": ""}, "name", "“Name” is empty; fill it in."),
    ({"name": "x" * 121}, "name", "“Name” is longer than the 120 characters that are allowed."),
    (
        {"name": "a\0b"},
        "name",
        "The text 'a\\x00b' holds the character U+0000, which is none to read. Take it out; tabs and line breaks may "
        "stand in a prompt, instructions, a context or a query only.",
    ),
    ({"prompt": " \n"}, "prompt", "“Prompt” is empty; fill it in."),
    (
        {"prompt": "Spend of {{ market }}?"},
        "prompt",
        "The prompt uses the placeholder 'market', which is no parameter of this job (there are none). Add it under "
        "Parameters or take it out of the prompt.",
    ),
    (
        {"prompt": "Spend of {market}?"},
        "prompt",
        "The prompt holds '{market}', which is no placeholder. Write two braces: '{{ market }}'.",
    ),
    ({"visibility": "public"}, "visibility", "“Visibility” takes 'private' or 'organisation', not 'public'."),
    (
        {"schedule_on": "on", "cron": ""},
        "cron",
        "Schedule '' is empty. Write five fields (minute, hour, day of month, month, day of week), as '0 8 * * MON', "
        "or a shortcut: @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly, @annually, @first-weekday "
        "and @last-weekday (both with a time if you like, as 09:30).",
    ),
    (
        {"schedule_on": "on", "cron": "0 25 * * *"},
        "cron",
        "Schedule '0 25 * * *' cannot be used: the hour field holds '25'; it takes 0 to 23: a value, a range 1-5, a "
        "list 1,3 or a step */2.",
    ),
    (
        {"cron": "0 8 * *"},
        "cron",
        "Schedule '0 8 * *' has 4 fields; a schedule has exactly 5. Write five fields (minute, hour, day of month, "
        "month, day of week), as '0 8 * * MON', or a shortcut.",
    ),
    (
        {"schedule_on": "on", "cron": "@daily", "on_holiday": "move"},
        "on_holiday",
        "“On a holiday” takes 'run', 'skip', 'next' or 'previous', not 'move'.",
    ),
    (
        {"schedule_on": "on", "cron": "@daily", "lateness_minutes": "soon"},
        "lateness_minutes",
        "“Late by at most” takes a whole number, not 'soon'.",
    ),
    (
        {"timezone": "Mars/Olympus"},
        "timezone",
        "'Mars/Olympus' is no IANA time zone; write it as 'Europe/Amsterdam' or 'UTC'.",
    ),
    (
        {"assets": "spend\né"},
        "assets",
        "“Data” takes as an asset's name or URI letters, digits and signs of ASCII, not 'é'.",
    ),
    ({"assets": "a\na"}, "assets", "'a' stands twice. Take one of them out."),
    ({**WAITING, "assets": ""}, "assets", "“Data” is empty; fill it in."),
    ({"assets": "a", "when": "some"}, "when", "“Starts when” takes 'any' or 'all', not 'some'."),
    (
        {**WAITING, "schedule_on": "", "cron": ""},
        "trigger_schedule",
        "With “Wait for this data” the job's own schedule waits for the data, and the job has none. Enable its "
        "schedule, or untick this.",
    ),
    (
        {**WAITING, "cutoff_minutes": ""},
        "cutoff_minutes",
        "With “Wait for this data” it needs “Wait at most”: how long after the planned time the job waits for the "
        "data, 1 to 1440.",
    ),
    ({**WAITING, "cutoff_minutes": "5000"}, "cutoff_minutes", "“Wait at most” takes at most 1440, not '5000'."),
    (
        {**WAITING, "cron": "@hourly"},
        "cutoff_minutes",
        "“Wait at most” is 60, and the schedule '@hourly' comes again after 60 minutes: a time waits for its data "
        "until the next one at most. Name fewer minutes.",
    ),
    (
        {**WAITING, "at_cutoff": "wait"},
        "at_cutoff",
        "“When it has not come by then” takes 'run' or 'skip', not 'wait'.",
    ),
    ({**WAITING, "fresh_minutes": "0"}, "fresh_minutes", "“Loaded within” takes at least 1, not '0'."),
    (
        {"channels": "mail"},
        "channels",
        "Job 'daily-spend' names channel 'mail', which does not exist in organisation 'norrland' (there are none). "
        "Name one of them, or define it too.",
    ),
    ({"time_limit_minutes": "1.5"}, "time_limit_minutes", "“Time limit” takes a whole number, not '1.5'."),
    ({"parallel_chats": "101"}, "parallel_chats", "“Chats at a time” takes at most 100, not '101'."),
    (
        {**MARKET, "parameter-0-name": "The market"},
        "parameter-0-name",
        "A job takes as a parameter's name a-z, 0-9 and underscores, beginning with a letter, not 'The market'.",
    ),
    (
        {**MARKET, "parameter-0-name": ""},
        "parameter-0-name",
        "A job takes as a parameter's name a-z, 0-9 and underscores, beginning with a letter, not ''.",
    ),
    (
        {**MARKET, "parameter-0-name": "spend"},
        "parameter-0-name",
        "The parameter 'spend' bears the name of a metric, which cannot be filtered by. Give it another name; a "
        "dimension's name makes it a filter ('campaign', 'channel', 'market').",
    ),
    (
        {**MARKET, "parameter-0-name": "season"},
        "parameter-0-name",
        "The parameter 'season' changes nothing: it is neither a dimension of agent 'analyst' ('campaign', 'channel', "
        "'market') nor a placeholder of the prompt, as '{{ season }}'. Correct its name, or take it out.",
    ),
    (
        {**MARKET, "parameter": ["0", "4"], "parameter-4-name": "market"},
        "parameter-4-name",
        "The parameter 'market' stands twice. Give one of the two another name, or take it out.",
    ),
    (
        {**MARKET, "parameter-0-type": "colour"},
        "parameter-0-type",
        "Parameter 'market' takes 'choice', 'text', 'number' or 'date', not 'colour'.",
    ),
    (
        {**MARKET, "parameter-0-values": ""},
        "parameter-0-values",
        "Parameter 'market' is a choice and lacks what can be chosen. Add “Values” or a “Query”, or make its “Type” "
        "text, number or date.",
    ),
    (
        {**MARKET, "parameter-0-values": "NL\nNL"},
        "parameter-0-values",
        "Parameter 'market' has 'NL' twice in “Values”. Take one of them out.",
    ),
    (
        {**MARKET, "parameter-0-type": "number"},
        "parameter-0-values",
        "Parameter 'market' takes a number of at most 15 digits, as 12 or 0.5, not 'NL'.",
    ),
    (
        {**MARKET, "parameter-0-query": "SELECT market FROM ad_performance"},
        "parameter-0-query",
        "Parameter 'market' has both “Values” and a “Query”. Keep one of the two.",
    ),
    (
        {**MARKET, "parameter-0-default": "FR"},
        "parameter-0-default",
        "Parameter 'market' has the default 'FR', which is not among its values 'NL', 'BE'.",
    ),
    (
        {**MARKET, "parameter-0-schedule": "NL\nFR"},
        "parameter-0-schedule",
        "Parameter 'market' has the schedule 'FR', which is not among its values 'NL', 'BE'.",
    ),
    (
        {**MARKET, "schedule_on": "on", "cron": "@daily"},
        "parameter-0-default",
        "Nobody names values when the job runs by itself, and the parameter 'market' has no default. Give it a "
        "“Default”, or the values of its “On schedule”.",
    ),
    (
        {**MARKET, "parameter-0-description": "x" * 201},
        "parameter-0-description",
        "Parameter 'market' is longer than the 200 characters that are allowed.",
    ),
]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"), REFUSED, ids=[f"{each[1]}-{n}" for n, each in enumerate(REFUSED)]
)
def test_a_field_that_is_refused_says_so_itself_and_the_head_leads_there(
    site: Any, typed: dict[str, Any], field: str, sentence: str
) -> None:
    answer = site.post(new(site), data={**DAILY, **typed})
    assert answer.status_code == 422
    page = answer.text
    assert wrong(page) == {field: sentence}
    assert head(page).endswith(sentence) and head(page).startswith("Nothing is saved yet.")
    assert f'<a href="#{field}">' in page and page.count(f' id="{field}"') == 1
    if field != "channels":  # There are none to tick.
        (tag,) = re.findall(rf'<(?:input|textarea|select)[^>]* id="{field}"[^>]*>', page)
        assert 'aria-invalid="true"' in tag and f'{field}-wrong"' in tag
    with site.found.desk.store.reading() as session:
        assert jobs.by_key(session, site.found.organisation_id, "daily-spend") is None


def test_a_refused_form_still_holds_what_was_typed(site: Any) -> None:
    typed = {
        **DAILY,
        **MARKET,
        "name": "",
        "prompt": f"Spend {HOSTILE}\nof yesterday",
        "visibility": "private",
        "schedule_on": "on",
        "cron": "*/7 * * * *",
        "timezone": "Asia/Tokyo",
        "assets": "orders",
        "time_limit_minutes": "77",
    }
    page = site.post(new(site), data=typed).text
    assert html.escape(typed["prompt"], quote=True).replace("&#x27;", "&#39;") in page and HOSTILE not in page
    for shown in ('value="*/7 * * * *"', 'value="Asia/Tokyo"', ">\norders<", 'value="77"', ">\nNL\nBE<"):
        assert shown in page
    assert re.search(r'value="private" checked', page) and re.search(r'name="schedule_on" checked', page)


def test_a_part_that_is_shut_opens_around_what_is_wrong_in_it(site: Any) -> None:
    page = site.post(new(site), data={**DAILY, "parallel_chats": "many", "cron": "@daily"}).text
    assert '<details class="fold" id="more" open>' in page
    page = site.post(new(site), data={**DAILY, "cron": "never"}).text
    assert 'data-shows="#schedule-part"' not in page


def test_a_parameters_row_comes_with_the_button_for_the_next(site: Any) -> None:
    part = site.get(f"/agents/{site.found.agents['analyst'].agent_id}/parameter-row?n=3").text
    assert 'name="parameter" value="3"' in part and 'name="parameter-3-name"' in part
    assert re.search(r'id="add-parameter"[^>]*parameter-row\?n=4"[^>]*hx-swap-oob="true"', part)
    assert site.get(f"/agents/{site.found.agents['analyst'].agent_id}/parameter-row?n=-1").status_code == 422


def test_an_answer_is_saved_as_a_job_with_its_question_and_its_values(site: Any) -> None:
    chat_id = site.found.chats["weekly"]
    page = site.get(f"{new(site)}/new?chat={chat_id}").text
    assert f">\n{REPORT}</textarea>" in html.unescape(page)
    assert 'value="Weekly Campaign Performance Report · NL"' in page
    assert 'name="parameter-0-name" class="code" value="market"' in page
    assert re.search(r'name="parameter-0-default"[^>]*>\nNL</textarea>', page)
    assert re.search(r'name="schedule_on" data-shows', page)


def test_a_private_answer_is_saved_as_a_private_job(site: Any) -> None:
    page = site.get(f"{new(site)}/new?chat={site.found.chats['private']}").text
    assert re.search(r'value="private" checked', page)
    assert site.get(f"{new(site)}/new?chat={site.found.chats['private']}", "bob").status_code == 404


def test_a_question_is_saved_as_everybodys_job_called_by_its_first_line(site: Any) -> None:
    from builders.airflow_tables import save_dag
    from interact.api.handover import start_question
    from interact.jobs.rights import Person

    save_dag("interact_ask")
    ada = Person("ada", site.found.organisation_id, "member")
    accepted = start_question(
        site.found.desk, ada, site.found.agents["analyst"].agent_id, "Spend by market for yesterday.\nIn short."
    )
    page = site.get(f"{new(site)}/new?chat={accepted.chats[0].chat_id}").text
    assert 'value="Spend by market for yesterday"' in page
    assert ">\nSpend by market for yesterday.\nIn short.</textarea>" in page
    assert (
        re.search(r'value="organisation" checked', page)
        and 'name="time_limit_minutes" inputmode="numeric" value="30"' in page
    )


def test_a_preview_runs_the_draft_once_and_shows_it_live(site: Any) -> None:
    from builders.airflow_tables import save_dag
    from interact.store import chats

    save_dag("interact_ask")
    url = f"/agents/{site.found.agents['analyst'].agent_id}/preview"
    answer = site.post(url, data={**DAILY, **MARKET, "name": "", "parameter-0-default": "BE\nNL"})
    assert answer.status_code == 200, answer.text
    found = re.findall(r'hx-get="/chats/(chat_[a-z0-9]{12})/live" hx-trigger="load"', answer.text)
    assert len(found) == 1
    with site.found.desk.store.reading() as session:
        chat = chats.by_id(session, found[0])
        assert jobs.by_key(session, site.found.organisation_id, "draft") is None
    assert chat is not None and chat.parameters == {"market": "BE"}
    assert site.get(f"/chats/{found[0]}/live").status_code == 200
    assert site.get(f"/chats/{found[0]}/live", "bob").status_code == 404


def test_a_draft_that_cannot_run_says_why_and_leads_to_the_field(site: Any) -> None:
    from builders.airflow_tables import save_dag

    save_dag("interact_ask")
    url = f"/agents/{site.found.agents['analyst'].agent_id}/preview"
    answer = site.post(url, data={**DAILY, **MARKET, "parameter-0-values": ""})
    assert answer.status_code == 422
    assert '<a href="#parameter-0-values">Parameter &#39;market&#39; is a choice' in answer.text
    retired = site.post(f"/agents/{site.found.agents['retired'].agent_id}/preview", data=DAILY)
    assert retired.status_code == 409 and "is not active" in retired.text


@pytest.mark.parametrize("who", ["eve"])
@pytest.mark.parametrize(
    ("method", "path"), [("get", "jobs/new"), ("post", "jobs"), ("get", "parameter-row?n=0"), ("post", "preview")]
)
def test_an_agent_of_another_organisation_does_not_exist(site: Any, who: str, method: str, path: str) -> None:
    url = f"/agents/{site.found.agents['analyst'].agent_id}/{path}"
    answer = getattr(site, method)(url, who)
    assert answer.status_code == 404
    assert "There is no agent" in answer.text and "Marketing analyst" not in answer.text


def test_a_person_makes_a_job_with_a_parameter_in_the_browser(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{new(site)}/new")
    page.get_by_label("Name", exact=True).fill("Spend by market")
    page.get_by_label("Prompt").fill("Show spend by campaign for yesterday.")
    page.get_by_role("button", name="Add a parameter").click()
    page.locator("#parameter-0-name").wait_for()
    page.locator("#parameter-0-name:focus").wait_for()
    page.get_by_role("button", name="Add a parameter").click()
    page.locator("#parameter-1-name").wait_for()
    page.locator("#parameter-0 button").click()
    assert page.locator("#parameter-0").count() == 0
    page.locator("#parameter-1-name").fill("market")
    page.locator("#parameter-1-values").fill("NL\nBE")
    assert page.locator("#cron").is_hidden()
    page.get_by_label("Enable schedule").check()
    assert page.locator("#cron").input_value() == "0 8 * * 1"
    page.get_by_role("button", name="Create job").click()
    page.locator("#refusal").wait_for()
    page.locator("#refusal:focus").wait_for()
    assert page.locator("#parameter-1-default-wrong").is_visible()
    page.locator("#parameter-1-default").fill("*")
    page.get_by_role("button", name="Create job").click()
    page.get_by_text("The job is saved. It runs next on").wait_for()
    page.context.close()
    with site.found.desk.store.reading() as session:
        made = jobs.by_key(session, site.found.organisation_id, "spend-by-market")
    assert made is not None and made.definition.schedule is not None
    assert made.definition.parameters["market"].default == ("*",)


def test_an_answer_that_is_not_ours_leaves_what_was_typed(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{new(site)}/new")
    page.get_by_label("Name", exact=True).fill("Not lost")
    page.route(
        "**/jobs", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
    )
    page.get_by_role("button", name="Create job").click()
    page.get_by_role("heading", name="Bad Gateway").wait_for()
    assert page.get_by_label("Name", exact=True).input_value() == "Not lost"
    page.unroute("**/jobs")
    page.get_by_label("Prompt").fill("Spend. " * 90_000)
    page.get_by_role("button", name="Create job").click()
    page.get_by_text("The body is larger than").wait_for()
    assert page.get_by_label("Name", exact=True).input_value() == "Not lost"
    page.context.close()
