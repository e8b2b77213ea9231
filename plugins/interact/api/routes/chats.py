"""Chats over HTTP: list them, read one, fetch its files, ask it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from interact.api import examples
from interact.api.access import DeskDep, calling, reachable_job, viewer_of, visible_chat
from interact.api.chat_bodies import ChatPage, ChatQuery, ChatWhole, ListQuery, chat_line, chat_whole, versions_of
from interact.api.handover import ask_again, settled, started_before
from interact.api.repeats import IdempotencyKey, once
from interact.api.routes.files import html_answer, named, page_answer, pdf_answer, plain
from interact.api.run_bodies import AcceptedRun, RerunBody, accepted
from interact.api.shapes import file_answer, problems
from interact.api.starting import start_chat_again
from interact.chats.record import Attempt, Chat
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.errors import DocumentMissing, NotFound
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import READ_PERMISSION, RUN_PERMISSION, Action, Caller
from interact.reports.exports import as_csv, as_xlsx
from interact.runs.desk import Desk
from interact.runs.render import draw_held, results_of
from interact.store import chats, run_deliveries, runs

router = APIRouter(prefix="/chats", tags=["chats"])
Reader = Annotated[Caller, Depends(calling(READ_PERMISSION))]
AttemptQuery = Annotated[ChatQuery, Query()]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("", responses=problems() | examples.CHATS)
def list_chats(desk: DeskDep, caller: Reader, query: Annotated[ListQuery, Query()]) -> ChatPage:
    """List the chats that the caller sees, newest first."""
    wanted = chats.Wanted(**query.model_dump())
    with desk.store.reading() as session:
        page = chats.newest(session, viewer_of(caller), wanted)
        standings = run_deliveries.of_runs(session, {run.run_id for _, run, *_ in page.entries})
    lines = [chat_line(*entry, standing=standings.get(entry[1].run_id)) for entry in page.entries]
    return ChatPage(chats=lines, next=page.next_cursor)


@router.get("/{chat_id}", responses=problems(404) | examples.CHAT)
def read_chat(chat_id: str, desk: DeskDep, caller: Reader, query: AttemptQuery) -> ChatWhole:
    """Return a chat with the messages, queries, results and report of its newest attempt, or of the one named."""
    chat = visible_chat(desk, caller, chat_id)
    with desk.store.reading() as session:
        run, snapshot = runs.by_id(session, chat.run_id), runs.snapshot_of(session, chat.run_id)
    run = settled(desk, run)
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id) or chat
        attempt, attempts = chats.attempt(session, chat_id, query.attempt), chats.attempts(session, chat_id)
        standing = run_deliveries.of_runs(session, [run.run_id]).get(run.run_id)
    if attempt is None and query.attempt:
        raise NotFound("attempt", f"{chat_id}, {query.attempt}")
    line = chat_line(chat, run, snapshot.job.definition.name, snapshot.agent.definition.name, standing=standing)
    return chat_whole(line, versions_of(snapshot), attempt, attempts, results_of(desk, attempt) if attempt else {})


@router.get(
    "/{chat_id}/report.pdf",
    response_class=Response,
    responses=problems(404) | file_answer("application/pdf", "The PDF as it was made at run time."),
)
def read_pdf(chat_id: str, desk: DeskDep, caller: Reader, query: AttemptQuery) -> Response:
    """Return the report as a PDF."""
    return pdf_of(desk, visible_chat(desk, caller, chat_id), query.attempt)


@router.get(
    "/{chat_id}/report.html",
    response_class=Response,
    responses=problems(404) | file_answer("text/html", "The page as it was made at run time."),
)
def read_html(chat_id: str, desk: DeskDep, caller: Reader, query: AttemptQuery) -> Response:
    """Return the report as a page."""
    return html_of(desk, visible_chat(desk, caller, chat_id), query.attempt)


@router.get(
    "/{chat_id}/results/{result_id}.csv",
    response_class=Response,
    responses=problems(404) | file_answer("text/csv", "All rows, in UTF-8 with a mark."),
)
def read_csv(chat_id: str, result_id: str, desk: DeskDep, caller: Reader) -> Response:
    """Return all rows of a query's result as CSV."""
    return csv_of(result_of(desk, visible_chat(desk, caller, chat_id), result_id))


