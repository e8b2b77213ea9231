"""The notices of a run on its page: to whom they went, how each stands, and sent again where that went wrong."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from builders.chat_servers import chat_server, says
from builders.counting import counted
from builders.lived_in import HOSTILE
from builders.noticed import a_notice
from builders.posted import BUSY, LOST, REFUSED, posted, tell
from builders.served import a_page
from builders.ways import WEBHOOK
from interact.notices.states import DeliveryState
from interact.store import ledger, told
from interact.store.tables import RunRow


@pytest.fixture
def sent(site: Any) -> Any:
    """Give the site after its runs were told."""
    posted(site.found)
    decided(site)
    return site


def decided(site: Any) -> None:
    """Note of every run that has ended that it is decided who is told."""
    with site.found.desk.store.writing() as session:
        for row in session.query(RunRow).filter(RunRow.ended_at.is_not(None)):
            told.mark(session, row.id, at=site.found.desk.now())


def words(page: str) -> str:
    """What a page says of a run's notices, without tags."""
    found = re.search(r'<details class="fold above" id="told".*?</details>\s*(?=</div>)', page, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


def run_page(site: Any, name: str, who: str = "ada") -> str:
    return str(site.get(f"/runs/{site.found.runs[name]}", who).text)


def hook(site: Any, *states: DeliveryState) -> str:
    """Tell the check's run by webhook, once in each of these states, and return where that is sent again."""
    found = site.found
    with found.desk.store.writing() as session:
        for number, state in enumerate(states):
            content = a_notice(subject=f"Number {number}")
            now = found.desk.now() - timedelta(hours=1)
            tell(session, found, f"n{number}", content, {"hook": {"": state}}, now=now, run=found.runs["again"])
    return f"/runs/{found.runs['again']}/resend"


def states(site: Any) -> list[str]:
    """How the deliveries of that run stand."""
    with site.found.desk.store.reading() as session:
        ids = ledger.notice_ids_of_run(session, site.found.runs["again"])
        return [each.state.value for each in ledger.deliveries(session, ids)]


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


def test_a_run_says_to_whom_it_went_and_what_the_servers_said(sent: Any) -> None:
    page = run_page(sent, "weekly")
    said = words(page)
    assert said.startswith("Told waiting: next try ")
    for line in (
        f"Marketing mail Email gone@example.com failed What the server said {REFUSED}",
        f"Marketing mail Email ada@example.com unknown What the server said {LOST}",
        "being sent",
        f"#marketing Slack #marketing waiting next try .* What the server said {BUSY}",
        "Marketing mail Email team@example.com delivered .* What the server said 250 2.0.0 Ok: queued",
    ):
        assert re.search(line.replace("#", r"\#"), said) or line in said, line
    assert HOSTILE not in page


def test_what_was_not_sent_says_why(sent: Any) -> None:
    said = words(run_page(sent, "check"))
    assert said.startswith("Told delivered to 2")
    assert "Board Microsoft Teams – not sent hears only failures (its level is 'error'), and this is 'info'" in said


def test_a_run_of_which_nobody_was_to_hear_says_so(sent: Any) -> None:
    said = words(run_page(sent, "again"))
    assert said == "Told nobody was to be told No channel was to hear of this run. Its job's settings say who is told."


def test_the_chat_of_several_says_it_of_its_run_and_leads_there(sent: Any) -> None:
    page = sent.get(f"/chats/{sent.found.chats['weekly']}").text
    assert f'its run: <span class="delivery pending"><a href="/runs/{sent.found.runs["weekly"]}#told">waiting' in page
    assert words(page) == ""


def test_a_run_under_way_and_a_question_say_nothing_yet(sent: Any) -> None:
    assert 'id="told"' not in run_page(sent, "queued")


def test_only_who_may_change_the_job_sends_it_again(sent: Any) -> None:
    url = hook(sent, DeliveryState.FAILED)
    form = {"state": "failed", "seen": sent.found.desk.now().isoformat()}
    assert "Send again to the failed one" in run_page(sent, "again")
    assert "Send again" not in run_page(sent, "again", "bob")
    assert [sent.post(url, who, data=form).status_code for who in ("bob", "eve")] == [403, 404]
    assert states(sent) == ["failed"]


@pytest.mark.parametrize(
    ("form", "told_of"),
    [
        ({"state": "delivered"}, "What is sent again is &#39;failed&#39;, &#39;unknown&#39;, not &#39;delivered&#39;."),
        ({"state": "failed", "seen": "yesterday"}, "is no instant at which this page was seen. Open it again."),
        ({"state": "failed", "seen": "0001-01-01T00:00:00+23:59"}, "is no instant at which this page was seen."),
        ({"state": "failed", "seen": "2126-11-23T08:00:00+00:00"}, "is no instant at which this page was seen."),
    ],
)
def test_what_no_button_sends_is_refused(sent: Any, form: dict[str, str], told_of: str) -> None:
    url = hook(sent, DeliveryState.FAILED)
    answer = sent.post(url, data={"seen": sent.found.desk.now().isoformat()} | form)
    assert answer.status_code == 422 and told_of in answer.text
    assert states(sent) == ["failed"]


def test_what_failed_is_sent_again_once_however_often_somebody_presses(
    sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = hook(sent, DeliveryState.FAILED, DeliveryState.DELIVERED, DeliveryState.UNKNOWN)
    form = {"state": "failed", "seen": seen(run_page(sent, "again"))}
    with chat_server() as server:
        monkeypatch.setenv("AIRFLOW_CONN_PAGER", json.dumps(WEBHOOK.connection(server.url)))
        server.acts.append(says(500, "not now"))
        first = sent.post(url, data=form)
        assert (first.status_code, first.headers["location"]) == (303, url.replace("/resend", "#told"))
        assert sorted(states(sent)) == ["delivered", "pending", "unknown"]
        sent.post(url, data=form)
        assert len(server.posted) == 1
        part = sent.post(url, data={**form, "state": "unknown"}, headers={"HX-Request": "true"})
    [taken] = server.taken
    assert taken.document["data"]["subject"] == "Number 2"
    assert part.status_code == 200 and words(part.text + "</div>").startswith("Told waiting: next try")
    assert "500" in words(part.text + "</div>") and "not now" in part.text


def test_a_page_looks_again_while_messages_are_on_their_way(sent: Any) -> None:
    hook(sent, DeliveryState.SENDING)
    with sent.found.desk.store.writing() as session:
        session.get_one(RunRow, sent.found.runs["again"]).ended_at = sent.found.desk.now()
    part = sent.get(f"/runs/{sent.found.runs['again']}/told").text
    assert 'hx-trigger="load delay:3s"' in part and f"/runs/{sent.found.runs['again']}/told" in part
    assert "hx-trigger" not in sent.get(f"/runs/{sent.found.runs['weekly']}/told").text  # Its next try is far away.
    assert "hx-trigger" not in sent.get(f"/runs/{sent.found.runs['check']}/told").text


def test_many_recipients_cost_no_further_looks_and_are_cut(sent: Any) -> None:
    counts = []
    for number in (1, 300):
        to = {"mail": {f"{n}@example.com": DeliveryState.DELIVERED for n in range(number)}}
        with sent.found.desk.store.writing() as session:
            now = sent.found.desk.now()
            tell(session, sent.found, f"many{number}", a_notice(), to, now=now, run=sent.found.runs["again"])
        with counted(sent.found.desk.store) as statements:
            page = run_page(sent, "again")
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert "50 of 301 deliveries, those that went wrong first." in page


def test_history_and_list_say_what_became_of_each_runs_notices(sent: Any) -> None:
    page = html.unescape(sent.get(f"/jobs/{sent.found.jobs['weekly'].job_id}").text)
    cells = [
        re.sub(r"<[^>]+>", "", cell).strip()
        for cell in re.findall(r'<td data-label="Told"[^>]*>(.*?)</td>', page, re.DOTALL)
    ]
    assert [cell.partition(": next")[0] for cell in cells] == ["–", "nobody", "waiting", "–", "–"]
    listed = html.unescape(sent.get(f"/agents/{sent.found.agents['analyst'].agent_id}/jobs").text)
    assert '<span class="delivery partly">partly: 1 of 2</span>' in listed
    assert "partly: 1 of 2" not in sent.get(f"/agents/{sent.found.agents['analyst'].agent_id}/jobs", "ivy").text


def test_the_owner_alone_sees_to_whom_a_private_job_went(sent: Any) -> None:
    assert "gone@example.com failed" in words(run_page(sent, "private"))
    for who in ("ivy", "bob"):
        for path in ("", "/told"):
            answer = sent.get(f"/runs/{sent.found.runs['private']}{path}", who)
            assert answer.status_code == 404 and "gone@example.com" not in answer.text


def test_the_tab_in_airflow_says_it_too(sent: Any) -> None:
    job = sent.found.jobs["check"]
    page = sent.get(f"/dags/{job.dag_id}/runs/{sent.found.runs['check']}").text
    assert words(page).startswith("Told delivered to 2")


def test_sending_again_shows_how_it_went_where_somebody_pressed(
    browser: Any, sent: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(sent, DeliveryState.FAILED)
    with chat_server() as server:
        monkeypatch.setenv("AIRFLOW_CONN_PAGER", json.dumps(WEBHOOK.connection(server.url)))
        page, said = a_page(browser, address), []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{address}/interact/runs/{sent.found.runs['again']}")
        page.locator("#told > summary").click()
        page.get_by_role("button", name="Send again to the failed one").click()
        page.locator("#told").get_by_text("delivered to 1").wait_for()
        assert page.locator("#told .sent").is_visible()  # What was open stays open.
        assert said == []
        page.context.close()
    assert len(server.taken) == 1
