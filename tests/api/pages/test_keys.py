"""Keys of the API: made by admins, shown once, and never again in any page or log."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.served import a_page
from builders.signed_in import bearer
from interact.store import keys
from interact.store.keys import KeyRecord, NewKey

BOTH = ["agent_jobs_read", "agent_jobs_trigger"]
FORM = {"name": "pipeline", "permission": BOTH, "limit": "shared"}
SECRET = re.compile(r"int_[A-Za-z0-9]{48}")


def path(site: Any) -> str:
    return f"/organisations/{site.found.organisation_id}/keys"


def made(site: Any, who: str = "ivy", **changes: Any) -> Any:
    return site.post(path(site), who, data=FORM | changes)


def stored(site: Any) -> list[KeyRecord]:
    with site.found.desk.store.reading() as session:
        return keys.all_of(session, site.found.organisation_id)


def secret_of(answer: Any) -> str:
    found = set(SECRET.findall(answer.text))
    assert len(found) == 1
    return found.pop()


def wrong(page: str) -> dict[str, str]:
    return dict(re.findall(r'<p class="wrong" id="([\w-]+)-wrong">(.*?)</p>', page))


@pytest.fixture
def rest(site: Any) -> Iterator[Any]:
    """Give a client of the REST API on the same store."""
    from fastapi.testclient import TestClient

    from interact.api.app import rest_app

    with TestClient(rest_app(site.found.desk, serving=lambda desk: None)) as client:
        yield client


def test_a_member_is_told_who_makes_keys(site: Any) -> None:
    made(site)
    page = site.get(path(site))
    assert page.status_code == 200
    assert "Ask <bdi>ivy</bdi> for one" in page.text
    assert "pipeline" not in page.text and "<form" not in page.text


def test_members_and_strangers_make_and_delete_nothing(site: Any) -> None:
    made(site)
    (key,) = stored(site)
    for who, status in (("ada", 403), ("eve", 404)):
        assert made(site, who).status_code == status
        assert site.post(f"{path(site)}/{key.key_id}/delete", who).status_code == status
        assert site.get(f"{path(site)}/jobs", who).status_code == status
    assert site.get(path(site), "eve").status_code == 404
    assert site.client.get(path(site)).status_code == site.client.post(path(site), data=FORM).status_code == 401
    assert len(stored(site)) == 1


def test_a_new_keys_secret_works_and_stands_in_that_answer_alone(
    site: Any, rest: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = made(site)
    secret = secret_of(answer)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "this is the only time that it is shown" in answer.text
    headers = {"X-API-Key": secret, "X-Organization-Id": site.found.organisation_id}
    assert rest.get("/jobs", headers=headers).status_code == 200
    others = [
        site.get(each, "ivy")
        for each in (path(site), path(site).replace("keys", "settings"), path(site).replace("keys", "reference"))
    ]
    assert [each.status_code for each in others] == [200, 200, 200]
    assert not any(secret in each.text for each in others)
    assert secret not in caplog.text
    assert secret not in repr(stored(site))


def test_its_curl_starts_a_job_that_it_reaches(site: Any) -> None:
    answer = made(site)
    secret = secret_of(answer)
    command = re.search(r'<code id="command">(.*?)</code>', answer.text, re.DOTALL)
    assert command is not None
    told = command[1].replace("&#34;", '"')
    first = site.found.jobs["hostile"].job_id
    assert told.startswith(f"curl -X POST \\\n  http://localhost:8080/api/agents/jobs/{first}/trigger \\\n")
    assert f'-H "X-API-Key: {secret}"' in told
    assert f'-H "X-Organization-Id: {site.found.organisation_id}"' in told
    assert "job_" in told and site.found.jobs["private"].job_id not in told


def test_the_curl_of_a_limited_key_starts_one_of_its_jobs_and_that_of_one_that_reads_lists_chats(site: Any) -> None:
    weekly = site.found.jobs["weekly"].job_id
    answer = made(site, limit="named", job=[weekly])
    assert f"/jobs/{weekly}/trigger" in answer.text
    assert "{&#34;parameters&#34;: {&#34;market&#34;: [&#34;NL&#34;, &#34;BE&#34;, &#34;DE&#34;]}}" in answer.text
    answer = made(site, permission=["agent_jobs_read"])
    assert "/trigger" not in answer.text and "/api/agents/chats" in answer.text


def test_a_key_keeps_what_was_asked_for(site: Any) -> None:
    weekly, check = (site.found.jobs[name].job_id for name in ("weekly", "check"))
    ends = datetime.now(UTC).date() + timedelta(days=400)
    made(
        site,
        name=" Loader ",
        permission=["agent_jobs_trigger"],
        limit="named",
        job=[weekly, check],
        expires=ends.isoformat(),
    )
    (key,) = stored(site)
    assert (key.name, key.permissions) == ("Loader", frozenset({"agent_jobs_trigger"}))
    assert key.job_ids == {weekly, check}
    assert key.expires_at is not None
    # The end of that day where the organisation is.
    assert (
        datetime.combine(ends, datetime.min.time(), UTC)
        < key.expires_at
        < datetime.combine(ends + timedelta(days=1), datetime.min.time(), UTC)
    )


def test_jobs_that_are_ticked_do_not_count_while_the_key_reaches_all(site: Any) -> None:
    made(site, job=[site.found.jobs["weekly"].job_id])
    assert stored(site)[0].job_ids is None


@pytest.mark.parametrize(
    ("changes", "status", "field", "told"),
    [
        ({"name": ""}, 422, "name", "A key needs a name"),
        ({"name": "two\nlines"}, 422, "name", "A name is one line of text"),
        ({"name": "x" * 121}, 422, "name", "at most 120 characters"),
        ({"permission": []}, 422, "permission", "A key needs a permission. Choose one or both."),
        ({"permission": ["all"]}, 422, "permission", "There is no such permission."),
        ({"expires": "2020-01-01"}, 422, "expires", "The day 2020-01-01 is over."),
        ({"expires": "soon"}, 422, "expires", "&#39;soon&#39; is no day."),
        ({"expires": "9999-12-31"}, 422, "expires", "&#39;9999-12-31&#39; is no day."),
        ({"limit": "named"}, 422, "job", "Choose the jobs that the key may reach"),
        ({"limit": "named", "job": ["nonsense"]}, 422, "job", "These are no ids of jobs"),
        ({"limit": "named", "job": ["job_000000000000"]}, 404, "job", "There is no job"),
    ],
)
def test_each_refusal_stands_at_its_field_and_nothing_is_made(
    site: Any, changes: dict[str, Any], status: int, field: str, told: str
) -> None:
    answer = made(site, **changes)
    assert answer.status_code == status
    assert list(wrong(answer.text)) == [field]
    assert told in wrong(answer.text)[field]
    assert stored(site) == [] and not SECRET.search(answer.text)


def test_a_private_job_of_somebody_else_is_neither_offered_nor_taken(site: Any) -> None:
    private = site.found.jobs["private"].job_id
    assert "Takeover" not in site.get(path(site), "ivy").text
    assert "Takeover" not in site.get(f"{path(site)}/jobs?q=takeover&job={private}", "ivy").text
    answer = made(site, limit="named", job=[private])
    assert (answer.status_code, stored(site)) == (404, [])


def test_jobs_are_found_by_a_word_and_those_that_are_ticked_stay(site: Any) -> None:
    weekly = site.found.jobs["weekly"].job_id
    part = site.get(f"{path(site)}/jobs?q=hourly&job={weekly}", "ivy").text
    assert re.findall(r'value="(job_\w+)"( checked)?', part) == [
        (weekly, " checked"),
        (site.found.jobs["hourly"].job_id, ""),
    ]
    assert "No job that you see fits." in site.get(f"{path(site)}/jobs?q=nothing", "ivy").text


def test_the_list_says_what_each_key_may_and_when_it_was_used(site: Any) -> None:
    now = datetime.now(UTC)
    wanted = [
        NewKey("old", frozenset({"agent_jobs_read"}), expires_at=now + timedelta(seconds=1)),
        NewKey("bobs", frozenset(BOTH), job_ids=frozenset({site.found.jobs["private"].job_id})),
        NewKey("gone", frozenset({"agent_jobs_trigger"}), job_ids=frozenset({"job_000000000000"})),
    ]
    with site.found.desk.store.writing() as session:
        for number, each in enumerate(wanted):
            at = now - timedelta(days=10 - number)
            _, key_id = keys.create(session, site.found.organisation_id, each, now=at)
        keys.note_use(session, key_id, now=datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    page = site.get(path(site), "ivy").text
    assert [re.sub("<.*?>", "", name) for name in re.findall(r"<td><strong>(.*?)</strong>", page)] == [
        "gone",
        "bobs",
        "old",
    ]
    assert re.findall(r'data-label="May">(.*?)<', page) == ["start", "start and read", "read"]
    assert "1 Jul 2026, 11:00 CEST" in page and ">never</td>" in page
    assert "a private job of ada" in page and "a deleted job" in page and "Takeover" not in page
    assert "600 requests a minute" in page


def test_a_key_that_has_ended_says_so(site: Any) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    with site.found.desk.store.writing() as session:
        keys.create(session, site.found.organisation_id, NewKey("old", frozenset(BOTH), past), now=past)
    assert '<span class="state off">ended</span>' in site.get(path(site), "ivy").text


def test_a_deleted_key_is_refused_at_once(site: Any, rest: Any) -> None:
    headers = {"X-API-Key": secret_of(made(site)), "X-Organization-Id": site.found.organisation_id}
    (key,) = stored(site)
    answer = site.post(f"{path(site)}/{key.key_id}/delete", "ivy")
    assert (answer.status_code, answer.headers["location"]) == (303, path(site))
    assert rest.get("/jobs", headers=headers).status_code == 401
    assert site.post(f"{path(site)}/{key.key_id}/delete", "ivy").status_code == 404


def test_a_key_of_another_organisation_is_not_there(site: Any) -> None:
    with site.found.desk.store.writing() as session:
        from interact.store import organisations

        south = organisations.by_key(session, "south")
        assert south is not None
        _, key_id = keys.create(
            session, south.organisation_id, NewKey("theirs", frozenset(BOTH)), now=datetime.now(UTC)
        )
    assert site.post(f"{path(site)}/{key_id}/delete", "ivy").status_code == 404
    assert "theirs" not in site.get(path(site), "ivy").text
    with site.found.desk.store.reading() as session:
        assert len(keys.all_of(session, south.organisation_id)) == 1


def test_names_that_hold_tags_stay_names(site: Any) -> None:
    answer = made(site, name="<script>alert('x')</script>")
    pages = [answer.text, site.get(path(site), "ivy").text, site.get(f"{path(site)}/jobs", "ivy").text]
    for page in pages:
        assert "&lt;script&gt;alert(&#39;x&#39;)" in page
        assert "<script>alert" not in page and "<img src=x" not in page
    assert HOSTILE not in "".join(pages)


def test_a_form_of_another_site_makes_no_key(site: Any) -> None:
    from builders.signed_in import token_of

    cookie = {"Cookie": f"_token={token_of('ivy')}", "Origin": "https://elsewhere.example"}
    assert site.client.post(path(site), headers=cookie, data=FORM).status_code == 403
    assert site.client.post(path(site), headers=bearer("ivy"), json=FORM).status_code == 422
    assert stored(site) == []


def test_in_a_browser_the_secret_is_gone_with_the_page(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address, "ivy")
    page.goto(f"{address}/interact{path(site)}")
    page.fill("#name", "pipeline")
    page.check("input[value=named]")
    page.click("summary:has-text('Choose jobs')")
    page.fill("input[name=q]", "hourly")
    page.wait_for_selector("#key-jobs >> text=Hourly spend")
    page.wait_for_selector("#key-jobs >> text=Campaign check", state="detached")
    page.check("#key-jobs input >> nth=0")
    page.click("button:has-text('Create key')")
    page.wait_for_selector("#secret")
    secret = page.inner_text("#secret")
    assert SECRET.fullmatch(secret) and secret in page.inner_text("#command")
    assert secret not in page.url
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.cookie])")
    assert secret not in kept
    page.reload()
    assert secret not in page.content() and "pipeline" in page.content()
    page.go_back()
    assert secret not in page.content()
    page.goto(f"{address}/interact{path(site)}")
    page.click("button:has-text('Delete')")
    page.click("dialog[open] button:has-text('Delete')")
    page.wait_for_selector("text=No keys yet")
    page.context.close()
    assert stored(site) == []
