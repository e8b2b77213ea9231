"""Settings, Notifications: the channels, and the ledger of what was told to whom."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from builders.counting import counted
from builders.lived_in import HOSTILE
from builders.noticed import a_notice
from builders.posted import ADA, GONE, TEAM, add_channel, attach, posted, tell
from interact.notices.states import DeliveryState
from interact.store import jobs, organisations


@pytest.fixture
def told(site: Any) -> Any:
    """Let runs have been told."""
    posted(site.found)
    return site


def path(site: Any) -> str:
    return f"/organisations/{site.found.organisation_id}/notifications"


def text_of(part: str) -> str:
    """Return what a part of a page says, without marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def rows(page: str, kind: str) -> list[str]:
    """Return what each row of a list says."""
    table = page.partition(f'<table class="list {kind}">')[2].partition("</table>")[0]
    return [text_of(row) for row in table.split("<tr>")[2:]]


def subjects(page: str) -> list[str]:
    return re.findall(r'href="/notices/notice_\w+">(?:<bdi>)?(.*?)(?:</bdi>)?</a>', page)


def many(site: Any, count: int) -> None:
    """Tell of that many events, each by a channel of its own and to several recipients."""
    found, now = site.found, site.found.desk.now()
    state = DeliveryState
    with found.desk.store.writing() as session:
        for number in range(count):
            key = f"list-{number}"
            mail = {"type": "email", "connection": "smtp_default", "recipients": [TEAM, ADA, GONE]}
            add_channel(session, found, key, now=now, name=f"List {number:03}", **mail)
            said = {key: {TEAM: state.DELIVERED, ADA: state.UNKNOWN, GONE: state.FAILED}}
            at = now - timedelta(minutes=number)
            tell(session, found, f"event-{number}", a_notice(subject=f"Event {number}"), said, now=at, job="check")


def test_a_channel_says_where_it_leads_what_it_hears_who_uses_it_and_how_it_stands(told: Any) -> None:
    page = told.get(path(told)).text
    slack, board, mail, pager = rows(page, "channels")
    assert slack.startswith(
        "#marketing Slack to #marketing by slack_bot everything Weekly Campaign Performance Report waiting "
    )
    assert board.startswith("Board Microsoft Teams by teams_board cannot be reached since ")
    assert board.endswith(" failures only, of failed runs Campaign check none yet")
    assert mail.startswith(
        f"Marketing mail Email to {TEAM}, {ADA}, {GONE} by smtp_default everything Campaign check , "
        "Takeover of Acme , Weekly Campaign Performance Report "
    )
    assert "warnings and failures Hourly spend delivered " in pager


def test_a_private_job_is_counted_and_not_named_to_others(told: Any) -> None:
    mail = rows(told.get(path(told), "ivy").text, "channels")[2]
    assert "Campaign check , Weekly Campaign Performance Report and 1 more" in mail
    with told.found.desk.store.writing() as session:
        attach(session, told.found, "weekly", (), now=told.found.desk.now())
        attach(session, told.found, "check", (), now=told.found.desk.now())
    assert " everything 1 private job " in rows(told.get(path(told), "ivy").text, "channels")[2]


def test_a_channel_that_a_value_alone_is_routed_to_is_used_by_that_job(told: Any) -> None:
    weekly = told.found.jobs["weekly"].definition
    route = {"parameter": "market", "value": "NL", "channel": "teams"}
    changed = weekly.model_validate({**weekly.model_dump(mode="json"), "notices": {"routes": [route]}})
    with told.found.desk.store.writing() as session:
        jobs.save(session, changed, now=told.found.desk.now())
    board = rows(told.get(path(told)).text, "channels")[1]
    assert "Campaign check , Weekly Campaign Performance Report none yet" in board


def test_admins_make_channels_and_members_are_told_who_does(told: Any) -> None:
    assert "New channel" in told.get(path(told), "ivy").text
    page = told.get(path(told)).text
    assert "New channel" not in page
    assert "<bdi>ivy</bdi> can change them." in page


def test_without_a_channel_the_page_says_what_that_means(site: Any) -> None:
    page = site.get(path(site), "ivy").text
    assert "Without one nobody is told of any run" in page
    assert "The first message stands here once a run of a job with a channel has ended." in page
    assert "<select" not in page


def test_the_ledger_has_the_newest_first_with_the_state_at_each_channel(told: Any) -> None:
    first, weekly, check, private, outage = rows(told.get(path(told)).text, "ledger")
    assert first.startswith(f"{HOSTILE} Failed run")
    assert "#marketing waiting" in weekly
    assert "Marketing mail delivered 1 failed 1 may have arrived 1" in weekly
    assert " being sent " in weekly
    assert check.startswith("No campaign above target CPA Completed run · Campaign check")
    assert "Marketing mail delivered 2 Board not sent" in check
    assert private.startswith("Acme spent €1,204,000 last week Completed run · Takeover of Acme")
    assert f"Marketing mail {ADA} delivered" in outage


