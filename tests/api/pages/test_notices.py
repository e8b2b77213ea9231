"""One message of the ledger: what it says, how it stands, and sending it again to whom it did not reach."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest

from builders.chat_servers import chat_server
from builders.lived_in import HOSTILE
from builders.mail_servers import a_mail_connection, mail_server
from builders.noticed import a_notice
from builders.posted import ADA, GONE, TEAM, posted, tell
from builders.served import a_page
from builders.ways import a_connection
from interact.notices.states import DeliveryState
from interact.store import channels, ledger
from interact.store.ledger import Delivery

State = DeliveryState
LEAD = "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%."


@pytest.fixture
def told(site: Any) -> Any:
    """Let runs have been told."""
    posted(site.found)
    return site


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a mail server, to which the channel `mail` leads."""
    with mail_server() as server:
        a_mail_connection(monkeypatch, server.port, name="SMTP_DEFAULT")
        yield server


def path(site: Any, name: str = "weekly") -> str:
    return f"/notices/{site.found.notices[name]}"


def deliveries(site: Any, name: str = "weekly") -> dict[str, Delivery]:
    """Return the deliveries of a notice by recipient, else by channel."""
    with site.found.desk.store.reading() as session:
        found = ledger.deliveries(session, [site.found.notices[name]])
    return {each.recipient or each.channel_key: each for each in found}


def states(site: Any, name: str = "weekly") -> dict[str, str]:
    return {who: each.state.value for who, each in deliveries(site, name).items()}


def seen(page: str) -> str:
    """Return when a page was shown, as its buttons say."""
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return html.unescape(found[1])


def sent_again(site: Any, name: str = "weekly", who: str = "ada", **fields: str) -> Any:
    fields = {"seen": site.found.desk.now().isoformat()} | fields
    return site.post(f"{path(site, name)}/resend", who, data=fields)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_message_says_what_it_said_and_how_it_stands_with_each_recipient(told: Any) -> None:
    page = words(told.get(path(told)).text)
    assert "3 campaigns below ROAS 2: NL, week 47" in page
    assert "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%." in page
    assert "Brand NL fell below 2 1.84, after 2.10 the week before." in page
    assert f"{GONE} Marketing mail , Email failed" in page
    assert "550 5.1.1 <gone@example.com>: Recipient address rejected" in page
    assert "next try " in page and "429 Too Many Requests" in page
    assert "Send again to the failed one" in page and "Send again to the one that may have it" in page
    order = [page.index(word) for word in (GONE, f"{ADA} Marketing", "#marketing #marketing", f"{TEAM} Marketing")]
    assert order == sorted(order)


def test_what_failed_is_sent_again_at_a_press_and_nothing_else_is(told: Any, mail: Any) -> None:
    answer = sent_again(told, state="failed")
    assert answer.headers["location"] == path(told)
    assert [recipient for recipient, _ in mail.taken] == [GONE]
    assert states(told) == {
        TEAM: "delivered",
        ADA: "unknown",
        GONE: "delivered",
        "#marketing": "pending",
        # Whoever was sending it has been away for hours.
        "hook": "unknown",
    }
    assert deliveries(told)[GONE].resent_by == "user:ada"
    assert "sent again by ada" in words(told.get(path(told)).text)


def test_what_may_have_arrived_has_a_button_of_its_own_with_a_caution(told: Any, mail: Any) -> None:
    page = told.get(path(told)).text
    dialog = words(page.partition('<dialog id="send-unknown"')[2].partition("</dialog>")[0])
    assert "Look there first: who sends it again may send it twice." in dialog
    sent_again(told, state="unknown", seen=seen(page))
    assert [recipient for recipient, _ in mail.taken] == [ADA]


def test_a_second_press_of_the_same_page_sends_nothing(told: Any, mail: Any) -> None:
    mail.faults["DATA"] = ["451 Sorry"]
    page = told.get(path(told)).text
    sent_again(told, state="failed", seen=seen(page))
    again = deliveries(told)[GONE]
    sent_again(told, state="failed", seen=seen(page))
    sent_again(told, state="unknown", seen=seen(page))
    sent_again(told, state="unknown", seen=seen(page))
    assert deliveries(told)[GONE] == again
    assert [recipient for recipient, _ in mail.taken] == [ADA]


