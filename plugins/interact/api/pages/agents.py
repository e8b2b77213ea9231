"""The list of agents: where everybody begins."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from interact.api.access import DeskDep
from interact.api.pages.showing import base_of, show
from interact.api.pages.visitors import VisitorDep, require_member
from interact.store import agents, jobs

router = APIRouter()


@router.get("/")
def home(request: Request, visitor: VisitorDep) -> RedirectResponse:
    """Lead to the list of agents."""
    return RedirectResponse(f"{base_of(request)}/agents")


@router.get("/agents")
def agent_list(request: Request, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show the agents of the organisations that somebody belongs to, and how many jobs each has in their sight."""
    require_member(visitor)
    with desk.store.reading() as session:
        groups = [
            (organisation, agents.all_of(session, organisation.organisation_id))
            for organisation in visitor.organisations
        ]
        counts = {
            organisation.organisation_id: jobs.counts(session, organisation.organisation_id, owner=visitor.name)
            for organisation in visitor.organisations
        }
    return show(request, "agents.html", section="agents", title="Agents", groups=groups, counts=counts)
