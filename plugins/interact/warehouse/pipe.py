"""The door's side of the process that runs queries: start it, ask it with a deadline, kill it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

from interact.errors import WarehouseUnavailable


class Pipe:
    """One running process; once `ask` raised anything, it is of no more use but to be closed."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._into, self._out_of = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ask(self, question: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        """Return the answer to one line; raises TimeoutError, or EOFError (saying how) when the process ended."""
        try:
            self._write_line(json.dumps(question).encode() + b"\n")
            answer: dict[str, Any] = json.loads(self._read_line(monotonic() + seconds))
        except (BrokenPipeError, EOFError):
            raise EOFError(self._ending()) from None
        return answer

    def close(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        self._into.close()
        self._out_of.close()

    def _write_line(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._into.fileno(), line) :]

    def _read_line(self, deadline: float) -> bytes:
        waiting = select.poll()
        waiting.register(self._out_of.fileno(), select.POLLIN)
        line = bytearray()
        while not line.endswith(b"\n"):
            if not waiting.poll(max(0.0, deadline - monotonic()) * 1000):
                raise TimeoutError("it did not answer in time")
            chunk = os.read(self._out_of.fileno(), 1 << 20)
            if not chunk:
                raise EOFError
            line += chunk
        return bytes(line)

    def _ending(self) -> str:
        """Return how the process ended, in words."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it closed its pipe"
        return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def start(program: str = "process", library: str = "duckdb") -> Pipe:
    """Return a fresh process that waits for its setup; nothing of this process's environment reaches it.

    It is started anew, not forked, so that threads and locks of an Airflow task stay where they are. `-S` skips the
    start-up hooks of site-packages: PYTHONPATH names where the one package that it needs is, and where this one is.
    """
    found = find_spec(library)
    if found is None or found.origin is None:
        raise WarehouseUnavailable(f"The library {library!r} is not installed. Install what requirements.txt names.")
    places = (Path(found.origin).parents[1], Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-B", "-P", "-S", "-s", "-m", f"interact.warehouse.{program}"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={
            "PYTHONPATH": os.pathsep.join(map(str, places)),
            "PYTHONUTF8": "1",
            "HOME": "/nonexistent",
            "MALLOC_ARENA_MAX": "2",  # Each thread's own would take address space, which is what is limited.
        },
        cwd="/",
        start_new_session=True,
    )
    return Pipe(process)
