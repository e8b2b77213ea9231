"""What is due is sent once and settled, whoever is slow, away, stopped or at work on the same."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from builders.delivered import (
    ACCEPTED,
    ADA,
    AWAY,
    BUSY,
    LOST,
    MANY,
    REFUSED,
    TEAM,
    Kept,
    Ways,
    a_ledger_with_mail,
    one_after_another,
)
from builders.saved import NOW, later
from interact.errors import StoreUnavailable
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer, Envelope, Sender
from interact.notices.states import DeliveryState
from interact.runs import deliver as delivering
from interact.runs.deliver import deliver
from interact.runs.desk import Desk
from interact.store import channels, incidents, ledger
from interact.store.sessions import Session, Store

DELIVERED, FAILED, UNKNOWN = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNKNOWN
PENDING, SENDING = DeliveryState.PENDING, DeliveryState.SENDING


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Kept:
    return a_ledger_with_mail(store, tmp_path)


def test_all_that_is_due_goes_out_once_and_is_settled(kept: Kept) -> None:
    first = kept.tell({"mail": MANY, "board": ("",)})
    second = kept.tell({"mail": (TEAM,), "board": ("",)}, occasion="run_2:completed", subject="No change")
    ways = Ways()
    sent = deliver(kept.desk, ways.open)
    assert (sent.counts, sent.lost, sent.away) == ({DELIVERED: 28}, 0, {})
    assert sorted(ways.recipients) == sorted((*MANY, TEAM, "", ""))
    assert sorted(ways.opened) == ["board", "mail"]
    (board,) = (each for each in kept.deliveries(first) if each.channel_key == "board")
    assert (board.state, board.told, board.reference) == (DELIVERED, "250 Ok: queued as 1", "1")
    assert (board.tries, board.delivered_at, board.next_at) == (1, NOW, None)
    assert set(kept.states(second).values()) == {DELIVERED}
    assert deliver(kept.desk, ways.open).counts == {}
    assert len(ways.sent) == 28


def test_an_envelope_holds_what_was_kept_and_the_public_address(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM,)}, subject="Kept as it was made")
    ways = Ways()
    deliver(kept.desk, ways.open)
    ((_, envelope),) = ways.sent
    assert (envelope.notice.subject, envelope.recipient) == ("Kept as it was made", TEAM)
    assert envelope.base_url == "https://airflow.example.com"
    assert [envelope.delivery_id] == [each.delivery_id for each in kept.deliveries(notice_id)]


def test_only_the_notices_that_are_named_are_sent(kept: Kept) -> None:
    first = kept.tell({"mail": (TEAM,)})
    second = kept.tell({"mail": (ADA,)}, occasion="run_2:completed")
    deliver(kept.desk, Ways().open, notice_ids=[second])
    assert (kept.states(first), kept.states(second)) == ({TEAM: PENDING}, {ADA: DELIVERED})
    assert deliver(kept.desk, Ways().open, notice_ids=[]).counts == {}


def by_the_clock(kept: Kept) -> Desk:
    """The same ledger, and from now on the time that it really is."""
    kept.at(datetime.now(UTC))
    return Desk(kept.desk.store, kept.desk.files, kept.desk.settings)


def test_a_short_wait_is_waited_for_and_holds_the_channel_only(kept: Kept) -> None:
    desk = by_the_clock(kept)
    notice_id = kept.tell({"board": ("",), "mail": MANY[:3]})
    second = kept.tell({"board": ("",)}, occasion="run_2:completed")
    ways = Ways({"board": one_after_another(replace(BUSY, retry_after_seconds=1), ACCEPTED)})
    began = time.monotonic()
    sent = deliver(desk, ways.open, patience_seconds=30)
    assert 1 <= time.monotonic() - began < 10
    assert sent.counts == {PENDING: 1, DELIVERED: 5}
    assert set(kept.states(notice_id, second).values()) == {DELIVERED}
    assert [key for key, _ in ways.sent].count("board") == 3


def test_a_wait_beyond_the_patience_is_left_to_the_next_pass(kept: Kept) -> None:
    desk = by_the_clock(kept)
    kept.tell({"board": ("",)})
    kept.tell({"board": ("",)}, occasion="run_2:completed")
    ways = Ways({"board": one_after_another(replace(BUSY, retry_after_seconds=60))})
    sent = deliver(desk, ways.open, patience_seconds=5)
    assert (sent.counts, len(ways.sent)) == ({PENDING: 1}, 1)


def test_a_pass_names_what_was_away_and_what_answered(kept: Kept) -> None:
    kept.channel("hook", type="webhook", connection="pager", recipients=[])
    kept.channel("team", type="teams", connection="teams_board", recipients=[])
    kept.tell({"mail": (TEAM, ADA), "hook": ("",), "team": ("",)})
    ways = Ways({"mail": one_after_another(REFUSED, AWAY), "hook": one_after_another(LOST)})
    sent = deliver(kept.desk, ways.open)
    assert sent.away == {(kept.organisation_id, "mail"): AWAY.told}
    assert sent.reached == {(kept.organisation_id, "teams_board")}


def test_a_test_message_that_nobody_takes_makes_no_outage(kept: Kept) -> None:
    kept.tell({"mail": (TEAM,), "board": ("",)}, kind="test")
    sent = deliver(kept.desk, Ways({"mail": one_after_another(AWAY)}).open)
    assert (sent.away, sent.reached) == ({}, {(kept.organisation_id, "board")})


def test_a_channel_that_hangs_keeps_no_other_waiting(kept: Kept) -> None:
    notice_id = kept.tell({"board": ("",), "mail": MANY})
    others_done, waited = threading.Event(), []

    def hang(_: Envelope) -> Answer:
        waited.append(others_done.wait(30))
        return ACCEPTED

    def accept(envelope: Envelope) -> Answer:
        if envelope.recipient == last:
            others_done.set()
        return ACCEPTED

    due = sorted(each.delivery_id for each in kept.deliveries(notice_id) if each.channel_key == "mail")
    last = next(each.recipient for each in kept.deliveries(notice_id) if each.delivery_id == due[-1])
    deliver(kept.desk, Ways({"board": hang, "mail": accept}).open)
    assert waited == [True]
    assert set(kept.states(notice_id).values()) == {DELIVERED}


def test_at_most_eight_channels_are_open_at_once_and_all_get_their_turn(kept: Kept) -> None:
    keys = [f"room{number}" for number in range(20)]
    kept.tell(dict.fromkeys(keys, ("",)))
    open_now, most, lock = 0, 0, threading.Lock()

    @contextmanager
    def opening(channel: StoredChannel) -> Iterator[Sender]:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.005)
        with ways.open(channel) as sender:
            yield sender
        with lock:
            open_now -= 1

    ways = Ways()
    assert deliver(kept.desk, opening).counts == {DELIVERED: 20}
    assert (sorted(ways.opened), most) == (sorted(keys), 8)


def test_a_channel_that_was_deleted_meanwhile_fails_with_that_reason(kept: Kept) -> None:
    notice_id = kept.tell({"board": ("",), "mail": (TEAM,)})
    with kept.desk.store.writing() as session:
        board = channels.by_key(session, kept.organisation_id, "board")
        assert board is not None
        channels.delete(session, board)
    assert deliver(kept.desk, Ways().open).counts == {DELIVERED: 1}
    (gone,) = (each for each in kept.deliveries(notice_id) if each.channel_key == "board")
    assert (gone.state, gone.tries) == (FAILED, 0)
    assert gone.told == (
        "Its channel 'board' was deleted before this was sent. Give the job another one for what is said from now on."
    )


def test_stopped_it_keeps_what_is_out_and_leaves_the_rest(kept: Kept) -> None:
    notice_id = kept.tell({"mail": MANY})
    ways = Ways()
    deliver(kept.desk, ways.open, stop=lambda: len(ways.sent) >= 3)
    states = list(kept.states(notice_id).values())
    assert states.count(DELIVERED) == len(ways.sent) >= 3
    assert states.count(PENDING) == 25 - len(ways.sent) > 0


def test_interrupted_it_keeps_the_answers_that_still_come(kept: Kept) -> None:
    notice_id = kept.tell({"mail": MANY, "board": ("",)})
    is_out = threading.Event()

    def slow(_: Envelope) -> Answer:
        is_out.set()
        time.sleep(0.2)
        return ACCEPTED

    def interrupt() -> bool:
        if is_out.is_set():
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        deliver(kept.desk, Ways({"board": slow}).open, stop=interrupt)
    states = kept.states(notice_id)
    assert states["board"] is DELIVERED
    assert SENDING not in states.values()


class Shaky(Store):
    """The store behind another one's URL, that is away at some of the times at which it is written."""

    def __init__(self, store: Store, away_at: range) -> None:
        super().__init__(store.url)
        self._away_at, self._writes = away_at, count()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            yield session
            if next(self._writes) in self._away_at:
                raise StoreUnavailable("The store is on a disk that is full.")


