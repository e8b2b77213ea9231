"""What watches over a query in a child process; standard library only."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TextIO

GRACE_SECONDS = 1.0
Interrupt = Callable[[], object]
Answer = Callable[[dict[str, Any]], str]
"""From a question to its answer, each a line of JSON."""


class Refused(Exception):
    """A query or a warehouse that is not served; `kind` is the error's name on the line."""

    def __init__(self, kind: str, fact: str) -> None:
        super().__init__(fact)
        self.kind = kind


class Stopwatch:
    """Interrupts a query that runs over its time, and has the kernel end the process if that does not help.

    One thread for the life of the process: when memory has run out, no new one would start.
    """

    def __init__(self) -> None:
        self._interrupt: Interrupt | None = None
        self._due: float | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def running(self, seconds: float, interrupt: Interrupt) -> Iterator[None]:
        """Watch over the body for so long."""
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_SECONDS)
        self._set(monotonic() + seconds, interrupt)
        try:
            yield
        finally:
            self._set(None, None)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _set(self, due: float | None, interrupt: Interrupt | None) -> None:
        with self._changed:
            self._due, self._interrupt = due, interrupt
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while True:
                left = None if self._due is None else self._due - monotonic()
                if left is not None and left <= 0 and self._interrupt is not None:
                    self._interrupt()
                    self._due = left = None
                self._changed.wait(left)


def serve(opened: Callable[[dict[str, Any]], Answer]) -> None:
    """Serve one door until its end of the pipe closes: a line of setup, then a line for each question.

    `opened` makes of the setup what answers, or raises Refused. The setup is answered by `{ready: true}`, or by
    `{error, fact}` and the end.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        answer = opened(json.loads(sys.stdin.readline()))
    except Refused as refused:
        _write(answers, json.dumps({"error": refused.kind, "fact": str(refused)}))
        return
    _write(answers, json.dumps({"ready": True}))
    for line in sys.stdin:
        _write(answers, answer(json.loads(line)))


def confine(memory_bytes: int) -> int:
    """Let this process neither grow beyond so much memory nor write a file, and return what it may have."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return limit


def _write(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()
