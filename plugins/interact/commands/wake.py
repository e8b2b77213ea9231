"""Telling Airflow that jobs have changed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from interact.runs.reparse import DAG_FILE, ask_for_a_parse

REPOSITORY = Path(__file__).resolve().parents[3]


def wake_airflow() -> None:
    """Have Airflow read the jobs anew, or say on the error output that it does so at its next parse."""
    folder = Path(os.environ.get("AIRFLOW__CORE__DAGS_FOLDER") or REPOSITORY / "dags")
    try:
        ask_for_a_parse(folder, now=time.time())
    except OSError as error:
        print(f"Airflow sees this at its next parse: {folder}/{DAG_FILE} ({error.strerror}).", file=sys.stderr)
