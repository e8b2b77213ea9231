"""A job due every minute whose runs take 150 s, on a real Airflow: is each minute accounted for, and none late?

    overlap.py --database sqlite|postgres --minutes 10 --fault none|scheduler|everything --schedulers 1|2 --down 90

`--fault scheduler` kills (-9) the scheduler that runs a task of the first job, in the middle, `everything` its workers
and their tasks too; the only scheduler is started again after `--down` seconds. Ends with 1 when anything is wrong.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rig import Ground, Rig, definitions, standing
from sqlalchemy import select
from verdict import HEAD, Account, Stay, Time

from interact.commands.apply import apply_files
from interact.commands.stack import REPOSITORY, stop_when_told
from interact.store.sessions import open_store
from interact.store.tables import JobRow, RunRow
from interact.store.time_tables import ExpectedTimeRow

HERE = Path(__file__).resolve().parent
JOBS = ("slow-plain", "slow-by-hand", "quick")
"""The second one is also started by hand, in the middle of a scheduled run; the last one answers at once."""
MINUTE = timedelta(minutes=1)
RECOVERY = timedelta(seconds=60)
"""What an Airflow may need to come up again after it was killed."""
PATIENCE_SECONDS = 900


def main(words: list[str]) -> int:
    """Run one story, print its table, and return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--schedulers", type=int, default=1)
    parser.add_argument("--fault", choices=("none", "scheduler", "everything"), default="none")
    parser.add_argument("--down", type=float, default=90.0)
    parser.add_argument("changed", nargs="*", metavar="SECTION__KEY=value")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="bench-dags-") as folder:
        dags = Path(folder)
        for file in (HERE / "dags_slow" / "bench_slow_jobs.py", REPOSITORY / "dags" / "interact_watch.py"):
            shutil.copy(file, dags)
        ground = Ground(
            database=asked.database,
            dags=(dags,),
            schedulers=asked.schedulers,
            changed={"DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5"} | dict(w.split("=", 1) for w in asked.changed),
            environ={"BENCH_WITNESS": str(dags / "witness"), "INTERACT_WATCH_MINUTES": "1"},
        )
        with standing(ground) as rig:
            accounts = _story(rig, asked, dags / "witness")
    print(HEAD + f"{'worst s':>9}")
    for account in accounts:
        print(account.line())
    wrong = [f"{account.job}: {sentence}" for account in accounts for sentence in account.violations()]
    print("\n".join(wrong) or "Nothing is wrong.")
    return 1 if wrong else 0


def _story(rig: Rig, asked: argparse.Namespace, witness: Path) -> list[Account]:
    begun = _save(rig, enabled=True)
    _tell("three jobs are saved, due every minute")
    middle = begun + asked.minutes * MINUTE / 2
    _sleep_until(middle)
    rig.airflow.post(f"/api/v2/dags/{_dag_ids(rig)['slow-by-hand']}/dagRuns", {"logical_date": None})
    _tell("one is started by hand")
    outages = []
    if asked.fault != "none":
        outages.append(_fault(rig, asked, witness))
    _sleep_until(begun + asked.minutes * MINUTE)
    ended = _save(rig, enabled=False)
    _tell("their schedules are off; the watch accounts for the last minutes")
    _until(rig, lambda: not any(account.missed for account in _accounts(rig, begun, ended, outages)))
    _until(rig, lambda: all(run.ended_at for run in _runs(rig)))
    _tell_all(rig)
    return [_with_witness(account, witness) for account in _accounts(rig, begun, ended, outages)]


def _with_witness(account: Account, witness: Path) -> Account:
    """Return an account that also knows when agents were seen answering, whatever the store says of their runs."""
    planned = {stay.dag_run_id: stay.planned for stay in account.stays}
    open_since: dict[str, datetime] = {}
    seen: list[Stay] = []
    for dag_id, run_id, word, at in _witnessed(witness):
        if account.job.replace("-", "_") not in dag_id:
            continue
        if word == "began":
            open_since[run_id] = datetime.fromisoformat(at)
        elif run_id in open_since:
            seen.append(Stay(run_id, planned.get(run_id), open_since.pop(run_id), datetime.fromisoformat(at)))
    return replace(account, stays=[*account.stays, *seen])


