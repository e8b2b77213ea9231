"""Make, list and delete API keys."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from interact import settings
from interact.commands.named import organisation_named, pick
from interact.errors import DefinitionRefused
from interact.jobs.rights import PERMISSIONS
from interact.jobs.stored import StoredOrganisation
from interact.store import jobs, keys
from interact.store.sessions import Session, open_store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take one of three actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print its secret, once")
    create.add_argument("--organisation", required=True, metavar="KEY", help="the organisation's key, as in its file")
    create.add_argument("--name", required=True, help="what the key is for; runs that it starts show it")
    create.add_argument(
        "--permission",
        action="append",
        choices=PERMISSIONS,
        help="may be given twice; without it the key has both",
    )
    create.add_argument("--expires", type=_last_day, metavar="DATE", help="its last day, as 2027-03-31")
    create.add_argument("--job", action="append", metavar="KEY", help="only this job, also a private one; repeatable")
    create.set_defaults(act=_create)
    show = actions.add_parser("list", help="list an organisation's keys, without their secrets")
    show.add_argument("--organisation", required=True, metavar="KEY", help="the organisation's key, as in its file")
    show.set_defaults(act=_list)
    delete = actions.add_parser("delete", help="take a key out of use at once")
    delete.add_argument("key_id", metavar="KEY_ID", help="as `interact keys list` shows it")
    delete.set_defaults(act=_delete)


def _last_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2027-03-31") from None


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked, in one transaction."""
    with open_store(settings.read().database_url).writing() as session:
        lines = arguments.act(session, arguments, datetime.now(UTC))
    print("\n".join(lines))
    return 0


def _create(session: Session, arguments: argparse.Namespace, now: datetime) -> list[str]:
    organisation = organisation_named(session, arguments.organisation)
    wanted = keys.NewKey(
        name=arguments.name,
        permissions=frozenset(arguments.permission or PERMISSIONS),
        expires_at=_end_of(arguments.expires, organisation, now) if arguments.expires else None,
        job_ids=_job_ids(session, organisation, arguments.job) if arguments.job else None,
    )
    secret, key_id = keys.create(session, organisation.organisation_id, wanted, now=now)
    return [
        f"Key {key_id} is made. This is the only time that its secret is shown:",
        "",
        f"  X-API-Key: {secret}",
        f"  X-Organization-Id: {organisation.organisation_id}",
    ]


def _list(session: Session, arguments: argparse.Namespace, now: datetime) -> list[str]:
    organisation = organisation_named(session, arguments.organisation)
    found = keys.all_of(session, organisation.organisation_id)
    return [_line(key, now) for key in found] or [f"Organisation {arguments.organisation!r} has no keys."]


def _delete(session: Session, arguments: argparse.Namespace, now: datetime) -> list[str]:
    if not keys.delete(session, arguments.key_id):
        raise DefinitionRefused(
            f"There is no key {arguments.key_id!r}. `interact keys list --organisation KEY` shows the ids."
        )
    return [f"Key {arguments.key_id} is deleted."]


def _job_ids(session: Session, organisation: StoredOrganisation, names: list[str]) -> frozenset[str]:
    ours = [job for job in jobs.all_jobs(session) if job.organisation_id == organisation.organisation_id]
    ids = {job.definition.key: job.job_id for job in ours}
    return frozenset(pick(ids, name, f"There is no job {name!r}", todo="Name one of them.") for name in names)


def _end_of(day: date, organisation: StoredOrganisation, now: datetime) -> datetime:
    """Return the end of a day where the organisation is."""
    zone = ZoneInfo(organisation.definition.timezone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    if end <= now:
        raise DefinitionRefused(f"The day {day.isoformat()!r} is over. Name today or a later one.")
    return end


def _line(key: keys.KeyRecord, now: datetime) -> str:
    expired = key.expires_at is not None and key.expires_at <= now
    return "  ".join(
        [
            key.key_id,
            key.name,
            ",".join(sorted(key.permissions)),
            f"made {_day(key.created_at)}",
            f"used {_day(key.last_used_at)}",
            f"{'expired' if expired else 'expires'} {_day(key.expires_at)}",
            *sorted(key.job_ids or ()),
        ]
    )


def _day(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC") if instant else "never"
