"""Every page × everybody who may ask for it, for what is shared and for what is ada's alone."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from builders.guarded import DUE_AT, HIDDEN, Ids, guarded
from builders.signed_in import bearer, token_of
from interact.api.pages.agent_fields import typed_of as agent_form
from interact.api.pages.job_fields import fields_of
from interact.api.pages.organisation_fields import typed_of as organisation_form
from interact.runs.organisations import fingerprint
from interact.store import agents, jobs, keys, organisations

PEOPLE = {"eve": "viewer", "bob": "viewer", "ada": "viewer", "ivy": "viewer", "root": "admin"}
"""With their roles in Airflow. Of the organisation bob and ada are members, ivy is admin; eve is another's admin."""
ADMINS = ("ivy", "root")
ASKED = ("question", "follow-up", "preview")
SEEN = (200, 204, 303, 307)

EVERYBODY = ["GET /", "GET /agents", "GET /settings", "GET /static/{name}"]
MEMBERS = [
    "GET /agents/{agent_id}",
    "GET /agents/{agent_id}/jobs",
    "GET /agents/{agent_id}/jobs/new",
    "GET /agents/{agent_id}/parameter-row",
    "GET /agents/{agent_id}/settings",
    "GET /agents/{agent_id}/versions/{number}",
    "GET /organisations/{organisation_id}/settings",
    "GET /organisations/{organisation_id}/settings/regions",
    "GET /organisations/{organisation_id}/keys",
    "GET /organisations/{organisation_id}/reference",
    "GET /organisations/{organisation_id}/openapi.json",
    "POST /agents/{agent_id}/ask",
    "POST /agents/{agent_id}/jobs",
    "POST /agents/{agent_id}/preview",
    "POST /agents/{agent_id}/understanding",
    "POST /agents/{agent_id}/schedule-words",
]
ADMINISTERED = [
    "GET /agents/new",
    "GET /agents/new/model",
    "GET /organisations/{organisation_id}/settings/member",
    "GET /organisations/{organisation_id}/keys/jobs",
    "POST /agents",
    "POST /agents/{agent_id}/settings",
    "POST /agents/{agent_id}/versions/{number}/restore",
    "POST /organisations/{organisation_id}/settings",
    "POST /organisations/{organisation_id}/settings/preview",
    "POST /organisations/{organisation_id}/keys",
    "POST /organisations/{organisation_id}/keys/{key_id}/delete",
]
ANSWERS = [
    "GET /chats/{chat_id}",
    "GET /chats/{chat_id}/live",
    "GET /chats/{chat_id}/report.pdf",
    "GET /chats/{chat_id}/report.html",
    "GET /chats/{chat_id}/results/{result_id}",
    "GET /chats/{chat_id}/results/{result_id}.csv",
    "GET /chats/{chat_id}/results/{result_id}.xlsx",
    "GET /runs/{run_id}",
    "GET /runs/{run_id}/live",
    "GET /runs/{run_id}/rollup.pdf",
    "GET /runs/{run_id}/rollup.html",
    "GET /dags/{dag_id}/runs/{dag_run_id:path}",
]
RERUNS = ["POST /chats/{chat_id}/rerun", "POST /runs/{run_id}/rerun"]
FOLLOW, CANCEL = "POST /chats/{chat_id}/follow-up", "POST /runs/{run_id}/cancel"
OF_JOB = ["GET /jobs/{job_id}", "GET /jobs/{job_id}/run", "GET /dags/{dag_id}"]
STARTS = ["POST /jobs/{job_id}/run", "POST /jobs/{job_id}/run/count", "POST /jobs/{job_id}/times"]
SETTINGS = "GET /jobs/{job_id}/settings"
EDITS = ["POST /jobs/{job_id}/settings", "POST /jobs/{job_id}/schedule"]
ENDS = ["POST /jobs/{job_id}/owner", "POST /jobs/{job_id}/delete"]
OF_IDS = [*ANSWERS, *OF_JOB, SETTINGS, *RERUNS, FOLLOW, *STARTS, CANCEL, *EDITS, *ENDS]
"""What leads to one job, chat or run, in an order in which nothing takes away what comes after it."""
WALK = [*EVERYBODY, *MEMBERS, *ADMINISTERED, *OF_IDS]
QUERIES = {
    "GET /agents/new": "?organisation={organisation_id}",
    "GET /agents/new/model": "?like={agent_id}",
    "GET /agents/{agent_id}/parameter-row": "?n=1",
    "GET /agents/{agent_id}/jobs/new": "?chat={chat_id}",
}
ABSENT = {f"{kind}_id": f"{kind}_000000000000" for kind in ("job", "run", "chat", "result", "agent", "key")} | {
    "organisation_id": "org_000000000000",
    "open_run_id": "run_000000000000",
    "dag_run_id": "run_000000000000",
}


