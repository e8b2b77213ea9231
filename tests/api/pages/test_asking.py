"""An agent's page: asking it, and the chats below the box."""

import re
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.counting import counted
from builders.lived_in import HOSTILE
from interact.jobs.naming import QUESTIONS_DAG
from interact.runs.accept import Ask, accept


@pytest.fixture
def agent(site: Any) -> str:
    """Return the address of the agent that can be asked."""
    save_dag(QUESTIONS_DAG)
    return f"/agents/{site.found.agents['analyst'].agent_id}"


def names(page: str) -> list[str]:
    """Return the names in the list of chats, in order."""
    return re.findall(r'<a class="name" href="[^"]*"><bdi>(.*?)</bdi>', page)


def states(page: str) -> set[str]:
    """Return how the listed chats stand."""
    return set(re.findall(r'data-label="State"><span class="state \w+">(\w+)<', page))


def test_the_page_offers_a_box_with_questions_that_fit_the_model(site: Any, agent: str) -> None:
    page = site.get(agent).text
    assert f'action="{agent}/ask"' in page
    assert 'data-fills="#prompt" data-text="Spend and ROAS by campaign for the past 7 days"' in page
    assert page.count("data-fills=") == 5


def test_the_chats_that_somebody_sees_are_listed_newest_first(site: Any, agent: str) -> None:
    mine, theirs = site.get(agent).text, site.get(agent, "bob").text
    assert names(mine)[:3] == ["Weekly Campaign Performance Report"] * 3
    assert "Takeover of Acme" in names(mine)
    assert "Takeover of Acme" not in theirs
    assert '<span class="under"><bdi>DE</bdi></span>' in mine
    assert '<td data-label="Started by"><bdi>API key pipeline</bdi></td>' in mine
    assert re.search(r'data-label="When"><time datetime="[^"]+">\d+ \w+ \d{4}, \d\d:\d\d CES?T</time>', mine)


def test_names_are_shown_as_they_are_written_and_read_as_no_markup(site: Any, agent: str) -> None:
    page = site.get(agent).text
    assert "<script>alert" not in page
    assert HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;") in names(page)


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled", "queued"])
def test_the_list_is_narrowed_to_a_state(site: Any, agent: str, state: str) -> None:
    assert states(site.get(f"{agent}?state={state}").text) == {state}


def test_questions_and_jobs_are_told_apart(site: Any, agent: str) -> None:
    site.post(f"{agent}/ask", data={"prompt": "Spend by market for the past 7 days."})
    assert names(site.get(f"{agent}?kind=questions").text) == ["Spend by market for the past 7 days"]
    assert "Spend by market for the past 7 days" not in names(site.get(f"{agent}?kind=job").text)
    assert names(site.get(f"{agent}?kind=questions", "bob").text) == []


def test_an_empty_list_says_what_to_do(site: Any, agent: str) -> None:
    assert "Show all chats" in site.get(f"{agent}?state=running").text
    hostile = f"/agents/{site.found.agents['hostile'].agent_id}"
    assert "No chats yet" in site.get(hostile).text


def test_a_filter_that_no_page_of_ours_sends_is_refused_in_words(site: Any, agent: str) -> None:
    answer = site.get(f"{agent}?state=sleeping")
    assert answer.status_code == 422
    assert "sleeping" in answer.text
    assert site.get(f"{agent}?cursor=nonsense").status_code == 422


def test_a_long_list_pages_without_gaps_or_doubles(site: Any, agent: str) -> None:
    job_id = site.found.jobs["weekly"].job_id
    for _ in range(10):
        accept(site.found.desk, Ask(job_id, {"market": ["NL", "BE", "DE"]}, "user:ada"))
    seen, address = list[str](), agent
    while address:
        page = site.get(address).text
        seen += re.findall(r'<a class="name" href="/chats/(\w+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 10 + 30


def test_a_page_of_many_chats_takes_as_many_looks_as_one_of_few(site: Any, agent: str) -> None:
    desk = site.found.desk
    site.get(agent)
    with counted(desk.store) as few:
        site.get(agent)
    for _ in range(8):
        accept(desk, Ask(site.found.jobs["weekly"].job_id, {"market": ["NL", "BE", "DE"]}, "user:ada"))
    with counted(desk.store) as many:
        site.get(agent)
    assert len(many) == len(few)


def test_an_agent_that_is_not_active_says_why_it_cannot_be_asked(site: Any) -> None:
    page = site.get(f"/agents/{site.found.agents['retired'].agent_id}").text
    assert "This agent is not active, so it cannot be asked" in page
    assert "<textarea" not in page


def test_a_question_leads_to_its_chat(site: Any, agent: str) -> None:
    plain = site.post(f"{agent}/ask", data={"prompt": "Spend for yesterday"})
    by_script = site.post(f"{agent}/ask", data={"prompt": "Spend for yesterday"}, headers={"HX-Request": "true"})
    assert plain.status_code == 303
    assert by_script.status_code == 204
    for where in (plain.headers["location"], by_script.headers["hx-redirect"]):
        assert "Spend for yesterday" in site.get(where).text
        assert site.get(where, "bob").status_code == 404  # What people ask is theirs alone.


@pytest.mark.parametrize("by_script", [False, True])
def test_a_refused_question_stays_as_it_was_typed(site: Any, agent: str, by_script: bool) -> None:
    save_dag(QUESTIONS_DAG, is_paused=True)
    headers = {"HX-Request": "true"} if by_script else {}
    answer = site.post(f"{agent}/ask", data={"prompt": f"Spend {HOSTILE}"}, headers=headers)
    save_dag(QUESTIONS_DAG)
    assert answer.status_code == 409
    assert "Spend &lt;script&gt;" in answer.text
    assert 'id="prompt-wrong"' in answer.text and 'aria-invalid="true"' in answer.text
    assert ("<html" in answer.text) is not by_script


def test_an_empty_question_is_told_beside_the_box(site: Any, agent: str) -> None:
    answer = site.post(f"{agent}/ask", data={"prompt": "  "})
    assert answer.status_code == 422
    assert 'id="prompt-wrong"' in answer.text


def test_an_agent_of_another_organisation_does_not_exist(site: Any, agent: str) -> None:
    for answer in (site.get(agent, "eve"), site.post(f"{agent}/ask", "eve", data={"prompt": "Spend"})):
        assert answer.status_code == 404
        assert "Marketing analyst" not in answer.text
