"""What is said of outages: when something that many jobs need is away, and when it is back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from interact.chats.record import Run
from interact.errors import listed
from interact.jobs.definition import Job, Organisation
from interact.jobs.stored import StoredOrganisation
from interact.notices.notice import Link, Look, Notice, Remark
from interact.reports.freshness import moment
from interact.runs.reasons import length
from interact.runs.saying.plainly import LEAD, NAME, SUBJECT, TEXT, one_line
from interact.store.incidents import Incident

NAMED = 20
"""So many jobs are named in one notice."""
_THEN = (
    "Its jobs are not paused. When it is back you hear it, and the latest time of each job that is still within its "
    "lateness limit runs then."
)
_THEN_OF_SERVER = (
    "What was to go by it waits and is tried again for a day; after that it is kept as failed, and can be sent again "
    "from Settings, Notifications. When it is back you hear it."
)


@dataclass(frozen=True)
class Fate:
    """What becomes of a job that an outage hit, when that is over: it runs again, or why it does not."""

    name: str
    again: Run | None = None
    why: str = ""


def began(incident: Incident, organisation: StoredOrganisation, job: Job, run_id: str) -> Notice:
    """Return what is said when jobs fail by something that is away; `job` and its run were the first."""
    since, what = moment(incident.began_at, organisation.definition.timezone), named(incident)
    first = called(job) if job.is_private else f"Job {called(job)!r}"
    return Notice(
        kind="outage",
        level="error",
        topics=("failed_run",),
        subject=one_line(f"Outage: {what} cannot be reached", SUBJECT),
        lead=one_line(f"Since {since}, {what} cannot be reached. {first} was the first to fail by it.", LEAD),
        organisation=organisation.definition.name,
        failures=(Remark(title=called(job), text=one_line(incident.told, TEXT), tone="bad"),),
        then=_THEN,
        links=() if job.is_private else (Link(label="Open the run", path=f"/interact/runs/{run_id}"),),
        look=look(organisation.definition),
    )


def cut_off(incident: Incident, organisation: StoredOrganisation, channels: Sequence[str]) -> Notice:
    """Return what is said when a mail or chat server is away; `channels` are the keys of those that send by it."""
    since, what = moment(incident.began_at, organisation.definition.timezone), named(incident)
    return Notice(
        kind="outage",
        level="error",
        topics=("failed_run",),
        subject=one_line(f"Outage: {what} cannot be reached", SUBJECT),
        lead=one_line(f"Since {since}, {what} cannot be reached. Cut off: {listed(channels)}.", LEAD),
        organisation=organisation.definition.name,
        failures=(Remark(title=what[0].upper() + what[1:], text=one_line(incident.told, TEXT), tone="bad"),),
        then=_THEN_OF_SERVER,
        look=look(organisation.definition),
    )


def ended(incident: Incident, organisation: StoredOrganisation, fates: Collection[Fate], *, is_wanted: bool) -> Notice:
    """Return what is said when an outage is over; `is_wanted` is False when nothing asks for what was away any more."""
    zone, what = organisation.definition.timezone, named(incident)
    until = incident.ended_at or incident.seen_at
    back = f"{what} answers again" if is_wanted else f"nothing asks {what} any more"
    hit = f" {_counted(len(fates))} failed by it." if fates else ""
    again = sum(1 for fate in fates if fate.again)
    return Notice(
        kind="recovered",
        level="info",
        topics=("failed_run",),
        subject=one_line(f"Over after {length(until - incident.began_at)}: {back}", SUBJECT),
        lead=one_line(
            f"{back[0].upper()}{back[1:]}. It was away for {length(until - incident.began_at)}, from "
            f"{moment(incident.began_at, zone)} to {moment(until, zone)}.{hit}",
            LEAD,
        ),
        organisation=organisation.definition.name,
        changes=tuple(_remarks(fates, zone)),
        then=_then(again, len(fates)),
        look=look(organisation.definition),
    )


def called(job: Job) -> str:
    """Return how a job is named to those who may not see it: a private one by its owner alone."""
    return one_line(f"A private job of {job.owner}" if job.is_private else job.name, NAME)


def named(incident: Incident) -> str:
    """Return what is away, within a sentence."""
    kind, _, connection = incident.subject.partition(":")
    if kind == "warehouse":
        return f"the warehouse of connection {connection!r}"
    if kind == "channel":
        return f"the mail or chat server of connection {connection!r}"
    if kind == "model":
        return f"the model or service of connection {connection!r}"
    return f"the {kind} {connection!r}"


def look(organisation: Organisation) -> Look:
    """Return the colours of an organisation's messages."""
    branding = organisation.branding
    return Look(primary=branding.primary, heading=branding.heading, highlight=branding.highlight)


def _remarks(fates: Collection[Fate], zone: str) -> list[Remark]:
    ordered = sorted(fates, key=lambda fate: (fate.again is None, fate.name))
    told = [_remark(fate, zone) for fate in ordered[:NAMED]]
    return [*told, Remark(title=f"and {len(ordered) - NAMED} more")] if len(ordered) > NAMED else told


def _remark(fate: Fate, zone: str) -> Remark:
    if fate.again is None:
        return Remark(title=fate.name, text=one_line(f"Does not run again by itself. {fate.why}", TEXT))
    return Remark(title=fate.name, text=f"Runs now for {moment(fate.again.run_after, zone)}.", tone="good")


def _then(again: int, all_of_them: int) -> str:
    if not all_of_them:
        return ""
    if again == all_of_them:
        return "The latest time of each runs now."
    rest = "Run the others from their pages when their reports are still wanted."
    return f"The latest time of {_counted(again)} runs now. {rest}" if again else f"None of them runs now. {rest}"


def _counted(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"