@router.get(
    "/{chat_id}/results/{result_id}.xlsx",
    response_class=Response,
    responses=problems(404) | file_answer(XLSX, "All rows, as numbers and dates."),
)
def read_xlsx(chat_id: str, result_id: str, desk: DeskDep, caller: Reader) -> Response:
    """Return all rows of a query's result as a workbook."""
    return xlsx_of(result_of(desk, visible_chat(desk, caller, chat_id), result_id))


@router.post("/{chat_id}/rerun", status_code=202, responses=problems(404, 409) | examples.TRIGGERED)
def rerun(
    chat_id: str,
    desk: DeskDep,
    caller: Annotated[Caller, Depends(calling(RUN_PERMISSION))],
    body: RerunBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> AcceptedRun:
    """Start a new run with the values of this chat alone, of the job as it is now; a question is asked again."""
    audience = (body or RerunBody()).send_to
    unique = once(caller, idempotency_key, "rerun", chat_id, audience)
    if before := started_before(desk, unique):
        return accepted(*before)
    chat = visible_chat(desk, caller, chat_id)
    with desk.store.reading() as session:
        run = runs.by_id(session, chat.run_id)
    if run.dag_id == QUESTIONS_DAG:
        return accepted(*ask_again(desk, caller, run, once=unique))
    job = reachable_job(desk, caller, chat.job_id, Action.RUN)
    return accepted(*start_chat_again(desk, job, chat, caller.initiator, once=unique, audience=audience))


def pdf_of(desk: Desk, chat: Chat, number: int | None = None) -> Response:
    """Return a chat's PDF under a name that says what it is; raises DocumentMissing while there is none."""
    attempt = _attempt(desk, chat, number)
    if attempt is None or attempt.pdf_sha256 is None:
        raise DocumentMissing(chat.chat_id, chat.status)
    return pdf_answer(desk, attempt.pdf_sha256, "report", *chat.parameters.values(), chat.chat_id)


def html_of(desk: Desk, chat: Chat, number: int | None = None) -> Response:
    """Return a chat's report as a page; raises DocumentMissing while there is none."""
    attempt = _attempt(desk, chat, number)
    if attempt is None or attempt.html_sha256 is None:
        raise DocumentMissing(chat.chat_id, chat.status)
    return html_answer(desk, attempt.html_sha256)


def held_html_of(desk: Desk, chat: Chat, number: int | None = None) -> Response | None:
    """Return the report of an answer that was held back or stopped, without charts; None for any other chat."""
    attempt = _attempt(desk, chat, number)
    if attempt is None or attempt.report_json is None or attempt.status is not ChatStatus.FAILED:
        return None
    return page_answer(draw_held(desk, attempt))


def csv_of(result: Result) -> Response:
    """Return all rows of a result as CSV, under a name that says what it is."""
    return named(as_csv(result), "text/csv; charset=utf-8", f"{plain(result.title, result.result_id)}.csv")


def xlsx_of(result: Result) -> Response:
    """Return all rows of a result as a workbook, under a name that says what it is."""
    return named(as_xlsx(result), XLSX, f"{plain(result.title, result.result_id)}.xlsx")


def result_of(desk: Desk, chat: Chat, result_id: str) -> Result:
    """Return the result of a chat's query, whole; raises NotFound for a query that has none, or is another chat's."""
    with desk.store.reading() as session:
        query = chats.query_in(session, chat.chat_id, result_id)
    if query is None or query.rows_sha256 is None:
        raise NotFound("result", result_id)
    return desk.files.get_result(query.rows_sha256)


def _attempt(desk: Desk, chat: Chat, number: int | None) -> Attempt | None:
    with desk.store.reading() as session:
        return chats.attempt(session, chat.chat_id, number)
