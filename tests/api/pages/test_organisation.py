"""An organisation's settings: members read them, admins change them and see before what that moves."""

import re
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.served import a_page
from builders.signed_in import bearer
from interact.jobs.definition import Organisation
from interact.store import organisations

ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
FORM = {
    "name": "Norrland & Kaye",
    "timezone": "Europe/Amsterdam",
    "start_of_business": "08:00",
    "weekend": ["saturday", "sunday"],
    "country": "NL",
    "member": ["ada", "bob", "ivy", ""],
    "role": ["member", "member", "admin", "member"],
}


def path(site: Any) -> str:
    return f"/organisations/{site.found.organisation_id}/settings"


def stored(site: Any) -> Organisation:
    with site.found.desk.store.reading() as session:
        found = organisations.by_key(session, "norrland")
    assert found is not None
    return found.definition


def seen(site: Any) -> str:
    found = re.search(r'name="seen" value="(\w+)"', site.get(path(site), "ivy").text)
    assert found is not None
    return found[1]


def saved(site: Any, who: str = "ivy", **changes: Any) -> Any:
    return site.post(path(site), who, data={"seen": seen(site)} | FORM | changes)


def previewed(site: Any, who: str = "ivy", **changes: Any) -> Any:
    return site.post(f"{path(site)}/preview", who, data=FORM | changes)


def wrong(page: str) -> dict[str, str]:
    return dict(re.findall(r'<p class="wrong" id="([\w-]+)-wrong">(.*?)</p>', page))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").split())


def test_settings_lead_to_the_only_organisation(site: Any) -> None:
    answer = site.get("/settings")
    assert (answer.status_code, answer.headers["location"]) == (303, path(site))


def test_settings_list_the_organisations_of_who_belongs_to_several(site: Any) -> None:
    page = site.client.get("/settings", headers=bearer("root", "admin"), follow_redirects=False)
    assert page.status_code == 200
    assert "Norrland &amp; Kaye" in page.text and "South" in page.text and "you are an admin" in page.text


def test_who_belongs_to_none_is_told_whom_to_ask(site: Any) -> None:
    answer = site.get("/settings", "nat")
    assert answer.status_code == 403
    assert "Ask an admin to name you as a member." in answer.text


def test_a_member_reads_and_has_nothing_to_press(site: Any) -> None:
    page = site.get(path(site)).text
    assert site.found.organisation_id in page and "Europe/Amsterdam" in page
    assert "08:00 Europe/Amsterdam" in page and "<dd>Netherlands</dd>" in page
    assert "<bdi>ivy</bdi> can change this." in page
    assert "<form" not in page


def test_a_stranger_finds_nothing_and_a_member_changes_nothing(site: Any) -> None:
    for suffix in ("", "/preview"):
        assert site.post(path(site) + suffix, "eve", data=FORM).status_code == 404
        assert site.post(path(site) + suffix, "ada", data=FORM).status_code == 403
    for suffix in ("", "/regions?country=DE", "/member"):
        assert site.get(path(site) + suffix, "eve").status_code == 404
    assert site.get(f"{path(site)}/member").status_code == 403
    assert site.client.get(path(site)).status_code == 401
    assert stored(site).name == "Norrland & Kaye"


def test_all_of_the_form_is_saved(site: Any) -> None:
    answer = saved(
        site,
        name="Norrland",
        timezone="America/New_York",
        start_of_business="09:30",
        weekend=["friday", "saturday"],
        country="DE",
        region="BY",
        add="2026-12-24\n\n2026-12-31",
        remove="2027-01-01",
        primary="#0E5A6B",
        member=["ada", "bob", "ivy", "cleo"],
        role=["member", "admin", "admin", "member"],
    )
    assert answer.headers["location"] == f"{path(site)}?saved=1"
    now = stored(site)
    assert (now.key, now.name, now.timezone, now.start_of_business) == (
        "norrland",
        "Norrland",
        "America/New_York",
        "09:30",
    )
    assert now.calendar.model_dump(mode="json") == {
        "weekend": ["friday", "saturday"],
        "country": "DE",
        "region": "BY",
        "add": ["2026-12-24", "2026-12-31"],
        "remove": ["2027-01-01"],
    }
    assert (now.branding.primary, now.branding.secondary) == ("#0E5A6B", "")
    assert now.members == {"ada": "member", "bob": "admin", "cleo": "member", "ivy": "admin"}
    page = site.get(f"{path(site)}?saved=1", "ivy").text
    assert "\n2026-12-24\n2026-12-31</textarea>" in page and '<option value="BY" selected>Bayern (BY)</option>' in page


