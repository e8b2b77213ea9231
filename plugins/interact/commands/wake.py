"""Telling Airflow that jobs have changed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DAG_FILE = "interact_jobs.py"
AHEAD_SECONDS = 4.0


def ask_for_a_parse(dags: Path, *, now: float) -> None:
    """Have Airflow's DAG processor parse the jobs' file in this folder within a second or so; raises OSError.

    It parses a file again that was changed after the last parse of it ended. One that is under way has read the store
    already, so the file's time is set ahead, to a time when such a parse will have ended.
    """
    file = dags / DAG_FILE
    try:
        os.utime(file, (now, now + AHEAD_SECONDS))
    except PermissionError:
        os.utime(file)  # Only a file's owner may set another time than now.


def wake_airflow() -> None:
    """Have Airflow read the jobs anew, or say on the error output that it does so at its next parse."""
    folder = Path(os.environ.get("AIRFLOW__CORE__DAGS_FOLDER") or REPOSITORY / "dags")
    try:
        ask_for_a_parse(folder, now=time.time())
    except OSError as error:
        print(f"Airflow sees this at its next parse: {folder}/{DAG_FILE} ({error.strerror}).", file=sys.stderr)
