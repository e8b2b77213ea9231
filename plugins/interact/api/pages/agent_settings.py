"""An agent's settings: what it can be asked, for everybody; what it is made of, its versions, for admins to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import airflow_runs
from interact.api.access import DeskDep
from interact.api.edits import AGENT_LABELS, Edit, agent_edits, in_a_line
from interact.api.pages.admins import nameable_connections, nameable_models, names_of_admins, still_naming
from interact.api.pages.agent_fields import LIMITS, Typed, caught_up, models_of, plain_of, refused, typed, typed_of
from interact.api.pages.forms import FieldsDep
from interact.api.pages.refusals import Problems
from interact.api.pages.saves import SAVES, Save, saves_of
from interact.api.pages.showing import go, show
from interact.api.pages.visitors import Visitor, VisitorDep, administered, seen_agent, seen_organisation
from interact.errors import DefinitionRefused, EditConflict, NotFound
from interact.jobs.definition import Agent
from interact.jobs.stored import NEWEST, StoredAgent
from interact.jobs.writing import write_documents
from interact.runs.abilities import sample_questions
from interact.runs.agents import change_agent, off_since, restore_agent_version
from interact.runs.desk import Desk
from interact.runs.model_text import model_of
from interact.store import agents
from interact.store.sessions import Session

router = APIRouter()


@dataclass(frozen=True)
class Conflict:
    """Two edits of one version: who saved the other one, and how it differs from what was written here."""

    newest: Save[Agent]
    edits: tuple[Edit, ...]


@router.get("/agents/{agent_id}/settings")
def agent_settings(
    request: Request,
    agent_id: str,
    desk: DeskDep,
    visitor: VisitorDep,
    before: Annotated[int, Query(ge=1, le=NEWEST)] = NEWEST,
    saved: Annotated[int, Query(ge=0, le=NEWEST)] = 0,
) -> HTMLResponse:
    """Show what an agent can be asked, and what it is; to an admin as a form."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    return _page(request, desk, visitor, agent, before=before, saved=saved)


