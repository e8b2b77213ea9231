"""What a job's definition was refused for, in the words of its form: which field, and a sentence to stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

from interact.api.pages.forms import Fields
from interact.api.pages.job_fields import PARAMETER_KEYS, rows_of
from interact.api.pages.refusals import said
from interact.api.pages.telling_fields import row_of_route
from interact.errors import FileRefused, InteractError, ParameterRefused

LABELS = {
    "name": "Name",
    "prompt": "Prompt",
    "visibility": "Visibility",
    "schedule_on": "Enable schedule",
    "cron": "Expression",
    "on_holiday": "On a holiday",
    "lateness_minutes": "Late by at most",
    "timezone": "Time zone",
    "assets": "Data",
    "triggers_off": "Off for now",
    "when": "Starts when",
    "trigger_schedule": "Wait for this data",
    "cutoff_minutes": "Wait at most",
    "at_cutoff": "When it has not come by then",
    "fresh_minutes": "Loaded within",
    "channels": "Channels",
    "tell_when": "Send",
    "check": "Check",
    "attach_pdf": "Attach the PDF",
    "routes": "Some values to some people",
    "time_limit_minutes": "Time limit",
    "parallel_chats": "Chats at a time",
    "allow_sql": "Let the agent write SQL of its own",
    "untraced": "A number that no result shows",
    "owner": "New owner",
}
"""What the form calls its fields."""
PARAMETER_LABELS = {
    "name": "Name",
    "type": "Type",
    "description": "Description",
    "values": "Values",
    "query": "Query",
    "default": "Default",
    "schedule": "On schedule",
}
ROUTE_LABELS = {"parameter": "Parameter", "value": "Value", "channel": "Channel", "recipients": "Recipients"}
_FIELDS = {
    ("schedule",): "cron",
    ("schedule", "cron"): "cron",
    ("schedule", "enabled"): "schedule_on",
    ("triggers",): "assets",
    ("triggers", "enabled"): "triggers_off",
    ("triggers", "schedule"): "trigger_schedule",
    ("notices",): "tell_when",
    ("notices", "when"): "tell_when",
}
"""Where a key of the definition and its field have different names."""
_WORDS = {
    "Declare it under `parameters`": "Add it under Parameters",
    "Give it a `schedule`, or write `schedule: or`": "Enable its schedule, or untick this",
    "`schedule: and`": "“Wait for this data”",
    "the job's own `schedule`": "the job's own schedule",
    "its `schedule`": "its “On schedule”",
    "`triggers.cutoff_minutes`": "“Wait at most”",
    "`cutoff_minutes`": "“Wait at most”",
    **{f"`{key}`": f"“{label}”" for key, label in PARAMETER_LABELS.items()},
}
"""How sentences that are written for files read beside a form."""


@dataclass(frozen=True)
class Refusal:
    """Why a form is not saved; `field` is "" where no field of it is meant."""

    field: str
    label: str
    sentence: str


def refusal_of(error: InteractError, form: Fields) -> Refusal:
    """Return a refusal as the form shows it."""
    if isinstance(error, ParameterRefused):
        field = _field_of_parameter((error.parameter, "default"), form)
        return Refusal(field, label_of(field, form), str(error))
    if not isinstance(error, FileRefused):
        return Refusal("", "", str(error))
    field = _field_of(error.path, form)
    label = label_of(field, form)
    return Refusal(field, label, _said(error, label))


def label_of(field: str, form: Fields) -> str:
    """Return what the form calls a field: "Name", or "Values of parameter 'market'"."""
    if field.startswith("route-"):
        return ROUTE_LABELS[field.split("-")[2]]
    if not field.startswith("parameter-"):
        return LABELS.get(field, "")
    _, number, key = field.split("-")
    name = form.text(f"parameter-{number}-name")
    return f"{PARAMETER_LABELS[key]} of parameter {name!r:.60}" if name else f"{PARAMETER_LABELS[key]} of a parameter"


def field_at(path: tuple[str, ...]) -> str:
    """Return the field of a key outside the parameters; "" for one that the form does not have."""
    if path in _FIELDS:
        return _FIELDS[path]
    last = path[-1] if path else ""
    return last if last in LABELS or last.startswith(("parameter-", "route-")) else ""


def _field_of(path: tuple[str, ...], form: Fields) -> str:
    if path[:1] == ("parameters",):
        return _field_of_parameter(path[1:], form)
    if path[:2] == ("notices", "routes") and len(path) > 2:
        return row_of_route(form, path[2], path[-1])
    return field_at(path)


def _field_of_parameter(path: tuple[str, ...], form: Fields) -> str:
    name, key = (*path, "", "")[:2]
    for number in rows_of(form):
        if form.text(f"parameter-{number}-name") == name:
            return f"parameter-{number}-{key if key in PARAMETER_KEYS else 'name'}"
    return ""


def _said(error: FileRefused, label: str) -> str:
    """Return the sentence with the form's words for its keys."""
    named = f"“{label}”" if label else ""
    if error.fact.startswith("`parameters` "):
        named = "A job"
    elif error.path[:1] == ("parameters",) and len(error.path) > 1:
        named = f"Parameter {error.path[1]!r:.60}"
    sentence = said(error.fact, named)
    sentence = in_form(sentence)
    return sentence[:1].upper() + sentence[1:]


def in_form(sentence: str) -> str:
    """Return a sentence that is written for files with the form's words for their keys."""
    for written, word in _WORDS.items():
        sentence = sentence.replace(written, word)
    return sentence