def shaky(kept: Kept, away_at: range) -> Desk:
    """The same ledger on a store that is away now and then."""
    return replace(kept.desk, store=Shaky(kept.desk.store, away_at))


def test_an_answer_outlives_a_store_that_is_away_for_a_moment(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "STORE_WAITS", (0.0, 0.0, 0.0))
    notice_id = kept.tell({"mail": MANY[:3]})
    ways, desk = Ways(), shaky(kept, range(2, 5))
    assert deliver(desk, ways.open).counts == {DELIVERED: 3}
    assert set(kept.states(notice_id).values()) == {DELIVERED}
    assert len(ways.sent) == 3
    desk.store.rest()


def test_without_the_store_nothing_more_is_sent_and_what_is_out_becomes_unknown(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "STORE_WAITS", (0.0,))
    notice_id = kept.tell({"mail": MANY[:3]})
    ways, desk = Ways(), shaky(kept, range(2, 99))
    with pytest.raises(StoreUnavailable, match="full"):
        deliver(desk, ways.open)
    desk.store.rest()
    assert sorted(kept.states(notice_id).values()) == [PENDING, PENDING, SENDING]
    kept.at(later(minutes=11))
    assert deliver(kept.desk, ways.open).lost == 1
    assert sorted(kept.states(notice_id).values()) == [DELIVERED, DELIVERED, UNKNOWN]
    assert len(ways.sent) == len(set(ways.recipients)) == 3


