"""What is wrong in a YAML text of a known shape, in one sentence, and in which line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from interact.errors import listed
from interact.nodes import follow, hint, shown

Shapes = Mapping[str, tuple[type[BaseModel], str]]
"""What each list of parts holds: its shape, and what a sentence calls one of it."""
_CONSEQUENCES = ("missing", "too_short")
_NAMES = "a-z, 0-9 and underscores, beginning with a letter"
_TAKES = {
    "string_type": "text",
    "tuple_type": "a list, as [spend, revenue]",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "string_pattern_mismatch": _NAMES,
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
}
_PATTERNS = {
    "table": "a table, as orders or crm.orders",
    "base_table": "a table, as orders or crm.orders",
    "primary_key": "names of columns",
    "from_columns": "names of columns",
    "to_columns": "names of columns",
    "unit": "a currency's three letters, as EUR",
}


class Misplaced(ValueError):
    """A fault that a whole model's check found; `at` leads to the part that has it."""

    def __init__(self, fact: str, *at: str | int) -> None:
        super().__init__(fact)
        self.at = at


def fault_in(
    root: yaml.Node, content: Any, error: ValidationError, shape: type[BaseModel], shapes: Shapes
) -> tuple[int | None, str]:
    """Return the line of the first thing that is wrong, None where it is the whole, and the sentence."""
    # A key that is spelt wrong is better news than the key that therefore lacks.
    first = min(error.errors(), key=lambda detail: detail["type"] in _CONSEQUENCES)
    found = first.get("ctx", {}).get("error")
    path = found.at if isinstance(found, Misplaced) else first["loc"]
    line = follow(root, path)[1] if path else None
    if first["type"] == "extra_forbidden":
        line = _line_of_key(root, path)
    return line, _sentence(root, content, first, (shape, shapes))


def _line_of_key(root: yaml.Node, path: Sequence[Any]) -> int:
    owner, line, _ = follow(root, path[:-1])
    keys = owner.value if isinstance(owner, yaml.MappingNode) else []
    return next((int(key.start_mark.line) + 1 for key, _ in keys if key.value == path[-1]), line)


def _sentence(root: yaml.Node, content: Any, detail: Any, known: tuple[type[BaseModel], Shapes]) -> str:
    path, kind, limits = detail["loc"], detail["type"], detail.get("ctx", {})
    shape, called = _part(content, path[:-1], *known)
    if kind == "missing":
        return f"{called[0].upper()}{called[1:]} lacks `{path[-1]}`. Add it."
    if kind == "extra_forbidden":
        keys = _keys(shape)
        fact = f"{path[-1]!r:.80} is no key of {called}{_meant(path[-1], keys)}"
        return f"{fact}; it takes {listed(keys, limit=20)}.{_cut_off(path[-1])}"
    if kind == "value_error":
        fact = str(limits.get("error", detail["msg"]))
        return f"{fact[0].upper()}{fact[1:]}."
    node, _, names = follow(root, path)
    takes = _TAKES.get(kind, limits.get("expected"))
    if kind == "string_pattern_mismatch":
        takes = next((_PATTERNS[name] for name in reversed(names) if name in _PATTERNS), _NAMES)
    if kind == "model_type" and names[-1:] == ["target"]:
        takes = "a number, or `expr` with `per`"
    if kind in ("greater_than_equal", "less_than_equal"):
        takes = f"at least {limits['ge']}" if "ge" in limits else f"at most {limits['le']}"
    if takes:
        return f"`{'.'.join(names)}` takes {takes}, not {shown(node)}{hint(node) if kind == 'string_type' else ''}."
    return f"`{'.'.join(names)}` is refused: {detail['msg']}."


def _part(content: Any, path: Sequence[Any], shape: type[BaseModel], shapes: Shapes) -> tuple[type[BaseModel], str]:
    """Return the shape of the part that a path leads to, and what a sentence calls it: "metric 'cpa'"."""
    if not path or path[0] not in shapes:
        return shape, "the model"
    part, noun = shapes[path[0]]
    if len(path) == 1:
        return part, f"the {noun}"
    found = content[path[0]][path[1]] if isinstance(path[1], int) else {}
    name = found.get("name") if isinstance(found, Mapping) else None
    called = f"{noun} {name!r:.80}" if name else f"{noun} number {int(path[1]) + 1}"
    inner = [key for key in path[2:] if key in shapes]
    return (shapes[inner[0]][0], f"the {shapes[inner[0]][1]} of {called}") if inner else (part, called)


def _keys(shape: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in shape.model_fields.items()]


def _cut_off(word: object) -> str:
    """Return what to do where a comma has cut an expression in two: `{expr: coalesce(a, 0)}`."""
    is_name = re.fullmatch(r"[\w -]*", str(word))
    return "" if is_name else " An expression with a comma needs quotes inside { }."


def _meant(word: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
