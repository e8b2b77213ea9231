"""An installation that has been in use: agents, jobs of every kind, runs of every end, times that did not run.

Its chats are the embedded analyst's own, from the demo's warehouse, and their reports are drawn.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from runpy import run_path
from typing import Any

from builders.airflow_tables import save_dag
from builders.prompts import CHECK, REPORT
from builders.story import MODEL
from interact.connections.agents import find_agent
from interact.errors import InteractError
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent, StoredChannel, StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.runs.ask import ask, open_attempt
from interact.runs.cancel import cancel
from interact.runs.desk import Desk
from interact.runs.render import render
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import agents, expected, jobs, organisations, runs
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Warehouse
from interact.warehouse.semantic import SemanticModel, read_model

MEMBERS = {"ada": "member", "bob": "member", "ivy": "admin"}
HOSTILE = "<script>alert('x')</script> & <img src=x onerror=alert(1)> \u202egnirts"
LONG = "Weekly performance of every campaign in every market with its drivers, movers and outliers, for the board"


@dataclass
class LivedIn:
    """What is there, by name; `ada` and `bob` are members, `ivy` is admin, `eve` belongs to another organisation."""

    desk: Desk
    organisation_id: str
    agents: dict[str, StoredAgent]
    jobs: dict[str, StoredJob]
    runs: dict[str, str] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    channels: dict[str, StoredChannel] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)


def lived_in(desk: Desk, warehouse: Path, *, reports: bool = True, hostile: bool = True) -> LivedIn:
    """Fill a store; without `reports` nothing is drawn, which takes most of the time; `hostile` names are left out."""
    now = datetime.now(UTC)
    run_path(str(MODEL.parent / "performance.py"))["load"](warehouse, now.date() - timedelta(days=1))
    found = _defined(desk, now, hostile=hostile)
    _ran(found, warehouse, "weekly", "weekly", market=["NL", "BE", "DE"], reports=reports)
    _ran(found, warehouse, "check", "check", reports=reports)
    _ran(found, warehouse, "check", "again", reports=reports)
    _ran(found, warehouse, "private", "private", who="ada")
    if hostile:
        _ran(found, warehouse, "hostile", "failed", who="bob")
    accepted = accept(found.desk, Ask(found.jobs["weekly"].job_id, {"market": ["NL", "BE"]}, "key:pipeline"))
    cancel(desk, accepted.run.run_id, by="user:ada")
    found.runs["cancelled"] = accepted.run.run_id
    accepted = accept(found.desk, Ask(found.jobs["weekly"].job_id, {"market": "NL"}, "user:ada"))
    found.runs["queued"], found.chats["queued"] = accepted.run.run_id, accepted.chats[0].chat_id
    _times(found, now)
    return found


@contextmanager
def _opened(warehouse: Path, filters: dict[str, str]) -> Iterator[Warehouse]:
    with DuckDbDoor(warehouse, read_model(MODEL), filters, new_id=lambda: new_id("result")) as door:
        yield door


def opening(warehouse: Path) -> Callable[[StoredAgent, dict[str, str]], Any]:
    """Return what opens the demo's warehouse for any agent."""
    return lambda agent, filters: _opened(warehouse, filters)


def _defined(desk: Desk, now: datetime, *, hostile: bool) -> LivedIn:
    model = SemanticModel.model_validate(read_model(MODEL)).model_dump(mode="json", exclude_none=True)
    north = Organisation.model_validate(
        {
            "key": "norrland",
            "name": "Norrland & Kaye",
            "timezone": "Europe/Amsterdam",
            "calendar": {"country": "NL"},
            "members": MEMBERS,
        }
    )
    south = Organisation.model_validate(
        {"key": "south", "name": "South", "timezone": "UTC", "members": {"eve": "admin"}}
    )
    wanted = {
        "analyst": {"name": "Marketing analyst", "description": "Paid media in NL, BE and DE, day by day."},
        "retired": {"name": "Old analyst", "active": False},
        "hostile": {"name": f"Shop {HOSTILE}", "description": HOSTILE},
    }
    with desk.store.writing() as session:
        organisation, _ = organisations.save(session, north, now=now)
        organisations.save(session, south, now=now)
        known = {}
        for key, more in wanted.items():
            if key == "hostile" and not hostile:
                continue
            plain = {"key": key, "organisation": "norrland", "warehouse": "w", "semantic_model": model, **more}
            known[key], _ = agents.save(session, Agent.model_validate(plain), now=now, saved_by="file:agents.yaml")
        made = {
            key: _job(session, key, plain, now=now) for key, plain in _jobs().items() if hostile or key != "hostile"
        }
    for job in made.values():
        save_dag(job.dag_id)
    return LivedIn(desk, organisation.organisation_id, known, made)


