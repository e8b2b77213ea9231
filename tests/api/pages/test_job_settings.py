"""A job's settings: what they say, how they are saved by one and by two at once, how a job changes hands and goes."""

import html
import json
import re
import shlex
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.prompts import REPORT
from builders.served import a_page
from interact.api.pages.job_fields import fields_of
from interact.jobs.stored import StoredJob
from interact.store import jobs


def url(site: Any, name: str, part: str = "settings") -> str:
    return f"/jobs/{site.found.jobs[name].job_id}/{part}"


def stored(site: Any, name: str) -> StoredJob | None:
    with site.found.desk.store.reading() as session:
        return jobs.by_id(session, site.found.jobs[name].job_id)


def typed(site: Any, name: str, /, **changes: Any) -> dict[str, Any]:
    """What the form of a job sends, with these changes; None leaves a field out."""
    job = stored(site, name)
    assert job is not None
    fields = {key: list(values) for key, values in fields_of(job.definition).sent.items()}
    whole = {"version": str(job.version), **fields, **changes}
    return {key: value for key, value in whole.items() if value is not None}


def wrong(page: str, field: str) -> str:
    found = re.search(rf'id="{field}-wrong">(.*?)</p>', page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="([0-9]+)"', page)
    return found[1] if found else ""


def keep_in_file(site: Any, name: str) -> None:
    job = stored(site, name)
    assert job is not None
    with site.found.desk.store.writing() as session:
        jobs.save(session, job.definition, now=site.found.desk.now(), kept_in="jobs.yaml")


def test_settings_show_the_job_and_all_that_belongs_beside_it(site: Any) -> None:
    job = site.found.jobs["weekly"]
    page = html.unescape(site.get(url(site, "weekly")).text)
    assert f">\n{REPORT}</textarea>" in page and 'id="cron" name="cron" class="code" value="0 8 * * 1"' in page
    assert f'<code id="job-id">{job.job_id}</code>' in page and f"<code>{job.dag_id}</code>" in page
    assert f'href="/organisations/{site.found.organisation_id}/keys"' in page
    assert re.search(r"It runs next on [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}, 08:00 CES?T\.", page)
    assert f"Its DAG keeps the id that it has, <code>{job.dag_id}</code>." in page


def test_the_command_beside_them_triggers_the_job_as_the_api_takes_it(site: Any) -> None:
    job = site.found.jobs["weekly"]
    found = re.search(r'<code id="curl">(.*?)</code>', site.get(url(site, "weekly")).text, re.DOTALL)
    assert found
    words = shlex.split(html.unescape(found[1]).replace("\\\n", " "))  # As a shell joins lines.
    assert words[:4] == ["curl", "-X", "POST", f"http://localhost:8080/api/agents/jobs/{job.job_id}/trigger"]
    assert words[4:10] == [
        "-H",
        "X-API-Key: YOUR_API_KEY",
        "-H",
        f"X-Organization-Id: {site.found.organisation_id}",
        "-H",
        "Content-Type: application/json",
    ]
    assert json.loads(words[11]) == {"parameters": {"market": ["NL", "BE", "DE"]}}
    assert "Content-Type" not in site.get(url(site, "check")).text


def test_a_save_makes_a_version_and_says_when_the_job_runs_next(site: Any) -> None:
    changed = typed(site, "weekly", name="Monday briefing", cron="0 7 * * 1", timezone="Asia/Tokyo")
    answer = site.post(url(site, "weekly"), data=changed)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url(site, 'weekly')}?saved=2")
    job = stored(site, "weekly")
    assert job is not None and job.version == 2
    before = site.found.jobs["weekly"].definition
    assert job.definition.name == "Monday briefing" and job.definition.parameters == before.parameters
    assert (job.definition.key, job.definition.owner, job.dag_id) == ("weekly", "ada", site.found.jobs["weekly"].dag_id)
    page = site.get(f"{url(site, 'weekly')}?saved=2").text
    assert re.search(r"Saved as version 2\. It runs next on [^.]*, 07:00 JST\.", page)
    assert "Saved as version" not in site.get(f"{url(site, 'weekly')}?saved=1").text


