"""The Python client against a real HTTP server: what it sends, what it tries again, what it never gives away."""

import contextlib
import io
import logging
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from inspect import isfunction
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from builders.fake_interact import (
    JOB,
    KEY,
    ORGANISATION,
    PDF,
    Act,
    FakeInteract,
    breaks_off,
    dawdles,
    fake_interact,
    hangs,
    hangs_up,
    refuses,
    says,
    writes,
)
from interact import client as module
from interact.client import CallRefused, Client, Run

ROOT = Path(__file__).resolve().parents[1]
SNIPPETS = re.findall(r"(?ms)^```python\n(.*?)^```$", (ROOT / "docs" / "client.md").read_text(encoding="utf-8"))
PAGE = b"<html>Bad gateway, said the proxy</html>"


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Move it."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def interact() -> Iterator[FakeInteract]:
    """The server."""
    with fake_interact() as running:
        yield running


@pytest.fixture
def time() -> Time:
    """The clock."""
    return Time()


@pytest.fixture
def client(interact: FakeInteract, time: Time) -> Client:
    """A client of the server, in no hurry."""
    return a_client(interact.url, time)


def a_client(url: str, time: Time, **changes: Any) -> Client:
    plain = {"api_key": KEY, "organization_id": ORGANISATION, "sleep": time.sleep, "clock": lambda: time.now}
    return Client(url, **(plain | changes))


def test_a_trigger_says_who_calls_and_what_is_asked(interact: FakeInteract, client: Client) -> None:
    run = client.trigger(JOB, market=["NL", "BE"])
    (asked,) = interact.asked
    assert (asked.method, asked.path) == ("POST", f"/api/agents/jobs/{JOB}/trigger")
    assert asked.body == {"parameters": {"market": ["NL", "BE"]}}
    assert (asked.headers["X-API-Key"], asked.headers["X-Organization-Id"]) == (KEY, ORGANISATION)
    assert (run.job_id, run.verdict, run.has_ended, run.url) == (JOB, "queued", False, None)
    assert [(chat.parameters, chat.status) for chat in run.chats] == [
        ({"market": "NL"}, "queued"),
        ({"market": "BE"}, "queued"),
    ]


def test_parameters_come_as_a_mapping_by_name_or_both_and_days_as_days(interact: FakeInteract, client: Client) -> None:
    client.trigger(JOB, {"market": "NL"}, day=date(2026, 11, 25))
    client.trigger(JOB, parameters={"job_id": "any", "parameters": 1})
    client.trigger(JOB)
    assert [asked.body["parameters"] for asked in interact.asked] == [
        {"market": "NL", "day": "2026-11-25"},
        {"job_id": "any", "parameters": 1},
        {},
    ]


def test_an_id_stays_one_part_of_the_path(interact: FakeInteract, client: Client) -> None:
    with pytest.raises(CallRefused, match="404"):
        client.trigger("a/b?c")
    assert interact.asked[0].path == "/api/agents/jobs/a%2Fb%3Fc/trigger"


def test_a_path_below_the_host_is_kept(interact: FakeInteract, time: Time) -> None:
    with pytest.raises(CallRefused, match="404"):
        a_client(f"{interact.url}/airflow/", time).run("run_1")
    assert interact.asked[0].path == "/airflow/api/agents/runs/run_1"


