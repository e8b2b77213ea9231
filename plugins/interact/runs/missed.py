"""Tell of times that were skipped or did not run: at most once a day and job, all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from interact.jobs.stored import StoredJob, StoredOrganisation
from interact.notices.notice import Link, Notice, Remark
from interact.reports.freshness import moment
from interact.runs import reasons
from interact.runs.desk import Desk
from interact.runs.hearers import hearers
from interact.runs.outage_words import look
from interact.runs.saying.plainly import LEAD, NAME, SUBJECT, TEXT, one_line
from interact.schedules.expected import TimeOutcome
from interact.store import jobs, ledger, missed, organisations
from interact.store.ledger import NewNotice
from interact.store.missed import Missed

EVERY = timedelta(hours=24)
"""So long what comes after one notice of a job is gathered for the next."""
NAMED = 20
"""So many times are named in one notice, the newest; the job's history has all of them."""
_PAGE = 200
"""Jobs read at a time."""
_WORDS = {TimeOutcome.NOT_RUN: "not run", TimeOutcome.SKIPPED: "skipped"}
_THEN = "Each of them is in the job's history, where it can be run now, with its own days."


def jobs_to_tell(desk: Desk) -> Iterator[StoredJob]:
    """Give the jobs that somebody is to be told of, and take for told what nobody is: see docs/accounting.md.

    A job that cannot be read keeps its times until it can.
    """
    now = desk.now()
    with desk.store.writing() as session:
        missed.leave_untold(session, reasons=reasons.NO_NEWS, at=now)
    with desk.store.reading() as session:
        waiting = missed.jobs_to_tell(session, not_told_since=now - EVERY)
    for start in range(0, len(waiting), _PAGE):
        with desk.store.reading() as session:
            found = jobs.by_ids(session, waiting[start : start + _PAGE])
        unheard = [job_id for job_id, job in found.items() if not job.definition.heard_by]
        if unheard:
            with desk.store.writing() as session:
                missed.mark_told(session, unheard, at=now)
        yield from (job for job in found.values() if job.definition.heard_by)


def tell_missed(desk: Desk, job: StoredJob) -> bool:
    """Say which times of a job were missed and why, to those who hear of it; False when that is done already."""
    now = desk.now()
    with desk.store.writing() as session:
        times = missed.take(session, job.job_id, at=now)
        organisation = organisations.by_id(session, job.organisation_id)
        if not times or organisation is None:
            return False
        content = _content(job, organisation, times)
        occasion = f"{job.job_id}:missed:{times[0].due_at.isoformat()}"
        new = NewNotice(occasion, job.organisation_id, content, job_id=job.job_id)
        ledger.keep(session, new, hearers(session, organisation, job.definition, content), now=now)
    return True


def _content(job: StoredJob, organisation: StoredOrganisation, times: Sequence[Missed]) -> Notice:
    name = one_line(job.definition.name, NAME)
    zone = job.definition.timezone or organisation.definition.timezone
    newest = moment(times[0].due_at, zone)
    subject, lead = (
        f"{_counted(times)}: {name}",
        f"From {moment(times[-1].due_at, zone)} to {newest}: {_counted(times)}.",
    )
    if len(times) == 1:
        subject, lead = f"{_WORDS[times[0].outcome].capitalize()}: {name}, {newest}", _why(times[0])
    return Notice(
        kind="skipped",
        level="warning",
        topics=("skipped_run",),
        subject=one_line(subject, SUBJECT),
        lead=one_line(lead, LEAD),
        organisation=one_line(organisation.definition.name, NAME),
        job=name,
        failures=tuple(_remarks(times, zone)),
        then=_THEN,
        links=(Link(label="Open the history", path=f"/interact/jobs/{job.job_id}"),),
        look=look(organisation.definition),
    )


def _why(time: Missed) -> str:
    """Return why it was missed; what can be done about it is said once, for all of them."""
    return time.reason.removesuffix(reasons.RUN_IT_NOW).strip()


def _counted(times: Sequence[Missed]) -> str:
    """Return how many times came to which end: `2 times not run, 1 time skipped`."""
    counts = [(sum(time.outcome is outcome for time in times), words) for outcome, words in _WORDS.items()]
    return ", ".join(f"{count:,} time{'' if count == 1 else 's'} {words}" for count, words in counts if count)


def _remarks(times: Sequence[Missed], zone: str) -> Iterator[Remark]:
    for time in times[:NAMED]:
        yield Remark(title=moment(time.due_at, zone), text=one_line(_why(time), TEXT), tone="warning")
    if len(times) > NAMED:
        yield Remark(title=f"and {len(times) - NAMED:,} more", tone="warning")
