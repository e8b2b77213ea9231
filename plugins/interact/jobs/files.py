"""Definition files: YAML documents of one kind each, read strictly; every refusal names the file and the line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from interact.errors import FileRefused, listed
from interact.jobs.definition import KINDS, SHAPES, Branding, Definition, Kind
from interact.jobs.parameters import Parameter
from interact.jobs.timing import BusinessCalendar, DataTrigger, JobSchedule, Misfit, Refusal
from interact.nodes import Plain, follow, hint, line_of, node_of, read_nodes, require_text, shown

_PATTERNS = {
    "key": "a-z, 0-9 and hyphens inside, as 'weekly-report'",
    "organisation": "the key of an organisation",
    "agent": "the key of an agent",
    "channels": "the key of a channel",
    "warehouse": "the id of an Airflow connection: letters, digits, dots, hyphens, underscores",
    "connection": "the id of an Airflow connection: letters, digits, dots, hyphens, underscores",
    "recipient_domains": "a domain, as example.com",
    "branding": "six hexadecimal digits, as '#0B6B57', or nothing",
    "start_of_business": 'a time of day, as "08:00"',
    "triggers": "as an asset's name or URI letters, digits and signs of ASCII",
    "parameters": "as a parameter's name a-z, 0-9 and underscores, beginning with a letter",
}
_TAKES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "tuple_type": "a list, as [NL, BE]",
    "dict_type": "names with what belongs to each",
    "model_type": "keys and values",
    "date_type": "a date, as 2026-12-24",
    "date_parsing": "a date, as 2026-12-24",
    "date_from_datetime_parsing": "a date, as 2026-12-24",
    "date_from_datetime_inexact": "a date, as 2026-12-24",
}
_TAKES_AT = {
    ("schedule", "model_type"): 'an expression in quotes, as "0 8 * * 1", or keys and values',
    ("cron", "string_type"): 'an expression in quotes, as "0 8 * * 1"',
    ("start_of_business", "string_type"): 'a time of day in quotes, as "08:00"',
    ("timezone", "string_type"): "an IANA time zone, as Europe/Amsterdam",
    ("weekend", "tuple_type"): "a list, as [saturday, sunday]",
    ("add", "tuple_type"): "a list, as [2026-12-24]",
    ("remove", "tuple_type"): "a list, as [2026-12-24]",
    ("assets", "tuple_type"): "a list, as [warehouse.costs]",
    ("default", "tuple_type"): "a value, or a list as [NL, BE]",
    ("schedule", "tuple_type"): "a value, or a list as [NL, BE]",
    ("channels", "tuple_type"): "a list, as [team-mail]",
    ("recipients", "tuple_type"): "a list, as [team@example.com]",
    ("topics", "tuple_type"): "a list, as [failed_run]",
    ("members", "dict_type"): "user names with the role of each, as {ada: admin}",
}
_CONSEQUENCES = ("missing", "too_short")
_INNER: dict[str | int, tuple[type[BaseModel], str]] = {
    "branding": (Branding, "branding"),
    "calendar": (BusinessCalendar, "a calendar"),
    "parameters": (Parameter, "a parameter"),
    "schedule": (JobSchedule, "a schedule"),
    "triggers": (DataTrigger, "a data trigger"),
}


@dataclass(frozen=True)
class Document:
    """One definition and where it stands; `lines` are those of its top keys, 1-based."""

    kind: Kind
    definition: Definition
    file: str
    line: int
    lines: dict[str, int] = field(default_factory=dict)

    def refused(self, fact: str, *, key: str = "key", inside: tuple[str, ...] = ()) -> FileRefused:
        """Return the refusal of this document for what stands at one of its keys, or at a path `inside` its value."""
        return FileRefused(self.file, self.lines.get(key, self.line), fact, path=(key, *inside))


def read_documents(text: str, file: str) -> list[Document]:
    """Return the definitions in a file's text, in their order; `file` is the name that messages show.

    Raises FileRefused: no YAML, a key unknown or twice, a value that a key does not take, or nothing at all.
    """
    roots = read_nodes(text, file)
    if not roots:
        raise FileRefused(file, None, f"This file defines nothing. A document begins with `kind`: {listed(KINDS)}.")
    return [_document(root, file) for root in roots]


def read_sent(content: Mapping[str, Any]) -> Document:
    """Return the definition that came in a call, with keys and values as in a file.

    Raises FileRefused, which names neither file nor line.
    """
    return _document(node_of(content), "")


def _document(root: yaml.MappingNode, file: str) -> Document:
    require_text(root, file)
    content: Any = Plain(file).value(root)
    kind = _kind(root, content.pop("kind", None), file)
    shape = SHAPES[kind]
    try:
        # As JSON: there, strictness takes lists for tuples but neither `yes` for a number nor 12 for a text.
        definition = shape.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        # A key that is spelt wrong is better news than the key that therefore lacks, and an entry that is wrong than
        # the list that is empty without it.
        first = min(error.errors(), key=lambda detail: (detail["type"] in _CONSEQUENCES, _line(root, detail)))
        raise FileRefused(file, _line(root, first), _sentence(root, shape, first), path=_path(first)) from None
    lines = {key.value: follow(root, [key.value])[1] for key, _ in root.value}
    return Document(kind, definition, file, line_of(root), lines)


def _kind(root: yaml.MappingNode, value: object, file: str) -> Kind:
    for kind in KINDS:
        if value == kind:
            return kind
    line = follow(root, ["kind"])[1]
    fact = "A document lacks `kind`" if value is None else f"There is no kind {value!r:.80}{_meant(value, KINDS)}"
    raise FileRefused(file, line, f"{fact}; it takes {listed(KINDS)}.")


def _sentence(root: yaml.MappingNode, shape: type[BaseModel], detail: Any) -> str:
    path = detail["loc"]
    node, _, names = follow(root, path)
    match detail["type"]:
        case "missing":
            return f"{_called(shape, path[:-1]).capitalize()} lacks `{path[-1]}`. Add it."
        case "extra_forbidden":
            known = _keys(shape, path[:-1])
            fact = f"{path[-1]!r:.80} is no key of {_called(shape, path[:-1])}{_meant(path[-1], known)}"
            return f"{fact}; it takes {listed(known, limit=20)}."
        case "string_pattern_mismatch":
            where, wrong = (path[0], repr(path[-2])) if path[-1] == "[key]" else (".".join(names), shown(node))
            takes = next((_PATTERNS[part] for part in path if part in _PATTERNS), "another form")
            return f"`{where}` takes {takes}, not {wrong:.80}."
    fact = _fact(detail, node)
    if not path:
        return f"{_called(shape, path).capitalize()} {fact}."
    if path[-1] == "[key]":
        return f"The name {path[-2]!r:.80} in `{path[0]}` {fact}."
    return f"`{'.'.join(names)}` {fact}{'' if fact.endswith('?') else '.'}"


def _fact(detail: Any, node: yaml.Node) -> str:
    kind, limits = detail["type"], detail.get("ctx", {})
    own = _TAKES_AT.get((detail["loc"][-1], kind)) if detail["loc"] else None
    takes = own or _TAKES.get(kind, limits.get("expected"))
    if kind in ("greater_than_equal", "less_than_equal"):
        takes = f"at least {limits['ge']}" if "ge" in limits else f"at most {limits['le']}"
    if takes:
        any_text = kind == "string_type" and not own
        return f"takes {takes}, not {shown(node)}{hint(node) if any_text else ''}"
    if kind == "string_too_long":
        return f"is longer than the {limits['max_length']:,} characters that are allowed"
    if kind == "too_long":
        return f"holds more than the {limits['max_length']:,} entries that are allowed"
    if kind in ("string_too_short", "too_short"):
        return "is empty; fill it in"
    told = limits.get("error", detail["msg"])
    return str(told) if isinstance(told, Misfit) else f"is refused: {told}"


def _keys(shape: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    inner, _ = _INNER.get(path[0], (shape, "")) if path else (shape, "")
    return list(inner.model_fields) if inner is not shape else list(dict.fromkeys(["kind", *shape.model_fields]))


def _called(shape: type[BaseModel], path: tuple[str | int, ...]) -> str:
    if path and path[0] in _INNER:
        return _INNER[path[0]][1]
    name = shape.__name__.lower()
    return f"an {name}" if name[0] in "ao" else f"a {name}"


def _path(detail: Any) -> tuple[str, ...]:
    path = [part for part in detail["loc"] if isinstance(part, str)]
    error = detail.get("ctx", {}).get("error")
    for part in error.at if isinstance(error, Refusal) else ():
        if part == "..":
            path.pop()
        else:
            path.append(part)
    return tuple(path)


def _line(root: yaml.Node, detail: Any) -> int:
    path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        return _key_line(root, path)
    return _key_line(root, path[:-1]) if path[-1:] == ("[key]",) else follow(root, path)[1]


def _key_line(root: yaml.Node, path: tuple[str | int, ...]) -> int:
    owner = follow(root, path[:-1])[0]
    keys = owner.value if isinstance(owner, yaml.MappingNode) else []
    return next((line_of(key) for key, _ in keys if key.value == path[-1]), line_of(owner))


def _meant(word: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