def claimed(kept: Kept, notice_id: str) -> str:
    """Let somebody claim the one delivery of a notice, and return its id."""
    (delivery,) = kept.deliveries(notice_id)
    with kept.desk.store.writing() as session:
        assert ledger.claim(session, [delivery.delivery_id], claim="theirs", now=kept.desk.now())
    return delivery.delivery_id


def test_what_a_dead_process_was_sending_is_unknown_after_the_lease_and_not_before(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM,)})
    claimed(kept, notice_id)
    ways = Ways()
    kept.at(later(minutes=10))
    assert (deliver(kept.desk, ways.open).lost, kept.states(notice_id)) == (0, {TEAM: SENDING})
    kept.at(later(minutes=10, seconds=1))
    assert (deliver(kept.desk, ways.open).lost, kept.states(notice_id)) == (1, {TEAM: UNKNOWN})
    assert kept.deliveries(notice_id)[0].told == (
        "The process that sent it died before the answer came; it may have arrived."
    )
    assert ways.sent == []


def test_two_at_once_send_each_delivery_once(kept: Kept) -> None:
    notice_ids = [kept.tell({"mail": MANY, "board": ("",)}, occasion=f"run_{run}:completed") for run in range(3)]
    ways = Ways({"mail": lambda _: ACCEPTED if time.sleep(0.001) is None else BUSY})
    with ThreadPoolExecutor(3) as pool:
        asked = (None, None, notice_ids[:2])
        passes = [pool.submit(deliver, kept.desk, ways.open, notice_ids=ids) for ids in asked]
        sent = [each.result() for each in passes]
    assert sum(each.counts[DELIVERED] for each in sent) == len(ways.sent) == 78
    assert len({envelope.delivery_id for _, envelope in ways.sent}) == 78
    assert {each.tries for each in kept.deliveries(*notice_ids)} == {1}


def test_a_late_answer_of_a_slow_process_still_counts(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM,)})

    def slow(_: Envelope) -> Answer:
        kept.at(later(minutes=11))
        assert deliver(kept.desk, Ways().open).lost == 1
        assert kept.states(notice_id) == {TEAM: UNKNOWN}
        return ACCEPTED

    deliver(kept.desk, Ways({"mail": slow}).open)
    assert kept.states(notice_id) == {TEAM: DELIVERED}


def test_what_servers_did_reaches_the_incidents(kept: Kept) -> None:
    kept.tell({"mail": (TEAM,)})
    deliver(kept.desk, Ways({"mail": one_after_another(AWAY)}).open)
    with kept.desk.store.reading() as session:
        (incident,) = incidents.still_open(session)
    assert (incident.organisation_id, incident.told) == (kept.organisation_id, AWAY.told)
    kept.at(later(minutes=2))
    deliver(kept.desk, Ways().open)
    with kept.desk.store.reading() as session:
        assert incidents.still_open(session) == []