def _jobs() -> dict[str, dict[str, Any]]:
    market = {"market": {"values": ["NL", "BE", "DE"], "default": ["NL", "BE", "DE"]}}
    return {
        "weekly": {
            "name": "Weekly Campaign Performance Report",
            "prompt": REPORT,
            "parameters": market,
            "schedule": "0 8 * * 1",
        },
        "check": {"name": "Campaign check", "prompt": CHECK, "triggers": {"assets": ["warehouse.ad_performance"]}},
        "private": {"name": "Takeover of Acme", "prompt": "Total spend for last week.", "visibility": "private"},
        "hostile": {"name": HOSTILE, "prompt": f"Spend on TikTok {HOSTILE}", "owner": "bob"},
        "long": {"name": LONG, "prompt": CHECK, "schedule": {"cron": "@first-weekday", "enabled": False}},
        "hourly": {"name": "Hourly spend", "prompt": "Spend by channel for yesterday.", "schedule": "0 * * * *"},
    }


def _job(session: Any, key: str, plain: dict[str, Any], *, now: datetime) -> StoredJob:
    whole = {"key": key, "organisation": "norrland", "agent": "analyst", "owner": "ada", **plain}
    return jobs.save(session, Job.model_validate(whole), now=now - timedelta(days=20))[0]


def _ran(
    found: LivedIn, warehouse: Path, job: str, name: str, *, who: str = "ada", reports: bool = False, **values: Any
) -> None:
    desk = found.desk
    accepted = accept(desk, Ask(found.jobs[job].job_id, values, f"user:{who}"))
    dag_id, dag_run_id = accepted.run.dag_id, accepted.run.dag_run_id
    with desk.store.writing() as session:
        runs.mark_started(session, accepted.run.run_id, at=desk.now(), clear_number=0)
    for chat in accepted.chats:
        attempt = open_attempt(desk, chat.chat_id, dag_id=dag_id, dag_run_id=dag_run_id)
        try:
            ask(desk, attempt, open_warehouse=opening(warehouse), find_agent=find_agent)
        except InteractError:
            continue  # It is in the chat.
    if reports:
        render(desk, dag_id=dag_id, dag_run_id=dag_run_id, share=(0, 1))
    announce(desk, dag_id=dag_id, dag_run_id=dag_run_id)
    found.runs[name], found.chats[name] = accepted.run.run_id, accepted.chats[0].chat_id


def _times(found: LivedIn, now: datetime) -> None:
    """Keep what became of some times of the hourly and the weekly job."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    told = {
        TimeOutcome.SKIPPED: "Run run_000000000001 was still in progress, so this time is skipped.",
        TimeOutcome.NOT_RUN: "Airflow was down until after the job's lateness limit of 30 minutes. Run it now.",
    }
    with found.desk.store.writing() as session:
        for number in range(60):
            outcome = TimeOutcome.SKIPPED if number % 7 == 3 else TimeOutcome.NOT_RUN
            due_at = hour - timedelta(hours=number)
            row = ExpectedTime(found.jobs["hourly"].job_id, due_at, outcome, told[outcome], None, None, None, now)
            expected.record(session, row)
        monday = (now - timedelta(days=now.weekday())).replace(hour=7, minute=0, second=0, microsecond=0)
        due_at = monday - timedelta(days=7)
        row = ExpectedTime(
            found.jobs["weekly"].job_id,
            due_at,
            TimeOutcome.NOT_RUN,
            told[TimeOutcome.NOT_RUN],
            None,
            None,
            None,
            now,
        )
        expected.record(session, row)
