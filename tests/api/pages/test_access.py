"""Every page × everybody who may ask for it, for what is shared and for what is ada's alone."""

import re
from typing import Any

import pytest
from sqlalchemy import delete

from builders.callers import (
    ABSENT,
    ADMINISTERED,
    ADMINS,
    ANSWERS,
    CANCEL,
    EDITS,
    ENDS,
    EVERYBODY,
    FOLLOW,
    MEMBERS,
    NOTICE,
    PEOPLE,
    RERUNS,
    RESENDS,
    RESUME,
    SETTINGS,
    WALK,
    House,
)
from builders.guarded import HIDDEN
from builders.signed_in import token_of
from interact.jobs.channels import Channel
from interact.jobs.definition import Job
from interact.store import channels, jobs
from interact.store.tables import ChannelRow

ASKED = ("question", "follow-up", "preview")
SEEN = (200, 204, 303, 307)


@pytest.fixture
def house(site: Any) -> House:
    """Give it."""
    return House(site)


def routes(app: Any) -> set[str]:
    """Return every route of the pages."""
    return {f"{method} {route.path}" for route in app.routes for method in route.methods if method != "HEAD"}


def expected(who: str, route: str, kind: str) -> set[int]:
    """Return how a route answers somebody, with the ids of the shared job or of something of ada's."""
    if route in EVERYBODY or (route == "GET /dags/{dag_id}" and kind in ASKED):
        return set(SEEN)  # The DAG that all questions have in common is nobody's secret.
    if who == "eve":
        return {404}
    if route in MEMBERS:
        is_hidden = route == "GET /agents/{agent_id}/jobs/new" and kind != "shared" and who != "ada"
        return {404} if is_hidden else set(SEEN)
    if route in ADMINISTERED:
        return set(SEEN) if who in ADMINS else {403}
    return _of_one(who, route, kind)


def _of_one(who: str, route: str, kind: str) -> set[int]:
    if kind in ASKED:
        is_there = who == "ada" and route in (*ANSWERS, *RERUNS, FOLLOW, CANCEL, RESENDS)
        # Told that it has ended; that a preview takes nothing further; and that the thread is being answered just now.
        told = {"question": [CANCEL], "preview": [CANCEL, FOLLOW], "follow-up": [CANCEL, FOLLOW, RERUNS[1]]}
        return {404} if not is_there else {409} if route in told[kind] else set(SEEN)
    if route in ENDS or (route == SETTINGS and who in ADMINS):
        outsider = {403} if kind == "shared" else {404}
        return set(SEEN) if who in (*ADMINS, "ada") else outsider
    if route == NOTICE:
        return set(SEEN)  # What that of a private job says is its owner's alone, not that there was one.
    if kind == "private" and who != "ada":
        return {404}
    if route in (*EDITS, RESENDS, RESUME) and who == "bob":
        return {403}
    return {FOLLOW: {409}, RESUME: {422}}.get(route, set(SEEN))  # What nothing paused cannot be switched on again.


def test_the_walk_knows_every_route(house: House) -> None:
    assert routes(house.site.client.app) == set(WALK)
    assert len(WALK) == len(set(WALK))


@pytest.mark.parametrize("kind", ["shared", "private", *ASKED])
@pytest.mark.parametrize("who", PEOPLE)
def test_the_table_of_who_and_what(house: House, who: str, kind: str) -> None:
    for route in WALK:
        answer = house.call(who, route, house.left[kind])
        assert answer.status_code in expected(who, route, kind), (route, answer.status_code, answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Cookie": "_token=nonsense"},
        {"Authorization": "Basic YWRhOmFkYQ=="},
        "key",
        "key and session",
    ],
    ids=str,
)
def test_who_is_not_signed_in_sees_no_page_and_a_key_opens_none(house: House, headers: Any) -> None:
    session = {"Cookie": f"_token={token_of('ivy')}", "Origin": "http://testserver"}
    by_key = {"key": {}, "key and session": session}
    sent = house.key()[1] | by_key[headers] if isinstance(headers, str) else headers
    told = set()
    before = house.kept()
    for route in WALK:
        answer = house.call(None, route, house.left["shared"], headers=sent)
        assert answer.status_code == 401, route
        told.add(re.sub(r"/api/v2/auth/login\?next=[^\"]+", "URL", answer.text))
    assert len(told) == 1
    assert house.kept() == before


