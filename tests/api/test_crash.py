"""A 202 survives a crash of the API server at any moment: what was promised comes, and comes once."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests
from sqlalchemy import delete, select, update

from builders.airflow_tables import airflow_tables
from builders.crashing import Ended, Servers, free_port, let_airflow_read_jobs, servers
from builders.execution_api import a_task
from builders.story import a_desk, a_job
from interact.api.handover import begin_serving
from interact.jobs.stored import StoredJob
from interact.operators.supervisor import Supervisor
from interact.runs.accept import Ask, accept
from interact.runs.account import account
from interact.runs.desk import Desk
from interact.store import keys, organisations
from interact.store.tables import ChatRow, KeyRow, RequestRow, RunRow

ALL = bool(os.environ.get("EXPLORE"))
"""Whether a server dies at each of its moments; else after all that it does to a database, and at some of its lines."""
MARKETS = ("NL", "BE")
BODY = {"parameters": {"market": MARKETS}}
ORDER = "order-7"
LIMITS = {"INTERACT_MAX_WAITING_RUNS": "10000", "INTERACT_REQUESTS_PER_MINUTE": "1000000"}
# One house for all: the second process of a parallel run would make its own, and take its time.
pytestmark = pytest.mark.timeout(1800 if ALL else 300)


@dataclass(frozen=True)
class LaterDesk(Desk):
    """A desk whose clock is two minutes ahead: what Airflow has not taken by then was left behind."""

    def now(self) -> datetime:
        """Return the instant in two minutes."""
        return datetime.now(UTC) + timedelta(minutes=2)


@dataclass(frozen=True)
class Kept:
    """What there is of triggers, by the ids of their runs: in our store, and in Airflow."""

    runs: tuple[str, ...] = ()
    """With its verdict where that is not `queued`."""
    chats: tuple[tuple[str, str], ...] = ()
    """Run and market of each."""
    requests: tuple[tuple[str, str], ...] = ()
    """Idempotency-Key and run of each."""
    noted: tuple[str, ...] = ()
    """Those of which we know that Airflow has them."""
    in_airflow: tuple[str, ...] = ()
    """With its state and values where those are not as they should be."""


def one(run_id: str, *, noted: bool = True, in_airflow: bool = True) -> Kept:
    """Return what there has to be of one trigger, in the end or on the way to it."""
    own = (run_id,)
    chats = tuple((run_id, market) for market in MARKETS)
    return Kept(own, chats, ((ORDER, run_id),), own if noted else (), own if in_airflow else ())


def stage(kept: Kept) -> str:
    """Return how far a server came; whatever lies between two stages is none, and fails."""
    if not kept.runs:
        return {Kept(): "nothing"}[kept]
    run_id = kept.runs[0]
    return {
        one(run_id, noted=False, in_airflow=False): "accepted",
        one(run_id, noted=False): "in Airflow",
        one(run_id): "noted",
    }[kept]


@dataclass
class House:
    """A store and Airflow's own database with one job in both, the client of a good server, and servers that die."""

    desk: Desk
    job: StoredJob
    headers: dict[str, str]
    client: Any
    servers: Servers

    @property
    def path(self) -> str:
        """Where the job is triggered."""
        return f"/jobs/{self.job.job_id}/trigger"

    def trigger(self, *, die_at: int = 0) -> Ended:
        """Trigger the job through a server that dies; what it answered was a 202 for what is stored."""
        ended = self.servers.trigger(self.path, self.headers | {"Idempotency-Key": ORDER}, BODY, die_at=die_at)
        if ended.answer is not None:
            assert (ended.answer["status"], ended.answer["run"]["id"]) == (202, *self.kept().runs), die_at
        return ended

    def trigger_again(self) -> str:
        """Send the same request to a good server, and return the run's id."""
        answer = self.client.post(self.path, headers=self.headers | {"Idempotency-Key": ORDER}, json=BODY)
        assert answer.status_code == 202, answer.text
        run_id: str = answer.json()["run"]["id"]
        return run_id

    def recover(self, *, by_watch: bool) -> None:
        """Let the watch pass in two minutes, or a server start again now."""
        if by_watch:
            account(LaterDesk(self.desk.store, self.desk.files, self.desk.settings), Supervisor())
        else:
            begin_serving(self.desk)
        kept = self.kept()
        assert kept.runs == kept.noted == kept.in_airflow

    def kept(self) -> Kept:
        """Look into both databases."""
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session

        with self.desk.store.reading() as session:
            runs = session.execute(select(RunRow.id, RunRow.verdict, RunRow.queued_at).order_by(RunRow.id)).all()
            each_chat = select(ChatRow.run_id, ChatRow.parameters).order_by(ChatRow.run_id, ChatRow.position)
            chats = session.execute(each_chat).all()
            asked = session.execute(select(RequestRow.key, RequestRow.run_id).order_by(RequestRow.key)).all()
        with create_session() as session:
            dag_runs = session.execute(select(DagRun.run_id, DagRun.state, DagRun.conf).order_by(DagRun.run_id)).all()
        return Kept(
            runs=tuple(run_id if verdict == "queued" else f"{run_id} {verdict}" for run_id, verdict, _ in runs),
            chats=tuple((run_id, parameters["market"]) for run_id, parameters in chats),
            requests=tuple((key, run_id) for key, run_id in asked),
            noted=tuple(run_id for run_id, _, queued_at in runs if queued_at),
            in_airflow=tuple(
                run_id if (state, conf) == ("queued", {"market": list(MARKETS)}) else f"{run_id} {state} {conf}"
                for run_id, state, conf in dag_runs
            ),
        )

    @contextmanager
    def mislaid(self) -> Iterator[None]:
        """Let Airflow know of the DAG, but not what it is made of."""
        self._rename(self.job.dag_id, "mislaid")
        try:
            yield
        finally:
            self._rename("mislaid", self.job.dag_id)

    def _rename(self, was: str, becomes: str) -> None:
        from airflow.models.serialized_dag import SerializedDagModel
        from airflow.utils.session import create_session

        with create_session() as session:
            dag = update(SerializedDagModel).where(SerializedDagModel.dag_id == was)
            session.execute(dag.values(dag_id=becomes))

    def clear(self) -> None:
        """Forget all triggers, and that the key was ever used."""
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session

        with self.desk.store.writing() as session:
            for table in (RequestRow, ChatRow, RunRow):
                session.execute(delete(table))
            session.execute(update(KeyRow).values(last_used_at=None))
        with create_session() as session:
            session.execute(delete(DagRun))


