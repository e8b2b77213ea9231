"""The reference over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from interact.api.access import calling
from interact.api.shapes import problems
from interact.jobs.rights import READ_PERMISSION, Caller

router = APIRouter(tags=["service"])


@router.get("/openapi.json", responses=problems())
def read_reference(request: Request, caller: Annotated[Caller, Depends(calling(READ_PERMISSION))]) -> dict[str, Any]:
    """Return this reference."""
    reference: dict[str, Any] = request.app.openapi()
    return reference
