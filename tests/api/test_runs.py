"""Runs over HTTP: started once, read, run again, cancelled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.signed_in import bearer
from builders.story import Says, a_job, answered, with_report
from interact.chats.status import ChatStatus, RunVerdict
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.store import chats, jobs, requests, runs
from interact.store.tables import RequestRow, RunRow


@pytest.fixture
def startable(rest: Any) -> Any:
    """The client with a job whose DAG Airflow has read."""
    save_dag(rest.job.dag_id)
    return rest


def trigger(rest: Any, body: Any = None, **headers: str) -> Any:
    return rest.client.post(f"/jobs/{rest.job.job_id}/trigger", json=body, headers=rest.key() | headers)


def run_of(rest: Any, run_id: str) -> dict[str, Any]:
    answer = rest.client.get(f"/runs/{run_id}", headers=rest.key())
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ended(rest: Any, **given: Any) -> str:
    """Return the id of a run that has ended with every chat answered."""
    accepted = accept(rest.desk, Ask(rest.job.job_id, given, "key:test"))
    for chat in accepted.chats:
        answered(rest.desk, chat.chat_id, Says(with_report))
    announce(rest.desk, dag_id=rest.job.dag_id, dag_run_id=accepted.run.dag_run_id)
    return accepted.run.run_id


def test_a_trigger_is_accepted_although_airflow_could_not_take_it_yet(startable: Any) -> None:
    answer = trigger(startable, {"parameters": {"market": ["NL", "BE"]}})
    body = answer.json()
    assert (answer.status_code, body["success"], body["run"]["url"]) == (202, True, None)
    assert [chat["parameters"] for chat in body["chats"]] == [{"market": "NL"}, {"market": "BE"}]
    assert (body["chat"]["id"], body["chat_id"]) == (body["chats"][0]["id"],) * 2
    assert (body["job"]["id"], body["job_id"]) == (startable.job.job_id,) * 2
    run = run_of(startable, body["run"]["id"])
    assert (run["verdict"], run["delivery"], run["initiator"]) == ("queued", "none", "key:test")
    assert [chat["status"] for chat in run["chats"]] == ["queued", "queued"]


def test_a_dag_that_airflow_has_not_read_is_worth_another_try(rest: Any) -> None:
    answer = trigger(rest)
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "5")
    assert "has not read its DAG yet" in answer.json()["detail"]


def test_the_same_idempotency_key_starts_one_run(startable: Any) -> None:
    headers = startable.key()
    url = f"/jobs/{startable.job.job_id}/trigger"
    once = [
        startable.client.post(url, json={"parameters": {"market": "BE"}}, headers=headers | {"Idempotency-Key": key})
        for key in ("monday", "monday", "tuesday")
    ]
    assert [answer.status_code for answer in once] == [202, 202, 202]
    assert once[0].json() == once[1].json()
    assert once[2].json()["run"]["id"] != once[0].json()["run"]["id"]


def test_an_idempotency_key_with_another_question_is_refused(startable: Any) -> None:
    headers = startable.key() | {"Idempotency-Key": "monday"}
    url = f"/jobs/{startable.job.job_id}/trigger"
    first = startable.client.post(url, json={"parameters": {"market": "BE"}}, headers=headers)
    other = startable.client.post(url, json={"parameters": {"market": "NL"}}, headers=headers)
    assert (first.status_code, other.status_code) == (202, 422)
    assert "'monday'" in other.json()["detail"] and other.json()["title"] == "Idempotency-Key reused"


def test_the_idempotency_key_of_another_caller_is_another_one(startable: Any) -> None:
    first, second = (trigger(startable, **{"Idempotency-Key": "same"}).json()["run"]["id"] for _ in range(2))
    assert first != second  # each call above makes a key of its own


def test_a_repeat_is_answered_although_the_job_cannot_start_any_more(startable: Any) -> None:
    headers = startable.key() | {"Idempotency-Key": "monday"}
    url = f"/jobs/{startable.job.job_id}/trigger"
    first = startable.client.post(url, headers=headers)
    save_dag(startable.job.dag_id, is_paused=True)
    again, fresh = startable.client.post(url, headers=headers), trigger(startable)
    assert (again.status_code, again.json()["run"]["id"]) == (202, first.json()["run"]["id"])
    assert fresh.status_code == 409


def test_a_repeat_is_answered_although_the_job_is_deleted(startable: Any) -> None:
    headers = startable.key() | {"Idempotency-Key": "monday"}
    url = f"/jobs/{startable.job.job_id}/trigger"
    first = startable.client.post(url, headers=headers)
    with startable.desk.store.writing() as session:
        jobs.mark_deleted(session, startable.job.job_id, now=startable.desk.now())
    assert startable.client.post(url, headers=headers).json() == first.json()
    assert startable.client.post(url, headers=startable.key()).status_code == 404


def test_an_idempotency_key_is_forgotten_after_a_day(startable: Any) -> None:
    headers = startable.key() | {"Idempotency-Key": "monday"}
    url = f"/jobs/{startable.job.job_id}/trigger"
    first = startable.client.post(url, headers=headers).json()["run"]["id"]
    with startable.desk.store.writing() as session:
        row = session.query(RequestRow).one()
        row.came_at -= requests.KEPT_FOR + timedelta(seconds=1)
    assert startable.client.post(url, headers=headers).json()["run"]["id"] != first


def test_many_repeats_at_once_start_one_run(startable: Any) -> None:
    headers = startable.key() | {"Idempotency-Key": "at once"}
    url = f"/jobs/{startable.job.job_id}/trigger"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: startable.client.post(url, headers=headers), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["run"]["id"] for answer in answers}) == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_an_idempotency_key_has_a_length(startable: Any, key: str) -> None:
    assert trigger(startable, **{"Idempotency-Key": key}).status_code == 422


def test_a_full_queue_says_when_to_come_again(startable: Any) -> None:
    for _ in range(16):
        accept(startable.desk, Ask(startable.job.job_id, {}, "key:test"))
    answer = trigger(startable)
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "30")


def test_a_run_is_returned_with_its_chats_and_their_files(startable: Any) -> None:
    run_id = ended(startable, market=["NL", "DE"])
    run = run_of(startable, run_id)
    assert run["verdict"] == "partial"  # The reports were not drawn.
    assert [chat["parameters"] for chat in run["chats"]] == [{"market": "NL"}, {"market": "DE"}]
    assert run["job"] == {"id": startable.job.job_id, "name": "Weekly report"}
    assert (run["jobVersion"], run["rerunOf"], run["cancelledBy"]) == (1, None, None)
    assert run["url"] is None  # Airflow never had it
    with startable.desk.store.writing() as session:
        runs.mark_queued(session, run_id, at=startable.desk.now())
    assert run_of(startable, run_id)["url"].endswith(f"/dags/{startable.job.dag_id}/runs/{run_id}")


def test_a_rerun_asks_the_same_values_of_the_job_as_it_is_now(startable: Any) -> None:
    run_id = ended(startable, market=["DE", "NL"])
    a_job(startable.desk, prompt="What did {{ market }} earn?")
    answer = startable.client.post(f"/runs/{run_id}/rerun", headers=startable.key())
    assert answer.status_code == 202
    body = answer.json()
    assert [chat["parameters"] for chat in body["chats"]] == [{"market": "DE"}, {"market": "NL"}]
    run = run_of(startable, body["run"]["id"])
    assert (run["rerunOf"], run["jobVersion"]) == (run_id, 2)
    with startable.desk.store.reading() as session:
        assert chats.prompt_of(session, body["chat_id"]) == "What did DE earn?"


def test_a_rerun_of_one_chat_asks_its_values_alone(startable: Any) -> None:
    run_id = ended(startable, market=["DE", "NL"])
    second = run_of(startable, run_id)["chats"][1]["id"]
    body = startable.client.post(f"/chats/{second}/rerun", headers=startable.key()).json()
    assert [chat["parameters"] for chat in body["chats"]] == [{"market": "NL"}]
    assert run_of(startable, body["run"]["id"])["rerunOf"] == run_id


def test_a_rerun_of_a_value_that_is_not_allowed_any_more_is_refused(startable: Any) -> None:
    run_id = ended(startable, market="DE")
    a_job(startable.desk, parameters={"market": {"values": ["NL"], "default": ["NL"]}})
    answer = startable.client.post(f"/runs/{run_id}/rerun", headers=startable.key())
    assert (answer.status_code, answer.json()["allowed"]) == (422, ["NL"])


def test_a_rerun_comes_once_for_an_idempotency_key(startable: Any) -> None:
    run_id, headers = ended(startable, market="DE"), startable.key() | {"Idempotency-Key": "again"}
    answers = [startable.client.post(f"/runs/{run_id}/rerun", headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_run_that_opened_no_chat_has_nothing_to_ask_again(startable: Any) -> None:
    with startable.desk.store.writing() as session:
        snapshot = jobs.snapshot(session, startable.job.job_id)
        assert snapshot is not None
        now = startable.desk.now()
        refused = runs.Acceptance("run_0000000000aa", "manual__1", "airflow", snapshot, (), (), now)
        runs.accept(session, refused, now=now)
        runs.mark_ended(session, "run_0000000000aa", verdict=RunVerdict.FAILED, reason="No.", at=now)
    answer = startable.client.post("/runs/run_0000000000aa/rerun", headers=startable.key())
    assert answer.status_code == 409 and "opened no chat" in answer.json()["detail"]


def test_a_run_of_a_deleted_job_is_read_and_never_run_again(startable: Any) -> None:
    run_id = ended(startable, market="DE")
    with startable.desk.store.writing() as session:
        jobs.mark_deleted(session, startable.job.job_id, now=startable.desk.now())
    assert run_of(startable, run_id)["id"] == run_id
    assert startable.client.post(f"/runs/{run_id}/rerun", headers=startable.key()).status_code == 404


def test_cancelling_closes_what_is_open_and_keeps_what_was_answered(startable: Any) -> None:
    accepted = accept(startable.desk, Ask(startable.job.job_id, {"market": ["NL", "DE"]}, "key:test"))
    answered(startable.desk, accepted.chats[0].chat_id, Says(with_report))
    run_id, headers = accepted.run.run_id, startable.key()
    answers = [startable.client.post(f"/runs/{run_id}/cancel", headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()["verdict"]) for answer in answers] == [(202, "cancelled")] * 2
    run = run_of(startable, run_id)
    assert (run["verdict"], run["cancelledBy"], run["reason"]) == ("cancelled", "key:test", "Cancelled by key:test.")
    assert [chat["status"] for chat in run["chats"]] == ["completed", "cancelled"]
    with startable.desk.store.reading() as session:
        assert runs.not_handed_over(session) == []
        assert chats.by_id(session, accepted.chats[1].chat_id).status is ChatStatus.CANCELLED


def test_what_has_ended_cannot_be_cancelled(startable: Any) -> None:
    run_id = ended(startable, market="DE")
    answer = startable.client.post(f"/runs/{run_id}/cancel", headers=startable.key())
    assert answer.status_code == 409 and "has ended as partial" in answer.json()["detail"]


def test_an_older_attempt_stays_readable(startable: Any) -> None:
    chat_id = startable.answered()
    answered(startable.desk, chat_id, Says(with_report))
    newest = startable.client.get(f"/chats/{chat_id}", headers=startable.key()).json()
    first = startable.client.get(f"/chats/{chat_id}?attempt=1", headers=startable.key()).json()
    assert (newest["attempt"], newest["shown"], first["shown"]) == (2, 2, 1)
    assert [each["number"] for each in first["attempts"]] == [1, 2]
    assert first["queries"][0]["id"] != newest["queries"][0]["id"]
    for number, status in ((3, 404), (0, 422), (2**63, 422)):
        answer = startable.client.get(f"/chats/{chat_id}?attempt={number}", headers=startable.key())
        assert answer.status_code == status


def test_deleting_a_job_cancels_its_open_runs(startable: Any) -> None:
    accepted = accept(startable.desk, Ask(startable.job.job_id, {}, "key:test"))
    assert startable.client.delete(f"/jobs/{startable.job.job_id}", headers=bearer("ada")).status_code == 204
    run = run_of(startable, accepted.run.run_id)
    assert (run["verdict"], run["cancelledBy"]) == ("cancelled", "user:ada")
    assert [chat["status"] for chat in run["chats"]] == ["cancelled"]


def test_a_server_that_starts_hands_over_no_run_of_a_deleted_job(
    startable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interact.api import airflow_runs, handover

    kept = accept(startable.desk, Ask(a_job(startable.desk, key="kept").job_id, {}, "key:test"))
    accept(startable.desk, Ask(startable.job.job_id, {}, "key:test"))
    with startable.desk.store.writing() as session:
        jobs.mark_deleted(session, startable.job.job_id, now=startable.desk.now())
    started: list[str] = []
    monkeypatch.setattr(airflow_runs, "start", lambda dag_id, run_id, **how: started.append(run_id))
    handover.begin_serving(startable.desk)
    assert started == [kept.run.run_id]


def test_a_run_that_airflow_could_not_take_is_handed_over_when_somebody_looks(
    startable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interact.api import airflow_runs

    run_id = trigger(startable).json()["run"]["id"]
    started: list[str] = []
    monkeypatch.setattr(airflow_runs, "start", lambda dag_id, run_id, **how: started.append(run_id))
    assert run_of(startable, run_id)["url"] is None and started == []  # it may be on its way
    with startable.desk.store.writing() as session:
        session.get_one(RunRow, run_id).accepted_at -= timedelta(minutes=2)
    assert run_of(startable, run_id)["url"] is not None and started == [run_id]


def audience(rest: Any, answer: Any) -> str:
    """Return who is told of the run that a call started."""
    assert answer.status_code == 202, answer.text
    with rest.desk.store.reading() as session:
        return str(runs.by_id(session, answer.json()["run"]["id"]).audience)


@pytest.mark.parametrize(
    ("body", "told"), [(None, "everyone"), ({"send_to": "nobody"}, "nobody"), ({"send_to": "everyone"}, "everyone")]
)
def test_a_trigger_tells_everyone_unless_it_says_nobody(startable: Any, body: Any, told: str) -> None:
    assert audience(startable, trigger(startable, body)) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "nobody"),
        ({}, "nobody"),
        *(({"send_to": each}, each) for each in ("nobody", "everyone", "corrected")),
    ],
)
def test_a_re_run_tells_nobody_unless_it_says_whom(startable: Any, body: Any, told: str) -> None:
    run_id, headers = ended(startable, market=["NL", "DE"]), startable.key()
    whole = startable.client.post(f"/runs/{run_id}/rerun", json=body, headers=headers)
    chat_id = run_of(startable, run_id)["chats"][1]["id"]
    one = startable.client.post(f"/chats/{chat_id}/rerun", json=body, headers=headers)
    assert [audience(startable, whole), audience(startable, one)] == [told, told]
    assert [run_of(startable, each.json()["run"]["id"])["rerunOf"] for each in (whole, one)] == [run_id, run_id]


@pytest.mark.parametrize(
    ("call", "send_to", "allowed"),
    [
        ("/jobs/{job}/trigger", "corrected", "'everyone' or 'nobody'"),
        ("/jobs/{job}/trigger", "me:ada@example.com", "'everyone' or 'nobody'"),
        ("/runs/{run}/rerun", "me:ada@example.com", "'nobody', 'everyone' or 'corrected'"),
        ("/chats/{chat}/rerun", "those", "'nobody', 'everyone' or 'corrected'"),
    ],
)
def test_whom_a_call_may_name_is_said_when_it_names_another(
    startable: Any, call: str, send_to: str, allowed: str
) -> None:
    run_id = ended(startable, market="DE")
    chat_id = run_of(startable, run_id)["chats"][0]["id"]
    path = call.format(job=startable.job.job_id, run=run_id, chat=chat_id)
    answer = startable.client.post(path, json={"send_to": send_to}, headers=startable.key())
    assert answer.status_code == 422
    told = f"body.send_to is {send_to!r}: Input should be {allowed}"
    assert told in answer.json()["detail"]


def test_a_re_run_takes_nothing_but_whom_to_tell(startable: Any) -> None:
    answer = startable.client.post(
        f"/runs/{ended(startable)}/rerun", json={"parameters": {"market": "NL"}}, headers=startable.key()
    )
    assert (answer.status_code, "parameters is not known here" in answer.json()["detail"]) == (422, True)


def test_an_idempotency_key_that_names_another_audience_is_refused(startable: Any) -> None:
    run_id, headers = ended(startable, market="DE"), startable.key() | {"Idempotency-Key": "monday"}
    bodies = ({"send_to": "corrected"}, {"send_to": "corrected"}, {"send_to": "everyone"})
    found = [startable.client.post(f"/runs/{run_id}/rerun", json=body, headers=headers) for body in bodies]
    assert [answer.status_code for answer in found] == [202, 202, 422]
    assert found[0].json() == found[1].json()