@pytest.fixture(scope="module")
def house(airflow_database: None) -> Iterator[House]:
    """Give the house; Airflow has read the job's DAG."""
    # In memory: to a disk each of thousands of commits would take its time, and no power fails here.
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with TemporaryDirectory(dir=place, prefix="interact-crash-") as folder, airflow_tables(Path(folder)):
        yield from in_a_house(Path(folder))


def in_a_house(home: Path) -> Iterator[House]:
    from airflow import settings
    from fastapi.testclient import TestClient

    from interact.api.app import rest_app

    desk = a_desk(home, **LIMITS)
    job = a_job(desk)
    let_airflow_read_jobs(desk)
    with desk.store.writing() as session:
        organisation = organisations.by_key(session, "norrland")
        assert organisation is not None
        wanted = keys.NewKey("orders", frozenset({"agent_jobs_trigger"}))
        secret, _ = keys.create(session, organisation.organisation_id, wanted, now=datetime.now(UTC))
    headers = {"X-API-Key": secret, "X-Organization-Id": organisation.organisation_id}
    with TestClient(rest_app(desk)) as client, a_task(), servers(home, settings.SQL_ALCHEMY_CONN, **LIMITS) as dying:
        built = House(desk, job, headers, client, dying)
        dying.warm(built.path, headers, BODY)
        yield built


def chosen(moments: str, *, every: int) -> list[int]:
    """Return at which moments a server dies, counted from 1; of its lines each `every`th, unless all are wanted."""
    return [n for n, kind in enumerate(moments, start=1) if ALL or kind in "at" or n % every == 0]


def finish(house: House, *, turn: int) -> str:
    """Let somebody finish what a crash left and the client ask again, in turns the one or the other first."""
    if turn % 2:
        house.recover(by_watch=turn % 4 == 1)
        return house.trigger_again()
    run_id = house.trigger_again()
    house.recover(by_watch=turn % 4 == 0)
    return run_id


def test_a_trigger_survives_a_crash_of_the_server_at_any_moment(house: House) -> None:
    """Kill it before each line of ours, before and after each thing that it does to a database, and once it answered.

    There are about 1,080 such lines and 75 such things. EXPLORE=1 tries every one, which takes some minutes.
    """
    house.clear()
    moments = house.trigger().moments
    assert stage(house.kept()) == "noted"
    seen = set()
    for turn, number in enumerate(chosen(moments, every=15)):
        house.clear()
        ended = house.trigger(die_at=number)
        left = house.kept()
        assert ended.died, number
        seen.add((stage(left), ended.answer is not None))
        run_id = finish(house, turn=turn)
        assert left.runs in ((), (run_id,)), number
        assert house.kept() == one(run_id), number
    assert seen == {("nothing", False), ("accepted", False), ("in Airflow", False), ("noted", False), ("noted", True)}
    house.clear()
    assert not house.trigger(die_at=len(moments) + 1).died


