"""A model's step with our record, guard and door, beside bare pydantic-ai at the same server.

Both ask a fake server eleven times and run the same query ten times. Bare, a query is a call of DuckDB in the same
process, and nothing is kept.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from runpy import run_path
from typing import Any

from pairs import Row, alternate

from interact import settings
from interact.agents.llm.answering import LlmAgent, Source
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.ask import ask, open_attempt
from interact.runs.desk import Desk, open_desk
from interact.store import agents, jobs, organisations
from interact.store.migrate import migrate
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.semantic import SemanticModel, read_model

REPOSITORY = Path(__file__).resolve().parents[2]
QUERIES = 10
STEPS = QUERIES + 1
ASKED = {"title": "Spend", "metrics": ["spend"], "dimensions": ["campaign"], "start": "2026-11-16", "end": "2026-11-22"}
SQL = (
    "SELECT campaign, SUM(spend) AS spend FROM ad_performance "
    "WHERE date BETWEEN DATE '2026-11-16' AND DATE '2026-11-22' GROUP BY campaign ORDER BY spend DESC"
)


def measure() -> list[Row]:
    """Return the row: milliseconds of one step, ours and bare."""
    import duckdb

    model = read_model(REPOSITORY / "include" / "demo" / "semantic_model.yaml")
    with tempfile.TemporaryDirectory() as folder, _server() as url:
        path = Path(folder) / "w.duckdb"
        run_path(str(REPOSITORY / "include" / "demo" / "performance.py"))["load"](path, date(2026, 11, 22))
        desk = open_desk(settings.read({"INTERACT_HOME": folder}))
        migrate(desk.settings.database_url)
        agent = LlmAgent([Source("m", lambda: _model(url))])
        with (
            DuckDbDoor(path, model, {}, new_id=lambda: new_id("result")) as door,
            duckdb.connect(str(path), read_only=True) as warehouse,
        ):
            door.members("market")  # Its process is there from now on.
            job = _job(desk, model)
            pairs = alternate(lambda: _ours(desk, job, agent, door), lambda: _bare(url, warehouse))
    print(
        f"agent_step_overhead: a step takes {_milliseconds(pairs.ours):.1f} ms with ours and "
        f"{_milliseconds(pairs.baseline):.1f} ms bare (which swings by {pairs.spread:.0%})",
        file=sys.stderr,
    )
    ours, bare = _milliseconds(pairs.ours), _milliseconds(pairs.baseline)
    return [Row("agent_step_overhead", ours, "ms", bare, pairs.ratio, None)]


def _milliseconds(seconds: tuple[float, ...]) -> float:
    return 1000 * statistics.median(seconds) / STEPS


def _job(desk: Desk, model: SemanticModel) -> StoredJob:
    plain = {"key": "bench", "organisation": "bench", "name": "Bench", "warehouse": "w", "type": "llm"}
    definition = {**plain, "connection": "m", "semantic_model": model.model_dump(mode="json", exclude_none=True)}
    job = {"key": "bench", "organisation": "bench", "agent": "bench", "name": "Bench", "prompt": "Spend", "owner": "b"}
    with desk.store.writing() as session:
        organisations.save(session, Organisation(key="bench", name="Bench", timezone="UTC"), now=desk.now())
        agents.save(session, Agent.model_validate(definition), now=desk.now())
        return jobs.save(session, Job.model_validate(job), now=desk.now())[0]


def _ours(desk: Desk, job: StoredJob, agent: LlmAgent, door: DuckDbDoor) -> float:
    """Return the seconds of one chat's answer."""
    accepted = accept(desk, Ask(job.job_id, {}, "key:bench"))
    run, chat = accepted.run, accepted.chats[0]
    attempt = open_attempt(desk, chat.chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
    began = time.perf_counter()
    counts = ask(desk, attempt, open_warehouse=lambda *_: _open(door), find_agent=lambda _: agent)
    seconds = time.perf_counter() - began
    if counts["queries"] < QUERIES:
        raise RuntimeError(f"{counts['queries']} queries were made; {QUERIES} are meant.")
    return seconds


def _bare(url: str, warehouse: Any) -> float:
    """Return the seconds that pydantic-ai's own loop takes for the same."""
    from pydantic_ai import Agent as Bare

    began = time.perf_counter()
    bare = Bare(_model(url), output_type=str, instructions="You are an analyst.")

    @bare.tool_plain
    async def query_metrics(
        title: str, metrics: list[str], dimensions: list[str], start: date, end: date
    ) -> list[tuple[Any, ...]]:
        """Run the query."""
        rows: list[tuple[Any, ...]] = warehouse.execute(SQL).fetchall()
        return rows

    asyncio.run(bare.run("Spend"))
    return time.perf_counter() - began


@contextmanager
def _open(door: DuckDbDoor) -> Iterator[DuckDbDoor]:
    yield door


def _model(url: str) -> Any:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel("fake-1", provider=OpenAIProvider(api_key="none", base_url=f"{url}/v1"))


class _Handler(BaseHTTPRequestHandler):
    """Calls the one tool until it has given enough, then says so."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # One packet an answer: two would wait for each other.

    def do_POST(self) -> None:
        """Answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        done = sum(message["role"] == "tool" for message in body["messages"])
        function = {"name": "query_metrics", "arguments": json.dumps(ASKED)}
        call = {"id": f"c{done}", "type": "function", "function": function}
        message: dict[str, Any] = {"role": "assistant", "content": "Done." if done >= QUERIES else None}
        if done < QUERIES:
            message["tool_calls"] = [call]
        answer = {
            "id": "a",
            "object": "chat.completion",
            "created": 1,
            "model": "fake-1",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop" if done >= QUERIES else "tool_calls"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }
        sent = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _server() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=serving.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}"
    finally:
        serving.shutdown()
        serving.server_close()
