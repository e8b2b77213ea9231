import os
import signal
import threading
import time
from pathlib import Path

import pytest

from interact.reports.child import Child, ChildLost

TESTS = Path(__file__).parents[1]


@pytest.fixture
def child(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://secret")
    with Child("builders.misbehaving") as child:
        yield child


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_answers_one_request_after_another(child):
    assert [child.ask({"do": word}, seconds=20)["done"] for word in ("a", "b")] == ["a", "b"]


def test_what_a_library_prints_is_no_answer(child):
    assert child.ask({"do": "print"}, seconds=20) == {"done": "print"}


def test_a_child_sees_no_secret_of_its_parent(child):
    seen = child.ask({"do": "environment"}, seconds=20)
    assert not [name for name in seen["environment"] if name.startswith(("AIRFLOW", "INTERACT"))]
    assert "secret" not in str(seen)
    assert "interact-report-" in seen["folder"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [("raise", "ValueError: the paper is out"), ("exit", "ended with code 7"), ("eat", "MemoryError")],
)
def test_a_child_that_ends_says_why(child, word, reason):
    with pytest.raises(ChildLost, match=reason):
        child.ask({"do": word}, seconds=20)


def test_a_child_that_takes_too_long_is_stopped(child):
    child.ask({"do": "start"}, seconds=20)
    begun = time.monotonic()
    with pytest.raises(ChildLost, match=r"longer than 0.5 seconds"):
        child.ask({"do": "sleep"}, seconds=0.5)
    assert time.monotonic() - begun < 3
    with pytest.raises(ChildLost, match=r"longer than 0.5 seconds|signal 9"):
        child.ask({"do": "anything"}, seconds=0.5)


def test_a_child_that_is_killed_is_lost(child):
    child.ask({"do": "start"}, seconds=20)
    threading.Timer(0.3, os.kill, (child.pid, signal.SIGKILL)).start()
    with pytest.raises(ChildLost, match="stopped by signal 9"):
        child.ask({"do": "sleep"}, seconds=20)


def test_a_child_that_computes_too_long_is_stopped_by_the_system(child, monkeypatch):
    child.ask({"do": "start"}, seconds=20)
    import resource

    resource.prlimit(child.pid, resource.RLIMIT_CPU, (1, 1))
    with pytest.raises(ChildLost, match=r"stopped by signal (9|24)"):
        child.ask({"do": "spin"}, seconds=20)


def test_nothing_is_left_of_a_closed_child(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    with Child("builders.misbehaving") as child:
        folder = child.ask({"do": "environment"}, seconds=20)["folder"]
    assert not is_running(child.pid)
    assert not Path(folder).exists()


def test_a_child_without_its_module_is_lost():
    with Child("interact.reports.nothing") as child, pytest.raises(ChildLost, match="No module named"):
        child.ask({}, seconds=20)
