"""Definitions as the store keeps them: with the ids that never change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interact.jobs.definition import Agent, Job, Organisation

Change = Literal["created", "changed", "unchanged"]
"""What saving a definition did."""


@dataclass(frozen=True)
class StoredOrganisation:
    """An organisation and its id."""

    organisation_id: str
    definition: Organisation


@dataclass(frozen=True)
class StoredAgent:
    """An agent and its id."""

    agent_id: str
    organisation_id: str
    definition: Agent


@dataclass(frozen=True)
class StoredJob:
    """A job, its ids and the number of its newest version (from 1)."""

    job_id: str
    organisation_id: str
    agent_id: str
    dag_id: str
    version: int
    definition: Job


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