def test_what_was_held_is_sent_when_somebody_asks_for_that_one(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held = deliveries(told, "check")["teams"]
    page = told.get(path(told, "check")).text
    assert f'name="delivery" value="{held.delivery_id}"' in page
    assert "hears only failures" in words(page)
    with chat_server() as server:
        url = f"{server.url}/workflows/x"
        a_connection(monkeypatch, {"conn_type": "http", "password": url}, "teams_board")
        sent_again(told, "check", delivery=held.delivery_id)
        assert len(server.taken) == 1
    assert states(told, "check")["teams"] == "delivered"
    sent_again(told, "check", delivery=held.delivery_id)
    assert deliveries(told, "check")["teams"].tries == 1


@pytest.mark.parametrize(
    ("channel", "recipient", "recipients"),
    [("mail", "", [TEAM, ADA, GONE]), (None, "ivy@example.com", ["ivy@example.com"])],
)
def test_mail_that_was_held_for_all_or_for_want_of_a_channel_goes_to_whom_it_was_for(
    told: Any, mail: Any, channel: str | None, recipient: str, recipients: list[str]
) -> None:
    with told.found.desk.store.writing() as session:
        now = told.found.desk.now() - timedelta(hours=1)
        channel_id = told.found.channels[channel].channel_id if channel else ""
        to = [ledger.Addressee(channel_id, channel or "", "email", recipient, held="No report has a highlight.")]
        job_id = told.found.jobs["weekly"].job_id
        new = ledger.NewNotice("quiet", told.found.organisation_id, a_notice(), job_id)
        told.found.notices = {**told.found.notices, "quiet": ledger.keep(session, new, to, now=now)}
        (held,) = ledger.deliveries(session, [told.found.notices["quiet"]])
    assert f'name="delivery" value="{held.delivery_id}"' in told.get(path(told, "quiet")).text
    sent_again(told, "quiet", delivery=held.delivery_id)
    assert sorted(who for who, _ in mail.taken) == sorted(recipients)
    assert states(told, "quiet") == dict.fromkeys(recipients, "delivered")


def test_a_delivery_of_another_message_is_not_sent_by_this_one(told: Any, mail: Any) -> None:
    sent_again(told, "check", delivery=deliveries(told)[GONE].delivery_id)
    assert (mail.taken, states(told)[GONE]) == ([], "failed")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "delivered"}, "What is sent again is 'failed', 'unknown', not 'delivered'. Use the buttons."),
        ({"state": "failed", "seen": ""}, "'' is no instant at which this page was seen. Open it again."),
        ({"state": "failed", "seen": "2999-01-01T00:00:00+00:00"}, "is no instant at which this page was seen."),
        ({"state": "failed", "seen": "2026-01-01T00:00:00"}, "is no instant at which this page was seen."),
    ],
)
def test_what_no_button_sends_is_refused(told: Any, mail: Any, fields: dict[str, str], expected: str) -> None:
    answer = sent_again(told, **fields)
    assert answer.status_code == 422
    assert expected in words(answer.text)
    assert mail.taken == []


@pytest.mark.parametrize(
    ("who", "name", "status"), [("bob", "weekly", 403), ("ada", "outage", 403), ("eve", "weekly", 404)]
)
def test_who_may_not_change_the_job_sends_nothing_again(told: Any, mail: Any, who: str, name: str, status: int) -> None:
    assert sent_again(told, name, who, state="failed").status_code == status
    assert mail.taken == []
    if status == 403:
        assert "Send again" not in told.get(path(told, name), who).text


