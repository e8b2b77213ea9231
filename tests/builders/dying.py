"""Processes that deliver and die: `python -m builders.dying` holds a warm one and forks it.

A process of its own, because what is forked must have no threads, and a test's process has some. It sends by the
product's own ways, to servers on loopback that the test holds.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from builders.crashing import ROOT, Moments
from interact.runs.desk import Desk

MAIL, ROOM, BOARD, HOOK = "mail", "room", "board", "hook"
"""Channels by email, Slack, Teams and webhook."""


STEPS = frozenset({"deliver.py", "lanes.py", "couriers.py", "ledger.py", "smtp.py", "smtp_talk.py", "posting.py"})


@dataclass(frozen=True)
class LaterDesk(Desk):
    """A desk whose clock is ahead."""

    minutes: float = 0

    def now(self) -> datetime:
        """Return an instant that is to come."""
        return datetime.now(UTC) + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Ended:
    """How a process ended: killed, or by itself."""

    died: bool
    moments: str = ""
    """What there was to be killed at, in order, as in `crashing`."""


class Couriers:
    """What a test says to the process that holds the warm one."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def deliver(self, notice_id: str, *, die_at: int = 0) -> Ended:
        """Let one deliver a notice, and die at its nth moment, counted from 1; never with 0."""
        return Ended(**self._ask({"do": "deliver", "notice_id": notice_id, "die_at": die_at}))

    def race(self, *seconds: float, minutes: float = 0) -> list[bool]:
        """Let several deliver all that is due, kill each after its seconds, and return which were killed at work."""
        died: list[bool] = self._ask({"do": "race", "seconds": seconds, "minutes": minutes})["died"]
        return died

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        if not told:
            raise RuntimeError(f"The process that holds the warm one ended with {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(told)
        return answer


@contextmanager
def couriers(home: Path, **environ: str) -> Iterator[Couriers]:
    """Hold a warm process on the store that the environment names, which has delivered what was due."""
    folders = os.pathsep.join(str(ROOT / name) for name in ("plugins", "tests"))
    given = {**os.environ, "PYTHONPATH": folders, "INTERACT_HOME": str(home), **environ}
    with (home / "couriers.log").open("wb") as log:
        command = [sys.executable, "-m", "builders.dying"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log, "text": True}
        with subprocess.Popen(command, env=given, **pipes) as process:
            yield Couriers(process)


class Steps(Moments):
    """The moments of a delivery: what is done to the database, and the lines of those modules that claim and send."""

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if code not in self._counts:
            self._counts[code] = code in self._doors or Path(code.co_filename).name in STEPS
        return super()._called(frame, event, argument)


class Warm:
    """A process with everything imported and used once, and no connection, no thread open."""

    def __init__(self) -> None:
        from interact import settings
        from interact.runs.desk import open_desk

        self.desk = open_desk(settings.read())
        self._send()
        self.desk.store.rest()
        gc.collect()
        gc.freeze()

    def obey(self, question: dict[str, Any]) -> dict[str, Any]:
        """Do what a question says, and return the answer."""
        if question["do"] == "race":
            return {"died": self._race(question["seconds"], question["minutes"])}
        return self._until_moment(question["die_at"], question["notice_id"])

    def _send(self, *, minutes: float = 0, notice_ids: Sequence[str] | None = None) -> None:
        from interact.notifiers.senders import open_sender
        from interact.runs.deliver import deliver

        desk = LaterDesk(self.desk.store, self.desk.files, self.desk.settings, minutes)
        deliver(desk, open_sender, notice_ids=notice_ids)

    def _until_moment(self, die_at: int, notice_id: str) -> dict[str, Any]:
        mouth, ear = os.pipe()
        moments = Steps(die_at)

        def watched() -> None:
            moments.watch()
            self._send(notice_ids=[notice_id])
            sys.settrace(None)
            os.write(ear, "".join(moments.seen).encode())

        child = _forked(watched)
        os.close(ear)
        with os.fdopen(mouth) as seen:
            told = seen.read()
        _, status = os.waitpid(child, 0)
        return {"died": os.WIFSIGNALED(status), "moments": told}

    def _race(self, seconds: Sequence[float], minutes: float) -> list[bool]:
        began = time.monotonic()
        children = [_forked(lambda: self._send(minutes=minutes)) for _ in seconds]
        died = {}
        for limit, child in sorted(zip(seconds, children, strict=True)):
            time.sleep(max(began + limit - time.monotonic(), 0))
            os.kill(child, signal.SIGKILL)
            died[child] = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        return [died[child] for child in children]


def _forked(work: Callable[[], None]) -> int:
    """Return the id of a process that does a piece of work, and ends with it whatever happens."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        if fault := sys.exc_info()[1]:
            traceback.print_exception(fault)
        os._exit(bool(fault))


def main() -> None:
    """Obey, a line a question, and answer each with a line; whatever else is written goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warm = Warm()
    for line in sys.stdin:
        answers.write(json.dumps(warm.obey(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
