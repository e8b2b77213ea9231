"""What the ledger shows of an organisation."""

from datetime import datetime, timedelta

import pytest

from builders.noticed import a_notice
from builders.saved import NOW, a_channel, accept, later, save_job
from interact.chats.status import RunVerdict
from interact.errors import ParameterRefused
from interact.jobs.stored import StoredChannel, StoredJob
from interact.notices.sending import Answer, Outcome
from interact.notices.states import DeliveryState
from interact.store import channels, jobs, ledger, postings, runs
from interact.store.cursors import write_cursor
from interact.store.ledger import Addressee, NewNotice
from interact.store.postings import Last, Wanted
from interact.store.sessions import Session, Store

FAILED, HELD, DELIVERED = DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.DELIVERED


def tell(session: Session, job: StoredJob, name: str, at: datetime, **states: DeliveryState) -> str:
    """Tell of something by channels, one recipient each, and return the notice's id."""
    to = [
        Addressee(f"channel_{key}", key, "email", f"{key}@example.com", held="Not now." if state is HELD else None)
        for key, state in states.items()
    ]
    new = NewNotice(name, job.organisation_id, a_notice(subject=name), job_id=job.job_id)
    notice_id = ledger.keep(session, new, to, now=at)
    outcomes = {FAILED: Outcome.REFUSED, DELIVERED: Outcome.DELIVERED}
    for each in ledger.deliveries(session, [notice_id]):
        if outcome := outcomes.get(states[each.channel_key]):
            ledger.claim(session, [each.delivery_id], claim=each.delivery_id, now=at)
            answer = Answer(outcome, "so be it")
            ledger.settle(session, each.delivery_id, answer, claim=each.delivery_id, again_at=None, now=at)
    return notice_id


def subjects(session: Session, job: StoredJob, **wanted: object) -> list[str]:
    page = postings.page(session, Wanted(job.organisation_id, **wanted))  # type: ignore[arg-type]
    return [posting.subject for posting in page.postings]


