"""What is due is sent once and settled; what goes wrong with one channel or one file harms no other."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update

from builders.delivered import ACCEPTED, AWAY, BUSY, LOST, REFUSED, Kept, Reply, Ways, a_ledger
from builders.noticed import a_notice
from builders.saved import NOW, later
from interact.errors import StoreUnavailable
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer, Envelope, Sender
from interact.notices.states import DeliveryState
from interact.runs import deliver as delivering
from interact.runs.deliver import deliver
from interact.runs.desk import Desk
from interact.runs.resend import resend
from interact.store import channels, incidents, ledger
from interact.store.notice_tables import NoticeRow
from interact.store.sessions import Session, Store

TEAM, ADA, BEN = "team@example.com", "ada@example.com", "ben@example.com"
MANY = tuple(f"reader{number}@example.com" for number in range(25))
DELIVERED, FAILED, UNKNOWN = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNKNOWN
PENDING, SENDING, HELD = DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.HELD


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Kept:
    ours = a_ledger(store, tmp_path)
    ours.channel("mail")
    return ours


def one_after_another(*answers: Answer) -> Reply:
    """Answer each time with the next of these, and from then on with the last."""
    numbers = count()
    return lambda _: answers[min(next(numbers), len(answers) - 1)]


def to(answers: dict[str, Answer]) -> Reply:
    """Answer by the recipient; whoever is not named accepts."""
    return lambda envelope: answers.get(envelope.recipient, ACCEPTED)


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


def test_each_answer_has_its_state(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM, ADA, BEN, MANY[0])})
    ways = Ways({"mail": to({TEAM: REFUSED, ADA: LOST, BEN: BUSY})})
    sent = deliver(kept.desk, ways.open, chance=lambda: 0.5)
    assert sent.counts == {FAILED: 1, UNKNOWN: 1, PENDING: 1, DELIVERED: 1}
    found = {each.recipient: (each.state, each.told, each.next_at) for each in kept.deliveries(notice_id)}
    assert found == {
        TEAM: (FAILED, REFUSED.told, None),
        ADA: (UNKNOWN, LOST.told, None),
        BEN: (PENDING, BUSY.told, later(minutes=1)),
        MANY[0]: (DELIVERED, ACCEPTED.told, None),
    }


def test_what_is_unknown_or_refused_is_never_repeated_by_itself(kept: Kept) -> None:
    kept.tell({"mail": (TEAM, ADA)})
    ways = Ways({"mail": to({TEAM: REFUSED, ADA: LOST})})
    for days in range(4):
        kept.at(later(days=days))
        deliver(kept.desk, ways.open)
    assert sorted(ways.recipients) == [ADA, TEAM]


def test_a_busy_server_is_tried_at_growing_distances_and_given_up_after_a_day(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM,)})
    ways, tried_at = Ways({"mail": one_after_another(BUSY)}), []
    while (at := kept.deliveries(notice_id)[0].next_at) is not None:
        kept.at(at)
        tried_at.append((at - NOW) / timedelta(minutes=1))
        deliver(kept.desk, ways.open, chance=lambda: 0.5)
    assert tried_at == [0, 1, 6, 21, 81, 261, 441, 621, 801, 981, 1161, 1341, 1440]
    (given_up,) = kept.deliveries(notice_id)
    assert (given_up.state, given_up.tries) == (FAILED, 13)
    assert given_up.told == (
        "It was not accepted within 24 hours, and nobody tries any more. The last answer: 450 try later"
    )


def test_nobody_is_asked_before_the_time_that_the_server_named(kept: Kept) -> None:
    notice_id = kept.tell({"board": ("",)})
    ways = Ways({"board": one_after_another(replace(BUSY, retry_after_seconds=900), ACCEPTED)})
    deliver(kept.desk, ways.open)
    kept.at(later(minutes=14))
    assert deliver(kept.desk, ways.open).counts == {}
    kept.at(later(minutes=15))
    assert deliver(kept.desk, ways.open).counts == {DELIVERED: 1}
    assert kept.deliveries(notice_id)[0].tries == 2


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


def test_a_server_that_is_away_is_asked_once_and_the_others_keep_their_turn(kept: Kept) -> None:
    notice_id = kept.tell({"mail": MANY, "board": ("",)})
    ways = Ways({"mail": one_after_another(AWAY)})
    sent = deliver(kept.desk, ways.open)
    door = (kept.organisation_id, "mail")
    assert (sent.counts, sent.away) == ({PENDING: 1, DELIVERED: 1}, {door: AWAY.told})
    found = [each for each in kept.deliveries(notice_id) if each.channel_key == "mail"]
    assert sorted(each.tries for each in found) == [0] * 24 + [1]
    assert [each.next_at for each in found if not each.tries] == [NOW] * 24
    assert deliver(kept.desk, Ways().open, notice_ids=[notice_id]).counts == {DELIVERED: 24}
    kept.at(later(minutes=2))
    assert deliver(kept.desk, Ways().open, notice_ids=[notice_id]).counts == {DELIVERED: 1}


def test_what_waits_for_a_day_behind_a_server_that_is_away_fails_together(kept: Kept) -> None:
    old = kept.tell({"mail": MANY})
    kept.at(later(hours=12))
    young = kept.tell({"mail": (TEAM,)}, occasion="run_2:completed")
    kept.at(later(hours=24))
    sent = deliver(kept.desk, Ways({"mail": one_after_another(AWAY)}).open)
    assert sent.counts == {FAILED: 1}
    assert {(each.state, each.told) for each in kept.deliveries(old)} == {
        (FAILED, "It was not accepted within 24 hours, and nobody tries any more. The last answer: Connection refused.")
    }
    assert kept.states(young) == {TEAM: PENDING}


def test_a_pass_names_what_was_away_and_what_answered(kept: Kept) -> None:
    kept.channel("hook", type="webhook", connection="pager", recipients=[])
    kept.channel("team", type="teams", connection="teams_board", recipients=[])
    kept.tell({"mail": (TEAM, ADA), "hook": ("",), "team": ("",)})
    ways = Ways({"mail": one_after_another(REFUSED, AWAY), "hook": one_after_another(LOST)})
    sent = deliver(kept.desk, ways.open)
    assert sent.away == {(kept.organisation_id, "mail"): AWAY.told}
    assert sent.reached == {(kept.organisation_id, "teams_board")}


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


def test_a_notice_that_cannot_be_read_fails_and_the_others_go(kept: Kept) -> None:
    broken = kept.tell({"mail": (TEAM,)})
    whole = kept.tell({"mail": (ADA,)}, occasion="run_2:completed")
    with kept.desk.store.writing() as session:
        session.execute(update(NoticeRow).where(NoticeRow.id == broken).values(content={"subject": "of version 9"}))
    assert deliver(kept.desk, Ways().open).counts == {DELIVERED: 1, FAILED: 1}
    assert kept.states(whole) == {ADA: DELIVERED}
    assert kept.deliveries(broken)[0].told == (
        "What it says was written by another version of this program and cannot be read. Run the job again."
    )


def test_files_go_along_and_one_that_is_gone_is_named(kept: Kept) -> None:
    pdf, chart = kept.desk.files.put(b"%PDF", ".pdf"), kept.desk.files.put(b"PNG", ".png")
    attached = {"name": "report.pdf", "sha256": pdf, "bytes": 4}
    picture = {"width": 2, "height": 1, "alt": "Spend"}
    notice_id = kept.tell(
        {"mail": (TEAM,)},
        files=[attached, attached | {"name": "lost.pdf", "sha256": "ab" * 32}],
        chart=picture | {"sha256": chart},
    )
    without = kept.tell({"mail": (ADA,)}, occasion="run_2:completed", chart=picture | {"sha256": "cd" * 32})
    read: dict[str, list[bytes]] = {}

    def reading(envelope: Envelope) -> Answer:
        notice = envelope.notice
        named = [file.sha256 for file in notice.files] + ([notice.chart.sha256] if notice.chart else [])
        read[envelope.recipient] = [envelope.read(sha256) for sha256 in named]
        return ACCEPTED

    deliver(kept.desk, Ways({"mail": reading}).open)
    assert read == {TEAM: [b"%PDF", b"PNG"], ADA: []}
    assert [each.told for each in kept.deliveries(notice_id, without)] == [
        "250 Ok: queued as 1 Without its chart: The kept file 'cdcdcdcdcdcd….png' is missing. "
        "Restore it, or check INTERACT_FILES_URL.",
        "250 Ok: queued as 1 Without 'lost.pdf': The kept file 'abababababab….pdf' is missing. "
        "Restore it, or check INTERACT_FILES_URL.",
    ]


def test_a_fault_while_one_is_sent_is_unknown_and_tells_no_secret(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    notice_id = kept.tell({"mail": (TEAM, ADA)})

    def faulty(envelope: Envelope) -> Answer:
        if envelope.recipient == TEAM:
            raise RuntimeError("https://hooks.example.com/s3cret")
        return ACCEPTED

    assert deliver(kept.desk, Ways({"mail": faulty}).open).counts == {UNKNOWN: 1, DELIVERED: 1}
    (told,) = (each.told for each in kept.deliveries(notice_id) if each.recipient == TEAM)
    assert told == (
        "Sending stopped at a fault of its own (RuntimeError); the log of this task says where. It may have arrived."
    )
    assert "in faulty" in caplog.text
    assert "s3cret" not in caplog.text + told


def test_a_channel_that_cannot_be_opened_is_away_and_the_others_go(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM, ADA), "board": ("",)})
    ways = Ways()

    @contextmanager
    def opening(channel: StoredChannel) -> Iterator[Sender]:
        if channel.definition.key == "mail":
            raise RuntimeError("s3cret")
        with ways.open(channel) as sender:
            yield sender

    sent = deliver(kept.desk, opening)
    assert sent.counts == {PENDING: 1, DELIVERED: 1}
    assert sent.away == {
        (kept.organisation_id, "mail"): (
            "Sending stopped at a fault of its own (RuntimeError); the log of this task says where."
        )
    }
    assert kept.states(notice_id) == {TEAM: PENDING, ADA: PENDING, "board": DELIVERED}


def test_a_fault_while_a_channel_is_closed_changes_nothing(kept: Kept) -> None:
    kept.tell({"mail": (TEAM,)})
    ways = Ways()

    @contextmanager
    def closing_badly(channel: StoredChannel) -> Iterator[Sender]:
        with ways.open(channel) as sender:
            yield sender
        raise ConnectionResetError

    assert deliver(kept.desk, closing_badly).counts == {DELIVERED: 1}


def test_mail_does_not_leave_the_domains_that_are_allowed_now(store: Store, tmp_path: Path) -> None:
    ours = a_ledger(store, tmp_path, notices={"recipient_domains": ["example.com"]})
    ours.channel("mail", recipients=[TEAM])
    notice_id = ours.tell({"mail": (TEAM, "eve@elsewhere.com")})
    ways = Ways()
    assert deliver(ours.desk, ways.open).counts == {DELIVERED: 1, FAILED: 1}
    assert ways.recipients == [TEAM]
    assert ours.states(notice_id) == {TEAM: DELIVERED, "eve@elsewhere.com": FAILED}


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


def ids(kept: Kept, *notice_ids: str) -> list[str]:
    return [each.delivery_id for each in kept.deliveries(*notice_ids)]


def test_a_person_resends_what_did_not_arrive_and_never_what_did(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM, ADA, BEN)}, subject="Kept as it was made")
    deliver(kept.desk, Ways({"mail": to({TEAM: REFUSED, ADA: LOST})}).open)
    kept.at(later(days=3))
    assert resend(kept.desk, ids(kept, notice_id), "user:ada") == 2
    assert resend(kept.desk, ids(kept, notice_id), "user:ada") == 0
    ways = Ways()
    assert deliver(kept.desk, ways.open).counts == {DELIVERED: 2}
    assert resend(kept.desk, ids(kept, notice_id), "user:ada") == 0
    assert sorted(ways.recipients) == [ADA, TEAM]
    assert {envelope.notice.subject for _, envelope in ways.sent} == {"Kept as it was made"}
    assert {each.recipient: each.resent_by for each in kept.deliveries(notice_id)} == {
        TEAM: "user:ada",
        ADA: "user:ada",
        BEN: None,
    }


def test_what_is_resent_after_days_is_tried_for_a_while(kept: Kept) -> None:
    notice_id = kept.tell({"mail": (TEAM,)})
    deliver(kept.desk, Ways({"mail": one_after_another(REFUSED)}).open)
    kept.at(later(days=3))
    resend(kept.desk, ids(kept, notice_id), "user:ada")
    tried_at = []
    while (at := kept.deliveries(notice_id)[0].next_at) is not None:
        kept.at(at)
        tried_at.append((at - later(days=3)) / timedelta(minutes=1))
        deliver(kept.desk, Ways({"mail": one_after_another(BUSY)}).open, chance=lambda: 0.5)
    assert tried_at == [0, 1, 6, 21, 81]
    assert kept.states(notice_id) == {TEAM: FAILED}


def hold(kept: Kept, channel: StoredChannel | None, recipient: str = "") -> str:
    """Keep a notice that is held for a channel as a whole, or for want of one."""
    named = (channel.channel_id, channel.definition.key, channel.definition.type) if channel else ("", "", "email")
    new = ledger.NewNotice("run_9:completed", kept.organisation_id, a_notice())
    with kept.desk.store.writing() as session:
        held = ledger.Addressee(*named, recipient, held="hears only failures")
        return ledger.keep(session, new, [held], now=kept.desk.now())


def test_what_was_held_for_a_channel_goes_to_each_of_its_recipients_when_a_person_says_so(kept: Kept) -> None:
    notice_id = hold(kept, kept.channel("mail", recipients=[TEAM, ADA]))
    held = ids(kept, notice_id)
    assert deliver(kept.desk, Ways().open).counts == {}
    assert resend(kept.desk, held, "user:ada") == 2
    assert resend(kept.desk, held, "user:ada") == 0
    assert {(each.recipient, each.state, each.resent_by) for each in kept.deliveries(notice_id)} == {
        (TEAM, PENDING, "user:ada"),
        (ADA, PENDING, "user:ada"),
    }
    assert deliver(kept.desk, Ways().open).counts == {DELIVERED: 2}


def test_what_was_held_for_want_of_a_channel_goes_by_one_that_was_made_since(store: Store, tmp_path: Path) -> None:
    ours = a_ledger(store, tmp_path)
    notice_id = hold(ours, None, ADA)
    ours.channel("board", type="slack", recipients=[])
    assert resend(ours.desk, ids(ours, notice_id), "user:ada") == 1
    assert deliver(ours.desk, Ways().open).counts == {}
    assert ours.deliveries(notice_id)[0].told == (
        "There is no channel to send it by. Give the job another one for what is said from now on."
    )
    ours.channel("mail")
    assert resend(ours.desk, ids(ours, notice_id), "user:ada") == 1
    assert deliver(ours.desk, Ways().open).counts == {DELIVERED: 1}
    assert [(each.channel_key, each.recipient) for each in ours.deliveries(notice_id)] == [("mail", ADA)]


def test_what_was_held_for_the_one_room_of_a_channel_goes_there(kept: Kept) -> None:
    notice_id = hold(kept, kept.channel("board", type="teams", recipients=[]))
    assert resend(kept.desk, ids(kept, notice_id), "user:ada") == 1
    assert deliver(kept.desk, Ways().open).counts == {DELIVERED: 1}


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