def test_a_schedule_is_switched_off_and_keeps_its_expression(site: Any) -> None:
    assert site.post(url(site, "weekly"), data=typed(site, "weekly", schedule_on=None)).status_code == 303
    job = stored(site, "weekly")
    assert job is not None and job.definition.schedule is not None
    assert (job.definition.schedule.enabled, job.definition.schedule.cron) == (False, "0 8 * * 1")


def test_a_save_that_changes_nothing_makes_no_version(site: Any) -> None:
    for name in ("weekly", "check", "long", "hourly"):
        answer = site.post(url(site, name), data=typed(site, name))
        assert answer.headers["location"].endswith("?saved=1"), name


def test_a_refused_save_says_so_at_the_field_and_keeps_what_was_typed(site: Any) -> None:
    changed = typed(site, "weekly", name="Monday briefing", cron="0 25 * * 1")
    answer = site.post(url(site, "weekly"), data=changed)
    assert answer.status_code == 422
    assert wrong(answer.text, "cron").startswith("Schedule '0 25 * * 1' cannot be used: the hour field holds '25'")
    assert 'value="Monday briefing"' in answer.text and 'value="0 25 * * 1"' in answer.text
    assert version_in(answer.text) == "1"
    job = stored(site, "weekly")
    assert job is not None and job.version == 1


def test_of_two_who_save_the_second_sees_both_and_loses_nothing(site: Any) -> None:
    mine = typed(site, "weekly", name="Mine", cron="0 7 * * 1", **{"parameter-0-default": "NL"})
    theirs = typed(site, "weekly", name="Theirs & more", visibility="private", assets="orders")
    assert site.post(url(site, "weekly"), data=theirs).status_code == 303
    answer = site.post(url(site, "weekly"), data=mine)
    assert answer.status_code == 409
    page = html.unescape(answer.text)
    rows = re.findall(
        r'<td><strong>(.*?)</strong></td><td data-label="Saved"><span class="verbatim">(.*?)</span></td>'
        r'<td data-label="Yours"><span class="verbatim">(.*?)</span></td>',
        page,
        re.DOTALL,
    )
    assert rows == [
        ("Name", "Theirs & more", "Mine"),
        ("Visibility", "private", "organisation"),
        ("Default of parameter 'market'", "NL, BE, DE", "NL"),
        ("Expression", "0 8 * * 1", "0 7 * * 1"),
        (
            "Start after data arrives",
            "Data: orders\nStarts when: all\nWait for this data: off\nWhen it has not come by then: run",
            "none",
        ),
    ]
    assert 'value="Mine"' in page and version_in(page) == "2" and "Save over version 2" in page
    assert f'href="{url(site, "weekly")}">Take version 2</a>' in page
    over = site.post(url(site, "weekly"), data=mine | {"version": version_in(page)})
    assert over.headers["location"].endswith("?saved=3")
    job = stored(site, "weekly")
    assert job is not None and (job.definition.name, job.definition.visibility) == ("Mine", "organisation")
    assert job.definition.triggers is None


def test_two_who_save_the_same_agree(site: Any) -> None:
    same = typed(site, "weekly", name="The same")
    for _ in range(2):
        answer = site.post(url(site, "weekly"), data=same)
        assert answer.headers["location"] == f"{url(site, 'weekly')}?saved=2"


@pytest.mark.parametrize("version", [None, "", "x", "-1", "9" * 30])
def test_a_form_that_says_no_version_overwrites_nothing(site: Any, version: str | None) -> None:
    answer = site.post(url(site, "weekly"), data=typed(site, "weekly", name="Other", version=version))
    assert answer.status_code == 409 and version_in(answer.text) == "1"


