"""The notices of a run on its page: how they stand by now, and sent again where that went wrong."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.deliveries import post_of
from interact.api.pages.forms import FieldsDep
from interact.api.pages.presses import seen_at_press
from interact.api.pages.showing import go, is_part, show
from interact.api.pages.visitors import VisitorDep, seen_run
from interact.api.sending import send_now
from interact.chats.record import Run
from interact.errors import AccessRefused, DefinitionRefused, listed
from interact.jobs.rights import Action, Person
from interact.notices.states import DeliveryState
from interact.runs.desk import Desk
from interact.runs.resend import resend as send_again
from interact.store import jobs, ledger, run_deliveries, runs

router = APIRouter()
_AGAIN = (DeliveryState.FAILED, DeliveryState.UNKNOWN)


@router.get("/runs/{run_id}/told")
def told(request: Request, run_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Return who was told of a run, and how that stands now, as a part of its page."""
    run, person = seen_run(desk, visitor, run_id)
    return _part(request, desk, person, run)


@router.post("/runs/{run_id}/resend")
def resend(request: Request, run_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Send what was said of a run again to those whom it did not reach, or perhaps not, and show how that went.

    Only what stood so when the page was seen: a second press finds nothing.
    """
    run, person = seen_run(desk, visitor, run_id)
    state, seen_at = _state(fields.text("state")), seen_at_press(fields.text("seen"), now=desk.now())
    with desk.store.writing() as session:
        job = jobs.standing(session, run.job_id)
        if job is None or not person.may(Action.EDIT, job):
            raise AccessRefused(
                "Only who may change a job sends its messages again: its owner, or an admin of the organisation."
            )
        ids = run_deliveries.ids_of_run(session, run_id, state, until=seen_at)
        count = send_again(session, ids, by=person.initiator, now=desk.now())
        notice_ids = ledger.notice_ids_of_run(session, run_id) if count else []
    if notice_ids:
        send_now(desk, notice_ids)
    return _part(request, desk, person, run) if is_part(request) else go(request, f"/runs/{run_id}#told")


def _part(request: Request, desk: Desk, person: Person, run: Run) -> HTMLResponse:
    with desk.store.reading() as session:
        timezone = runs.snapshot_of(session, run.run_id).timezone
        post = post_of(session, person, run, timezone, now=desk.now())
    return show(request, "parts/post.html", post=post)


def _state(text: str) -> DeliveryState:
    found = next((state for state in _AGAIN if state.value == text), None)
    if found is None:
        allowed = listed(state.value for state in _AGAIN)
        raise DefinitionRefused(f"What is sent again is {allowed}, not {text!r:.60}. Use the buttons.")
    return found
