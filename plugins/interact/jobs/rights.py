"""Who may do what: the one place that says so, for signed-in people and for API keys alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interact.jobs.definition import Organisation, Role
from interact.jobs.stored import StoredJob


class Action(StrEnum):
    """What somebody may do with one job."""

    READ = "read"
    """See what it asks, what it answered, its chats and files."""
    RUN = "run"
    """Start it, run it again, cancel a run."""
    EDIT = "edit"
    """Change its definition."""
    HAND_OVER = "hand_over"
    """Give it to another owner."""
    DELETE = "delete"
    """Delete it."""


READ_PERMISSION, RUN_PERMISSION = "agent_jobs_read", "agent_jobs_trigger"
PERMISSIONS = (READ_PERMISSION, RUN_PERMISSION)
"""Of API keys."""
_NEEDS = {Action.READ: READ_PERMISSION, Action.RUN: RUN_PERMISSION}


@dataclass(frozen=True)
class Owned:
    """What rights depend on of a job."""

    job_id: str
    organisation_id: str
    owner: str
    is_private: bool


def owned(job: StoredJob) -> Owned:
    """Return what rights depend on of a job."""
    return Owned(job.job_id, job.organisation_id, job.definition.owner, job.definition.is_private)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in to Airflow, in one organisation; `role` is None for one who does not belong to it."""

    name: str
    organisation_id: str
    role: Role | None

    @property
    def initiator(self) -> str:
        """Who starts what this person starts."""
        return f"user:{self.name}"

    @property
    def is_admin(self) -> bool:
        """Whether they manage the organisation: its agents, keys, channels, settings and everybody's shared jobs."""
        return self.role == "admin"

    def may(self, action: Action, job: Owned) -> bool:
        """Return whether this person may do that with a job.

        What a private job asks and answers is its owner's alone. An admin can still hand it over or delete it, so that
        it outlives its owner.
        """
        if self.role is None or job.organisation_id != self.organisation_id:
            return False
        is_owner = job.owner == self.name
        match action:
            case Action.READ | Action.RUN:
                return is_owner or not job.is_private
            case Action.EDIT:
                return is_owner or (self.is_admin and not job.is_private)
            case Action.HAND_OVER | Action.DELETE:
                return is_owner or self.is_admin


@dataclass(frozen=True)
class KeyHolder:
    """Whoever sends an API key, as far as rights go."""

    name: str
    organisation_id: str
    permissions: frozenset[str]
    job_ids: frozenset[str] | None = None
    """Only these jobs; None for all that the organisation shares."""
    private_job_ids: frozenset[str] = frozenset()
    """The named jobs that were private when they were named: a job made private later was not opened to this key."""

    @property
    def initiator(self) -> str:
        """Who starts what this key starts."""
        return f"key:{self.name}"

    @property
    def is_admin(self) -> bool:
        """Never: keys start and read, and manage nothing."""
        return False

    def may(self, action: Action, job: Owned) -> bool:
        """Return whether this key may do that with a job."""
        if _NEEDS.get(action) not in self.permissions or job.organisation_id != self.organisation_id:
            return False
        if job.is_private:
            return job.job_id in self.private_job_ids
        return self.job_ids is None or job.job_id in self.job_ids


Caller = Person | KeyHolder


def role_in(organisation: Organisation, name: str, *, is_airflow_admin: bool) -> Role | None:
    """Return somebody's role in an organisation: Airflow's admins are admins, and while nobody is named all belong."""
    if is_airflow_admin:
        return "admin"
    if not organisation.members:
        return "member"
    return organisation.members.get(name)
