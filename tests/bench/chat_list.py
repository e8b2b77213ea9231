"""The list of chats over HTTP, with 1,000, 10,000 and 100,000 chats in the store, on SQLite and on PostgreSQL.

200 jobs of four agents, ten chats a run, the demo's semantic model in each run's snapshot; a key that sees the 160 jobs
that are not private. The REST API runs in this process, without Airflow's own application around it.

    chat_list.py --chats 1000,10000 --database sqlite
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import postgres
from many_chats import A_RUN, Crowd, a_crowd
from pairs import Row
from serving import on_port

from interact import settings
from interact.commands.stack import stop_when_told
from interact.runs.desk import Desk, open_desk
from interact.store import keys
from interact.store.migrate import migrate

SIZES = (1_000, 10_000, 100_000)
JOBS, AGENTS = 200, 4
REQUESTS = 21
"""Of which the median counts."""
AIM_MILLISECONDS = 50.0
DATABASES = ("sqlite", "postgres")


def measure(sizes: Sequence[int] = SIZES, databases: Sequence[str] = DATABASES) -> list[Row]:
    """Return a row a database: the slowest kind of list with the most chats; all of them are printed."""
    rows = []
    for database in databases:
        with ExitStack() as stack:
            desk = stack.enter_context(_desk(database))
            crowd = a_crowd(desk.store, job_count=JOBS, agent_count=AGENTS)
            reader = stack.enter_context(_served(desk, crowd))
            found = {
                size: _lists(reader, crowd, before, size) for before, size in zip((0, *sizes), sizes, strict=False)
            }
        for kind in found[sizes[-1]]:
            figures = ", ".join(f"{size:,}: {found[size][kind]:.1f} ms" for size in sizes)
            print(f"chat_list_100k: {database:<9} {kind:<24} {figures}", flush=True)
        slowest = max(found[sizes[-1]].values())
        rows.append(Row(f"chat_list_100k_{database}", slowest, "ms", None, None, AIM_MILLISECONDS))
    return rows


def _lists(reader: "Reader", crowd: Crowd, before: int, size: int) -> dict[str, float]:
    """Let the store grow to a size, and return the milliseconds of page one of each kind of list, and of a last one."""
    crowd.add(range(before // A_RUN, size // A_RUN))
    job = crowd.jobs[0]
    kinds = {
        "plain": {},
        "of one job": {"jobId": job.job_id},
        "of one agent": {"agentId": job.agent_id},
        "completed": {"status": "completed"},
        "failed (one in 41)": {"status": "failed"},
        "cancelled (none)": {"status": "cancelled"},
        "failed, of one agent": {"agentId": job.agent_id, "status": "failed"},
        "failed, of one job": {"jobId": job.job_id, "status": "failed"},
    }
    found = {kind: reader.milliseconds(query) for kind, query in kinds.items()}
    seen, last = reader.walk()
    expected = sum(run % JOBS % 5 != 4 for run in range(size // A_RUN)) * A_RUN
    if seen != expected:
        raise SystemExit(f"chat_list_100k: {seen} chats on all pages together, not {expected}")
    return found | {"the last page": reader.milliseconds(last)}


class Reader:
    """A client of the list, over one connection that stays open."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = headers

    def page(self, query: dict[str, str]) -> Any:
        """Return one page."""
        self._connection.request("GET", f"/chats?{urlencode(query)}", headers=self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"chat_list_100k: {query} answered {answer.status}: {content[:300]!r}")
        return json.loads(content)

    def milliseconds(self, query: dict[str, str]) -> float:
        """Return the median of some requests for the same page."""
        taken = []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            self.page(query)
            taken.append(time.perf_counter() - began)
        return statistics.median(taken) * 1000

    def walk(self) -> tuple[int, dict[str, str]]:
        """Follow the plain list to its end; return how many different chats it has and the query of its last page."""
        seen: set[str] = set()
        query = {"limit": "200"}
        while True:
            page = self.page(query)
            seen |= {chat["id"] for chat in page["chats"]}
            if page["next"] is None:
                return len(seen), query
            query = {"limit": "200", "cursor": page["next"]}


@contextmanager
def _desk(database: str) -> Iterator[Desk]:
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-list-"))
        environ = {"INTERACT_HOME": home, "INTERACT_REQUESTS_PER_MINUTE": "1000000"}
        if database == "postgres":
            environ["INTERACT_DATABASE_URL"] = f"{stack.enter_context(postgres.server('interact'))}/interact"
        desk = open_desk(settings.read(environ))
        migrate(desk.settings.database_url)
        try:
            yield desk
        finally:
            desk.store._current().dispose()


@contextmanager
def _served(desk: Desk, crowd: Crowd) -> Iterator[Reader]:
    """Serve the REST API on a port of this process."""
    with ExitStack() as stack:
        # Importing Airflow makes its folder; nothing is left in anybody's home.
        os.environ.setdefault("AIRFLOW_HOME", stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-airflow-")))
        from interact.api.app import rest_app

        with desk.store.writing() as session:
            organisation_id = crowd.jobs[0].organisation_id
            wanted = keys.NewKey("bench", frozenset({"agent_jobs_read"}))
            secret, _ = keys.create(session, organisation_id, wanted, now=datetime.now(UTC))
        port = stack.enter_context(on_port(rest_app(desk, serving=lambda _: None)))
        yield Reader(port, {"X-API-Key": secret, "X-Organization-Id": organisation_id})


def main(words: list[str]) -> int:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", default=",".join(map(str, SIZES)))
    parser.add_argument("--database", choices=DATABASES)
    asked = parser.parse_args(words)
    measure([int(size) for size in asked.chats.split(",")], [asked.database] if asked.database else DATABASES)
    return 0


if __name__ == "__main__":
    stop_when_told()
    sys.exit(main(sys.argv[1:]))