def test_a_store_that_is_away_is_asked_again_with_the_same_key(
    interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.acts = [refuses(503), refuses(503)]
    run = client.trigger(JOB, market="NL")
    assert time.slept == [1, 2]
    assert len(interact.keys_sent()) == 3 and len(set(interact.keys_sent())) == 1
    assert list(interact.runs) == [run.run_id]


@pytest.mark.parametrize(
    ("act", "title"),
    [
        (hangs, "ReadTimeout"),
        (hangs_up, "ConnectionError"),
        (breaks_off, "ChunkedEncodingError"),
        (writes(b"SSH-2.0-OpenSSH_9.2\r\n"), "ConnectionError"),
        (writes(b"HTTP/1.1 202 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nnull"), "InvalidHeader"),
        (writes(b"HTTP/1.1 202 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnull"), "ContentDecodingError"),
    ],
)
def test_a_lost_answer_starts_no_second_run(act: Act, title: str, interact: FakeInteract, time: Time) -> None:
    impatient = a_client(interact.url, time, timeout_seconds=0.2)
    interact.acts = [act, act]
    run = impatient.trigger(JOB, market="NL")
    assert list(interact.runs) == [run.run_id] and len(set(interact.keys_sent())) == 1
    interact.acts = [act] * 5
    with pytest.raises(
        CallRefused, match=rf"trigger got no answer, {title}\. See whether the address is right"
    ) as told:
        impatient.trigger(JOB)
    assert told.value.status is None and told.value.retry_helps


def test_a_server_that_never_answers_holds_nobody_for_longer_than_it_may(interact: FakeInteract, time: Time) -> None:
    interact.acts = [hangs] * 5
    began = monotonic()
    with pytest.raises(CallRefused, match="ReadTimeout"):
        a_client(interact.url, time, timeout_seconds=0.05).run("run_1")
    assert 0.25 <= monotonic() - began < 3


def test_a_slow_answer_is_one_as_long_as_it_goes_on(interact: FakeInteract, time: Time) -> None:
    interact.acts = [dawdles]
    run = a_client(interact.url, time, timeout_seconds=0.25).trigger(JOB, market=["NL", "BE"])
    assert len(run.chats) == 2 and len(interact.asked) == 1


def test_each_call_has_a_key_of_its_own(interact: FakeInteract, client: Client) -> None:
    first, second = client.trigger(JOB, market="NL"), client.trigger(JOB, market="NL")
    again = client.rerun(first.run_id)
    assert len({first.run_id, second.run_id, again.run_id}) == 3
    assert len(set(interact.keys_sent())) == 3 and None not in interact.keys_sent()


def test_a_key_of_ones_own_finds_the_run_that_it_started(interact: FakeInteract, client: Client) -> None:
    first = client.trigger(JOB, market="NL", idempotency_key="monday")
    assert client.trigger(JOB, market="NL", idempotency_key="monday") == first
    assert interact.keys_sent() == ["monday", "monday"]


def test_it_waits_as_long_as_the_server_asks(interact: FakeInteract, client: Client, time: Time) -> None:
    interact.acts = [refuses(429, Retry_After="7"), refuses(503, Retry_After="0"), refuses(429, Retry_After="60")]
    client.trigger(JOB)
    assert time.slept == [7, 2, 60]


@pytest.mark.parametrize("header", ["soon", "-1", "nan", "1e9", "٣", "Wed, 25 Nov 2026 08:00:00 GMT", ""])
def test_a_pause_that_is_no_number_of_seconds_is_its_own(
    header: str, interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.acts = [refuses(429, Retry_After=header.encode().decode("latin-1"))]
    client.trigger(JOB)
    assert time.slept == [1]


def test_a_pause_of_more_than_a_minute_is_left_to_the_caller(
    interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.acts = [refuses(429, Retry_After="61")]
    with pytest.raises(CallRefused, match="was answered 429") as told:
        client.trigger(JOB)
    assert (told.value.retry_after_seconds, told.value.retry_helps, time.slept) == (61, True, [])


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_it_gives_up_after_five_tries(status: int, interact: FakeInteract, client: Client, time: Time) -> None:
    interact.acts = [refuses(status)] * 9
    with pytest.raises(CallRefused, match=f"was answered {status}, Refused. Not now"):
        client.trigger(JOB)
    assert time.slept == [1, 2, 4, 8] and len(interact.asked) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 501])
def test_everything_else_is_raised_at_once_with_the_servers_own_sentence(
    status: int, interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.acts = [refuses(status, "DAG 'x' is paused. Switch it on.", title="Not startable")]
    with pytest.raises(CallRefused, match="Switch it on") as told:
        client.trigger(JOB)
    refusal = told.value
    assert str(refusal) == (
        f"POST {interact.url}/api/agents/jobs/{JOB}/trigger was answered {status}, Not startable. "
        "DAG 'x' is paused. Switch it on."
    )
    assert (refusal.status, refusal.title, refusal.detail) == (
        status,
        "Not startable",
        "DAG 'x' is paused. Switch it on.",
    )
    assert not refusal.retry_helps and time.slept == [] and len(interact.asked) == 1


def test_a_full_queue_is_not_tried_again_but_says_when(interact: FakeInteract, client: Client) -> None:
    interact.acts = [refuses(409, Retry_After="300")]
    with pytest.raises(CallRefused, match="409") as told:
        client.trigger(JOB)
    assert (told.value.retry_after_seconds, told.value.retry_helps, len(interact.asked)) == (300, True, 1)


def test_what_a_proxy_says_is_not_repeated(interact: FakeInteract, client: Client) -> None:
    interact.acts = [says(502, PAGE, Content_Type="text/html")] * 5
    with pytest.raises(CallRefused, match="No word of Interact's came with it") as told:
        client.trigger(JOB)
    assert "was answered 502, Bad Gateway." in str(told.value) and "proxy" not in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", b"7", b"{}", b'{"run": 5}', b'{"run": {"id": "run_1"}}', PAGE]
)
def test_a_success_that_tells_of_no_run_is_refused_and_not_repeated(
    content: bytes, interact: FakeInteract, client: Client
) -> None:
    for call in (client.trigger, client.run):
        interact.acts = [says(202, content)]
        with pytest.raises(CallRefused, match="It tells of no run") as told:
            call(JOB)
        assert told.value.status == 202 and not told.value.retry_helps
    assert len(interact.asked) == 2


@pytest.mark.parametrize(
    "content", [b"null", b"[]", b'"no"', b'{"detail": "Not Found"}', b'{"title": 1, "detail": []}']
)
def test_an_error_without_a_sentence_is_one_all_the_same(
    content: bytes, interact: FakeInteract, client: Client
) -> None:
    interact.acts = [says(404, content, Content_Type="application/json")]
    with pytest.raises(CallRefused, match=r"was answered 404, (Not Found\. No word of|1\. )"):
        client.run("run_1")


def test_nobody_there_is_said_with_the_address(time: Time) -> None:
    with pytest.raises(
        CallRefused, match=r"GET http://127\.0\.0\.1:1/api/agents/runs/r got no answer, ConnectionError"
    ):
        a_client("http://127.0.0.1:1", time).run("r")
    assert time.slept == [1, 2, 4, 8]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int, interact: FakeInteract, client: Client) -> None:
    with fake_interact() as elsewhere:
        for call in (client.trigger, client.run, client.report):
            interact.acts = [says(status, b"", Location=f"{elsewhere.url}/api/agents/")]
            with pytest.raises(CallRefused, match=f"was answered {status}, .* the key must not go there by itself"):
                call(JOB)
        assert elsewhere.asked == [] and len(interact.asked) == 3


