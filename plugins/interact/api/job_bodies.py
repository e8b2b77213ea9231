"""What jobs look like over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from interact.jobs.plans import plan_of
from interact.jobs.stored import Snapshot
from interact.schedules.plan import Plan


class JobsQuery(BaseModel):
    """The query of the list of jobs; `cursor` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = ""


@dataclass(frozen=True)
class ShownJob:
    """A job at the moment that somebody looks at it."""

    snapshot: Snapshot
    is_paused: bool
    """Whether somebody paused its DAG in Airflow."""
    now: datetime
    base_url: str
    """Where people reach Airflow."""

    @property
    def plan(self) -> Plan | None:
        """When it runs by itself; None when it does not."""
        return plan_of(self.snapshot.job.definition, self.snapshot.organisation.definition)

    @property
    def next_due(self) -> datetime | None:
        """The next time of its schedule that no holiday skips; None without one."""
        plan = self.plan
        return replace(plan, wait=None).next_tick(self.now) if plan else None

    @property
    def paused(self) -> str | None:
        """A sentence when somebody paused its DAG in Airflow."""
        return paused_sentence(self.snapshot.job.dag_id) if self.is_paused else None

    def url(self, dag_run_id: str | None = None) -> str:
        """Return where people see the job in Airflow, or one run of it."""
        dag = f"{self.base_url}/dags/{self.snapshot.job.dag_id}"
        return dag if dag_run_id is None else f"{dag}/runs/{quote(dag_run_id)}"


def paused_sentence(dag_id: str) -> str:
    """Return what a pause in Airflow means for a job."""
    return (
        f"Somebody paused its DAG {dag_id!r} in Airflow: nothing starts the job, and its times are recorded as not "
        "run, until it is switched on there."
    )


def job_line(shown: ShownJob) -> dict[str, Any]:
    """Return a job as a list shows it."""
    job, definition = shown.snapshot.job, shown.snapshot.job.definition
    due_at = shown.next_due
    return {
        "id": job.job_id,
        "key": definition.key,
        "name": definition.name,
        "owner": definition.owner,
        "visibility": definition.visibility,
        "version": job.version,
        "agent": {"id": job.agent_id, "name": shown.snapshot.agent.definition.name},
        "timezone": shown.snapshot.timezone,
        "schedule": definition.schedule.cron if definition.schedule else None,
        "enabled": definition.schedule.enabled if definition.schedule else None,
        "nextAt": due_at.isoformat() if due_at else None,
        "paused": shown.paused,
        "url": shown.url(),
    }


def job_whole(shown: ShownJob) -> dict[str, Any]:
    """Return a job with its definition, written as in a file."""
    return {**job_line(shown), "definition": shown.snapshot.job.definition.model_dump(mode="json")}
