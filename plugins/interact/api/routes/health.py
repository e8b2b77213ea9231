"""Is it well: without a key, and without telling more than that."""

from __future__ import annotations

from fastapi import APIRouter

from interact import __version__
from interact.api.access import DeskDep

router = APIRouter()


@router.get("/health")
def health(desk: DeskDep) -> dict[str, str]:
    """Return "ok" when the store can be reached and its tables are current; else the answer is 503."""
    desk.store.check()
    return {"status": "ok", "version": __version__}
