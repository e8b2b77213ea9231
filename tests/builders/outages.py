"""Jobs of several organisations on one warehouse file, which is there or not; runs go through the real steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from runpy import run_path
from typing import Any

from sqlalchemy import select

from builders.delivered import Ways
from builders.doors import doors
from builders.fake_airflow import FakeAirflow
from builders.story import MODEL
from builders.timed import MORNING, Clock, TimedDesk, at
from interact import settings
from interact.chats.record import Run
from interact.connections.agents import find_agent
from interact.errors import InteractError
from interact.jobs.channels import Channel
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent, StoredJob
from interact.runs.account import Accounts, account
from interact.runs.airflow import AirflowRun
from interact.runs.announce import announce
from interact.runs.ask import ask, open_attempt
from interact.runs.begin import Begun, DagRun, begin
from interact.runs.tell import tell
from interact.store import agents, channels, incidents, jobs, ledger, organisations, runs
from interact.store.files import Files
from interact.store.incidents import Incident
from interact.store.notice_tables import IncidentRow, NoticeRow
from interact.store.sessions import Store
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Warehouse
from interact.warehouse.semantic import SemanticModel, read_model

PROMPT = "Total spend for the past 7 days."


@dataclass
class Town:
    """A store with its clock, its Airflow, its mail, and the one warehouse that everybody reads."""

    desk: TimedDesk
    airflow: FakeAirflow
    warehouse: Path
    ways: Ways

    def to(self, clock: str | datetime) -> datetime:
        """Set the clock."""
        self.desk.clock.now = clock if isinstance(clock, datetime) else at(clock)
        return self.desk.clock.now

    def settle_in(self, *keys: str, **notices: Any) -> None:
        """Save organisations, each with an agent on the warehouse and a channel `mail` to the team."""
        model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
        now = self.desk.now()
        with self.desk.store.writing() as session:
            for key in keys:
                organisation = Organisation.model_validate(
                    {"key": key, "name": key.capitalize(), "timezone": "UTC", "notices": notices}
                )
                organisations.save(session, organisation, now=now)
                agent = {"key": "analyst", "organisation": key, "name": "Analyst", "warehouse": "w"}
                agents.save(session, Agent.model_validate({**agent, "semantic_model": model}), now=now)
                self.channel(key, recipients=[f"team@{key}.example"], session=session)

    def channel(self, organisation: str, key: str = "mail", *, session: Any = None, **changes: Any) -> None:
        """Save a channel, by email unless told otherwise."""
        plain = {"key": key, "organisation": organisation, "name": key, "type": "email", "connection": "smtp"}
        definition = Channel.model_validate(plain | changes)
        if session is not None:
            channels.save(session, definition, now=self.desk.now())
            return
        with self.desk.store.writing() as own:
            channels.save(own, definition, now=self.desk.now())

    def job(self, key: str = "weekly", organisation: str = "north", **changes: Any) -> StoredJob:
        """Save a job, due at 08:00 each day unless told otherwise."""
        plain = {
            "key": key,
            "organisation": organisation,
            "agent": "analyst",
            "name": f"Report {key}",
            "prompt": PROMPT,
            "owner": "ada",
            "channels": ["mail"],
            "schedule": "0 8 * * *",
        }
        with self.desk.store.writing() as session:
            return jobs.save(session, Job.model_validate(plain | changes), now=self.desk.now())[0]

    def runs(self, job: StoredJob, due: str | datetime = "08:00", **changes: Any) -> Run:
        """Let Airflow's run of a time go through all its tasks, now."""
        due_at = due if isinstance(due, datetime) else at(due)
        run_type = changes.pop("run_type", "scheduled")
        plain = {
            "job_id": job.job_id,
            "dag_id": job.dag_id,
            "dag_run_id": f"{run_type}__{due_at.isoformat()}",
            "initiator": {"scheduled": "schedule", "asset_triggered": "asset:ads"}.get(run_type, "user:ada"),
            "conf": {},
            "run_after": due_at,
            "clear_number": 0,
            "run_type": run_type,
        }
        dag_run = DagRun(**(plain | changes))
        self.airflow.runs[dag_run.dag_run_id] = AirflowRun("running")
        begun = begin(self.desk, dag_run, self.airflow)
        if not isinstance(begun, Begun):
            raise LookupError(begun.reason)
        for chat_id, _ in begun.chats:
            attempt = open_attempt(self.desk, chat_id, dag_id=job.dag_id, dag_run_id=dag_run.dag_run_id)
            try:
                ask(self.desk, attempt, open_warehouse=self._open, find_agent=find_agent)
            except InteractError:
                continue  # It is in the chat.
        announce(self.desk, dag_id=job.dag_id, dag_run_id=dag_run.dag_run_id)
        self.airflow.runs[dag_run.dag_run_id] = AirflowRun("success", self.desk.now())
        tell(self.desk, begun.run_id)
        return self.run(begun.run_id)

    def handed_over(self, job: StoredJob, run: Run) -> Run:
        """Let Airflow run what the watch has handed over."""
        return self.runs(job, run.run_after, run_type="manual", dag_run_id=run.dag_run_id)

    def run(self, run_id: str) -> Run:
        """Return a run as it stands."""
        with self.desk.store.reading() as session:
            return runs.by_id(session, run_id)

    def watched(self, clock: str | datetime | None = None) -> Accounts:
        """Let the watch look, at a time or now."""
        if clock is not None:
            self.to(clock)
        return account(self.desk, self.airflow, doors(probe=self.probe, open_sender=self.ways.open))

    def probe(self, agent: StoredAgent) -> None:
        """Ask the warehouse for nothing."""
        with self._open(agent, {}) as door:
            door.members("market")

    def load(self) -> None:
        """Let the warehouse be there."""
        run_path(str(MODEL.parent / "performance.py"))["load"](self.warehouse, date(2026, 11, 22))

    @contextmanager
    def _open(self, agent: StoredAgent, filters: dict[str, str]) -> Iterator[Warehouse]:
        model = SemanticModel.model_validate(agent.definition.semantic_model)
        with DuckDbDoor(self.warehouse, model, filters, new_id=lambda: new_id("result")) as door:
            yield door

    def incidents(self) -> list[Incident]:
        """Return every incident, open or not, oldest first."""
        with self.desk.store.reading() as session:
            ids = session.scalars(select(IncidentRow.id)).all()
            found = incidents.by_ids(session, ids).values()
        return sorted(found, key=lambda incident: incident.began_at)

    def said(self, kind: str) -> list[ledger.KeptNotice]:
        """Return all that was said of a kind, oldest first."""
        with self.desk.store.reading() as session:
            ids = session.scalars(select(NoticeRow.id).where(NoticeRow.kind == kind)).all()
            found = ledger.notices_by_id(session, ids).values()
        return sorted(found, key=lambda notice: notice.made_at)

    def told(self, notice: ledger.KeptNotice) -> list[tuple[str, str, str, str]]:
        """Return of each delivery the channel's key, the recipient, the state, and why it is held."""
        with self.desk.store.reading() as session:
            found = ledger.deliveries(session, [notice.notice_id])
        return [(each.channel_key, each.recipient, str(each.state), each.told) for each in found]


def a_town(store: Store, folder: Path, *keys: str, **notices: Any) -> Town:
    """Return a town at that Monday's first instant, with these organisations, by default `north`."""
    given = settings.read({"INTERACT_HOME": str(folder), "INTERACT_BASE_URL": "https://airflow.example.com"})
    desk = TimedDesk(store, Files(folder / "files"), given, Clock(MORNING))
    town = Town(desk, FakeAirflow(), folder / "warehouse.duckdb", Ways())
    town.settle_in(*(keys or ("north",)), **notices)
    return town
