"""Pages inside Airflow, for people signed in there: what a run left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from interact.api.access import DeskDep, require_readable
from interact.api.comparison import overview, tabs
from interact.api.explanations import explain
from interact.api.handover import settled
from interact.api.planned import late_by
from interact.api.routes.chats import html_of, pdf_of
from interact.api.routes.files import rollup_html_of, rollup_pdf_of
from interact.chats.record import Chat, QueryRecord, Run
from interact.chats.result import Result
from interact.errors import NotFound
from interact.reports.columns import cell, decimals, is_numeric
from interact.reports.freshness import freshness, moment
from interact.reports.prose import Prose
from interact.runs.desk import Desk
from interact.runs.reasons import length
from interact.runs.render import results_of
from interact.store import chats, runs
from interact.templates import pages

router = APIRouter()
ROWS_SHOWN = 50
_STATIC = Path(__file__).resolve().parents[1] / "static"


@dataclass(frozen=True)
class Shown:
    """One query as the page shows it; `rows` are cut at 50, `row_count` is how many there are."""

    title: str
    sql: str
    failure: str | None
    seconds: float
    row_count: int
    headers: list[tuple[str, bool]]
    rows: list[list[str]]


@router.get("/dags/{dag_id}/runs/{dag_run_id:path}")
def run_page(
    dag_id: str, dag_run_id: str, desk: DeskDep, user: GetUserDep, chat: Annotated[str | None, Query()] = None
) -> HTMLResponse:
    """Show a run's chats, one of them whole; of a DAG that is not ours it says so in one sentence."""
    require_readable(desk, user, dag_id)
    with desk.store.reading() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
    if run is None:
        told = explain(desk, dag_id, dag_run_id)
        return _page(desk, "explained.html", title=told.title, told=told, dag_id=dag_id)
    run = settled(desk, run)
    with desk.store.reading() as session:
        opened = chats.of_run(session, run.run_id)
        snapshot = runs.snapshot_of(session, run.run_id)
    name = snapshot.job.definition.name
    if not opened:
        return _page(desk, "empty.html", title=name, sentence=run.reason or "This run has opened no chat yet.")
    chosen = next((entry for entry in opened if entry.chat_id == chat), None)
    about = {"run": run, "times": _times(run, snapshot.timezone), "fresh": freshness(run.data, snapshot.timezone)}
    about |= {"is_one": len(opened) == 1, "chats": tabs(opened, chosen.chat_id if chosen else None)}
    if chosen is None and len(opened) > 1:
        return _page(desk, "run.html", title=name, overview=overview(desk, run, opened, name), **about)
    return _page(desk, "run.html", title=name, overview=None, **about, **_whole(desk, chosen or opened[0]))


@router.get("/runs/{run_id}/rollup.pdf")
def read_rollup_pdf(run_id: str, desk: DeskDep, user: GetUserDep) -> Response:
    """Return the PDF that compares a run's chats."""
    return rollup_pdf_of(desk, _readable_run(desk, user, run_id))


@router.get("/runs/{run_id}/rollup.html")
def read_rollup_html(run_id: str, desk: DeskDep, user: GetUserDep) -> Response:
    """Return the page that compares a run's chats, as it was drawn when the run ended."""
    return rollup_html_of(desk, _readable_run(desk, user, run_id))


@router.get("/chats/{chat_id}")
def chat_page(chat_id: str, desk: DeskDep, user: GetUserDep) -> RedirectResponse:
    """Lead to a chat on the page of its run."""
    found = _readable_chat(desk, user, chat_id)
    with desk.store.reading() as session:
        run = runs.by_id(session, found.run_id)
    page = f"dags/{quote(run.dag_id)}/runs/{quote(run.dag_run_id, safe='')}"
    return RedirectResponse(f"../{page}?chat={chat_id}")  # Airflow may be served under a path of its own.


@router.get("/chats/{chat_id}/report.pdf")
def pdf(chat_id: str, desk: DeskDep, user: GetUserDep) -> Response:
    """Return a chat's PDF."""
    return pdf_of(desk, _readable_chat(desk, user, chat_id))


@router.get("/chats/{chat_id}/report.html")
def report(chat_id: str, desk: DeskDep, user: GetUserDep) -> Response:
    """Return a chat's report as it was drawn at run time."""
    return html_of(desk, _readable_chat(desk, user, chat_id))


@router.get("/static/theme.js")
def theme(user: GetUserDep) -> FileResponse:
    """Return the script that takes over Airflow's light or dark theme."""
    return FileResponse(_STATIC / "theme.js", media_type="text/javascript")


def told(desk: Desk, sentence: str) -> str:
    """Return a page that says one sentence."""
    return _html(desk, "empty.html", title="Report", sentence=sentence)


def _readable_chat(desk: Desk, user: GetUserDep, chat_id: str) -> Chat:
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
        run = runs.by_id(session, chat.run_id) if chat else None
    if chat is None or run is None:
        raise NotFound("chat", chat_id)
    try:
        require_readable(desk, user, run.dag_id)
    except NotFound:
        raise NotFound("chat", chat_id) from None  # as if it did not exist, and without its DAG's name
    return chat


def _readable_run(desk: Desk, user: GetUserDep, run_id: str) -> Run:
    with desk.store.reading() as session:
        run = runs.by_id(session, run_id)
    try:
        require_readable(desk, user, run.dag_id)
    except NotFound:
        raise NotFound("run", run_id) from None
    return run


def _whole(desk: Desk, chat: Chat) -> dict[str, Any]:
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat.chat_id)
    results = results_of(desk, attempt) if attempt else {}
    prose = Prose(results)
    return {
        "chat": chat,
        "attempt": attempt,
        "messages": [(message.role, prose.blocks(message.text)) for message in attempt.messages] if attempt else [],
        "queries": [_shown(query, results.get(query.result_id)) for query in attempt.queries] if attempt else [],
    }


def _shown(query: QueryRecord, result: Result | None) -> Shown:
    columns = result.columns if result else ()
    places = [decimals(column, result.values(column.name)) for column in columns] if result else []
    rows = result.rows[:ROWS_SHOWN] if result else ()
    return Shown(
        title=query.title,
        sql=query.sql,
        failure=query.failure,
        seconds=query.elapsed_seconds,
        row_count=query.row_count,
        headers=[(column.label, is_numeric(column)) for column in columns],
        rows=[[cell(v, c, places=p) for v, c, p in zip(row, columns, places, strict=True)] for row in rows],
    )


def _times(run: Run, timezone: str) -> dict[str, str]:
    """Return in words when a run was planned (without a planned time: its date), and what to say of a late start."""
    late = late_by(run.due_at, run.started_at)
    times = {"date": moment(run.due_at or run.run_after, timezone), "late": "", "waited": ""}
    if late is None or run.due_at is None or run.started_at is None:
        return times
    began = moment(run.started_at, timezone)
    if any(load.late or (load.loaded_at is not None and load.loaded_at > run.due_at) for load in run.data):
        return times | {"waited": f"waited {length(late)} for its data, until {began}"}
    return times | {"late": f"began {length(late)} late, {began}"}


def _page(desk: Desk, template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_html(desk, template, **values))


def _html(desk: Desk, template: str, **values: Any) -> str:
    html: str = pages(desk.settings.include_dir / "templates").get_template(f"pages/{template}").render(**values)
    return html
