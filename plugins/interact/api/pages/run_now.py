"""Start a job by hand, run something again, run what was missed, cancel: what people do to runs on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from interact.api.access import DeskDep
from interact.api.handover import ask_again, end, start
from interact.api.pages.audiences import ADDRESS, audience_again, audience_of, offered
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.presses import started_once, token
from interact.api.pages.refusals import Problems
from interact.api.pages.showing import go, is_part, show
from interact.api.pages.visitors import Visitor, VisitorDep, seen_job, seen_run
from interact.api.starting import start_again, start_for
from interact.connections.warehouse import read_column
from interact.errors import (
    AirflowUnavailable,
    DefinitionRefused,
    FileRefused,
    InteractError,
    NotFound,
    NotStartable,
    ParameterRefused,
)
from interact.jobs.combinations import Known, combine
from interact.jobs.definition import Job
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.parameters import ALL, Parameter, ParameterType
from interact.jobs.rights import Action
from interact.jobs.stored import Snapshot
from interact.runs.accept import Accepted, Ask
from interact.runs.desk import Desk
from interact.runs.values import OFFERED, known_values
from interact.store import jobs
from interact.store.requests import Once

router = APIRouter()
MOST_BOXES = 100
"""More values than these are written in lines: nobody ticks a thousand boxes."""
_YEARS = range(1970, 9999)
"""An instant beyond them may have no date in another zone."""
Given = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Input:
    """A parameter as the form shows it."""

    name: str
    kind: ParameterType
    description: str
    allowed: tuple[str, ...] | None
    """None where any value of its type is."""
    chosen: tuple[str, ...]
    takes_all: bool

    @property
    def has_boxes(self) -> bool:
        """Whether each allowed value has a box; else values are written, one a line."""
        return self.allowed is not None and len(self.allowed) <= MOST_BOXES


@router.get("/jobs/{job_id}/run")
def run_form(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep) -> HTMLResponse:
    """Show what a job can be asked with, its defaults chosen."""
    seen_job(desk, visitor, job_id, Action.RUN)
    return _form(request, desk, visitor, job_id)


@router.post("/jobs/{job_id}/run")
def run_now(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Start a run with the values of the form, without one with the defaults and for nobody, and lead to it."""
    job, person = seen_job(desk, visitor, job_id, Action.RUN)
    try:
        given, audience = _given(fields), audience_of(desk, visitor, job, fields)

        def begin(unique: Once | None) -> tuple[Accepted, str | None]:
            return start(desk, job, Ask(job_id, given, person.initiator, once=unique, audience=audience))

        run = started_once(desk, person, fields.text("token"), ("run", job_id, given, audience), begin)
    except (DefinitionRefused, NotStartable, AirflowUnavailable) as error:
        if is_part(request):
            raise
        return _form(request, desk, visitor, job_id, fields=fields, error=error)
    return go(request, f"/runs/{run.run_id}")


