"""One of each thing that somebody sees and somebody else does not: what two jobs and three questions of ada's left."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from builders import underway
from builders.airflow_tables import save_dag
from builders.lived_in import LivedIn
from builders.noticed import a_notice
from interact.jobs.definition import Job
from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.rights import Person
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.runs.question import Inquiry, accept_preview, accept_question
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import chats, expected, jobs, ledger, runs
from interact.store.ledger import Addressee, NewNotice

HIDDEN = "Zirconium"
"""Stands in every name, text and value of what is hidden, and nowhere else."""
DUE_AT = datetime(2026, 11, 2, 7, tzinfo=UTC)
Ids = Mapping[str, str]


def guarded(found: LivedIn) -> dict[str, Ids]:
    """Return the ids of what a shared and a private job left, a question, one that follows it, and a preview."""
    save_dag(QUESTIONS_DAG)
    ada, agent_id = Person("ada", found.organisation_id, "member"), found.agents["analyst"].agent_id
    asked = accept_question(found.desk, ada, Inquiry(agent_id, f"Spend on {HIDDEN}"))
    question = _answered(underway.of(found.desk, asked), HIDDEN)
    further = Inquiry(agent_id, f"And {HIDDEN} by week?", thread_id=asked.chats[0].chat_id)
    followed = accept_question(found.desk, ada, further)
    draft = {"agent": "analyst", "name": f"{HIDDEN} draft", "prompt": f"Spend on {HIDDEN}"}
    return {
        "shared": _of_job(found, _job(found, "Board"), "Board"),
        "private": _of_job(found, _job(found, HIDDEN, visibility="private"), HIDDEN),
        "question": question,
        "follow-up": _answered(underway.of(found.desk, followed), HIDDEN),
        "preview": _answered(underway.of(found.desk, accept_preview(found.desk, ada, draft)), HIDDEN),
    }


def _job(found: LivedIn, word: str, **changes: Any) -> StoredJob:
    plain = {
        "key": f"{word.lower()}-plan",
        "organisation": "norrland",
        "agent": "analyst",
        "owner": "ada",
        "name": f"{word} plan",
        "prompt": f"Spend on {word} in {{{{ market }}}}",
        "parameters": {"market": {"values": ["NL", "BE"], "default": ["NL"], "description": f"of {word}"}},
        "schedule": "0 8 * * 1",
        **changes,
    }
    now = found.desk.now()
    with found.desk.store.writing() as session:
        job, _ = jobs.save(session, Job.model_validate(plain), now=now - timedelta(days=20))
        told = f"It was away for {word}."
        row = ExpectedTime(job.job_id, DUE_AT, TimeOutcome.SKIPPED, told, None, None, None, now)
        expected.record(session, row)
    save_dag(job.dag_id)
    return job


def _of_job(found: LivedIn, job: StoredJob, word: str) -> Ids:
    left = _answered(underway.under_way(found.desk, job.job_id), word)
    waiting = accept(found.desk, Ask(job.job_id, {}, "user:ada"))
    return {**left, "open_run_id": waiting.run.run_id, "notice_id": _told(found, left, word)}


def _told(found: LivedIn, left: Ids, word: str) -> str:
    """Tell of a run, a word in all of it, and return the notice's id; it cannot be delivered."""
    content = a_notice(subject=f"{word} is dear", lead=f"{word} cost 12.", job=f"{word} plan")
    new = NewNotice(f"{left['run_id']}:{word}", found.organisation_id, content, left["job_id"], left["run_id"])
    to = Addressee(new_id("channel"), "gone", "email", f"{word}@example.com", held=f"It is about {word}.")
    with found.desk.store.writing() as session:
        return ledger.keep(session, new, [to], now=found.desk.now())


def _answered(chat: underway.UnderWay, word: str) -> Ids:
    """Let a chat be answered and its report be drawn, a word in all of it, and return the ids of what is left."""
    chat.taken()
    chat.begun()
    result_id = chat.queried(f"{word} by week", rows=2, sql=f"SELECT '{word}' AS spend")
    chat.answered(f"{word} cost 12.", with_report=True)
    chat.drawn()
    announce(chat.desk, dag_id=chat.run.dag_id, dag_run_id=chat.run.dag_run_id)
    put = chat.desk.files.put
    with chat.desk.store.writing() as session:
        files = chats.Rendered(put(word.encode(), ".html"), put(word.encode(), ".pdf"))
        runs.set_rollup(session, chat.run.run_id, None, files)
    return {
        "job_id": chat.run.job_id,
        "dag_id": chat.run.dag_id,
        "run_id": chat.run.run_id,
        "dag_run_id": chat.run.dag_run_id,
        "chat_id": chat.chat_id,
        "result_id": result_id,
        "open_run_id": chat.run.run_id,
    }