def test_a_member_reads_anothers_settings_and_changes_nothing(site: Any) -> None:
    page = html.unescape(site.get(url(site, "weekly"), "bob").text)
    assert "Job 'weekly' belongs to 'ada': only its owner or an admin changes it." in page
    for name in ("name", "prompt", "cron", "parameter-0-values"):
        assert re.search(rf'<(?:input|textarea)[^>]* id="{name}"[^>]* readonly', page), name
    assert "Save</button>" not in page and "Hand over" not in page and "Delete" not in page
    for part, data in (("settings", typed(site, "weekly")), ("owner", {"owner": "bob"}), ("delete", {})):
        assert site.post(url(site, "weekly", part), "bob", data=data).status_code == 403, part
    job = stored(site, "weekly")
    assert job is not None and (job.version, job.definition.owner) == (1, "ada")


def test_a_job_that_a_file_keeps_shows_its_form_and_names_the_file(site: Any) -> None:
    keep_in_file(site, "weekly")
    page = html.unescape(site.get(url(site, "weekly")).text)
    assert "Job 'weekly' is kept in the file 'jobs.yaml'. Change it there and run `interact apply`" in page
    assert "Save</button>" not in page and "Delete this job" not in page and "Hand over" not in page
    for part, data in (
        ("settings", typed(site, "weekly")),
        ("owner", {"owner": "bob"}),
        ("delete", {"confirmation": site.found.jobs["weekly"].definition.name}),
    ):
        answer = site.post(url(site, "weekly", part), data=data)
        assert answer.status_code == 409 and "jobs.yaml" in answer.text, part


def test_a_job_is_handed_over_and_its_old_owner_only_reads_it(site: Any) -> None:
    answer = site.post(url(site, "weekly", "owner"), data={"owner": "bob"})
    assert answer.headers["location"] == f"{url(site, 'weekly')}?saved=2"
    page = html.unescape(site.get(url(site, "weekly")).text)
    assert "Job 'weekly' belongs to 'bob'" in page
    assert "Save</button>" in site.get(url(site, "weekly"), "bob").text


def test_a_job_is_handed_to_members_alone(site: Any) -> None:
    answer = site.post(url(site, "weekly", "owner"), data={"owner": "mallory"})
    assert answer.status_code == 422
    assert wrong(answer.text, "owner") == (
        "The owner 'mallory' is no member of organisation 'norrland' (there are 'ada', 'bob', 'ivy'). Name one of them."
    )
    assert re.findall(r"<option[^>]*>(ada|bob|ivy)</option>", answer.text) == ["bob", "ivy"]


def test_a_private_job_leaves_its_owners_sight_when_it_is_handed_over(site: Any) -> None:
    answer = site.post(url(site, "private", "owner"), data={"owner": "bob"})
    assert answer.headers["location"] == f"/agents/{site.found.agents['analyst'].agent_id}/jobs"
    assert site.get(url(site, "private")).status_code == 404
    assert site.get(url(site, "private"), "bob").status_code == 200


def test_an_admin_hands_a_private_job_on_without_seeing_it(site: Any) -> None:
    job = site.found.jobs["private"]
    page = site.get(url(site, "private"), "ivy")
    assert page.status_code == 200 and "Private job of" in page.text
    for secret in ("Takeover", "Total spend", "interact_private"):
        assert secret not in page.text
    answer = site.post(url(site, "private", "owner"), "ivy", data={"owner": "ivy"})
    assert answer.status_code == 403
    assert wrong(answer.text, "owner") == (
        "What a private job has answered is not an admin's to read. Hand it to somebody else, as its owner wants."
    )
    assert site.post(url(site, "private"), "ivy", data={"name": "Mine"}).status_code == 404
    assert site.post(url(site, "private", "owner"), "ivy", data={"owner": "bob"}).status_code == 303
    refused = site.post(url(site, "private", "delete"), "ivy", data={"confirmation": "its name"})
    assert refused.status_code == 422 and "Takeover" not in refused.text
    assert wrong(refused.text, "confirmation").startswith(f"This takes '{job.job_id}', not 'its name'.")
    assert site.post(url(site, "private", "delete"), "ivy", data={"confirmation": job.job_id}).status_code == 303
    assert stored(site, "private") is None


