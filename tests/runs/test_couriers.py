"""What goes wrong with one channel, one message or one file harms no other, and tells no secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builders.delivered import ACCEPTED, ADA, TEAM, Kept, Ways, a_ledger_with_mail
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notices.states import DeliveryState
from interact.runs.deliver import deliver
from interact.store.sessions import Store

DELIVERED, UNKNOWN, PENDING = DeliveryState.DELIVERED, DeliveryState.UNKNOWN, DeliveryState.PENDING


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Kept:
    return a_ledger_with_mail(store, tmp_path)


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


def test_of_a_server_that_is_away_no_name_of_a_file_is_told(kept: Kept) -> None:
    lost = {"name": "takeover-of-acme.pdf", "sha256": "ab" * 32, "bytes": 4}
    notice_id = kept.tell({"mail": (TEAM,)}, files=[lost])
    deliver(kept.desk, Ways({"mail": lambda _: Answer(Outcome.NOT_NOW, "Nothing listens there.", is_away=True)}).open)
    assert [each.told for each in kept.deliveries(notice_id)] == ["Nothing listens there."]


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
