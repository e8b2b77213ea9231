"""The files that pages are made with."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from interact.api.pages.showing import STATIC
from interact.api.pages.visitors import KnownDep
from interact.errors import NotFound

router = APIRouter()
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOR_GOOD = "private, max-age=31536000, immutable"


@router.get("/static/{name}")
def asset(name: str, user: KnownDep) -> FileResponse:
    """Return one of the files, with the store or without; browsers keep it: its address changes with what it holds."""
    served = {file.name: file for file in STATIC.iterdir() if file.suffix in _TYPES}
    if name not in served:
        raise NotFound("file", name)
    return FileResponse(served[name], media_type=_TYPES[served[name].suffix], headers={"Cache-Control": _FOR_GOOD})
