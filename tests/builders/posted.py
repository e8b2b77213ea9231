"""A lived-in installation whose runs were told: channels of every type, and deliveries in every state."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from builders.lived_in import HOSTILE, LivedIn
from builders.noticed import a_notice
from interact.jobs.channels import Channel
from interact.jobs.definition import Job
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredChannel
from interact.notices.notice import Notice
from interact.notices.sending import Answer, Outcome
from interact.notices.states import DeliveryState
from interact.store import channels, jobs, ledger
from interact.store.ledger import Addressee, NewNotice
from interact.store.notice_tables import IncidentRow

ADA, TEAM, GONE = "ada@example.com", "team@example.com", "gone@example.com"
HOOK_SUFFIX = f" {HOSTILE}"[:115]
CHANNELS: dict[str, dict[str, Any]] = {
    "mail": {
        "name": "Marketing mail",
        "type": "email",
        "connection": "smtp_default",
        "recipients": [TEAM, ADA, GONE],
    },
    "slack": {"name": "#marketing", "type": "slack", "connection": "slack_bot", "recipients": ["#marketing"]},
    "teams": {
        "name": "Board",
        "type": "teams",
        "connection": "teams_board",
        "level": "error",
        "topics": ["failed_run"],
    },
    "hook": {"name": f"Pager{HOOK_SUFFIX}", "type": "webhook", "connection": "pager", "level": "warning"},
}
HEARD = {"weekly": ("mail", "slack"), "check": ("mail", "teams"), "private": ("mail",), "hourly": ("hook",)}
"""Which jobs tell which channels."""
REFUSED = "550 5.1.1 <gone@example.com>: Recipient address rejected: User unknown in virtual mailbox table"
LOST = "The connection was lost after the message had been sent, before the server answered."
BUSY = "429 Too Many Requests"
ANSWERS = {
    DeliveryState.DELIVERED: Answer(Outcome.DELIVERED, "250 2.0.0 Ok: queued as 4TbX1r2Kzz", "4TbX1r2Kzz"),
    DeliveryState.FAILED: Answer(Outcome.REFUSED, REFUSED),
    DeliveryState.UNKNOWN: Answer(Outcome.UNKNOWN, LOST),
    DeliveryState.PENDING: Answer(Outcome.NOT_NOW, BUSY, retry_after_seconds=900),
}
Told = dict[str, dict[str, DeliveryState]]
"""By channel and recipient how its delivery stands."""


def posted(found: LivedIn) -> LivedIn:
    """Add channels, attach them to jobs, and tell of runs; `found.channels` and `found.notices` hold the ids."""
    now = found.desk.now()
    with found.desk.store.writing() as session:
        for key, plain in CHANNELS.items():
            name = plain["name"] if "failed" in found.runs else plain["name"].removesuffix(HOOK_SUFFIX)
            add_channel(session, found, key, now=now - timedelta(days=10), **(plain | {"name": name}))
        for key, heard in HEARD.items():
            attach(session, found, key, heard, now=now - timedelta(days=9))
        for number, (name, (content, job, run, to)) in enumerate(_said(found).items()):
            at = now - timedelta(hours=30 - number)
            tell(session, found, name, content, to, now=at, job=job, run=run)
        add_incident(session, found, "channel:teams_board", "HTTP 502 Bad Gateway", now=now - timedelta(hours=2))
    return found


def add_channel(session: Session, found: LivedIn, key: str, *, now: datetime, **plain: Any) -> StoredChannel:
    """Save a channel of the organisation."""
    channel, _ = channels.save(
        session, Channel.model_validate({"key": key, "organisation": "norrland", **plain}), now=now
    )
    found.channels = {**found.channels, key: channel}  # Others may hold what was found before.
    return channel


def attach(session: Session, found: LivedIn, job: str, keys: tuple[str, ...], *, now: datetime) -> None:
    """Let a job tell these channels of its runs, as a new version."""
    whole = found.jobs[job].definition.model_dump(mode="json") | {"channels": list(keys)}
    found.jobs = {**found.jobs, job: jobs.save(session, Job.model_validate(whole), now=now)[0]}


def tell(
    session: Session, found: LivedIn, name: str, content: Notice, to: Told, *, now: datetime, **of: str | None
) -> str:
    """Keep a notice with its deliveries, each in the state that is asked for, and return its id; `of` a job, a run."""
    job, run_id = of.get("job"), of.get("run")
    new = NewNotice(
        f"{run_id or name}:{name}",
        found.organisation_id,
        content,
        job_id=found.jobs[job].job_id if job else None,
        run_id=run_id,
    )
    reasons = {DeliveryState.HELD: "hears only failures (its level is 'error'), and this is 'info'"}
    addressees = [
        Addressee(
            found.channels[key].channel_id,
            key,
            found.channels[key].definition.type,
            recipient,
            held=reasons.get(state),
        )
        for key, recipients in to.items()
        for recipient, state in recipients.items()
    ]
    notice_id = ledger.keep(session, new, addressees, now=now)
    for each in ledger.deliveries(session, [notice_id]):
        _bring(session, each.delivery_id, to[each.channel_key][each.recipient], now=now)
    found.notices = {**found.notices, name: notice_id}
    return notice_id


def add_incident(session: Session, found: LivedIn, subject: str, told: str, *, now: datetime) -> None:
    """Open an incident."""
    row = IncidentRow(
        id=new_id("incident"),
        organisation_id=found.organisation_id,
        subject=subject,
        told=told,
        began_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()


def _bring(session: Session, delivery_id: str, state: DeliveryState, *, now: datetime) -> None:
    if state is DeliveryState.HELD:
        return
    answer = ANSWERS.get(state)
    ledger.claim(session, [delivery_id], claim=delivery_id, now=now)
    if answer is None:  # Somebody is sending it.
        return
    again_at = now + timedelta(days=30) if state is DeliveryState.PENDING else None
    ledger.settle(session, delivery_id, answer, claim=delivery_id, again_at=again_at, now=now)


def _said(found: LivedIn) -> dict[str, tuple[Notice, str | None, str | None, Told]]:
    """Return what was said, oldest first: the notice, its job and run, and to whom."""
    state, runs = DeliveryState, found.runs
    failure = {"kind": "failed", "level": "error", "topics": ["failed_run"], "figures": [], "highlights": []}
    private = a_notice(subject="Acme spent €1,204,000 last week", lead="Total spend was €1,204,000.", job="Takeover")
    outage = a_notice(
        **(failure | {"kind": "outage"}),
        subject="The warehouse 'w' cannot be reached",
        lead="Since 07:58 no question can be answered: connection refused.",
        job="",
        changes=[],
        then="Its jobs are not paused. When it is back you hear it.",
    )
    said: dict[str, tuple[Notice, str | None, str | None, Told]] = {
        "outage": (outage, None, None, {"mail": {ADA: state.DELIVERED}, "hook": {"": state.DELIVERED}}),
        "private": (private, "private", runs["private"], {"mail": {ADA: state.DELIVERED, GONE: state.FAILED}}),
        "check": (
            a_notice(subject="No campaign above target CPA", job="Campaign check"),
            "check",
            runs["check"],
            {"mail": {TEAM: state.DELIVERED, ADA: state.DELIVERED}, "teams": {"": state.HELD}},
        ),
        "weekly": (
            a_notice(),
            "weekly",
            runs["weekly"],
            {
                "mail": {TEAM: state.DELIVERED, ADA: state.UNKNOWN, GONE: state.FAILED},
                "slack": {"#marketing": state.PENDING},
                "hook": {"": state.SENDING},
            },
        ),
    }
    if "failed" in runs:
        hostile = a_notice(**failure, subject=HOSTILE, lead=HOSTILE, job=HOSTILE, changes=[])
        said["failed"] = (hostile, "hostile", runs["failed"], {"hook": {"": state.DELIVERED}})
    return said
