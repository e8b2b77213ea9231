"""Every route × everybody who may call it: nobody, strangers, members, owners, admins, keys."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.signed_in import bearer, token_of
from builders.story import Says, a_desk, a_job, answered, with_report
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.store import chats, keys, organisations

MEMBERS = {"ada": "member", "bob": "member", "ivy": "admin"}
BOTH = frozenset({"agent_jobs_read", "agent_jobs_trigger"})


class House:
    """An organisation with members, a shared and a private job of ada's, each with a run; and another organisation."""

    def __init__(self, client: Any, desk: Any) -> None:
        self.client, self.desk = client, desk
        now = datetime.now(UTC)
        self.jobs = {
            "shared": a_job(desk),
            "private": a_job(desk, key="secret", name="Takeover of Acme", visibility="private"),
        }
        named = {"key": "norrland", "name": "Norrland", "timezone": "Europe/Amsterdam", "members": MEMBERS}
        with desk.store.writing() as session:
            north, _ = organisations.save(session, Organisation.model_validate(named), now=now)
            south, _ = organisations.save(session, Organisation(key="south", name="South", timezone="UTC"), now=now)
        self.north, self.south = north.organisation_id, south.organisation_id
        self.left = {name: self._left_by(job) for name, job in self.jobs.items()}
        for job in self.jobs.values():
            save_dag(job.dag_id)

    def _left_by(self, job: StoredJob) -> dict[str, str]:
        accepted = accept(self.desk, Ask(job.job_id, {}, "key:test"))
        chat = accepted.chats[0]
        answered(self.desk, chat.chat_id, Says(with_report))
        announce(self.desk, dag_id=job.dag_id, dag_run_id=accepted.run.dag_run_id)
        with self.desk.store.reading() as session:
            attempt = chats.attempt(session, chat.chat_id)
        return {
            "job_id": job.job_id,
            "run_id": accepted.run.run_id,
            "chat_id": chat.chat_id,
            "result_id": attempt.queries[0].result_id,
        }

    def key(self, organisation_id: str, **limits: Any) -> dict[str, str]:
        """Return the headers of a fresh key."""
        wanted = keys.NewKey("test", limits.pop("permissions", BOTH), **limits)
        with self.desk.store.writing() as session:
            secret, key_id = keys.create(session, organisation_id, wanted, now=datetime.now(UTC))
        self.key_id = key_id
        return {"X-API-Key": secret, "X-Organization-Id": organisation_id}

    def headers(self, who: str) -> dict[str, str]:
        """Return what somebody sends to show who they are."""
        private = frozenset({self.jobs["private"].job_id})
        known: dict[str, Callable[[], dict[str, str]]] = {
            "nobody": dict,
            "wrong key": lambda: {"X-API-Key": "int_" + "x" * 48, "X-Organization-Id": self.north},
            "wrong token": lambda: {"Authorization": "Bearer nonsense"},
            "key": lambda: self.key(self.north),
            "key elsewhere": lambda: self.key(self.south),
            "key that names the private job": lambda: self.key(self.north, job_ids=private),
            "airflow admin": lambda: bearer("root", "admin") | {"X-Organization-Id": self.north},
        }
        return known[who]() if who in known else bearer(who) | {"X-Organization-Id": self.north}


@pytest.fixture
def house(tmp_path: Path, airflow_database: None) -> Iterator[House]:
    """Give it."""
    from fastapi.testclient import TestClient

    from interact.api.app import rest_app

    desk = a_desk(tmp_path)
    with TestClient(rest_app(desk, serving=lambda desk: None), raise_server_exceptions=False) as client:
        yield House(client, desk)


READS = [
    "GET /jobs/{job_id}",
    "GET /jobs/{job_id}/schedule",
    "GET /chats/{chat_id}",
    "GET /chats/{chat_id}/results/{result_id}.csv",
    "GET /chats/{chat_id}/results/{result_id}.xlsx",
    "GET /runs/{run_id}",
]
LACKING = [  # read, and found to have no file
    "GET /chats/{chat_id}/report.pdf",
    "GET /chats/{chat_id}/report.html",
    "GET /runs/{run_id}/rollup.pdf",
    "GET /runs/{run_id}/rollup.html",
]
RUNS = ["POST /jobs/{job_id}/trigger", "POST /runs/{run_id}/rerun", "POST /chats/{chat_id}/rerun"]
CANCEL = "POST /runs/{run_id}/cancel"
LISTS = ["GET /jobs", "GET /chats", "GET /schedule/preview", "GET /openapi.json"]
EDIT, OWNER, DELETE = "PATCH /jobs/{job_id}", "PUT /jobs/{job_id}/owner", "DELETE /jobs/{job_id}"
KEYS = ["GET /keys", "POST /keys", "DELETE /keys/{key_id}"]
CREATE = "POST /jobs"
BODIES = {
    EDIT: {"name": "Other"},
    OWNER: {"owner": "bob"},
    "POST /keys": {"name": "k", "permissions": ["agent_jobs_read"]},
    CREATE: {"agent": "analyst", "name": "New", "prompt": "Total spend."},
}
ABSENT = {name: f"{name.removesuffix('_id')}_000000000000" for name in ("job_id", "chat_id", "run_id", "result_id")}
PARAMS = {"GET /schedule/preview": {"expression": "0 8 * * 1"}}