def test_a_save_asks_airflow_to_read_the_jobs_anew(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from interact.api import airflow_runs

    asked: list[bool] = []
    monkeypatch.setattr(airflow_runs, "ask_for_a_parse", lambda: asked.append(True))
    saved(site, name="", member=["ivy"], role=["admin"])
    assert asked == []
    saved(site, timezone="UTC")
    assert asked == [True]


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": ""}, "name", "“Name” is empty; fill it in."),
        ({"timezone": "Mars"}, "timezone", "&#39;Mars&#39; is no IANA time zone; write it as"),
        ({"start_of_business": "8"}, "start_of_business", "“Start of business” takes a time of day"),
        ({"weekend": ["saturday", "someday"]}, "weekend", "“Weekend” takes &#39;monday&#39;"),
        ({"country": "XX"}, "country", "has no known public holidays"),
        ({"region": "BY"}, "region", "is not known in &#39;NL&#39;"),
        ({"add": "2026-02-30"}, "add", "“Own holidays” takes a date, as 2026-12-24, not &#39;2026-02-30&#39;."),
        ({"remove": "soon"}, "remove", "“Public holidays on which you work” takes a date"),
        ({"primary": "red"}, "primary", "“Primary” takes six hexadecimal digits"),
        ({"role": ["member", "member", "member", ""]}, "members", "names members and none of them as admin"),
        ({"role": ["member", "owner", "admin", ""]}, "members", "takes &#39;member&#39; or &#39;admin&#39;"),
        ({"member": ["ada", "ada", "ivy", ""]}, "members", "&#39;ada&#39; stands in two rows. Take one of them out."),
        ({"member": ["ada", "x" * 201, "ivy", ""]}, "members", "longer than the 200 characters"),
        ({"member": ["ada", "b\x07b", "ivy", ""]}, "members", "holds the character U+0007"),
    ],
)
def test_each_refusal_stands_at_its_field_and_nothing_is_lost(
    site: Any, changes: dict[str, Any], field: str, told: str
) -> None:
    answer = saved(site, **{"highlight": "#A8431F", **changes})
    assert answer.status_code == 422
    assert list(wrong(answer.text)) == [field]
    assert told in wrong(answer.text)[field]
    assert 'value="#A8431F"' in answer.text
    assert stored(site).branding.highlight == ""


def test_two_admins_at_once_lose_nothing_of_either(site: Any) -> None:
    before = seen(site)
    saved(site, name="Theirs")
    answer = site.post(path(site), "ivy", data=FORM | {"seen": before, "timezone": "UTC"})
    assert answer.status_code == 409
    page = answer.text
    assert "Somebody else has changed this organisation meanwhile." in page
    assert "<bdi>Theirs</bdi></td>" in page and "<bdi>Europe/Amsterdam</bdi></td>" in page
    assert 'value="UTC"' in page
    now = re.search(r'name="seen" value="(\w+)"', page)
    assert now is not None and now[1] != before
    again = site.post(path(site), "ivy", data=FORM | {"seen": now[1], "timezone": "UTC"})
    assert (again.status_code, stored(site).timezone) == (303, "UTC")


def test_a_save_that_was_made_of_nothing_is_a_conflict(site: Any) -> None:
    assert site.post(path(site), "ivy", data=FORM | {"name": "Other"}).status_code == 409


def test_the_last_admin_is_not_taken_out(site: Any) -> None:
    answer = saved(site, member=["ada", "bob"], role=["member", "member"], leave="on")
    assert answer.status_code == 422
    assert "names members and none of them as admin" in wrong(answer.text)["members"]


