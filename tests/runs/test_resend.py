"""A person sends again what did not arrive, or was not to be sent, and never what arrived."""

from datetime import timedelta
from pathlib import Path

import pytest

from builders.delivered import (
    ADA,
    BEN,
    BUSY,
    LOST,
    REFUSED,
    TEAM,
    Kept,
    Ways,
    a_ledger,
    a_ledger_with_mail,
    one_after_another,
    to,
)
from builders.noticed import a_notice
from builders.saved import later
from interact.jobs.stored import StoredChannel
from interact.notices.states import DeliveryState
from interact.runs import resend as resending
from interact.runs.deliver import deliver
from interact.runs.desk import Desk
from interact.store import ledger
from interact.store.sessions import Store

DELIVERED, FAILED, PENDING = DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.PENDING


def resend(desk: Desk, delivery_ids: list[str], by: str) -> int:
    """Ask for it in a transaction of its own."""
    with desk.store.writing() as session:
        return resending.resend(session, delivery_ids, by=by, now=desk.now())


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Kept:
    return a_ledger_with_mail(store, tmp_path)


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
