"""A run: its one chat, or how its chats are going and then how they compare."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.comparison import TABS, overview, tabs
from interact.api.deliveries import SendAgain, post_of, send_again
from interact.api.explanations import explain
from interact.api.handover import settled
from interact.api.pages.chats import show_chat
from interact.api.pages.presses import token
from interact.api.pages.showing import show
from interact.api.pages.visitors import VisitorDep, require_readable, seen_run
from interact.api.routes.files import rollup_html_of, rollup_pdf_of
from interact.api.run_progress import progress_of_run, seen_of
from interact.api.run_words import run_words
from interact.api.scenes import scene_of, way_to
from interact.chats.record import Run
from interact.jobs.rights import Person
from interact.runs.desk import Desk
from interact.runs.settle import OPEN
from interact.store import chats, glances, runs

router = APIRouter()
ChatQuery = Annotated[str | None, Query()]


@router.get("/dags/{dag_id}/runs/{dag_run_id:path}")
def run_in_airflow(
    request: Request, dag_id: str, dag_run_id: str, desk: DeskDep, visitor: VisitorDep, chat: ChatQuery = None
) -> HTMLResponse:
    """Show a run by Airflow's name of it; of a DAG that is not ours, and of one that left nothing, it says so."""
    with desk.store.reading() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
    require_readable(desk, visitor, dag_id, run)
    if run is None:
        told = explain(desk, dag_id, dag_run_id)
        return show(request, "explained.html", section="agents", title=told.title, told=told, dag_id=dag_id)
    return _page(request, desk, visitor.people[run.organisation_id], run, chat)


@router.get("/runs/{run_id}")
def run_page(request: Request, run_id: str, desk: DeskDep, visitor: VisitorDep, chat: ChatQuery = None) -> HTMLResponse:
    """Show a run; `chat` is one of several, to be shown whole."""
    run, person = seen_run(desk, visitor, run_id)
    return _page(request, desk, person, run, chat)


@router.get("/runs/{run_id}/live")
def live(run_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, *, seen: str = "") -> Response:
    """Return how a run's chats stand, as parts of its page; 204 when nothing has changed since a browser saw it."""
    run, person = seen_run(desk, visitor, run_id)
    run = settled(desk, run)
    with desk.store.reading() as session:
        now = seen_of(session, run)
    if seen == now:
        return Response(status_code=204)
    return show(request, "parts/live_run.html", **_whole(desk, person, run))


@router.get("/runs/{run_id}/rollup.pdf")
def read_rollup_pdf(run_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Return the PDF that compares a run's chats."""
    return rollup_pdf_of(desk, seen_run(desk, visitor, run_id)[0])


@router.get("/runs/{run_id}/rollup.html")
def read_rollup_html(run_id: str, desk: DeskDep, visitor: VisitorDep) -> Response:
    """Return the page that compares a run's chats, as it was drawn when the run ended."""
    return rollup_html_of(desk, seen_run(desk, visitor, run_id)[0])


def _page(request: Request, desk: Desk, person: Person, run: Run, chat_id: str | None) -> HTMLResponse:
    run = settled(desk, run)
    with desk.store.reading() as session:
        few = glances.first_of_run(session, run.run_id, 2)
        named = chats.by_id(session, chat_id) if chat_id else None
    chosen = named if named and named.run_id == run.run_id else few[0] if len(few) == 1 else None
    if chosen:
        return show_chat(request, scene_of(desk, person, chosen))
    return show(request, "run.html", section="agents", **_whole(desk, person, run))


def _whole(desk: Desk, person: Person, run: Run) -> dict[str, Any]:
    """Return what the page of a run with several chats shows, or with none."""
    is_over = run.verdict not in OPEN
    with desk.store.reading() as session:
        snapshot, origin = runs.snapshot_of(session, run.run_id), glances.origins(session, [run.job_id])[run.job_id]
        opened = chats.of_run(session, run.run_id) if is_over else glances.first_of_run(session, run.run_id, TABS + 1)
        progress, seen = None if is_over else progress_of_run(session, run), seen_of(session, run)
        post = post_of(session, person, run, snapshot.timezone, now=desk.now())
        again = send_again(session, run) if origin.is_job else SendAgain()
    title = snapshot.job.definition.name
    return {
        "title": title,
        "places": way_to(snapshot, origin),
        "run": run,
        "told": run_words(run, snapshot.timezone),
        "post": post,
        "send_again": again,
        "tabs": tabs(opened, None),
        "chat_id": "",
        "count": len(opened),
        "seen": seen,
        "is_over": is_over,
        "shares_reason": any(chat.reason == run.reason for chat in opened) if run.reason else False,
        "progress": progress,
        "overview": overview(desk, run, opened, title) if is_over and opened else None,
        "can_rerun": is_over and bool(opened) and not origin.is_deleted,
        "token": token(),
    }
