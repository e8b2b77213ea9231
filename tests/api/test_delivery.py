"""What became of a run's notices, over HTTP: a field of its own beside the verdict, wherever the run is."""

from typing import Any

import pytest

from builders.noticed import a_notice
from builders.story import Says, answered, with_report
from interact.chats.record import Run
from interact.jobs.channels import Channel
from interact.notices.sending import Answer, Outcome
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.store import channels, ledger, runs, told
from interact.store.ledger import Addressee, NewNotice


@pytest.fixture
def ended(rest: Any) -> Run:
    """Return a run that has ended, and of which it is not decided yet who is told."""
    desk = rest.desk
    accepted = accept(desk, Ask(rest.job.job_id, {}, "schedule"))
    with desk.store.writing() as session:
        runs.mark_started(session, accepted.run.run_id, at=desk.now(), clear_number=0)
    answered(desk, accepted.chats[0].chat_id, Says(with_report))
    announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    return accepted.run


def delivery(rest: Any, run: Run) -> set[str]:
    """Return the delivery of a run as its own call, the list of chats and its chat say it."""
    headers = rest.key()

    def body(path: str) -> Any:
        answer = rest.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    listed = body("/chats")["chats"]
    chat_id = next(chat["id"] for chat in listed if chat["run"]["id"] == run.run_id)
    marks = [chat["run"] for chat in listed if chat["run"]["id"] == run.run_id] + [body(f"/chats/{chat_id}")["run"]]
    return {body(f"/runs/{run.run_id}")["delivery"], *(mark["delivery"] for mark in marks)}


def tell(rest: Any, run: Run, *outcomes: Outcome) -> None:
    """Decide who is told of a run: one recipient for each way in which a server answers."""
    desk, now = rest.desk, rest.desk.now()
    mail = Channel(
        key="mail",
        organisation="norrland",
        name="Mail",
        type="email",
        connection="smtp",
        recipients=("a@example.com",),
    )
    with desk.store.writing() as session:
        channel, _ = channels.save(session, mail, now=now)
        to = [Addressee(channel.channel_id, "mail", "email", f"{number}@b.c") for number, _ in enumerate(outcomes)]
        new = NewNotice(f"{run.run_id}:completed", run.organisation_id, a_notice(), run_id=run.run_id)
        notice_id = ledger.keep(session, new, to, now=now)
        for each, outcome in zip(ledger.deliveries(session, [notice_id]), outcomes, strict=True):
            ledger.claim(session, [each.delivery_id], claim=each.delivery_id, now=now)
            answer = Answer(outcome, "as told")
            ledger.settle(session, each.delivery_id, answer, claim=each.delivery_id, again_at=None, now=now)
        told.mark(session, run.run_id, at=now)


def test_what_is_not_decided_is_pending(rest: Any, ended: Run) -> None:
    assert delivery(rest, ended) == {"pending"}


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        ((), "none"),
        ((Outcome.DELIVERED, Outcome.DELIVERED), "delivered"),
        ((Outcome.DELIVERED, Outcome.REFUSED), "partly"),
        ((Outcome.REFUSED,), "failed"),
        ((Outcome.UNKNOWN, Outcome.REFUSED), "unknown"),
    ],
)
def test_the_delivery_of_a_run_is_the_same_wherever_it_is(
    rest: Any, ended: Run, outcomes: tuple[Outcome, ...], found: str
) -> None:
    tell(rest, ended, *outcomes)
    assert delivery(rest, ended) == {found}


def test_a_run_under_way_has_delivered_nothing(rest: Any) -> None:
    accepted = accept(rest.desk, Ask(rest.job.job_id, {}, "schedule"))
    assert delivery(rest, accepted.run) == {"none"}
