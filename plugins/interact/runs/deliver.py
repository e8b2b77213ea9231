"""Deliver what the ledger holds: each delivery once, whatever happens to whoever sends it.

A delivery is claimed in the store before it is sent, and settled afterwards. Who is killed in between leaves it
claimed; after the lease it counts as unknown, and only a person sends it again.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from interact.errors import StoreUnavailable
from interact.notices.sending import Outcome
from interact.notices.states import DeliveryState
from interact.runs.couriers import Courier, Enclosures, Heard
from interact.runs.desk import Desk, OpenSender
from interact.runs.incidents import after_sending
from interact.runs.lanes import Door, Lane, Picked, Settled, pick
from interact.store import channels, ledger, organisations
from interact.store.sessions import Session

log = logging.getLogger(__name__)
AT_ONCE = 8
"""So many channels are open at the same time."""
LEASE = timedelta(minutes=10)
"""Who claimed a delivery so long ago has died: longer than the time limit of any one send."""
LOST = "The process that sent it died before the answer came; it may have arrived."
STORE_WAITS = (1.0, 5.0, 15.0)
"""Seconds between the tries at keeping an answer while the store is away."""
TOGETHER_SECONDS = 0.002
"""Answers of several channels that come within so long share a transaction."""
_LISTEN_SECONDS = 1.0


@dataclass(frozen=True)
class Sent:
    """What one pass did."""

    counts: Mapping[DeliveryState, int]
    """How many tries ended in each state; what is `pending` is tried again."""
    lost: int = 0
    """How many that others had claimed became unknown."""
    away: Mapping[Door, str] = field(default_factory=dict)
    """What could not be reached or let nobody in, and its words."""
    reached: frozenset[Door] = frozenset()
    """What answered."""


def deliver(
    desk: Desk,
    open_sender: OpenSender,
    *,
    notice_ids: Collection[str] | None = None,
    patience_seconds: float = 0,
    stop: Callable[[], bool] = lambda: False,
    chance: Callable[[], float] = random.random,
) -> Sent:
    """Send all that is due, of some notices or of all, and return what came of it; twice, or two at once, is no harm.

    What a server puts off for less than `patience_seconds` is waited for. `stop` is asked before each delivery.
    Raises StoreUnavailable: what is out then without a kept answer becomes unknown, the rest is still to be sent.
    """
    now = desk.now()
    until = now + timedelta(seconds=patience_seconds)
    with desk.store.writing() as session:
        lost = ledger.give_up_lost(session, claimed_before=now - LEASE, told=LOST, now=now)
        lanes = _lanes(session, Enclosures(desk.files), notice_ids, until=until, now=now)
    if lost:
        log.warning("%d deliveries were claimed %s ago or longer and never settled; they are unknown now", lost, LEASE)
    going = _Pass(desk, notice_ids, until, stop, chance)
    going.run(lanes, open_sender)
    away = {door: told for door, told in going.doors.items() if told is not None}
    sent = Sent(going.counts, lost, away, frozenset(going.doors.keys() - away.keys()))
    after_sending(desk, sent.away, sent.reached)
    return sent


def _lanes(
    session: Session, enclosures: Enclosures, notice_ids: Collection[str] | None, *, until: datetime, now: datetime
) -> list[Lane]:
    """Return a lane for each channel with something to send; what waits for one that was deleted has failed."""
    waiting = ledger.waiting(session, until=until, notice_ids=notice_ids)
    found = channels.by_ids(session, waiting)
    for channel_id, key in waiting.items():
        if channel_id not in found:
            ledger.give_up_waiting(session, channel_id, told=_gone(key), now=now)
    theirs = {each.organisation_id: each for each in organisations.all_of(session)} if found else {}
    return [Lane(Courier(channel, enclosures), theirs[channel.organisation_id]) for channel in found.values()]


def _gone(key: str) -> str:
    named = f"Its channel {key!r} was deleted before this was sent" if key else "There is no channel to send it by"
    return f"{named}. Give the job another one for what is said from now on."


class _Pass:
    """One pass over the ledger. This thread alone writes it, and several answers and claims share a transaction."""

    def __init__(
        self,
        desk: Desk,
        notice_ids: Collection[str] | None,
        until: datetime,
        stop: Callable[[], bool],
        chance: Callable[[], float],
    ) -> None:
        self.counts: Counter[DeliveryState] = Counter()
        self.doors: dict[Door, str | None] = {}
        """How each door was found last: None when it answered, else what it said or why nobody was there."""
        self._desk, self._notice_ids, self._until, self._stop, self._chance = desk, notice_ids, until, stop, chance
        self._lanes: dict[Courier, Lane] = {}
        self._heard: SimpleQueue[Heard] = SimpleQueue()
        self._settled: list[Settled] = []
        """What is not kept yet."""

    def run(self, lanes: Iterable[Lane], open_sender: OpenSender) -> None:
        """Send until nothing is left; whatever ends it early, the answers that still come are kept."""
        self._lanes = {lane.courier: lane for lane in lanes}
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="courier")
        try:
            for courier in self._lanes:
                pool.submit(courier.carry, open_sender, self._heard)
            while self._lanes and not self._stop():
                self._take_in(self._listen())
                self._go_on()
        finally:
            for courier in self._lanes:
                courier.inbox.put(None)
            pool.shutdown(cancel_futures=True)
            self._take_in(self._said())
            if self._settled:
                self._keep([])

    def _listen(self) -> list[Heard]:
        """Return what couriers said; waits for a word only while no lane can go on without one."""
        if self._ready():
            return self._said()
        now = self._desk.now()
        rests = [lane.rests_until for lane in self._lanes.values() if lane.is_free and lane.rests_until]
        seconds = min((_LISTEN_SECONDS, *((until - now).total_seconds() for until in rests)))
        try:
            first = self._heard.get(timeout=max(seconds, 0))
        except Empty:
            return []
        if sum(not lane.is_free for lane in self._lanes.values()) > 1:
            time.sleep(TOGETHER_SECONDS)
        return [first, *self._said()]

    def _said(self) -> list[Heard]:
        return [self._heard.get() for _ in range(self._heard.qsize())]

    def _take_in(self, heard: Sequence[Heard]) -> None:
        for courier, answer in heard:
            lane = self._lanes[courier]
            if answer is None:
                lane.is_free = True
                continue
            if answer.is_away and not lane.is_trying:
                self.doors[lane.door] = answer.told
            elif not answer.is_away and answer.outcome is not Outcome.UNKNOWN:
                self.doors[lane.door] = None
            settled = lane.judge(answer, now=self._desk.now(), chance=self._chance)
            self._settled += [settled] if settled else []

    def _ready(self) -> list[Lane]:
        now = self._desk.now()
        return [lane for lane in self._lanes.values() if lane.is_free and (lane.rests_until or now) <= now]

    def _go_on(self) -> None:
        """Keep the answers, hand on what is next, and send those couriers home who have nothing more to do."""
        self._keep([lane for lane in self._ready() if lane.left])
        empty = [lane for lane in self._ready() if not lane.left]
        if empty:
            with self._desk.store.reading() as session:
                for lane in empty:
                    lane.look_up(session, now=self._desk.now(), until=self._until, notice_ids=self._notice_ids)
        for lane in list(self._lanes.values()):
            if lane.is_free and (lane.rests_until or self._until) > self._until:
                lane.courier.inbox.put(None)
                del self._lanes[lane.courier]

    def _keep(self, ready: Sequence[Lane]) -> None:
        """Keep all answers and claim the next delivery of these lanes, together, and hand out what was claimed."""
        if not self._settled and not ready:
            return
        picked = self._written(ready)
        self.counts.update(settled.state for settled in self._settled)
        self._settled = []
        for each in picked:
            self.counts.update([DeliveryState.FAILED] * each.refused)
            each.lane.hand_out(each.held, each.left, base_url=self._desk.settings.base_url)

    def _written(self, ready: Sequence[Lane]) -> list[Picked]:
        """Write it, again and again while the store is away for a moment: an answer that is not kept is unknown."""
        for seconds in STORE_WAITS:
            try:
                return self._write(ready)
            except StoreUnavailable:
                log.warning("The store is away; %d answers are kept when it is back", len(self._settled))
                time.sleep(seconds)
        return self._write(ready)

    def _write(self, ready: Sequence[Lane]) -> list[Picked]:
        now = self._desk.now()
        with self._desk.store.writing() as session:
            for settled in self._settled:
                settled.keep(session, now=now)
            return pick(session, ready, now=now)