def call(house: House, who: str, route: str, *, job: str = "shared") -> Any:
    """Call a route as somebody, with the ids of one of the jobs."""
    headers = house.headers(who)
    if "{key_id}" in route:
        house.key(house.north)
    method, path = route.split(" ")
    url = path.format(**house.left[job], key_id=getattr(house, "key_id", ""))
    return house.client.request(method, url, headers=headers, json=BODIES.get(route), params=PARAMS.get(route))


def routes(app: Any) -> set[str]:
    """Return every route of the API."""
    return {
        f"{method} {route.path}" for route in app.routes for method in getattr(route, "methods", ()) if method != "HEAD"
    }


def test_the_walk_knows_every_route(house: House) -> None:
    walked = {*READS, *LACKING, *RUNS, CANCEL, *LISTS, EDIT, OWNER, DELETE, *KEYS, CREATE, "GET /health"}
    assert routes(house.client.app) == walked


@pytest.mark.parametrize("who", ["nobody", "wrong key", "wrong token"])
def test_who_shows_nothing_that_is_known_gets_the_same_401_everywhere(house: House, who: str) -> None:
    told = set()
    for route in routes(house.client.app) - {"GET /health"}:
        answer = call(house, who, route)
        assert answer.status_code == 401, route
        assert answer.headers["content-type"] == "application/problem+json"
        told.add(answer.text)
    assert len(told) == 1


@pytest.mark.parametrize("who", ["eve", "key elsewhere"])
@pytest.mark.parametrize("job", ["shared", "private"])
def test_a_stranger_reaches_nothing_and_learns_nothing(house: House, who: str, job: str) -> None:
    for route in routes(house.client.app) - {"GET /health"}:
        answer = call(house, who, route, job=job)
        if answer.status_code == 200:
            assert who == "key elsewhere" and route in LISTS, route
            assert not re.search("Weekly|Takeover|analyst|ada", answer.text) or route == "GET /openapi.json"
        else:
            assert answer.status_code in (403, 404), (route, answer.text)
            assert not re.search("Weekly|Takeover|ada|bob", answer.text), answer.text


WALK = {
    # who: routes of a shared job that are open, of a private one; the rest is 404 or, where it is seen, 403
    "bob": ({*READS, *RUNS, CREATE, *LISTS}, {CREATE, *LISTS}),
    "ada": ({*READS, *RUNS, CREATE, *LISTS, EDIT, OWNER, DELETE},) * 2,
    "ivy": (
        {*READS, *RUNS, CREATE, *LISTS, EDIT, OWNER, DELETE, *KEYS},
        {CREATE, *LISTS, OWNER, DELETE, *KEYS},
    ),
    "airflow admin": (
        {*READS, *RUNS, CREATE, *LISTS, EDIT, OWNER, DELETE, *KEYS},
        {CREATE, *LISTS, OWNER, DELETE, *KEYS},
    ),
    "key": ({*READS, *RUNS, *LISTS}, {*LISTS}),
    "key that names the private job": ({*LISTS}, {*READS, *RUNS, *LISTS}),
}


@pytest.mark.parametrize("who", WALK)
@pytest.mark.parametrize("job", ["shared", "private"])
def test_the_table_of_who_and_what(house: House, who: str, job: str) -> None:
    allowed = WALK[who][job == "private"]
    ordered = [*READS, *RUNS, CREATE, *LISTS, *KEYS, EDIT, OWNER, DELETE]
    for route in ordered:
        # Handing it over changes whose it is: the deletion comes as another's then.
        if route == DELETE and OWNER in allowed and who == "ada":
            continue
        answer = call(house, who, route, job=job)
        if route in allowed:
            assert answer.status_code in (200, 201, 202, 204), (route, answer.text)
        else:
            assert answer.status_code in (403, 404), (route, answer.text)
        if job == "private" and who in ("bob", "ivy", "airflow admin", "key"):
            assert "Takeover" not in answer.text and "What did NL spend?" not in answer.text, route


def test_an_owner_deletes_their_job(house: House) -> None:
    for job in ("shared", "private"):
        assert call(house, "ada", DELETE, job=job).status_code == 204
        assert call(house, "ada", DELETE, job=job).status_code == 404


def test_what_is_not_seen_looks_like_what_does_not_exist(house: House) -> None:
    for route in (*READS, *LACKING, *RUNS, CANCEL, EDIT, OWNER, DELETE):
        hidden = call(house, "bob", route, job="private")
        method, path = route.split(" ")
        absent = house.client.request(
            method, path.format(**ABSENT), headers=house.headers("bob"), json=BODIES.get(route)
        )
        assert (hidden.status_code, absent.status_code) == (404, 404), route
        assert without_ids(hidden.text) == without_ids(absent.text)


