"""A channel's page: a test message with what the server answers, and the end of a channel."""

import html
import re
from typing import Any

import pytest

from builders import chat_servers
from builders.chat_servers import ChatServer, chat_server, says
from builders.mail_servers import MailServer, a_mail_connection, mail_server
from builders.posted import ADA, GONE, TEAM, posted
from builders.served import a_page
from builders.ways import a_connection
from interact.api import sending
from interact.jobs.definition import Organisation
from interact.notices.states import DeliveryState
from interact.store import channels, ledger, organisations, postings
from interact.store.ledger import Delivery
from interact.store.postings import Posting, Wanted

SECRET = "a1b2c3d4e5f6"


@pytest.fixture
def told(site: Any) -> Any:
    """Let there be channels."""
    posted(site.found)
    return site


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a mail server, to which the channel `mail` leads."""
    with mail_server() as server:
        a_mail_connection(monkeypatch, server.port, name="SMTP_DEFAULT")
        yield server


@pytest.fixture
def teams(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what takes cards, to which the channel `teams` leads."""
    with chat_server() as server:
        address = f"{server.url}/workflows/{SECRET}/triggers/manual?sig={SECRET}"
        a_connection(monkeypatch, {"conn_type": "http", "password": address}, "teams_board")
        yield server


def tried(site: Any, key: str, who: str = "ivy", **fields: str) -> Any:
    return site.post(f"/channels/{site.found.channels[key].channel_id}/test", who, data={"token": "one"} | fields)