def test_who_takes_their_own_rights_away_is_warned_first(site: Any) -> None:
    changes: dict[str, Any] = {"member": ["ada", "bob", "ivy"], "role": ["admin", "member", "member"]}
    answer = saved(site, **changes)
    assert answer.status_code == 422
    assert "You would be no admin of this organisation any more." in answer.text
    assert stored(site).members["ivy"] == "admin"
    assert "You would be no admin" in previewed(site, **changes).text
    answer = saved(site, **changes, leave="on")
    assert answer.headers["location"] == f"{path(site)}?saved=1"
    assert stored(site).members == {"ada": "admin", "bob": "member", "ivy": "member"}


def test_who_leaves_is_led_to_what_they_still_see(site: Any) -> None:
    answer = saved(site, member=["ada"], role=["admin"], leave="on")
    assert answer.headers["location"] == "/settings"


def test_naming_nobody_leaves_airflows_admins_as_the_only_ones(site: Any) -> None:
    assert "You would be no admin" in saved(site, member=[""], role=["member"]).text
    assert saved(site, member=[""], role=["member"], leave="on").status_code == 303
    assert stored(site).members == {}
    page = site.client.get(path(site), headers=bearer("root", "admin")).text
    assert "While nobody is named, everybody who can sign in to Airflow belongs" in page
    assert "Everybody who can sign in to Airflow: nobody is named." in site.get(path(site), "eve").text


def test_an_admin_of_airflow_is_not_warned(site: Any) -> None:
    data = {"seen": seen(site)} | FORM
    answer = site.client.post(
        path(site), headers=bearer("root", "admin"), data=data | {"name": "Other"}, follow_redirects=False
    )
    assert answer.status_code == 303


def test_a_new_zone_shows_which_jobs_it_moves_with_both_zones(site: Any) -> None:
    told = words(previewed(site, timezone="America/New_York").text)
    assert "The next time of one job moves; one more has later times that may." in told
    assert re.search(
        r"Weekly Campaign Performance Report \d+ \w+ \d{4}, 08:00 CES?T → \d+ \w+ \d{4}, 08:00 E[SD]T", told
    )
    assert re.search(r"Hourly spend stays, next \d+ \w+ \d{4}, \d\d:00 E[SD]T", told)
    assert stored(site).timezone == "Europe/Amsterdam"


def test_jobs_with_a_zone_of_their_own_stay(site: Any) -> None:
    job = site.found.jobs["weekly"]
    changed = job.definition.model_copy(update={"timezone": "Asia/Tokyo"})
    from interact.store import jobs

    with site.found.desk.store.writing() as session:
        jobs.save(session, changed, now=site.found.desk.now())
    told = words(previewed(site, timezone="America/New_York").text)
    assert "No job's next time moves, but one more has later times that may." in told
    assert "One job has a zone of its own and stays in it." in told


def test_private_jobs_of_others_are_counted_and_not_named(site: Any) -> None:
    from interact.jobs.timing import JobSchedule
    from interact.store import jobs

    job = site.found.jobs["private"]
    with site.found.desk.store.writing() as session:
        changed = job.definition.model_copy(update={"schedule": JobSchedule(cron="0 7 * * *")})
        jobs.save(session, changed, now=site.found.desk.now())
    part = previewed(site, timezone="America/New_York").text
    assert "Takeover" not in part
    assert "The next time of 2 jobs moves" in words(part)
    assert "One of them is a private job of others, and not shown." in words(part)


def test_a_calendar_shows_its_next_holidays_and_which_hold(site: Any) -> None:
    told = words(previewed(site, country="none", add="2099-01-02").text)
    assert "None: only the weekend is off. No public holidays hold, your own days alone." in told
    told = words(previewed(site, country="DE", region="BY").text)
    assert "Christmas Day" in told and "These hold: public holidays of Germany, and your own days." in told


def test_the_preview_shows_the_colours_that_reports_print(site: Any) -> None:
    part = previewed(site, primary="#0E5A6B").text
    assert 'fill="#0e5a6b"' in part and "style=" not in part


def test_a_draft_that_cannot_be_read_says_why(site: Any) -> None:
    answer = previewed(site, timezone="Mars")
    assert answer.status_code == 200
    assert "'Mars' is no IANA time zone" in words(answer.text)


