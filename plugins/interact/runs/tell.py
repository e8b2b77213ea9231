"""Decide who hears of an ended run, and write it into the ledger: once, whoever else decides it at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from interact.chats.record import CORRECTED, EVERYONE, ME, NOBODY, Chat, Run
from interact.chats.status import ChatStatus, RunVerdict
from interact.jobs.definition import Job
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import Snapshot, StoredOrganisation
from interact.notices.notice import Notice
from interact.notices.states import DeliveryState
from interact.runs.conditions import Condition
from interact.runs.desk import Desk
from interact.runs.earlier import (
    HAD_NONE,
    NO_FAILURES,
    NO_PAST,
    Past,
    correction,
    had,
    is_about,
    occasion,
    past_of,
    replace_pending,
)
from interact.runs.hearers import Group, addressee, channels_of, groups, hearers, person, routed, spread
from interact.runs.incidents import began_of, join
from interact.runs.saying.outlook import PAUSED
from interact.runs.saying.say import say
from interact.runs.streaks import pause_if_failing
from interact.runs.values import ReadColumn
from interact.store import chats, incidents, jobs, ledger, organisations, runs, told
from interact.store.ledger import Addressee, NewNotice
from interact.store.sessions import Session

OF_THE_WHOLE = "It hears of the whole run."
_ENDS = (RunVerdict.COMPLETED, RunVerdict.PARTIAL, RunVerdict.FAILED)


def tell(desk: Desk, run_id: str, read_column: ReadColumn | None = None) -> list[str]:
    """Decide who hears of a run that has ended, and return the ids of what is to be delivered of it.

    Twice, or two at once, decide once; the same verdict again after a Clear tells nobody again. A run that has not
    ended has nothing to tell. Raises NotFound, StoreUnavailable.
    """
    with desk.store.reading() as session:
        ended = _read(session, run_id)
        if ended.run.ended_at is None or ended.run.told_at:
            return _notice_ids(session, ended.run) if ended.run.told_at else []
    parts = list(_parts(desk, ended, read_column))
    with desk.store.writing() as session:
        run = runs.held(session, run_id)
        if run.told_at is None and (run.verdict, run.ended_at) == (ended.run.verdict, ended.run.ended_at):
            _keep(session, ended, parts, now=desk.now())
            told.mark(session, run_id, at=desk.now())
        return _notice_ids(session, runs.by_id(session, run_id))


def unheard(desk: Desk, notice_ids: Sequence[str]) -> str | None:
    """Return how many deliveries of these notices are in which state, when something was to be sent and nothing went.

    None when a server accepted any, or may have, or is being asked by somebody else, and when nothing was to be sent.
    """
    with desk.store.reading() as session:
        states = [each.state for each in ledger.deliveries(session, notice_ids)]
    counts = {state: states.count(state) for state in DeliveryState if state in states}
    counts.pop(DeliveryState.HELD, None)
    if counts.keys() & {DeliveryState.SENDING, DeliveryState.DELIVERED, DeliveryState.UNKNOWN}:
        return None
    return ", ".join(f"{count} {state}" for state, count in counts.items()) or None


@dataclass(frozen=True)
class _Ended:
    """A run that has ended, and what it takes to say so; `outages` are what was away when nothing else failed it."""

    run: Run
    snapshot: Snapshot
    chats: tuple[Chat, ...]
    outages: frozenset[str]
    past: Past
    first: Run | None
    """The run that it corrects."""
    jobs: tuple[Job, ...]
    """The job whose routes count: as it was accepted, and as it was for the run that it corrects."""
    is_deleted: bool
    """Whether its job is."""

    @property
    def asked_by(self) -> str | None:
        """The address of the one person who is told."""
        return self.run.audience.removeprefix(ME) if self.run.audience.startswith(ME) else None

    @property
    def is_of_job(self) -> bool:
        """True for a run of a job that is there, whatever came of it; questions are their asker's alone."""
        return self.run.dag_id != QUESTIONS_DAG and self.run.verdict in _ENDS and not self._fell_with_its_job

    @property
    def _fell_with_its_job(self) -> bool:
        return self.is_deleted and self.run.verdict is RunVerdict.FAILED


