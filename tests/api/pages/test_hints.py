"""What a job's form answers while somebody fills it in: what is understood of its prompt, when its schedule runs."""

import html
import json
import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders.prompts import REPORT
from builders.served import a_page
from interact.agents.analyst.spans import in_words
from interact.api.pages.hints import COMMON
from interact.schedules.occurrences import Schedule
from interact.schedules.preview import describe
from interact.warehouse.queries import Window

MARKET = {"parameter": "0", "parameter-0-name": "market", "parameter-0-type": "choice", "parameter-0-values": "NL\nBE"}


@pytest.fixture
def warehouse(site: Any, filled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Airflow know the connection to the agents' warehouse, which is the demo's."""
    path = str(filled.desk.settings.home / "warehouse.duckdb")
    monkeypatch.setenv("AIRFLOW_CONN_W", json.dumps({"conn_type": "duckdb", "extra": {"path": path}}))


def agent(site: Any) -> str:
    return f"/agents/{site.found.agents['analyst'].agent_id}"


def plain(page: str) -> str:
    """What a part says, without tags, in one line."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def facts(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    return {label: plain(value).replace(" ;", ";") for label, value in found}


def understood(site: Any, prompt: str, who: str = "ada", **more: str) -> Any:
    answer = site.post(f"{agent(site)}/understanding", who, data={"prompt": prompt, **more})
    assert answer.status_code == 200, answer.text
    return answer.text


def words(site: Any, cron: str, who: str = "ada", **more: str) -> Any:
    answer = site.post(f"{agent(site)}/schedule-words", who, data={"cron": cron, "schedule_on": "on", **more})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.usefixtures("warehouse")
def test_the_weekly_report_is_shown_in_peoples_words(site: Any) -> None:
    end = site.found.desk.now().date() - timedelta(days=1)
    told = facts(understood(site, REPORT, timezone="UTC", **MARKET))
    assert told == {
        "Metrics": "the usual ones: Spend; Conversions; Revenue; CPA; ROAS",
        "Period": f"past 7 days (if it ran today: {in_words(Window(end - timedelta(days=6), end))})",
        "Compared with": in_words(Window(end - timedelta(days=13), end - timedelta(days=7))),
        "Tables": "Campaigns by ROAS, highest first; By market",
        "Limited to": "Market: NL; Channel: Paid search",
        "Highlights": "campaigns with CPA above target",
        "Report": "yes, with summary, table, recommendations",
    }


@pytest.mark.usefixtures("warehouse")
def test_what_is_not_understood_or_cannot_be_answered_is_said(site: Any) -> None:
    assert "Not understood, and left out: “ Keep it friendly ”" in plain(understood(site, "Spend. Keep it friendly."))
    declined = plain(understood(site, "Analyse TikTok for the past 7 days"))
    assert declined.startswith("There would be no answer. I do not know 'TikTok'. Say it in another way, or leave it")
    assert "Known are the metrics " in declined
    assert "'Paid search'" in declined
    unknown = understood(site, "Spend last week", **{**MARKET, "parameter-0-values": "NL\nFR"})
    assert "Market 'FR' of parameter 'market' is not in the warehouse." in plain(unknown)


@pytest.mark.usefixtures("warehouse")
def test_a_placeholder_is_read_with_the_value_that_a_schedule_takes_first(site: Any) -> None:
    page = understood(site, "Spend for {{ market }} last week", **MARKET, **{"parameter-0-schedule": "BE"})
    assert facts(page)["Limited to"] == "Market: BE"
    assert "Read with market = BE ; each run has its own values." in plain(page)
    assert "no parameter of this job" in plain(understood(site, "Spend for {{ region }}", **MARKET))


def test_without_its_warehouse_a_prompt_is_understood_as_far_as_it_goes(site: Any) -> None:
    page = plain(understood(site, "Spend by channel last week"))
    assert "Tables By channel" in page
    assert "The values of the warehouse are not known at the moment" in page
    assert "Airflow has no connection 'w'" in page


def test_an_empty_prompt_shows_nothing(site: Any) -> None:
    assert plain(understood(site, "  \n ")) == ""


@pytest.mark.usefixtures("warehouse")
def test_what_people_write_is_no_markup(site: Any) -> None:
    page = understood(site, "Spend on <script>alert(1)</script> & more", **{**MARKET, "parameter-0-values": "<b>x</b>"})
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<i>" not in words(site, "<i>x</i> * * * *")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 8 * * 1", "At 08:00, only on Monday"),
        ("0 9 * * 1-5", "At 09:00, Monday to Friday"),
        ("0 8 1 * *", "At 08:00, on day 1 of the month"),
        ("@first-weekday", "At 08:00, the start of business, on the first business day of the month"),
        ("@quarterly", "At 00:00, on day 1 of the month, only in January, April, July, and October"),
    ],
)
def test_an_expression_is_said_in_words_with_its_next_five_dates_in_the_organisations_zone(
    site: Any, cron: str, said: str
) -> None:
    page = words(site, cron)
    assert plain(page).startswith(f"{said} Next, in Europe/Amsterdam, the organisation's time zone: ")
    dates = [plain(each) for each in re.findall(r"<li>(.*?)</li>", page.split("</ol>")[0], re.DOTALL)]
    assert len(dates) == 5
    assert all(re.match(r"[A-Z][a-z]+day \d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d \+0[12]:00", each) for each in dates)


