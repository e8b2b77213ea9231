"""A child process that draws: started fresh, never forked; asked in lines of JSON; stopped at a limit of time.

A library that crashes, hangs or eats memory takes its child along and nothing else. Of this process's environment a
child sees only where its code and the machine's fonts are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

_PLUGINS = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "HOME", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")


class ChildLost(Exception):
    """A child that ended, or was stopped at its limit of time, before it answered; says which."""


class Child:
    """One child that runs a module of ours; it loads what it needs from the moment it is made. To be closed."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="interact-report-")
        self._errors = Path(self._folder.name, "errors")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._folder.name,
                env=_environment(),
            )
        self._requests, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        self._is_late = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, request: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        """Return the answer to one request; raises ChildLost, after which this child is of no more use."""
        timer = threading.Timer(seconds, self._stop_late)
        timer.start()
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            line = self._answers.readline()
        except (OSError, ValueError):  # a broken pipe, or a pipe that `close` has closed
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            raise ChildLost(self._how_it_ended(seconds))
        return cast(dict[str, Any], json.loads(line))

    def close(self) -> None:
        """End the process, whatever it does, and remove its folder."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with suppress(BrokenPipeError):  # of a request that nobody has read
            self._requests.close()
        self._folder.cleanup()

    def _stop_late(self) -> None:
        self._is_late = True
        self._process.kill()

    def _how_it_ended(self, seconds: float) -> str:
        self._process.kill()
        code = self._process.wait()
        if self._is_late:
            return f"it took longer than {seconds:g} seconds"
        said = self._errors.read_text("utf-8", "replace").strip() if self._errors.exists() else ""
        reason = said.splitlines()[-1][:200] if said else ""
        return reason or (f"it was stopped by signal {-code}" if code < 0 else f"it ended with code {code}")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = [str(_PLUGINS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
