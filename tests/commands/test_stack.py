"""The local Airflow: what is refused before it starts, and that stopping leaves nothing."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interact.commands.local import _alone
from interact.commands.main import main
from interact.commands.stack import Place, Stack, StackFailed, environment, password, place, require_free
from interact.errors import SettingRefused


@pytest.fixture
def taken() -> int:
    """A port that somebody listens on."""
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener.getsockname()[1]
    listener.close()


def test_a_port_in_use_is_one_sentence_and_nothing_has_started(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTERACT_PORT", str(taken))
    monkeypatch.setenv("INTERACT_DEMO_HOME", str(tmp_path / "home"))
    for verb in ("demo", "serve"):
        assert main([verb]) == 1
        told = capsys.readouterr()
        assert told.err == (
            f"Port {taken} cannot be used (Address already in use). "
            "Stop what listens there, or name another port: INTERACT_PORT=8090.\n"
        )
    assert not (tmp_path / "home").exists()


def test_a_free_port_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    require_free(port)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8080.5"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingRefused, match=r"INTERACT_PORT is .* from 1 to 65535"):
        place({"INTERACT_PORT": port})


def test_airflow_gets_nothing_of_another_airflow_around_it(tmp_path: Path) -> None:
    outside = {"AIRFLOW__CORE__FERNET_KEY": "theirs", "INTERACT_DATABASE_URL": "postgresql://theirs", "HOME": "/h"}
    found = environment(Place(tmp_path, 8080), outside)
    assert "theirs" not in str(found)
    assert found["HOME"] == "/h"
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    at = Place(tmp_path, 8080)
    assert password(at) == password(at)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "airflow").iterdir()} == {0o600}


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    environ = {
        "INTERACT_DEMO_HOME": str(tmp_path / "file" / "home"),
        "INTERACT_PORT": "8947",
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "interact.commands.main", "demo"]
    done = subprocess.run(
        command, env={**environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "INTERACT_DEMO_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_stopping_kills_what_does_not_go_and_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        "print(child.pid, flush=True); time.sleep(600)"
    )
    monkeypatch.setattr("interact.commands.stack.STOP_SECONDS", 0.5)
    stack = Stack(Place(tmp_path, 8080), dict(os.environ))
    monkeypatch.setattr(stack, "_command", lambda *words: [sys.executable, "-c", stubborn])
    stack.start_api()
    log = tmp_path / "logs" / "api-server.log"
    deadline = time.monotonic() + 20
    while not log.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(log.read_text())
    stack.stop()
    time.sleep(0.2)
    assert state_of(child) in ("gone", "Z")


def state_of(process_id: int) -> str:
    """Return the kernel's letter for a process; one that is dead but not yet collected is a Z."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def test_a_server_that_stops_while_starting_is_told_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Stack(Place(tmp_path, 8080), dict(os.environ))
    monkeypatch.setattr(stack, "_command", lambda *words: [sys.executable, "-c", "raise SystemExit('no such setting')"])
    stack.start_api()
    with pytest.raises(StackFailed, match=r"stopped while starting\. The end of .*api-server\.log:\nno such setting"):
        stack.wait_until_up(20)
    stack.stop()


def check_for_ten_seconds(stack: Stack) -> None:
    """Look after a stack as the demo does."""
    for _ in range(100):
        stack.check()
        time.sleep(0.1)


def test_restarts_are_counted_for_each_process_and_forgotten_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    started: list[str] = []
    stack = Stack(Place(tmp_path, 8080), dict(os.environ))

    def start(name: str) -> None:
        started.append(name)
        stack._running[name] = subprocess.Popen([sys.executable, "-c", ""])
        stack._running[name].wait()

    monkeypatch.setattr("interact.commands.stack.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(stack, "_start", start)
    start("scheduler")
    start("triggerer")
    for _ in range(3):
        stack.check()
    assert started.count("scheduler") == started.count("triggerer") == 4
    with pytest.raises(StackFailed, match=r"Airflow's scheduler keeps stopping"):
        stack.check()
    clock[0] = 600.0
    stack.check()
    assert started.count("scheduler") == started.count("triggerer") == 5


def test_what_keeps_dying_is_started_three_times_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(Place(tmp_path, 8080), dict(os.environ))
    monkeypatch.setattr(stack, "_command", lambda *words: [sys.executable, "-c", "raise SystemExit('gone')"])
    stack.start_api()
    with pytest.raises(StackFailed, match=r"Airflow's api-server keeps stopping"):
        check_for_ten_seconds(stack)
    assert (tmp_path / "logs" / "api-server.log").read_text().count("gone") == 4
    stack.stop()


def test_two_airflows_do_not_share_a_folder(tmp_path: Path) -> None:
    at = Place(tmp_path, 8080)
    refused = pytest.raises(StackFailed, match=r"An Airflow already runs in .* INTERACT_DEMO_HOME")
    with _alone(at), refused, _alone(at):
        raise AssertionError
    with _alone(at):
        pass