def without_ids(text: str) -> str:
    """Return an answer with every id of ours taken out."""
    return re.sub(r"(?:job|chat|run|key|result|agent|org|channel|notice)_[a-z0-9]{12}", "ID", text)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "ada"])
def test_what_is_hidden_looks_like_what_does_not_exist(house: House, who: str) -> None:
    compared = 0
    for kind, ids in house.left.items():
        for route in WALK:
            if expected(who, route, kind) != {404}:
                continue
            absent = ABSENT if who == "eve" else {**house.place, **ABSENT, **_there(house)}
            answers = [house.call(who, route, each) for each in (ids, {**ids, **absent})]
            if "{dag_id}" in route:
                continue  # Airflow itself lists each DAG, and its runs; what they are called is no secret.
            assert [answer.status_code for answer in answers] == [404, 404], route
            bodies = {without_ids(answer.text) for answer in answers}
            assert len(bodies) == 1, (route, kind)
            compared += 1
    assert compared > 60


def _there(house: House) -> dict[str, str]:
    return {name: house.place[name] for name in ("agent_id", "organisation_id", "key_id")}


LISTS = [
    ("GET /agents/{agent_id}", "?kind=questions"),
    ("GET /agents/{agent_id}", "?kind=job&state=completed"),
    ("GET /agents/{agent_id}/jobs", f"?q={HIDDEN[1:]}"),
    ("GET /agents/{agent_id}/jobs", "?q=%25"),
    ("GET /agents/{agent_id}/settings", "?before=5"),
    ("GET /organisations/{organisation_id}/keys/jobs", f"?q={HIDDEN[1:]}"),
    ("GET /dags/{dag_id}/runs/{dag_run_id:path}", "?chat={hidden_chat_id}"),
    ("GET /runs/{run_id}", "?chat={hidden_chat_id}"),
    ("GET /organisations/{organisation_id}/keys/jobs", "?job={hidden_job_id}"),
    ("GET /agents/{agent_id}/jobs/new", "?chat={hidden_chat_id}"),
    ("GET /organisations/{organisation_id}/notifications", "?state=held"),
    ("GET /organisations/{organisation_id}/notifications", "?job={hidden_job_id}"),
    ("GET /channels/{channel_id}/preview", "?job={hidden_job_id}"),
    ("GET /channels/{channel_id}/preview/mail.html", "?job={hidden_job_id}"),
]
"""Lists, searches and parts that are asked for more than they show."""


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "ada"])
def test_no_page_list_or_search_tells_of_what_is_adas_alone(house: House, who: str) -> None:
    hidden = {value for kind, ids in house.left.items() if kind != "shared" for value in ids.values()}
    hidden -= {"interact_ask", house.left["private"]["notice_id"]}  # The ledger says that there was one.
    ids = {**house.left["shared"], **{f"hidden_{name}": value for name, value in house.left["private"].items()}}
    answers = [house.call(who, route, ids) for route in WALK[:-1]]  # All but the deletion.
    answers += [house.call(who, route, ids, query=query) for route, query in LISTS]
    told = {word for answer in answers for word in (HIDDEN, HIDDEN.lower(), *hidden) if word in answer.text}
    assert told - {ids["hidden_chat_id"], ids["hidden_job_id"]} == set()
    # What was asked for by its id is said to be unknown.
    assert {answer.status_code for answer in answers if ids["hidden_chat_id"] in answer.text} <= {404}


def test_the_owner_finds_all_of_it(house: House) -> None:
    ids = house.left["private"]
    for route, query in LISTS[2:4]:
        assert ids["job_id"] in house.call("ada", route, ids, query=query if "%" not in query else "?q=plan").text
    listed = house.call("ada", LISTS[0][0], ids, query=LISTS[0][1]).text
    assert house.left["question"]["chat_id"] in listed
    assert house.left["follow-up"]["chat_id"] not in listed and house.left["preview"]["chat_id"] not in listed


def counted(page: str) -> list[str]:
    """Return every number of jobs that a page speaks of."""
    return re.findall(r"\b(\d+ jobs?)\b", page)


