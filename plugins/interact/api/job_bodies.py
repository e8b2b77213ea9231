"""What jobs look like over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from interact.api.shapes import Id, Instant, Named, Request, Shape
from interact.jobs.combinations import Known
from interact.jobs.parameters import Parameter, ParameterType
from interact.jobs.plans import plan_of
from interact.jobs.stored import Snapshot
from interact.schedules.plan import Plan


class JobsQuery(Request):
    """The query of the list of jobs."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = ""
    """The `next` of the page before."""


class ChangeQuery(Request):
    """The query of a change."""

    version: int | None = Field(default=None, ge=1, le=1_000_000_000)
    """The version that the change was made to: when the job has another one by now, nothing is changed."""


class OwnerBody(Request):
    """Who gets a job."""

    owner: str = Field(min_length=1, max_length=200)
    """An Airflow user name."""


class JobLine(Shape):
    """A job as a list shows it."""

    id: Id
    key: str
    name: str
    owner: str
    visibility: Literal["private", "organisation"]
    version: int
    agent: Named
    timezone: str
    schedule: str | None
    """Its expression."""
    enabled: bool | None
    """Whether its schedule is switched on; null without one."""
    next_at: Instant | None
    paused: str | None
    """A sentence when somebody paused its DAG in Airflow."""
    kept_in: str | None
    """The file that keeps it: it is changed there, and not by calls."""
    url: str


class JobPage(Shape):
    """A page of jobs, by key; `next` is the cursor of the page after it."""

    jobs: list[JobLine]
    next: str | None


class ParameterShape(Shape):
    """One of a job's variables, and what it takes."""

    name: str
    type: ParameterType
    description: str
    values: list[str] | None
    """What is allowed, as a query returned it last or as the job lists it; null when any value of the type is."""
    default: list[str]
    schedule: list[str]
    """What it takes when the job runs by itself."""


class JobWhole(JobLine):
    """A job with its definition, written as in a file."""

    parameters: list[ParameterShape]
    definition: dict[str, Any]


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


def job_line(shown: ShownJob) -> JobLine:
    """Return a job as a list shows it."""
    job, definition = shown.snapshot.job, shown.snapshot.job.definition
    return JobLine(
        id=job.job_id,
        key=definition.key,
        name=definition.name,
        owner=definition.owner,
        visibility=definition.visibility,
        version=job.version,
        agent=Named(id=job.agent_id, name=shown.snapshot.agent.definition.name),
        timezone=shown.snapshot.timezone,
        schedule=definition.schedule.cron if definition.schedule else None,
        enabled=definition.schedule.enabled if definition.schedule else None,
        next_at=shown.next_due,
        paused=shown.paused,
        kept_in=job.kept_in,
        url=shown.url(),
    )


def job_whole(shown: ShownJob, known: Known) -> JobWhole:
    """Return a job with its definition; `known` is what its parameters' queries returned last."""
    definition = shown.snapshot.job.definition
    return JobWhole(
        **dict(job_line(shown)),
        parameters=[_parameter(name, each, known.get(name)) for name, each in definition.parameters.items()],
        definition=definition.model_dump(mode="json"),
    )


def _parameter(name: str, parameter: Parameter, known: tuple[str, ...] | None) -> ParameterShape:
    allowed = parameter.values or known
    return ParameterShape(
        name=name,
        type=parameter.type,
        description=parameter.description,
        values=list(allowed) if allowed is not None and parameter.is_limited else None,
        default=list(parameter.taken(by_itself=False)),
        schedule=list(parameter.taken(by_itself=True)),
    )
