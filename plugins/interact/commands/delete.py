"""Delete a job; its runs and chats stay."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from difflib import get_close_matches

from interact import settings
from interact.commands.wake import wake_airflow
from interact.errors import DefinitionRefused, listed
from interact.jobs.stored import StoredJob
from interact.store import jobs, organisations
from interact.store.sessions import Session, open_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what to delete."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    job = kinds.add_parser("job", help="delete a job: it can be started no more, and its DAG goes from Airflow's list")
    job.add_argument("key", metavar="KEY", help="the job's key, as in its file")
    job.add_argument("--organisation", required=True, metavar="KEY", help="the organisation's key, as in its file")


def run(arguments: argparse.Namespace) -> int:
    """Delete the job and say what stays."""
    with open_store(settings.read().database_url).writing() as session:
        job = _job(session, arguments.organisation, arguments.key)
        jobs.mark_deleted(session, job.job_id, now=datetime.now(UTC))
    wake_airflow()
    print(
        f"Job {job.definition.key!r} is deleted ({job.job_id}): nothing starts it any more. A run that is under way "
        "ends as it would have.\n"
        f"Its runs, chats and reports stay. Its DAG {job.dag_id} goes from Airflow's list within minutes; its runs "
        "there stay too.\n"
        "Take it out of your files as well: `interact apply` would make a new job of that key."
    )
    return 0


def _job(session: Session, organisation_key: str, key: str) -> StoredJob:
    there = {entry.definition.key: entry.organisation_id for entry in organisations.all_of(session)}
    if organisation_key not in there:
        raise DefinitionRefused(
            f"There is no organisation {organisation_key!r}{_near(organisation_key, list(there))} Name another one."
        )
    ours = {job.definition.key: job for job in jobs.all_jobs(session) if job.organisation_id == there[organisation_key]}
    if key not in ours:
        raise DefinitionRefused(
            f"Organisation {organisation_key!r} has no job {key!r}{_near(key, list(ours))} Nothing was deleted."
        )
    return ours[key]


def _near(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, n=3)
    return f"; did you mean {listed(near)}?" if near else f" (there are {listed(sorted(known))})."
