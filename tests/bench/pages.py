"""Each page as a browser asks for it, with 1,000 jobs of one agent and 100,000 chats in the store.

    pages.py --database sqlite --jobs 200 --chats 10000

The pages and Airflow's own database are in this process, behind a port, without Airflow's application around them. Ada
looks: at the 800 jobs that are shared and at 200 private ones of her own. `page_p95` is the slowest page's 95th
percentile; `page_weight` the heaviest page with the files that it names, as they are sent, each counted once.
"""

import argparse
import gzip
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import postgres
from many_chats import A_RUN, Crowd, a_crowd
from pairs import Row
from serving import on_port
from sqlalchemy import event, insert, select

from interact import settings
from interact.commands.stack import stop_when_told
from interact.runs.desk import Desk, open_desk
from interact.store.migrate import migrate
from interact.store.tables import AttemptRow, ChatRow, MessageRow, QueryRow
from interact.store.time_tables import ExpectedTimeRow

JOBS, CHATS = 1_000, 100_000
REQUESTS = 40
MILLISECONDS, KILOBYTES = 150.0, 150.0
NAMED = re.compile(r'(?:src|href)="(/interact/static/[^"]+)"')


def measure(jobs: int = JOBS, chats: int = CHATS, database: str = "postgres") -> list[Row]:
    """Return the rows `page_p95` and `page_weight`; every page is printed."""
    with ExitStack() as stack:
        desk = stack.enter_context(_desk(database))
        crowd = a_crowd(desk.store, job_count=jobs, agent_count=1)
        crowd.add(range(chats // A_RUN))
        visitor = stack.enter_context(_served(desk))
        found = {name: visitor.seen(path) for name, path in _pages(desk, crowd).items()}
    for name, page in found.items():
        print(
            f"page_p95: {name:<22} p50 {page.p50:6.1f} ms, p95 {page.p95:6.1f} ms, "
            f"{page.statements} statements, {page.kilobytes:5.1f} kB",
            flush=True,
        )
    slowest, heaviest = max(each.p95 for each in found.values()), max(each.kilobytes for each in found.values())
    return [
        Row("page_p95", slowest, "ms", None, None, MILLISECONDS),
        Row("page_weight", heaviest, "kB", None, None, KILOBYTES),
    ]


def _pages(desk: Desk, crowd: Crowd) -> dict[str, str]:
    """Return the pages by name; one job gets a history and one chat an answer."""
    job, many = crowd.jobs[0], crowd.jobs[1]
    with desk.store.writing() as session:
        chat_id, run_id = _answered(session, job.job_id)
        _expected(session, many.job_id)
    agent, job_page, organisation = f"/agents/{job.agent_id}", f"/jobs/{many.job_id}", job.organisation_id
    return {
        "agents": "/agents",
        "agent, its chats": agent,
        "agent, its jobs": f"{agent}/jobs",
        "jobs found": f"{agent}/jobs?q=report+7",
        "agent, settings": f"{agent}/settings",
        "create job": f"{agent}/jobs/new",
        "job, its history": job_page,
        "history, skipped": f"{job_page}?outcome=skipped",
        "history, failed": f"{job_page}?outcome=failed",
        "job, settings": f"{job_page}/settings",
        "run now": f"{job_page}/run",
        "run": f"/runs/{run_id}",
        "chat": f"/chats/{chat_id}",
        "organisation": f"/organisations/{organisation}/settings",
        "keys": f"/organisations/{organisation}/keys",
        "reference": f"/organisations/{organisation}/reference",
    }


@dataclass(frozen=True)
class Seen:
    """What one page cost: milliseconds, statements of the store, kilobytes with what it names."""

    p50: float
    p95: float
    statements: int
    kilobytes: float


class Visitor:
    """Somebody's browser, over one connection that stays open."""

    def __init__(self, port: int, token: str, counted: list[str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": f"_token={token}", "Accept-Encoding": "gzip"}
        self._counted = counted

    def seen(self, path: str) -> Seen:
        """Ask for a page some times."""
        self._body(f"/interact{path}")
        self._counted.clear()
        page, sent = self._body(f"/interact{path}")
        statements = len(self._counted)
        assets = sum(self._body(name)[1] for name in sorted(set(NAMED.findall(page.decode()))))
        taken = []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            self._body(f"/interact{path}")
            taken.append((time.perf_counter() - began) * 1000)
        return Seen(statistics.median(taken), statistics.quantiles(taken, n=20)[18], statements, (sent + assets) / 1000)

    def _body(self, path: str) -> tuple[bytes, int]:
        """Return what an address answers, and how many bytes were sent for it."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"page_p95: {path} answered {answer.status}: {content[:300]!r}")
        plain = gzip.decompress(content) if answer.headers["Content-Encoding"] == "gzip" else content
        return plain, len(content)


def _answered(session: Any, job_id: str) -> tuple[str, str]:
    """Give the newest chat of a job eight queries and an answer."""
    newest = select(ChatRow).where(ChatRow.job_id == job_id).order_by(ChatRow.created_at.desc()).limit(1)
    row = session.scalars(newest).one()
    at = row.created_at
    attempt = {"chat_id": row.id, "number": 1, "status": "completed", "prompt": row.prompt, "started_at": at}
    session.execute(insert(AttemptRow), [attempt | {"ended_at": at, "usage": {"queries": 8}, "headline": []}])
    said = [("user", row.prompt), ("assistant", "Spend was 1,234 and ROAS 2.1 over the past 7 days. " * 12)]
    session.execute(
        insert(MessageRow),
        [
            {
                "chat_id": row.id,
                "attempt": 1,
                "position": position,
                "role": role,
                "text": text,
                "result_ids": [],
                "created_at": at,
            }
            for position, (role, text) in enumerate(said, 1)
        ],
    )
    session.execute(
        insert(QueryRow),
        [
            {
                "result_id": f"result_{number:012}",
                "chat_id": row.id,
                "attempt": 1,
                "position": number,
                "title": f"Table {number}",
                "sql": "SELECT campaign, SUM(spend) AS spend FROM ad_performance GROUP BY campaign " * 3,
                "row_count": 0,
                "truncated": False,
                "elapsed_seconds": 0.01,
                "failure": "The warehouse was away.",
            }
            for number in range(1, 9)
        ],
    )
    return row.id, row.run_id


def _expected(session: Any, job_id: str) -> None:
    """Give a job a year of hours that were skipped or did not run."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    session.execute(
        insert(ExpectedTimeRow),
        [
            {
                "job_id": job_id,
                "due_at": now - timedelta(hours=number),
                "outcome": "skipped" if number % 3 else "not_run",
                "reason": "A run was in progress.",
                "decided_at": now,
            }
            for number in range(24 * 365)
        ],
    )


@contextmanager
def _desk(database: str) -> Iterator[Desk]:
    """Give a desk on a fresh store; Airflow's database stands beside it."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-pages-"))
        os.environ["AIRFLOW_HOME"] = home
        environ = {"INTERACT_HOME": home}
        airflow = f"sqlite:///{home}/airflow.db"
        if database == "postgres":
            server = stack.enter_context(postgres.server("interact", "airflow"))
            environ["INTERACT_DATABASE_URL"], airflow = f"{server}/interact", f"{server}/airflow"
        os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = airflow
        os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = "of a measurement " * 8
        desk = open_desk(settings.read(environ))
        migrate(desk.settings.database_url)
        try:
            yield desk
        finally:
            desk.store._current().dispose()


@contextmanager
def _served(desk: Desk) -> Iterator[Visitor]:
    """Serve the pages on a port of this process, as Airflow mounts them."""
    from airflow import settings as airflow_settings
    from airflow.api_fastapi.app import create_auth_manager, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from fastapi import FastAPI

    from interact.api.app import pages_app

    import_all_models()
    Base.metadata.create_all(airflow_settings.engine)
    create_auth_manager()
    whole, counted = FastAPI(), list[str]()
    whole.mount("/interact", pages_app(desk))
    event.listen(desk.store._current(), "before_cursor_execute", lambda *what: counted.append(what[2]))
    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="ada", role="admin"))
    with on_port(whole) as port:
        yield Visitor(port, token, counted)


def main(words: list[str]) -> int:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--chats", type=int, default=CHATS)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="postgres")
    asked = parser.parse_args(words)
    measure(asked.jobs, asked.chats, asked.database)
    return 0


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main(sys.argv[1:]))
