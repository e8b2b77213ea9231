"""Ask the agent one chat's question, and keep what is said, queried and returned while it happens."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from interact.agents.contract import Answer, Question, Turn
from interact.agents.unanswered import ModelUnavailable
from interact.chats.figures import resolve
from interact.chats.message import Message
from interact.chats.metric import KeptMetric
from interact.chats.record import Attempt, Chat
from interact.chats.result import Result
from interact.chats.status import ChatStatus, RunVerdict
from interact.errors import AgentFaulted, InteractError, NotFound, NotStartable, StoreUnavailable, WarehouseUnavailable
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import Snapshot
from interact.reports.since import as_markdown
from interact.runs import reasons
from interact.runs.desk import Desk, FindAgent, OpenWarehouse
from interact.runs.faults import places
from interact.runs.recorder import Recorder
from interact.runs.since import since_last
from interact.runs.tracing import TracedAnswer, trace_answer
from interact.store import chats, glances, runs
from interact.store.sessions import Session
from interact.warehouse.semantic import SemanticModel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenAttempt:
    """An attempt that a task has opened and has to close."""

    chat_id: str
    number: int
    clear_number: int = 0


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
        number = chats.begin_attempt(session, chat_id, now=desk.now(), clear_number=clear_number)
        question = Message(role="user", text=chats.prompt_of(session, chat_id), created_at=desk.now())
        chats.add_message(session, chat_id, number, question)
    return OpenAttempt(chat_id, number, clear_number)


def ask(desk: Desk, attempt: OpenAttempt, *, open_warehouse: OpenWarehouse, find_agent: FindAgent) -> dict[str, int]:
    """Answer one chat and return counts (queries, rows); what goes wrong is recorded in the chat, then raised."""
    with _recorded(desk, attempt):
        with desk.store.reading() as session:
            chat = chats.by_id(session, attempt.chat_id)
            if chat is None:
                raise NotFound("chat", attempt.chat_id)
            run, snapshot = runs.by_id(session, chat.run_id), runs.snapshot_of(session, chat.run_id)
            prompt = chats.prompt_of(session, chat.chat_id)
        agent, filters = find_agent(snapshot.agent), filters_of(snapshot, chat.parameters)
        with open_warehouse(snapshot.agent, filters) as door:
            question = Question(
                prompt=prompt,
                on_date=run.run_after.astimezone(ZoneInfo(snapshot.timezone)).date(),
                parameters=chat.parameters,
                filters=filters,
                title=snapshot.job.definition.name,
                earlier=_earlier(desk, chat),
                context=snapshot.organisation.definition.context,
                instructions=snapshot.agent.definition.instructions,
                may_write_sql=snapshot.job.definition.allow_sql,
                limits=snapshot.agent.definition.limits,
                key=_key(desk, attempt),
            )
            recorder = Recorder(desk, attempt.chat_id, attempt.number, door, question, _kept_before(desk, attempt))
            answer = agent.answer(question, recorder, recorder)
        traced = trace_answer(answer, question, recorder.results, model_of(snapshot))
        _finish(desk, recorder, traced, holds=snapshot.job.definition.untraced == "hold")
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
    dimensions = {dimension.name for dimension in model_of(snapshot).dimensions}
    return {name: value for name, value in parameters.items() if name in dimensions}


def model_of(snapshot: Snapshot) -> SemanticModel:
    """Return the semantic model that a run's agent reads by."""
    return SemanticModel.model_validate(snapshot.agent.definition.semantic_model)


def _key(desk: Desk, attempt: OpenAttempt) -> str:
    """Return what the tries at one answer share; a chat that was answered already is to be answered anew."""
    with desk.store.reading() as session:
        before = [each for each in chats.attempts(session, attempt.chat_id) if each.number < attempt.number]
    answered = sum(each.status is ChatStatus.COMPLETED for each in before)
    return f"{attempt.chat_id}:{attempt.clear_number}:{answered}"


def _kept_before(desk: Desk, attempt: OpenAttempt) -> dict[str, Result]:
    """Return the results of the attempts that one goes on from, by id."""
    with desk.store.reading() as session:
        opened = chats.attempt(session, attempt.chat_id, attempt.number)
    queries = opened.queries if opened else ()
    return {each.result_id: desk.files.get_result(each.rows_sha256) for each in queries if each.rows_sha256}


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


def _finish(desk: Desk, recorder: Recorder, traced: TracedAnswer, *, holds: bool) -> None:
    answer, held = traced.answer, traced.why_held() if holds and traced.untraced else ""
    metrics = _metrics(answer, recorder.results)
    since = since_last(desk, recorder.chat_id, answer, metrics, recorder.results)
    report = answer.report.model_copy(update={"since": since}) if answer.report else None
    outcome = chats.Outcome(
        status=ChatStatus.FAILED if answer.stopped or held else ChatStatus.COMPLETED,
        reason=answer.stopped or held or None,
        report_json=report.model_dump_json() if report else None,
        headline=answer.headline,
        usage=dict(answer.usage),
        model=answer.model,
        cost_usd=answer.cost_usd,
        findings=answer.findings,
        metrics=metrics,
        untraced=len(traced.untraced) + len(recorder.untraced),
    )
    with desk.store.writing() as session:
        if since:
            told = Message(role="assistant", text=as_markdown(since), created_at=desk.now())
            chats.add_message(session, recorder.chat_id, recorder.attempt, told)
        said = Message(role="assistant", text=answer.text, result_ids=tuple(recorder.results), created_at=desk.now())
        chats.add_message(session, recorder.chat_id, recorder.attempt, said)
        chats.finish_attempt(session, recorder.chat_id, recorder.attempt, outcome, now=desk.now())


def _metrics(answer: Answer, results: Mapping[str, Result]) -> tuple[KeptMetric, ...]:
    """Return the named metrics of an answer with their values; a cell that is not there is left out."""
    kept = []
    for cell in answer.metrics or answer.headline:
        with suppress(KeyError, IndexError):
            result = results[cell.result_id]
            value = result.value(cell.row, cell.column)
            days = (answer.window.start, answer.window.end) if answer.window else (None, None)
            column = result.column(cell.column)
            kept.append(KeptMetric(cell=cell, column=column, value=value, start=days[0], end=days[1]))
    return tuple(kept)


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
    if isinstance(error, ModelUnavailable):
        return f"model:{error.connection}"
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
