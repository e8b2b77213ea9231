"""What an edit changes, for people: each key with what stands there before and after, and all of it in a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from pydantic import BaseModel

from interact.jobs.channels import Channel
from interact.jobs.definition import Agent, Organisation
from interact.jobs.differences import ABSENT, differences
from interact.runs.model_text import model_of, model_text

AGENT_LABELS = {
    "name": "Name",
    "key": "Slug",
    "description": "Description",
    "active": "Active",
    "type": "Kind",
    "connection": "Model or service",
    "fallbacks": "Fallbacks",
    "requests": "Requests",
    "tool_calls": "Tool calls",
    "tokens": "Tokens",
    "cost_usd": "Cost in US dollars",
    "warehouse": "Warehouse",
    "semantic_model": "Semantic model",
    "instructions": "Instructions",
}
ORGANISATION_LABELS = {
    "name": "Name",
    "timezone": "Time zone",
    "start_of_business": "Start of business",
    "context": "Context",
    "weekend": "Weekend",
    "country": "Country",
    "region": "Region",
    "add": "Own holidays",
    "remove": "Public holidays on which you work",
    "primary": "Primary",
    "secondary": "Secondary",
    "background": "Background",
    "heading": "Heading",
    "text": "Text",
    "highlight": "Highlight",
    "members": "Members",
    "recipient_domains": "Domains that mail may go to",
    "pause_after_failures": "Failed runs after which a job pauses",
}
CHANNEL_LABELS = {
    "name": "Name",
    "key": "Key",
    "type": "Type",
    "connection": "Connection",
    "recipients": "Recipients",
    "level": "Hears",
    "topics": "Of",
}
_NOTHING = "nothing"
_SHORT, _MOST_LINES, _MOST_PARTS = 80, 200, 5


@dataclass(frozen=True)
class Edit:
    """One key with its text before and after; of a long text `lines` are those that differ, each with its sign."""

    label: str
    before: str
    after: str
    lines: tuple[tuple[str, str], ...] = ()


def agent_edits(before: Agent, after: Agent) -> tuple[Edit, ...]:
    """Return what differs between two definitions of an agent; the semantic model is compared as people write it."""
    return _edits(_with_text(before), _with_text(after), AGENT_LABELS)


def organisation_edits(before: Organisation, after: Organisation) -> tuple[Edit, ...]:
    """Return what differs between two definitions of an organisation."""
    return _edits(before, after, ORGANISATION_LABELS)


def channel_edits(before: Channel, after: Channel) -> tuple[Edit, ...]:
    """Return what differs between two definitions of a channel."""
    return _edits(before, after, CHANNEL_LABELS)


def in_a_line(before: Agent | None, after: Agent) -> str:
    """Return what a save of an agent changed; `before` is None for the first one."""
    if before is None:
        return "created"
    parts = [part for key in _changed_keys(before, after) for part in _parts(key, before, after)]
    more = [f"and {len(parts) - _MOST_PARTS} more"] if len(parts) > _MOST_PARTS else []
    return "; ".join([*parts[:_MOST_PARTS], *more]) or "saved again, without a change"


def organisation_in_a_line(before: Organisation | None, after: Organisation) -> str:
    """Return what a save of an organisation changed; `before` is None for the first one."""
    if before is None:
        return "created"
    found = [_label(each.key, ORGANISATION_LABELS) for each in differences(before, after)]
    parts = list(dict.fromkeys(label.partition(",")[0].lower() for label in found))
    more = [f"and {len(parts) - _MOST_PARTS} more"] if len(parts) > _MOST_PARTS else []
    return "; ".join([*parts[:_MOST_PARTS], *more]) or "saved again, without a change"


def _with_text(definition: Agent) -> Agent:
    return definition.model_copy(update={"semantic_model": model_text(definition)})


def _with_whole_model(definition: Agent) -> Agent:
    """Return a definition with all that goes without saying in its model, whichever version of the program kept it."""
    model = model_of(definition)
    return definition.model_copy(update={"semantic_model": model.model_dump(mode="json")}) if model else definition


def _edits(before: BaseModel, after: BaseModel, labels: Mapping[str, str]) -> tuple[Edit, ...]:
    return tuple(
        _edit(_label(each.key, labels), _text(each.before), _text(each.after)) for each in differences(before, after)
    )


def _edit(label: str, before: str, after: str) -> Edit:
    """Return one key's edit; an empty text is "nothing" in a cell, and no line among lines."""
    if max(len(before), len(after)) <= _SHORT and "\n" not in before + after:
        return Edit(label, before or _NOTHING, after or _NOTHING)
    differing = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    lines = [(line[:1], line[1:]) for line in islice(differing, 2, _MOST_LINES + 2) if not line.startswith("@@")]
    return Edit(label, before, after, tuple(lines))


def _label(key: str, labels: Mapping[str, str]) -> str:
    first, _, rest = key.partition(".")
    if first in labels:
        return f"{labels[first]}, {rest}" if rest else labels[first]
    return labels.get(rest, key)


def _text(value: object) -> str:
    if value is ABSENT or value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _changed_keys(before: Agent, after: Agent) -> list[str]:
    found = differences(_with_whole_model(before), _with_whole_model(after))
    return list(dict.fromkeys(each.key.partition(".")[0] for each in found))


def _parts(key: str, before: Agent, after: Agent) -> Iterator[str]:
    match key:
        case "active":
            yield "switched on" if after.active else "switched off"
        case "connection" if not (before.connection and after.connection):
            yield f"model or service {after.connection!r}" if after.connection else "no model or service"
        case "name" | "type" | "connection" | "warehouse":
            yield f"{AGENT_LABELS[key].lower()} {getattr(before, key)!r} → {getattr(after, key)!r}"
        case "semantic_model":
            yield from _model_parts(before, after)
        case _:
            yield AGENT_LABELS.get(key, key).lower()


def _model_parts(before: Agent, after: Agent) -> Iterator[str]:
    old, new = model_of(before), model_of(after)
    if old is None or new is None:
        yield "semantic model"
        return
    told = False
    for kind in ("metric", "dimension"):
        was = {part.name: part for part in getattr(old, f"{kind}s")}
        now = {part.name: part for part in getattr(new, f"{kind}s")}
        for name in dict.fromkeys([*was, *now]):
            if was.get(name) != now.get(name):
                told = True
                word = "added" if name not in was else "taken out" if name not in now else "changed"
                yield f"{kind} {name} {word}"
    if not told:
        yield "semantic model"
