"""What all answers have in common: camel-case names, instants in UTC, problems; and how the reference shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from interact.jobs.naming import ID_PATTERN

PROBLEM_TYPE = "application/problem+json"
Instant = Annotated[AwareDatetime, AfterValidator(lambda value: value.astimezone(UTC))]
"""Shown in UTC, as 2026-11-23T08:00:00Z."""
_LOST_PLUS = re.compile(r"(:[0-9]{2}(?:\.[0-9]+)?) ([0-9]{2}:?[0-9]{2})")


def _with_plus(value: object) -> object:
    """Return an instant with the plus sign that a query turns into a blank: answers show instants with one."""
    if not isinstance(value, str):
        raise PydanticCustomError("instant_type", "this takes an instant in text, as 2026-11-23T08:00:00Z")
    return _LOST_PLUS.sub(r"\1+\2", value)


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError(
            "instant_out_of_range", "in UTC this lies outside the years 1 to 9999; name an instant within them"
        ) from None


GivenInstant = Annotated[AwareDatetime, BeforeValidator(_with_plus), AfterValidator(_in_utc)]
"""As a caller writes it, with its offset."""
Id = Annotated[str, Field(pattern=ID_PATTERN)]


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class Request(BaseModel):
    """What a caller sends: a body, or the query of an address. What is not known here is refused."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class Named(Shape):
    """Something with an id and the name that it had then."""

    id: Id
    name: str


class Problem(BaseModel):
    """What went wrong, in a sentence that says what to do (RFC 9457)."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    type: str
    title: str
    status: int
    detail: str
    """The sentence."""
    parameter: str | None = None
    """The parameter that it is about, where it is about one."""
    allowed: list[Any] | None = None
    """What this parameter takes."""


_PROBLEMS = {
    401: (
        "Key refused",
        "This request bears neither a key in use, in the header X-API-Key, nor a session of Airflow. "
        "Make a key with `interact keys create`, or sign in.",
    ),
    403: ("Access refused", "This key lacks the permission 'agent_jobs_trigger'. Use a key that has it."),
    404: (
        "Not found",
        "There is no job 'job_000000000000' that you can see. Check the id (not the key) and the organisation.",
    ),
    409: (
        "Not startable",
        "Job 'weekly-report' has 16 runs waiting, which is as many as may wait. "
        "Wait until one has ended, then trigger it again.",
    ),
    413: ("Body too large", "The body is larger than 524,288 bytes. Send less: name fewer values."),
    422: ("Parameter refused", "Parameter 'market' does not take 'SE'. Allowed: 'NL', 'BE', 'DE'."),
    429: (
        "Too many requests",
        "This key has sent 600 requests within a minute, which is as many as it may. Wait 7 seconds.",
    ),
    500: ("Failed", "This request failed on our side; the API server's log has the details."),
    503: ("Store unavailable", "The store 'interact.db' is on a disk that is full. Make room, then try again."),
}
_WAITING = {
    "Retry-After": {
        "description": "Seconds after which the same request may succeed, where waiting helps.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_OF_EVERY_CALL = (401, 403, 413, 422, 429, 500, 503)


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return, for a route's `responses`, the problems of every call and these, each with an example."""
    return {code: _problem(code) for code in sorted({*_OF_EVERY_CALL, *codes})}


def _problem(code: int) -> dict[str, Any]:
    title, detail = _PROBLEMS[code]
    example: dict[str, Any] = {"type": "about:blank", "title": title, "status": code, "detail": detail}
    if code == 422:
        example |= {"parameter": "market", "allowed": ["NL", "BE", "DE"]}
    told = {"description": title, "content": {PROBLEM_TYPE: {"schema": _SCHEMA, "example": example}}}
    return told | ({"headers": _WAITING} if code in (409, 429, 503) else {})


_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def example(shown: dict[str, Any]) -> dict[str, Any]:
    """Return one entry of a route's `responses` that shows an answer."""
    return {"content": {"application/json": {"example": shown}}}


def file_answer(media_type: str, what: str) -> dict[int | str, dict[str, Any]]:
    """Return, for a route's `responses`, an answer that is a file."""
    return {200: {"description": what, "content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}