@pytest.mark.parametrize(("who", "role"), [("bob", "viewer"), ("ivy", "viewer"), ("root", "admin")])
def test_what_a_private_jobs_message_says_and_to_whom_it_went_is_its_owners_alone(
    told: Any, who: str, role: str
) -> None:
    page = told.get(path(told), who, role=role).text
    (sealed,) = (row for row in rows(page, "ledger") if row.startswith("About somebody's private job"))
    assert "Marketing mail delivered 1 failed 1" in sealed
    notice_id = told.found.notices["private"]
    whole = told.get(f"/notices/{notice_id}", who, role=role)
    assert whole.status_code == 200
    assert "Marketing mail" in whole.text
    assert told.get(f"/notices/{notice_id}/mail.html", who, role=role).status_code == 404
    for word in ("Acme", "1,204,000", "Takeover", GONE, "User unknown", told.found.runs["private"]):
        assert word not in whole.text
        assert word not in sealed
    assert "Acme" not in page
    named = {"state": "failed", "seen": told.found.desk.now().isoformat()}
    assert told.post(f"/notices/{notice_id}/resend", who, role=role, data=named).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=failed", ["3 campaigns below ROAS 2: NL, week 47", "Acme spent €1,204,000 last week"]),
        ("state=held", ["No campaign above target CPA"]),
        ("state=failed&channel={hook}", []),
        ("state=sending&channel={hook}", ["3 campaigns below ROAS 2: NL, week 47"]),
        ("channel={slack}", ["3 campaigns below ROAS 2: NL, week 47"]),
        ("job={check}", ["No campaign above target CPA"]),
        ("job={check}&state=failed", []),
    ],
)
def test_the_ledger_is_narrowed_by_state_channel_and_job(told: Any, query: str, expected: list[str]) -> None:
    ids = {key: channel.channel_id for key, channel in told.found.channels.items()}
    asked = query.format(**ids, check=told.found.jobs["check"].job_id)
    page = told.get(f"{path(told)}?{asked}").text
    assert subjects(page) == expected
    assert ("No message fits what is chosen above." in page) is (expected == [])


def test_a_state_that_there_is_not_is_refused_with_those_there_are(told: Any) -> None:
    answer = told.get(f"{path(told)}?state=lost")
    assert answer.status_code == 422
    assert "Parameter 'state' takes a state of a delivery, not 'lost'. Allowed: 'delivered', 'failed'," in text_of(
        answer.text
    )


def test_a_cursor_of_nobody_is_refused(told: Any) -> None:
    assert told.get(f"{path(told)}?cursor=bm9uZQ").status_code == 422


def test_pages_follow_each_other_without_a_gap(told: Any) -> None:
    many(told, 55)
    found, address = [], f"{path(told)}?state=failed&job={told.found.jobs['check'].job_id}"
    while address:
        page = told.get(address).text
        found.append(subjects(page))
        older = re.search(r'<a class="button" href="([^"]+)#ledger">Older', page)
        address = html.unescape(older[1]) if older else ""
    assert [len(each) for each in found] == [25, 25, 5]
    assert [subject for each in found for subject in each] == [f"Event {number}" for number in range(55)]


def test_the_page_asks_as_much_with_three_messages_as_with_three_hundred(told: Any) -> None:
    def asked() -> int:
        with counted(told.found.desk.store) as statements:
            assert told.get(path(told)).status_code == 200
        return len(statements)

    many(told, 3)
    few = asked()
    with told.found.desk.store.writing() as session:
        channels, now = {**told.found.channels}, told.found.desk.now()
        for number in range(300):
            said = {key: {TEAM: DeliveryState.DELIVERED} for key in list(channels)[:5]}
            tell(session, told.found, f"more-{number}", a_notice(), said, now=now, job="weekly")
    assert asked() == few


@pytest.mark.parametrize(
    ("base_url", "is_told"),
    [("http://localhost:8080", True), ("http://127.0.0.1", True), ("https://airflow.example.com", False)],
)
def test_links_that_lead_readers_to_their_own_machines_are_warned_of(site: Any, base_url: str, is_told: bool) -> None:
    desk = site.found.desk
    site.client.app.state.desk = replace(desk, settings=replace(desk.settings, base_url=base_url))
    page = site.get(path(site)).text
    assert (f"Links in messages begin with <code>{base_url}</code>" in page) is is_told
    assert ("INTERACT_BASE_URL" in page) is is_told


def test_a_channel_of_a_domain_that_is_not_allowed_any_more_says_so(told: Any) -> None:
    with told.found.desk.store.writing() as session:
        there = organisations.by_id(session, told.found.organisation_id)
        assert there is not None
        limits = {"notices": {"recipient_domains": ["example.org"]}}
        changed = there.definition.model_validate({**there.definition.model_dump(mode="json"), **limits})
        organisations.save(session, changed, now=told.found.desk.now())
    mail = rows(told.get(path(told)).text, "channels")[2]
    assert "3 recipients are of no domain that mail may go to: nothing is sent there" in mail


def test_a_channel_that_was_deleted_keeps_its_key_in_the_ledger(told: Any) -> None:
    with told.found.desk.store.writing() as session:
        attach(session, told.found, "weekly", ("mail",), now=told.found.desk.now())
    channel_id = told.found.channels["slack"].channel_id
    gone = told.post(f"/channels/{channel_id}/delete", "ivy", data={"confirmation": "#marketing"})
    assert gone.headers["location"] == path(told)
    page = told.get(path(told)).text
    assert len(rows(page, "channels")) == 3
    assert "slack (deleted) #marketing waiting" in rows(page, "ledger")[1]


@pytest.mark.parametrize(("who", "shown"), [("ada", 1), ("bob", 0), ("ivy", 0)])
def test_which_messages_are_about_a_private_job_is_its_owners_alone(told: Any, who: str, shown: int) -> None:
    page = told.get(f"{path(told)}?job={told.found.jobs['private'].job_id}", who).text
    assert len(subjects(page)) == shown