def answers(page: str) -> list[list[str]]:
    """Return the cells of what the servers said."""
    table = page.partition('<table class="list answers">')[2].partition("</table>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in table.split("<tr>")[2:]]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in rows]


def kept(site: Any) -> list[tuple[Posting, list[Delivery]]]:
    """Return the test messages in the ledger, newest first."""
    with site.found.desk.store.reading() as session:
        found = postings.page(session, Wanted(site.found.organisation_id, limit=100)).postings
        return [(each, ledger.deliveries(session, [each.notice_id])) for each in found if each.kind == "test"]


def test_a_test_by_mail_goes_to_one_address_alone_and_shows_the_servers_own_answer(told: Any, mail: MailServer) -> None:
    answer = tried(told, "mail", to="me", address="ivy@example.com")
    assert answer.status_code == 200
    assert answers(answer.text) == [["ivy@example.com", "delivered", "'250 2.0.0 Ok: queued as 4XQ1'"]]
    ((recipient, message),) = mail.taken
    assert (recipient, message["Subject"]) == ("ivy@example.com", "Test message to Marketing mail")
    ((posting, (delivery,)),) = kept(told)
    assert (posting.subject, delivery.state) == ("Test message to Marketing mail", DeliveryState.DELIVERED)
    assert f"/notices/{posting.notice_id}" in answer.text


def test_a_test_to_all_shows_for_each_recipient_what_the_server_said(told: Any, mail: MailServer) -> None:
    mail.refused[GONE] = "550 5.1.1 Nobody of that name"
    page = tried(told, "mail", to="all").text
    assert [(who, state) for who, state, _ in answers(page)] == [
        (ADA, "delivered"),
        (GONE, "failed"),
        (TEAM, "delivered"),
    ]
    assert "550 5.1.1 Nobody of that name" in answers(page)[1][2]


def test_a_form_that_is_sent_twice_sends_once_and_shows_the_same(told: Any, mail: MailServer) -> None:
    pages = [answers(tried(told, "mail", to="me", address=ADA).text) for _ in range(2)]
    assert pages[0] == pages[1]
    assert len(mail.taken) == 1
    tried(told, "mail", to="me", address=ADA, token="another")
    assert len(mail.taken) == 2


@pytest.mark.parametrize(
    ("address", "told_of_it"),
    [
        ("ivy", "Name an address, as 'ada@example.com', not 'ivy'."),
        ("", "Name an address, as 'ada@example.com', not ''."),
        ("ivy@example.org", "Mail of this organisation goes to addresses of 'example.com' alone."),
    ],
)
def test_an_address_that_mail_cannot_or_may_not_go_to_is_refused_beside_it(
    told: Any, mail: MailServer, address: str, told_of_it: str
) -> None:
    limited(told, "example.com")
    answer = tried(told, "mail", to="me", address=address)
    assert answer.status_code == 422
    assert f'id="address-wrong">{html.escape(told_of_it).replace("&#x27;", "&#39;")}<' in answer.text
    assert (mail.taken, kept(told)) == ([], [])


def test_a_test_to_all_leaves_out_those_that_mail_may_not_go_to(told: Any, mail: MailServer) -> None:
    limited(told, "example.org")
    assert tried(told, "mail", to="all").status_code == 422
    assert mail.taken == []
    page = told.get(f"/channels/{told.found.channels['mail'].channel_id}").text
    assert "mail of this organisation goes to addresses of example.org alone." in page


def test_a_refusal_of_a_chat_server_is_shown_without_its_secret_address(told: Any, teams: ChatServer) -> None:
    teams.acts.append(says(400, f"Bad payload for /workflows/{SECRET}"))
    page = tried(told, "teams").text
    ((channel, state, said),) = answers(page)
    assert (channel, state) == ("Board", "failed")
    assert "400" in said
    assert SECRET not in page
    assert SECRET not in str(kept(told))


def test_what_is_busy_is_said_to_be_tried_again(told: Any, teams: ChatServer) -> None:
    teams.acts.append(says(429, "slow down", Retry_After="120"))
    ((_, state, said),) = answers(tried(told, "teams").text)
    assert state == "waiting"
    assert "429" in said and "It is tried again at " in said


def test_a_connection_that_airflow_does_not_have_is_named(told: Any) -> None:
    ((_, state, said),) = answers(tried(told, "teams").text)
    assert state == "waiting"
    assert "Connection 'teams_board' was not found in Airflow. Make it under Admin, Connections" in said


def test_what_hangs_does_not_hold_up_the_page_and_is_settled_later(
    told: Any, teams: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 0.5)
    teams.acts.append(chat_servers.hangs)
    answer = tried(told, "teams")
    assert "No answer yet." in answer.text and "the ledger will say" in answer.text
    assert answers(answer.text) == [["Board", "being sent", "Nothing yet."]]


def test_a_test_that_arrives_ends_the_outage_that_the_page_tells_of(told: Any, teams: ChatServer) -> None:
    address = f"/channels/{told.found.channels['teams'].channel_id}"
    assert "It cannot be reached since" in told.get(address).text
    assert answers(tried(told, "teams").text)[0][1] == "delivered"
    assert "It cannot be reached since" not in told.get(address).text


def test_a_test_to_a_server_that_is_away_says_so_and_makes_no_outage(told: Any) -> None:
    answer = tried(told, "mail", to="me", address=ADA)
    assert "Connection &#39;smtp_default&#39; was not found in Airflow." in answer.text
    page = told.get(f"/channels/{told.found.channels['mail'].channel_id}").text
    assert "It cannot be reached since " not in page


def test_a_member_sends_no_test(told: Any, mail: MailServer) -> None:
    assert tried(told, "mail", "ada", to="all").status_code == 403
    assert tried(told, "mail", "eve", to="all").status_code == 404
    assert (mail.taken, kept(told)) == ([], [])


def limited(site: Any, *domains: str) -> None:
    """Let mail go to these domains alone."""
    with site.found.desk.store.writing() as session:
        there = organisations.by_id(session, site.found.organisation_id)
        assert there is not None
        changed = {**there.definition.model_dump(mode="json"), "notices": {"recipient_domains": domains}}
        organisations.save(session, Organisation.model_validate(changed), now=site.found.desk.now())


def deleted(site: Any, key: str, confirmation: str, who: str = "ivy") -> Any:
    channel_id = site.found.channels[key].channel_id
    return site.post(f"/channels/{channel_id}/delete", who, data={"confirmation": confirmation})


def test_a_channel_that_jobs_are_attached_to_is_not_deleted_and_names_those_that_are_seen(told: Any) -> None:
    answer = deleted(told, "mail", "Marketing mail")
    assert answer.status_code == 422
    assert "It is not deleted: jobs are attached to it." in answer.text
    assert "Campaign check" in answer.text and "Weekly Campaign Performance Report" in answer.text
    assert "One private job of others." in answer.text
    assert "Takeover" not in answer.text and "private&#39;" not in answer.text
    with told.found.desk.store.reading() as session:
        assert len(channels.all_of(session, told.found.organisation_id)) == 4


def test_a_channel_is_deleted_once_its_name_is_typed(told: Any) -> None:
    form = {"name": "Own", "type": "slack", "connection": "slack_bot", "recipients": "#own", "level": "info"}
    sent = form | {"topics": "failed_run"}
    made = told.post(f"/organisations/{told.found.organisation_id}/notifications/channels", "ivy", data=sent).headers[
        "location"
    ]
    address = made.partition("?")[0]
    wrong = told.post(f"{address}/delete", "ivy", data={"confirmation": "own"})
    assert wrong.status_code == 422
    assert "Type the channel&#39;s name, &#39;Own&#39;, to delete it." in wrong.text
    assert told.post(f"{address}/delete", "ada", data={"confirmation": "Own"}).status_code == 403
    assert told.post(f"{address}/delete", "ivy", data={"confirmation": "Own"}).status_code == 303
    assert told.get(address, "ivy").status_code == 404


def test_a_channel_of_500_recipients_folds_them(told: Any) -> None:
    many = "\n".join(f"person-{number}@example.com" for number in range(500))
    form = {"name": "n" * 120, "type": "email", "connection": "smtp_default", "recipients": many, "level": "info"}
    made = told.post(
        f"/organisations/{told.found.organisation_id}/notifications/channels",
        "ivy",
        data=form | {"topics": "failed_run"},
    )
    page = told.get(made.headers["location"], "ivy").text
    assert "500 of them" in page and "All its 500 recipients" in page


def test_in_a_browser_the_answer_stands_below_the_button(
    browser: Any, told: Any, address: str, mail: MailServer
) -> None:
    mail.refused["ivy@example.com"] = "550 5.1.1 Nobody of that name"
    page, said = a_page(browser, address, "ivy"), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact/channels/{told.found.channels['mail'].channel_id}")
    page.get_by_label("Address", exact=True).fill("ivy@example.com")
    page.get_by_role("button", name="Send it").click()
    page.locator("#test table").wait_for()
    assert "550 5.1.1 Nobody of that name" in page.locator("#test table").inner_text()
    page.get_by_role("link", name="It stands in the ledger.").click()
    page.get_by_role("heading", level=1, name="Test message to Marketing mail").wait_for()
    assert [line for line in said if "favicon" not in line] == []
    page.context.close()
