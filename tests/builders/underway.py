"""A chat while it is answered: each step of its task written by hand, as the task writes it."""

from dataclasses import dataclass
from datetime import date

from builders.airflow_tables import save_dag_run, set_states
from builders.story import SPEND
from interact.chats.message import Message
from interact.chats.record import QueryRecord, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.jobs.naming import new_id
from interact.reports.document import Period, Report, Section, Table
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.ask import open_attempt
from interact.runs.desk import Desk
from interact.store import chats, runs

DRAWN = "<!doctype html><html lang=en><title>Report</title><h1>The drawn report</h1></html>"


@dataclass
class UnderWay:
    """One chat of a run that Airflow has, and that nobody answers but the test."""

    desk: Desk
    run: Run
    chat_id: str
    attempt: int = 0
    last_result: str = ""

    def taken(self) -> None:
        """Let Airflow have the run."""
        save_dag_run(self.run.dag_id, self.run.dag_run_id, state="running", run_after=self.run.run_after)
        with self.desk.store.writing() as session:
            runs.mark_queued(session, self.run.run_id, at=self.desk.now())

    def begun(self) -> None:
        """Let the first task, and then this chat's, begin; twice is a further attempt."""
        with self.desk.store.writing() as session:
            runs.mark_started(session, self.run.run_id, at=self.desk.now(), clear_number=0)
        opened = open_attempt(self.desk, self.chat_id, dag_id=self.run.dag_id, dag_run_id=self.run.dag_run_id)
        self.attempt = opened.number

    def queried(self, title: str, *, rows: int = 1, sql: str = "SELECT 1234 AS spend") -> str:
        """Write a query with its result, and return the result's id."""
        values = tuple((float(number),) for number in range(rows))
        result = Result(result_id=new_id("result"), title=title, sql=sql, columns=(SPEND,), rows=values)
        kept = self.desk.files.put_result(result)
        with self.desk.store.writing() as session:
            query = QueryRecord(result.result_id, title, sql, rows, False, 0.25, kept, None)
            chats.add_query(session, self.chat_id, self.attempt, query)
        self.last_result = result.result_id
        return result.result_id

    def answered(self, text: str, *, with_report: bool = False) -> None:
        """Write the answer, and close the attempt."""
        report = self._report().model_dump_json() if with_report else None
        outcome = chats.Outcome(ChatStatus.COMPLETED, None, report, usage={"queries": 2})
        with self.desk.store.writing() as session:
            said = Message(role="assistant", text=text, created_at=self.desk.now())
            chats.add_message(session, self.chat_id, self.attempt, said)
            chats.finish_attempt(session, self.chat_id, self.attempt, outcome, now=self.desk.now())

    def failed(self, reason: str) -> None:
        """Close the attempt as one that failed."""
        with self.desk.store.writing() as session:
            outcome = chats.Outcome(ChatStatus.FAILED, reason)
            chats.finish_attempt(session, self.chat_id, self.attempt, outcome, now=self.desk.now())

    def _report(self) -> Report:
        table = Table(title="Spend", result_id=self.last_result, columns=("spend",))
        period = Period(start=date(2026, 11, 15), end=date(2026, 11, 21))
        return Report(
            title="Spend", period=period, summary="Spend.", sections=(Section(title="Spend", blocks=(table,)),)
        )

    def drawn(self) -> None:
        """Keep what stands for the report's files."""
        put = self.desk.files.put
        files = chats.Rendered(put(DRAWN.encode(), ".html"), put(b"%PDF-1.7 of a test", ".pdf"))
        with self.desk.store.writing() as session:
            chats.set_rendered(session, self.chat_id, self.attempt, files)

    def ended_in_airflow(self) -> None:
        """Let somebody mark the run as failed in Airflow."""
        set_states(self.run.dag_id, self.run.dag_run_id, run="failed")


def under_way(desk: Desk, job_id: str, **given: object) -> UnderWay:
    """Return the first chat of a run that has just been accepted."""
    return of(desk, accept(desk, Ask(job_id, given, "user:ada")))


def of(desk: Desk, accepted: Accepted, number: int = 0) -> UnderWay:
    """Return a chat of a run that has been accepted."""
    return UnderWay(desk, accepted.run, accepted.chats[number].chat_id)
