"""An agent's semantic model as people write it: YAML, refused with its line, and written without what goes unsaid."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from interact.errors import DefinitionRefused, FileRefused, listed
from interact.jobs.definition import Agent
from interact.jobs.nodes import Plain, follow, hint, read_nodes, shown
from interact.jobs.writing import write_mapping
from interact.warehouse.semantic import Dimension, Metric, SemanticModel, Target, TimeDimension

_CONSEQUENCES = ("missing", "too_short")
_NAMES = "a-z, 0-9 and underscores, beginning with a letter"
_TAKES = {
    "string_type": "text",
    "tuple_type": "a list, as [spend, revenue]",
    "model_type": "keys and values",
    "string_pattern_mismatch": _NAMES,
}
_PARTS: dict[str | int, tuple[type[BaseModel], str]] = {
    "time_dimension": (TimeDimension, "time dimension"),
    "dimensions": (Dimension, "dimension"),
    "metrics": (Metric, "metric"),
}


def read_model_text(text: str) -> dict[str, Any]:
    """Return the model that a text holds, as plain content; raises DefinitionRefused: the line, and what is wrong."""
    try:
        roots = read_nodes(text, "")
        if len(roots) != 1:
            fact = "The model is empty. Write it, or take one over." if not roots else _several(len(roots))
            raise DefinitionRefused(fact)
        content = Plain("").value(roots[0])
    except FileRefused as error:
        raise DefinitionRefused(_at(error.line, str(error))) from None
    try:
        return SemanticModel.model_validate(content).model_dump(mode="json")
    except ValidationError as error:
        # A key that is spelt wrong is better news than the key that therefore lacks.
        first = min(error.errors(), key=lambda detail: detail["type"] in _CONSEQUENCES)
        path = first["loc"]
        line = follow(roots[0], path)[1] if path else None
        raise DefinitionRefused(_at(line, _sentence(roots[0], content, first))) from None


def model_of(definition: Agent) -> SemanticModel | None:
    """Return an agent's model; None for one that this version cannot read."""
    try:
        return SemanticModel.model_validate(definition.semantic_model)
    except ValidationError:
        return None


def model_text(definition: Agent) -> str:
    """Return an agent's model as YAML, without what goes without saying."""
    model = model_of(definition)
    if model is not None:
        return write_mapping(model.model_dump(mode="json", exclude_defaults=True))
    kept = definition.semantic_model
    return kept if isinstance(kept, str) else write_mapping(kept)


def _several(count: int) -> str:
    return f"The model is one YAML document, and these are {count}. Take out the lines that hold `---` alone."


def _at(line: int | None, fact: str) -> str:
    return fact if line is None else f"Line {line}: {fact}"


def _sentence(root: Any, content: Any, detail: Any) -> str:
    path, kind, limits = detail["loc"], detail["type"], detail.get("ctx", {})
    shape, called = _part(content, path[:-1])
    if kind == "missing":
        return f"{called[0].upper()}{called[1:]} lacks `{path[-1]}`. Add it."
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), list(shape.model_fields), n=1, cutoff=0.6)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        return f"{path[-1]!r:.80} is no key of {called}{meant}; it takes {listed(shape.model_fields, limit=20)}."
    if kind == "value_error":
        fact = str(limits.get("error", detail["msg"]))
        return f"{fact[0].upper()}{fact[1:]}. Correct it."
    node, _, names = follow(root, path)
    takes = _TAKES.get(kind, limits.get("expected"))
    if takes:
        return f"`{'.'.join(names)}` takes {takes}, not {shown(node)}{hint(node) if kind == 'string_type' else ''}."
    return f"`{'.'.join(names)}` is refused: {detail['msg']}."


def _part(content: Any, path: Sequence[str | int]) -> tuple[type[BaseModel], str]:
    """Return the shape of the part that a path leads to, and what a sentence calls it: "metric 'cpa'"."""
    if not path or path[0] not in _PARTS:
        return SemanticModel, "the model"
    shape, noun = _PARTS[path[0]]
    if len(path) == 1:
        return shape, f"the {noun}"
    found = content[path[0]][path[1]]
    name = found.get("name") if isinstance(found, Mapping) else None
    called = f"{noun} {name!r:.80}" if name else f"{noun} number {int(path[1]) + 1}"
    return (Target, f"the target of {called}") if path[2:] == ("target",) else (shape, called)
