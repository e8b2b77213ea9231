"""The task that ends anybody's DAG: what it starts, when it starts anew, how it fails."""

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.types import TaskInstanceKey

from builders.fake_interact import JOB, KEY, ORGANISATION, FakeInteract, Handler, fake_interact, refuses
from builders.trials import trials
from interact.operators.trigger_job import RunLink, TriggerJobOperator, idempotency_key, open_client

KEY_OF_TI = TaskInstanceKey("load", "briefing", "scheduled__1")
ROOT = Path(__file__).resolve().parents[2]
AIRFLOW = '{{"conn_type": "http", "host": "{}", "port": {}, "schema": "http", "login": "{}", "password": "{}"}}'


@pytest.fixture
def interact(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeInteract]:
    """A server, and the connection that leads to it."""
    with fake_interact() as running:
        _, host, port = re.split(r"://|:", running.url)
        monkeypatch.setenv("AIRFLOW_CONN_INTERACT_DEFAULT", AIRFLOW.format(host, port, ORGANISATION, KEY))
        yield running


def a_task(**changes: Any) -> TriggerJobOperator:
    plain = {"task_id": "briefing", "job_id": JOB, "parameters": {"market": ["NL", "BE"]}, "poke_interval": 0.01}
    return TriggerJobOperator(**(plain | changes))


def a_context(**changes: Any) -> Any:
    plain = {
        "dag_id": "load",
        "run_id": "scheduled__1",
        "task_id": "briefing",
        "map_index": -1,
        "try_number": 1,
        "max_tries": 2,
    }
    return {"ti": SimpleNamespace(**(plain | changes))}


def test_it_starts_the_job_and_hands_on_ids(interact: FakeInteract, caplog: pytest.LogCaptureFixture) -> None:
    interact.verdicts = ["queued", "running", "completed"]
    with caplog.at_level(logging.INFO):
        told = a_task().execute(a_context())
    (run_id,) = interact.runs
    assert told == {
        "run_id": run_id,
        "verdict": "completed",
        "chats": [chat["id"] for chat in interact.runs[run_id]["chats"]],
    }
    assert interact.asked[0].body == {"parameters": {"market": ["NL", "BE"]}}
    assert f"Run {run_id} is running, 0 of 2 chats have ended: {interact.url}/dags/" in caplog.text
    assert f"Run {run_id} is completed, 2 of 2 chats have ended: {interact.url}/dags/" in caplog.text


def test_it_need_not_wait(interact: FakeInteract) -> None:
    interact.verdicts = ["failed"]
    assert a_task(wait_for_completion=False).execute(a_context())["verdict"] == "queued"
    assert len(interact.asked) == 1


@pytest.mark.parametrize("verdict", ["failed", "cancelled", "partial"])
def test_a_run_that_is_not_whole_fails_the_task_for_good(verdict: str, interact: FakeInteract) -> None:
    interact.verdicts, interact.lacking = [verdict], {0}
    with pytest.raises(AirflowFailException, match=rf"^Run run_\w+ is {verdict}; chats without an answer: ") as told:
        a_task().execute(a_context())
    (run,) = interact.runs.values()
    lacking = run["chats"] if verdict != "partial" else run["chats"][:1]
    assert [chat["id"] for chat in run["chats"] if chat["id"] in str(told.value)] == [chat["id"] for chat in lacking]
    assert f"Its tab Report says why: {interact.url}/dags/" in str(told.value)


def test_a_partial_run_can_be_good_enough(interact: FakeInteract) -> None:
    interact.verdicts = ["partial"]
    assert a_task(fail_on_partial=False).execute(a_context())["verdict"] == "partial"
    interact.verdicts = ["failed"]
    with pytest.raises(AirflowFailException, match="is failed"):
        a_task(fail_on_partial=False).execute(a_context(run_id="scheduled__2"))


def test_a_wait_that_is_too_long_fails_the_task_for_good(interact: FakeInteract) -> None:
    interact.verdicts = ["running"]
    with pytest.raises(AirflowFailException, match=r"still running after 0\.05 seconds, .* `timeout` is that limit"):
        a_task(timeout=0.05).execute(a_context())


def test_what_a_retry_does_not_help_is_final_and_has_the_servers_sentence(interact: FakeInteract) -> None:
    with pytest.raises(AirflowFailException, match=r"422, Parameter refused\. Parameter 'market' is 'FR'\. Allowed"):
        a_task(parameters={"market": "FR"}).execute(a_context())


def test_what_a_retry_helps_is_left_to_airflow(interact: FakeInteract) -> None:
    interact.acts = [refuses(409, "Job 'weekly' has 16 runs waiting.", Retry_After="300")]
    with pytest.raises(AirflowException, match="has 16 runs waiting") as told:
        a_task().execute(a_context())
    assert not isinstance(told.value, AirflowFailException)


