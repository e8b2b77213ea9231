"""The last task stores a verdict, whatever becomes of the roll-up and of its notices, and tells of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.execution_time.timeout import TimeoutPosix

from builders.saved import a_channel
from builders.story import Says, a_desk, a_job, answered
from interact.agents.contract import Answer
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.errors import AgentRefused, StoreUnavailable
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer as Sent
from interact.notices.sending import Envelope, Outcome, Sender
from interact.notifiers import senders
from interact.operators.announce_run import OUT_OF_TIME, AnnounceRunOperator
from interact.runs import announce as announcing
from interact.runs import tell as telling
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.desk import Desk
from interact.store import channels, ledger, runs


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk that the settings name."""
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    return a_desk(tmp_path)


@pytest.fixture
def run(desk: Desk) -> Accepted:
    """A run of two chats that are answered."""
    return a_run(desk)


def a_run(desk: Desk, *, says: Says | None = None, heard_by: tuple[str, ...] = ()) -> Accepted:
    """A run of two chats, and a job that these channels hear of."""
    accepted = accept(desk, Ask(a_job(desk, channels=heard_by).job_id, {"market": ["NL", "BE"]}, "key:ci"))
    for chat in accepted.chats:
        with suppress(AgentRefused):  # It is in the chat.
            answered(desk, chat.chat_id, says or Says(lambda question, warehouse: Answer(text="Fine.")))
    return accepted


def execute(run: Accepted, *, try_number: int = 1) -> str:
    """Run the task, which has two tries."""
    dag_run = SimpleNamespace(dag_id=run.run.dag_id, run_id=run.run.dag_run_id)
    task = SimpleNamespace(try_number=try_number, max_tries=1)
    return AnnounceRunOperator(task_id="announce").execute({"dag_run": dag_run, "ti": task})  # type: ignore[typeddict-item]


def kept(desk: Desk, run: Accepted) -> Run:
    """The run as it stands."""
    with desk.store.reading() as session:
        return runs.by_id(session, run.run.run_id)


def test_a_whole_run_returns_its_verdict(desk: Desk, run: Accepted) -> None:
    assert execute(run) == "completed"


def test_a_roll_up_that_takes_too_long_costs_no_verdict(
    desk: Desk, run: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "compare", lambda *_: time.sleep(30))
    with TimeoutPosix(seconds=0.5), pytest.raises(AirflowFailException, match="is partial: the roll-up is missing"):
        execute(run)
    assert (kept(desk, run).verdict, kept(desk, run).reason) == (
        RunVerdict.PARTIAL,
        f"the roll-up is missing: {OUT_OF_TIME}",
    )


def test_a_result_that_cannot_be_read_is_tried_again_before_it_costs_the_roll_up(
    desk: Desk, run: Accepted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise StoreUnavailable("The kept file 'ab' is missing.")

    monkeypatch.setattr(announcing, "compare", missing)
    with pytest.raises(AirflowException, match="Store unavailable"):
        execute(run)
    assert kept(desk, run).ended_at is None
    with pytest.raises(AirflowFailException, match="is partial: the roll-up is missing"):
        execute(run, try_number=2)
    assert kept(desk, run).reason == "the roll-up is missing: The kept file 'ab' is missing."


@dataclass
class Post:
    """Stands for all servers: takes what it is sent, and answers as it is told."""

    outcome: Outcome = Outcome.DELIVERED
    took: list[Envelope] = field(default_factory=list)

    def send(self, envelope: Envelope) -> Sent:
        """Take it."""
        self.took.append(envelope)
        return Sent(self.outcome, "Ok")

    @contextmanager
    def open(self, channel: StoredChannel) -> Iterator[Sender]:
        """Stand in for the way to any channel."""
        yield self


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """Servers that accept all."""
    post = Post()
    monkeypatch.setattr(senders, "open_sender", post.open)
    return post


@pytest.fixture
def told(desk: Desk) -> Accepted:
    """A run of two chats that are answered, of which two addresses hear."""
    a_job(desk)
    with desk.store.writing() as session:
        team = a_channel(organisation="norrland", recipients=["team@example.com", "ada@example.com"])
        channels.save(session, team, now=desk.now())
    return a_run(desk, heard_by=("mail",))


def states(desk: Desk, run: Accepted) -> list[str]:
    with desk.store.reading() as session:
        found = ledger.deliveries(session, ledger.notice_ids_of_run(session, run.run.run_id))
    return [str(each.state) for each in found]


def test_a_run_is_told_and_delivered_before_its_task_ends(desk: Desk, told: Accepted, post: Post) -> None:
    assert execute(told) == "completed"
    assert sorted(envelope.recipient for envelope in post.took) == ["ada@example.com", "team@example.com"]
    assert states(desk, told) == ["delivered", "delivered"]


def test_the_task_that_is_cleared_sends_nothing_again(desk: Desk, told: Accepted, post: Post) -> None:
    assert [execute(told), execute(told)] == ["completed", "completed"]
    assert len(post.took) == 2


@pytest.mark.parametrize(
    ("outcome", "how"),
    [
        (Outcome.REFUSED, "2 failed."),
        (Outcome.NOT_NOW, "2 pending. The watch goes on trying what is pending."),
    ],
)
def test_a_whole_run_that_no_server_accepts_fails_and_names_nobody(
    desk: Desk, told: Accepted, post: Post, outcome: Outcome, how: str
) -> None:
    post.outcome = outcome
    with pytest.raises(AirflowFailException) as raised:
        execute(told)
    assert str(raised.value) == (
        f"No channel accepted the notice of run {told.run.run_id}: {how} Its tab Report says why."
    )
    assert kept(desk, told).verdict is RunVerdict.COMPLETED


def test_a_failed_run_is_told_and_its_task_names_its_chats(desk: Desk, told: Accepted, post: Post) -> None:
    failed = a_run(desk, says=Says(_fails), heard_by=("mail",))
    with pytest.raises(AirflowFailException, match=rf"^Run {failed.run.run_id} is failed: chat_.* \(NL\) failed"):
        execute(failed)
    assert {envelope.notice.kind for envelope in post.took} == {"failed"}


def _fails(*_: object) -> Answer:
    raise AgentRefused("Channel 'TikTok' is unknown.")


def test_what_goes_wrong_while_telling_costs_no_verdict_and_quotes_nothing(
    desk: Desk, told: Accepted, post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_: object, **__: object) -> None:
        raise KeyError("ada@example.com")

    monkeypatch.setattr(telling, "say", faulty)
    assert execute(told) == "completed"
    assert (kept(desk, told).verdict, kept(desk, told).told_at) == (RunVerdict.COMPLETED, None)
    assert f"Telling of run {told.run.run_id} stopped, and the watch goes on: KeyError, raised at" in caplog.text
    assert "ada@example.com" not in caplog.text


def test_telling_that_takes_too_long_is_left_to_the_watch(
    desk: Desk, told: Accepted, post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telling, "say", lambda *_, **__: time.sleep(30))
    with TimeoutPosix(seconds=1.5):
        assert execute(told) == "completed"
    assert (kept(desk, told).told_at, post.took) == (None, [])
    assert f"Telling of run {told.run.run_id} was stopped at this task's time limit" in caplog.text


def test_a_task_whose_time_is_up_leaves_telling_to_the_watch(
    desk: Desk, told: Accepted, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "compare", lambda *_: time.sleep(30))
    with TimeoutPosix(seconds=0.5), pytest.raises(AirflowFailException, match="is partial"):
        execute(told)
    assert (kept(desk, told).told_at, post.took) == (None, [])