def _save(rig: Rig, *, enabled: bool) -> datetime:
    """Save the jobs well inside a minute, so that it is clear which minutes are expected; return when."""
    while not 5 <= datetime.now(UTC).second <= 40:
        time.sleep(0.5)
    schedule = {"cron": "* * * * *", "enabled": enabled}
    apply_files(rig.settings, [definitions(rig.stack.at.home, {key: {"schedule": schedule} for key in JOBS})])
    return datetime.now(UTC)


def _fault(rig: Rig, asked: argparse.Namespace, witness: Path) -> tuple[datetime, datetime]:
    """Kill a scheduler while an answer is on its way, and return from when to when that may be felt."""
    _until(rig, lambda: _in_the_middle(witness))
    killed = datetime.now(UTC)
    name = rig.scheduler_of(_dag_ids(rig)["slow-plain"])
    rig.kill_scheduler(name, tasks=asked.fault == "everything")
    _tell(f"{name}, which runs a task of slow-plain, is killed ({asked.fault})")
    if asked.schedulers == 1:
        time.sleep(asked.down)
        rig.start_scheduler(name)
        _tell("it is started again")
    return killed, datetime.now(UTC) + RECOVERY


def _in_the_middle(witness: Path) -> bool:
    """Return whether the first job's agent has been answering for half a minute or a little more."""
    seen = [words for words in _witnessed(witness) if "slow_plain" in words[0]]
    if not seen or seen[-1][2] != "began":
        return False
    return timedelta(seconds=30) < datetime.now(UTC) - datetime.fromisoformat(seen[-1][3]) < timedelta(seconds=60)


def _witnessed(witness: Path) -> list[list[str]]:
    """Return what agents wrote while they answered: DAG, run, "began" or "ended", when."""
    return [line.split() for line in witness.read_text(encoding="utf-8").splitlines()] if witness.exists() else []


def _accounts(rig: Rig, begun: datetime, ended: datetime, outages: list[tuple[datetime, datetime]]) -> list[Account]:
    first = begun.replace(second=0, microsecond=0) + MINUTE
    expected = [first + n * MINUTE for n in range(int((ended - first) / MINUTE) + 1)]
    with open_store(rig.settings.database_url).reading() as session:
        jobs = session.scalars(select(JobRow).order_by(JobRow.created_at, JobRow.key)).all()
        times = session.scalars(select(ExpectedTimeRow).order_by(ExpectedTimeRow.due_at)).all()
    runs = _runs(rig)
    return [
        Account(
            job=job.key,
            expected=expected,
            times=[
                Time(row.due_at, row.outcome, row.reason, row.dag_run_id, row.started_at)
                for row in times
                if row.job_id == job.id
            ],
            stays=[Stay(r.dag_run_id, r.due_at, r.started_at, r.ended_at) for r in runs if r.job_id == job.id],
            outages=outages,
        )
        for job in jobs
    ]


def _runs(rig: Rig) -> list[RunRow]:
    with open_store(rig.settings.database_url).reading() as session:
        return list(session.scalars(select(RunRow).where(RunRow.started_at.is_not(None)).order_by(RunRow.started_at)))


def _dag_ids(rig: Rig) -> dict[str, str]:
    with open_store(rig.settings.database_url).reading() as session:
        return {row.key: row.dag_id for row in session.scalars(select(JobRow))}


def _tell_all(rig: Rig) -> None:
    keys = dict(map(tuple, rig.rows("SELECT id, key FROM jobs")))
    with open_store(rig.settings.database_url).reading() as session:
        for row in session.scalars(select(ExpectedTimeRow).order_by(ExpectedTimeRow.job_id, ExpectedTimeRow.due_at)):
            started = f"{row.started_at:%H:%M:%S}" if row.started_at else "-"
            told = f"decided {row.decided_at:%H:%M:%S}  {row.reason or ''}"
            print(f"  {keys[row.job_id]:<13} {row.due_at:%H:%M}  {row.outcome:<8} started {started:<9} {told}")


def _sleep_until(instant: datetime) -> None:
    time.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def _until(rig: Rig, look: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look() and time.monotonic() < deadline:
        rig.stack.check()
        time.sleep(2)


def _tell(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {line}", flush=True)


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main(sys.argv[1:]))
