"""A chat: what was asked, how it is answered while that happens, the report beside it; and its files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.chat_bodies import ChatQuery
from interact.api.handover import ask_again, start_question
from interact.api.pages.audiences import audience_again
from interact.api.pages.forms import FieldsDep
from interact.api.pages.presses import started_once, token
from interact.api.pages.showing import go, is_part, show
from interact.api.pages.visitors import VisitorDep, seen_chat, seen_job
from interact.api.routes.chats import csv_of, held_html_of, html_of, pdf_of, result_of, xlsx_of
from interact.api.scenes import Scene, scene_of, stage_now
from interact.api.stages import Stage, Steps
from interact.api.starting import start_chat_again
from interact.api.turns import rows_of
from interact.errors import InteractError
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import Action
from interact.runs.accept import Accepted
from interact.store import glances, runs
from interact.store.requests import Once

router = APIRouter()
AttemptQuery = Annotated[ChatQuery, Query()]


@router.get("/chats/{chat_id}")
def chat_page(chat_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, query: AttemptQuery) -> HTMLResponse:
    """Show a chat with its thread, in its newest attempt or the one named."""
    chat, person = seen_chat(desk, visitor, chat_id)
    return show_chat(request, scene_of(desk, person, chat, query.attempt))


@router.get("/chats/{chat_id}/live")
def live(
    chat_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, *, seen: str = "", head: bool = False
) -> Response:
    """Return what has come of a chat since a browser saw it, as parts of its page; 204 when nothing has.

    Without `seen` the part is the whole chat, which renews itself. `head` is said by a page with the chat's head.
    """
    chat, person = seen_chat(desk, visitor, chat_id)
    before = Stage.read(seen)
    if before is not None and before == stage_now(desk, chat):
        return Response(status_code=204)
    scene = scene_of(desk, person, chat, alone=True)
    return show(request, "parts/live_chat.html", seen=before, with_head=head, token=token(), **vars(scene))


@router.post("/chats/{chat_id}/follow-up")
def follow_up(chat_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Ask something further in a chat's thread, and lead to it; a refused question stays as it was typed."""
    chat, person = seen_chat(desk, visitor, chat_id, Action.RUN)
    prompt = fields.text("prompt")
    try:
        accepted = start_question(desk, person, chat.agent_id, prompt, thread_id=chat_id)
    except InteractError as error:
        scene, problems = scene_of(desk, person, chat), {"prompt": str(error)}
        if is_part(request):
            values = {"problems": problems, "typed": prompt, **vars(scene)}
            return show(request, "parts/follow_up.html", status=error.status, **values)
        return show_chat(request, scene, problems=problems, typed=prompt, status=error.status)
    further = accepted.chats[0].chat_id
    return go(request, f"/chats/{further}#turn-{further}")


@router.post("/chats/{chat_id}/rerun")
def rerun(chat_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Ask this chat's question again, with its values, and lead to the new chat."""
    chat, person = seen_chat(desk, visitor, chat_id, Action.RUN)
    with desk.store.reading() as session:
        run = runs.by_id(session, chat.run_id)
    audience = audience_again(fields)

    def asking(unique: Once | None) -> tuple[Accepted, str | None]:
        if run.dag_id == QUESTIONS_DAG:
            return ask_again(desk, person, run, once=unique)
        job, _ = seen_job(desk, visitor, chat.job_id, Action.RUN)
        return start_chat_again(desk, job, chat, person.initiator, once=unique, audience=audience)

    again = started_once(desk, person, fields.text("token"), ("rerun", chat_id, audience), asking)
    with desk.store.reading() as session:
        opened = glances.first_of_run(session, again.run_id, 1)
    return go(request, f"/chats/{opened[0].chat_id}")


@router.get("/chats/{chat_id}/report.pdf")
def pdf(chat_id: str, desk: DeskDep, visitor: VisitorDep, query: AttemptQuery) -> Response:
    """Return a chat's PDF."""
    return pdf_of(desk, seen_chat(desk, visitor, chat_id)[0], query.attempt)


@router.get("/chats/{chat_id}/report.html")
def report(chat_id: str, desk: DeskDep, visitor: VisitorDep, query: AttemptQuery) -> Response:
    """Return a chat's report as it was drawn at run time; one that was held back is drawn for whoever looks."""
    chat, _ = seen_chat(desk, visitor, chat_id)
    return held_html_of(desk, chat, query.attempt) or html_of(desk, chat, query.attempt)


@router.get("/chats/{chat_id}/results/{result_id}.csv")
def csv(chat_id: str, result_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Return all rows of a query's result as CSV."""
    return csv_of(result_of(desk, seen_chat(desk, visitor, chat_id)[0], result_id))


@router.get("/chats/{chat_id}/results/{result_id}.xlsx")
def xlsx(chat_id: str, result_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Return all rows of a query's result as a workbook."""
    return xlsx_of(result_of(desk, seen_chat(desk, visitor, chat_id)[0], result_id))


@router.get("/chats/{chat_id}/results/{result_id}")
def first_rows(chat_id: str, result_id: str, request: Request, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Return the first rows of a query's result, as a part of its chat's page."""
    result = result_of(desk, seen_chat(desk, visitor, chat_id)[0], result_id)
    return show(request, "parts/rows.html", rows=rows_of(result))


def show_chat(
    request: Request, scene: Scene, *, problems: dict[str, str] | None = None, typed: str = "", status: int = 200
) -> HTMLResponse:
    """Return the page of a chat; `problems` say what is wrong with a further question, `typed`, by its field."""
    return show(
        request,
        "chat.html",
        status=status,
        section="agents",
        title=scene.heading,
        no_steps=Steps(),
        problems=problems,
        typed=typed,
        token=token(),
        **vars(scene),
    )
