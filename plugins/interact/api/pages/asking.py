"""An agent's page: the box in which people ask it, and the chats of it that they see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from interact.api import shapes
from interact.api.access import DeskDep, viewer_of
from interact.api.handover import start_question
from interact.api.pages.forms import FieldsDep
from interact.api.pages.showing import go, is_part, show
from interact.api.pages.visitors import Visitor, VisitorDep, seen_agent, seen_organisation
from interact.chats.initiator import in_words
from interact.chats.status import ChatStatus
from interact.errors import InteractError
from interact.jobs.combinations import label
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import StoredAgent
from interact.runs.abilities import sample_questions
from interact.runs.desk import Desk
from interact.store import chats
from interact.store.listing import Entry, Wanted

router = APIRouter()
LISTED = 25
KINDS = {"questions": "Questions", "job": "Jobs"}


class Filter(shapes.Request):
    """What the list of chats is narrowed to."""

    state: ChatStatus | None = None
    kind: Literal["questions", "job"] | None = None
    cursor: str | None = None
    """Where the page before ended."""


@dataclass(frozen=True)
class Line:
    """A chat as the list shows it; `values` is "" for one without."""

    chat_id: str
    name: str
    values: str
    is_question: bool
    status: ChatStatus
    by: str
    at: datetime


@dataclass(frozen=True)
class Box:
    """What was typed and why it was refused; both empty at first."""

    typed: str = ""
    wrong: str = ""
    status: int = 200


FilterQuery = Annotated[Filter, Query()]


@router.get("/agents/{agent_id}")
def agent_page(
    agent_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, wanted: FilterQuery
) -> HTMLResponse:
    """Show the box to ask in, unless the agent is not active, and the chats below it, newest first."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    return _page(request, agent, Box(), _listed(desk, visitor, agent, wanted))


@router.post("/agents/{agent_id}/ask")
def ask(agent_id: str, request: Request, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Ask the agent, and lead to the chat; a refused question stays as it was typed, with why it was refused."""
    agent, person = seen_agent(desk, visitor, agent_id)
    prompt = fields.text("prompt")
    try:
        accepted = start_question(desk, person, agent_id, prompt)
    except InteractError as error:
        box = Box(prompt, str(error), error.status)
        if is_part(request):
            return show(request, "parts/ask.html", status=box.status, **_asked(agent, box))
        return _page(request, agent, box, _listed(desk, visitor, agent, Filter()))
    return go(request, f"/chats/{accepted.chats[0].chat_id}")


def _page(request: Request, agent: StoredAgent, box: Box, listed: dict[str, Any]) -> HTMLResponse:
    title = agent.definition.name
    return show(
        request, "agent_chats.html", status=box.status, section="agents", title=title, **_asked(agent, box), **listed
    )


def _asked(agent: StoredAgent, box: Box) -> dict[str, Any]:
    problems = {"prompt": box.wrong} if box.wrong else {}
    return {"agent": agent, "typed": box.typed, "problems": problems, "samples": sample_questions(agent.definition)}


def _listed(desk: Desk, visitor: Visitor, agent: StoredAgent, wanted: Filter) -> dict[str, Any]:
    person = visitor.people[agent.organisation_id]
    found = Wanted(
        agent_id=agent.agent_id, status=wanted.state, purpose=wanted.kind, limit=LISTED, cursor=wanted.cursor
    )
    with desk.store.reading() as session:
        page = chats.newest(session, viewer_of(person), found)
    return {
        "lines": [_line(entry) for entry in page.entries],
        "next_cursor": page.next_cursor,
        "wanted": wanted,
        "kinds": KINDS,
        "states": list(ChatStatus),
        "zone": seen_organisation(visitor, agent.organisation_id).definition.timezone,
    }


def _line(entry: Entry) -> Line:
    chat, run, job, _ = entry
    return Line(
        chat_id=chat.chat_id,
        name=job,
        values=label(chat.parameters) if chat.parameters else "",
        is_question=run.dag_id == QUESTIONS_DAG,
        status=chat.status,
        by=in_words(run.initiator),
        at=chat.created_at,
    )
