"""One channel in one pass over the ledger: what is left for it, what it is sending, and how that is to be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from interact.jobs.stored import StoredOrganisation
from interact.notices.retries import GIVEN_UP_AFTER, Tried, next_try
from interact.notices.sending import Answer, Envelope, Outcome
from interact.notices.states import DeliveryState, state_after
from interact.runs.couriers import Courier
from interact.runs.hearers import forbidden
from interact.store import ledger
from interact.store.ledger import Delivery, KeptNotice
from interact.store.sessions import Session

Door = tuple[str, str]
"""An organisation and the id of an Airflow connection."""
PAGE = 100
"""So many deliveries of a channel are looked up at a time."""
FOR_EVER = datetime.max.replace(tzinfo=UTC)
_UNREADABLE = "What it says was written by another version of this program and cannot be read. Run the job again."
_NOBODY = "It names no address. Send the run's notice again from the run's page."


@dataclass(frozen=True)
class Held:
    """A delivery that was claimed, the word it was claimed by, and what it says."""

    delivery: Delivery
    claim: str
    notice: KeptNotice


@dataclass(frozen=True)
class Settled:
    """A delivery that was claimed, its answer, and when it is tried again."""

    channel_id: str
    held: Held
    answer: Answer
    again_at: datetime | None

    @property
    def state(self) -> DeliveryState:
        """How it stands now."""
        return state_after(self.answer.outcome, is_tried_again=self.again_at is not None)

    def keep(self, session: Session, *, now: datetime) -> None:
        """Write it down; what waits behind a server that is away for a day has failed with it."""
        delivery_id, answer = self.held.delivery.delivery_id, self.answer
        over = replace(answer, told=_given_up(answer.told))
        kept = over if answer.outcome is Outcome.NOT_NOW and self.again_at is None else answer
        ledger.settle(session, delivery_id, kept, claim=self.held.claim, again_at=self.again_at, now=now)
        if answer.is_away:
            made_before = now - GIVEN_UP_AFTER
            ledger.give_up_waiting(session, self.channel_id, told=over.told, now=now, made_before=made_before)


@dataclass(eq=False)
class Lane:
    """A channel, its courier, and what is left for it."""

    courier: Courier
    organisation: StoredOrganisation
    is_free: bool = False
    """True while its courier is there and has nothing to send."""
    rests_until: datetime | None = None
    held: Held | None = None
    left: list[Delivery] = field(default_factory=list)
    notices: dict[str, KeptNotice] = field(default_factory=dict)

    @property
    def channel_id(self) -> str:
        """The channel's id."""
        return self.courier.channel.channel_id

    @property
    def is_trying(self) -> bool:
        """Whether it sends a test message: that one fails tells its sender, and makes no outage."""
        return self.held is not None and self.held.notice.content.kind == "test"

    @property
    def door(self) -> Door:
        """What its channel goes through."""
        return self.courier.channel.organisation_id, self.courier.channel.definition.connection

    def look_up(self, session: Session, *, now: datetime, until: datetime, notice_ids: Collection[str] | None) -> None:
        """Fill what is left with what is due now; else rest until the next that is due up to `until`, or for ever."""
        due = ledger.due(session, self.channel_id, until=until, notice_ids=notice_ids, limit=PAGE)
        self.left = [each for each in due if each.next_at and each.next_at <= now]
        self.notices = ledger.notices_by_id(session, {each.notice_id for each in self.left})
        self.rests_until = None if self.left else due[0].next_at if due else FOR_EVER

    def hand_out(self, held: Held | None, left: list[Delivery], *, base_url: str) -> None:
        """Let the courier send what is claimed in the store by now, and keep what is left behind it."""
        self.held, self.left = held, left
        if self.held is None:
            return
        self.is_free = False
        notice = self.held.notice.content
        self.courier.inbox.put(
            Envelope(
                notice=notice,
                recipient=self.held.delivery.recipient,
                delivery_id=self.held.delivery.delivery_id,
                base_url=base_url,
                read=self.courier.enclosures.reader(notice),
            )
        )

    def judge(self, answer: Answer, *, now: datetime, chance: Callable[[], float]) -> Settled | None:
        """Return how the answer to what it sent is to be kept; it rests when its server is away or asks for time."""
        held, self.held, self.is_free = self.held, None, True
        if held is None:
            return None
        again_at = None
        if answer.outcome is Outcome.NOT_NOW:
            tried = Tried(
                tries=held.delivery.tries + 1,
                made_at=held.notice.made_at,
                is_resent=held.delivery.resent_by is not None,
                retry_after_seconds=answer.retry_after_seconds,
            )
            again_at = next_try(tried, now=now, chance=chance())
        if answer.is_away or answer.retry_after_seconds:
            self.rests_until = again_at or FOR_EVER
        return Settled(self.channel_id, held, answer, again_at)

    def unsendable(self, delivery: Delivery) -> str | None:
        """Return why nobody is to be asked to take a delivery; None when it can be sent."""
        if delivery.notice_id not in self.notices:
            return _UNREADABLE
        if delivery.channel_type == "email" and not delivery.recipient:
            return _NOBODY
        return forbidden(self.organisation, delivery.channel_type, delivery.recipient)


@dataclass(frozen=True)
class Picked:
    """What a lane is to send next, what is left behind it, and how many were refused before anybody was asked."""

    lane: Lane
    held: Held | None
    left: list[Delivery]
    refused: int


def pick(session: Session, lanes: Iterable[Lane], *, now: datetime) -> list[Picked]:
    """Claim the next of each lane that can be sent; what cannot be is claimed and refused. No lane itself changes."""
    claim, picked, refused = uuid4().hex, list[Picked](), Counter[Lane]()
    left = {lane: list(lane.left) for lane in lanes}
    while left:
        firsts = {lane: waiting.pop(0) for lane, waiting in left.items() if waiting}
        taken = ledger.claim(session, [each.delivery_id for each in firsts.values()], claim=claim, now=now)
        for lane, waiting in list(left.items()):
            first = firsts.get(lane)
            if first and first.delivery_id not in taken:
                continue
            why = lane.unsendable(first) if first else None
            if first and why:
                answer = Answer(Outcome.REFUSED, why)
                ledger.settle(session, first.delivery_id, answer, claim=claim, again_at=None, now=now)
                refused[lane] += 1
                continue
            held = Held(first, claim, lane.notices[first.notice_id]) if first else None
            picked.append(Picked(lane, held, waiting, refused[lane]))
            del left[lane]
    return picked


def _given_up(told: str) -> str:
    hours = GIVEN_UP_AFTER.total_seconds() / 3600
    return f"It was not accepted within {hours:.0f} hours, and nobody tries any more. The last answer: {told}"