def test_a_private_job_counts_for_its_owner_alone(house: House) -> None:
    for route in ("GET /agents", "GET /agents/{agent_id}/jobs"):
        (ours, *_), *others = (counted(house.call(who, route, {}).text) for who in ("ada", "bob", "ivy", "root"))
        assert len({tuple(each) for each in others}) == 1
        # Beside that of these tests ada has one more.
        assert int(ours.split()[0]) == int(others[0][0].split()[0]) + 2


def test_a_change_of_the_zone_tells_an_admin_of_others_private_jobs_that_there_are_some(house: House) -> None:
    route = "POST /organisations/{organisation_id}/settings/preview"
    form = house.form(route, "ivy", {**house.left["private"], **house.place})
    told = house.call("ivy", route, {}, data=form | {"timezone": "Asia/Tokyo"}).text
    assert "Board plan" in told
    assert "One of them is a private job of others, and not shown." in told
    assert HIDDEN not in told


def test_a_model_that_a_private_job_needs_is_kept_without_a_word_on_the_job(house: House) -> None:
    route, ids = "POST /agents/{agent_id}/settings", {**house.left["private"], **house.place}
    with house.desk.store.writing() as session:
        for job in jobs.all_jobs(session):
            if not job.definition.is_private:
                jobs.mark_deleted(session, job.job_id, now=house.desk.now())
    form = house.form(route, "ivy", ids)
    told = house.call(
        "ivy", route, ids, data=form | {"semantic_model": form["semantic_model"].replace("market", "land")}
    )
    assert told.status_code == 422
    assert "A private job of &#39;ada&#39; filters by &#39;market&#39;" in told.text
    assert HIDDEN.lower() not in told.text.lower()


def test_a_job_that_became_private_while_somebody_edited_it_is_as_gone_for_them(house: House) -> None:
    route, ids = "POST /jobs/{job_id}/settings", house.left["shared"]
    form = house.form(route, "ivy", ids)
    house.call(
        "ada", route, ids, data=form | {"visibility": "private", "prompt": f"Spend on {HIDDEN} in {{{{ market }}}}"}
    )
    late = house.call("ivy", route, ids, data=form | {"name": "Other"})
    absent = house.call("ivy", route, {**ids, **ABSENT}, data=form | {"name": "Other"})
    assert (late.status_code, absent.status_code) == (404, 404)
    assert without_ids(late.text) == without_ids(absent.text)


def test_a_key_that_is_limited_to_somebody_elses_private_job_is_none(house: House) -> None:
    route = "POST /organisations/{organisation_id}/keys"
    asked = {"name": "k", "permission": "agent_jobs_read", "limit": "named"}
    hidden, absent = (
        house.call("ivy", route, {}, data=asked | {"job": job_id})
        for job_id in (house.left["private"]["job_id"], ABSENT["job_id"])
    )
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert without_ids(hidden.text) == without_ids(absent.text)


@pytest.mark.parametrize(
    ("changes", "kept_in", "told"),
    [
        (
            {},
            f"{HIDDEN}.yaml",
            "It is kept in a file: ",
        ),
        ({"channels": [f"{HIDDEN.lower()}-mail"]}, None, "What it asks does not fit any more."),
    ],
)
def test_an_admin_who_ends_a_private_job_in_vain_is_told_nothing_of_it(
    house: House, changes: dict[str, Any], kept_in: str | None, told: str
) -> None:
    ids = house.left["private"]
    with house.desk.store.writing() as session:
        job = jobs.by_id(session, ids["job_id"])
        assert job is not None
        for key in changes.get("channels", ()):
            mail = Channel(
                key=key, organisation="norrland", name="M", type="email", connection="c", recipients=["a@b.c"]
            )
            channels.save(session, mail, now=house.desk.now())
        changed = Job.model_validate({**job.definition.model_dump(mode="json"), **changes})
        jobs.save(session, changed, now=house.desk.now(), kept_in=kept_in)
        session.execute(delete(ChannelRow))
    answers = [house.call("ivy", ENDS[0], ids, data={"owner": "bob"})]
    if kept_in:
        answers.append(house.call("ivy", ENDS[1], ids))
    for answer in answers:
        assert answer.status_code == 403
        assert told in answer.text
        assert HIDDEN.lower() not in answer.text.lower()
    assert house.call("ada", ENDS[0], ids, data={"owner": "bob"}).status_code == (409 if kept_in else 422)
