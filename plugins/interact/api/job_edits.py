"""Jobs made, changed, handed over and deleted by somebody who is signed in, by a call or on a page.

Each asks Airflow to read the jobs anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from interact.api import airflow_runs
from interact.api.access import permit, reachable_job
from interact.api.handover import end_all
from interact.errors import AccessRefused, FileRefused, KeptInFile
from interact.jobs.rights import Action, Caller, owned
from interact.jobs.stored import StoredJob
from interact.runs.desk import Desk
from interact.runs.editing import Plain, change_job, delete_job, hand_over_job, make_job


def create(desk: Desk, caller: Caller, plain: Plain) -> StoredJob:
    """Create a job in the caller's organisation; raises AccessRefused and what `make_job` does."""
    owner = plain.get("owner", caller.name)
    if owner != caller.name and not caller.is_admin:
        raise AccessRefused(f"Only an admin makes jobs of somebody else. Leave `owner` out, or name {caller.name!r}.")
    job = make_job(desk, caller.organisation_id, caller.name, plain)
    airflow_runs.ask_for_a_parse()
    return job


def change(desk: Desk, caller: Caller, job_id: str, changes: Plain, *, version: int | None) -> StoredJob:
    """Change some keys of a job's definition; raises AccessRefused and what `change_job` does."""
    job = change_job(desk, job_id, changes, version=version, permit=permit(caller, Action.EDIT))
    airflow_runs.ask_for_a_parse()
    return job


def hand_over(desk: Desk, caller: Caller, job_id: str, owner: str) -> None:
    """Give a job to another owner; raises AccessRefused and what `hand_over_job` does."""
    job = reachable_job(desk, caller, job_id, Action.HAND_OVER)
    if job.definition.is_private and owner == caller.name != job.definition.owner:
        raise AccessRefused(
            "What a private job has answered is not an admin's to read. Hand it to somebody else, as its owner wants."
        )
    with _discreetly(caller, job):
        hand_over_job(desk, job_id, owner, permit=permit(caller, Action.HAND_OVER))
    airflow_runs.ask_for_a_parse()


def remove(desk: Desk, caller: Caller, job_id: str) -> None:
    """Delete a job, and cancel its runs that are under way; raises AccessRefused and what `delete_job` does."""
    job = reachable_job(desk, caller, job_id, Action.DELETE)
    with _discreetly(caller, job):
        delete_job(desk, job_id, permit=permit(caller, Action.DELETE))
    end_all(desk, job_id, by=caller.initiator)
    airflow_runs.ask_for_a_parse()


@contextmanager
def _discreetly(caller: Caller, job: StoredJob) -> Iterator[None]:
    """Refuse in words that tell nothing of a private job to an admin, who may end it and does not see it."""
    try:
        yield
    except (KeptInFile, FileRefused) as error:
        if caller.may(Action.READ, owned(job)):
            raise
        if isinstance(error, KeptInFile):
            told = "It is kept in a file: change its owner there, or delete it with `interact delete job`."
        else:
            told = "What it asks does not fit any more. Its owner has to change it first; or delete it."
        raise AccessRefused(f"Private job {job.job_id!r} cannot be changed here. {told}") from None
