"""Schedules over HTTP: what an expression means, before anybody saves it."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from interact.api import examples
from interact.api.access import DeskDep, calling
from interact.api.schedule_bodies import PreviewQuery, PreviewShape, schedule_preview
from interact.api.shapes import problems
from interact.errors import NotFound
from interact.jobs.plans import calendar_of
from interact.jobs.rights import READ_PERMISSION, Caller
from interact.schedules.occurrences import Schedule
from interact.schedules.preview import preview
from interact.store import organisations

router = APIRouter(prefix="/schedule", tags=["schedules"])


@router.get("/preview", responses=problems(404) | examples.PREVIEW)
def preview_schedule(
    desk: DeskDep,
    caller: Annotated[Caller, Depends(calling(READ_PERMISSION))],
    query: Annotated[PreviewQuery, Query()],
) -> PreviewShape:
    """Return an expression in words and its next dates, by the calendar of the caller's organisation."""
    with desk.store.reading() as session:
        stored = organisations.by_id(session, caller.organisation_id)
    if stored is None:
        raise NotFound("organisation", caller.organisation_id)
    organisation = stored.definition
    schedule = Schedule(
        expression=query.expression,
        timezone=query.timezone or organisation.timezone,
        start_of_business=time.fromisoformat(organisation.start_of_business),
        calendar=calendar_of(organisation.calendar),
        on_holiday=query.on_holiday,
    )
    return schedule_preview(preview(schedule, after=desk.now(), count=query.count))
