"""What two people made of one job at the same time, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interact.api.pages.job_fields import Plain
from interact.api.pages.job_refusals import LABELS, PARAMETER_LABELS, field_at
from interact.api.pages.telling_fields import SENDS
from interact.errors import EditConflict
from interact.jobs.definition import Job
from interact.jobs.differences import ABSENT, Difference, differences
from interact.jobs.files import read_sent
from interact.jobs.telling import Route
from interact.jobs.timing import STORED

_WHOLE = {"schedule": "Schedule", "triggers": "Start after data arrives", "parameters": "Order of the parameters"}

_NOTHING = "none"
_TOGGLE = {"True": "on", "False": "off"}
_SAID: dict[tuple[str, ...], dict[str, str]] = {
    ("triggers", "enabled"): {"True": _NOTHING, "False": "yes"},  # The form asks for the opposite.
    ("triggers", "schedule"): {"or": "off", "and": "on"},
    ("notices", "when"): SENDS,
}
"""Values that the form shows as something else."""


@dataclass(frozen=True)
class Clash:
    """One field in which two saves differ, in words."""

    label: str
    theirs: str
    mine: str


def clashes(conflict: EditConflict, changes: Plain) -> tuple[Clash, ...]:
    """Return where what was typed differs from what somebody else saved; raises FileRefused for what never fitted."""
    theirs = Job.model_validate(conflict.definition, context=STORED)
    plain = {key: value for key, value in {**conflict.definition, **changes}.items() if value is not None}
    mine = read_sent({"kind": "job", **plain}).definition
    return tuple(_clash(found) for found in differences(theirs, mine))


def _clash(found: Difference) -> Clash:
    path = tuple(found.key.split("."))
    return Clash(_label(path), _words(found.before, path), _words(found.after, path))


def _label(path: tuple[str, ...]) -> str:
    if path[:1] == ("parameters",) and len(path) > 1:
        named = f"parameter {path[1]!r:.60}"
        return f"{_short(path)} of {named}" if len(path) > 2 else named.capitalize()
    return _WHOLE.get(".".join(path)) or _short(path)


def _short(path: tuple[str, ...]) -> str:
    """Return what the form calls a key, without what it belongs to."""
    labels, name = (PARAMETER_LABELS, path[-1]) if path[0] == "parameters" else (LABELS, field_at(path))
    return labels.get(name, path[-1])


def _words(value: object, path: tuple[str, ...]) -> str:
    if value is ABSENT or value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return _SAID.get(path, _TOGGLE)[str(value)]
    if isinstance(value, Mapping):
        told = ((_short((*path, key)), _words(each, (*path, key))) for key, each in value.items())
        return "\n".join(f"{label}: {words}" for label, words in told if words != _NOTHING)
    if path == ("notices", "routes") and isinstance(value, list):
        return "\n".join(_route(Route.model_validate(each)) for each in value)
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return _SAID.get(path, {}).get(str(value), str(value))


def _route(route: Route) -> str:
    whom = f": {', '.join(route.recipients)}" if route.recipients else ""
    return f"{route.parameter} {route.value!r} to {route.channel}{whom}"
