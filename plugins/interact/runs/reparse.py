"""Asking Airflow to read the jobs anew."""

from __future__ import annotations

import os
from pathlib import Path

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
