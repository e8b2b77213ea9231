"""Parsing 200 stored jobs beside a file of 200 hand-written DAGs of the same shape."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pairs import Row, alternate

from interact.commands.stack import REPOSITORY

JOBS = 200
PAIRS = 7
_HAND_WRITTEN = """
with DAG(dag_id="hand_{n}", dag_display_name="Hand-written {n}", catchup=False, max_active_runs=1,
         schedule=CronTriggerTimetable("0 8 * * 1", timezone="Europe/Amsterdam"),
         is_paused_upon_creation=False, tags=["interact", "agent:analyst", "organisation:bench"],
         params={{"market": Param(["NL", "BE", "DE"], type=["array", "string"], title="market",
                 description="One answer for each value.", examples=["NL", "BE", "DE"],
                 items={{"type": "string", "enum": ["NL", "BE", "DE"]}})}},
         default_args={{"owner": "bench", "retries": 2, "retry_delay": timedelta(seconds=15)}}) as dag_{n}:
    begin = Begin(task_id="begin", job_id="job_{n}", execution_timeout=timedelta(minutes=5))
    ask = Ask.partial(task_id="ask", pool="interact", map_index_template="{{{{ label }}}}",
                      execution_timeout=timedelta(minutes=30)).expand(chat=begin.output)
    render = Render(task_id="render", trigger_rule="all_done", batch=0, execution_timeout=timedelta(minutes=15))
    announce = Announce(task_id="announce", trigger_rule="all_done", execution_timeout=timedelta(minutes=5))
    begin >> ask >> render >> announce
"""
_HEAD = '''"""Airflow DAGs written by hand."""
from datetime import timedelta
from airflow.sdk import DAG, BaseOperator, CronTriggerTimetable, Param

class Begin(BaseOperator):
    def __init__(self, *, job_id, **kwargs):
        super().__init__(**kwargs)
        self.job_id = job_id

class Ask(BaseOperator):
    def __init__(self, *, chat, **kwargs):
        super().__init__(**kwargs)
        self.chat = chat

class Render(BaseOperator):
    def __init__(self, *, batch, **kwargs):
        super().__init__(**kwargs)
        self.batch = batch

class Announce(BaseOperator):
    pass
'''
# What a process of the DAG processor has loaded before it parses a file: it is forked from one that keeps its own
# database. The file's own imports are part of its parse.
LOADED = """
import importlib.util, sys, time
import airflow.dag_processing.manager, airflow.dag_processing.processor, airflow.sdk.execution_time.task_runner
import sqlalchemy
from airflow import settings
settings.initialize()
with settings.get_engine().connect() as connection:
    connection.execute(sqlalchemy.text("SELECT 1")).all()
"""
_TIMED = (
    LOADED
    + """
began = time.perf_counter()
spec = importlib.util.spec_from_file_location("parsed", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
seconds = time.perf_counter() - began
count = sum(type(value).__name__ == "DAG" for value in vars(module).values())
assert count == int(sys.argv[2]), count
print(seconds)
"""
)


def measure() -> list[Row]:
    """Return the row."""
    with tempfile.TemporaryDirectory() as folder:
        environ = prepare(Path(folder), jobs=JOBS)
        hand = Path(folder) / "hand_written.py"
        hand.write_text(_HEAD + "".join(_HAND_WRITTEN.format(n=n) for n in range(JOBS)), encoding="utf-8")
        ours = REPOSITORY / "dags" / "interact_jobs.py"
        pairs = alternate(lambda: timed(ours, environ, JOBS), lambda: timed(hand, environ, JOBS), pairs=PAIRS)
    print(f"parse_200_jobs: spread of the baseline {pairs.spread:.0%}, {PAIRS} pairs")
    return [pairs.row("parse_200_jobs", aim=1.3)]


def timed(file: Path, environ: dict[str, str], expected: int, *, code: str = _TIMED) -> float:
    """Return the seconds that parsing a file took in a fresh process that has Airflow loaded."""
    command = [sys.executable, "-c", code, str(file), str(expected)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return float(done.stdout.split()[-1])


def prepare(home: Path, *, jobs: int) -> dict[str, str]:
    """Make a store with that many jobs and return the environment of a process that reads it."""
    environ = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "INTERACT_HOME": str(home / "interact"),
        "PYTHONPATH": str(REPOSITORY / "plugins"),
    }
    demo = REPOSITORY / "include" / "demo"
    text = (demo / "definitions.yaml").read_text(encoding="utf-8")
    kept, job = [], ""
    for document in text.split("\n---"):
        if "kind: job" not in document:
            kept.append(document)
        elif "parameters:" in document:
            job = document
    key = next(line for line in job.splitlines() if line.startswith("key:"))
    kept += [job.replace(key, f"key: job-{number}") for number in range(jobs)]
    (home / "definitions.yaml").write_text("\n---".join(kept), encoding="utf-8")
    (home / "semantic_model.yaml").write_bytes((demo / "semantic_model.yaml").read_bytes())
    interact = [sys.executable, "-m", "interact.commands.main"]
    for verb in (["migrate"], ["apply", str(home / "definitions.yaml")]):
        subprocess.run([*interact, *verb], env=environ, check=True, stdout=subprocess.DEVNULL)
    return environ
