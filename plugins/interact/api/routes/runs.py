"""Runs over HTTP: how one stands, what compares its chats; run it again, cancel it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from interact.api import examples
from interact.api.access import DeskDep, calling, reachable_job, reachable_run
from interact.api.comparison import kept_rollup
from interact.api.handover import ask_again, end, settled, started_before, url_of_run
from interact.api.repeats import IdempotencyKey, once
from interact.api.routes.files import rollup_html_of, rollup_pdf_of
from interact.api.run_bodies import AcceptedRun, Cancelled, RerunBody, RunAddress, RunWhole, accepted, run_whole
from interact.api.shapes import file_answer, problems
from interact.api.starting import start_again
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.rights import READ_PERMISSION, RUN_PERMISSION, Action, Caller
from interact.store import chats, run_deliveries, runs

router = APIRouter(prefix="/runs", tags=["runs"])
Reader = Annotated[Caller, Depends(calling(READ_PERMISSION))]
Starter = Annotated[Caller, Depends(calling(RUN_PERMISSION))]


@router.get("/{run_id}", responses=problems(404) | examples.RUN)
def read_run(run_id: str, desk: DeskDep, caller: Reader) -> RunWhole:
    """Return a run's verdict, delivery, times, chats and roll-up."""
    run = settled(desk, reachable_run(desk, caller, run_id))
    with desk.store.reading() as session:
        opened, attempts = chats.of_run(session, run_id), chats.newest_outlines(session, run_id)
        snapshot, standing = runs.snapshot_of(session, run_id), run_deliveries.of_runs(session, [run_id]).get(run_id)
    told, rollup = [(chat, attempts.get(chat.chat_id)) for chat in opened], kept_rollup(desk, run, opened)
    return run_whole(run, snapshot, told, standing=standing, url=url_of_run(desk, run), rollup=rollup)


@router.get(
    "/{run_id}/rollup.pdf",
    response_class=Response,
    responses=problems(404) | file_answer("application/pdf", "The roll-up, as it was made when the run ended."),
)
def read_rollup_pdf(run_id: str, desk: DeskDep, caller: Reader) -> Response:
    """Return the PDF that compares a run's chats."""
    return rollup_pdf_of(desk, reachable_run(desk, caller, run_id))


@router.get(
    "/{run_id}/rollup.html",
    response_class=Response,
    responses=problems(404) | file_answer("text/html", "The roll-up, as it was made when the run ended."),
)
def read_rollup_html(run_id: str, desk: DeskDep, caller: Reader) -> Response:
    """Return the page that compares a run's chats."""
    return rollup_html_of(desk, reachable_run(desk, caller, run_id))


@router.post("/{run_id}/rerun", status_code=202, responses=problems(404, 409) | examples.TRIGGERED)
def rerun(
    run_id: str,
    desk: DeskDep,
    caller: Starter,
    body: RerunBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> AcceptedRun:
    """Start a new run with the same values, of the job as it is now; a question is asked again."""
    audience = (body or RerunBody()).send_to
    unique = once(caller, idempotency_key, "rerun", run_id, audience)
    if before := started_before(desk, unique):
        return accepted(*before)
    run = reachable_run(desk, caller, run_id, Action.RUN)
    if run.dag_id == QUESTIONS_DAG:
        return accepted(*ask_again(desk, caller, run, once=unique))
    job = reachable_job(desk, caller, run.job_id, Action.RUN)
    return accepted(*start_again(desk, job, run, caller.initiator, once=unique, audience=audience))


@router.post("/{run_id}/cancel", status_code=202, responses=problems(404, 409) | examples.CANCELLED)
def cancel(run_id: str, desk: DeskDep, caller: Starter) -> Cancelled:
    """Cancel a run: what has been answered stays, what is open is closed, and its tasks are stopped."""
    run = end(desk, reachable_run(desk, caller, run_id, Action.RUN), by=caller.initiator)
    return Cancelled(run=RunAddress(id=run_id, url=url_of_run(desk, run)), verdict=run.verdict)