@router.post("/agents/{agent_id}/settings")
def save_agent(request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Save what an admin has written, or show it again with what is wrong."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    administered(visitor, agent.organisation_id)
    form, version = typed(fields) | {"key": agent.definition.key}, fields.version
    plain, problems = plain_of(form)
    if problems:
        return _page(request, desk, visitor, agent, form=form, version=version, problems=problems, status=422)
    warehouse, models = plain.get("warehouse"), models_of(plain)
    permit = still_naming(desk, visitor, agent.organisation_id, warehouse=warehouse, models=models)
    try:
        changed = change_agent(desk, agent_id, plain, version=version, by=visitor.name, permit=permit)
    except EditConflict as error:
        agent, _ = seen_agent(desk, visitor, agent_id)
        form, told = _conflict(desk, agent, form, version=version)
        return _page(request, desk, visitor, agent, form=form, conflict=told, status=error.status)
    except DefinitionRefused as error:
        problems = refused(error)
        return _page(request, desk, visitor, agent, form=form, version=version, problems=problems, status=422)
    airflow_runs.ask_for_a_parse()
    return go(request, f"/agents/{agent_id}/settings?saved={changed.version}")


@router.get("/agents/{agent_id}/versions/{number}")
def agent_version(request: Request, agent_id: str, number: int, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show one save of an agent: what it changed, how it differs from the newest, and all that it said."""
    agent, person = seen_agent(desk, visitor, agent_id)
    with desk.store.reading() as session:
        save = _saves(session, agent_id, before=number + 1, limit=1)[:1] if 0 < number < NEWEST else []
    if not save or save[0].version.number != number:
        raise NotFound("version", f"{agent_id}, {number}")
    definition = save[0].version.definition
    return show(
        request,
        "agent_version.html",
        section="agents",
        title=f"{agent.definition.name}, version {number}",
        there=agent,
        noun="agent",
        path=f"/agents/{agent_id}",
        save=save[0],
        edits=agent_edits(agent.definition, definition),
        text=write_documents([definition.model_copy(update={"semantic_model": _as_content(definition)})]),
        zone=_zone(visitor, agent),
        is_admin=person.is_admin,
    )


@router.post("/agents/{agent_id}/versions/{number}/restore")
def restore_agent(
    request: Request, agent_id: str, number: int, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep
) -> Response:
    """Let an agent say again what it said in an earlier version, as a new one."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    administered(visitor, agent.organisation_id)
    with desk.store.reading() as session:
        earlier = agents.version(session, agent_id, number)
    plain = earlier.definition.model_dump(include={"warehouse", "connection", "fallbacks"}) if earlier else {}
    warehouse, models = plain.get("warehouse"), models_of(plain)
    permit = still_naming(desk, visitor, agent.organisation_id, warehouse=warehouse, models=models)
    restored = restore_agent_version(desk, agent_id, number, version=fields.version, by=visitor.name, permit=permit)
    airflow_runs.ask_for_a_parse()
    return go(request, f"/agents/{agent_id}/settings?saved={restored.version}")


def _page(
    request: Request, desk: Desk, visitor: Visitor, agent: StoredAgent, *, status: int = 200, **more: Any
) -> HTMLResponse:
    """Show the settings; `more` holds what a GET asks for, or form, version, problems, conflict of a failed save."""
    is_admin = visitor.people[agent.organisation_id].is_admin
    before = more.pop("before", NEWEST)
    with desk.store.reading() as session:
        saves = _saves(session, agent.agent_id, before=before, limit=SAVES)
        newest = saves[0] if before == NEWEST else _saves(session, agent.agent_id, before=NEWEST, limit=1)[0]
        off = off_since(session, agent)
        job_count = agents.job_count(session, agent.agent_id) if is_admin else 0
    organisation = seen_organisation(visitor, agent.organisation_id).definition
    known: dict[str, Any] = {
        "form": typed_of(agent.definition),
        "version": agent.version,
        "problems": Problems(),
        "conflict": None,
        "saved": 0,
        "connections": nameable_connections(desk, visitor, agent.organisation_id) if is_admin else (),
        "models": nameable_models(desk, visitor, agent.organisation_id) if is_admin else (),
    }
    return show(
        request,
        "agent_settings.html",
        status=status,
        section="agents",
        title=f"{agent.definition.name}, settings",
        agent=agent,
        labels=AGENT_LABELS,
        limits=LIMITS,
        is_admin=is_admin,
        admins=names_of_admins(organisation),
        model=model_of(agent.definition),
        samples=sample_questions(agent.definition),
        saves=saves[:SAVES],
        older=saves[SAVES - 1].version.number if len(saves) > SAVES else None,
        newest=newest,
        off=off,
        job_count=job_count,
        zone=organisation.timezone,
        **known | more,
    )


def _saves(session: Session, agent_id: str, *, before: int, limit: int) -> list[Save[Agent]]:
    """Return saves, newest first, and one more than asked for where there are more."""
    return saves_of(agents.versions(session, agent_id, before=before, limit=limit + 1), in_a_line)


def _conflict(desk: Desk, agent: StoredAgent, form: Typed, *, version: int) -> tuple[Typed, Conflict]:
    """Return the form, with what was not touched in it brought up to date, and what is left to decide."""
    with desk.store.reading() as session:
        newest = _saves(session, agent.agent_id, before=NEWEST, limit=1)[0]
        seen = agents.version(session, agent.agent_id, version)
    form = caught_up(form, seen.definition, agent.definition) if seen else form
    plain, _ = plain_of(form)
    mine = Agent.model_validate({**agent.definition.model_dump(mode="json"), **plain})
    return form, Conflict(newest, agent_edits(agent.definition, mine))


def _as_content(definition: Agent) -> dict[str, Any]:
    model = model_of(definition)
    kept = definition.semantic_model
    if model is None:
        return kept if isinstance(kept, dict) else {}
    return model.model_dump(mode="json", exclude_defaults=True)


def _zone(visitor: Visitor, agent: StoredAgent) -> str:
    return seen_organisation(visitor, agent.organisation_id).definition.timezone
