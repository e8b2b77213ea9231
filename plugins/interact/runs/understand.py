"""What an embedded analyst understands of a prompt that somebody is writing, with the values of its warehouse at hand.

Reading these values starts a process, which takes a second: they are kept in this one for some minutes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from interact.agents.analyst.understanding import Understanding, understanding_of
from interact.errors import DefinitionRefused, QueryFailed, QueryRefused, QueryStopped, WarehouseUnavailable, listed
from interact.jobs.parameters import ALL, ParameterType
from interact.jobs.stored import StoredAgent
from interact.runs.desk import Desk, OpenWarehouse
from interact.templates import check_prompt, render_prompt
from interact.warehouse.semantic import SemanticModel

TYPES = frozenset({"embedded"})
"""The types of agent that read a prompt by rules, and so know what it means before it runs."""
FRESH = timedelta(minutes=10)
"""So long the values that were read are taken for what is there."""
AWAY = timedelta(seconds=30)
"""So long a warehouse that did not answer is not asked again."""
MOST_AGENTS = 16
WAIT_SECONDS = 3.0
"""How long somebody waits for values that another request is reading."""
BUSY = "The values of the warehouse are still being read"
Members = Mapping[str, tuple[str, ...]]
_Key = tuple[str, str, int]
"""The store, the agent and its version."""


@dataclass(frozen=True)
class Variable:
    """A parameter of a job as somebody has written it so far; nothing of it has been checked."""

    type: ParameterType = "choice"
    chosen: tuple[str, ...] = ()
    """What a run takes that names no value."""
    values: tuple[str, ...] = ()
    """What is allowed; empty where a query says so, or anything is."""

    @property
    def listed(self) -> tuple[str, ...]:
        """Every value that is written down, the chosen ones first."""
        return tuple(value for value in dict.fromkeys((*self.chosen, *self.values)) if value != ALL)


@dataclass(frozen=True)
class Understood:
    """What a prompt means to its agent, as seen on a day."""

    understanding: Understanding
    on_date: date
    read_with: Mapping[str, str]
    """The value that stands for each parameter of which the prompt, or a filter, takes one."""
    unknown: tuple[str, ...]
    """Sentences on values of parameters that the warehouse does not hold."""
    away: str
    """Why the values of the warehouse are not known at the moment; empty when they are."""


def understand(
    desk: Desk,
    agent: StoredAgent,
    prompt: str,
    *,
    variables: Mapping[str, Variable],
    zone: str,
    open_warehouse: OpenWarehouse,
) -> Understood | None:
    """Return what an agent understands of a prompt; None for a kind of agent that does not say.

    A placeholder is read as the first value that its parameter takes (of the chosen ones, else of the allowed ones). A
    parameter without any is read as a value of the dimension of its name, as 10, or as yesterday; without even that,
    the prompt cannot be read. A warehouse that is away is said, and the prompt is read without its values.
    """
    if agent.definition.type not in TYPES:
        return None
    now = desk.now()
    known = _MEMORY.of((desk.settings.database_url, agent.agent_id, agent.version), agent, open_warehouse, now=now)
    on_date = now.astimezone(ZoneInfo(zone)).date()
    taken = {name: _first(name, each, known.members, on_date) for name, each in variables.items()}
    dimensions = {dimension.name: dimension for dimension in known.model.dimensions}
    values = {name: value for name, value in taken.items() if value is not None}
    enforced = {name: value for name, value in values.items() if name in dimensions}
    members = {name: known.members.get(name, ()) for name in dimensions} | {k: (v,) for k, v in enforced.items()}
    try:
        used = check_prompt(prompt, frozenset(variables))
        _require_values(used, taken)
        text = render_prompt(prompt, {name: values[name] for name in used})
        understanding = understanding_of(text, known.model, members, on_date=on_date, enforced=enforced)
    except DefinitionRefused as refusal:
        used, understanding = frozenset(), Understanding(declined=str(refusal))
    unknown = [
        f"{dimensions[name].label} {listed(strange)} of parameter {name!r} is not in the warehouse."
        for name, each in variables.items()
        if name in dimensions and (strange := _not_among(each.listed, known.members.get(name)))
    ]
    read_with = {name: value for name, value in values.items() if name in used or name in enforced}
    return Understood(understanding, on_date, read_with, tuple(unknown), known.away)


def _first(name: str, variable: Variable, members: Members, on_date: date) -> str | None:
    """Return the value that a parameter is read as; None where nothing can stand for it."""
    if variable.listed:
        return variable.listed[0]
    if members.get(name):
        return members[name][0]
    return {"number": "10", "date": (on_date - timedelta(days=1)).isoformat()}.get(variable.type)


def _require_values(used: frozenset[str], taken: Mapping[str, str | None]) -> None:
    lacking = [name for name in sorted(used) if taken[name] is None]
    if lacking:
        raise DefinitionRefused(
            f"What stands for {' and '.join(f'{{{{ {name} }}}}' for name in lacking)} is not known yet, so the prompt "
            "cannot be read. Give the parameter a value, or a default."
        )


def _not_among(values: tuple[str, ...], members: tuple[str, ...] | None) -> list[str]:
    return [value for value in values if members and value not in members]


@dataclass(frozen=True)
class _Known:
    """A model with the values of each dimension; none, and why, where the warehouse is away."""

    model: SemanticModel
    members: Members
    away: str
    until: datetime


class _Memory:
    """The values of some agents' warehouses, each read once however many ask for it at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Known] = OrderedDict()
        self._reading: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, key: _Key, agent: StoredAgent, open_warehouse: OpenWarehouse, *, now: datetime) -> _Known:
        """Return what is known of an agent's model and data; another version of the agent is read anew."""
        with self._lock:
            kept, reading = self._kept.get(key), self._reading.setdefault(key, threading.Lock())
        if kept and now < kept.until:
            return kept
        if not reading.acquire(timeout=0 if kept else WAIT_SECONDS):
            return kept or _Known(_model_of(agent), {}, BUSY, now)
        try:
            kept = self._kept.get(key)  # Somebody else may have read meanwhile.
            if kept is None or now >= kept.until:
                kept = _read(agent, kept.model if kept else _model_of(agent), open_warehouse, now)
                self._keep(key, kept)
        finally:
            reading.release()
        return kept

    def _keep(self, key: _Key, known: _Known) -> None:
        with self._lock:
            self._kept[key] = known
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_AGENTS:
                gone, _ = self._kept.popitem(last=False)
                self._reading.pop(gone, None)


def _model_of(agent: StoredAgent) -> SemanticModel:
    return SemanticModel.model_validate(agent.definition.semantic_model)


def _read(agent: StoredAgent, model: SemanticModel, open_warehouse: OpenWarehouse, now: datetime) -> _Known:
    try:
        with open_warehouse(agent, {}) as door:
            members = {dimension.name: door.members(dimension.name) for dimension in model.dimensions}
    except (WarehouseUnavailable, QueryFailed, QueryRefused, QueryStopped) as error:
        return _Known(model, {}, str(error), now + AWAY)
    return _Known(model, members, "", now + FRESH)


_MEMORY = _Memory()