def test_the_key_is_in_no_log_result_error_or_link(interact: FakeInteract, caplog: pytest.LogCaptureFixture) -> None:
    task = a_task()
    with caplog.at_level(logging.DEBUG):
        told = task.execute(a_context())
        interact.acts = [refuses(403, f"Key {KEY} lacks a permission.")]
        with pytest.raises(AirflowFailException, match="Key … lacks a permission") as error:
            task.execute(a_context())
    link = RunLink().get_link(task, ti_key=KEY_OF_TI)
    for text in (caplog.text, repr(told), repr(error.value), link, repr(vars(task))):
        assert KEY not in text


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ('{"host": "airflow.example.com"', "https://airflow.example.com"),
        ('{"host": "airflow.example.com", "schema": "http", "port": 8080', "http://airflow.example.com:8080"),
        ('{"host": "https://example.com/airflow", "schema": "ignored"', "https://example.com/airflow"),
    ],
)
def test_a_connection_says_where_and_who(connection: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ELSEWHERE", connection + ', "login": "org_1", "password": "int_1"}')
    client = open_client("elsewhere")
    assert (client.url, client.organization_id, client.api_key) == (url, "org_1", "int_1")


@pytest.mark.parametrize(
    ("connection", "sentence"),
    [
        ("{}", "The address of Airflow is http:// or https://"),
        ('{"host": "h", "schema": "ftp", "login": "o", "password": "s3cret"}', "The address of Airflow is http:// or"),
        ('{"host": "h", "login": "o"}', "The API key is empty"),
        ('{"host": "h", "password": "s3cret"}', "The organization id is empty"),
        ('{"host": "h", "login": "o", "password": "s3cret\\n"}', "The API key is empty or has characters"),
    ],
)
def test_a_connection_that_lacks_something_says_what(
    connection: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ELSEWHERE", connection)
    with pytest.raises(AirflowFailException, match=f"^Connection 'elsewhere' cannot be used. {sentence}") as told:
        a_task(conn_id="elsewhere").execute(a_context())
    assert "s3cret" not in str(told.value)


def test_a_task_that_is_stopped_leaves_the_run(interact: FakeInteract) -> None:
    interact.verdicts = ["running", "completed"]
    assert stopped_while_it_waits(a_task(), interact)["verdict"] == "completed"


def test_a_task_that_is_stopped_stops_the_run_when_told_to(interact: FakeInteract) -> None:
    interact.verdicts = ["running"]
    with pytest.raises(AirflowFailException, match=r"^Run run_\w+ is cancelled; chats"):
        stopped_while_it_waits(a_task(cancel_on_kill=True), interact)
    assert [asked.path.rpartition("/")[2] for asked in interact.asked if asked.method == "POST"] == [
        "trigger",
        "cancel",
    ]


def test_a_run_that_cannot_be_stopped_is_said_to_go_on(
    interact: FakeInteract, caplog: pytest.LogCaptureFixture
) -> None:
    task = a_task(cancel_on_kill=True, wait_for_completion=False)
    task.on_kill()
    told = task.execute(a_context())
    interact.acts = [refuses(403)]
    task.on_kill()
    assert f"Run {told['run_id']} goes on. POST " in caplog.text


def test_a_try_that_airflow_repeats_goes_on_with_the_run_and_a_clear_starts_a_new_one(
    interact: FakeInteract, airflow_database: None
) -> None:
    with trials(lambda: a_task(retries=2)) as story:
        runs = []
        for lost in (True, True, False, "clear", True, False, "clear", False):
            if lost == "clear":
                story.clear("briefing")
                continue
            runs.append(a_task().execute({"ti": story.begins("briefing")})["run_id"])
            if lost:
                assert story.is_lost("briefing") == "up_for_retry"
            else:
                story.ends("briefing")
    assert [int(run_id[-1]) for run_id in runs] == [1, 1, 1, 2, 2, 3]


def test_a_clear_of_the_whole_run_starts_a_new_one_and_that_of_a_neighbour_does_not(airflow_database: None) -> None:
    with trials(lambda: a_task(retries=2), lambda: EmptyOperator(task_id="neighbour")) as story:
        first = idempotency_key(story.begins("briefing"))
        story.ends("neighbour")
        story.clear("neighbour")
        story.is_lost("briefing")
        assert idempotency_key(story.begins("briefing")) == first
        story.ends("briefing")
        story.clear()
        assert idempotency_key(story.begins("briefing")) != first
        assert story.run.clear_number == 2


@pytest.mark.parametrize("retries", [0, 2])
def test_a_task_that_is_cleared_before_it_is_tried_again_starts_a_new_run(retries: int, airflow_database: None) -> None:
    with trials(lambda: a_task(retries=retries)) as story:
        first = idempotency_key(story.begins("briefing"))
        story.is_lost("briefing")
        story.clear("briefing")
        assert idempotency_key(story.begins("briefing")) != first


@pytest.mark.parametrize(("reported", "is_new"), [("success", True), ("failed", False)])
def test_a_task_that_is_cleared_while_it_runs_follows_what_the_executor_reports(
    reported: str, *, is_new: bool, airflow_database: None
) -> None:
    with trials(lambda: a_task(retries=2)) as story:
        first = idempotency_key(story.begins("briefing"))
        story.clear("briefing")
        assert story.ti("briefing").state == "restarting"
        story.is_killed("briefing", reported=reported)
        assert (idempotency_key(story.begins("briefing")) != first) is is_new


def test_each_copy_of_a_mapped_task_has_a_run_of_its_own(airflow_database: None) -> None:
    def mapped() -> None:
        ours = TriggerJobOperator.partial(task_id="briefing", job_id=JOB, fail_on_partial=False)
        ours.expand(parameters=[{"market": "NL"}, {"market": "BE"}])

    with trials(mapped) as story:
        keys = {idempotency_key(story.begins("briefing", number)) for number in (0, 1)}
    assert len(keys) == 2


@pytest.mark.parametrize("change", [{"dag_id": "b"}, {"run_id": "b"}, {"task_id": "b"}, {"map_index": 0}])
def test_another_task_has_another_key(change: dict[str, Any]) -> None:
    assert idempotency_key(a_context(**change)["ti"]) != idempotency_key(a_context()["ti"])
    assert idempotency_key(a_context(try_number=3)["ti"]) == idempotency_key(a_context()["ti"])


def test_the_button_leads_to_the_run_and_nowhere_else(interact: FakeInteract) -> None:
    task = a_task()
    assert RunLink().get_link(task, ti_key=KEY_OF_TI) == ""
    run_id = task.execute(a_context())["run_id"]
    assert RunLink().get_link(task, ti_key=KEY_OF_TI) == f"{interact.url}/dags/interact_weekly/runs/{run_id}"
    task.started = replace(task.started, url="javascript:alert(1)")
    assert RunLink().get_link(task, ti_key=KEY_OF_TI) == ""


def test_the_button_and_the_parameters_survive_the_way_through_airflows_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    # Airflow's scheduler, which wants no links, says so for its whole process; a test before may have been one.
    monkeypatch.setattr(DagSerialization, "_load_operator_extra_links", True)
    with DAG("load", schedule=None) as dag:
        a_task()
    (task,) = DagSerialization.from_dict(DagSerialization.to_dict(dag)).tasks
    assert [link.name for link in task.operator_extra_links] == ["Interact run"]
    assert task.template_fields == ["job_id", "parameters"]


def test_parsing_a_dag_with_it_does_not_import_what_only_running_needs() -> None:
    code = "import sys, interact.operators.trigger_job\n"
    code += "print([name for name in ('requests', 'interact.client') if name in sys.modules])"
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "plugins")}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_dag_that_the_page_shows_runs(interact: FakeInteract) -> None:
    page = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
    *_, snippet = re.findall(r"(?ms)^```python\n(.*?)^```$", page)
    names: dict[str, Any] = {}
    exec(compile(snippet, "docs/client.md", "exec"), names)
    dag = names["load_and_tell"]()
    assert dag.get_task("briefing").upstream_task_ids == {"load"}
    assert dag.get_task("briefing").execute(a_context())["verdict"] == "completed"
    assert interact.asked[0].body == {"parameters": {"market": ["NL", "BE"]}}


