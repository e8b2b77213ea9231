"""What changes something on pages: only forms, only from our own pages, with nothing that runs but our own scripts."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from builders.callers import ADMINISTERED, WRITES, House, require_policy
from builders.signed_in import token_of

TEMPLATES = Path(__file__).parents[3] / "include" / "templates" / "pages"


@pytest.fixture
def house(site: Any) -> House:
    """Give it."""
    return House(site)


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://sub.testserver"])
def test_a_cookie_alone_changes_nothing_but_from_our_own_pages(house: House, origin: str | None) -> None:
    house.site.client.cookies.set("_token", token_of("ada"))
    before = house.kept()
    for route in WRITES:
        answer = house.call(None, route, house.left["shared"], headers={"Origin": origin} if origin else {})
        assert answer.status_code == 403, route
        assert "comes from another site" in answer.text
    assert house.kept() == before
    route = "POST /jobs/{job_id}/delete"
    data = house.form(route, "ada", house.left["shared"])
    ours = house.call(None, route, house.left["shared"], headers={"Origin": "http://testserver"}, data=data)
    house.site.client.cookies.clear()
    assert ours.status_code == 303


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_what_is_no_form_by_its_type_changes_nothing(house: House, kind: str) -> None:
    ids, before = house.left["shared"], house.kept()
    for route in WRITES:
        who = "ivy" if route in ADMINISTERED else "ada"
        form = urlencode(house.form(route, who, {**house.place, **ids}), doseq=True)
        for content in (b"", form.encode(), b'{"confirmation": "Board plan"}'):
            headers = {"Content-Type": kind}
            answer = house.call(who, route, ids, headers=headers, data=None, content=content)
            assert answer.status_code == 422, (route, content)
    assert house.kept() == before


def test_a_form_that_is_too_large_is_refused_where_it_was_written_and_stays(house: House) -> None:
    route, form = "POST /agents/{agent_id}/settings", {"semantic_model": "#" * 600_000}
    part = house.call("ivy", route, {}, data=form, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-retarget"], part.headers["hx-reswap"]) == (413, "#refused", "innerHTML")
    assert part.text.startswith('<div class="told failure" role="alert">The body is larger than 524,288 bytes.')
    page = house.call("ivy", route, {}, data=form)
    assert page.status_code == 413 and "<h1>Body too large</h1>" in page.text


def test_a_fault_of_our_own_is_a_page_with_the_same_policy(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("interact.api.pages.agents.jobs.counts", broken)
    answer = site.get("/agents")
    assert (answer.status_code, answer.headers["cache-control"]) == (500, "no-store")
    assert "This page failed on our side" in answer.text
    require_policy(answer, "GET /agents")


FORBIDDEN = {
    r"\sstyle\s*=": "an inline style",
    r"\son[a-z]+\s*=": "an inline handler",
    r"<style": "an inline style sheet",
    r"<script(?![^>]*\ssrc=)": "an inline script",
    r"hx-on|hx-vals\s*=\s*['\"]js:|hx-vars|hx-ext": "a script inside an attribute of htmx",
    r"javascript:": "an address that runs",
    r"<(?:base|object|embed|form[^>]*action=['\"]https?:)": "what leads elsewhere",
    r"\|\s*safe\b(?!\s+if wanted)": "a value that is not escaped",
    r"Markup|autoescape": "a value that is not escaped",
}
_OPENED = re.compile(r"<a\b[^>]*target=['\"]?_blank[^>]*>")


def breaches(text: str) -> list[str]:
    """Return what a template holds that the pages' policy forbids, or that a frame in Airflow cannot do."""
    found = [told for pattern, told in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]
    return found + ["a window of its own without data-out" for tag in _OPENED.findall(text) if "data-out" not in tag]


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_a_template_holds_nothing_that_the_policy_forbids(file: Path) -> None:
    assert breaches(file.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color:red">',
        "<p\nonclick='x()'>",
        "<button hx-on:click='x()'>",
        "<script>x()</script>",
        "<style>p {}</style>",
        '<a href="javascript:x()">',
        "<a href='https://example.com' target='_blank'>",
        "{{ name | safe }}",
        '<form action="https://example.com">',
        "<base href='/'>",
    ],
)
def test_what_the_policy_forbids_is_noticed(text: str) -> None:
    assert len(breaches(text)) == 1


def test_what_is_in_order_passes() -> None:
    assert breaches('<script src="x.js"></script><a data-out target="_blank" href="x"><input name="on">') == []
