"""An agent's definition as the fields of its form, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from interact.api.edits import AGENT_LABELS
from interact.api.pages.forms import Fields
from interact.api.pages.refusals import Problems, problems_of
from interact.chats.limits import AnswerLimits
from interact.errors import DefinitionRefused, InteractError
from interact.jobs.definition import Agent
from interact.jobs.files import read_sent
from interact.runs.model_text import model_text, read_model_text

Typed = dict[str, Any]
"""What stands in the form: texts by the fields' names, and `active`, whether the box is ticked."""
_ONE_LINE = ("name", "description", "warehouse")
LIMITS = tuple(AnswerLimits.model_fields)
_OF_MODELS = ("connection", "fallbacks", *LIMITS)
_TEXTS = (*_ONE_LINE, "key", "instructions", *_OF_MODELS)


def typed(fields: Fields) -> Typed:
    """Return what somebody has written."""
    # Blanks before the model's first line are part of it, and its lines are counted as they stand there.
    model = (fields.sent.get("semantic_model") or ("",))[-1].replace("\r\n", "\n")
    texts = {name: fields.text(name) for name in _TEXTS}
    kind = fields.text("type") or "embedded"
    return {**texts, "type": kind, "semantic_model": model, "active": fields.is_on("active")}


def blank(model: str = "") -> Typed:
    """Return the form of an agent that nobody has written yet."""
    limits = {name: _text(value) for name, value in AnswerLimits().model_dump().items()}
    return {**dict.fromkeys(_TEXTS, ""), **limits, "type": "embedded", "semantic_model": model, "active": True}


def typed_of(definition: Agent) -> Typed:
    """Return an agent's definition as its form shows it."""
    texts = {name: getattr(definition, name) for name in (*_ONE_LINE, "key", "instructions", "type")}
    texts |= {name: _text(value) for name, value in definition.limits.model_dump().items()}
    asks = {"connection": definition.connection or "", "fallbacks": "\n".join(definition.fallbacks)}
    return {**texts, **asks, "semantic_model": model_text(definition), "active": definition.active}


def plain_of(form: Typed) -> tuple[dict[str, Any], Problems]:
    """Return what a form says, with keys and values as in a file, and what is wrong with its semantic model.

    With a wrong model it also says what is wrong elsewhere, so that both can be mended at once.
    """
    plain = {name: form[name] for name in (*_ONE_LINE, "instructions", "active", "type")} | _asks(form)
    if form["key"]:
        plain["key"] = form["key"]
    try:
        return {**plain, "semantic_model": read_model_text(form["semantic_model"])}, Problems()
    except DefinitionRefused as error:
        return {}, Problems({**_elsewhere(plain), "semantic_model": str(error)})


def caught_up(form: Typed, seen: Agent, there: Agent) -> Typed:
    """Return what somebody has written, with what they left as it was brought to what stands there now.

    `seen` is the definition that they began with.
    """
    before, now = typed_of(seen), typed_of(there)
    return {name: now[name] if _same(value, before[name]) else value for name, value in form.items()}


def refused(error: InteractError) -> Problems:
    """Return what a refusal says, at its field."""
    return problems_of(error, AGENT_LABELS)


def models_of(plain: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the connections to models and services that a definition names."""
    return (plain.get("connection"), *(plain.get("fallbacks") or ()))


def _asks(form: Typed) -> dict[str, Any]:
    """Return which model or service a form names, and the limits; the embedded analyst has none, whatever stands there.

    Its limits stay as they were, for the day on which it is another kind again.
    """
    if form["type"] == "embedded":
        return {"connection": None, "fallbacks": []}
    limits = {name: _number(form[name]) for name in LIMITS if form[name]}
    fallbacks = [] if form["type"] == "remote" else form["fallbacks"].replace(",", "\n").split()
    return {"connection": form["connection"] or None, "fallbacks": fallbacks, "limits": limits}


def _number(text: str) -> float | int | str:
    """Return a number; of anything else its text, which is refused later."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", text):
        return text
    return float(text) if "." in text else int(text)


def _text(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _same(one: object, other: object) -> bool:
    return str(one).strip() == str(other).strip()  # Browsers may take away an empty last line.


def _elsewhere(plain: Mapping[str, Any]) -> Problems:
    try:
        read_sent({"key": "agent", **plain, "kind": "agent", "organisation": "agent", "semantic_model": {}})
    except DefinitionRefused as error:
        return refused(error)
    return Problems()