def test_another_country_brings_its_regions(site: Any) -> None:
    part = site.get(f"{path(site)}/regions?country=DE", "ivy").text
    assert '<option value="BY">Bayern (BY)</option>' in part
    assert "This country has one set of holidays." in site.get(f"{path(site)}/regions?country=none", "ivy").text


def test_names_that_hold_tags_stay_names(site: Any) -> None:
    assert saved(site, name=HOSTILE, member=["ivy", HOSTILE], role=["admin", "member"]).status_code == 303
    pages = [site.get(path(site), who).text for who in ("ivy", HOSTILE)]
    pages.append(site.client.get("/settings", headers=bearer("root", "admin")).text)
    for page in pages:
        assert ESCAPED in page and "<script>alert" not in page and "<img src=x" not in page


def test_in_a_browser_a_new_zone_shows_at_once_what_it_moves(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address, "ivy")
    page.goto(f"{address}/interact{path(site)}")
    assert "What this would change" not in page.inner_text("#outlook")
    page.fill("#timezone", "America/New_York")
    page.wait_for_selector("#outlook >> text=What this would change")
    assert "Weekly Campaign Performance Report" in page.inner_text("#outlook")
    page.select_option("#country", "DE")
    page.wait_for_selector("#region option[value=BY]", state="attached")
    page.click("[aria-label='Remove bob']")
    page.click("text=Add a row")
    page.wait_for_selector("#member-rows > :nth-child(4)")
    page.fill("#member-rows > :nth-child(4) [name=member]", "cleo")
    page.click("button:has-text('Save')")
    page.wait_for_selector("text=Saved.")
    page.context.close()
    assert set(stored(site).members) == {"ada", "cleo", "ivy"}
    assert stored(site).timezone == "America/New_York"


def test_what_holds_for_all_notices_is_saved_and_shown_to_members(site: Any) -> None:
    typed = "example.com\r\n@Mail.Example.ORG\r\n"
    assert saved(site, recipient_domains=typed, pause_after_failures="3").status_code == 303
    limits = stored(site).notices
    assert (limits.recipient_domains, limits.pause_after_failures) == (("example.com", "mail.example.org"), 3)
    page = words(site.get(path(site)).text)
    assert "Mail may go to example.com, mail.example.org" in page
    assert "A job pauses after 3 failed runs in a row" in page
    assert saved(site, pause_after_failures="").status_code == 303
    assert stored(site).notices.model_dump() == {"recipient_domains": (), "pause_after_failures": 5}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"pause_after_failures": "often"},
            {
                "pause_after_failures": "“Failed runs after which a job pauses” takes a whole number, "
                "not &#39;often&#39;."
            },
        ),
        (
            {"pause_after_failures": "101"},
            {"pause_after_failures": "“Failed runs after which a job pauses” takes at most 100, not &#39;101&#39;."},
        ),
        (
            {"recipient_domains": "ada@example.com"},
            {
                "recipient_domains": "“Domains that mail may go to” takes a domain, as example.com, "
                "not &#39;ada@example.com&#39;."
            },
        ),
    ],
)
def test_what_is_wrong_of_notices_stands_at_its_field(
    site: Any, changes: dict[str, str], expected: dict[str, str]
) -> None:
    answer = saved(site, **changes)
    assert answer.status_code == 422
    assert wrong(answer.text) == expected


def test_an_edit_of_notices_at_the_same_time_is_named_as_the_form_names_it(site: Any) -> None:
    before = seen(site)
    saved(site, pause_after_failures="0")
    answer = saved(site, seen=before, name="Norrland")
    assert answer.status_code == 409
    assert "<strong>Failed runs after which a job pauses</strong>" in answer.text


def test_the_context_is_saved_and_stays_when_something_else_is(site: Any) -> None:
    assert saved(site, context="We sell bikes.\nA lead is a signed form.").status_code == 303
    assert stored(site).context == "We sell bikes.\nA lead is a signed form."
    page = site.get(path(site), "ivy").text
    assert "A lead is a signed form.</textarea>" in page
    assert "A lead is a signed form.</pre>" in site.get(path(site)).text
    assert wrong(saved(site, context="x" * 20_001).text)["context"].startswith(
        "“Context” is longer than the 20,000 characters"
    )
