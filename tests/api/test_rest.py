"""The REST API answers as the product says, above all when it refuses."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.instants import shown
from builders.story import a_job
from interact.api.failures import problem
from interact.chats.record import AssetLoad
from interact.chats.status import RunVerdict
from interact.store import jobs, runs

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TRIGGER, LIST, ONE, PDF = "/jobs/{job}/trigger", "/chats", "/chats/{chat}", "/chats/{chat}/report.pdf"


def test_no_key_and_a_wrong_key_look_alike(rest: Any) -> None:
    url = f"/jobs/{rest.job.job_id}/trigger"
    none = rest.client.post(url)
    wrong = rest.client.post(url, headers={"X-API-Key": "int_" + "x" * 48, "X-Organization-Id": rest.organisation_id})
    assert none.status_code == wrong.status_code == 401
    assert none.json() == wrong.json()
    assert none.headers["content-type"] == "application/problem+json"
    assert "interact keys create" in none.json()["detail"]


@pytest.mark.parametrize("organisation", ["", "org_000000000000"])
def test_the_wrong_organisation_is_403(rest: Any, organisation: str) -> None:
    answer = rest.client.get("/chats", headers={**rest.key(), "X-Organization-Id": organisation})
    assert (answer.status_code, answer.json()["title"]) == (403, "Access refused")
    assert "X-Organization-Id" in answer.json()["detail"]


def test_a_key_without_the_permission_is_403_and_names_it(rest: Any) -> None:
    reader, starter = rest.key("agent_jobs_read"), rest.key("agent_jobs_trigger")
    trigger = rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=reader)
    listed = rest.client.get("/chats", headers=starter)
    assert (trigger.status_code, listed.status_code) == (403, 403)
    assert "'agent_jobs_trigger'" in trigger.json()["detail"] and "'agent_jobs_read'" in listed.json()["detail"]


def test_an_expired_key_is_401(rest: Any) -> None:
    past = rest.key(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert rest.client.get("/chats", headers=past).status_code == 401


@pytest.mark.parametrize("job_id", ["job_000000000000", "nonsense", "job_%F0%9F%98%80"])
def test_an_unknown_job_is_404(rest: Any, job_id: str) -> None:
    answer = rest.client.post(f"/jobs/{job_id}/trigger", headers=rest.key())
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_a_private_job_is_unseen_unless_the_key_names_it(rest: Any) -> None:
    private = a_job(rest.desk, key="secret", visibility="private")
    chat = rest.answered(private)
    assert rest.client.get(f"/chats/{chat}", headers=rest.key()).status_code == 404
    assert rest.client.get("/chats", headers=rest.key()).json()["chats"] == []
    named = rest.key(job_ids=frozenset({private.job_id}))
    assert rest.client.get(f"/chats/{chat}", headers=named).status_code == 200
    assert [c["id"] for c in rest.client.get("/chats", headers=named).json()["chats"]] == [chat]


def test_a_named_job_that_becomes_private_is_lost_to_the_key(rest: Any) -> None:
    chat = rest.answered()
    named = rest.key(job_ids=frozenset({rest.job.job_id}))
    assert rest.client.get(f"/chats/{chat}", headers=named).status_code == 200
    a_job(rest.desk, visibility="private")
    assert rest.client.get(f"/chats/{chat}", headers=named).status_code == 404
    assert rest.client.get("/chats", headers=named).json()["chats"] == []
    assert rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=named).status_code == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "JSON"),
        (b'{"parameter": {}}', "not known here"),
        (b'{"parameters": []}', "dictionary"),
        (b"[]", "dictionary|object"),
    ],
)
def test_a_body_that_does_not_fit_is_422(rest: Any, body: bytes, told: str) -> None:
    headers = {**rest.key(), "Content-Type": "application/json"}
    answer = rest.client.post(f"/jobs/{rest.job.job_id}/trigger", headers=headers, content=body)
    assert answer.status_code == 422
    assert any(word in answer.json()["detail"] for word in told.split("|"))


def test_a_body_over_the_limit_is_413_also_without_a_length(rest: Any) -> None:
    url, headers = f"/jobs/{rest.job.job_id}/trigger", {**rest.key(), "Content-Type": "application/json"}
    whole = rest.client.post(url, headers=headers, content=b" " * 530_000)
    in_pieces = rest.client.post(url, headers=headers, content=(b" " * 100_000 for _ in range(6)))
    assert (whole.status_code, in_pieces.status_code) == (413, 413)
    assert "524,288 bytes" in whole.json()["detail"]


def test_a_chat_is_returned_with_all_that_it_holds(rest: Any) -> None:
    chat = rest.client.get(f"/chats/{rest.answered()}", headers=rest.key()).json()
    assert (chat["status"], chat["parameters"], chat["initiator"]) == ("completed", {"market": "NL"}, "key:test")
    assert [message["text"] for message in chat["messages"]] == ["What did NL spend?", "Spend was €1,234."]
    assert [(query["sql"], query["rows"]) for query in chat["queries"]] == [("SELECT 1234 AS spend", [[1234.0]])]
    assert chat["report"]["summary"] == "Spend was €1,234."
    assert chat["job"]["name"] == "Weekly report" and chat["agent"]["name"] == "Analyst"
    assert chat["versions"] == {"job": 1, "agent": 1, "organisation": 1}
    assert (chat["model"], chat["costUsd"], chat["usage"]) == (None, None, {"queries": 1})
    assert [query["claimed"] for query in chat["queries"]] == [False]


def test_a_chat_says_when_it_was_planned_and_how_fresh_its_data_was(rest: Any) -> None:
    chat_id = rest.answered()
    manual = rest.client.get(f"/chats/{chat_id}", headers=rest.key()).json()
    assert (manual["dueAt"], manual["late"], manual["data"]) == (None, False, [])
    loads = (AssetLoad("orders", NOW, "orders_load"), AssetLoad("spend", None, None, late=True))
    with rest.desk.store.reading() as session:
        snapshot = jobs.snapshot(session, rest.job.job_id)
    due = NOW - timedelta(seconds=61)
    run_id = "run_0000000000aa"
    scheduled = runs.Acceptance(
        run_id, "scheduled__1", "schedule", snapshot, ({"market": "NL"},), ("Spend?",), due, due_at=due, data=loads
    )
    with rest.desk.store.writing() as session:
        _, opened = runs.accept(session, scheduled, now=NOW)
        runs.mark_started(session, run_id, at=NOW, clear_number=0)
        # It has not been handed to Airflow by us, so that Airflow is not asked how it stands.
        runs.mark_ended(session, run_id, verdict=RunVerdict.FAILED, reason="No.", at=NOW)
    whole = rest.client.get(f"/chats/{opened[0].chat_id}", headers=rest.key()).json()
    listed = rest.client.get("/chats", headers=rest.key()).json()["chats"]
    for chat in (whole, next(one for one in listed if one["id"] == whole["id"])):
        assert (chat["dueAt"], chat["late"]) == (shown(due), True)
        assert chat["data"] == [
            {"asset": "orders", "loadedAt": shown(NOW), "dagId": "orders_load", "late": False},
            {"asset": "spend", "loadedAt": None, "dagId": None, "late": True},
        ]


def test_pages_of_chats_come_newest_first_without_gap_or_repeat(rest: Any) -> None:
    made = [rest.answered() for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = rest.client.get(
            "/chats", headers=rest.key(), params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [chat["id"] for chat in page["chats"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "told"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("status=done", "status"), ("cursor=%00x", "cursor")],
)
def test_a_wrong_query_is_422_and_names_what_is_wrong(rest: Any, query: str, told: str) -> None:
    answer = rest.client.get(f"/chats?{query}", headers=rest.key())
    assert answer.status_code == 422 and told in answer.json()["detail"]


def test_a_pdf_that_is_not_there_yet_is_404(rest: Any) -> None:
    answer = rest.client.get(f"/chats/{rest.answered()}/report.pdf", headers=rest.key())
    assert answer.status_code == 404


def test_a_store_that_is_gone_is_503(rest: Any, tmp_path: Any) -> None:
    for file in tmp_path.glob("interact.db*"):
        file.rename(file.with_suffix(".gone"))
    rest.desk.store._process = 0  # a fresh engine, as in a new process
    assert rest.client.get("/health").status_code == 503


def test_a_job_made_private_hides_the_chats_it_had(rest: Any) -> None:
    chat = rest.answered()
    a_job(rest.desk, visibility="private")
    assert rest.client.get(f"/chats/{chat}", headers=rest.key()).status_code == 404


def test_a_reader_waits_for_no_writer(rest: Any) -> None:
    chat, headers = rest.answered(), rest.key()
    assert rest.client.get(f"/chats/{chat}", headers=headers).status_code == 200
    with rest.desk.store.writing():
        assert rest.client.get(f"/chats/{chat}", headers=headers).status_code == 200


def test_every_answer_tells_browsers_to_keep_and_run_nothing(rest: Any) -> None:
    for answer in (rest.client.get("/health"), rest.client.get("/chats"), rest.client.get("/nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_key_of_any_length_is_only_wrong(rest: Any) -> None:
    assert rest.client.get("/chats", headers={"X-API-Key": "int_" + "x" * 5000}).status_code == 401


def test_a_problem_can_be_told_of_text_that_cannot_be_encoded(rest: Any) -> None:
    answer = problem(422, "Parameter refused", "no", parameter="\ud800")
    assert json.loads(answer.body)["parameter"] == "\ud800"