@dataclass(frozen=True)
class _Part:
    """What is said of the whole run, or of the chats of one value; `unmet` is the condition that keeps it back."""

    notice: Notice
    group: Group | None
    whatever: frozenset[str] = frozenset()
    """The channels that hear it whatever their level and topics."""
    unmet: str | None = None


def _read(session: Session, run_id: str) -> _Ended:
    run = runs.by_id(session, run_id)
    opened, snapshot = chats.of_run(session, run_id), runs.snapshot_of(session, run_id)
    first = runs.known(session, run.rerun_of) if run.rerun_of and run.audience == CORRECTED else None
    before = (runs.snapshot_of(session, first.run_id).job.definition,) if first else ()
    return _Ended(
        run=run,
        snapshot=snapshot,
        chats=opened,
        outages=_outages(session, run, opened),
        past=past_of(session, run) if run.ended_at else NO_PAST,
        first=first,
        jobs=(snapshot.job.definition, *before),
        is_deleted=jobs.is_deleted(session, run.job_id),
    )


def _outages(session: Session, run: Run, opened: Sequence[Chat]) -> frozenset[str]:
    """Return what was away when a run failed; nothing when any of its chats failed by a fault of its own."""
    failed = [chat.chat_id for chat in opened if chat.status is ChatStatus.FAILED]
    if run.verdict is not RunVerdict.FAILED or not failed:
        return frozenset()
    attempts = chats.newest_attempts(session, run.run_id)
    away = {attempts[chat_id].outage if chat_id in attempts else None for chat_id in failed}
    return frozenset() if None in away else frozenset(each for each in away if each)


def _parts(desk: Desk, ended: _Ended, read_column: ReadColumn | None) -> Iterator[_Part]:
    """Give what is said: of the whole run, and of each value that has hearers of its own."""
    job, audience = ended.snapshot.job.definition, ended.run.audience
    if not ended.is_of_job or audience == NOBODY:
        return
    condition = Condition(desk, ended.run.run_id, ended.snapshot, read_column)
    if job.channels or audience != EVERYONE or not ended.chats:
        yield _part(desk, ended, None, condition)
    parts = [group for each in ended.jobs for group in groups(each, ended.chats)] if ended.asked_by is None else []
    for group in dict.fromkeys(parts):
        yield _part(desk, ended, group, condition)


def _part(desk: Desk, ended: _Ended, group: Group | None, condition: Condition) -> _Part:
    run, chat_ids = ended.run, group.chat_ids if group else None
    before = NO_FAILURES
    if run.audience == EVERYONE:
        with desk.store.reading() as session:
            before = ended.past.failures(session, group)
    notice = say(desk, run.run_id, chat_ids=chat_ids, recovered_from=before.count)
    if ended.first and notice.kind != "failed":
        replaces = correction(ended.first, ended.snapshot.timezone)
        return _Part(notice.model_copy(update={"corrects": replaces}), group)
    if notice.kind != "completed" or run.audience != EVERYONE:
        return _Part(notice, group)
    if before.count:
        return _Part(notice, group, before.channel_ids)
    unmet = condition.unmet(chat_ids)
    if condition.caution:
        notice = notice.model_copy(update={"then": f"{notice.then} {condition.caution}".strip()})
    return _Part(notice, group, unmet=unmet)


def _notice_ids(session: Session, run: Run) -> list[str]:
    """Return what is to be delivered of a run: what is said of it, and of the outage that it failed by."""
    found = incidents.by_ids(session, [run.incident_id]) if run.incident_id else {}
    outages = [ledger.by_occasion(session, began_of(incident)) for incident in found.values()]
    return [*ledger.notice_ids_of_run(session, run.run_id), *(outage.notice_id for outage in outages if outage)]