def without_ids(text: str) -> str:
    """Return an answer with every id of ours taken out."""
    return re.sub(r"(?:job|chat|run|key|result)_[a-z0-9]{12}", "ID", text)


def test_pages_hide_what_somebody_may_not_see_like_what_does_not_exist(house: House) -> None:
    from fastapi.testclient import TestClient

    from interact.api.app import pages_app

    left = house.left["private"]
    with TestClient(pages_app(house.desk)) as client:
        for path in (
            "runs/{run_id}/rollup.pdf",
            "runs/{run_id}/rollup.html",
            "chats/{chat_id}",
            "chats/{chat_id}/report.pdf",
        ):
            hidden, absent = (client.get(f"/{path.format(**ids)}", headers=bearer("bob")) for ids in (left, ABSENT))
            assert (hidden.status_code, absent.status_code) == (404, 404), path
            assert without_ids(hidden.text) == without_ids(absent.text), path


def test_a_member_who_sees_a_job_is_told_whose_it_is(house: House) -> None:
    answer = call(house, "bob", EDIT)
    assert answer.status_code == 403
    assert "belongs to 'ada': only its owner or an admin changes it" in answer.json()["detail"]


def test_a_member_makes_jobs_of_their_own_only(house: House) -> None:
    body = BODIES[CREATE] | {"owner": "ada"}
    theirs = house.client.post("/jobs", headers=house.headers("bob"), json=body)
    by_admin = house.client.post("/jobs", headers=house.headers("ivy"), json=body)
    own = house.client.post("/jobs", headers=house.headers("bob"), json=BODIES[CREATE])
    assert (theirs.status_code, by_admin.status_code, own.status_code) == (403, 201, 201)
    assert (by_admin.json()["owner"], own.json()["owner"]) == ("ada", "bob")
    assert (by_admin.json()["key"], own.json()["key"]) == ("new", "new-2")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://testserver", 204),
        ("https://evil.example", 403),
        (None, 403),
        ("null", 403),
        ("http://sub.testserver", 403),
    ],
)
def test_a_cookie_alone_writes_from_our_own_pages_only(house: House, origin: str | None, status: int) -> None:
    house.client.cookies.set("_token", token_of("ivy"))
    headers = {"X-Organization-Id": house.north} | ({"Origin": origin} if origin else {})
    answer = house.client.delete(f"/jobs/{house.jobs['shared'].job_id}", headers=headers)
    read = house.client.get("/jobs", headers=headers)
    house.client.cookies.clear()
    assert answer.status_code == status
    assert read.status_code == 200  # reading changes nothing, and an answer to another site is not shown to it


def test_a_body_that_is_no_json_by_its_type_is_refused(house: House) -> None:
    text = b'{"agent": "analyst", "name": "New", "prompt": "Total spend."}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = house.client.post("/jobs", headers=house.headers("ivy") | {"Content-Type": kind}, content=text)
        assert answer.status_code == 422, kind


def test_no_answer_lets_another_site_read_it(house: House) -> None:
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (
        house.client.options("/jobs", headers=origin),
        house.client.get("/jobs", headers=house.headers("key") | origin),
    ):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_key_that_sends_more_than_its_share_is_told_how_long_to_wait(house: House) -> None:
    from interact.api.limits import KeyRates

    house.client.app.state.rates = KeyRates(5)
    mine, another = house.headers("key"), house.headers("key")
    answers = [house.client.get("/jobs", headers=mine) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert "5 requests within a minute" in answers[-1].json()["detail"]
    assert house.client.get("/jobs", headers=another).status_code == 200


def test_somebody_of_two_organisations_names_one(house: House) -> None:
    either = house.client.get("/jobs", headers=bearer("bob"))
    assert (
        either.status_code == 403 and house.north in either.json()["detail"] and house.south in either.json()["detail"]
    )
    assert house.client.get("/jobs", headers=bearer("bob") | {"X-Organization-Id": house.south}).json()["jobs"] == []


def test_somebody_of_one_organisation_need_not_name_it(house: House) -> None:
    with house.desk.store.writing() as session:
        named = Organisation(key="south", name="South", timezone="UTC", members={"sue": "admin"})
        organisations.save(session, named, now=datetime.now(UTC))
    assert len(house.client.get("/jobs", headers=bearer("bob")).json()["jobs"]) == 1
    assert house.client.get("/jobs", headers=bearer("eve")).status_code == 403


def test_lists_show_private_jobs_and_chats_to_their_owner_alone(house: House) -> None:
    for who, count in (("ada", 2), ("bob", 1), ("ivy", 1), ("key", 1), ("key that names the private job", 1)):
        headers = house.headers(who)
        assert len(house.client.get("/jobs", headers=headers).json()["jobs"]) == count, who
        assert len(house.client.get("/chats", headers=headers).json()["chats"]) == count, who
