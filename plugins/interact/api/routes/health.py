"""Is it well: without a key, and without telling more than that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from interact import __version__
from interact.api.access import DeskDep
from interact.api.failures import problem
from interact.runs.desk import Desk
from interact.store import watch

router = APIRouter()
SILENT_INTERVALS = 3
"""The watch is alive while its last run is no older than this many of its intervals."""


@router.head("/health")
@router.get("/health")
def health(desk: DeskDep) -> Response:
    """Return 200 and "ok" when the store is reached, its tables are current, and the watch is not silent; else 503."""
    desk.store.check()
    seen = _watch(desk)
    if seen["alive"] is False:
        return problem(503, "Watch silent", _silent(desk, seen["last_ran_at"]), version=__version__, watch=seen)
    return JSONResponse({"status": "ok", "version": __version__, "watch": seen})


def _watch(desk: Desk) -> dict[str, Any]:
    """Return when the watch last ran, and whether it is alive: None while it may still be starting."""
    with desk.store.reading() as session:
        last = watch.last(session)
        since = last or watch.awaited_since(session)
    alive = since is not None and desk.now() - since <= SILENT_INTERVALS * timedelta(
        minutes=desk.settings.watch_minutes
    )
    starting = since is None or (last is None and alive)
    return {"last_ran_at": last.isoformat() if last else None, "alive": None if starting else alive}


def _silent(desk: Desk, last_ran_at: str | None) -> str:
    ran = f"last ran at {last_ran_at}" if last_ran_at else "has never run"
    return (
        f"The watch {ran}, and should run every {desk.settings.watch_minutes} minutes; schedules may stand still. "
        "See in Airflow that the scheduler is up and that the DAG 'interact_watch' is switched on."
    )