def test_what_concerns_several_jobs_is_sent_again_by_admins(told: Any, mail: Any) -> None:
    with told.found.desk.store.writing() as session:
        now = told.found.desk.now() - timedelta(hours=1)
        tell(
            session, told.found, "news", a_notice(kind="outage", level="error"), {"mail": {ADA: State.FAILED}}, now=now
        )
    assert sent_again(told, "news", "ivy", state="failed").status_code == 303
    assert [recipient for recipient, _ in mail.taken] == [ADA]


def test_by_a_channel_that_was_deleted_nothing_can_be_sent(told: Any) -> None:
    with told.found.desk.store.writing() as session:
        now = told.found.desk.now() - timedelta(hours=1)
        own, _ = channels.save(
            session, told.found.channels["slack"].definition.model_copy(update={"key": "own"}), now=now
        )
        told.found.channels = {**told.found.channels, "own": own}
        said = {"own": {"#own": State.FAILED}}
        tell(session, told.found, "old", a_notice(), said, now=now, job="weekly")
        channels.delete(session, own)
    page = words(told.get(path(told, "old")).text)
    assert "#own own , Slack, deleted failed" in page
    assert "Send again" not in page
    assert sent_again(told, "old", state="failed").status_code == 303
    assert states(told, "old") == {"#own": "failed"}


def test_the_owner_reads_a_private_jobs_message_and_sends_it_again(told: Any, mail: Any) -> None:
    page = told.get(path(told, "private")).text
    assert "Acme spent €1,204,000 last week" in page and GONE in page
    assert sent_again(told, "private", state="failed").status_code == 303
    assert [recipient for recipient, _ in mail.taken] == [GONE]


def test_hostile_words_are_text_on_the_page_and_in_the_mail(told: Any) -> None:
    with told.found.desk.store.writing() as session:
        said = {"mail": {ADA: State.DELIVERED}}
        content = a_notice(subject=HOSTILE, lead=HOSTILE, job=HOSTILE, about=HOSTILE)
        tell(session, told.found, "attack", content, said, now=told.found.desk.now(), job="hostile")
    for address in (path(told, "attack"), f"{path(told, 'attack')}/mail.html"):
        page = told.get(address).text
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;alert" in page


def test_the_mail_is_shown_under_a_policy_that_runs_nothing(told: Any) -> None:
    answer = told.get(f"{path(told)}/mail.html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
    assert policy.endswith("; sandbox")
    assert "Three of 24 campaigns" in answer.text
    assert told.get(f"{path(told, 'failed')}/mail.html").status_code == 404


def test_of_500_deliveries_those_that_went_wrong_are_listed_first(told: Any) -> None:
    many = {f"person-{number:03}@example.com": State.DELIVERED for number in range(500)}
    with told.found.desk.store.writing() as session:
        said = {"mail": many | {"zoe@example.com": State.FAILED}}
        tell(session, told.found, "many", a_notice(), said, now=told.found.desk.now(), job="weekly")
    page = words(told.get(path(told, "many")).text)
    assert "50 of 501 deliveries: what failed or waits stands first. Show all" in page
    assert "person-049@example.com" not in page
    assert "person-499@example.com" in told.get(f"{path(told, 'many')}?whole=1").text
    assert page.index("zoe@example.com") < page.index("person-000@example.com")
    ledger_page = words(told.get(f"/organisations/{told.found.organisation_id}/notifications").text)
    assert "Marketing mail delivered 500 failed 1" in ledger_page


def test_in_a_browser_the_caution_comes_before_a_message_that_may_arrive_twice(
    browser: Any, told: Any, address: str, mail: Any
) -> None:
    page, said = a_page(browser, address), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact{path(told)}")
    page.get_by_role("button", name="Send again to the one that may have it…").click()
    page.get_by_role("dialog").get_by_role("button", name="Send it all the same").click()
    page.get_by_text("sent again by ada").wait_for()
    page.locator("#as-mail summary").click()
    page.frame_locator("iframe.letter").get_by_text(LEAD, exact=True).wait_for()
    page.context.close()
    assert [recipient for recipient, _ in mail.taken] == [ADA]
    assert [line for line in said if "favicon" not in line] == []
