"""`make demo` from a fresh clone: with nothing cached, and again."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from pairs import Row

from interact.commands.stack import REPOSITORY

PORT = "8932"


def cold() -> list[Row]:
    """Return the seconds of the first `make demo` in a clone, with an empty home and cache."""
    with tempfile.TemporaryDirectory() as folder:
        return [Row("demo_cold", _demo(*_clone(Path(folder))), "s", None, None, 300.0)]


def warm() -> list[Row]:
    """Return the seconds of the second `make demo` in a clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone, environ = _clone(Path(folder))
        _demo(clone, environ)
        return [Row("demo_warm", _demo(clone, environ), "s", None, None, 90.0)]


def _clone(folder: Path) -> tuple[Path, dict[str, str]]:
    subprocess.run(["git", "clone", "-q", str(REPOSITORY), str(folder / "clone")], check=True)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("INTERACT", "AIRFLOW", "XDG"))
    }
    return folder / "clone", {**inherited, "HOME": str(folder), "INTERACT_PORT": PORT}


def _demo(clone: Path, environ: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(["make", "demo"], cwd=clone, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return time.monotonic() - began