class House:
    """The site, with what `guarded` left in it."""

    def __init__(self, site: Any) -> None:
        self.site, self.found, self.desk = site, site.found, site.found.desk
        self.left = guarded(site.found)
        self.place = {
            "agent_id": self.found.agents["analyst"].agent_id,
            "organisation_id": self.found.organisation_id,
            "key_id": self.key()[0],
            "number": "1",
            "name": "pages.css",
        }

    def key(self) -> tuple[str, dict[str, str]]:
        """Return the id and the headers of a fresh key that may do all that a key may."""
        wanted = keys.NewKey("pipeline", frozenset({"agent_jobs_read", "agent_jobs_trigger"}))
        with self.desk.store.writing() as session:
            secret, key_id = keys.create(session, self.found.organisation_id, wanted, now=self.desk.now())
        return key_id, {"X-API-Key": secret, "X-Organization-Id": self.found.organisation_id}

    def form(self, route: str, who: str, ids: Ids) -> dict[str, Any]:
        """Return a form that the route takes from somebody who may send it."""
        with self.desk.store.reading() as session:
            job = jobs.by_id(session, ids["job_id"])
            agent = agents.by_id(session, self.place["agent_id"])
            organisation = organisations.by_id(session, self.place["organisation_id"])
        assert agent and organisation
        of_agent = {name: value for name, value in agent_form(agent.definition).items() if value}
        new_job = {"name": "Totals", "prompt": "Total spend.", "cron": "0 8 * * 1"}
        is_sealed = who in ADMINS and job is not None and job.definition.is_private
        forms: dict[str, dict[str, Any]] = {
            "POST /agents": of_agent | {"key": "another", "organisation": ids["organisation_id"]},
            "POST /agents/{agent_id}/settings": of_agent | {"version": agent.version},
            "POST /agents/{agent_id}/versions/{number}/restore": {"version": agent.version},
            "POST /organisations/{organisation_id}/settings": _of_organisation(organisation.definition),
            "POST /organisations/{organisation_id}/settings/preview": _of_organisation(organisation.definition),
            "POST /organisations/{organisation_id}/keys": {"name": "k", "permission": "agent_jobs_read"},
            "POST /jobs/{job_id}/settings": {**fields_of(job.definition).sent, "version": job.version} if job else {},
            "POST /jobs/{job_id}/times": {"due_at": DUE_AT.isoformat()},
            "POST /jobs/{job_id}/owner": {"owner": "ada"},
            "POST /jobs/{job_id}/delete": {
                "confirmation": ids["job_id"] if is_sealed or job is None else job.definition.name
            },
        }
        return forms.get(route, new_job)

    def call(self, who: str | None, route: str, ids: Mapping[str, str], **how: Any) -> Any:
        """Call a route with some ids; `who` is one of the people, None for headers of another kind in `how`."""
        method, path = route.split(" ")
        known = {**self.place, **ids}
        if route == CANCEL:
            known["run_id"] = known["open_run_id"]
        pattern = path.replace(":path", "") + ("" if "query" in how else QUERIES.get(route, ""))
        headers = how.pop("headers", {}) | (bearer(who, PEOPLE[who]) if who else {})
        data = how.pop("data", self.form(route, who or "", known) if method == "POST" else None)
        url = pattern.format_map(known) + how.pop("query", "")
        answer = self.site.client.request(method, url, headers=headers, data=data, follow_redirects=False, **how)
        require_policy(answer, route)
        return answer


def _of_organisation(definition: Any) -> dict[str, Any]:
    form = organisation_form(definition)
    people, roles = zip(*form.members, strict=True)
    return {**form.texts, "weekend": form.weekend, "member": people, "role": roles, "seen": fingerprint(definition)}


