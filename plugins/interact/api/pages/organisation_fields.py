"""An organisation's definition as the fields of its form, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from interact.api.edits import ORGANISATION_LABELS
from interact.api.pages.forms import Fields
from interact.api.pages.refusals import Problems, problems_of
from interact.errors import InteractError
from interact.jobs.definition import Branding, Organisation
from interact.reports import branding

COLOURS = tuple(Branding.model_fields)
_OF_NOTICES = ("recipient_domains", "pause_after_failures")
_OWN = ("name", "timezone", "start_of_business", "context")
_TEXTS = (*_OWN, "country", "region", "add", "remove", *COLOURS, *_OF_NOTICES)


@dataclass(frozen=True)
class Typed:
    """What stands in the form: its texts by the fields' names, the days of the weekend, and a row for each member."""

    texts: dict[str, str]
    weekend: tuple[str, ...]
    members: tuple[tuple[str, str], ...] = field(default=())

    def __getitem__(self, name: str) -> str:
        """Return a field's text."""
        return self.texts[name]


def typed(fields: Fields) -> Typed:
    """Return what somebody has written; rows of members without a name are left out."""
    rows = zip(fields.all("member"), fields.all("role"), strict=False)
    texts = {name: fields.text(name) for name in _TEXTS}
    return Typed(texts, fields.all("weekend"), tuple((name, role) for name, role in rows if name))


def typed_of(definition: Organisation) -> Typed:
    """Return an organisation's definition as its form shows it."""
    calendar = definition.calendar
    texts = {
        **{name: getattr(definition, name) for name in _OWN},
        **{name: getattr(definition.branding, name) for name in COLOURS},
        **{name: "\n".join(day.isoformat() for day in getattr(calendar, name)) for name in ("add", "remove")},
        "country": calendar.country or "none",
        "region": calendar.region or "",
        "recipient_domains": "\n".join(definition.notices.recipient_domains),
        "pause_after_failures": str(definition.notices.pause_after_failures),
    }
    return Typed(texts, tuple(calendar.weekend), tuple(definition.members.items()))


def plain_of(form: Typed, key: str) -> dict[str, Any]:
    """Return what a form says, with keys and values as in a file."""
    calendar: dict[str, Any] = {
        "weekend": list(form.weekend),
        "country": form["country"] or "none",
        "add": _lines(form["add"]),
        "remove": _lines(form["remove"]),
    }
    domains = [line.lower().removeprefix("@") for line in _lines(form["recipient_domains"])]
    notices: dict[str, Any] = {"recipient_domains": domains}
    if failures := form["pause_after_failures"]:
        notices["pause_after_failures"] = int(failures) if failures.isdecimal() and len(failures) < 10 else failures
    if form["region"]:
        calendar["region"] = form["region"]
    return {
        "key": key,
        **{name: form[name] for name in _OWN},
        "branding": {name: form[name] for name in COLOURS},
        "calendar": calendar,
        "notices": notices,
        "members": dict(form.members),
    }


def named_twice(form: Typed) -> Problems:
    """Return who has two rows among the members: which of the two roles is meant, nobody can know."""
    names = [name for name, _ in form.members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not twice:
        return Problems()
    return Problems({"members": f"{twice[0]!r:.80} stands in two rows. Take one of them out."})


def refused(error: InteractError) -> Problems:
    """Return what a refusal says, at its field."""
    return problems_of(error, ORGANISATION_LABELS)


def printed_colours(definition: Branding) -> dict[str, str]:
    """Return the six colours as reports print them: where one is empty, the default, and always readable."""
    given = definition.model_dump()
    palette = branding.light_palette(branding.Branding.model_validate(given))
    return {
        "primary": palette.accent,
        "secondary": palette.series[1],
        "background": palette.background,
        "heading": palette.heading,
        "text": palette.text,
        "highlight": palette.highlight,
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
