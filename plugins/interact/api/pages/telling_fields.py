"""Who is told of a job's runs, as the fields of its form, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from interact.api.pages.forms import Fields
from interact.errors import FileRefused, listed
from interact.jobs.telling import JobNotices, Route

SENDS = {
    "always": "always",
    "highlights": "only with highlights",
    "change": "only when something changed",
    "check": "only when a check says so",
}
"""When the message of a completed run is sent, in the form's words."""
ROUTE_KEYS = ("parameter", "value", "channel", "recipients")
"""What a row of a route has fields for: `route-0-value` and so on."""


def notices_fields(notices: JobNotices) -> dict[str, Any]:
    """Return what the form shows of when a job's runs are told, and of who hears of some values only."""
    return {
        "tell_when": notices.when,
        "check": notices.check,
        "attach_pdf": "on" if notices.attach_pdf else None,
        "route": [str(number) for number in range(len(notices.routes))],
    } | {
        f"route-{number}-{key}": "\n".join(value) if key == "recipients" else value
        for number, route in enumerate(notices.routes)
        for key, value in route.model_dump().items()
    }


def blank_route(number: int) -> Fields:
    """Return the row of a route that nobody has written yet."""
    return Fields({"route": (str(number),)})


def routes_in(form: Fields) -> list[str]:
    """Return the numbers of the routes' rows, in their order."""
    return [number for number in dict.fromkeys(form.all("route")) if number.isdecimal() and len(number) < 5]


def notices_of(form: Fields, parameters: Collection[str], before: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a form says of a job's notices, as in a file; None for what goes without saying.

    A form without these fields, as where there is no channel, leaves them as they were `before`. Raises FileRefused for
    a row that is filled in by half, and for a route of no parameter of the job.
    """
    when = form.text("tell_when")
    if not when:
        return before or None
    if when == "check" and not form.text("check"):
        fact = "`check` is empty. Write a SELECT whose first value says whether to send, or choose another “Send”."
        raise FileRefused("", None, fact, path=("notices", "check"))
    given = {
        "when": when if when != "always" else None,
        # The check belongs to its choice: its field is not shown with any other.
        "check": form.text("check") or None if when == "check" else None,
        "attach_pdf": None if form.is_on("attach_pdf") else False,
        "routes": list(_routes(form, parameters)) or None,
    }
    return {key: value for key, value in given.items() if value is not None} or None


def row_of_route(form: Fields, index: str, key: str) -> str:
    """Return the field of a route that was refused: by its place among them, else the first that `key` is wrong of."""
    rows = [number for number in routes_in(form) if _is_written(form, number)]
    place = rows[int(index)] if index.isdecimal() and int(index) < len(rows) else None
    number = place or next((each for each in rows if key in _wrong(_route(form, each))), None)
    return f"route-{number}-{key if key in ROUTE_KEYS else 'value'}" if number else "routes"


def _routes(form: Fields, parameters: Collection[str]) -> Iterator[dict[str, Any]]:
    told: set[tuple[str, str, str]] = set()
    for number in routes_in(form):
        if not _is_written(form, number):
            continue  # A row that was added and never filled in, or emptied to take it out.
        route = _route(form, number)
        name, value, channel = (route[key] for key in ("parameter", "value", "channel"))
        if name not in parameters:
            fact = f"names {name!r:.60}, which is no parameter of this job (there are {listed(sorted(parameters))})"
            raise _refused(number, "parameter", f"{fact}. Name one of them.")
        for key in ("value", "channel"):
            if not route[key]:
                raise _refused(number, key, "is empty; fill it in, or empty the whole row to take it out.")
        if (name, value, channel) in told:
            raise _refused(number, "value", f"has {value!r:.60} twice for one channel. Put both into one row.")
        told.add((name, value, channel))
        yield {key: each for key, each in route.items() if each}


def _refused(number: str, key: str, fact: str) -> FileRefused:
    return FileRefused("", None, f"`{key}` {fact}", path=(f"route-{number}-{key}",))


def _is_written(form: Fields, number: str) -> bool:
    return any(form.text(f"route-{number}-{key}") for key in ROUTE_KEYS)


def _route(form: Fields, number: str) -> dict[str, Any]:
    texts: dict[str, Any] = {key: form.text(f"route-{number}-{key}") for key in ("parameter", "value", "channel")}
    return {**texts, "recipients": list(form.lines(f"route-{number}-recipients"))}


def _wrong(route: dict[str, Any]) -> set[str]:
    try:
        Route.model_validate(route)
    except ValidationError as error:
        return {str(detail["loc"][0]) for detail in error.errors()}
    return set()
