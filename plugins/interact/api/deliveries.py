"""What the page of a run shows of its notices: to whom they went and how that stands, and whom another run can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from interact.api.channel_words import TYPE_WORDS
from interact.api.delivery_words import DeliveryWords, delivery_words
from interact.chats.record import NOBODY, Run
from interact.jobs.definition import Job
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import Action, Person
from interact.jobs.stored import StoredChannel
from interact.notices.states import DeliveryState
from interact.reports.freshness import moment
from interact.runs.settle import OPEN
from interact.store import channels, jobs, run_deliveries
from interact.store.run_deliveries import Line, Standing
from interact.store.sessions import Session
from interact.store.told import REACHED

SHOWN = 50
"""So many deliveries are listed; of more, those that went wrong come first."""
RENEWS_FOR = timedelta(minutes=5)
"""So long after a run's end, or before a next try, its page looks by itself whether the messages are out."""
_KINDS = {str(kind): word for kind, word in TYPE_WORDS.items()}
_WORDS = {
    DeliveryState.PENDING: "waiting",
    DeliveryState.SENDING: "being sent",
    DeliveryState.HELD: "not sent",
}


@dataclass(frozen=True)
class Sent:
    """One delivery in words."""

    delivery_id: str
    channel: str
    kind: str
    recipient: str
    subject: str
    state: DeliveryState
    word: str
    at: str
    """When it was accepted, or is tried next; "" for neither."""
    told: str
    """The server's answer, or why it was not sent."""


@dataclass(frozen=True)
class Post:
    """The notices of a run; `lines` are the first of `count` deliveries."""

    run_id: str
    words: DeliveryWords
    lines: tuple[Sent, ...]
    count: int
    failed: int
    unknown: int
    seen_at: datetime
    """What a press of one of its buttons is about: deliveries as they stood then."""
    may_resend: bool
    renews: bool
    """Whether it will have changed in some seconds."""
    why: str
    """Why there is no delivery to list."""

    @property
    def has_subjects(self) -> bool:
        """Whether the run was told in several messages."""
        return len({line.subject for line in self.lines}) > 1


@dataclass(frozen=True)
class SendAgain:
    """Whom a run that is repeated can tell besides nobody."""

    everyone: str = ""
    """The job's channels: `2 channels: Marketing mail, #ops`; "" when there is none."""
    had_it: int = 0
    """How many the first one went to."""

    @property
    def has_choice(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self.everyone or self.had_it)


def post_of(session: Session, person: Person, run: Run, timezone: str, *, now: datetime) -> Post | None:
    """Return what became of a run's notices; None while it is under way, and for a question, which has none."""
    if run.dag_id == QUESTIONS_DAG or run.verdict in OPEN:
        return None
    standing = run_deliveries.of_runs(session, [run.run_id]).get(run.run_id, Standing())
    lines = run_deliveries.of_run(session, run.run_id, limit=SHOWN)
    owned, words = jobs.standing(session, run.job_id), delivery_words(run, standing, timezone, now=now)
    return Post(
        run_id=run.run_id,
        words=words,
        lines=tuple(_sent(line, timezone, now=now) for line in lines),
        count=sum(standing.counts.values()),
        failed=standing.counts.get(DeliveryState.FAILED, 0),
        unknown=standing.counts.get(DeliveryState.UNKNOWN, 0),
        seen_at=now,
        may_resend=owned is not None and person.may(Action.EDIT, owned),
        renews=words.state == "pending" and _is_soon(run, standing, now=now),
        why=_why(run, words),
    )


def send_again(session: Session, run: Run) -> SendAgain:
    """Return whom repeating a run can tell, of its job as it is now."""
    job = jobs.by_id(session, run.job_id)
    standing = run_deliveries.of_runs(session, [run.run_id]).get(run.run_id, Standing())
    heard = names_of(job.definition, channels.all_of(session, job.organisation_id)) if job else ()
    return SendAgain(counted(heard), sum(standing.counts.get(state, 0) for state in REACHED))


def names_of(job: Job, there: list[StoredChannel]) -> tuple[str, ...]:
    """Return the names of the channels that hear of a job's runs, in the job's order."""
    names = {channel.definition.key: channel.definition.name for channel in there}
    return tuple(names[key] for key in job.heard_by if key in names)


def counted(names: tuple[str, ...]) -> str:
    """Return channels as a choice names them: `2 channels: Marketing mail, #ops`; "" for none."""
    return f"{len(names)} {'channel' if len(names) == 1 else 'channels'}: {', '.join(names)}" if names else ""


def _sent(line: Line, timezone: str, *, now: datetime) -> Sent:
    at = line.delivered_at or (line.next_at if line.next_at and line.next_at > now else None)
    return Sent(
        delivery_id=line.delivery_id,
        channel=line.channel,
        kind=_KINDS.get(line.channel_type, line.channel_type),
        recipient=line.recipient,
        subject=line.subject,
        state=line.state,
        word=_WORDS.get(line.state, line.state.value),
        at=("" if line.delivered_at else "next try ") + moment(at, timezone) if at else "",
        told=line.told,
    )


def _is_soon(run: Run, standing: Standing, *, now: datetime) -> bool:
    if standing.next_at and standing.next_at > now:
        return standing.next_at - now < RENEWS_FOR
    return run.ended_at is not None and now - run.ended_at < RENEWS_FOR


def _why(run: Run, words: DeliveryWords) -> str:
    if words.state == "pending":
        return "Who is told is being decided."
    if run.incident_id:
        return "It failed by an outage, which is told once for all jobs that it hit."
    if run.audience == NOBODY:
        return "Who started it wanted nobody to be told."
    return "No channel was to hear of this run. Its job's settings say who is told."
