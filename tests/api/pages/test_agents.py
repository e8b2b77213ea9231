"""The list of agents, where everybody begins."""

import html
import re
from typing import Any

import pytest


def cards(page: str) -> dict[str, tuple[str, str]]:
    """Return the agents of a page by key, each with its state and how many jobs it says to have."""
    found = re.findall(
        r'<li class="card">.*?<span class="state [^"]*">([^<]*)</span>.*?<p class="foot"><span>([^<]*)</span>'
        r"<span>([^<]*)</span>",
        page,
        re.DOTALL,
    )
    return {key: (state, jobs) for state, jobs, key in found}


def test_the_pages_begin_at_the_agents(site: Any) -> None:
    answer = site.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/agents")


@pytest.mark.parametrize(("who", "count"), [("ada", "6 jobs"), ("bob", "5 jobs"), ("ivy", "5 jobs")])
def test_each_agent_says_how_many_jobs_somebody_sees_of_it(site: Any, who: str, count: str) -> None:
    assert cards(site.get("/agents", who).text) == {
        "analyst": ("active", count),
        "hostile": ("active", "0 jobs"),
        "retired": ("not active", "0 jobs"),
    }


def test_an_organisation_without_agents_says_who_makes_one(site: Any) -> None:
    page = site.get("/agents", "eve").text
    assert "No agents yet" in page and 'href="/agents/new"' in page and cards(page) == {}


@pytest.mark.parametrize("path", ["/agents", "/settings"])
def test_who_belongs_to_no_organisation_is_told_whom_to_ask(site: Any, path: str) -> None:
    answer = site.get(path, "zoe")
    assert answer.status_code == 403
    assert "'zoe' does not belong to any organisation here. Ask an admin" in html.unescape(answer.text)
