"""A job that fails again and again of its own stops starting by itself, and says so once."""

from __future__ import annotations

from datetime import datetime

from interact.chats.record import Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.combinations import label
from interact.jobs.definition import Job
from interact.jobs.stored import Snapshot, StoredJob, StoredOrganisation
from interact.notices.notice import Link, Notice, Remark
from interact.runs.gate import is_own
from interact.runs.hearers import hearers
from interact.runs.outage_words import look
from interact.runs.saying.plainly import NAME, SUBJECT, TEXT, TITLE, one_line
from interact.store import chats, jobs, ledger, organisations
from interact.store.ledger import NewNotice
from interact.store.sessions import Session
from interact.store.streaks import failed_in_a_row


def pause_if_failing(session: Session, run: Run, snapshot: Snapshot, now: datetime) -> str | None:
    """Pause the job of a run that has just failed, when it is the last straw, and return the notice's id.

    After as many failures in a row as the organisation allows, the job's schedule and data start it no more; people and
    programs still do. A run that a person or a program asked for, or that failed by an outage, pauses nothing; nor does
    one of a version of the job that is not the newest any more. Inside `writing` only.
    """
    if run.verdict is not RunVerdict.FAILED or run.incident_id is not None or not is_own(run):
        return None
    organisation = organisations.by_id(session, run.organisation_id)
    limit = organisation.definition.notices.pause_after_failures if organisation else 0
    count = failed_in_a_row(session, run.job_id) if limit else 0
    if organisation is None or not limit or count < limit:
        return None
    organisations.held(session, organisation.definition.key)  # Who saves the job meanwhile is waited for.
    job = jobs.by_id(session, run.job_id)
    paused = _paused(job.definition) if job else None
    if job is None or paused is None or paused == job.definition or job.version != snapshot.job.version:
        return None
    jobs.save(session, paused, now=now, note=f"Paused after {count} failed runs in a row.")
    content = _content(job, organisation, run, count=count, cause=_cause(session, run))
    new = NewNotice(f"{run.run_id}:paused", run.organisation_id, content, job_id=run.job_id, run_id=run.run_id)
    return ledger.keep(session, new, hearers(session, organisation, job.definition, content), now=now)


def _paused(job: Job) -> Job:
    """Return a job that nothing but people and programs starts; what it was told of schedule and data stays."""
    schedule = job.schedule.model_copy(update={"enabled": False}) if job.schedule else None
    triggers = job.triggers
    if triggers and triggers.schedule == "or":  # Where the schedule waits for data, its own toggle is enough.
        triggers = triggers.model_copy(update={"enabled": False})
    return job.model_copy(update={"schedule": schedule, "triggers": triggers})


def _cause(session: Session, run: Run) -> Remark:
    """Return why the run failed: the first of its chats that did, or why it has none."""
    failed = next((chat for chat in chats.of_run(session, run.run_id) if chat.status is ChatStatus.FAILED), None)
    title = f"The last failure, {label(failed.parameters)}" if failed and failed.parameters else "The last failure"
    why = failed.reason if failed else run.reason
    return Remark(title=one_line(title, TITLE), text=one_line(why or "No reason was recorded.", TEXT), tone="bad")


def _starters(job: Job) -> str:
    """Return what started the job by itself, as the beginning of `its schedule started`."""
    by = ["its schedule"] if job.schedule and job.schedule.enabled else []
    by += ["its data"] if job.triggers and job.triggers.enabled and job.triggers.schedule == "or" else []
    return f"{' or '.join(by)} started"


def _content(job: StoredJob, organisation: StoredOrganisation, run: Run, *, count: int, cause: Remark) -> Notice:
    definition = job.definition
    kept = (
        f"It is kept in the file {job.kept_in!r}: `interact diff` shows the difference, and `interact apply` "
        "switches it on again."
        if job.kept_in
        else "Then switch it on again in its settings."
    )
    return Notice(
        kind="paused",
        level="error",
        topics=("failed_run",),
        subject=one_line(f"Paused after {count} failures in a row: {definition.name}", SUBJECT),
        lead=f"The last {count} runs that {_starters(definition)} failed, so it starts by itself no more.",
        organisation=one_line(organisation.definition.name, NAME),
        job=one_line(definition.name, NAME),
        failures=(cause,),
        then=f"Run it by hand to see whether it works. {kept}",
        links=(
            Link(label="Open the run", path=f"/interact/runs/{run.run_id}"),
            Link(label="Open the job", path=f"/interact/jobs/{job.job_id}"),
        ),
        look=look(organisation.definition),
    )