def test_the_key_is_in_no_repr_error_or_log(
    interact: FakeInteract, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    interact.acts = [refuses(429, f"Slow down, {KEY}."), refuses(403, f"No, {KEY}.", title=f"Key {KEY}")]
    with caplog.at_level(logging.DEBUG), pytest.raises(CallRefused, match=r"Key …\. No, …\.") as told:
        client.trigger(JOB)
    assert "Slow down, …" in caplog.text and "Trying it again." in caplog.text
    for text in (repr(client), str(client), repr(told.value), str(told.value), caplog.text):
        assert KEY not in text


@pytest.mark.parametrize("key", ["", f"{KEY}\n", f" {KEY}", f"{KEY}\r\nX-Evil: 1", f"{KEY}é"])
def test_a_key_that_no_header_carries_is_refused_without_being_shown(key: str, time: Time) -> None:
    for changes in ({"api_key": key}, {"organization_id": key}):
        with pytest.raises(ValueError, match=r"is empty or has characters that no header can carry") as told:
            a_client("https://airflow.example.com", time, **changes)
        assert KEY not in str(told.value)
    with pytest.raises(ValueError, match="The idempotency key is empty"):
        a_client("https://airflow.example.com", time).trigger(JOB, idempotency_key=key)


@pytest.mark.parametrize(
    "url",
    ["", "airflow.example.com", "ftp://airflow.example.com", "file:///etc", "https://", "https:///path", "https://:80",
     "https://ann:w0rd@airflow.example.com", "https://h?w0rd=1", "https://h#w0rd", "https://h /x", "https://h\n", " https://h"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_being_shown(url: str, time: Time) -> None:
    with pytest.raises(ValueError, match=r"^The address of Airflow is http:// or https://") as told:
        a_client(url, time)
    assert "w0rd" not in str(told.value)


def test_a_run_is_looked_at_ever_more_seldom_and_each_change_is_told_once(
    interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.verdicts = ["queued"] * 2 + ["running"] * 8 + ["completed"]
    told: list[Run] = []
    ended = client.wait(client.trigger(JOB, market=["NL", "BE"]), on_progress=told.append)
    assert [run.verdict for run in told] == ["queued", "running", "completed"] and told[-1] == ended
    assert [chat.status for chat in ended.chats] == ["completed", "completed"]
    assert ended.url == f"{interact.url}/dags/interact_weekly/runs/{ended.run_id}"
    assert (time.slept[0], time.slept[-1], len(time.slept)) == (1, 10, 10)
    assert all(1 <= later / sooner <= 1.5 for sooner, later in pairwise(time.slept))


@pytest.mark.parametrize("verdict", ["completed", "partial", "failed", "cancelled"])
def test_every_verdict_ends_the_wait(verdict: str, interact: FakeInteract, client: Client) -> None:
    interact.verdicts = [verdict]
    assert client.wait(client.trigger(JOB)).verdict == verdict


def test_a_restart_of_the_server_is_waited_for(interact: FakeInteract, client: Client, time: Time) -> None:
    run = client.trigger(JOB)
    interact.acts = [says(502, PAGE), hangs_up, refuses(503, Retry_After="20"), refuses(429, Retry_After="300")] * 3
    assert client.wait(run).verdict == "completed"
    assert time.slept[:4] == [1, 1.5, 20, 300] and len(time.slept) == 12


def test_a_wait_that_is_refused_ends_at_once(interact: FakeInteract, client: Client, time: Time) -> None:
    run = client.trigger(JOB)
    interact.acts = [refuses(404, "There is no run.", title="Not found")]
    with pytest.raises(CallRefused, match=r"404, Not found\. There is no run"):
        client.wait(run)
    assert time.slept == []


def test_a_wait_has_a_limit_and_looks_once_more_when_it_comes(
    interact: FakeInteract, client: Client, time: Time
) -> None:
    interact.verdicts = ["running"]
    run = client.trigger(JOB)
    with pytest.raises(TimeoutError, match=rf"Run '{run.run_id}' is still running after 20 seconds, and goes on\."):
        client.wait(run, timeout_seconds=20)
    assert time.now == 20 and sum(time.slept) == 20
    assert len(interact.asked) == 1 + len(time.slept) + 1


def test_a_server_that_stays_away_is_waited_for_until_the_limit(
    interact: FakeInteract, client: Client, time: Time
) -> None:
    run = client.trigger(JOB)
    interact.acts = [refuses(503)] * 99
    with pytest.raises(CallRefused, match="503"):
        client.wait(run, timeout_seconds=30)
    assert time.now == 30


def test_a_report_comes_as_its_bytes(interact: FakeInteract, client: Client) -> None:
    assert client.report("chat_1") == PDF + b"chat_1"
    client.report("chat_1", "html")
    assert [asked.path for asked in interact.asked] == [
        "/api/agents/chats/chat_1/report.pdf",
        "/api/agents/chats/chat_1/report.html",
    ]


def test_a_report_that_is_cut_is_fetched_again(interact: FakeInteract, client: Client) -> None:
    interact.acts = [says(200, b"%PDF", Content_Length="9000")]
    assert client.report("chat_1") == PDF + b"chat_1"


def test_the_reports_of_a_run_are_saved_under_names_that_say_what_they_are(
    interact: FakeInteract, client: Client, tmp_path: Path
) -> None:
    interact.lacking = {1}
    run = client.trigger(JOB, market=["NL", "BE", "DE"])
    files = client.save_reports(run, tmp_path / "new" / "folder")
    nl, _, de = run.chats
    assert [file.name for file in files] == [f"report-NL-{nl.chat_id}.pdf", f"report-DE-{de.chat_id}.pdf"]
    assert files[0].read_bytes() == PDF + nl.chat_id.encode()


def test_a_report_that_is_not_the_runs_own_is_not_saved(interact: FakeInteract, client: Client, tmp_path: Path) -> None:
    run = client.trigger(JOB, market="NL")
    interact.acts = [lambda handler: handler.reply(), says(200, PAGE)]
    with pytest.raises(CallRefused, match=r"It has not the SHA-256 '[0-9a-f]{64}' that the run"):
        client.save_reports(run, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_name_that_a_server_gives_leaves_the_folder(interact: FakeInteract, client: Client, tmp_path: Path) -> None:
    run = client.trigger(JOB, value="../../x/" + "y" * 300)
    (chat,) = interact.runs[run.run_id]["chats"]
    chat["id"] = "../../etc/passwd"
    interact.acts = [lambda handler: handler.reply(), says(200, PDF + b"../../etc/passwd")]
    (file,) = client.save_reports(run, tmp_path / "in")
    assert file.parent == tmp_path / "in" and file.name.endswith("-etc-passwd.pdf") and len(file.name) < 120
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_document_at_another_host_is_not_fetched_there(
    interact: FakeInteract, client: Client, tmp_path: Path
) -> None:
    with fake_interact() as elsewhere:
        run = client.trigger(JOB)
        told = client.call("GET", f"/runs/{run.run_id}").text.replace("/api/agents/", f"{elsewhere.url}/api/agents/")
        interact.acts = [says(200, told.encode())]
        with pytest.raises(CallRefused, match="404"):
            client.save_reports(run, tmp_path)
        assert elsewhere.asked == []


def test_runs_and_chats_are_asked_again_and_runs_are_stopped(interact: FakeInteract, client: Client) -> None:
    interact.verdicts = ["running"]
    run = client.trigger(JOB)
    assert client.rerun(run.run_id).run_id != run.run_id
    client.rerun(run.chats[0].chat_id)
    client.cancel(run.run_id)
    assert client.run(run.run_id).verdict == "cancelled"
    assert [asked.path.removeprefix("/api/agents") for asked in interact.asked[1:4]] == [
        f"/runs/{run.run_id}/rerun",
        f"/chats/{run.chats[0].chat_id}/rerun",
        f"/runs/{run.run_id}/cancel",
    ]


def test_any_other_call_is_made_as_well(interact: FakeInteract, client: Client) -> None:
    interact.acts = [refuses(503), says(200, b'{"jobs": []}')]
    assert client.call("GET", "/jobs").json() == {"jobs": []}
    assert "Content-Type" not in interact.asked[-1].headers and "Idempotency-Key" not in interact.asked[-1].headers


def test_an_error_survives_the_way_between_processes() -> None:
    refusal = CallRefused("GET x", 429, "Too many", "Wait.", 3)
    again = pickle.loads(pickle.dumps(refusal))
    assert (str(again), again.retry_after_seconds) == ("GET x was answered 429, Too many. Wait.", 3)


def test_the_file_works_where_it_is_copied(tmp_path: Path) -> None:
    shutil.copy(str(module.__file__), tmp_path / "briefings.py")
    code = "import sys, briefings; briefings.Client('http://x', api_key='k', organization_id='o'); "
    code += "print([name for name in sys.modules if name.partition('.')[0] in ('interact', 'airflow')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_the_page_shows_runs(
    interact: FakeInteract, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "Client", lambda _, **plain: a_client(interact.url, time, **plain))
    interact.verdicts = ["running", "completed"]
    told, names = io.StringIO(), {}
    five_lines, errors, _ = SNIPPETS
    with contextlib.redirect_stdout(told):
        exec(compile(five_lines, "docs/client.md", "exec"), names)
        exec(compile(errors, "docs/client.md", "exec"), names)
    assert len([line for line in five_lines.splitlines() if line]) == 5
    saved = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert re.search(rf"^completed .*{saved[0]}", told.getvalue(), re.MULTILINE) and len(saved) == 2
    assert told.getvalue().splitlines()[-1] == "422 Parameter 'market' is 'FR'. Allowed: 'NL', 'BE'."


def test_the_page_names_every_call_and_every_pause() -> None:
    page = (ROOT / "docs" / "client.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)^\| `(\w+)\(", page))
    calls = {name for name, each in vars(Client).items() if isfunction(each) and not name.startswith("_")}
    assert named == calls
    assert f"after {', '.join(map(str, module.PAUSES[:-1]))} and {module.PAUSES[-1]} seconds" in page
