"""Texts that try to be markup, in every place where somebody can write one; and everything that may be away."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builders.callers import require_policy
from builders.served import a_page
from builders.spiteful import ATTRIBUTE, SPITE, Ids, spiteful
from interact.api.pages.agent_fields import typed_of as agent_form
from interact.api.pages.job_fields import fields_of
from interact.api.pages.organisation_fields import typed_of as organisation_form
from interact.store import agents, jobs, organisations

ID = re.compile(r"\b[a-z]+_[a-z0-9]{12}\b")
"""An id, in which any two letters may stand side by side."""

ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data")
LOCAL = ("/", "#", "?", "data:,")
OUT = ("https://crontab.guru/", "https://example.com/")
"""What a schedule's form leads to, and what an agent may write."""
PAGES = [
    "/agents",
    "/agents/{agent_id}",
    "/agents/{agent_id}/jobs",
    "/agents/{agent_id}/jobs?q={spite}",
    "/agents/{agent_id}/jobs/new",
    "/agents/{agent_id}/jobs/new?chat={chat_id}",
    "/agents/{agent_id}/settings",
    "/agents/{agent_id}/versions/2",
    "/agents/{agent_id}/versions/3",
    "/agents/new",
    "/agents/new/model?like={agent_id}",
    "/organisations/{organisation_id}/settings",
    "/organisations/{organisation_id}/versions/1",
    "/organisations/{organisation_id}/keys",
    "/organisations/{organisation_id}/keys/jobs",
    "/organisations/{organisation_id}/reference",
    "/jobs/{job_id}",
    "/jobs/{job_id}/settings",
    "/jobs/{plain_id}",
    "/jobs/{plain_id}/settings",
    "/jobs/{plain_id}/run",
    "/runs/{run_id}",
    "/runs/{cancelled_id}",
    "/runs/{waiting_run_id}",
    "/runs/{run_id}/live",
    "/chats/{chat_id}",
    "/chats/{failed_id}",
    "/chats/{waiting_id}",
    "/chats/{waiting_id}/live",
    "/chats/{waiting_id}/live?seen=1-0-running-none&head=1",
    "/chats/{chat_id}/results/{result_id}",
]
REFUSED = [
    "/jobs/{spite}",
    "/agents/{agent_id}?state={spite}",
    "/agents/{agent_id}?{spite}=1",
    "/jobs/{job_id}?outcome={spite}",
    "/dags/{spite}/runs/{spite}",
]
SENT = [
    "/agents/{agent_id}/jobs",
    "/agents/{agent_id}/preview",
    "/agents/{agent_id}/understanding",
    "/agents/{agent_id}/schedule-words",
    "/jobs/{plain_id}/settings",
    "/jobs/{plain_id}/owner",
    "/jobs/{plain_id}/delete",
    "/jobs/{plain_id}/run",
    "/jobs/{plain_id}/run/count",
    "/jobs/{plain_id}/times",
    "/chats/{chat_id}/follow-up",
    "/agents",
    "/agents/{agent_id}/settings",
    "/organisations/{organisation_id}/settings",
    "/organisations/{organisation_id}/settings/preview",
    "/organisations/{organisation_id}/keys",
]
WRITTEN = """name prompt visibility cron on_holiday lateness_minutes timezone assets when trigger_schedule
cutoff_minutes at_cutoff fresh_minutes channels time_limit_minutes parallel_chats schedule_on
confirmation token version key description warehouse semantic_model instructions active member role
start_of_business country region add remove primary weekend permission expires limit job seen
value-p due_at parameter-0-name parameter-0-type parameter-0-values parameter-0-query
parameter-0-default parameter-0-schedule parameter-0-description"""


