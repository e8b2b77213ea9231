"""The child's side of `interact.reports.child`; standard library only, since it is the first that a child loads."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

CPU_SECONDS = 60


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer requests, a line each, until there are no more.

    Whatever `answer` raises ends the process: its last words are the reason that people are told.
    """
    # Answers have a pipe of their own, so nothing that a library prints can pass for one.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin.buffer:
        _limit_cpu()
        answers.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
        answers.flush()


def limit(memory_bytes: int | None = None) -> None:
    """Forbid this process to write a core file and, with a number, to take more address space than that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _limit_cpu() -> None:
    """Allow the next request so many seconds of CPU, whatever the ones before it took."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (end if hard == resource.RLIM_INFINITY else min(end, hard), hard))
