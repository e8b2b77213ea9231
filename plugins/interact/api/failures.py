"""From an error to an answer: one handler, one shape (`application/problem+json`, RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from interact.api.shapes import PROBLEM_TYPE
from interact.errors import DefinitionRefused, EditConflict, InteractError, NoSuchPage, ParameterRefused

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Make an app answer every error in our shape."""
    app.add_exception_handler(InteractError, of_ours)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(Exception, _unexpected)


def install_pages(app: FastAPI, page: Callable[[Request, Exception], HTMLResponse]) -> None:
    """Make an app answer every error with a page that says the sentence; `page` makes one."""

    def of_http(request: Request, error: Exception) -> HTMLResponse:
        status = error.status_code if isinstance(error, HTTPException) else 404
        answer = page(request, NoSuchPage() if status in (404, 405) else InteractError(str(error)))
        answer.status_code = status
        return answer

    def of_request(request: Request, error: Exception) -> HTMLResponse:
        errors = error.errors() if isinstance(error, RequestValidationError) else []
        told = "; ".join(_told(one) for one in errors[:5])
        return page(request, DefinitionRefused(f"The request does not fit this page: {told}. Begin at the agents."))

    def unexpected(request: Request, error: Exception) -> HTMLResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return page(request, InteractError("This page failed on our side; the API server's log has the details."))

    app.add_exception_handler(InteractError, page)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, of_request)
    app.add_exception_handler(Exception, unexpected)


def problem(status: int, title: str, detail: str, *, retry_after: int | None = None, **extra: object) -> Response:
    """Return one problem document; `retry_after` is how many seconds to wait, where waiting helps."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    # A lone surrogate in what the caller sent cannot be encoded; its escaped form can.
    whole = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    return Response(whole, status_code=status, headers=headers, media_type=PROBLEM_TYPE)


def of_ours(_: Request, error: Exception) -> Response:
    """Return the problem document of an error of ours; of any other, that this failed."""
    if isinstance(error, ParameterRefused):
        extra: dict[str, Any] = {"parameter": error.parameter, "allowed": list(error.allowed)}
        return problem(error.status, error.title, str(error), **extra)
    if isinstance(error, EditConflict):
        now = {"version": error.version, "definition": error.definition}
        return problem(error.status, error.title, str(error), current=now)
    if isinstance(error, InteractError):
        return problem(error.status, error.title, str(error), retry_after=error.retry_after_seconds)
    return problem(500, "Failed", "This request failed on our side; the API server's log has the details.")


_HINTS = {
    404: "There is no such address. GET /api/agents/openapi.json has them all.",
    405: "This address takes another method. GET /api/agents/openapi.json says which.",
}


def _of_http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return of_ours(_, error)
    if error.status_code == 400:  # What FastAPI says of a body that it cannot parse.
        return problem(422, "Request refused", "The body is no JSON that can be read. Send an object, in UTF-8.")
    status, detail = error.status_code, str(error.detail)
    told = problem(status, "Refused" if status < 500 else "Failed", _HINTS.get(status, detail))
    told.headers.update(error.headers or {})
    return told


def _of_request(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(_told(one) for one in errors[:5])
    if request.url.path.endswith("/trigger") and any(one["type"] == "extra_forbidden" for one in errors):
        told += "; a trigger's values go into `parameters`"
    return problem(422, "Request refused", f"The request does not fit this call: {told}.")


def _told(error: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "json_invalid":
        return "the body is no JSON"
    if error["type"] == "extra_forbidden":
        return f"{where:.200} is not known here"
    given = error.get("input")
    shown = json.dumps(given) if isinstance(given, bool) else repr(given)
    value = f" is {shown:.100}" if isinstance(given, str | int | float) else ""
    return f"{where}{value}: {error['msg']}"


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return of_ours(request, error)
