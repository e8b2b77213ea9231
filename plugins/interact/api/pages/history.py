"""A job's page: when it runs, and all that it did and did not do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interact.api.access import DeskDep
from interact.api.deliveries import names_of
from interact.api.delivery_words import DeliveryWords, delivery_words
from interact.api.pages.jobs import anchor, runs_next
from interact.api.pages.presses import token
from interact.api.pages.showing import show
from interact.api.pages.visitors import VisitorDep, seen_job, seen_organisation
from interact.api.routes.jobs import shown_jobs
from interact.api.run_words import run_words, why
from interact.api.schedule_bodies import COUNTED_DAYS, Accounts, job_schedule
from interact.chats.record import Run
from interact.errors import NotFound, ParameterRefused
from interact.jobs.rights import Action, owned
from interact.jobs.stored import Snapshot
from interact.reports.freshness import moment
from interact.runs.reasons import length
from interact.runs.settle import OPEN
from interact.runs.stand_in import STANDS
from interact.runs.times import Due, undecided
from interact.store import agents, channels, expected, history, pauses, run_deliveries
from interact.store.history import OUTCOMES, Line, Outcome
from interact.store.run_deliveries import Standing

router = APIRouter()
_NAMED = re.compile(r"\b((?:run|chat)_[a-z0-9]{12})\b")
_LONGEST_REASON = 320
_NOT_BEGUN = (
    "This time has come and its run has not begun. It may still start, late; once it may not, it is recorded as not "
    "run."
)


@dataclass(frozen=True)
class Shown:
    """One line of the history in words; `path` leads to what it left, "" where nothing is."""

    id: str
    outcome: str
    at: datetime
    """The planned time, else when it began, else when it was asked for."""
    reason: tuple[tuple[str, str], ...]
    """Its pieces, each with where it leads: "" for plain words."""
    who: str = ""
    late: str = ""
    waited: str = ""
    took: str = ""
    path: str = ""
    chats: str = ""
    delivery: DeliveryWords | None = None
    rerun_of: str | None = None
    stands_in_for: datetime | None = None
    missed_id: str = ""
    """The line of the time that it stands in for."""
    stand_in: Run | None = None
    run_id: str | None = None
    due_at: datetime | None = None
    may_repeat: bool = False
    may_cancel: bool = False
    may_make_up: bool = False


@router.get("/jobs/{job_id}")
def job_page(
    request: Request,
    job_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    outcome: str | None = None,
    cursor: str | None = None,
) -> HTMLResponse:
    """Show a job: its schedule, its prompt, and its history, newest first; `?saved=` is the version made just now."""
    job, person = seen_job(desk, visitor, job_id)
    chosen, now = _outcome(outcome), desk.now()
    with desk.store.reading() as session:
        agent = agents.by_id(session, job.agent_id)
        counts = expected.counts(session, job_id, since=now - timedelta(days=COUNTED_DAYS))
        page = history.page(session, job_id, outcome=chosen, cursor=cursor)
        due = undecided(session, job_id, now=now)
        standings = run_deliveries.of_runs(session, [line.run.run_id for line in page.lines if line.run])
        there, pause = channels.all_of(session, job.organisation_id), pauses.of(session, job)
    if agent is None:
        raise NotFound("job", job_id)
    [shown] = shown_jobs(desk, [Snapshot(job, agent, seen_organisation(visitor, job.organisation_id))])
    may_run, zone = person.may(Action.RUN, owned(job)), shown.snapshot.timezone
    lines = [_shown(line, standings, zone, may_run=may_run, now=now) for line in page.lines]
    if due and chosen is None and cursor is None:
        newer = sum(line.at > due.due_at for line in page.lines)
        if newer < len(lines) or page.next_cursor is None:
            lines.insert(newer, _of_due(due, zone, now=now))
    return show(
        request,
        "job.html",
        section="agents",
        title=job.definition.name,
        job=job,
        agent=agent,
        schedule=job_schedule(shown, Accounts([], counts, None)),
        is_saved=request.query_params.get("saved") == str(job.version),
        runs_next=runs_next(shown),
        hears=names_of(job.definition, there),
        can_tell=bool(there),
        pause=pause,
        may_run=may_run,
        may_switch=job.kept_in is None and person.may(Action.EDIT, owned(job)),
        lines=lines,
        next_cursor=page.next_cursor,
        is_first=cursor is None,
        chosen=chosen,
        outcomes=OUTCOMES,
        token=token(),
    )


def _outcome(given: str | None) -> Outcome | None:
    if not given:
        return None
    found = next((each for each in OUTCOMES if each == given), None)
    if found is None:
        raise ParameterRefused("outcome", f"does not take {given!r:.60}", allowed=OUTCOMES)
    return found


def _shown(line: Line, standings: Mapping[str, Standing], zone: str, *, may_run: bool, now: datetime) -> Shown:
    if line.run is None:
        return _of_time(line, may_run=may_run)
    shown = _of_run(line, line.run, zone, may_run=may_run, now=now)
    return replace(shown, delivery=delivery_words(line.run, standings.get(line.run.run_id), zone, now=now))


def _of_run(line: Line, run: Run, zone: str, *, may_run: bool, now: datetime) -> Shown:
    words, chats, is_open = run_words(run, zone), line.chats, run.verdict in OPEN
    return Shown(
        id=run.run_id,
        outcome=run.verdict,
        late=words.late,
        waited=words.waited,
        at=run.due_at or run.started_at or run.accepted_at,
        took=_took(run, now),
        who=words.by,
        reason=_pieces(_reason(line, run)),
        path=f"/chats/{chats.one_id}" if chats and chats.count == 1 else f"/runs/{run.run_id}",
        chats=_answered(line),
        rerun_of=run.rerun_of,
        stands_in_for=run.stands_in_for,
        missed_id=anchor(run.stands_in_for) if run.stands_in_for else "",
        run_id=run.run_id,
        may_repeat=may_run and not is_open and chats is not None,
        may_cancel=may_run and is_open,
    )


def _of_time(line: Line, *, may_run: bool) -> Shown:
    time, stand_in = line.time, line.stand_in
    return Shown(
        id=anchor(line.at),
        outcome=time.outcome if time else "",
        at=line.at,
        reason=_pieces(time.reason or "" if time else ""),
        stand_in=stand_in,
        due_at=line.at,
        may_make_up=may_run and not (stand_in and stand_in.verdict in STANDS),
    )


def _of_due(due: Due, zone: str, *, now: datetime) -> Shown:
    wait = due.period.plan.wait
    waits = wait is not None and now < due.due_at + wait.cutoff
    told = f"It waits for its data until {moment(due.due_at + wait.cutoff, zone)}." if wait and waits else _NOT_BEGUN
    return Shown(id=anchor(due.due_at), outcome="waiting", at=due.due_at, reason=_pieces(told))


def _took(run: Run, now: datetime) -> str:
    began = run.begun_at or run.started_at
    if began is None:
        return ""
    return length(run.ended_at - began) if run.ended_at else f"{length(now - began)} so far"


def _reason(line: Line, run: Run) -> str:
    """Return why a run ended as it did: of one chat that chat's own reason, of many the first of them."""
    if run.cancelled_by:
        return why(run, run.reason)
    if line.chats and line.chats.count == 1 and line.chats.one_reason:
        return line.chats.one_reason
    told = run.reason or ""
    return told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON].rsplit(' ', 1)[0]} …"


def _pieces(sentence: str) -> tuple[tuple[str, str], ...]:
    return tuple((piece, _place_of(piece)) for piece in _NAMED.split(sentence) if piece)


def _place_of(piece: str) -> str:
    return f"/{piece.partition('_')[0]}s/{piece}" if _NAMED.fullmatch(piece) else ""


def _answered(line: Line) -> str:
    if line.chats is None:
        return ""
    count, completed = line.chats.count, line.chats.completed
    chats = "1 chat" if count == 1 else f"{count:,} chats"
    return chats if count in (1, completed) else f"{completed:,} of {chats} answered"
