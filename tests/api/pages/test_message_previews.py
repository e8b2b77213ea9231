"""How the messages of a channel look, before one is sent."""

import html
import json
import re
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.posted import posted
from builders.served import a_page
from interact.api.example_notices import KIND_WORDS, example
from interact.jobs.definition import Organisation
from interact.store import ledger

LEAD = "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%."
NORTH = Organisation(key="north", name="North", timezone="UTC")


@pytest.fixture
def told(site: Any) -> Any:
    """Let there be channels."""
    posted(site.found)
    return site


def path(site: Any, key: str) -> str:
    return f"/channels/{site.found.channels[key].channel_id}/preview"


def sent_as(page: str) -> Any:
    """Return the document that a page shows as it is sent."""
    found = re.search(r'<details class="fold above" id="as-json">.*?<pre tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("kind", KIND_WORDS)
def test_each_kind_has_an_example_of_that_kind(kind: Any) -> None:
    notice = example(kind, NORTH)
    assert (notice.kind, notice.organisation) == (kind, "North")
    assert notice.subject and notice.lead


@pytest.mark.parametrize("kind", KIND_WORDS)
@pytest.mark.parametrize("key", ["mail", "slack", "teams", "hook"])
def test_each_channel_shows_each_kind_and_sends_nothing(told: Any, key: str, kind: str) -> None:
    answer = told.get(f"{path(told, key)}?kind={kind}")
    assert answer.status_code == 200
    subject = html.escape(example(kind, NORTH).subject, quote=False).replace("'", "&#39;")  # type: ignore[arg-type]
    assert f"<bdi>{subject}</bdi>" in answer.text
    assert "An example: its figures and names are made up. Nothing is sent." in answer.text


def test_a_channel_of_slack_shows_the_blocks_that_would_go_out(told: Any) -> None:
    shown = sent_as(told.get(f"{path(told, 'slack')}?kind=completed").text)
    assert shown["blocks"][0] == {
        "type": "header",
        "text": {"type": "plain_text", "text": "3 campaigns below ROAS 2: NL, week 47", "emoji": False},
    }


def test_a_channel_of_teams_shows_the_card_that_would_go_out(told: Any) -> None:
    shown = sent_as(told.get(f"{path(told, 'teams')}?kind=failed").text)
    card = shown["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["type"] == "AdaptiveCard"


def test_a_webhook_shows_its_document_with_whole_addresses(told: Any) -> None:
    shown = sent_as(told.get(f"{path(told, 'hook')}?kind=test").text)
    assert shown["type"] == "notice.test"
    assert shown["data"]["links"] == [{"label": "Open Interact", "url": "http://localhost:8080/interact/agents"}]


def test_a_mail_is_shown_as_it_is_drawn_and_as_text(told: Any) -> None:
    page = told.get(f"{path(told, 'mail')}?kind=partial").text
    frame = re.search(r'<iframe class="letter" src="([^"]+)" sandbox', page)
    assert frame
    drawn = told.get(html.unescape(frame[1]).removeprefix("/interact"))
    assert "2 of 3 markets: DE failed" in drawn.text and "<!doctype html" in drawn.text.lower()
    assert drawn.headers["content-security-policy"].endswith("; sandbox")
    text = page.partition('id="as-text"')[2]
    assert "NL and BE are answered; DE is not." in text
    assert "at the address of connection <code>smtp_default</code>" in page


def test_a_job_shows_what_its_last_run_would_say(told: Any) -> None:
    before = ledger_size(told)
    page = told.get(f"{path(told, 'slack')}?job={told.found.jobs['weekly'].job_id}").text
    assert "What its last run would say now" in page
    assert "Weekly Campaign Performance Report" in sent_as(page)["blocks"][1]["elements"][0]["text"]
    assert ledger_size(told) == before


def test_a_job_that_has_not_run_shows_an_example(told: Any) -> None:
    page = told.get(f"{path(told, 'hook')}?job={told.found.jobs['long'].job_id}").text
    assert "No run of this job has ended yet: this is an example." in page


def test_somebody_elses_private_job_is_not_found(told: Any) -> None:
    job_id = told.found.jobs["private"].job_id
    for place in (path(told, "mail"), f"{path(told, 'mail')}/mail.html"):
        assert told.get(f"{place}?job={job_id}").status_code == 200
        assert told.get(f"{place}?job={job_id}", "ivy").status_code == 404
    assert "Takeover" not in told.get(path(told, "mail"), "ivy").text


def test_a_hostile_job_is_text_in_each_rendering(told: Any) -> None:
    job_id = told.found.jobs["hostile"].job_id
    for key in ("mail", "slack", "teams", "hook"):
        page = told.get(f"{path(told, key)}?job={job_id}").text
        assert "<script>alert" not in page and "<img src=x" not in page
    mail = told.get(f"{path(told, 'mail')}/mail.html?job={job_id}").text
    assert "<script>alert" not in mail
    assert HOSTILE not in mail


def test_a_channel_that_sends_no_mail_has_none_to_show(told: Any) -> None:
    assert told.get(f"{path(told, 'slack')}/mail.html").status_code == 404


def test_in_a_browser_a_mail_is_drawn_in_its_frame_and_runs_nothing(browser: Any, told: Any, address: str) -> None:
    page, said = a_page(browser, address), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/interact{path(told, 'mail')}")
    page.frame_locator("iframe.letter").get_by_text(LEAD, exact=True).wait_for()
    page.context.close()
    assert [line for line in said if "favicon" not in line] == []


def ledger_size(site: Any) -> int:
    with site.found.desk.store.reading() as session:
        return len(ledger.deliveries(session, list(site.found.notices.values())))
