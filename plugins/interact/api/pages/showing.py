"""From values to a page, or to a part of one."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from interact.errors import InteractError, NotSignedIn
from interact.reports.freshness import moment
from interact.templates import pages

STATIC = Path(__file__).resolve().parents[1] / "static"
SIGN_IN = "/api/v2/auth/login?next="
"""Of Airflow, which leads to whatever signs people in there."""


def show(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a template of `pages/`, filled.

    Each gets, besides `values`: `base` (where the pages begin), `asset(name)`, `visitor` (None where nobody is signed
    in), and `when(instant, zone)`.
    """
    folder = request.app.state.desk.settings.include_dir / "templates"
    base = base_of(request)
    known = {
        "base": base,
        "asset": lambda name: f"{base}/static/{name}?v={fingerprint(name)}",
        "visitor": getattr(request.state, "visitor", None),
        "when": moment,
    }
    html = pages(folder).get_template(f"pages/{template}").render({**known, **values})
    return HTMLResponse(html, status_code=status)


def base_of(request: Request) -> str:
    """Return where the pages begin, as the browser sees it: `/interact`, below Airflow's own path if it has one."""
    return str(request.scope.get("root_path", ""))


def is_part(request: Request) -> bool:
    """Return whether a script on one of our pages asks, for a part of that page."""
    return "hx-request" in request.headers


def go(request: Request, path: str) -> Response:
    """Lead to another page, whether a form was sent by a script or without one; `path` begins after the base."""
    where = base_of(request) + path
    if is_part(request):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)


def refused(request: Request, error: Exception) -> HTMLResponse:
    """Return what tells somebody of an error: a line on the page that they are on, or a page of its own."""
    status = error.status if isinstance(error, InteractError) else 500
    title = error.title if isinstance(error, InteractError) else "Failed"
    sentence = str(error)
    if is_part(request):
        answer = show(request, "parts/refused.html", status=status, title=title, sentence=sentence)
        answer.headers.update({"HX-Retarget": "#refused", "HX-Reswap": "innerHTML", "HX-Reselect": "unset"})
        return answer
    if isinstance(error, NotSignedIn):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return show(request, "sign_in.html", status=status, sentence=sentence, url=SIGN_IN + quote(here, safe=""))
    return show(request, "refused.html", status=status, title=title, sentence=sentence)


@lru_cache(maxsize=32)
def fingerprint(name: str) -> str:
    """Return what tells one version of a file from another."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
