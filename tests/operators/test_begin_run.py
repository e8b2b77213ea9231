"""The first task: what it hands on, and how it keeps a run out."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, DownstreamTasksSkipped

from builders.asking import an_agent, asked
from builders.fake_airflow import FakeAirflow
from builders.story import a_desk, a_job
from interact.chats.record import Run
from interact.factory.asking import questions
from interact.factory.build import build
from interact.jobs.stored import Published
from interact.operators import supervisor
from interact.operators.begin_run import initiator, instances
from interact.runs.desk import open_desk
from interact.settings import read
from interact.store import runs
from interact.store.published import published

PROMPT = "What did {{ market }} spend? A secret question."
LONG_AGO = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that the settings name, and an Airflow from memory."""
    monkeypatch.setenv("INTERACT_HOME", str(tmp_path))
    monkeypatch.setattr(supervisor, "Supervisor", FakeAirflow)
    return tmp_path


def a_dag(home: Path, *, values: int = 3) -> DAG:
    """The DAG of a job that is due every hour."""
    desk = a_desk(home)
    markets = [f"m{number}" for number in range(values)]
    a_job(desk, schedule="0 * * * *", prompt=PROMPT, parameters={"market": {"values": markets, "default": markets[:2]}})
    with desk.store.reading() as session:
        (row,) = published(session)
    return build(Published.of(row), read({"INTERACT_HOME": str(home)}))


def context(dag: DAG, **changes: Any) -> Any:
    """What Airflow gives a task."""
    plain = {
        "dag_id": dag.dag_id,
        "run_id": "manual__1",
        "run_type": "manual",
        "conf": {"_ours": 1},
        "run_after": datetime.now(UTC),
        "clear_number": None,
        "triggering_user_name": "ada",
        "consumed_asset_events": [],
    }
    return {"dag_run": SimpleNamespace(**(plain | changes))}


def run_in(home: Path, dag: DAG) -> Run:
    """The one run, as it is kept."""
    with open_desk(read({"INTERACT_HOME": str(home)})).store.reading() as session:
        found = runs.find(session, dag_id=dag.dag_id, dag_run_id="manual__1")
    assert found is not None
    return found


def test_it_hands_on_the_chats_with_their_labels(home: Path) -> None:
    dag = a_dag(home)
    handed = dag.get_task("begin").execute(context(dag))
    assert [chat["label"] for chat in handed] == ["m0", "m1"]
    assert all(chat.keys() == {"chat_id", "label"} for chat in handed)


@pytest.mark.parametrize(
    ("run_type", "conf", "audience"),
    [
        ("manual", {}, "everyone"),
        ("manual", {"_send_to": "nobody"}, "nobody"),
        ("manual", {"_send_to": "everyone", "market": "m2"}, "everyone"),
        ("operator_triggered", {}, "everyone"),
        ("backfill", {}, "nobody"),
        ("backfill", {"_send_to": "everyone"}, "everyone"),
    ],
)
def test_who_is_told_of_a_run_that_airflow_made_is_said_in_its_conf(
    home: Path, run_type: str, conf: dict[str, Any], audience: str
) -> None:
    dag = a_dag(home)
    dag.get_task("begin").execute(context(dag, run_type=run_type, conf=conf))
    assert run_in(home, dag).audience == audience


@pytest.mark.parametrize("wrong", ["corrected", "me:ada@example.com", ["nobody"], 1])
def test_a_run_whose_conf_names_anybody_else_fails_and_says_what_it_takes(home: Path, wrong: object) -> None:
    dag = a_dag(home)
    with pytest.raises(AirflowFailException, match="Parameter refused"):
        dag.get_task("begin").execute(context(dag, conf={"_send_to": wrong}))
    run = run_in(home, dag)
    told = f"Parameter '_send_to' does not take {wrong!r}. Allowed: 'nobody', 'everyone'."
    assert (run.audience, run.verdict, run.reason) == ("nobody", "failed", told)


@pytest.mark.parametrize(("values", "copies"), [(3, ["render"]), (60, [("render", 0), ("render", 1), ("render", 2)])])
def test_a_run_that_the_gate_keeps_out_skips_all_that_follows(home: Path, values: int, copies: list[object]) -> None:
    dag = a_dag(home, values=values)
    late = context(dag, run_type="scheduled", run_id="scheduled__1", run_after=LONG_AGO)
    with pytest.raises(DownstreamTasksSkipped, match=r"^$") as raised:
        dag.get_task("begin").execute(late)
    assert sorted(raised.value.tasks, key=str) == sorted(["ask", "announce", *copies], key=str)


def test_the_log_says_why_and_nothing_of_the_question(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    dag = a_dag(home)
    with pytest.raises(DownstreamTasksSkipped, match=r"^$"):
        dag.get_task("begin").execute(context(dag, run_type="scheduled", run_after=LONG_AGO))
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings[-1].startswith("This run does nothing (no time is decided by it): It is no time of the job's")
    assert "secret" not in caplog.text


def test_a_question_hands_on_its_one_chat(home: Path) -> None:
    desk = a_desk(home)
    accepted = asked(desk, an_agent(desk))
    dag = questions(desk.settings)
    handed = dag.get_task("begin").execute(context(dag, run_id=accepted.run.dag_run_id))
    assert handed == [{"chat_id": accepted.chats[0].chat_id, "label": "answer"}]


def test_the_dag_of_questions_started_by_hand_fails_and_says_where_to_ask(home: Path) -> None:
    desk = a_desk(home)
    asked(desk, an_agent(desk))
    dag = questions(desk.settings)
    with pytest.raises(AirflowFailException, match=r"^Run manual__1: Nothing was asked: ask on an agent's page\."):
        dag.get_task("begin").execute(context(dag))


def test_who_started_a_run_is_told_by_its_kind() -> None:
    def run(**changes: Any) -> Any:
        return SimpleNamespace(**({"consumed_asset_events": [], "triggering_user_name": None} | changes))

    def event(uri: str, day: int) -> Any:
        return SimpleNamespace(asset=SimpleNamespace(uri=uri), timestamp=datetime(2026, 11, day, tzinfo=UTC))

    loads = [event("s3://old", 1), event("s3://newest", 3), event("s3://middle", 2)]
    assert initiator("scheduled", run(triggering_user_name="ada")) == "schedule"
    assert initiator("asset_triggered", run(consumed_asset_events=loads)) == "asset:s3://newest"
    assert initiator("asset_triggered", run()) == "asset:"
    assert initiator("manual", run(triggering_user_name="ada")) == "user:ada"
    assert initiator("backfill", run()) == "airflow"


def test_tasks_that_are_not_mapped_are_named_by_themselves(home: Path) -> None:
    dag = a_dag(home)
    assert instances([dag.get_task("announce"), dag.get_task("ask")]) == ["announce", "ask"]
