"""Which run is spoken of: its values, its days, and how many answers it has, in the words of its agent's model."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from interact.chats.status import RunVerdict
from interact.reports.document import Period
from interact.reports.page import in_days
from interact.runs.saying.findings import Findings
from interact.runs.saying.plainly import SHORT, TEXT, listed, one_line


def about(found: Findings) -> str:
    """Return which run it is: its values, and its days or else its own, as `Market NL · 16 to 22 November 2026`."""
    parts = [f"{_called(found, name, several=len(values) > 1)} {listed(values)}" for name, values in _values(found)]
    parts.append(_days(found.period) if found.period else _on_day(found))
    return one_line(" · ".join(parts), TEXT)


def where(found: Findings) -> str:
    """Return what a subject is about, as `NL, week 47`."""
    job = one_line(found.snapshot.job.definition.name, SHORT)
    several = len(found.each) > 1
    values = "" if several or not found.each else ", ".join(found.each[0].chat.parameters.values())
    match found.verdict:
        case RunVerdict.FAILED:
            return count(found) if several else values
        case RunVerdict.PARTIAL:
            return job
        case _:
            return ", ".join(filter(None, (values, _short(found.period) if found.period else ""))) or job


def count(found: Findings) -> str:
    """Return how many chats there are, in the words of the parameter that tells them apart: `3 markets`."""
    varying = [name for name, values in _values(found) if len(values) > 1]
    dimension = found.dimension(varying[0]) if len(varying) == 1 else None
    noun = one_line(dimension.plural.lower(), SHORT) if dimension else "answers"
    return f"{len(found.each):,} {noun}"


def _values(found: Findings) -> list[tuple[str, list[str]]]:
    """Return each parameter with the values that the chats have of it."""
    names = dict.fromkeys(name for finding in found.each for name in finding.chat.parameters)
    return [
        (name, list(dict.fromkeys(each.chat.parameters[name] for each in found.each if name in each.chat.parameters)))
        for name in names
    ]


def _called(found: Findings, parameter: str, *, several: bool) -> str:
    dimension = found.dimension(parameter)
    if dimension is None:
        return parameter.replace("_", " ").capitalize()
    return one_line(dimension.plural.capitalize() if several else dimension.label, SHORT)


def _short(period: Period) -> str:
    start, end = period.start, period.end
    if (end - start).days == 6 and start.weekday() == 0:
        return f"week {start.isocalendar().week}"
    return f"{start:%B %Y}" if _is_month(start, end) else in_days(start, end)


def _days(period: Period) -> str:
    """Return a period as people say it: `16 to 22 November 2026`."""
    start, end = period.start, period.end
    if start == end:
        return f"{end.day} {end:%B %Y}"
    begun = f"{start.day}"
    if start.year != end.year:
        begun += f" {start:%B %Y}"
    elif start.month != end.month:
        begun += f" {start:%B}"
    return f"{begun} to {end.day} {end:%B %Y}"


def _is_month(start: date, end: date) -> bool:
    return start.day == 1 and start.month == end.month and (end + timedelta(days=1)).day == 1 and start.year == end.year


def _on_day(found: Findings) -> str:
    at = found.run.run_after.astimezone(ZoneInfo(found.snapshot.timezone))
    return f"Run of {at.day} {at:%B %Y}, {at:%H:%M} {at:%Z}"