class Reader(HTMLParser):
    """Notes what no page of ours may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        names = [name for name, _ in attrs]
        if tag == "zz-mark" or len(names) != len(known) or (tag == "script" and not known.get("src")):
            self.strange.append((tag, attrs))
        for name, value in known.items():
            leads_away = name in ADDRESSES and value and not value.startswith((*LOCAL, *OUT))
            if name.startswith(("on", "zz")) or name == "style" or leads_away or (value or "").startswith("//"):
                self.strange.append((tag, name, value))


def require_clean(answer: Any) -> None:
    """Nothing that was written has become an element, an attribute or an address, and no template was run."""
    require_policy(answer, str(answer.url))
    reader = Reader()
    reader.feed(answer.text)
    assert reader.strange == [], answer.url
    assert ">49<" not in answer.text


@pytest.fixture
def ids(site: Any) -> Iterator[Ids]:
    """Give the ids of what bears the texts."""
    return spiteful(site.found) | {"spite": quote(SPITE.replace("/", "_"), safe="")}


def test_what_is_strange_is_noticed() -> None:
    for text in (
        "<zz-mark>",
        "<a href='javascript:x()'>",
        "<a href='//example.com'>",
        "<p onclick=x>",
        "<p zz=1>",
        "<script>",
    ):
        reader = Reader()
        reader.feed(text)
        assert len(reader.strange) == 1, text


@pytest.mark.parametrize("who", ["ada", "ivy"])
def test_no_text_becomes_markup_on_any_page(site: Any, ids: Ids, who: str) -> None:
    for path in (*PAGES, *REFUSED):
        answer = site.get(path.format(**ids), who)
        allowed = (403,) if who == "ada" else ()
        assert answer.status_code in (200, *allowed) if path in PAGES else (404, 422), path
        require_clean(answer)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["whole", "part"])
@pytest.mark.parametrize("spite", [SPITE, ATTRIBUTE], ids=["element", "attribute"])
def test_no_text_that_is_sent_comes_back_as_markup(site: Any, ids: Ids, headers: dict[str, str], spite: str) -> None:
    form = dict.fromkeys(WRITTEN.split(), spite) | {
        "parameter": "0",
        "asks": "p",
        "organisation": ids["organisation_id"],
    }
    for path in SENT:
        for changes in ({}, {"semantic_model": "a: 1", "permission": "agent_jobs_read", "expires": "", "limit": ""}):
            who = "ivy" if "organisation" in path or path in ("/agents", "/agents/{agent_id}/settings") else "ada"
            answer = site.post(path.format(**ids), who, data=form | changes, headers=headers)
            assert answer.status_code < 500, path
            require_clean(answer)
            assert all(value.startswith("/") and "zz" not in ID.sub("", value) for value in leads(answer))


def leads(answer: Any) -> list[str]:
    """Return where an answer leads."""
    return [answer.headers[name] for name in ("location", "hx-redirect") if name in answer.headers]


def test_no_text_becomes_markup_where_two_edits_meet(site: Any, ids: Ids) -> None:
    with site.found.desk.store.reading() as session:
        job, agent = jobs.by_id(session, ids["plain_id"]), agents.by_id(session, ids["agent_id"])
        organisation = organisations.by_id(session, ids["organisation_id"])
    assert job and agent and organisation
    of_agent = {name: value for name, value in agent_form(agent.definition).items() if value}
    typed = organisation_form(organisation.definition)
    people = {"member": [name for name, _ in typed.members], "role": [role for _, role in typed.members]}
    of_organisation = typed.texts | {"weekend": typed.weekend, "name": ATTRIBUTE} | people
    conflicts = [
        ("ada", "/jobs/{plain_id}/settings", {**fields_of(job.definition).sent, "version": 7, "name": ATTRIBUTE}),
        ("ivy", "/agents/{agent_id}/settings", of_agent | {"version": 1, "name": ATTRIBUTE}),
        ("ivy", "/organisations/{organisation_id}/settings", of_organisation | {"seen": "x"}),
    ]
    for who, path, form in conflicts:
        answer = site.post(path.format(**ids), who, data=form)
        assert answer.status_code == 409, path
        require_clean(answer)
    leaving = of_organisation | {"member": [SPITE, "ivy"], "role": ["admin", "member"]}
    require_clean(site.post("/organisations/{organisation_id}/settings".format(**ids), "ivy", data=leaving))


def test_a_browser_finds_nothing_in_them_that_runs(browser: Any, site: Any, ids: Ids, address: str) -> None:
    page, said = a_page(browser, address, "ivy"), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    for path in PAGES:
        if "/live" in path or "/model" in path or path.endswith(("/keys/jobs", "{result_id}")):
            continue  # A part of a page.
        page.goto(f"{address}/interact{path.format(**ids)}")
        page.wait_for_timeout(700)  # What the page asks for while it is looked at comes in meanwhile.
        assert page.locator("zz-mark, [zz], [style], [onclick]").count() == 0, path
        assert said == [], path
    page.context.close()


def test_a_file_is_called_by_letters_digits_and_hyphens(site: Any, ids: Ids) -> None:
    for kind in ("csv", "xlsx"):
        named = site.get(f"/chats/{ids['chat_id']}/results/{ids['result_id']}.{kind}").headers["content-disposition"]
        name = named.removeprefix('attachment; filename="').removesuffix(f'.{kind}"')
        assert name.replace("-", "").replace("_", "").isalnum() and name.isascii()


def test_a_link_that_an_agent_writes_leaves_the_frame(site: Any, ids: Ids) -> None:
    page = site.get(f"/chats/{ids['chat_id']}").text
    assert '<a data-out href="https://example.com/%22zz=1" rel="noopener noreferrer">out</a>' in page
    assert "javascript:zz)" in page and 'href="javascript' not in page


def test_pages_keep_their_looks_while_the_store_is_away(site: Any) -> None:
    store = Path(site.found.desk.store.url.database)
    site.found.desk.store.rest()
    store.rename(store.with_suffix(".away"))
    page, part = site.get("/agents"), site.get("/agents", headers={"HX-Request": "true"})
    assert (page.status_code, part.status_code, part.headers["hx-retarget"]) == (503, 503, "#refused")
    assert "The store &#39;interact.db&#39; does not exist." in page.text and str(store.parent) not in page.text
    assert site.get("/static/pages.css").status_code == 200
    assert site.client.get("/static/pages.css").status_code == 401


def test_a_page_says_so_when_the_database_of_airflow_does_not_answer(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    async def away(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("no route to the host"))

    monkeypatch.setattr("interact.api.access.get_user", away)
    answer = site.get("/agents")
    assert answer.status_code == 503
    assert "Airflow&#39;s database does not answer (OperationalError). Try again in some seconds." in answer.text
    require_policy(answer, "GET /agents")