def test_the_newest_come_first_and_pages_follow_each_other(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        for number in range(7):  # Some of them at the same instant.
            tell(session, job, f"n{number}", later(minutes=number // 2), mail=DELIVERED)
        found, cursor = [], None
        while True:
            page = postings.page(session, Wanted(job.organisation_id, limit=3, cursor=cursor))
            found.append([posting.subject for posting in page.postings])
            if (cursor := page.next) is None:
                break
        assert [len(each) for each in found] == [3, 3, 1]
        whole = [subject for each in found for subject in each]
        assert (len(set(whole)), whole[0], sorted(whole[1:3])) == (7, "n6", ["n4", "n5"])


@pytest.mark.parametrize(
    "cursor",
    ["nonsense", write_cursor([1, 2]), write_cursor(["2026-11-23T08:00:00", "notice_aaaaaaaaaaaa"]), write_cursor([])],
)
def test_a_cursor_of_nobody_is_refused(store: Store, cursor: str) -> None:
    with store.writing() as session:
        job = save_job(session)
        with pytest.raises(ParameterRefused, match="was not made by this list"):
            postings.page(session, Wanted(job.organisation_id, cursor=cursor))


def test_filters_together_mean_one_and_the_same_delivery(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        tell(session, job, "one", NOW, mail=FAILED, room=DELIVERED)
        tell(session, job, "two", later(hours=1), mail=DELIVERED, room=FAILED)
        tell(session, job, "three", later(hours=2), mail=HELD)
        assert subjects(session, job, state=FAILED) == ["two", "one"]
        assert subjects(session, job, state=FAILED, channel_id="channel_mail") == ["one"]
        assert subjects(session, job, state=HELD, channel_id="channel_room") == []
        assert subjects(session, job, job_id=job.job_id) == ["three", "two", "one"]
        assert subjects(session, job, job_id="job_aaaaaaaaaaaa") == []
        assert postings.page(session, Wanted("org_aaaaaaaaaaaa")).postings == ()


def test_deliveries_are_counted_by_channel_and_a_single_recipient_is_named(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        to = [Addressee("channel_a", "a", "email", f"{name}@example.com") for name in ("ada", "bob")]
        to += [Addressee("channel_b", "b", "teams"), Addressee("channel_c", "c", "email", "eve@example.com")]
        new = NewNotice("x", job.organisation_id, a_notice(), job_id=job.job_id)
        notice_id = ledger.keep(session, new, to, now=NOW)
        posting = postings.by_id(session, notice_id)
        assert posting is not None
        found = [(each.channel_key, dict(each.counts), each.recipient) for each in posting.tallies]
        assert found == [
            ("a", {DeliveryState.PENDING: 2}, ""),
            ("b", {DeliveryState.PENDING: 1}, ""),
            ("c", {DeliveryState.PENDING: 1}, "eve@example.com"),
        ]


def test_a_notice_knows_whose_its_job_is_and_whether_it_is_there(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session, visibility="private")
        notice_id = tell(session, job, "x", NOW)
        there = postings.by_id(session, notice_id)
        jobs.mark_deleted(session, job.job_id, now=NOW)
        gone = postings.by_id(session, notice_id)
        assert there and gone and there.job
        assert (there.job.owner, there.job.is_private, there.job_name) == ("ada", True, "Weekly report")
        assert (there.is_job_there, gone.is_job_there) == (True, False)
        assert gone.job == there.job
        assert postings.by_id(session, "notice_aaaaaaaaaaaa") is None


def _channel(session: Session, job: StoredJob, key: str) -> StoredChannel:
    return channels.save(session, a_channel(key=key), now=NOW)[0]


def test_the_last_delivery_of_a_channel_is_one_that_was_tried(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        mail, room = _channel(session, job, "mail"), _channel(session, job, "room")
        for number, state in enumerate([DELIVERED, FAILED, HELD]):
            reason = "Not now." if state is HELD else None
            to = Addressee(mail.channel_id, "mail", "email", "a@example.com", held=reason)
            new = NewNotice(f"n{number}", job.organisation_id, a_notice())
            notice_id = ledger.keep(session, new, [to], now=later(hours=number))
            (each,) = ledger.deliveries(session, [notice_id])
            if state is not HELD:
                at = later(hours=number)
                ledger.claim(session, [each.delivery_id], claim=each.delivery_id, now=at)
                outcome = Outcome.DELIVERED if state is DELIVERED else Outcome.REFUSED
                ledger.settle(
                    session, each.delivery_id, Answer(outcome, "x"), claim=each.delivery_id, again_at=None, now=at
                )
        expected = {mail.channel_id: Last(FAILED, NOW + timedelta(hours=1))}
        assert postings.lasts(session, job.organisation_id) == expected
        assert postings.lasts(session, job.organisation_id, channel_id=room.channel_id) == {}
        assert postings.lasts(session, "org_aaaaaaaaaaaa") == {}


def test_a_channel_is_used_by_jobs_as_they_are_now_wholly_or_of_some_values(store: Store) -> None:
    with store.writing() as session:
        first = save_job(session)
        for key in ("mail", "room"):
            _channel(session, first, key)
        route = {"parameter": "market", "value": "NL", "channel": "room"}
        save_job(session, channels=["mail"], notices={"routes": [route]})
        save_job(session, key="other", name="Another", channels=["mail"], visibility="private")
        gone = save_job(session, key="gone", channels=["room"])
        jobs.mark_deleted(session, gone.job_id, now=NOW)
        found = postings.users(session, first.organisation_id)
        assert {key: [(user.name, user.job.is_private) for user in users] for key, users in found.items()} == {
            "mail": [("Another", True), ("Weekly report", False)],
            "room": [("Weekly report", False)],
        }
        save_job(session)
        assert "room" not in postings.users(session, first.organisation_id)


def test_the_run_to_speak_of_is_the_newest_that_has_ended_by_itself(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        assert postings.last_told_run(session, job.job_id) is None
        first, second, third, _ = (accept(session, job, now=later(minutes=number))[0] for number in range(4))
        for run, verdict in ((first, RunVerdict.COMPLETED), (second, RunVerdict.FAILED)):
            runs.mark_ended(session, run.run_id, verdict=verdict, reason=None, at=later(hours=1))
        runs.mark_cancelled(session, third.run_id, by="user:ada", reason="Cancelled.", at=later(hours=1))
        assert postings.last_told_run(session, job.job_id) == second.run_id