def require_policy(answer: Any, route: str) -> None:
    """Every answer forbids scripts that are not ours, and styles too but inside a report."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'", route
    assert policy.get("script-src", "'none'") in ("'self'", "'none'"), route
    is_report = route.endswith(("report.html", "rollup.html")) and answer.status_code == 200
    assert policy["style-src"] == ("'unsafe-inline'" if is_report else "'self'"), route
    assert (policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'self'"), route
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


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
        is_there = who == "ada" and route in (*ANSWERS, *RERUNS, FOLLOW, CANCEL)
        # Told that it has ended; that a preview takes nothing further; and that the thread is being answered just now.
        told = {"question": [CANCEL], "preview": [CANCEL, FOLLOW], "follow-up": [CANCEL, FOLLOW, RERUNS[1]]}
        return {404} if not is_there else {409} if route in told[kind] else set(SEEN)
    if route in ENDS or (route == SETTINGS and who in ADMINS):
        outsider = {403} if kind == "shared" else {404}
        return set(SEEN) if who in (*ADMINS, "ada") else outsider
    if kind == "private" and who != "ada":
        return {404}
    if route in EDITS and who == "bob":
        return {403}
    return {409} if route == FOLLOW else set(SEEN)


def test_the_walk_knows_every_route(house: House) -> None:
    assert routes(house.site.client.app) == set(WALK)
    assert len(WALK) == len(set(WALK))


@pytest.mark.parametrize("kind", ["shared", "private", *ASKED])
@pytest.mark.parametrize("who", PEOPLE)
def test_the_table_of_who_and_what(house: House, who: str, kind: str) -> None:
    for route in WALK:
        answer = house.call(who, route, house.left[kind])
        assert answer.status_code in expected(who, route, kind), (route, answer.status_code, answer.text)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Cookie": "_token=nonsense"}, "key"])
def test_who_is_not_signed_in_sees_no_page_and_a_key_opens_none(house: House, headers: Any) -> None:
    sent = house.key()[1] if headers == "key" else headers
    told = set()
    before = kept(house)
    for route in WALK:
        answer = house.call(None, route, house.left["shared"], headers=sent)
        assert answer.status_code == 401, route
        told.add(re.sub(r"/api/v2/auth/login\?next=[^\"]+", "URL", answer.text))
    assert len(told) == 1
    assert kept(house) == before


def kept(house: House) -> list[str]:
    """Return all that stands in the store."""
    with house.desk.store.reading() as session:
        connection = session.connection().connection.driver_connection
        return list(connection.iterdump())


def without_ids(text: str) -> str:
    """Return an answer with every id of ours taken out."""
    return re.sub(r"(?:job|chat|run|key|result|agent|org)_[a-z0-9]{12}", "ID", text)


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
]
"""Lists, searches and parts that are asked for more than they show."""


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "ada"])
def test_no_page_list_or_search_tells_of_what_is_adas_alone(house: House, who: str) -> None:
    hidden = {value for kind, ids in house.left.items() if kind != "shared" for value in ids.values()}
    hidden -= {"interact_ask"}
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
    told = house.call("ivy", route, ids, data=form | {"semantic_model": form["semantic_model"].replace("market", "land")})
    assert told.status_code == 422
    assert "A private job of &#39;ada&#39; filters by &#39;market&#39;" in told.text
    assert HIDDEN.lower() not in told.text.lower()


def test_a_job_that_became_private_while_somebody_edited_it_is_as_gone_for_them(house: House) -> None:
    route, ids = "POST /jobs/{job_id}/settings", house.left["shared"]
    form = house.form(route, "ivy", ids)
    house.call("ada", route, ids, data=form | {"visibility": "private", "prompt": f"Spend on {HIDDEN} in {{{{ market }}}}"})
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


WRITES = [route for route in WALK if route.startswith("POST ")]


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://sub.testserver", "//testserver"])
def test_a_cookie_alone_changes_nothing_but_from_our_own_pages(house: House, origin: str | None) -> None:
    house.site.client.cookies.set("_token", token_of("ada"))
    before = kept(house)
    for route in WRITES:
        answer = house.call(None, route, house.left["shared"], headers={"Origin": origin} if origin else {})
        assert answer.status_code == 403, route
        assert "comes from another site" in answer.text
    assert kept(house) == before
    route = "POST /jobs/{job_id}/delete"
    data = house.form(route, "ada", house.left["shared"])
    ours = house.call(None, route, house.left["shared"], headers={"Origin": "http://testserver"}, data=data)
    house.site.client.cookies.clear()
    assert ours.status_code == 303


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_what_is_no_form_by_its_type_changes_nothing(house: House, kind: str) -> None:
    ids, before = house.left["shared"], kept(house)
    for route in WRITES:
        who = "ivy" if route in ADMINISTERED else "ada"
        form = urlencode(house.form(route, who, {**house.place, **ids}), doseq=True)
        for content in (b"", form.encode(), b'{"confirmation": "Board plan"}'):
            headers = {"Content-Type": kind}
            answer = house.call(who, route, ids, headers=headers, data=None, content=content)
            assert answer.status_code == 422, (route, content)
    assert kept(house) == before
