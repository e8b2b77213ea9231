"""Who is told of a job's runs, on its form: the channels, when, and who of some values only."""

import html
import re
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.posted import posted
from builders.served import a_page
from interact.api.pages.job_fields import fields_of
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredJob
from interact.jobs.telling import JobNotices, Route
from interact.store import jobs, organisations

NL = {"route": "0", "route-0-parameter": "market", "route-0-value": "NL", "route-0-channel": "mail"}


@pytest.fixture
def told(site: Any) -> Any:
    """Give the site with channels of every type."""
    posted(site.found)
    return site


def settings(site: Any, name: str = "weekly") -> str:
    return f"/jobs/{site.found.jobs[name].job_id}/settings"


def stored(site: Any, name: str = "weekly") -> StoredJob:
    with site.found.desk.store.reading() as session:
        job = jobs.by_id(session, site.found.jobs[name].job_id)
    assert job is not None
    return job


def typed(site: Any, **changes: Any) -> dict[str, Any]:
    """What the form of the weekly job sends, with these changes."""
    job = stored(site)
    return {"version": str(job.version), **{k: list(v) for k, v in fields_of(job.definition).sent.items()}, **changes}


def wrong(page: str) -> dict[str, str]:
    found = re.findall(r'<p class="wrong" id="([a-z0-9_-]+)-wrong">(.*?)</p>', page, re.DOTALL)
    return {name: html.unescape(sentence) for name, sentence in found}


def test_channels_are_offered_with_where_they_lead_and_what_they_hear(told: Any) -> None:
    page = html.unescape(told.get(settings(told)).text)
    offered = dict(re.findall(r'name="channels" value="([a-z]+)"( checked)?', page))
    assert offered == {"mail": " checked", "slack": " checked", "teams": "", "hook": ""}
    assert "Email to team@example.com, ada@example.com, gone@example.com</bdi> · hears everything<" in page
    assert "Microsoft Teams</bdi> · hears failures only, of failed runs<" in page
    assert "later version" not in page


def test_where_there_is_no_channel_an_admin_is_led_to_where_they_are_made(site: Any) -> None:
    place = f"/organisations/{site.found.organisation_id}/notifications"
    for who, led in (("ivy", True), ("ada", False)):
        page = site.get(settings(site), who).text
        assert (f'href="{place}">Make one' in page) is led
        assert ("An admin makes one under Settings, Notifications" in page) is not led
        assert 'name="tell_when"' not in page


def test_all_that_is_said_is_kept_with_the_job(told: Any) -> None:
    sent = typed(
        told,
        channels=["slack", "teams"],
        tell_when="check",
        check="SELECT COUNT(*) > 3 AS late FROM ad_performance",
        attach_pdf=[],
        **NL | {"route-0-recipients": "nl@example.com\r\nlead@example.com"},
    )
    assert told.post(settings(told), data=sent).status_code == 303
    definition = stored(told).definition
    assert definition.channels == ("slack", "teams")
    route = Route(parameter="market", value="NL", channel="mail", recipients=("nl@example.com", "lead@example.com"))
    check = "SELECT COUNT(*) > 3 AS late FROM ad_performance"
    assert definition.notices == JobNotices(when="check", check=check, attach_pdf=False, routes=(route,))
    page = html.unescape(told.get(settings(told)).text)
    assert re.search(r'name="tell_when" value="check" checked', page) and f">\n{check}</textarea>" in page
    assert ">\nnl@example.com\nlead@example.com</textarea>" in page and 'value="mail" selected>' in page


def test_saving_what_is_shown_changes_nothing(told: Any) -> None:
    told.post(settings(told), data=typed(told, tell_when="change", attach_pdf=[], **NL))
    before = stored(told)
    told.post(settings(told), data=typed(told))
    assert stored(told) == before


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {**NL, "route-0-recipients": "#nl"},
            "route-0-recipients",
            "“Recipients” of the route of 'NL' takes for a channel of type email addresses, as 'team@example.com', not "
            "'#nl'.",
        ),
        (
            {**NL, "route-0-recipients": "a@b.c\na@b.c"},
            "route-0-recipients",
            "'a@b.c' stands twice. Take one of them out.",
        ),
        (
            {**NL, "route-0-value": "FR"},
            "route-0-value",
            "Routes the value 'FR' of 'market'; allowed are 'NL', 'BE', 'DE'.",
        ),
        (
            {**NL, "route-0-channel": "fax"},
            "route-0-channel",
            "Job 'weekly' names channel 'fax', which does not exist in organisation 'norrland' (there are 'hook', "
            "'mail', 'slack', 'teams'). Name one of them, or define it too.",
        ),
        (
            {"tell_when": "check", "check": "DROP TABLE ad_performance"},
            "check",
            "The check is none that says whether to send: The query does not begin with SELECT or WITH. Only reading "
            "is allowed.",
        ),
        (
            {"tell_when": "sometimes"},
            "tell_when",
            "“Send” takes 'always', 'highlights', 'change' or 'check', not 'sometimes'.",
        ),
    ],
)
def test_a_refusal_stands_beside_the_field_of_its_row(
    told: Any, changes: dict[str, Any], field: str, sentence: str
) -> None:
    before = stored(told)
    answer = told.post(settings(told), data=typed(told, **changes))
    assert (answer.status_code, wrong(answer.text)) == (422, {field: sentence})
    assert f'<a href="#{field}">' in answer.text and answer.text.count(f' id="{field}"') == 1
    assert stored(told) == before


