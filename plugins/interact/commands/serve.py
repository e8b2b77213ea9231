"""`interact serve`: the demo's Airflow, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import time

from interact.commands.local import load_warehouse, running
from interact.commands.stack import password, place, stop_when_told


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Serve until a person or the system says stop; leaves no process behind."""
    stop_when_told()
    at = place(os.environ)
    try:
        with running(at, dict(os.environ), lambda line: print(f"  {line}", flush=True)) as local:
            if not at.warehouse.exists():
                load_warehouse(local)
            print(
                f"\nAirflow runs at {at.url}: sign in as admin with the password {password(at)}\nCtrl-C stops it.",
                flush=True,
            )
            while True:
                local.stack.check()
                time.sleep(1)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
