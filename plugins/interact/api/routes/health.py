"""Is it well: without a key, and without telling more than that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from interact import __version__
from interact.api import examples
from interact.api.access import DeskDep
from interact.api.failures import problem
from interact.api.shapes import Instant, problems
from interact.runs.desk import Desk
from interact.store import watch

router = APIRouter(tags=["service"])
SILENT_INTERVALS = 3
"""The watch is alive while its last run is no older than this many of its intervals."""
_ANSWERS = {code: told for code, told in problems().items() if code in (500, 503)} | examples.HEALTH


class Watch(BaseModel):
    """When the watch last came to its end, and whether it is alive; null while it may still be starting."""

    last_ran_at: Instant | None
    alive: bool | None


class Health(BaseModel):
    """All is well."""

    status: Literal["ok"]
    version: str
    watch: Watch


@router.head("/health", include_in_schema=False)
@router.get("/health", response_model=Health, responses=_ANSWERS)
def health(desk: DeskDep) -> Response:
    """Return 200 and "ok" when the store is reached, its tables are current, and the watch is not silent; else 503."""
    desk.store.check()
    seen = _watch(desk)
    if seen.alive is False:
        shown = seen.model_dump(mode="json")
        return problem(503, "Watch silent", _silent(desk, seen.last_ran_at), version=__version__, watch=shown)
    return JSONResponse(Health(status="ok", version=__version__, watch=seen).model_dump(mode="json"))


def _watch(desk: Desk) -> Watch:
    with desk.store.reading() as session:
        last = watch.last(session)
        since = last or watch.awaited_since(session)
    alive = since is not None and desk.now() - since <= SILENT_INTERVALS * timedelta(
        minutes=desk.settings.watch_minutes
    )
    starting = since is None or (last is None and alive)
    return Watch(last_ran_at=last, alive=None if starting else alive)


def _silent(desk: Desk, last_ran_at: datetime | None) -> str:
    ran = f"last ran at {last_ran_at:%Y-%m-%d %H:%M} UTC" if last_ran_at else "has never run"
    return (
        f"The watch {ran}, and should run every {desk.settings.watch_minutes} minutes; schedules may stand still. "
        "See in Airflow that the scheduler is up and that the DAG 'interact_watch' is switched on."
    )
