"""Jobs made, changed, handed over and deleted by people who are signed in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.signed_in import bearer, token_of
from builders.story import a_job
from interact.errors import StoreUnavailable
from interact.store import agents, jobs, organisations

DAILY = {"agent": "analyst", "name": "Daily spend", "prompt": "Show spend by campaign for yesterday."}


@pytest.fixture
def ada(rest: Any) -> dict[str, str]:
    """The headers of ada, who owns the job."""
    return bearer("ada")


def refusal(answer: Any, status: int = 422) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["detail"])


def test_a_job_needs_an_agent_a_name_and_a_prompt(rest: Any, ada: dict[str, str]) -> None:
    answer = rest.client.post("/jobs", headers=ada, json=DAILY)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["key"], made["owner"], made["visibility"], made["version"]) == (
        "daily-spend",
        "ada",
        "organisation",
        1,
    )
    assert (made["schedule"], made["nextAt"], made["keptIn"], made["parameters"]) == (None, None, None, [])
    assert rest.client.get(f"/jobs/{made['id']}", headers=ada).json() == made
    with rest.desk.store.reading() as session:
        assert jobs.by_id(session, made["id"]).definition.prompt == DAILY["prompt"]


def test_a_job_may_name_all_that_a_file_may(rest: Any, ada: dict[str, str]) -> None:
    body = {
        **DAILY,
        "key": "by-market",
        "prompt": "Show spend of {{ market }} above {{ least }}.",
        "visibility": "private",
        "parameters": {
            "market": {"values": ["NL", "BE"], "default": "NL", "schedule": "*"},
            "least": {"type": "number", "default": 100, "description": "In euro"},
        },
        "schedule": "0 8 * * 1",
        "parallel_chats": 2,
    }
    made = rest.client.post("/jobs", headers=ada, json=body).json()
    assert made["schedule"] == "0 8 * * 1" and made["nextAt"] is not None
    market, least = made["parameters"]
    assert (market["values"], market["default"], market["schedule"]) == (["NL", "BE"], ["NL"], ["*"])
    assert (least["type"], least["values"], least["default"]) == ("number", None, ["100"])
    assert made["definition"]["parallel_chats"] == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"promt": "x"}, "'promt' is no key of a job (did you mean 'prompt'?)"),
        ({"name": ""}, "`name` is empty"),
        ({"name": 7}, "`name` takes text, not '7'"),
        ({"prompt": "Spend of {{ market }}?"}, "placeholder 'market'"),
        ({"agent": "nobody"}, "asks agent 'nobody', which does not exist"),
        ({"schedule": "0 25 * * *"}, "25"),
        ({"parameters": {"market": {}}}, "lacks what can be chosen"),
        ({"channels": ["mail"]}, "'mail'"),
        ({"organisation": "south"}, "'south'"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"kind": "agent"}, "agent"),
        ({"name": None}, "`name` takes text, not 'null'."),
        ({"name": "a\x85b"}, "U+0085"),
        ({"name": "a\0b"}, "U+0000"),
        ({"prompt": {"a": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}}, "20 levels"),
        ({"x" * 60_000: 1}, "is no key of a job"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    rest: Any, ada: dict[str, str], changes: dict[str, Any], told: str
) -> None:
    sentence = refusal(rest.client.post("/jobs", headers=ada, json=DAILY | changes))
    assert told in sentence
    assert not sentence.startswith((",", ":", "line"))
    assert [job["key"] for job in rest.client.get("/jobs", headers=ada).json()["jobs"]] == ["weekly"]


def test_a_key_that_is_taken_is_refused(rest: Any, ada: dict[str, str]) -> None:
    told = refusal(rest.client.post("/jobs", headers=ada, json=DAILY | {"key": "weekly"}), 409)
    assert "a job 'weekly' already" in told


def test_a_change_makes_a_version_and_leaves_the_rest(rest: Any, ada: dict[str, str]) -> None:
    url = f"/jobs/{rest.job.job_id}"
    before = rest.client.get(url, headers=ada).json()
    after = rest.client.patch(url, headers=ada, json={"name": "Weekly spend", "schedule": "0 8 * * 1"}).json()
    assert (after["name"], after["version"], after["schedule"]) == ("Weekly spend", 2, "0 8 * * 1")
    assert after["definition"]["parameters"] == before["definition"]["parameters"]
    off = rest.client.patch(url, headers=ada, json={"schedule": {"cron": "0 8 * * 1", "enabled": False}}).json()
    assert (off["enabled"], off["nextAt"], off["version"]) == (False, None, 3)
    none = rest.client.patch(url, headers=ada, json={"schedule": None}).json()
    assert (none["schedule"], none["version"]) == (None, 4)
    assert rest.client.patch(url, headers=ada, json={}).json()["version"] == 4


def test_a_change_to_an_older_version_shows_what_is_there_now(rest: Any, ada: dict[str, str]) -> None:
    url = f"/jobs/{rest.job.job_id}"
    first = rest.client.patch(f"{url}?version=1", headers=ada, json={"name": "First"})
    second = rest.client.patch(f"{url}?version=1", headers=ada, json={"name": "Second"})
    assert (first.status_code, second.status_code) == (200, 409)
    current = second.json()["current"]
    assert (current["version"], current["definition"]["name"]) == (2, "First")
    assert rest.client.get(url, headers=ada).json()["name"] == "First"


@pytest.mark.parametrize("changes", [{"key": "other"}, {"owner": "bob"}, {"organisation": "south"}])
def test_a_change_leaves_key_owner_and_organisation(rest: Any, ada: dict[str, str], changes: dict[str, str]) -> None:
    told = refusal(rest.client.patch(f"/jobs/{rest.job.job_id}", headers=ada, json=changes))
    assert f"keeps its '{next(iter(changes))}'" in told


def test_a_job_that_a_file_keeps_is_changed_there(rest: Any, ada: dict[str, str]) -> None:
    with rest.desk.store.writing() as session:
        jobs.save(session, rest.job.definition, now=rest.desk.now(), kept_in="jobs.yaml")
    url = f"/jobs/{rest.job.job_id}"
    assert rest.client.get(url, headers=ada).json()["keptIn"] == "jobs.yaml"
    for answer in (
        rest.client.patch(url, headers=ada, json={"name": "Other"}),
        rest.client.put(f"{url}/owner", headers=ada, json={"owner": "bob"}),
        rest.client.delete(url, headers=ada),
    ):
        assert "kept in the file 'jobs.yaml'" in refusal(answer, 409)


def test_a_job_outlives_its_owner(rest: Any, ada: dict[str, str]) -> None:
    url = f"/jobs/{rest.job.job_id}"
    assert rest.client.put(f"{url}/owner", headers=bearer("ivy", "admin"), json={"owner": "bob"}).status_code == 204
    assert rest.client.get(url, headers=ada).json()["owner"] == "bob"
    assert refusal(rest.client.patch(url, headers=ada, json={"name": "Mine"}), 403)
    assert rest.client.patch(url, headers=bearer("bob"), json={"name": "Bob's"}).json()["name"] == "Bob's"


def test_a_deleted_job_is_gone_from_every_list_and_its_chats_stay(rest: Any, ada: dict[str, str]) -> None:
    chat = rest.answered()
    assert rest.client.delete(f"/jobs/{rest.job.job_id}", headers=ada).status_code == 204
    assert rest.client.get("/jobs", headers=ada).json()["jobs"] == []
    assert refusal(rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=ada), 404)
    assert rest.client.get(f"/chats/{chat}", headers=ada).status_code == 200


def test_an_inactive_agent_is_told_when_somebody_triggers(rest: Any, ada: dict[str, str]) -> None:
    a_job(rest.desk, active=False)
    save_dag(rest.job.dag_id)
    told = refusal(rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=ada), 409)
    assert "'analyst' is not active" in told


def test_airflow_is_asked_to_read_the_jobs_anew(rest: Any, ada: dict[str, str]) -> None:
    from airflow.models.dagbag import DagPriorityParsingRequest
    from airflow.utils.session import create_session

    def asked() -> set[tuple[str, str]]:
        with create_session() as session:
            found = session.query(DagPriorityParsingRequest).all()
            return {(each.bundle_name, each.relative_fileloc) for each in found}

    assert rest.client.post("/jobs", headers=ada, json=DAILY).status_code == 201
    assert asked() == set()  # Airflow has not read our DAG files, and will
    save_dag("interact_watch", relative_fileloc="interact_watch.py")
    for name in ("Again", "Once more"):
        assert rest.client.post("/jobs", headers=ada, json=DAILY | {"name": name}).status_code == 201
    assert asked() == {("dags-folder", "interact_jobs.py")}


def test_keys_of_an_organisation_are_its_admins(rest: Any) -> None:
    admin = bearer("ivy", "admin")
    body = {"name": "pipeline", "permissions": ["agent_jobs_trigger"], "jobIds": [rest.job.job_id]}
    made = rest.client.post("/keys", headers=admin, json=body)
    assert made.status_code == 201
    secret = made.json().pop("secret")
    assert secret.startswith("int_") and len(secret) == 52 and secret[4:].isalnum()
    (listed,) = rest.client.get("/keys", headers=admin).json()["keys"]
    assert (listed["name"], listed["jobIds"], listed["lastUsedAt"]) == ("pipeline", [rest.job.job_id], None)
    assert secret not in rest.client.get("/keys", headers=admin).text
    key = {"X-API-Key": secret, "X-Organization-Id": rest.organisation_id}
    save_dag(rest.job.dag_id)
    assert rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=key).status_code == 202
    assert rest.client.get("/keys", headers=admin).json()["keys"][0]["lastUsedAt"] is not None
    assert rest.client.delete(f"/keys/{listed['id']}", headers=admin).status_code == 204
    assert rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=key).status_code == 401
    assert rest.client.delete(f"/keys/{listed['id']}", headers=admin).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"permissions": []}, 422),
        ({"permissions": ["everything"]}, 422),
        ({"name": ""}, 422),
        ({"name": "two\nlines"}, 422),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, 422),
        ({"expiresAt": "tomorrow"}, 422),
        ({"jobIds": ["job_000000000000"]}, 404),
        ({"jobIds": []}, 422),
        ({"secret": "int_mine"}, 422),
    ],
)
def test_a_key_that_could_not_work_is_refused(rest: Any, changes: dict[str, Any], status: int) -> None:
    body = {"name": "k", "permissions": ["agent_jobs_read"]} | changes
    answer = rest.client.post("/keys", headers=bearer("ivy", "admin"), json=body)
    assert answer.status_code == status, answer.text
    assert rest.client.get("/keys", headers=bearer("ivy", "admin")).json()["keys"] == []


def test_a_private_job_is_named_in_a_key_by_its_owner_alone(rest: Any) -> None:
    private = a_job(rest.desk, key="secret", visibility="private", owner="ivy")
    body = {"name": "k", "permissions": ["agent_jobs_read"], "jobIds": [private.job_id]}
    assert rest.client.post("/keys", headers=bearer("root", "admin"), json=body).status_code == 404
    made = rest.client.post("/keys", headers=bearer("ivy", "admin"), json=body).json()
    key = {"X-API-Key": made["secret"], "X-Organization-Id": made["organisationId"]}
    assert rest.client.get(f"/jobs/{private.job_id}", headers=key).status_code == 200


def test_a_key_of_another_organisation_is_not_deleted(rest: Any) -> None:
    from interact.jobs.definition import Organisation

    with rest.desk.store.writing() as session:
        named = Organisation(key="south", name="South", timezone="UTC", members={"sue": "admin"})
        organisations.save(session, named, now=rest.desk.now())
        assert agents.all_of(session, rest.organisation_id)
    rest.key()
    (mine,) = rest.client.get(
        "/keys", headers=bearer("ivy", "admin") | {"X-Organization-Id": rest.organisation_id}
    ).json()["keys"]
    assert rest.client.delete(f"/keys/{mine['id']}", headers=bearer("sue")).status_code in (403, 404)
    assert (
        rest.client.delete(
            f"/keys/{mine['id']}", headers=bearer("sue") | {"X-Organization-Id": rest.organisation_id}
        ).status_code
        == 403
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"prompt": ' + b"[" * 400 + b"]" * 400 + b"}",
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"time_limit_minutes": NaN}',
        b'{"agent": "analyst", "name": "\\ud800", "prompt": "Total spend."}',
        b'{"time_limit_minutes": 1e999}',
        b"[]",
        b'"text"',
    ],
)
def test_a_body_that_is_no_definition_is_told_in_a_sentence(rest: Any, ada: dict[str, str], body: bytes) -> None:
    headers = ada | {"Content-Type": "application/json"}
    for answer in (
        rest.client.post("/jobs", headers=headers, content=body),
        rest.client.patch(f"/jobs/{rest.job.job_id}", headers=headers, content=body),
    ):
        assert len(refusal(answer)) < 400


def test_a_change_that_names_no_key_is_refused_also_when_it_takes_it_back(rest: Any, ada: dict[str, str]) -> None:
    told = refusal(rest.client.patch(f"/jobs/{rest.job.job_id}", headers=ada, json={"enabled": None}))
    assert told.startswith("'enabled' is no key of a job; it takes ")


def test_a_prompt_keeps_its_letters(rest: Any, ada: dict[str, str]) -> None:
    prompt = "Zeile eins\n\tzwei: \u2028 *a &b !c # d\n\n- 'e' \"f\" \U0001f4c8 \u00a0 {% raw %}{{ x }}{% endraw %}"
    made = rest.client.post("/jobs", headers=ada, json=DAILY | {"prompt": prompt}).json()
    assert made["definition"]["prompt"] == prompt


def test_an_admin_does_not_take_a_private_job_to_read_it(rest: Any, ada: dict[str, str]) -> None:
    private = a_job(rest.desk, key="secret", visibility="private")
    url, root = f"/jobs/{private.job_id}/owner", bearer("root", "admin")
    assert "Hand it to somebody else" in refusal(rest.client.put(url, headers=root, json={"owner": "root"}), 403)
    assert rest.client.put(url, headers=root, json={"owner": "bob"}).status_code == 204
    assert rest.client.get(f"/jobs/{private.job_id}", headers=bearer("bob")).status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "http://", "null", ""])
def test_an_origin_that_is_none_is_another_site(rest: Any, origin: str) -> None:
    rest.client.cookies.set("_token", token_of("ada"))
    answer = rest.client.delete(f"/jobs/{rest.job.job_id}", headers={"Origin": origin, "Host": ""})
    rest.client.cookies.clear()
    assert answer.status_code == 403


def test_a_slash_too_many_is_no_address(rest: Any, ada: dict[str, str]) -> None:
    answer = rest.client.get("/jobs/", headers=ada, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def test_another_method_is_told_with_those_that_there_are(rest: Any, ada: dict[str, str]) -> None:
    answer = rest.client.put("/jobs", headers=ada)
    assert answer.status_code == 405 and answer.headers["Allow"] in ("GET", "POST")


def test_two_who_make_a_job_of_one_name_make_two(rest: Any) -> None:
    bodies = [DAILY | {"visibility": "private"}, DAILY | {"prompt": "Total spend."}] * 4
    people = ["ada", "bob"] * 4

    def make(number: int) -> Any:
        return rest.client.post("/jobs", headers=bearer(people[number]), json=bodies[number])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(make, range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert len({job["id"] for job in made}) == len(made) >= 1
    for job in made:
        with rest.desk.store.reading() as session:
            assert (jobs.by_id(session, job["id"]).definition.owner, job["version"]) == (job["owner"], 1)


def test_a_key_loses_a_private_job_that_gets_another_owner(rest: Any) -> None:
    private = a_job(rest.desk, key="secret", visibility="private")
    key = rest.key(job_ids=frozenset({private.job_id}))
    assert rest.client.get(f"/jobs/{private.job_id}", headers=key).status_code == 200
    handed = rest.client.put(f"/jobs/{private.job_id}/owner", headers=bearer("ada"), json={"owner": "bob"})
    assert handed.status_code == 204
    assert rest.client.get(f"/jobs/{private.job_id}", headers=key).status_code == 404


def test_what_is_saved_stays_saved_when_airflows_database_is_away(
    rest: Any, ada: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from interact.api import airflow_runs

    save_dag(rest.job.dag_id)

    def away() -> Any:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    def refused_for_a_while(answer: Any) -> bool:
        return bool(answer.status_code == 503 and answer.headers["Retry-After"] == "5")

    url = f"/jobs/{rest.job.job_id}"
    with monkeypatch.context() as patch:
        patch.setattr(airflow_runs, "create_session", away)
        assert rest.client.put(f"{url}/owner", headers=ada, json={"owner": "ada"}).status_code == 204
        assert refused_for_a_while(rest.client.post(f"{url}/trigger", headers=ada))
        assert refused_for_a_while(rest.client.get("/jobs", headers=ada))
        assert rest.client.delete(url, headers=ada).status_code == 204
    assert rest.client.get(url, headers=ada).status_code == 404


def test_a_key_reads_although_its_use_cannot_be_noted(rest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from interact.api import access

    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("The store 'interact.db' is on a disk that is full. Make room, then try again.")

    monkeypatch.setattr(access.keys, "note_use", full)
    assert rest.client.get("/jobs", headers=rest.key()).status_code == 200
