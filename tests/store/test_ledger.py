"""The ledger: one row for each notice, channel and recipient, and nothing sent twice without a person's word."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import update

from builders.noticed import a_notice
from builders.saved import NOW, accept, an_organisation, later, save_job
from builders.stores import emptied
from interact.notices.sending import Answer, Outcome
from interact.notices.states import DeliveryState
from interact.store import ledger, organisations
from interact.store.ledger import Addressee, Delivery, NewNotice
from interact.store.notice_tables import NoticeRow
from interact.store.sessions import Session, Store

TEAM, ADA, BEN = "team@example.com", "ada@example.com", "ben@example.com"
OK = Answer(Outcome.DELIVERED, "250 Ok", "4XQ1")
LOST = "The process died."


def to(*recipients: str, channel: str = "mail", held: str | None = None) -> list[Addressee]:
    return [Addressee(f"channel_{channel}", channel, "email", each, held) for each in recipients]


def a_new(session: Session, occasion: str = "run_1:completed", **changes: object) -> NewNotice:
    organisation, _ = organisations.save(session, an_organisation(), now=NOW)
    return replace(NewNotice(occasion, organisation.organisation_id, a_notice()), **changes)  # type: ignore[arg-type]


def kept(store: Store, *recipients: str, occasion: str = "run_1:completed", now: datetime = NOW) -> str:
    """Keep a notice to recipients of the channel by email, and return its id."""
    with store.writing() as session:
        return ledger.keep(session, a_new(session, occasion), to(*recipients), now=now)


def found(store: Store, *notice_ids: str) -> dict[str, Delivery]:
    """Return deliveries by recipient."""
    with store.reading() as session:
        return {each.recipient: each for each in ledger.deliveries(session, notice_ids)}


def claim(store: Store, delivery: Delivery, *, by: str, now: datetime = NOW) -> bool:
    with store.writing() as session:
        return ledger.claim(session, [delivery.delivery_id], claim=by, now=now) == {delivery.delivery_id}


def settle(
    store: Store, delivery: Delivery, answer: Answer, *, by: str, again_at: datetime | None = None, now: datetime = NOW
) -> bool:
    with store.writing() as session:
        return ledger.settle(session, delivery.delivery_id, answer, claim=by, again_at=again_at, now=now)


def test_an_event_is_told_once_and_keeps_what_was_said_first(store: Store) -> None:
    with store.writing() as session:
        new = a_new(session)
        first = ledger.keep(session, new, to(TEAM, ADA), now=NOW)
        again = replace(new, content=a_notice(subject="Told otherwise"))
        second = ledger.keep(session, again, to(ADA, BEN, BEN), now=later(hours=1))
        told = ledger.by_occasion(session, "run_1:completed")
    assert first == second
    assert told is not None
    assert (told.content.subject, told.made_at) == (a_notice().subject, NOW)
    assert {name: each.next_at for name, each in found(store, first).items()} == {
        TEAM: NOW,
        ADA: NOW,
        BEN: later(hours=1),
    }


def test_one_recipient_of_two_channels_has_two_deliveries(store: Store) -> None:
    with store.writing() as session:
        notice_id = ledger.keep(session, a_new(session), to(TEAM) + to(TEAM, channel="other"), now=NOW)
        keys = [(each.channel_key, each.recipient) for each in ledger.deliveries(session, [notice_id])]
    assert keys == [("mail", TEAM), ("other", TEAM)]


def test_two_who_tell_of_one_event_at_once_make_one_notice(store: Store) -> None:
    both = Barrier(2)
    kept(store, TEAM, occasion="before")

    def tell() -> str:
        both.wait()
        return kept(store, TEAM, ADA)

    with ThreadPoolExecutor(2) as pool:
        first, second = (each.result() for each in [pool.submit(tell) for _ in range(2)])
    assert first == second
    assert found(store, first).keys() == {TEAM, ADA}


def test_what_is_held_keeps_its_reason_and_is_not_due(store: Store) -> None:
    with store.writing() as session:
        notice_id = ledger.keep(session, a_new(session), to(TEAM, held="This channel hears only failures."), now=NOW)
        assert ledger.waiting(session, until=later(days=1)) == {}
        assert ledger.due(session, "channel_mail", until=later(days=1), limit=9) == []
    held = found(store, notice_id)[TEAM]
    assert (held.state, held.told, held.next_at) == (
        DeliveryState.HELD,
        "This channel hears only failures.",
        None,
    )


def test_what_is_due_comes_by_channel_and_the_longest_due_first(store: Store) -> None:
    first = kept(store, TEAM, now=later(minutes=2))
    second = kept(store, ADA, occasion="run_2:completed")
    with store.writing() as session:
        ledger.keep(session, a_new(session, "run_3:completed"), to(BEN, channel="other"), now=NOW)
        assert ledger.waiting(session, until=later(minutes=2)) == {"channel_mail": "mail", "channel_other": "other"}
        assert ledger.waiting(session, until=later(minutes=2), notice_ids=[first]) == {"channel_mail": "mail"}

        def names(until: datetime, *, limit: int = 9, notice_ids: list[str] | None = None) -> list[str]:
            due = ledger.due(session, "channel_mail", until=until, notice_ids=notice_ids, limit=limit)
            return [each.recipient for each in due]

        assert names(later(minutes=1)) == [ADA]
        assert names(later(minutes=2)) == [ADA, TEAM]
        assert names(later(minutes=2), limit=1) == [ADA]
        assert names(later(minutes=2), notice_ids=[first]) == [TEAM]
        assert names(later(minutes=1), notice_ids=[first]) == names(later(days=1), notice_ids=[]) == []
    assert found(store, second)[ADA].channel_type == "email"


def test_a_delivery_is_claimed_once_and_not_before_its_time(store: Store) -> None:
    delivery = found(store, kept(store, TEAM))[TEAM]
    assert not claim(store, delivery, by="early", now=later(seconds=-1))
    assert claim(store, delivery, by="a")
    assert not claim(store, delivery, by="b")
    assert found(store, delivery.notice_id)[TEAM] == replace(
        delivery, state=DeliveryState.SENDING, tries=1, next_at=None
    )


def test_a_claim_takes_those_that_are_free(store: Store) -> None:
    notice_id = kept(store, TEAM, ADA, BEN)
    ids = sorted(each.delivery_id for each in found(store, notice_id).values())
    with store.writing() as session:
        assert ledger.claim(session, ids[:1], claim="a", now=NOW) == {ids[0]}
        assert ledger.claim(session, ids, claim="b", now=NOW) == set(ids[1:])
        assert ledger.claim(session, ids, claim="c", now=NOW) == set()
        assert ledger.claim(session, [], claim="d", now=NOW) == set()


def test_many_who_claim_at_once_each_get_their_own(store: Store) -> None:
    notice_id = kept(store, *(f"reader{number}@example.com" for number in range(12)))
    ids = [each.delivery_id for each in found(store, notice_id).values()]
    start = Barrier(4)

    def take(name: int) -> list[str]:
        start.wait()
        taken: list[str] = []
        for number in range(12):
            with store.writing() as session:
                taken += ledger.claim(session, ids[number : number + 3], claim=f"{name} {number}", now=NOW)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [each for some in pool.map(take, range(4)) for each in some]
    assert sorted(taken) == sorted(ids)


def test_postgres_passes_over_what_somebody_is_taking(postgres_store: Store) -> None:
    store = emptied(postgres_store)
    ids = sorted(each.delivery_id for each in found(store, kept(store, TEAM, ADA)).values())
    with store.writing() as first, store.writing() as second:
        assert ledger.claim(first, ids[:1], claim="a", now=NOW) == {ids[0]}
        assert ledger.claim(second, ids, claim="b", now=NOW) == {ids[1]}


@pytest.mark.parametrize(
    ("answer", "again_at", "state"),
    [
        (OK, None, DeliveryState.DELIVERED),
        (Answer(Outcome.REFUSED, "550 no"), None, DeliveryState.FAILED),
        (Answer(Outcome.UNKNOWN, "cut"), None, DeliveryState.UNKNOWN),
        (Answer(Outcome.NOT_NOW, "450 later"), later(minutes=5), DeliveryState.PENDING),
        (Answer(Outcome.NOT_NOW, "450 later"), None, DeliveryState.FAILED),
    ],
)
def test_an_answer_is_kept_once_by_who_claimed_it(
    store: Store, answer: Answer, again_at: datetime | None, state: DeliveryState
) -> None:
    delivery = found(store, kept(store, TEAM))[TEAM]
    assert not settle(store, delivery, answer, by="nobody", again_at=again_at)
    claim(store, delivery, by="a")
    assert not settle(store, delivery, answer, by="another", again_at=again_at)
    assert settle(store, delivery, answer, by="a", again_at=again_at, now=later(seconds=3))
    settled = found(store, delivery.notice_id)[TEAM]
    assert (settled.state, settled.told, settled.reference) == (state, answer.told, answer.reference)
    assert settled.next_at == again_at
    assert settled.delivered_at == (later(seconds=3) if state is DeliveryState.DELIVERED else None)
    assert settle(store, delivery, OK, by="a") is (state is DeliveryState.UNKNOWN)


def test_what_was_claimed_long_ago_is_lost_and_a_late_answer_still_counts(store: Store) -> None:
    notice_id = kept(store, TEAM, ADA, BEN)
    old, young, free = (found(store, notice_id)[name] for name in (TEAM, ADA, BEN))
    claim(store, old, by="a")
    claim(store, young, by="a", now=later(minutes=5))
    with store.writing() as session:
        assert ledger.give_up_lost(session, claimed_before=later(minutes=5), told=LOST, now=later(minutes=15)) == 1
        assert ledger.give_up_lost(session, claimed_before=later(minutes=5), told=LOST, now=later(minutes=15)) == 0
    assert {name: each.state for name, each in found(store, notice_id).items()} == {
        TEAM: DeliveryState.UNKNOWN,
        ADA: DeliveryState.SENDING,
        BEN: DeliveryState.PENDING,
    }
    assert found(store, notice_id)[TEAM].told == LOST
    assert not claim(store, old, by="b", now=later(days=1))
    assert settle(store, old, OK, by="a", now=later(minutes=16))
    assert found(store, notice_id)[TEAM].state is DeliveryState.DELIVERED
    assert found(store, notice_id)[free.recipient].tries == 0


def test_a_persons_word_ends_the_claim_of_whoever_was_slow(store: Store) -> None:
    delivery = found(store, kept(store, TEAM))[TEAM]
    claim(store, delivery, by="slow")
    with store.writing() as session:
        ledger.give_up_lost(session, claimed_before=later(minutes=1), told=LOST, now=later(minutes=1))
        assert ledger.resend(session, [delivery.delivery_id], by="user:ada", now=later(minutes=2)) == 1
    assert not settle(store, delivery, OK, by="slow")
    assert claim(store, delivery, by="b", now=later(minutes=2))
    assert not settle(store, delivery, OK, by="slow")
    assert settle(store, delivery, OK, by="b")


def test_what_waits_for_a_channel_can_be_given_up_all_or_what_is_old(store: Store) -> None:
    old = kept(store, TEAM, ADA)
    young = kept(store, TEAM, occasion="run_2:completed", now=later(hours=2))
    claim(store, found(store, old)[ADA], by="a")
    with store.writing() as session:
        give_up = ledger.give_up_waiting
        assert give_up(session, "channel_other", told="gone", now=later(hours=3)) == 0
        assert give_up(session, "channel_mail", told="old", now=later(hours=3), made_before=later(hours=1)) == 1
        assert give_up(session, "channel_mail", told="gone", now=later(hours=3)) == 1
    assert found(store, old)[TEAM].told == "old"
    assert found(store, old)[ADA].state is DeliveryState.SENDING
    given_up = found(store, young)[TEAM]
    assert (given_up.state, given_up.told, given_up.next_at) == (DeliveryState.FAILED, "gone", None)


def test_what_a_person_resent_is_as_old_as_that(store: Store) -> None:
    delivery = found(store, kept(store, TEAM))[TEAM]
    with store.writing() as session:
        ledger.give_up_waiting(session, "channel_mail", told="gone", now=later(days=2))
        ledger.resend(session, [delivery.delivery_id], by="user:ada", now=later(days=3))
        give_up = ledger.give_up_waiting
        assert give_up(session, "channel_mail", told="old", now=later(days=3), made_before=later(days=2)) == 0
        assert give_up(session, "channel_mail", told="old", now=later(days=4), made_before=later(days=3)) == 1


def test_notices_that_another_version_wrote_are_left_out(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = kept(store, TEAM), kept(store, TEAM, occasion="run_2:completed")
    with store.writing() as session:
        session.execute(update(NoticeRow).where(NoticeRow.id == broken).values(content={"subject": "s3cret"}))
    with store.reading() as session:
        assert ledger.notices_by_id(session, [broken, whole]).keys() == {whole}
        assert ledger.by_occasion(session, "run_1:completed") is None
        assert ledger.by_occasion(session, "run_9:completed") is None
    assert broken in caplog.text
    assert "s3cret" not in caplog.text


def test_what_was_said_of_a_run_is_found_oldest_first(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        (first, _), (second, _), (silent, _) = (accept(session, job) for _ in range(3))
        found = [
            ledger.keep(
                session, a_new(session, f"{run.run_id}:{what}", run_id=run.run_id), to(TEAM), now=later(minutes=at)
            )
            for at, (run, what) in enumerate([(first, "completed"), (second, "completed"), (first, "paused")])
        ]
        assert ledger.notice_ids_of_run(session, first.run_id) == [found[0], found[2]]
        assert ledger.notice_ids_of_run(session, silent.run_id) == []


OUTCOMES = st.sampled_from(list(Outcome))


class Sendings(RuleBasedStateMachine):
    """Anything that may happen to three deliveries, in any order."""

    store: Store
    numbers = count()

    def __init__(self) -> None:
        super().__init__()
        occasion = f"sendings {next(self.numbers)}"
        self.now = NOW
        self.notice_id = kept(self.store, TEAM, ADA, BEN, occasion=occasion)
        self.ids = sorted(each.delivery_id for each in self._found())
        self.may_send = dict.fromkeys(self.ids, True)
        self.delivered: set[str] = set()
        self.claims: list[tuple[str, str]] = []
        self.open: dict[str, str] = {}

    def _found(self) -> list[Delivery]:
        with self.store.reading() as session:
            return ledger.deliveries(session, [self.notice_id])

    @rule(number=st.integers(0, 2))
    def somebody_claims(self, number: int) -> None:
        word = f"{self.notice_id} {len(self.claims)}"
        with self.store.writing() as session:
            claimed = ledger.claim(session, self.ids[number:], claim=word, now=self.now)
        for taken in claimed:
            assert self.may_send[taken], "sent again although it may have arrived, and nobody said so"
            self.may_send[taken] = False
            self.claims.append((taken, word))
            self.open[taken] = word

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=OUTCOMES, again=st.booleans())
    def an_answer_comes(self, data: st.DataObject, outcome: Outcome, again: bool) -> None:
        delivery_id, word = data.draw(st.sampled_from(self.claims[-4:]))
        again_at = self.now + timedelta(minutes=5) if again else None
        with self.store.writing() as session:
            answer = Answer(outcome, outcome.value)
            is_kept = ledger.settle(session, delivery_id, answer, claim=word, again_at=again_at, now=self.now)
        assert is_kept is (self.open.get(delivery_id) == word)
        if is_kept:
            # An answer that says "unknown" leaves room for one that knows.
            if outcome is not Outcome.UNKNOWN:
                del self.open[delivery_id]
            self.may_send[delivery_id] = outcome is Outcome.NOT_NOW and again
            self.delivered |= {delivery_id} if outcome is Outcome.DELIVERED else set()

    @rule(minutes=st.integers(0, 20))
    def the_lost_are_given_up(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        with self.store.writing() as session:
            before = self.now - timedelta(minutes=10)
            ledger.give_up_lost(session, claimed_before=before, told=LOST, now=self.now)

    @rule(chosen=st.sets(st.integers(0, 2)))
    def a_person_resends(self, chosen: set[int]) -> None:
        ids = [self.ids[number] for number in chosen]
        before = {each.delivery_id: each.state for each in self._found()}
        with self.store.writing() as session:
            resent = ledger.resend(session, ids, by="user:ada", now=self.now)
        able = [each for each in ids if before[each] in (DeliveryState.FAILED, DeliveryState.UNKNOWN)]
        assert resent == len(able)
        self.may_send |= dict.fromkeys(able, True)
        self.open = {each: word for each, word in self.open.items() if each not in able}

    @rule()
    def the_event_is_told_again(self) -> None:
        with self.store.writing() as session:
            told = ledger.notices_by_id(session, [self.notice_id])[self.notice_id]
            new = NewNotice(told.occasion, told.organisation_id, told.content)
            assert ledger.keep(session, new, to(BEN, ADA, TEAM), now=self.now) == self.notice_id

    @invariant()
    def what_is_delivered_stays_so_and_none_is_lost(self) -> None:
        there = self._found()
        assert sorted(each.delivery_id for each in there) == self.ids
        assert {each.delivery_id for each in there if each.state is DeliveryState.DELIVERED} == self.delivered
        counted = Counter(each.state for each in there)
        assert counted[DeliveryState.PENDING] == sum(self.may_send.values())
        assert counted.total() == 3


def test_whatever_happens_nothing_is_sent_twice_without_a_persons_word(store: Store) -> None:
    machine = type("Machine", (Sendings,), {"store": store})
    checks = settings(max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=checks)
