"""A job with 100 values beside bare mapped tasks with 100 values, on one Airflow: trigger to finished.

    fanout.py --baseline group|flat --values 100 --pairs 3 --database sqlite|postgres SECTION__KEY=value …

Ours is the product's own DAG: the run, its chats and their attempts are stored and judged. Left out is what an answer
costs: the agent says a word, no warehouse is opened, no report is asked for. The baselines store nothing: `group` is a
mapped group of three tasks that do nothing, `flat` one mapped task that does nothing, each behind a task that
returns the values and before one that ends the run. The watch is not there, on either side. The last arguments are
Airflow settings to try.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pairs import Pairs, Row, alternate
from rig import Ground, Rig, definitions, standing

from interact.commands.apply import apply_files
from interact.commands.stack import stop_when_told

HERE = Path(__file__).resolve().parent
VALUES = 100
WARM_UP = 10
"""Values of the first run of each side, which does not count."""
SECONDS = 1200
"""How long a run may take before it is given up."""


def against_group() -> list[Row]:
    """Return the row beside a mapped group of three tasks."""
    return [_told("fanout_100_vs_group", compare("group", pairs=3), aim=0.4)]


def against_flat() -> list[Row]:
    """Return the row beside one mapped task."""
    return [_told("fanout_100_vs_flat", compare("flat", pairs=5), aim=1.25)]


def compare(
    baseline: str, *, pairs: int, values: int = VALUES, database: str = "sqlite", changed: Sequence[str] = ()
) -> Pairs:
    """Return the seconds of both sides, taken in turn."""
    ground = Ground(database, (HERE / "dags_fanout",), changed=dict(word.split("=", 1) for word in changed))
    with standing(ground) as rig, _jobs(rig, values) as our_dag:
        ours, theirs = (_Side(rig, dag_id, values) for dag_id in (our_dag, f"bench_{baseline}"))
        found = alternate(ours, theirs, pairs=pairs)
        for (chats,) in rig.rows("SELECT count(*) FROM chats WHERE status <> 'completed' OR attempt <> 1"):
            if chats:
                raise SystemExit(f"fanout: {chats} chats are not completed at their first attempt")
    return found


@contextmanager
def _jobs(rig: Rig, values: int) -> Iterator[str]:
    """Save the job, and give the id of its DAG once Airflow has read it and the baselines."""
    names = [f"value-{number:03d}" for number in range(values)]
    job = {"parameters": {"market": {"values": names, "default": names}}}
    apply_files(rig.settings, [definitions(rig.stack.at.home, {"fan-out": job})])
    ((dag_id,),) = rig.rows("SELECT dag_id FROM jobs")
    wanted = {dag_id, "bench_flat", "bench_group"}
    _until(lambda: wanted <= {row[0] for row in rig.rows("SELECT dag_id FROM serialized_dag", store=False)})
    yield dag_id


@dataclass
class _Side:
    """Runs one DAG and returns its seconds, from the request to the end that Airflow recorded; first a small one."""

    rig: Rig
    dag_id: str
    values: int
    is_warm: bool = False

    def __call__(self) -> float:
        count = self.values if self.is_warm else min(WARM_UP, self.values)
        self.is_warm = True
        conf = {"market": [f"value-{number:03d}" for number in range(count)]}
        began = datetime.now(UTC)
        made = self.rig.airflow.post(f"/api/v2/dags/{self.dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        run_id = made["dag_run_id"]
        _until(lambda: self._run(run_id)[0] in ("success", "failed"))
        state, ended = self._run(run_id)
        if state != "success":
            raise SystemExit(f"fanout: {self.dag_id} {run_id} ended as {state}")
        seconds = (_instant(ended) - began).total_seconds()
        print(f"{self.dag_id:<28} {count:>4} values {seconds:7.1f} s   {self._parts(run_id, began)}", flush=True)
        return seconds

    def _run(self, run_id: str) -> tuple[str, object]:
        """Look into Airflow's database: its API would load all task instances each time."""
        query = "SELECT state, end_date FROM dag_run WHERE dag_id = :dag_id AND run_id = :run_id"
        ((state, ended),) = self.rig.rows(query, store=False, dag_id=self.dag_id, run_id=run_id)
        return state, ended

    def _parts(self, run_id: str, began: datetime) -> str:
        """Return from when to when each task ran, in seconds after the request, and how long one took."""
        query = (
            "SELECT task_id, min(start_date), max(end_date), avg(duration) FROM task_instance "
            "WHERE dag_id = :dag_id AND run_id = :run_id GROUP BY task_id ORDER BY 2"
        )
        parts = []
        for task_id, first, last, mean in self.rig.rows(query, store=False, dag_id=self.dag_id, run_id=run_id):
            times = [(_instant(at) - began).total_seconds() for at in (first, last)]
            parts.append(f"{task_id} {times[0]:.1f}-{times[1]:.1f} ({mean:.2f} each)")
        return ", ".join(parts)


def _instant(found: object) -> datetime:
    """Return an instant of Airflow's database, which SQLite gives as text."""
    instant = found if isinstance(found, datetime) else datetime.fromisoformat(str(found))
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _until(look: object) -> None:
    deadline = time.monotonic() + SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"fanout: gave up after {SECONDS} s")
        time.sleep(0.25)


def _told(name: str, pairs: Pairs, *, aim: float) -> Row:
    print(f"{name}: spread of the baseline {pairs.spread:.0%}, {len(pairs.ours)} pairs")
    return pairs.row(name, aim=aim)


def main(words: list[str]) -> int:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", choices=("group", "flat"), default="flat")
    parser.add_argument("--values", type=int, default=VALUES)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("changed", nargs="*", metavar="SECTION__KEY=value")
    asked = parser.parse_args(words)
    found = compare(
        asked.baseline, pairs=asked.pairs, values=asked.values, database=asked.database, changed=asked.changed
    )
    print(f"ratio {found.ratio:.2f}, spread of the baseline {found.spread:.0%}")
    return 0


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main(sys.argv[1:]))
