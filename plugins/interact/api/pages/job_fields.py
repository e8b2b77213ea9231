"""A job's definition as the fields of its form, and back. What the form has no field for stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from interact.api.pages.forms import Fields
from interact.api.pages.telling_fields import notices_fields, notices_of
from interact.errors import FileRefused
from interact.jobs.definition import Job
from interact.jobs.parameters import Parameter
from interact.jobs.telling import JobNotices
from interact.jobs.timing import DataTrigger, JobSchedule

Plain = Mapping[str, Any]
"""A definition, or a part of one, with keys and values as in a file."""
OFFERED = "0 8 * * 1"
"""The expression that stands in the form of a job without a schedule, until somebody switches it on."""
PARAMETER_KEYS = ("name", "type", "values", "query", "default", "schedule", "description")
"""What a row of a parameter has fields for: `parameter-0-name` and so on."""
OFFERED_CUTOFF = 120
_NOTHING: Plain = MappingProxyType({})
_ROW = re.compile(r"[0-9]{1,4}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


def fields_of(job: Job) -> Fields:
    """Return a job's definition as its form shows it."""
    return _fields(
        {
            "name": job.name,
            "prompt": job.prompt,
            "visibility": job.visibility,
            "timezone": job.timezone,
            "time_limit_minutes": job.time_limit_minutes,
            "parallel_chats": job.parallel_chats,
            "allow_sql": "on" if job.allow_sql else None,
            "untraced": job.untraced,
            "channels": job.channels,
            **_schedule_fields(job.schedule),
            **_trigger_fields(job.triggers),
            **notices_fields(job.notices),
            "parameter": [str(number) for number in range(len(job.parameters))],
        }
        | {
            f"parameter-{number}-{key}": value
            for number, (name, parameter) in enumerate(job.parameters.items())
            for key, value in _parameter_fields(name, parameter).items()
        }
    )


def blank() -> Fields:
    """Return the form of a job that nobody has written yet."""
    whole = {
        "visibility": "organisation",
        "untraced": "mark",
        "time_limit_minutes": Job.model_fields["time_limit_minutes"].default,
    }
    return _fields({**whole, **_schedule_fields(None), **_trigger_fields(None), **notices_fields(JobNotices())})


def blank_row(number: int) -> Fields:
    """Return the row of a parameter that nobody has written yet."""
    return _fields({"parameter": (number,), f"parameter-{number}-type": "choice"})


def rows_of(form: Fields) -> list[str]:
    """Return the numbers of the parameters' rows, in their order."""
    return [number for number in dict.fromkeys(form.all("parameter")) if _ROW.fullmatch(number)]


def plain_of(form: Fields, before: Plain = _NOTHING) -> dict[str, Any]:
    """Return what a form says, as changes to the definition `before`; None takes a key back to its default.

    Nothing is checked but that no row stands twice or is filled in by half, which raises FileRefused: the definition's
    own door does it.
    """
    channels, parameters = form.all("channels"), _parameters(form, before.get("parameters") or {})
    return {
        "name": form.text("name"),
        "prompt": form.text("prompt"),
        "visibility": form.text("visibility") or None,
        "parameters": parameters or None,
        "channels": _kept_order(channels, before.get("channels") or ()) or None,
        "notices": notices_of(form, parameters, before.get("notices") or {}),
        "time_limit_minutes": whole(form.text("time_limit_minutes")),
        "parallel_chats": whole(form.text("parallel_chats")),
        "allow_sql": form.is_on("allow_sql") or None,
        "untraced": form.text("untraced") or None,
        "timezone": form.text("timezone") or None,
        "schedule": _schedule(form, before.get("schedule") or {}),
        "triggers": _triggers(form, before.get("triggers") or {}),
    }


def whole(text: str) -> int | str | None:
    """Return a whole number; None for an empty field, and for anything else its text, which is refused later."""
    if not text:
        return None
    return int(text) if _WHOLE.fullmatch(text) else text


