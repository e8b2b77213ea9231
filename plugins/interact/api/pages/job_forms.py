"""The form in which somebody writes a job: a new one, and the preview of any draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import handover, job_edits
from interact.api.access import DeskDep
from interact.api.channel_words import what_it_hears, where_to
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.job_fields import blank, blank_row, fields_of, plain_of, rows_of
from interact.api.pages.job_refusals import LABELS, PARAMETER_LABELS, ROUTE_LABELS, Refusal, refusal_of
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, show
from interact.api.pages.telling_fields import blank_route, routes_in
from interact.api.pages.visitors import VisitorDep, seen_agent, seen_chat, seen_organisation
from interact.errors import DefinitionRefused, InteractError, KeyTaken
from interact.jobs.combinations import label
from interact.jobs.definition import Job, zones
from interact.jobs.questions import title_of
from interact.jobs.rights import Person
from interact.jobs.stored import StoredAgent, StoredChannel, StoredOrganisation
from interact.runs.desk import Desk
from interact.store import channels, questions, runs

router = APIRouter()
DRAFT = "Draft"
"""What a preview is called that has no name yet."""


@dataclass(frozen=True)
class Place:
    """Where a form is filled in: the agent that the job asks, its organisation, and who writes."""

    agent: StoredAgent
    organisation: StoredOrganisation
    channels: list[StoredChannel]
    person: Person


def place_of(desk: Desk, visitor: VisitorDep, agent_id: str) -> Place:
    """Return where a job of an agent is written; raises NotFound."""
    agent, person = seen_agent(desk, visitor, agent_id)
    with desk.store.reading() as session:
        there = channels.all_of(session, agent.organisation_id)
    return Place(agent, seen_organisation(visitor, agent.organisation_id), there, person)


def filled_in(place: Place, form: Fields, refusal: Refusal | None = None) -> dict[str, Any]:
    """Return what the form's template is filled with, for `show`."""
    problems = Problems({refusal.field: refusal.sentence} if refusal and refusal.field else {})
    return {
        "agent": place.agent,
        "organisation": place.organisation,
        "channels": place.channels,
        "where_to": where_to,
        "what_it_hears": what_it_hears,
        "is_admin": place.person.is_admin,
        "owner": place.person.name,
        "dag_id": "",
        "locked": "",
        "form": form,
        "rows": rows_of(form),
        "next_row": _next(rows_of(form)),
        "routes": routes_in(form),
        "next_route": _next(routes_in(form)),
        "labels": LABELS,
        "parameter_labels": PARAMETER_LABELS,
        "route_labels": ROUTE_LABELS,
        "refusal": refusal,
        "problems": problems,
        "zones": sorted(zones()),
    }


def _next(numbers: list[str]) -> int:
    """Return the number of the row after these."""
    return max((int(number) for number in numbers), default=-1) + 1


def in_place(page: HTMLResponse) -> HTMLResponse:
    """Let a page replace the one that sent its form; any other answer leaves that, and what was typed, as it is."""
    page.headers.update(
        {"HX-Retarget": "#content", "HX-Reselect": "#content", "HX-Reswap": "outerHTML show:window:top"}
    )
    return page


@router.get("/agents/{agent_id}/jobs/new")
def new_job(
    request: Request,
    agent_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    chat: Annotated[str | None, Query()] = None,
) -> Response:
    """Show the form of a new job; `chat` is one whose question is saved as a job."""
    place = place_of(desk, visitor, agent_id)
    form = _saved_from(desk, visitor, chat) if chat else blank()
    return show(request, "job_form.html", section="agents", title="Create job", **filled_in(place, form))


@router.post("/agents/{agent_id}/jobs")
def create_job(request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> Response:
    """Create a job, and lead to its page, which says when it runs next and can run it."""
    place = place_of(desk, visitor, agent_id)
    try:
        job = job_edits.create(desk, place.person, {"agent": place.agent.definition.key, **_written(plain_of(form))})
    except (DefinitionRefused, KeyTaken) as error:
        values = filled_in(place, form, refusal_of(error, form))
        page = show(request, "job_form.html", status=error.status, section="agents", title="Create job", **values)
        return in_place(page)
    return go(request, f"/jobs/{job.job_id}?saved={job.version}")


@router.get("/agents/{agent_id}/parameter-row")
def parameter_row(
    request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, n: Annotated[int, Query(ge=0, le=9998)]
) -> HTMLResponse:
    """Return an empty row of a parameter, and the button that adds the one after it."""
    values = filled_in(place_of(desk, visitor, agent_id), blank_row(n))
    return show(request, "parts/parameter_row.html", **values)


@router.get("/agents/{agent_id}/route-row")
def route_row(
    request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, n: Annotated[int, Query(ge=0, le=9998)]
) -> HTMLResponse:
    """Return an empty row of who hears of one value, and the button that adds the one after it."""
    values = filled_in(place_of(desk, visitor, agent_id), blank_route(n))
    return show(request, "parts/route_row.html", **values)


@router.post("/agents/{agent_id}/preview")
def preview_job(request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> HTMLResponse:
    """Run a draft once, as it stands in its form, and return the part in which its answer appears."""
    place = place_of(desk, visitor, agent_id)
    try:
        plain = _written(plain_of(form))
        named = {**plain, "agent": place.agent.definition.key, "name": plain["name"] or DRAFT}
        accepted = handover.start_preview(desk, place.person, named)
    except InteractError as error:
        refusal = refusal_of(error, form)
        return show(request, "parts/preview.html", status=error.status, refusal=refusal, chats=())
    return show(request, "parts/preview.html", refusal=None, chats=accepted.chats)


def _written(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a form says of a job that is not there yet, without the keys that it leaves at their default."""
    return {key: value for key, value in plain.items() if value is not None}


def _saved_from(desk: Desk, visitor: VisitorDep, chat_id: str) -> Fields:
    """Return the form of a job that asks what a chat asked, with the chat's values as its default."""
    chat, _ = seen_chat(desk, visitor, chat_id)
    with desk.store.reading() as session:
        asked = runs.snapshot_of(session, chat.run_id).job.definition
        is_question = questions.purpose_of(session, chat.job_id) is not None
    by_default = {
        name: parameter.model_copy(update={"default": (chat.parameters[name],)})
        if name in chat.parameters
        else parameter
        for name, parameter in asked.parameters.items()
    }
    kept: dict[str, Any] = {"parameters": by_default, "schedule": None, "triggers": None}
    if is_question:
        default = Job.model_fields
        kept |= {key: default[key].default for key in ("visibility", "time_limit_minutes")}
        return fields_of(asked.model_copy(update={**kept, "name": title_of(asked.prompt)}))
    name = f"{asked.name} · {label(chat.parameters)}" if chat.parameters else asked.name
    return fields_of(asked.model_copy(update={**kept, "name": name[:120]}))
