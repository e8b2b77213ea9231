"""Definitions as the store keeps them: with the ids that never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, Self, TypeVar

from interact.jobs.channels import Channel
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.timing import STORED
from interact.schedules.plan import Plan

Defined = TypeVar("Defined", Agent, Organisation)
NEWEST = 2**31 - 1
"""A larger number of a version is none that a database keeps, nor one that it can be asked for."""
Change = Literal["created", "changed", "unchanged"]
"""What saving a definition did."""


@dataclass(frozen=True)
class Version(Generic[Defined]):
    """One save of an agent or an organisation; `saved_by` is `user:NAME` or `file:NAME`, None where nobody noted it."""

    number: int
    definition: Defined
    saved_at: datetime
    saved_by: str | None


@dataclass(frozen=True)
class StoredOrganisation:
    """An organisation, its id and the number of its newest version (from 1)."""

    organisation_id: str
    definition: Organisation
    version: int = 1


@dataclass(frozen=True)
class StoredAgent:
    """An agent, its id and the number of its newest version (from 1)."""

    agent_id: str
    organisation_id: str
    definition: Agent
    version: int = 1


@dataclass(frozen=True)
class StoredChannel:
    """A channel and its id."""

    channel_id: str
    organisation_id: str
    definition: Channel


@dataclass(frozen=True)
class StoredJob:
    """A job, its ids and the number of its newest version (from 1)."""

    job_id: str
    organisation_id: str
    agent_id: str
    dag_id: str
    version: int
    definition: Job
    kept_in: str | None = None
    """Name of the file that keeps it; None for one that was made by a call or on a page."""


@dataclass(frozen=True)
class Snapshot:
    """All that a run needs to know, as it was when the run was accepted: an edit never changes a run in flight."""

    job: StoredJob
    agent: StoredAgent
    organisation: StoredOrganisation

    @property
    def timezone(self) -> str:
        """The IANA name of the zone in which this job's days are counted."""
        return self.job.definition.timezone or self.organisation.definition.timezone


@dataclass(frozen=True)
class Published:
    """What becomes a DAG: a job, and when it runs by itself."""

    job: StoredJob
    plan: Plan | None
    """None when it does not run by itself."""
    held_from: datetime | None
    """Since when the plan holds: no time up to then is due. None without a plan."""
    known: Mapping[str, Sequence[str]]
    """What the queries of its parameters returned last, by the parameter's name."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return what `store.published` gave as plain content."""
        content = {**row, "definition": Job.model_validate(row["definition"], context=STORED)}
        plan, held_from = content.pop("plan", None), content.pop("held_from", None)
        known = content.pop("known", {})
        return cls(
            job=StoredJob(**content),
            plan=Plan.of(plan) if plan else None,
            held_from=datetime.fromisoformat(held_from) if held_from else None,
            known=known,
        )