def test_the_connection_that_the_page_shows_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
    monkeypatch.setenv(*re.findall(r"^(AIRFLOW_CONN_\w+)='(.*)'$", page.replace("int_…", KEY), re.MULTILINE)[0])
    client = open_client("interact_default")
    assert (client.url, client.organization_id) == ("https://airflow.example.com", ORGANISATION)


def test_the_page_names_every_argument() -> None:
    page = (ROOT / "docs" / "client.md").read_text(encoding="utf-8").rpartition("| argument | meaning |")[2]
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("|"))
    named = set(re.findall(r"`([a-z_]+)`", rows)) | {"conn_id"}
    taken = {name for each in TriggerJobOperator.mro()[:2] for name in signature(each.__init__).parameters}
    assert named == taken - {"self", "kwargs"}


def stopped_while_it_waits(task: TriggerJobOperator, interact: FakeInteract) -> Any:
    """Run the task, and end it as Airflow does while it looks for the first time: SIGTERM, which calls `on_kill`."""

    def term(handler: Handler) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        handler.reply()

    interact.acts = [Handler.reply, term]
    before = signal.signal(signal.SIGTERM, lambda *_: task.on_kill())
    try:
        return task.execute(a_context())
    finally:
        signal.signal(signal.SIGTERM, before)