def test_a_job_is_deleted_once_its_name_is_typed_and_its_chats_stay(site: Any) -> None:
    answer = site.post(url(site, "weekly", "delete"), data={"confirmation": "weekly"})
    assert answer.status_code == 422
    assert wrong(answer.text, "confirmation") == (
        "This takes 'Weekly Campaign Performance Report', not 'weekly'. Type it to delete the job."
    )
    name = site.found.jobs["weekly"].definition.name
    answer = site.post(url(site, "weekly", "delete"), data={"confirmation": f" {name} "})
    assert answer.headers["location"] == f"/agents/{site.found.agents['analyst'].agent_id}/jobs"
    assert stored(site, "weekly") is None
    assert site.get(url(site, "weekly")).status_code == 404
    assert site.get(f"/chats/{site.found.chats['weekly']}").status_code == 200


def test_a_name_full_of_signs_is_shown_as_text_and_can_be_typed(site: Any) -> None:
    page = site.get(url(site, "hostile"), "bob").text
    assert HOSTILE not in page and html.escape(HOSTILE).replace("&#x27;", "&#39;") in page
    assert site.post(url(site, "hostile", "delete"), "bob", data={"confirmation": HOSTILE}).status_code == 303


@pytest.mark.parametrize("who", ["eve", "bob"])
@pytest.mark.parametrize(
    ("method", "part"), [("get", "settings"), ("post", "settings"), ("post", "owner"), ("post", "delete")]
)
def test_a_job_that_somebody_does_not_see_does_not_exist(site: Any, who: str, method: str, part: str) -> None:
    hidden = getattr(site, method)(url(site, "private", part), who)
    unknown = getattr(site, method)(f"/jobs/job_000000000000/{part}", who)
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text.replace(site.found.jobs["private"].job_id, "job_000000000000") == unknown.text


def test_two_editors_meet_in_the_browser_and_one_saves_over_the_other(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{url(site, 'weekly')}")
    site.post(url(site, "weekly"), "ivy", data=typed(site, "weekly", name="Ivy's briefing"))
    page.get_by_label("Name", exact=True).first.fill("Ada's briefing")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Somebody else saved this job meanwhile").wait_for()
    page.locator("#conflict:focus").wait_for()
    assert page.get_by_role("cell", name="Ivy's briefing").is_visible()
    assert page.locator("#name").input_value() == "Ada's briefing"
    page.get_by_role("button", name="Save over version 2").click()
    page.get_by_text("Saved as version 3.").wait_for()
    page.context.close()
    job = stored(site, "weekly")
    assert job is not None and job.definition.name == "Ada's briefing"


def test_a_job_goes_once_its_name_is_typed_into_the_dialog(browser: Any, site: Any, address: str) -> None:
    page = a_page(browser, address)
    page.goto(f"{address}/interact{url(site, 'long')}")
    page.get_by_role("button", name="Delete this job").click()
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Delete", exact=True)
    assert button.is_disabled()
    dialog.get_by_role("textbox").fill(site.found.jobs["long"].definition.name)
    button.click()
    page.wait_for_url("**/jobs")
    page.context.close()
    assert stored(site, "long") is None


def test_a_wrong_new_owner_is_told_where_the_owner_is_chosen_and_the_form_keeps_its_text(
    browser: Any, site: Any, address: str
) -> None:
    page = a_page(browser, address, "ivy")
    page.goto(f"{address}/interact{url(site, 'weekly')}")
    page.get_by_label("Prompt").fill("Not saved yet")
    page.evaluate("document.querySelector('#owner').add(new Option('mallory', 'mallory', true, true))")
    page.get_by_role("button", name="Hand over").click()
    page.locator("#owner-wrong").wait_for()
    assert page.get_by_label("Prompt").input_value() == "Not saved yet"
    page.context.close()
