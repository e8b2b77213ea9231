"""What became of the notices of runs, beside each run."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from builders.counting import counted
from builders.noticed import a_notice
from builders.saved import NOW, a_channel, accept, later, save_job
from interact.notices.sending import Answer, Outcome
from interact.notices.states import DeliveryState
from interact.store import channels, ledger, run_deliveries
from interact.store.ledger import Addressee, NewNotice
from interact.store.run_deliveries import Standing
from interact.store.sessions import Store

BUSY = Answer(Outcome.NOT_NOW, "451 Greylisted")
ANSWERS = {
    DeliveryState.DELIVERED: Answer(Outcome.DELIVERED, "250 Ok", "4TbX"),
    DeliveryState.FAILED: Answer(Outcome.REFUSED, "550 No such user"),
    DeliveryState.UNKNOWN: Answer(Outcome.UNKNOWN, "The answer was lost."),
    DeliveryState.PENDING: BUSY,
}


def tell(session: Session, run_id: str, to: dict[str, DeliveryState], occasion: str = "completed") -> None:
    """Keep a notice of a run, and bring its deliveries into these states, an hour after NOW."""
    organisation_id, channel_id = _channel(session)
    addressees = [
        Addressee(channel_id, "mail", "email", each, held="It hears failures." if state is DeliveryState.HELD else None)
        for each, state in to.items()
    ]
    new = NewNotice(f"{run_id}:{occasion}", organisation_id, a_notice(subject=occasion), run_id=run_id)
    notice_id = ledger.keep(session, new, addressees, now=NOW)
    for each in ledger.deliveries(session, [notice_id]):
        answer = ANSWERS.get(to[each.recipient])
        if answer is not None:
            ledger.claim(session, [each.delivery_id], claim=each.delivery_id, now=later(hours=1))
            again = later(hours=2) if answer is BUSY else None
            ledger.settle(session, each.delivery_id, answer, claim=each.delivery_id, again_at=again, now=later(hours=1))


def _channel(session: Session) -> tuple[str, str]:
    channel, _ = channels.save(session, a_channel(name="Team mail"), now=NOW)
    return channel.organisation_id, channel.channel_id


@pytest.fixture
def run_ids(store: Store) -> list[str]:
    """Return three runs of one job."""
    with store.writing() as session:
        job = save_job(session)
        return [accept(session, job)[0].run_id for _ in range(3)]


def test_each_run_has_its_counts_and_its_next_try(store: Store, run_ids: list[str]) -> None:
    first, second, third = run_ids
    with store.writing() as session:
        tell(session, first, {"a@b.c": DeliveryState.DELIVERED, "d@b.c": DeliveryState.PENDING})
        tell(session, first, {"a@b.c": DeliveryState.DELIVERED}, "market=NL")
        tell(session, second, {"a@b.c": DeliveryState.HELD, "d@b.c": DeliveryState.FAILED})
        found = run_deliveries.of_runs(session, run_ids)
    assert found == {
        first: Standing({DeliveryState.DELIVERED: 2, DeliveryState.PENDING: 1}, later(hours=2)),
        second: Standing({DeliveryState.HELD: 1, DeliveryState.FAILED: 1}, None),
    }
    assert third not in found


def test_many_runs_are_one_question_to_the_store(store: Store, run_ids: list[str]) -> None:
    with store.writing() as session:
        for run_id in run_ids:
            tell(session, run_id, {f"{number}@b.c": DeliveryState.DELIVERED for number in range(20)})
    with store.reading() as session, counted(store) as statements:
        run_deliveries.of_runs(session, run_ids)
    assert len(statements) == 1


def test_what_went_wrong_comes_first(store: Store, run_ids: list[str]) -> None:
    states = [DeliveryState.DELIVERED, DeliveryState.UNKNOWN, DeliveryState.HELD, DeliveryState.FAILED]
    with store.writing() as session:
        tell(session, run_ids[0], {f"{number}@b.c": state for number, state in enumerate(states)})
        found = run_deliveries.of_run(session, run_ids[0], limit=3)
    assert [(line.recipient, line.state) for line in found] == [
        ("3@b.c", DeliveryState.FAILED),
        ("1@b.c", DeliveryState.UNKNOWN),
        ("2@b.c", DeliveryState.HELD),
    ]
    assert (found[0].subject, found[0].channel, found[0].told) == ("completed", "Team mail", "550 No such user")
    assert found[2].told == "It hears failures."


def test_a_channel_that_was_deleted_is_called_by_its_key(store: Store, run_ids: list[str]) -> None:
    with store.writing() as session:
        tell(session, run_ids[0], {"a@b.c": DeliveryState.DELIVERED})
        organisation_id, _ = _channel(session)
        channel = channels.by_key(session, organisation_id, "mail")
        assert channel is not None
        channels.delete(session, channel)
        [line] = run_deliveries.of_run(session, run_ids[0], limit=10)
    assert (line.channel, line.delivered_at) == ("mail", later(hours=1))


def test_what_is_sent_again_has_stood_so_since_the_page_was_seen(store: Store, run_ids: list[str]) -> None:
    with store.writing() as session:
        tell(session, run_ids[0], {"a@b.c": DeliveryState.FAILED, "d@b.c": DeliveryState.DELIVERED})
        tell(session, run_ids[1], {"a@b.c": DeliveryState.FAILED})
        seen = later(hours=1)
        found = run_deliveries.ids_of_run(session, run_ids[0], DeliveryState.FAILED, until=seen)
        earlier = seen - timedelta(seconds=1)
        assert run_deliveries.ids_of_run(session, run_ids[0], DeliveryState.FAILED, until=earlier) == []
        assert run_deliveries.ids_of_run(session, run_ids[0], DeliveryState.UNKNOWN, until=seen) == []
    assert len(found) == 1
