"""Who is told of a run that somebody starts by hand: nobody, unless they say so."""

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest

from builders.added import add_job, run_by_id, runs_of
from builders.posted import posted
from builders.served import a_page
from interact.api.pages.audiences import ADDRESS, offered
from interact.api.pages.visitors import Visitor
from interact.jobs.definition import Job, Organisation
from interact.jobs.rights import Person
from interact.jobs.stored import StoredJob
from interact.store import jobs, organisations


@pytest.fixture
def told(site: Any) -> Any:
    """Give the site with channels, of which the check's run was told."""
    posted(site.found)
    return site


def run_of(site: Any, job: StoredJob) -> Any:
    """Return the one run of a job that has not ended."""
    [run] = runs_of(site.found, job)
    return run


def led_to(site: Any, answer: Any) -> Any:
    """Return the run that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return run_by_id(site.found, answer.headers["location"].removeprefix("/runs/"))


def limited(site: Any, *domains: str) -> None:
    """Let mail of the organisation go to these domains alone."""
    found = site.found
    with found.desk.store.writing() as session:
        organisation = organisations.by_id(session, found.organisation_id)
        assert organisation is not None
        plain = organisation.definition.model_dump(mode="json") | {"notices": {"recipient_domains": list(domains)}}
        organisations.save(session, Organisation.model_validate(plain), now=found.desk.now())


def choices(page: str) -> dict[str, str]:
    """Return the radio buttons of `send_to`, each with what else its tag says."""
    return {value: more.strip() for value, more in re.findall(r'name="send_to" value="([a-z]+)"([^>]*)>', page)}


def test_the_form_offers_nobody_first_and_names_the_channels(told: Any) -> None:
    page = html.unescape(told.get(f"/jobs/{told.found.jobs['weekly'].job_id}/run").text)
    assert choices(page) == {"nobody": "checked", "me": "", "everyone": ""}
    assert "2 channels: Marketing mail, #marketing" in page


def test_choices_that_lead_nowhere_say_why(site: Any) -> None:
    page = html.unescape(site.get(f"/jobs/{site.found.jobs['weekly'].job_id}/run").text)
    assert choices(page) == {"nobody": "checked", "me": "disabled", "everyone": "disabled"}
    assert "This organisation has no channel of type email, by which it could be sent." in page
    assert "This job tells no channel of its runs. Its settings name them, under Who is told." in page


@pytest.mark.parametrize(
    ("sent", "audience"),
    [
        ({}, "nobody"),
        ({"send_to": "nobody", ADDRESS: "ada@example.com"}, "nobody"),
        ({"send_to": "everyone"}, "everyone"),
        ({"send_to": "me", ADDRESS: " ada@example.com "}, "me:ada@example.com"),
    ],
)
def test_a_run_tells_whom_somebody_chose(told: Any, sent: dict[str, str], audience: str) -> None:
    job = told.found.jobs["check"]
    assert led_to(told, told.post(f"/jobs/{job.job_id}/run", data={"token": "t", **sent})).audience == audience


@pytest.mark.parametrize(
    ("address", "told_of"),
    [
        ("ada", "“Address” takes an address, as 'ada@example.com', not 'ada'."),
        ("", "“Address” takes an address, as 'ada@example.com', not ''."),
        (
            "ada@elsewhere.com",
            "Mail of this organisation goes to addresses of 'example.com' alone, and 'ada@elsewhere.com' is none. Name "
            "one of those.",
        ),
    ],
)
def test_an_address_that_mail_cannot_go_to_is_refused_beside_its_field(told: Any, address: str, told_of: str) -> None:
    limited(told, "example.com")
    job = told.found.jobs["check"]
    answer = told.post(f"/jobs/{job.job_id}/run", data={"send_to": "me", ADDRESS: address})
    page = html.unescape(answer.text)
    assert answer.status_code == 422 and f'<p class="wrong" id="{ADDRESS}-wrong">{told_of}</p>' in page
    assert choices(page)["me"] == "checked" and f'value="{address}"' in page
    assert "Mail goes to addresses of example.com alone." in page
    assert runs_of(told.found, job) == []


def test_without_mail_nobody_sends_it_to_themselves(site: Any) -> None:
    job = site.found.jobs["check"]
    answer = site.post(f"/jobs/{job.job_id}/run", data={"send_to": "me", ADDRESS: "ada@example.com"})
    assert answer.status_code == 422 and "has no channel of type email" in answer.text
    answer = site.post(f"/jobs/{job.job_id}/run", data={"send_to": "the world"})
    assert (
        answer.status_code == 422
        and "“Send to” takes &#39;nobody&#39;, &#39;me&#39;, &#39;everyone&#39;" in answer.text
    )


@pytest.mark.parametrize(
    ("user", "address"),
    [
        (SimpleNamespace(get_name=lambda: "ada", email="ada@example.com"), "ada@example.com"),
        (SimpleNamespace(get_name=lambda: "ada@example.org", email=None), "ada@example.org"),
        (SimpleNamespace(get_name=lambda: "ada", email="none"), ""),
        (SimpleNamespace(get_name=lambda: "ada"), ""),
    ],
)
def test_the_address_is_that_of_airflows_user_or_their_name(told: Any, user: Any, address: str) -> None:
    found = told.found
    with found.desk.store.reading() as session:
        organisation = organisations.by_id(session, found.organisation_id)
    assert organisation is not None
    person = Person(user.get_name(), found.organisation_id, "member")
    visitor = Visitor(user, (organisation,), {found.organisation_id: person})
    assert offered(found.desk, visitor, found.jobs["weekly"], None).address == address


def test_another_choice_is_another_wish(told: Any) -> None:
    url = f"/jobs/{told.found.jobs['check'].job_id}/run"
    first, same, other = (
        led_to(told, told.post(url, data={"token": "t", "send_to": who})) for who in ("nobody", "nobody", "everyone")
    )
    assert first.run_id == same.run_id != other.run_id


def test_a_job_without_values_runs_at_one_click_or_asks_whom_to_tell(told: Any) -> None:
    page = told.get(f"/jobs/{told.found.jobs['check'].job_id}").text
    url = f"/jobs/{told.found.jobs['check'].job_id}/run"
    assert f'hx-post="{url}"' in page and f'href="{url}">Run and tell…' in page


def test_repeating_a_run_asks_whom_to_tell_and_nobody_is_first(told: Any) -> None:
    for path in (f"/runs/{told.found.runs['weekly']}", f"/chats/{told.found.chats['weekly']}"):
        page = html.unescape(told.get(path).text)
        assert choices(page) == {"nobody": "checked", "corrected": "", "everyone": ""}
        assert "It went to 4 recipients, who get the new one marked as corrected." in page
        assert "2 channels: Marketing mail, #marketing" in page


def test_repeating_what_nobody_was_told_of_is_one_click(site: Any) -> None:
    page = site.get(f"/runs/{site.found.runs['weekly']}").text
    assert "Run again" in page and choices(page) == {} and "<dialog" not in page


@pytest.mark.parametrize("audience", ["nobody", "corrected", "everyone"])
def test_a_repeated_run_tells_whom_somebody_chose(told: Any, audience: str) -> None:
    run_id, chat_id = told.found.runs["weekly"], told.found.chats["weekly"]
    again = led_to(told, told.post(f"/runs/{run_id}/rerun", data={"token": "t", "send_to": audience}))
    assert (again.audience, again.rerun_of) == (audience, run_id)
    answer = told.post(f"/chats/{chat_id}/rerun", data={"token": "t", "send_to": audience})
    assert answer.status_code == 303
    newest = max(runs_of(told.found, told.found.jobs["weekly"]), key=lambda run: run.accepted_at)
    assert (newest.audience, newest.rerun_of) == (audience, run_id)


def test_repeating_tells_nobody_unasked_and_takes_no_other_choice(told: Any) -> None:
    url = f"/runs/{told.found.runs['check']}/rerun"
    assert led_to(told, told.post(url, data={"token": "t"})).audience == "nobody"
    answer = told.post(url, data={"send_to": "me"})
    assert answer.status_code == 422 and "“Send to” takes &#39;nobody&#39;, &#39;corrected&#39;" in answer.text


def test_somebody_repeats_a_run_for_those_who_had_it(browser: Any, told: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact/runs/{told.found.runs['check']}")
    page.get_by_role("button", name="Run again…").click()
    page.get_by_role("radio", name="those who had the first one").check()
    page.get_by_role("dialog").get_by_role("button", name="Run again").click()
    page.wait_for_url("**/chats/chat_*")
    assert run_of(told, told.found.jobs["check"]).audience == "corrected"
    page.context.close()


def paused(site: Any, **plain: Any) -> StoredJob:
    """A job that was paused after failures."""
    job = add_job(site.found, "tired", **plain)
    whole = job.definition.model_dump(mode="json")
    for key in ("schedule", "triggers"):
        whole[key] = whole[key] and whole[key] | {"enabled": False}
    with site.found.desk.store.writing() as session:
        note = "Paused after 5 failed runs in a row."
        return jobs.save(session, Job.model_validate(whole), now=site.found.desk.now(), note=note)[0]


def test_a_job_that_was_paused_says_so_and_is_switched_on_as_it_was(site: Any) -> None:
    off = {"cron": "@daily", "enabled": False}
    job = paused(site, schedule=off, triggers={"assets": ["orders"]})
    page = site.get(f"/jobs/{job.job_id}").text
    assert "Paused after 5 failed runs in a row." in page and "no load starts it" in page
    assert f'action="/jobs/{job.job_id}/resume"' in page
    assert f'action="/jobs/{job.job_id}/resume"' not in site.get(f"/jobs/{job.job_id}", "bob").text
    assert site.post(f"/jobs/{job.job_id}/resume", "bob").status_code == 403
    assert site.post(f"/jobs/{job.job_id}/resume", data={"version": "1"}).status_code == 409
    answer = site.post(f"/jobs/{job.job_id}/resume", data={"version": str(job.version)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.job_id}")
    with site.found.desk.store.reading() as session:
        now = jobs.by_id(session, job.job_id)
    assert now is not None and now.version == 3
    assert now.definition.triggers is not None and now.definition.triggers.enabled
    assert now.definition.schedule is not None and not now.definition.schedule.enabled
    assert "Paused after" not in site.get(f"/jobs/{job.job_id}").text
    assert site.post(f"/jobs/{job.job_id}/resume").status_code == 422


def test_a_paused_job_that_a_file_keeps_says_where_it_is_switched_on(site: Any) -> None:
    job = paused(site, schedule="@daily", kept_in="jobs.yaml")
    page = html.unescape(site.get(f"/jobs/{job.job_id}").text)
    assert "It is kept in the file <bdi>jobs.yaml</bdi>: applying that again switches it on." in page
    assert "/resume" not in page
