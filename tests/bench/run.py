"""`make bench`: what things cost, as ratios to a baseline in the same run. `make bench ONLY=name` runs one row."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import agent_step
import analyst_rows
import chat_list
import edit_to_live
import fanout
import guard
import occurrences
import pages
import parse
import run_overhead
import start_lateness
import task_start
import trigger
from pairs import Row, table

import demo
import notices

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS: dict[str, Callable[[], list[Row]]] = {
    "run_overhead": run_overhead.measure,
    "parse_200_jobs": parse.measure,
    "task_start_import": task_start.measure,
    "occurrences_per_second": occurrences.measure,
    "start_lateness": start_lateness.measure,
    "edit_to_live": edit_to_live.measure,
    "fanout_100_vs_group": fanout.against_group,
    "fanout_100_vs_flat": fanout.against_flat,
    "trigger_p50": trigger.one,
    "triggers_50_at_once": trigger.at_once,
    "chat_list_100k": chat_list.measure,
    "analyst_1m_rows": analyst_rows.measure,
    "agent_step_overhead": agent_step.measure,
    "notices_500": notices.measure,
    "page_p95": pages.measure,
    "guard_per_query": guard.measure,
    "demo_cold": demo.cold,
    "demo_warm": demo.warm,
}


def main(only: str) -> int:
    """Measure, print the table and write `bench.jsonl`."""
    if only and only not in ROWS:
        print(f"There is no benchmark {only!r}; there are {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    rows = [row for name, measure in ROWS.items() if only in ("", name) for row in measure()]
    print(table(rows, REPOSITORY / "bench.jsonl"))
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
