"""A store with very many chats, written as fast as a database takes them: what lists are measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter
from sqlalchemy import insert

from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import Snapshot, StoredJob
from interact.store import agents, jobs, organisations
from interact.store.sessions import Store
from interact.store.tables import ChatRow, RunRow

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
A_RUN = 10
"""Chats of one run."""
AT_ONCE = 200
"""Runs that are written together."""
RARE = 41
"""The last run of so many has failed."""


@dataclass(frozen=True)
class Crowd:
    """One organisation's jobs, spread over its agents; every fifth job is Ada's private one."""

    store: Store
    jobs: tuple[StoredJob, ...]
    snapshots: tuple[dict[str, Any], ...]

    def add(self, numbers: range, job_of: Callable[[int], int] | None = None) -> None:
        """Add the runs of these numbers, a minute apart, ten chats each: of the jobs in turn, or as `job_of` says."""
        for first in range(numbers.start, numbers.stop, AT_ONCE):
            runs: list[dict[str, Any]] = []
            chats: list[dict[str, Any]] = []
            for number in range(first, min(first + AT_ONCE, numbers.stop)):
                which = job_of(number) if job_of else number % len(self.jobs)
                runs.append(_run(self.jobs[which], number) | {"snapshot": self.snapshots[which]})
                chats += [_chat(self.jobs[which], runs[-1], position) for position in range(A_RUN)]
            with self.store.writing() as session:
                session.execute(insert(RunRow), runs)
                session.execute(insert(ChatRow), chats)


def a_crowd(store: Store, *, job_count: int, agent_count: int) -> Crowd:
    """Save the definitions, with the demo's semantic model, and return them."""
    demo = Path(__file__).resolve().parents[2] / "include" / "demo"
    model = yaml.safe_load((demo / "semantic_model.yaml").read_text(encoding="utf-8"))
    north = Organisation.model_validate({"key": "north", "name": "North", "timezone": "Europe/Amsterdam"})
    with store.writing() as session:
        organisations.save(session, north, now=FIRST)
        for number in range(agent_count):
            plain = {"key": f"agent-{number}", "organisation": "north", "name": f"Agent {number}", "warehouse": "w"}
            agents.save(session, Agent.model_validate(plain | {"semantic_model": model}), now=FIRST)
        saved = [jobs.save(session, _job(number, agent_count), now=FIRST)[0] for number in range(job_count)]
        snapshots = [jobs.snapshot(session, job.job_id) for job in saved]
    plainly = TypeAdapter(Snapshot)
    return Crowd(store, tuple(saved), tuple(plainly.dump_python(each, mode="json") for each in snapshots if each))


def _job(number: int, agent_count: int) -> Job:
    private = number % 5 == 4
    return Job.model_validate(
        {
            "key": f"job-{number}",
            "organisation": "north",
            "agent": f"agent-{number % agent_count}",
            "name": f"Weekly report {number}",
            "prompt": "Analyse paid search performance for the past 7 days.",
            "owner": "ada" if private else "bob",
            "visibility": "private" if private else "organisation",
            "parameters": {"market": {"values": [f"M{position}" for position in range(A_RUN)]}},
        }
    )


def _run(job: StoredJob, number: int) -> dict[str, Any]:
    run_id, began = new_id("run"), FIRST + timedelta(minutes=number)
    return {
        "id": run_id,
        "job_id": job.job_id,
        "organisation_id": job.organisation_id,
        "dag_id": job.dag_id,
        "dag_run_id": run_id,
        "initiator": "schedule",
        "verdict": "failed" if number % RARE == RARE - 1 else "completed",
        "accepted_at": began,
        "queued_at": began,
        "started_at": began,
        "begun_at": began,
        "ended_at": began + timedelta(seconds=30),
        "run_after": began,
        "clear_number": 0,
        "data": [],
    }


def _chat(job: StoredJob, run: dict[str, Any], position: int) -> dict[str, Any]:
    return {
        "id": new_id("chat"),
        "run_id": run["id"],
        "position": position,
        "job_id": job.job_id,
        "agent_id": job.agent_id,
        "organisation_id": job.organisation_id,
        "parameters": {"market": f"M{position}"},
        "prompt": job.definition.prompt,
        "status": run["verdict"],
        "attempt": 1,
        "created_at": run["accepted_at"],
        "started_at": run["started_at"],
        "ended_at": run["ended_at"],
    }
