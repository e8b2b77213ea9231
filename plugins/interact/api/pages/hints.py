"""What a form answers while somebody fills it in: what the analyst understands of a prompt, when a schedule runs."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from interact.api.access import DeskDep
from interact.api.pages.forms import Fields, FieldsDep
from interact.api.pages.job_fields import rows_of
from interact.api.pages.job_refusals import in_form
from interact.api.pages.showing import show
from interact.api.pages.visitors import VisitorDep, seen_agent, seen_organisation
from interact.connections.warehouse import open_warehouse
from interact.errors import ScheduleRefused
from interact.jobs.definition import Organisation, zones
from interact.jobs.parameters import ParameterType
from interact.jobs.plans import calendar_of
from interact.runs.understand import Variable, understand
from interact.schedules.occurrences import OnHoliday, Schedule
from interact.schedules.preview import Preview, preview

router = APIRouter()
NEXT_DATES = 5
COMMON = (
    ("Weekdays at 09:00", "0 9 * * 1-5"),
    ("Mondays at 08:00", "0 8 * * 1"),
    ("Every day at 07:30", "30 7 * * *"),
    ("First business day of the month", "@first-weekday"),
    ("Last business day of the month", "@last-weekday"),
    ("First day of the month at 08:00", "0 8 1 * *"),
    ("First day of the quarter at 08:00", "0 8 1 1,4,7,10 *"),
    ("Every hour", "0 * * * *"),
)
"""What most people want, in their words, and how it is written."""
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat"
_PLAIN_FIELD = re.compile(rf"(?:[0-9*/,-]|{_NAMES})+", re.IGNORECASE)


@router.post("/agents/{agent_id}/understanding")
def understanding(request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep) -> HTMLResponse:
    """Return the part that says what an agent understands of the prompt of a job's form; empty where it cannot say."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    organisation = seen_organisation(visitor, agent.organisation_id).definition
    prompt, zone = form.text("prompt"), form.text("timezone")
    understood = (
        understand(
            desk,
            agent,
            prompt,
            variables=_variables(form),
            zone=zone if zone in zones() else organisation.timezone,
            open_warehouse=open_warehouse,
        )
        if prompt
        else None
    )
    declined = in_form(understood.understanding.declined or "") if understood else ""
    return show(request, "parts/understood.html", understood=understood, declined=declined)


@router.post("/agents/{agent_id}/schedule-words")
def schedule_words(
    request: Request, agent_id: str, desk: DeskDep, visitor: VisitorDep, form: FieldsDep
) -> HTMLResponse:
    """Return the part that says when the schedule of a job's form runs, or why it cannot, and offers common ones."""
    agent, _ = seen_agent(desk, visitor, agent_id)
    organisation = seen_organisation(visitor, agent.organisation_id).definition
    cron = " ".join(form.text("cron").split())
    seen, refusal = None, ""
    if cron:
        try:
            seen = _seen(form, organisation, now=desk.now())
        except ScheduleRefused as error:
            refusal = str(error)
    return show(
        request,
        "parts/schedule_words.html",
        cron=cron,
        is_on=form.is_on("schedule_on"),
        seen=seen,
        dates=[(f"{each.due_at:%A %-d %b %Y, %H:%M}", each.offset, each.note) for each in seen.dates] if seen else [],
        refusal=refusal,
        is_own_zone=bool(form.text("timezone")) and form.text("timezone") != organisation.timezone,
        common=COMMON,
        guru=_on_crontab_guru(cron),
    )


def _variables(form: Fields) -> dict[str, Variable]:
    """Return the parameters of a form as they stand; a row without a name is not there yet."""
    found = {}
    for number in rows_of(form):
        row = f"parameter-{number}"
        name, kind = form.text(f"{row}-name"), form.text(f"{row}-type")
        if name and name not in found:
            found[name] = Variable(
                type=next((each for each in get_args(ParameterType) if each == kind), "choice"),
                chosen=(*form.lines(f"{row}-schedule"), *form.lines(f"{row}-default")),
                values=form.lines(f"{row}-values"),
            )
    return found


def _seen(form: Fields, organisation: Organisation, *, now: datetime) -> Preview:
    rule = form.text("on_holiday") or "run"
    on_holiday: OnHoliday = rule  # type: ignore[assignment]  # a schedule refuses what is none
    schedule = Schedule(
        expression=form.text("cron"),
        timezone=form.text("timezone") or organisation.timezone,
        start_of_business=time.fromisoformat(organisation.start_of_business),
        calendar=calendar_of(organisation.calendar),
        on_holiday=on_holiday,
    )
    return preview(schedule, after=now, count=NEXT_DATES)


def _on_crontab_guru(cron: str) -> str | None:
    """Return where crontab.guru explains an expression; None for what it does not know as we do: L, W, #, @."""
    fields = cron.split()
    if len(fields) != 5 or not all(_PLAIN_FIELD.fullmatch(field) for field in fields):
        return None
    return f"https://crontab.guru/#{'_'.join(fields)}"
