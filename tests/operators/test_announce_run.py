"""The last task stores a verdict, whatever becomes of the roll-up."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.execution_time.timeout import TimeoutPosix

from builders.story import Says, a_desk, a_job, answered
from interact.agents.contract import Answer
from interact.chats.record import Run
from interact.chats.status import RunVerdict
from interact.errors import StoreUnavailable
from interact.operators.announce_run import OUT_OF_TIME, AnnounceRunOperator
from interact.runs import announce as announcing
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.desk import Desk
from interact.store import runs


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk that the settings name."""
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    return a_desk(tmp_path)


@pytest.fixture
def run(desk: Desk) -> Accepted:
    """A run of two chats that are answered."""
    accepted = accept(desk, Ask(a_job(desk).job_id, {"market": ["NL", "BE"]}, "key:ci"))
    for chat in accepted.chats:
        answered(desk, chat.chat_id, Says(lambda question, warehouse: Answer(text="Fine.")))
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
