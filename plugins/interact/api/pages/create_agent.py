"""The form that makes an agent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.edits import AGENT_LABELS
from interact.api.pages.admins import nameable_connections, nameable_models, still_naming
from interact.api.pages.agent_fields import LIMITS, Typed, blank, models_of, plain_of, refused, typed
from interact.api.pages.forms import FieldsDep
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, seen_agent
from interact.errors import AccessRefused, DefinitionRefused, KeyTaken
from interact.runs.agents import make_agent
from interact.runs.desk import Desk
from interact.runs.model_text import model_text
from interact.store import agents

router = APIRouter()
Chosen = Annotated[str, Query()]


@router.get("/agents/new")
def new_agent(request: Request, desk: DeskDep, visitor: VisitorDep, organisation: Chosen = "") -> HTMLResponse:
    """Show the form, with the organisation that is named or the first that somebody manages."""
    return _page(request, desk, visitor, _chosen(visitor, organisation), blank())


@router.get("/agents/new/model")
def taken_over_model(request: Request, desk: DeskDep, visitor: VisitorDep, like: Chosen = "") -> HTMLResponse:
    """Show the field of the semantic model with that of another agent in it."""
    agent, _ = seen_agent(desk, visitor, like)
    administered(visitor, agent.organisation_id)
    form = blank(model_text(agent.definition))
    return show(request, "parts/agent_model.html", form=form, problems=Problems(), taken_from=agent.definition.name)


@router.post("/agents")
def create_agent(request: Request, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Make the agent, or show what was written again with what is wrong."""
    organisation_id = _chosen(visitor, fields.text("organisation"))
    form = typed(fields)
    plain, problems = plain_of(form)
    if problems:
        return _page(request, desk, visitor, organisation_id, form, problems=problems, status=422)
    try:
        warehouse, models = plain.get("warehouse"), models_of(plain)
        permit = still_naming(desk, visitor, organisation_id, warehouse=warehouse, models=models)
        made = make_agent(desk, organisation_id, plain, by=visitor.name, permit=permit)
    except (DefinitionRefused, KeyTaken) as error:
        problems = refused(error)
        return _page(request, desk, visitor, organisation_id, form, problems=problems, status=error.status)
    return go(request, f"/agents/{made.agent_id}/settings?saved={made.version}")


def _chosen(visitor: Visitor, organisation_id: str) -> str:
    """Return the organisation that an agent is for; raises NotFound and AccessRefused."""
    if organisation_id:
        return administered(visitor, organisation_id).organisation_id
    if not visitor.administers:
        raise AccessRefused(
            "Only an admin of an organisation creates agents. Ask one of them: Settings, Organisation names them."
        )
    return visitor.administers[0].organisation_id


def _page(
    request: Request, desk: Desk, visitor: Visitor, organisation_id: str, form: Typed, **more: Any
) -> HTMLResponse:
    with desk.store.reading() as session:
        others = [
            (organisation.definition.name, agent)
            for organisation in visitor.administers
            for agent in agents.all_of(session, organisation.organisation_id)
        ]
    return show(
        request,
        "agent_form.html",
        section="agents",
        title="Create agent",
        organisation_id=organisation_id,
        form=form,
        labels=AGENT_LABELS,
        others=others,
        connections=nameable_connections(desk, visitor, organisation_id),
        models=nameable_models(desk, visitor, organisation_id),
        limits=LIMITS,
        **{"problems": Problems(), "taken_from": ""} | more,
    )