def test_a_domain_that_mail_may_not_go_to_is_refused_in_the_row(told: Any) -> None:
    found = told.found
    with found.desk.store.writing() as session:
        organisation = organisations.by_id(session, found.organisation_id)
        assert organisation is not None
        limited = organisation.definition.model_dump(mode="json") | {"notices": {"recipient_domains": ["example.com"]}}
        organisations.save(session, Organisation.model_validate(limited), now=found.desk.now())
    sent = typed(told, **NL | {"route-0-recipients": "nl@example.com\nnl@elsewhere.com"})
    told_of = wrong(told.post(settings(told), data=sent).text)
    assert told_of["route-0-recipients"].startswith("“Recipients” of the route of 'NL' names 'nl@elsewhere.com'; mail")


def test_two_who_save_at_once_see_the_differences_in_words(told: Any) -> None:
    mine = typed(told, tell_when="highlights", attach_pdf=[], **NL)
    theirs = typed(told, tell_when="change", **NL | {"route-0-recipients": "nl@example.com", "route-0-value": "BE"})
    assert told.post(settings(told), data=theirs).status_code == 303
    answer = told.post(settings(told), data=mine)
    row = r'<strong>(.*?)</strong>.*?verbatim">(.*?)</span>.*?verbatim">(.*?)</span>'
    rows = re.findall(row, html.unescape(answer.text), re.DOTALL)
    assert answer.status_code == 409
    assert rows == [
        ("Send", "only when something changed", "only with highlights"),
        ("Attach the PDF", "on", "off"),
        ("Some values to some people", "market 'BE' to mail: nl@example.com", "market 'NL' to mail"),
    ]


def test_without_a_script_there_is_a_row_to_fill_in(told: Any) -> None:
    page = told.get(settings(told)).text
    [spare] = re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert 'name="route" value="0"' in spare and "route-row?n=1" in page
    filled = typed(told, **NL)
    told.post(settings(told), data=filled)
    [spare] = re.findall(r"<noscript>(.*?)</noscript>", told.get(settings(told)).text, re.DOTALL)
    assert 'name="route" value="1"' in spare
    told.post(settings(told), data=typed(told, **{name: "" for name in NL if name != "route"}, route="0"))
    assert stored(told).definition.notices.routes == ()


def test_rows_come_and_go_and_a_check_is_shown_while_it_is_chosen(browser: Any, told: Any, address: str) -> None:
    page, said = a_page(browser, address), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact{settings(told)}")
    assert not page.get_by_label("Check", exact=True).is_visible()
    page.get_by_label("only when a check says so").check()
    page.get_by_label("Check", exact=True).fill("SELECT 1 AS yes FROM ad_performance")
    page.locator("summary", has_text="Some values to some people").click()
    for _ in range(2):
        rows = page.locator(".route").count()
        page.get_by_role("button", name="Add a row").click()
        page.locator(".route").nth(rows).wait_for()
    page.get_by_role("button", name="Remove this row").first.click()
    row = page.locator(".route:visible")
    row.get_by_label("Parameter").fill("market")
    row.get_by_label("Value").fill("DE")
    row.get_by_label("Channel").select_option("slack")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved as version").wait_for()
    notices = stored(told).definition.notices
    assert (notices.when, [(route.value, route.channel) for route in notices.routes]) == ("check", [("DE", "slack")])
    assert [line for line in said if "Autofocus" not in line] == []
    page.context.close()


def test_names_that_people_wrote_are_no_markup(told: Any) -> None:
    page = told.get(settings(told)).text
    assert HOSTILE.split()[0] not in page and html.escape("<script>alert('x')</script>", quote=False)[:14] in page
