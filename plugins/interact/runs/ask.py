"""Ask the agent one chat's question, and keep what is said, queried and returned while it happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from interact.agents.contract import Agent, Answer, Question, Turn
from interact.agents.roster import agent_of
from interact.chats.figures import resolve
from interact.chats.message import Message
from interact.chats.record import Attempt, Chat, QueryRecord
from interact.chats.result import Result
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import (
    AgentFaulted,
    InteractError,
    NotFound,
    NotStartable,
    StoreUnavailable,
    WarehouseUnavailable,
)
from interact.jobs.naming import QUESTIONS_DAG, new_id
from interact.jobs.stored import Snapshot
from interact.runs import reasons
from interact.runs.desk import Desk, OpenWarehouse
from interact.runs.faults import places
from interact.store import chats, glances, runs
from interact.store.sessions import Session
from interact.warehouse.queries import Compiled, Warehouse
from interact.warehouse.semantic import SemanticModel

log = logging.getLogger(__name__)


@dataclass
class Recorder(Warehouse):
    """A warehouse door that writes each query and its result into the chat before the agent sees it."""

    desk: Desk
    chat_id: str
    attempt: int
    door: Warehouse
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def model(self) -> SemanticModel:  # type: ignore[override]
        """The semantic model behind the door."""
        return self.door.model

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the known values of a dimension."""
        return self.door.members(dimension)

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run one query and keep it, also when it fails; raises NotStartable once the run was cancelled."""
        self._require_wanted()
        began = time.monotonic()
        try:
            result = self.door.run(compiled, title=title)
        except InteractError as error:
            seconds = time.monotonic() - began
            self._keep(
                QueryRecord(
                    result_id=new_id("result"),
                    title=title,
                    sql=compiled.sql,
                    row_count=0,
                    truncated=False,
                    elapsed_seconds=seconds,
                    rows_sha256=None,
                    failure=str(error),
                )
            )
            raise
        self.results[result.result_id] = result
        sha256 = self.desk.files.put_result(result)
        self._keep(
            QueryRecord(
                result_id=result.result_id,
                title=result.title,
                sql=result.sql,
                row_count=len(result.rows),
                truncated=result.truncated,
                elapsed_seconds=result.elapsed_seconds,
                rows_sha256=sha256,
                failure=None,
            )
        )
        return result

    def _require_wanted(self) -> None:
        """Stop an agent at work whose run was cancelled: Airflow may not have been told."""
        with self.desk.store.reading() as session:
            chat = chats.by_id(session, self.chat_id)
        if chat and chat.status is ChatStatus.CANCELLED:
            raise NotStartable(reasons.chat_cancelled(self.chat_id))

    def _keep(self, query: QueryRecord) -> None:
        with self.desk.store.writing() as session:
            chats.add_query(session, self.chat_id, self.attempt, query)


@dataclass(frozen=True)
class OpenAttempt:
    """An attempt that a task has opened and has to close."""

    chat_id: str
    number: int


def open_attempt(desk: Desk, chat_id: str, *, dag_id: str, dag_run_id: str, clear_number: int = 0) -> OpenAttempt:
    """Open the next attempt of a chat, with its question as the first message.

    A run that has ended is under way again: somebody cleared this task alone, and its last task will judge anew. As
    with any Clear it is from now on no run of the schedule.

    Raises NotFound for a chat of another run, since the id came through Airflow's XCom, which others may edit, and
    NotStartable for one whose run was cancelled.
    """
    with desk.store.writing() as session:
        chat = chats.by_id(session, chat_id)
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
        if chat is None or run is None or chat.run_id != run.run_id:
            raise NotFound("chat", chat_id)
        run = runs.held(session, run.run_id)
        if run.verdict is RunVerdict.CANCELLED:
            raise NotStartable(reasons.chat_cancelled(chat_id))
        if run.ended_at is not None:
            runs.mark_started(session, run.run_id, at=desk.now(), clear_number=max(clear_number, run.clear_number))
        number = chats.begin_attempt(session, chat_id, now=desk.now())
        question = Message(role="user", text=chats.prompt_of(session, chat_id), created_at=desk.now())
        chats.add_message(session, chat_id, number, question)
    return OpenAttempt(chat_id, number)


def ask(
    desk: Desk, attempt: OpenAttempt, *, open_warehouse: OpenWarehouse, find_agent: Callable[[str], Agent] = agent_of
) -> dict[str, int]:
    """Answer one chat and return counts (queries, rows); what goes wrong is recorded in the chat, then raised."""
    with _recorded(desk, attempt):
        with desk.store.reading() as session:
            chat = chats.by_id(session, attempt.chat_id)
            if chat is None:
                raise NotFound("chat", attempt.chat_id)
            run, snapshot = runs.by_id(session, chat.run_id), runs.snapshot_of(session, chat.run_id)
            prompt = chats.prompt_of(session, chat.chat_id)
        agent, filters = find_agent(snapshot.agent.definition.kind), filters_of(snapshot, chat.parameters)
        with open_warehouse(snapshot.agent, filters) as door:
            recorder = Recorder(desk, attempt.chat_id, attempt.number, door)
            question = Question(
                prompt=prompt,
                on_date=run.run_after.astimezone(ZoneInfo(snapshot.timezone)).date(),
                parameters=chat.parameters,
                filters=filters,
                title=snapshot.job.definition.name,
                earlier=_earlier(desk, chat) if agent.takes_follow_ups else (),
            )
            answer = agent.answer(question, recorder)
        _finish(desk, recorder, answer)
    return {"queries": len(recorder.results), "rows": sum(len(result.rows) for result in recorder.results.values())}


def stop(desk: Desk, attempt: OpenAttempt, *, reason: str) -> None:
    """Close an attempt whose task ends from outside, at its time limit or by a person's hand; a newer one stays."""
    with desk.store.writing() as session:
        outcome = chats.Outcome(status=ChatStatus.FAILED, reason=reason)
        chats.finish_attempt(session, attempt.chat_id, attempt.number, outcome, now=desk.now())


