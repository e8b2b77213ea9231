"""API servers that die when they are told: `python -m builders.crashing` holds a warm one and forks it.

A process of its own, because what is forked must have no threads, and a test's process has some.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = str(ROOT / "plugins" / "interact")
TO_DATABASES = ("do_begin", "do_commit", "do_execute", "do_execute_no_params", "do_executemany", "do_rollback")
"""Where SQLAlchemy hands something to either database, ours and Airflow's."""

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Ended:
    """How a server ended: by its death, or by itself when it had nothing left to do."""

    answer: dict[str, Any] | None
    """What its client was told until then, with its `status`."""
    died: bool
    moments: str
    """What there was to be killed at, in order.

    `l` is a line of ours, `b` and `a` are before and after what is done to a database, `t` is when it has answered.
    """


class Servers:
    """What a test says to the process that holds the warm server."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def trigger(self, path: str, headers: dict[str, str], body: dict[str, Any], *, die_at: int = 0) -> Ended:
        """Send one trigger to a fresh server that is killed at its nth moment, counted from 1; never with 0."""
        told = self._ask({"do": "trigger", "path": path, "headers": headers, "body": body, "die_at": die_at})
        return Ended(**told)

    def warm(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        """Let the server answer one trigger before any fork, so that each of them begins with everything loaded."""
        self._ask({"do": "warm", "path": path, "headers": headers, "body": body})

    def begin_serving(self, *, die_at: int = 0) -> Ended:
        """Start a server that is killed at the nth moment of what it does before it serves anybody."""
        return Ended(**self._ask({"do": "begin_serving", "die_at": die_at}))

    def serve(self, port: int) -> None:
        """Start a server on a port, as Airflow does: with uvicorn."""
        self._ask({"do": "serve", "port": port})

    def kill(self) -> None:
        """Kill the server that serves."""
        self._ask({"do": "kill"})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        if not told:
            raise RuntimeError(f"The process that holds the server ended with {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(told)
        return answer


@contextmanager
def servers(home: Path, airflow_url: str, **environ: str) -> Iterator[Servers]:
    """Hold a warm server on the store in a folder and on Airflow's database."""
    folders = os.pathsep.join(str(ROOT / name) for name in ("plugins", "tests"))
    given = {"INTERACT_HOME": str(home), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow_url, **environ}
    with (home / "servers.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "builders.crashing"],
            env={**os.environ, "PYTHONPATH": folders, **given},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        with process:
            yield Servers(process)


def let_airflow_read_jobs(desk: Any) -> None:
    """Write the DAGs of all stored jobs into Airflow's database, as its DAG processor does after a parse."""
    from airflow.dag_processing.collection import update_dag_parsing_results_in_db
    from airflow.models.dagbundle import DagBundleModel
    from airflow.serialization.serialized_objects import LazyDeserializedDAG
    from airflow.utils.db import synchronize_log_template
    from airflow.utils.session import create_session

    from interact.factory.build import build
    from interact.jobs.stored import Published
    from interact.store.published import published

    with desk.store.reading() as session:
        dags = [build(Published.of(row), desk.settings) for row in published(session)]
    with create_session() as session:
        synchronize_log_template(session=session)
        session.merge(DagBundleModel(name="dags-folder"))
        session.flush()
        read = [LazyDeserializedDAG.from_dag(dag) for dag in dags]
        update_dag_parsing_results_in_db("dags-folder", None, read, {}, None, set(), session)


class Moments:
    """Counts the moments of a process, in all its threads, and kills it at one of them."""

    def __init__(self, die_at: int) -> None:
        self.seen: list[str] = []
        self._die_at = die_at
        self._numbers = count(1)
        self._doors = {_code(name) for name in TO_DATABASES}
        self._counts: dict[CodeType, bool] = {}

    def watch(self) -> None:
        """Begin to count."""
        threading.settrace(self._called)
        sys.settrace(self._called)

    def pass_one(self, kind: str) -> None:
        """Count one, or die."""
        if next(self._numbers) == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen.append(kind)

    def _called(self, frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        counts = self._counts.get(code)
        if counts is None:
            counts = self._counts[code] = code in self._doors or code.co_filename.startswith(PRODUCT)
        if not counts:
            return None
        if code not in self._doors:
            return self._in_product
        self.pass_one("b")
        return self._at_door

    def _in_product(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            self.pass_one("l")
        return self._in_product

    def _at_door(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "return":
            self.pass_one("a")
        return self._at_door


def _code(name: str) -> CodeType:
    from sqlalchemy.engine.default import DefaultDialect

    code: CodeType = getattr(DefaultDialect, name).__code__
    return code


class Warm:
    """A server with everything imported and used once, and no connection, no thread open: it is forked to serve."""

    def __init__(self, tell: Tell) -> None:
        import uvicorn

        from interact import settings
        from interact.api.app import rest_app
        from interact.runs.desk import open_desk

        self.desk = open_desk(settings.read())
        self.app = rest_app(self.desk)
        uvicorn.Config(self.app).load()  # which imports what it needs
        self._tell = tell
        self._serving = 0

    def obey(self, question: dict[str, Any]) -> None:
        """Do what a question says, and answer it."""
        match question.pop("do"):
            case "warm":
                self._warm(**question)
            case "trigger":
                die_at = question.pop("die_at")
                self._until_death(lambda told: ask(self.app, told, **question), die_at)
            case "begin_serving":
                from interact.api.handover import begin_serving

                self._until_death(lambda _: begin_serving(self.desk), question["die_at"])
            case "serve":
                self._serving = self._forked(lambda: self._serve(question["port"]))
                self._tell({})
            case "kill":
                self.kill()
                self._tell({})

    def kill(self) -> None:
        """Kill the fork that serves, if there is one."""
        if self._serving:
            os.kill(self._serving, signal.SIGKILL)
            os.waitpid(self._serving, 0)
            self._serving = 0

    def _warm(self, path: str, headers: dict[str, str], body: Any) -> None:
        """Answer one trigger in this very process, and leave no connection open: a fork would share it."""
        from airflow import settings

        ask(self.app, self._tell, path, headers, body)
        self.desk.store._current().dispose()
        settings.engine.dispose()
        gc.collect()
        gc.freeze()

    def _until_death(self, work: Callable[[Tell], None], die_at: int) -> None:
        mouth, ear = os.pipe()
        moments = Moments(die_at)

        def told(answer: dict[str, Any]) -> None:
            os.write(ear, json.dumps({"answer": answer}).encode() + b"\n")
            moments.pass_one("t")

        def watched() -> None:
            moments.watch()
            work(told)
            sys.settrace(None)
            os.write(ear, json.dumps({"moments": "".join(moments.seen)}).encode() + b"\n")

        child = self._forked(watched)
        os.close(ear)
        with os.fdopen(mouth) as lines:
            heard = [json.loads(line) for line in lines]
        _, status = os.waitpid(child, 0)
        whole = {"answer": None, "moments": "", "died": os.WIFSIGNALED(status)}
        for each in heard:
            whole |= each
        self._tell(whole)

    def _forked(self, work: Callable[[], None]) -> int:
        """Return the id of a process that does a piece of work, and ends with it whatever happens."""
        child = os.fork()
        if child:
            return child
        # As warm as a server is that has answered before: no connection is open, so its engine may be used on.
        self.desk.store._process = os.getpid()
        try:
            work()
        finally:
            if fault := sys.exc_info()[1]:
                traceback.print_exception(fault)
            os._exit(bool(fault))

    def _serve(self, port: int) -> None:
        import uvicorn

        uvicorn.run(self.app, host="127.0.0.1", port=port, log_config=None)


def ask(app: Any, told: Tell, path: str, headers: dict[str, str], body: Any) -> None:
    """Send one trigger to an app; `told` hears the answer at the instant at which it leaves the server."""
    answer: dict[str, Any] = {}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
        elif not message.get("more_body"):
            told(answer | json.loads(message["body"]))

    sent = {**headers, "Content-Type": "application/json"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def main() -> None:
    """Obey, a line a question, and answer each with a line; whatever else is written goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def tell(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    warm = Warm(tell)
    for line in sys.stdin:
        warm.obey(json.loads(line))
    warm.kill()


if __name__ == "__main__":
    main()
