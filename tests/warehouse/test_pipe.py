"""The door's side of the pipe: deadlines, ends, and what starts the process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from interact.errors import WarehouseUnavailable
from interact.warehouse import pipe
from interact.warehouse.pipe import Pipe

Run = Callable[[str], Pipe]


@pytest.fixture
def a_process() -> Iterator[Run]:
    """Start a process that runs a few lines of Python in place of ours."""
    started: list[Pipe] = []

    def build(code: str) -> Pipe:
        command = [sys.executable, "-c", f"import os, sys, time\n{code}"]
        started.append(Pipe(subprocess.Popen(command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE)))
        return started[-1]

    yield build
    for each in started:
        each.close()


def test_an_answer_is_one_line_of_json(a_process: Run) -> None:
    echo = a_process("for line in sys.stdin: print(line.strip(), flush=True)")
    assert echo.ask({"a": "é"}, seconds=10) == {"a": "é"}
    assert echo.ask({"b": 2}, seconds=10) == {"b": 2}


def test_a_large_question_and_a_large_answer_arrive_whole(a_process: Run) -> None:
    echo = a_process("for line in sys.stdin: print(line.strip(), flush=True)")
    assert echo.ask({"a": "x" * 3_000_000}, seconds=20) == {"a": "x" * 3_000_000}


def test_an_answer_in_pieces_is_put_together(a_process: Run) -> None:
    slow = a_process(
        "for piece in ['{\"a\"', ': 1', '}\\n']: sys.stdout.write(piece); sys.stdout.flush(); time.sleep(0.05)"
    )
    assert slow.ask({}, seconds=10) == {"a": 1}


def test_no_answer_in_time_is_a_timeout(a_process: Run) -> None:
    silent = a_process("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"did not answer in time"):
        silent.ask({}, seconds=0.2)
    assert time.monotonic() - began < 5


def test_an_answer_that_drips_does_not_extend_the_deadline(a_process: Run) -> None:
    dripping = a_process("while True: sys.stdout.write('x'); sys.stdout.flush(); time.sleep(0.05)")
    with pytest.raises(TimeoutError, match=r"did not answer in time"):
        dripping.ask({}, seconds=0.5)


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("sys.stdin.readline(); os._exit(7)", "exit status 7"),
        ("sys.stdin.readline(); os.kill(os.getpid(), 9)", "SIGKILL"),
        ("sys.stdin.readline(); os.close(1); time.sleep(60)", "it closed its pipe"),
    ],
)
def test_an_end_instead_of_an_answer_is_said_with_its_kind(a_process: Run, code: str, ending: str) -> None:
    with pytest.raises(EOFError, match=f"^{ending}$"):
        a_process(code).ask({}, seconds=10)


def test_asking_a_process_that_has_ended_says_how_it_ended(a_process: Run) -> None:
    ended = a_process("os._exit(3)")
    time.sleep(0.3)
    with pytest.raises(EOFError, match=r"^exit status 3$"):
        ended.ask({"a": "x" * 200_000}, seconds=10)


def test_closing_twice_is_harmless(a_process: Run) -> None:
    process = a_process("time.sleep(60)")
    process.close()
    process.close()


def test_without_duckdb_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipe, "find_spec", lambda name: None)
    with pytest.raises(WarehouseUnavailable, match=r"The library 'duckdb' is not installed. Install"):
        pipe.start()