@pytest.mark.parametrize(("name", "cron"), COMMON)
def test_the_picker_offers_what_its_words_say(site: Any, name: str, cron: str) -> None:
    said = {
        "0 9 * * 1-5": "At 09:00, Monday to Friday",
        "0 8 * * 1": "At 08:00, only on Monday",
        "30 7 * * *": "At 07:30, every day",
        "@first-weekday": "At 08:00, the start of business, on the first business day of the month",
        "@last-weekday": "At 08:00, the start of business, on the last business day of the month",
        "0 8 1 * *": "At 08:00, on day 1 of the month",
        "0 8 1 1,4,7,10 *": "At 08:00, on day 1 of the month, only in January, April, July, and October",
        "0 * * * *": "Every hour",
    }
    assert describe(Schedule(cron, "UTC")) == said[cron]
    page = words(site, f"  {cron} ")
    assert f'data-fills="#cron" data-text="{cron}" aria-pressed="true">{name}</button>' in page
    assert page.count("data-fills") == len(COMMON)
    assert page.count("aria-pressed") == 1


def test_seeds_examples_are_in_the_picker() -> None:
    assert {"0 8 * * 1", "0 9 * * 1-5", "0 8 1 * *", "@first-weekday"} <= {cron for _, cron in COMMON}


def test_a_zone_of_its_own_a_holiday_rule_and_the_toggle_are_heeded(site: Any) -> None:
    page = plain(words(site, "0 8 * * *", timezone="America/New_York", on_holiday="skip", schedule_on=""))
    assert "The schedule is off. Switched on, it runs, in America/New_York, the job's own time zone:" in page
    assert re.search(r"08:00 -0[45]:00", page)
    assert "On a holiday it does not run. Holidays: public holidays of NL." in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cron": "0 25 * * 1"}, "the hour field holds '25'; it takes 0 to 23"),
        ({"cron": "0 8 * *"}, "has 4 fields; a schedule has exactly 5."),
        ({"cron": "@fortnightly"}, "is no shortcut; there are @hourly"),
        ({"cron": "0 8 30 2 *"}, "never comes"),
        ({"cron": "0 8 * * 1", "timezone": "Mars/Base"}, "'Mars/Base'"),
        ({"cron": "0 8 * * 1", "on_holiday": "party"}, "is none; there are 'run', 'skip', 'next', 'previous'"),
        ({"cron": "1" * 300}, "it takes at most 200"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_what_is_wrong(site: Any, fields: dict[str, str], says: str) -> None:
    page = words(site, **fields)
    assert says in plain(page)
    assert '<ol class="dates">' not in page
    assert page.count("data-fills") == len(COMMON)


def test_without_an_expression_there_is_the_picker_alone(site: Any) -> None:
    assert plain(words(site, "")).startswith("Write five fields (minute, ")


@pytest.mark.parametrize(
    ("cron", "address"),
    [
        ("0 8 * * 1", "https://crontab.guru/#0_8_*_*_1"),
        ("*/15 8-18 1,15 JAN-MAR mon", "https://crontab.guru/#*/15_8-18_1,15_JAN-MAR_mon"),
        ("0 8 L * *", None),
        ("0 8 15W * *", None),
        ("0 8 * * MON#1", None),
        ("@first-weekday", None),
        ("0 8 * *", None),
        ('0 8 * * "><b>', None),
    ],
)
def test_crontab_guru_is_offered_for_what_it_knows_as_well(site: Any, cron: str, address: str | None) -> None:
    found = re.search(r'<a href="([^"]+)" data-out target="_blank" rel="noopener noreferrer">', words(site, cron))
    assert (found[1] if found else None) == address


@pytest.mark.parametrize("part", ["understanding", "schedule-words"])
def test_hints_are_for_those_who_see_the_agent(site: Any, part: str) -> None:
    path = f"{agent(site)}/{part}"
    for who, status in (("ada", 200), ("bob", 200), ("ivy", 200), ("eve", 404)):
        assert site.post(path, who, data={"prompt": "Spend", "cron": "@daily"}).status_code == status
    assert site.client.post(path, data={"prompt": "Spend"}).status_code == 401
    assert site.post(f"/agents/agent_000000000000/{part}", data={"prompt": "Spend"}).status_code == 404
    assert site.get(path).status_code == 405


@pytest.mark.usefixtures("warehouse")
def test_the_form_shows_both_while_somebody_writes(site: Any, address: str, browser: Any) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{agent(site)}/jobs/new")
    page.fill("#prompt", "Spend by market for yesterday")
    yesterday = site.found.desk.now().astimezone(ZoneInfo("Europe/Amsterdam")).date() - timedelta(days=1)
    page.wait_for_selector(f"#understood >> text={in_words(Window(yesterday, yesterday))}")
    page.check("#schedule_on")
    page.click("#schedule-words >> text=Weekdays at 09:00")
    page.wait_for_selector("#schedule-words >> text=At 09:00, Monday to Friday")
    assert page.input_value("#cron") == "0 9 * * 1-5"
    assert page.evaluate("document.activeElement.id") == "cron"
    page.context.close()