@router.post("/jobs/{job_id}/run/count")
def count_chats(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> HTMLResponse:
    """Say how many chats the chosen values make, or why they make none."""
    seen_job(desk, visitor, job_id, Action.RUN)
    snapshot = _snapshot(desk, job_id)
    try:
        told, wrong = _counted(snapshot, _given(fields), known_values(desk, snapshot, read_column, fresh=OFFERED)), ""
    except DefinitionRefused as error:
        told, wrong = "", str(error)
    return show(request, "parts/run_count.html", told=told, wrong=wrong)


@router.post("/jobs/{job_id}/times")
def run_missed(request: Request, job_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Start a run for a time that was skipped or not run, and lead to it."""
    job, person = seen_job(desk, visitor, job_id, Action.RUN)
    due_at = _instant(fields.text("due_at"))

    def begin(unique: Once | None) -> tuple[Accepted, str | None]:
        return start_for(desk, job, due_at, person.initiator, once=unique)

    run = started_once(desk, person, fields.text("token"), ("time", job_id, due_at.isoformat()), begin)
    return go(request, f"/runs/{run.run_id}")


@router.post("/runs/{run_id}/rerun")
def run_again(request: Request, run_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Start a run with the same values as one that has been, and lead to it."""
    run, person = seen_run(desk, visitor, run_id, Action.RUN)
    audience = audience_again(fields)

    def begin(unique: Once | None) -> tuple[Accepted, str | None]:
        if run.dag_id == QUESTIONS_DAG:
            return ask_again(desk, person, run, once=unique)
        job, _ = seen_job(desk, visitor, run.job_id, Action.RUN)
        return start_again(desk, job, run, person.initiator, once=unique, audience=audience)

    started = started_once(desk, person, fields.text("token"), ("rerun", run_id, audience), begin)
    return go(request, f"/runs/{started.run_id}")


@router.post("/runs/{run_id}/cancel")
def cancel_run(request: Request, run_id: str, desk: DeskDep, visitor: VisitorDep, fields: FieldsDep) -> Response:
    """Cancel a run, and lead to it."""
    run, person = seen_run(desk, visitor, run_id, Action.RUN)
    end(desk, run, by=person.initiator)
    return go(request, f"/runs/{run_id}")


def _form(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    job_id: str,
    *,
    fields: Fields | None = None,
    error: InteractError | None = None,
) -> HTMLResponse:
    snapshot = _snapshot(desk, job_id)
    known = known_values(desk, snapshot, read_column, fresh=OFFERED)
    definition = snapshot.job.definition
    inputs = [_input(name, each, known.get(name), fields) for name, each in definition.parameters.items()]
    wrong = _field_of(error, definition)
    return show(
        request,
        "run_now.html",
        status=error.status if error else 200,
        section="agents",
        title=f"Run {definition.name}",
        job=snapshot.job,
        agent=snapshot.agent,
        inputs=inputs,
        token=token(),
        send_to=offered(desk, visitor, snapshot.job, fields),
        problems=Problems({wrong: str(error)} if wrong else {}),
        refused=str(error) if error and not wrong else "",
        told="" if error else _counted_by_default(snapshot, known),
    )


def _field_of(error: InteractError | None, job: Job) -> str:
    """Return the field that a refusal means: a parameter's name, that of the address, or "" for none."""
    if isinstance(error, FileRefused):
        return error.path[-1] if error.path == (ADDRESS,) else ""
    return error.parameter if isinstance(error, ParameterRefused) and error.parameter in job.parameters else ""


def _snapshot(desk: Desk, job_id: str) -> Snapshot:
    with desk.store.reading() as session:
        snapshot = jobs.snapshot(session, job_id)
    if snapshot is None:
        raise NotFound("job", job_id)
    return snapshot


def _input(name: str, parameter: Parameter, known: tuple[str, ...] | None, fields: Fields | None) -> Input:
    chosen = _values(fields, name) if fields else parameter.taken(by_itself=False)
    return Input(
        name=name,
        kind=parameter.type,
        description=parameter.description,
        allowed=(parameter.values or known or ()) if parameter.is_limited else None,
        chosen=tuple(each for each in chosen if each != ALL),
        takes_all=ALL in chosen,
    )


def _given(fields: Fields) -> Given:
    """Return the values of each parameter that the form asks for; raises ParameterRefused for one left empty."""
    return {name: _chosen(name, _values(fields, name)) for name in fields.all("asks")}


def _chosen(name: str, values: Sequence[str]) -> str | list[str]:
    if not values:
        raise ParameterRefused(name, "has no value here; choose one, or several to have a chat for each")
    return ALL if ALL in values else list(values)


def _values(fields: Fields, name: str) -> tuple[str, ...]:
    """Return what was ticked for a parameter, and what was written for it, one value a line."""
    lines = (line.strip() for text in fields.all(f"value-{name}") for line in text.split("\n"))
    return tuple(line for line in lines if line)


def _counted(snapshot: Snapshot, given: Given, known: Known) -> str:
    parameters = snapshot.job.definition.parameters
    count = len(combine(parameters, given, known=known))
    each = "value" if len(parameters) == 1 else "combination of values"
    return "1 chat" if count == 1 else f"{count:,} chats, one for each {each}"


def _counted_by_default(snapshot: Snapshot, known: Known) -> str:
    try:
        return _counted(snapshot, {}, known)
    except DefinitionRefused:
        return ""  # Something has no default: the form is there to choose it.


def _instant(text: str) -> datetime:
    try:
        due_at = datetime.fromisoformat(text)
    except ValueError:
        due_at = None
    if due_at is None or due_at.tzinfo is None or due_at.year not in _YEARS:
        raise DefinitionRefused(f"{text!r:.60} is no instant with its offset, as 2026-11-23T08:00:00Z. Use the button.")
    return due_at.astimezone(UTC)