def _fields(values: Mapping[str, Any]) -> Fields:
    many = {name: value if isinstance(value, list | tuple) else (value,) for name, value in values.items()}
    return Fields({name: tuple(str(each) for each in value if each is not None) for name, value in many.items()})


def _schedule_fields(schedule: JobSchedule | None) -> dict[str, Any]:
    if schedule is None:
        return {"schedule_on": None, "cron": OFFERED, "on_holiday": "run"}
    return {
        "schedule_on": "on" if schedule.enabled else None,
        "cron": schedule.cron,
        "on_holiday": schedule.on_holiday,
        "lateness_minutes": schedule.lateness_minutes,
    }


def _trigger_fields(triggers: DataTrigger | None) -> dict[str, Any]:
    if triggers is None:
        return {"when": "all", "cutoff_minutes": OFFERED_CUTOFF, "at_cutoff": "run"}
    return {
        "assets": "\n".join(triggers.assets),
        "triggers_off": None if triggers.enabled else "on",
        "when": triggers.when,
        "trigger_schedule": triggers.schedule,
        "cutoff_minutes": triggers.cutoff_minutes or OFFERED_CUTOFF,
        "at_cutoff": triggers.at_cutoff,
        "fresh_minutes": triggers.fresh_minutes,
    }


def _parameter_fields(name: str, parameter: Parameter) -> dict[str, Any]:
    return {
        "name": name,
        "type": parameter.type,
        "values": "\n".join(parameter.values),
        "query": parameter.query,
        "default": "\n".join(parameter.default),
        "schedule": "\n".join(parameter.schedule),
        "description": parameter.description,
    }


def _schedule(form: Fields, before: Plain) -> Plain | None:
    cron, is_on = form.text("cron"), form.is_on("schedule_on")
    given = {
        "cron": cron,
        "enabled": is_on,
        "on_holiday": form.text("on_holiday") or None,
        "lateness_minutes": whole(form.text("lateness_minutes")),
    }
    is_untouched = cron == OFFERED and given["on_holiday"] in (None, "run") and given["lateness_minutes"] is None
    if not is_on and (not cron or (is_untouched and not before)):
        return None
    return _over(before, given)


def _triggers(form: Fields, before: Plain) -> Plain | None:
    assets, waits = form.lines("assets"), form.text("trigger_schedule") == "and"
    if not assets and not waits:
        return None
    waiting = {
        "cutoff_minutes": whole(form.text("cutoff_minutes")),
        "at_cutoff": form.text("at_cutoff") or None,
        "fresh_minutes": whole(form.text("fresh_minutes")),
    }
    given = {
        "assets": list(assets),
        "enabled": False if form.is_on("triggers_off") else None,
        "when": form.text("when") or None,
        "schedule": "and" if waits else None,
    }
    # The rest belongs to waiting: its fields are not shown while nothing waits.
    return _over(before, given | (waiting if waits else dict.fromkeys(waiting)))


def _parameters(form: Fields, before: Mapping[str, Plain]) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for number in rows_of(form):
        row = f"parameter-{number}"
        name = form.text(f"{row}-name")
        given = {
            **{key: list(form.lines(f"{row}-{key}")) or None for key in ("values", "default", "schedule")},
            **{key: form.text(f"{row}-{key}") or None for key in ("query", "description")},
        }
        if not name and not any(given.values()):
            continue  # A row that was added and never filled in.
        if name in found:
            fact = f"The parameter {name!r} stands twice. Give one of the two another name, or take it out."
            raise FileRefused("", None, fact, path=(f"{row}-name",))
        found[name] = _over(before.get(name, {}), {"type": form.text(f"{row}-type") or None, **given})
    return found


def _over(before: Plain, given: Plain) -> dict[str, Any]:
    """Return what was there with what the form says over it; None takes a key out."""
    return {key: value for key, value in {**before, **given}.items() if value is not None}


def _kept_order(chosen: Iterable[str], before: Iterable[str]) -> list[str]:
    """Return what is ticked: what was there before in its order, then the rest."""
    ticked = list(dict.fromkeys(chosen))
    kept = [each for each in before if each in ticked]
    return kept + [each for each in ticked if each not in kept]
