"""Each answer has its state; what was not accepted is tried again, and given up in the end."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from builders.delivered import (
    ACCEPTED,
    ADA,
    AWAY,
    BEN,
    BUSY,
    LOST,
    MANY,
    REFUSED,
    TEAM,
    Kept,
    Ways,
    a_ledger,
    a_ledger_with_mail,
    one_after_another,
    to,
)
from builders.saved import NOW, later
from interact.notices.states import DeliveryState
from interact.runs.deliver import deliver
from interact.store.notice_tables import NoticeRow
from interact.store.sessions import Store

DELIVERED, FAILED, UNKNOWN = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNKNOWN
PENDING = DeliveryState.PENDING


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Kept:
    return a_ledger_with_mail(store, tmp_path)


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


def test_mail_does_not_leave_the_domains_that_are_allowed_now(store: Store, tmp_path: Path) -> None:
    ours = a_ledger(store, tmp_path, notices={"recipient_domains": ["example.com"]})
    ours.channel("mail", recipients=[TEAM])
    notice_id = ours.tell({"mail": (TEAM, "eve@elsewhere.com")})
    ways = Ways()
    assert deliver(ours.desk, ways.open).counts == {DELIVERED: 1, FAILED: 1}
    assert ways.recipients == [TEAM]
    assert ours.states(notice_id) == {TEAM: DELIVERED, "eve@elsewhere.com": FAILED}
