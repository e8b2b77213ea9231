"""What was told earlier that a run's end puts right: the failures before it, and the report that it corrects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.jobs.stored import StoredOrganisation
from interact.runs.hearers import Group, forbidden
from interact.store import ledger, told
from interact.store.ledger import Addressee
from interact.store.sessions import Session
from interact.store.told import Said

HAD_NONE = "This channel did not have the report that this one corrects."
REPLACED = "Not sent because what was told since replaces it."
_FAILURES = (RunVerdict.PARTIAL, RunVerdict.FAILED)


def occasion(run_id: str, verdict: str, group: Group | None, *, again: int = 0) -> str:
    """Return what a notice about a run's end is told once for: the run, its verdict, and whose chats it is about.

    `again` is how often that was told before, when another end came in between.
    """
    whole = f"{run_id}:{verdict}~{again}" if again else f"{run_id}:{verdict}"
    return f"{whole}:{group.name}" if group else whole


def is_about(said: Said, group: Group | None) -> bool:
    """Return whether a notice was about one value's chats; without a group, about the whole run."""
    return said.occasion.split(":", 2)[2:] == ([group.name] if group else [])


@dataclass(frozen=True)
class Failures:
    """How often in a row the same failed before, and which channels heard of it."""

    count: int = 0
    channel_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Past:
    """The failed runs just before a run, newest first, and what was told of their failures, and of its own before."""

    run_ids: tuple[str, ...]
    said: tuple[Said, ...]

    def failures(self, session: Session, group: Group | None) -> Failures:
        """Return how often the whole run failed before, or one value's chats."""
        about = [said for said in self.said if is_about(said, group)]
        runs_of_it = {said.run_id for said in about} | (set(self.run_ids) if group is None else set())
        heard = told.channels_reached(session, [said.notice_id for said in about])
        return Failures(len(runs_of_it), heard)


NO_FAILURES = Failures()
NO_PAST = Past((), ())


def past_of(session: Session, run: Run) -> Past:
    """Return the failures before a run's end; a run that failed, was cleared and completed has one of its own."""
    before = told.failed_before(session, run)
    said = told.said_of(session, [*before, run.run_id])
    return Past(tuple(before), tuple(each for each in said if each.kind in _FAILURES))


def correction(first: Run, zone: str) -> str:
    """Say which earlier run this one puts right."""
    at = (first.ended_at or first.accepted_at).astimezone(ZoneInfo(zone))
    when = f"{at.day} {at:%B}, {at:%H:%M}"
    if first.verdict in (RunVerdict.COMPLETED, RunVerdict.PARTIAL):
        return f"This replaces the report of {when}."
    return f"This is the run of {when} again, which had {first.verdict}."


def had(session: Session, organisation: StoredOrganisation, first: Run, group: Group | None) -> list[Addressee]:
    """Return those who had the report of a run, or of one value's chats of it: same channel, same recipient.

    Or had a correction in its place.
    """
    found = ledger.deliveries(session, _said_about(session, first, group))
    reached = (each for each in found if each.state in told.REACHED or each.told == REPLACED)
    return list(_once(_again(reached, organisation)))


def replace_pending(session: Session, first: Run, group: Group | None, now: datetime) -> None:
    """Hold what is still to be sent of a run, or of one value's chats of it: another end is told now, or a correction.

    Else it might go out after that, and be believed.
    """
    told.hold_pending(session, _said_about(session, first, group), why=REPLACED, at=now)


def _said_about(session: Session, run: Run, group: Group | None) -> list[str]:
    return [said.notice_id for said in told.said_of(session, [run.run_id]) if is_about(said, group)]


def _again(deliveries: Iterable[ledger.Delivery], organisation: StoredOrganisation) -> Iterator[Addressee]:
    for each in deliveries:
        held = forbidden(organisation, each.channel_type, each.recipient)
        yield Addressee(each.channel_id, each.channel_key, each.channel_type, each.recipient, held)


def _once(addressees: Iterable[Addressee]) -> Iterable[Addressee]:
    return {(each.channel_id, each.recipient): each for each in addressees}.values()
