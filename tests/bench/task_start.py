"""How much of the start of our tasks is our own imports."""

import subprocess
import sys
import tempfile
from pathlib import Path

from pairs import Row
from parse import LOADED, prepare

from interact.commands.stack import REPOSITORY

ROUNDS = 7
# A task's process is forked from one that has Airflow loaded; it parses the DAG file, then runs execute.
_WHOLE = (
    LOADED
    + """
from importlib import import_module
began = time.perf_counter()
{imports}
imported = time.perf_counter() - began
began = time.perf_counter()
spec = importlib.util.spec_from_file_location("parsed", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(imported, imported + time.perf_counter() - began)
"""
)
_PARSE = "import_module('interact.factory.publish')"
_TASK = "\n".join(
    [_PARSE, *(f"import_module('interact.{name}')" for name in ("runs.begin", "runs.ask", "agents.analyst.analyst"))]
)


def measure() -> list[Row]:
    """Return the seconds of our imports beside those of imports and parse together; the ratio is their share."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environ = prepare(Path(folder), jobs=200)
        file = REPOSITORY / "dags" / "interact_jobs.py"
        for name, imports in (("parse_import", _PARSE), ("task_start_import", _TASK)):
            rounds = sorted(_measured(file, environ, imports) for _ in range(ROUNDS))
            ours, whole = rounds[ROUNDS // 2]
            rows.append(Row(name, ours, "s", whole, ours / whole, None))
    return rows


def _measured(file: Path, environ: dict[str, str], imports: str) -> tuple[float, float]:
    code = _WHOLE.replace("{imports}", imports)
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], env=environ, capture_output=True, text=True, check=True
    )
    ours, whole = done.stdout.split()[-2:]
    return float(ours), float(whole)
