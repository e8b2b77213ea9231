"""Starting a job by API: how long one call takes beside Airflow's own, and what becomes of fifty at once.

`trigger_p50` triggers the same DAGs by our API and by Airflow's, in turn, over connections that stay open, on one API
server without a scheduler, so that nothing but the calls is at work: the runs stay queued. `triggers_50_at_once` has
all parts of an Airflow, and agents that cost nothing, as in `fanout`.
"""

import json
import statistics
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any

from each_once import Answered, Chat, violations
from pairs import Row, alternate
from rig import Ground, Rig, definitions, key_headers, standing

from interact.commands.apply import apply_files
from interact.commands.stack import REPOSITORY, stop_when_told

HERE = Path(__file__).resolve().parent
JOBS = 25
"""Enough that none of them has more runs waiting than it may."""
PAIRS = 200
WARM_UP = 50
AT_ONCE = 50
SECONDS = 600
MANY = {"INTERACT_REQUESTS_PER_MINUTE": "1000000"}
MARKETS = {"market": {"values": ["NL", "BE", "DE"], "default": ["NL"]}}


class Line:
    """A connection that stays open, with the headers that each request on it carries."""

    def __init__(self, rig: Rig, headers: Mapping[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", rig.stack.at.port, timeout=120)
        self._headers = {"Content-Type": "application/json", **headers}

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Return status and decoded answer."""
        self._connection.request("POST", path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def seconds(self, path: str, body: object, expected: int) -> float:
        """Return how long one call took; raises SystemExit for another status than the expected one."""
        began = time.perf_counter()
        status, told = self.post(path, body)
        took = time.perf_counter() - began
        if status != expected:
            raise SystemExit(f"{path} answered {status}: {told}")
        return took


def one() -> list[Row]:
    """Return the row of single calls; medians and 95th percentiles are printed."""
    ground = Ground("sqlite", (REPOSITORY / "dags",), schedulers=0, environ=MANY)
    with standing(ground) as rig:
        jobs = _jobs(rig, JOBS)
        airflow, interact = Line(rig, rig.airflow.headers), Line(rig, key_headers(rig))
        dag_ids, job_ids = cycle(jobs), cycle(jobs.values())
        theirs = {"logical_date": None, "conf": {"market": ["NL"]}}
        ours = {"parameters": {"market": ["NL"]}}

        def by_airflow() -> float:
            return airflow.seconds(f"/api/v2/dags/{next(dag_ids)}/dagRuns", theirs, 200)

        def by_us() -> float:
            return interact.seconds(f"/api/agents/jobs/{next(job_ids)}/trigger", ours, 202)

        for _ in range(WARM_UP):
            by_airflow(), by_us()
        pairs = alternate(by_us, by_airflow, pairs=PAIRS)
    for name, seconds in (("ours", pairs.ours), ("Airflow's", pairs.baseline)):
        tenths = statistics.quantiles([second * 1000 for second in seconds], n=20)
        print(f"trigger_p50: {name:<10} p50 {tenths[9]:6.1f} ms, p95 {tenths[18]:6.1f} ms")
    print(f"trigger_p50: ratio {pairs.ratio:.2f}, spread of the baseline {pairs.spread:.0%}, {PAIRS} pairs")
    return [pairs.row("trigger_p50", aim=1.3)]


def at_once() -> list[Row]:
    """Return the rows: seconds until fifty triggers of fifty jobs were accepted, and until their runs had ended.

    The same for fifty triggers of one job, whose runs follow each other, is printed. Raises SystemExit when a chat is
    lost, made twice or not answered at its first attempt.
    """
    ground = Ground("sqlite", (HERE / "dags_fanout",), environ=MANY | {"INTERACT_MAX_WAITING_RUNS": str(AT_ONCE)})
    with standing(ground) as rig:
        jobs = list(_jobs(rig, AT_ONCE).values())
        accepted, ended = _all_at_once(rig, jobs)
        _tell("of as many jobs", accepted, ended)
        _tell("of one job", *_all_at_once(rig, jobs[:1] * AT_ONCE))
    return [
        Row("triggers_50_accepted", accepted, "s", None, None, None),
        Row("triggers_50_at_once", ended, "s", None, None, None),
    ]


def _all_at_once(rig: Rig, job_ids: list[str]) -> tuple[float, float]:
    headers, gate, before = key_headers(rig), threading.Barrier(len(job_ids) + 1), _ended(rig)

    def trigger(job_id: str) -> tuple[int, Any]:
        line = Line(rig, headers)
        gate.wait()
        return line.post(f"/api/agents/jobs/{job_id}/trigger", {"parameters": {"market": ["NL"]}})

    with ThreadPoolExecutor(len(job_ids)) as pool:
        calls = [pool.submit(trigger, job_id) for job_id in job_ids]
        gate.wait()
        began = time.monotonic()
        answers = [call.result() for call in calls]
    accepted = time.monotonic() - began
    refused = [answer for answer in answers if answer[0] != 202]
    if refused:
        raise SystemExit(f"triggers_50_at_once: {len(refused)} of {len(answers)} refused, as {refused[0]}")
    _until(lambda: _ended(rig) >= before + len(answers))
    ended = time.monotonic() - began
    _require_each_once(rig, [Answered(told["run"]["id"], told["chat_id"]) for _, told in answers])
    return accepted, ended


def _require_each_once(rig: Rig, answers: list[Answered]) -> None:
    """Raise SystemExit unless store and Airflow have a run and a chat of each answer, and no others."""
    chats = [Chat(*row) for row in rig.rows("SELECT id, run_id, status, attempt FROM chats")]
    dag_runs = [(run_id, state) for run_id, state in rig.rows("SELECT run_id, state FROM dag_run", store=False)]
    wrong = violations(answers, chats, dag_runs)
    if wrong:
        raise SystemExit("\n".join(["triggers_50_at_once:", *wrong]))


def _ended(rig: Rig) -> int:
    """Return how many runs have ended in Airflow, which is after they have in the store."""
    ((ended,),) = rig.rows("SELECT count(*) FROM dag_run WHERE state IN ('success', 'failed')", store=False)
    return int(ended)


def _jobs(rig: Rig, number: int) -> dict[str, str]:
    """Save so many jobs, and return their DAGs' ids with their own once Airflow has read them."""
    names = [f"bench-{each:03d}" for each in range(number)]
    apply_files(rig.settings, [definitions(rig.stack.at.home, {name: {"parameters": MARKETS} for name in names})])
    jobs = {row[0]: row[1] for row in rig.rows("SELECT dag_id, id FROM jobs")}
    query = "SELECT count(DISTINCT dag_id) FROM serialized_dag WHERE dag_id LIKE 'interact_bench%'"
    _until(lambda: rig.rows(query, store=False)[0][0] >= number)
    return jobs


def _until(look: Any) -> None:
    deadline = time.monotonic() + SECONDS
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(f"trigger: gave up after {SECONDS} s")
        time.sleep(0.2)


def _tell(what: str, accepted: float, ended: float) -> None:
    print(f"triggers_50_at_once: {what}: accepted after {accepted:.2f} s, ended after {ended:.1f} s", flush=True)


if __name__ == "__main__":
    stop_when_told()
    one()
    at_once()