def _keep(session: Session, ended: _Ended, parts: Sequence[_Part], *, now: datetime) -> None:
    """Write what is said and who hears it, of the run or of the outage that it failed by."""
    run = ended.run
    organisation = organisations.by_id(session, run.organisation_id) or ended.snapshot.organisation
    has_failed = ended.is_of_job and run.verdict is RunVerdict.FAILED
    if has_failed and not ended.outages and pause_if_failing(session, run, ended.snapshot, now):
        parts = [replace(part, notice=part.notice.model_copy(update={"then": PAUSED})) for part in parts]
    of_whole: set[tuple[str, str]] = set()
    hit: list[Addressee] = []
    for part in parts:
        to = _addressees(session, organisation, ended, part)
        if part.group is None:
            of_whole = {_place(each) for each in to if each.held is None}
        else:
            to = [replace(each, held=each.held or OF_THE_WHOLE) if _place(each) in of_whole else each for each in to]
        if ended.outages:
            hit += to
        elif to and (name := _occasion(session, run, part)):
            new = NewNotice(name, run.organisation_id, part.notice, run.job_id, run.run_id)
            for replaced in filter(None, (run, ended.first if part.notice.corrects else None)):
                replace_pending(session, replaced, part.group, now)
            ledger.keep(session, new, to, now=now)
    if has_failed and ended.outages:
        join(session, run, ended.snapshot, ended.outages, hit, now)


def _addressees(session: Session, organisation: StoredOrganisation, ended: _Ended, part: _Part) -> list[Addressee]:
    job = ended.snapshot.job.definition
    if ended.asked_by is not None:
        return [person(session, organisation, job, ended.asked_by)]
    if ended.run.audience == CORRECTED:
        return _of_first(session, organisation, ended, part.group)
    if part.group is None:
        to = hearers(session, organisation, job, part.notice, whatever=part.whatever)
    else:
        to = routed(session, organisation, job, part.notice, group=part.group, whatever=part.whatever)
    to = _kept_back(to, part.unmet) if part.unmet else to
    return spread(job, part.group, to) if part.group else to


def _of_first(
    session: Session, organisation: StoredOrganisation, ended: _Ended, group: Group | None
) -> list[Addressee]:
    """Return those who had what the run corrects, and the job's channels that did not have it."""
    to = had(session, organisation, ended.first, group) if ended.first else []
    if group is None:
        there = {each.channel_id for each in to}
        others = channels_of(session, organisation.organisation_id, ended.snapshot.job.definition.channels)
        to += [addressee(channel, held=HAD_NONE) for channel in others if channel.channel_id not in there]
    return to


def _kept_back(to: Sequence[Addressee], why: str) -> list[Addressee]:
    """Return one addressee a channel in place of those who would hear it, held for this reason."""
    would_hear = {each.channel_id for each in to if each.held is None}
    held = [replace(each, recipient="", held=why) if each.channel_id in would_hear else each for each in to]
    return list(dict.fromkeys(held))


def _occasion(session: Session, run: Run, part: _Part) -> str | None:
    """Return what this is told once for; None when it is what was said last.

    What was kept back from all, before a Clear, is said anew: it may have found something since.
    """
    kind = part.notice.kind if part.group else run.verdict
    before = [said for said in told.said_of(session, [run.run_id]) if is_about(said, part.group)]
    if before and before[-1].kind == kind and not told.is_held_from_all(session, before[-1].notice_id):
        return None
    return occasion(run.run_id, kind, part.group, again=sum(said.kind == kind for said in before))


def _place(to: Addressee) -> tuple[str, str]:
    """Return what two addressees at the same place have in common."""
    return ("", to.recipient.lower()) if to.channel_type == "email" else (to.channel_id, to.recipient)
