"""Delete a job or a channel; runs and chats stay."""

from __future__ import annotations

import argparse

from interact import settings
from interact.commands.named import organisation_named, pick
from interact.commands.wake import wake_airflow
from interact.jobs.stored import StoredJob
from interact.runs.cancel import cancel_all
from interact.runs.desk import Desk, open_desk
from interact.store import channels, jobs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what to delete."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    job = kinds.add_parser("job", help="delete a job: it can be started no more, and its DAG goes from Airflow's list")
    job.set_defaults(act=_delete_job)
    channel = kinds.add_parser("channel", help="delete a channel that no job has among its channels")
    channel.set_defaults(act=_delete_channel)
    for kind in (job, channel):
        kind.add_argument("key", metavar="KEY", help="its key, as in its file")
        kind.add_argument("--organisation", required=True, metavar="KEY", help="the organisation's key, as in its file")


def run(arguments: argparse.Namespace) -> int:
    """Delete it and say what stays."""
    told = arguments.act(open_desk(settings.read()), arguments.organisation, arguments.key)
    if arguments.kind == "job":
        wake_airflow()
    print(told)
    return 0


def _delete_job(desk: Desk, organisation_key: str, key: str) -> str:
    with desk.store.writing() as session:
        organisation = organisation_named(session, organisation_key)
        ours = organisation.organisation_id
        there: dict[str, StoredJob] = {
            job.definition.key: job for job in jobs.all_jobs(session) if job.organisation_id == ours
        }
        job = pick(there, key, f"Organisation {organisation_key!r} has no job {key!r}", todo="Nothing was deleted.")
        jobs.mark_deleted(session, job.job_id, now=desk.now())
    cancelled = len(cancel_all(desk, job.job_id, by="interact delete"))
    return (
        f"Job {key!r} is deleted ({job.job_id}): nothing starts it any more. Its runs that had not ended are "
        f"cancelled ({cancelled}).\n"
        f"Its runs, chats and reports stay. Its DAG {job.dag_id} goes from Airflow's list within minutes; its runs "
        "there stay too.\n"
        f"Take it out of {job.kept_in or 'your files'} as well: `interact apply` would make a new job of that key."
    )


def _delete_channel(desk: Desk, organisation_key: str, key: str) -> str:
    with desk.store.writing() as session:
        organisation = organisation_named(session, organisation_key)
        there = {each.definition.key: each for each in channels.all_of(session, organisation.organisation_id)}
        lacking = f"Organisation {organisation_key!r} has no channel {key!r}"
        channel = pick(there, key, lacking, todo="Nothing was deleted.")
        channels.delete(session, channel)
    return (
        f"Channel {key!r} is deleted ({channel.channel_id}).\n"
        "Take it out of your files as well: `interact apply` would make a new channel of that key."
    )