def test_a_trigger_that_airflow_could_not_take_survives_a_crash_as_well(house: House) -> None:
    """Airflow has mislaid the DAG meanwhile: the 202 comes all the same, and the run as soon as the DAG is back."""
    house.clear()
    with house.mislaid():
        moments = house.trigger().moments
    seen = set()
    for turn, number in enumerate(chosen(moments, every=40)):
        house.clear()
        with house.mislaid():
            ended = house.trigger(die_at=number)
            left = house.kept()
        assert ended.died, number
        seen.add((stage(left), ended.answer is not None))
        run_id = finish(house, turn=turn)
        assert left.runs in ((), (run_id,)), number
        assert house.kept() == one(run_id), number
    assert seen == {("nothing", False), ("accepted", False), ("accepted", True)}


def test_a_server_that_dies_while_it_finishes_what_another_left_loses_nothing(house: House) -> None:
    def left_behind() -> str:
        house.clear()
        return accept(house.desk, Ask(house.job.job_id, BODY["parameters"], "key:orders")).run.run_id

    left_behind()
    moments = house.servers.begin_serving().moments
    seen = set()
    for turn, number in enumerate(chosen(moments, every=40)):
        run_id = left_behind()
        assert house.servers.begin_serving(die_at=number).died, number
        seen.add((house.kept().in_airflow, house.kept().noted) == ((run_id,), ()))
        house.recover(by_watch=turn % 2 == 0)
        assert house.kept() == replace(one(run_id), requests=()), number
    assert seen == {False, True}


class Client(threading.Thread):
    """Triggers again and again; a patient one repeats what got no answer, another goes on to the next."""

    def __init__(self, house: House, name: str, url: str, *, patient: bool) -> None:
        super().__init__(name=name, daemon=True)
        self._headers, self._url, self._patient = house.headers, url, patient
        self.promised: dict[str, str] = {}
        """The run that each Idempotency-Key was promised."""
        self.refused: list[str] = []
        self.unanswered = 0
        self.is_done = False

    def run(self) -> None:
        """Trigger until told to end."""
        number, answered = 0, True
        while not (self.is_done and answered):
            number += answered or not self._patient
            answered = self._is_answered(f"{self.name}-{number}") or not self._patient

    def _is_answered(self, key: str) -> bool:
        try:
            answer = requests.post(self._url, json=BODY, headers=self._headers | {"Idempotency-Key": key}, timeout=60)
        except requests.RequestException:
            self.unanswered += 1
            time.sleep(0.05)
            return False
        if answer.status_code == 202:
            self.promised[key] = answer.json()["run"]["id"]
        else:
            self.refused.append(answer.text)
        return True


def test_what_many_clients_were_promised_survives_many_crashes(house: House) -> None:
    """Kill a server under four clients 30 times, each time a moment after its first answer, and start it again."""
    house.clear()
    chance, port = Random(20261123), free_port()
    url = f"http://127.0.0.1:{port}{house.path}"
    clients = [Client(house, name, url, patient=name != "hasty") for name in ("ada", "ben", "cem", "hasty")]
    house.servers.serve(port)
    for client in clients:
        client.start()
    for _ in range(30):
        before = sum(len(client.promised) for client in clients)
        while sum(len(client.promised) for client in clients) == before:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.2))
        house.servers.kill()
        house.servers.serve(port)
    for client in clients:
        client.is_done = True
    for client in clients:
        client.join()
    house.servers.kill()
    house.recover(by_watch=True)
    kept = house.kept()
    assert [client.refused for client in clients] == [[], [], [], []]
    assert all(client.unanswered for client in clients)
    promised = {key: run_id for client in clients for key, run_id in client.promised.items()}
    assert len(promised) > 30
    assert promised.items() <= dict(kept.requests).items()
    # Not one run more than there were orders, and each whole; `recover` has seen that Airflow has them all.
    assert kept.runs == tuple(sorted(run_id for _, run_id in kept.requests))
    assert kept.chats == tuple((run_id, market) for run_id in kept.runs for market in MARKETS)
