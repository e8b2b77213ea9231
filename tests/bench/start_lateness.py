"""200 jobs due in the same minute beside 200 hand-written DAGs of one task, twenty a file: when each began.

Alone: `start_lateness.py --pairs 2 --only theirs SECTION__KEY=value …`, where the last are Airflow settings to try.
"""

import argparse
import math
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pairs import Row
from rig import Ground, Rig, definitions, standing

from interact.commands.apply import apply_files
from interact.commands.stack import REPOSITORY, stop_when_told

HERE = Path(__file__).resolve().parent
COUNT = 200
A_FILE = 20
LEAD = timedelta(seconds=40)
"""Time for Airflow to read all DAGs before they are due."""
SECONDS = 900
"""How long a round may take before it is given up."""


@dataclass(frozen=True)
class Round:
    """The seconds from due to first line, sorted; `faults` are starts that lacked or came twice."""

    seconds: tuple[float, ...]
    faults: int

    def at(self, share: float) -> float:
        """Return the lateness that this share of the starts kept to."""
        return self.seconds[max(0, math.ceil(share * len(self.seconds)) - 1)]

    def told(self) -> str:
        """Return one line for people."""
        if not self.seconds:
            return f"nothing started, {self.faults} faults"
        figures = f"p50 {self.at(0.5):6.1f} s   p99 {self.at(0.99):6.1f} s   first {self.seconds[0]:5.1f} s"
        return (
            f"{figures}   last {self.seconds[-1]:6.1f} s   {len(self.seconds)} started, {self.faults} not exactly once"
        )


def measure() -> list[Row]:
    """Return the two rows; raises SystemExit when a job did not start exactly once."""
    ours, theirs = compare(pairs=2, sides=("theirs", "ours"), changed={}, count=COUNT)
    if any(found.faults for found in ours):
        raise SystemExit("start_lateness: not every job started exactly once")
    return [_row("start_lateness_p50", 0.5, ours, theirs), _row("start_lateness_p99", 0.99, ours, theirs)]


def _row(name: str, share: float, ours: list[Round], theirs: list[Round]) -> Row:
    ratio = statistics.median(a.at(share) / b.at(share) for a, b in zip(ours, theirs, strict=True))
    value, baseline = (statistics.median(found.at(share) for found in rounds) for rounds in (ours, theirs))
    return Row(name, value, "s", baseline, ratio, 1.2)


def compare(
    *, pairs: int, sides: tuple[str, ...], changed: dict[str, str], count: int
) -> tuple[list[Round], list[Round]]:
    """Return the rounds of ours and of theirs, taken in turn on one Airflow with PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="bench-by-hand-") as folder:
        by_hand = Path(folder)
        for number in range(count // A_FILE):
            shutil.copy(HERE / "dags_by_hand" / "bench_by_hand.py", by_hand / f"by_hand_{number}.py")
        ground = Ground(database="postgres", dags=(REPOSITORY / "dags", by_hand), changed=changed)
        found: dict[str, list[Round]] = {"ours": [], "theirs": []}
        with standing(ground) as rig:
            for number in range(pairs):
                for side in sides if number % 2 == 0 else sides[::-1]:
                    due = _next_due()
                    result = _ours(rig, due, count) if side == "ours" else _theirs(rig, by_hand, due, count)
                    print(f"{side:<7} {result.told()}", flush=True)
                    _until_quiet(rig)
                    found[side].append(result)
    return found["ours"], found["theirs"]


def _next_due() -> datetime:
    """Return the first whole minute that leaves Airflow time to read the DAGs."""
    soonest = datetime.now(UTC) + LEAD
    return soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _theirs(rig: Rig, by_hand: Path, due: datetime, count: int) -> Round:
    started = by_hand / "started"
    started.unlink(missing_ok=True)
    (by_hand / "due").write_text(due.isoformat(), encoding="utf-8")
    for file in by_hand.glob("*.py"):
        file.touch()
    _until_read(rig, "by_hand_%", due, count)
    _until(lambda: started.exists() and len(started.read_text(encoding="utf-8").splitlines()) >= count)
    lines = [line.split() for line in started.read_text(encoding="utf-8").splitlines()]
    return _round({dag_id: _late(at, due) for dag_id, _, at in lines}, len(lines), count)


def _ours(rig: Rig, due: datetime, count: int) -> Round:
    schedule = {"schedule": f"{due.minute} {due.hour} * * *", "timezone": "UTC"}
    jobs = {f"due-{number:03d}": schedule for number in range(count)}
    apply_files(rig.settings, [definitions(rig.stack.at.home, jobs)])
    _until_read(rig, "interact_due_%", due, count)
    query = "SELECT job_id, started_at FROM expected_times WHERE due_at = :due AND outcome = 'ran'"
    _until(lambda: len(rig.rows(query, due=due)) >= count)
    begun = rig.rows("SELECT id FROM runs WHERE due_at = :due", due=due)
    return _round({job_id: (at - due).total_seconds() for job_id, at in rig.rows(query, due=due)}, len(begun), count)


def _round(seconds: dict[str, float], starts: int, count: int) -> Round:
    return Round(tuple(sorted(seconds.values())), (count - len(seconds)) + (starts - len(seconds)))


def _late(at: str, due: datetime) -> float:
    return (datetime.fromisoformat(at) - due).total_seconds()


def _until_read(rig: Rig, named: str, due: datetime, count: int) -> None:
    """Return when Airflow knows that all of these DAGs are next due then."""
    query = "SELECT count(*) FROM dag WHERE dag_id LIKE :named AND next_dagrun_create_after = :due AND NOT is_paused"
    _until(lambda: rig.rows(query, store=False, named=named, due=due)[0][0] >= count)
    left = (due - datetime.now(UTC)).total_seconds()
    print(f"        read with {left:.0f} s left", flush=True)
    if left < 5:
        raise SystemExit("Airflow had read the DAGs too late for this round. Make LEAD longer.")


def _until_quiet(rig: Rig) -> None:
    """Return when no run is left, so that the next round begins on a machine with its hands free."""
    query = "SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')"
    _until(lambda: rig.rows(query, store=False)[0][0] == 0)


def _until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"start_lateness: gave up after {SECONDS} s")
        time.sleep(1)


def main(words: list[str]) -> int:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--only", choices=("ours", "theirs"))
    parser.add_argument("changed", nargs="*", metavar="SECTION__KEY=value")
    asked = parser.parse_args(words)
    sides = (asked.only,) if asked.only else ("theirs", "ours")
    changed = dict(word.split("=", 1) for word in asked.changed)
    compare(pairs=asked.pairs, sides=sides, changed=changed, count=asked.count)
    return 0


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main(sys.argv[1:]))