def out_of_time(limit: timedelta | None, dag_id: str) -> str:
    """Say why an answer was stopped at its time limit, and what to do."""
    if dag_id == QUESTIONS_DAG:
        return (
            f"Stopped at the time limit of questions and previews, {limit}. "
            "Ask for less at once, or save it as a job, which has a limit of its own."
        )
    return f"Stopped at the job's time limit of {limit}. Raise `time_limit_minutes`."


def filters_of(snapshot: Snapshot, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that are dimensions of the agent's model: the warehouse door enforces them."""
    model = SemanticModel.model_validate(snapshot.agent.definition.semantic_model)
    dimensions = {dimension.name for dimension in model.dimensions}
    return {name: value for name, value in parameters.items() if name in dimensions}


def _earlier(desk: Desk, chat: Chat) -> tuple[Turn, ...]:
    """Return what was asked before a chat in its thread, oldest first."""
    if chat.thread_id is None:
        return ()
    with desk.store.reading() as session:
        before = _before(session, chat, chat.thread_id)
        asked = [(chats.prompt_of(session, each.chat_id), chats.attempt(session, each.chat_id)) for each in before]
    return tuple(Turn(prompt, _answered(desk, attempt)) for prompt, attempt in asked)


def _before(session: Session, chat: Chat, thread_id: str) -> list[Chat]:
    """Return the chats that came before one; one that was asked again follows what it followed the first time."""
    thread = chats.thread_of(session, thread_id)
    places, known = {each.run_id: place for place, each in enumerate(thread)}, glances.runs_of(session, thread)
    before: list[Chat] = []
    while thread:  # It is empty once the question that began it is gone.
        run = known[before[-1].run_id if before else chat.run_id]
        while run.rerun_of in known:
            run = known[run.rerun_of]
        if places[run.run_id] == 0:
            break
        before.append(thread[places[run.run_id] - 1])
    return before[::-1]


def _answered(desk: Desk, attempt: Attempt | None) -> str:
    """Return what an attempt answered, its figures shown; "" for one that did not."""
    if attempt is None or attempt.status is not ChatStatus.COMPLETED:
        return ""
    from interact.runs.render import results_of  # Which brings what draws reports: few questions need it.

    try:
        results = results_of(desk, attempt)
    except StoreUnavailable:
        results = {}  # Written by another version of this program: its figures are marked as not found.
    return "\n\n".join(resolve(said.text, results) for said in attempt.messages if said.role == "assistant")


def _finish(desk: Desk, recorder: Recorder, answer: Answer) -> None:
    outcome = chats.Outcome(
        status=ChatStatus.COMPLETED,
        reason=None,
        report_json=answer.report.model_dump_json() if answer.report else None,
        headline=answer.headline,
        usage=dict(answer.usage),
    )
    with desk.store.writing() as session:
        said = Message(role="assistant", text=answer.text, result_ids=tuple(recorder.results), created_at=desk.now())
        chats.add_message(session, recorder.chat_id, recorder.attempt, said)
        chats.finish_attempt(session, recorder.chat_id, recorder.attempt, outcome, now=desk.now())


@contextmanager
def _recorded(desk: Desk, attempt: OpenAttempt) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  # recorded, then raised
        told = error if isinstance(error, InteractError) else _fault(error)
        said = Message(role="assistant", text=str(told), created_at=desk.now())
        outcome = chats.Outcome(ChatStatus.FAILED, str(told), outage=_outage(desk, attempt, error))
        with desk.store.writing() as session:
            chats.add_message(session, attempt.chat_id, attempt.number, said)
            chats.finish_attempt(session, attempt.chat_id, attempt.number, outcome, now=desk.now())
        raise told from None


def _outage(desk: Desk, attempt: OpenAttempt, error: Exception) -> str | None:
    """Return what is to blame when it is something that other jobs need too, and that was away; None for all else."""
    if not isinstance(error, WarehouseUnavailable):
        return None
    with desk.store.reading() as session:
        chat = chats.by_id(session, attempt.chat_id)
        agent = runs.snapshot_of(session, chat.run_id).agent.definition if chat else None
    return f"warehouse:{agent.warehouse}" if agent else None


def _fault(error: Exception) -> AgentFaulted:
    """Log where an error came from, not its words."""
    log.error("%s, raised at\n%s", type(error).__name__, places(error))
    return AgentFaulted(type(error).__name__)
