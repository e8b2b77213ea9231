"""Who may import whom: the table, and what breaks it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from rules.house import PACKAGE, Module

WORDS = frozenset({"schedules", "jobs", "chats", "notices"})
DOORS = frozenset({"warehouse", "reports", "agents", "store"})
SHELLS = frozenset({"timetables", "connections", "notifiers", "operators"})

# What a room may import besides its own modules, `errors`, and (from the doors on) `settings`.
ROOMS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "settings": frozenset(),
    "templates": frozenset(),
    "client": frozenset(),
    "nodes": frozenset(),
    "schedules": frozenset(),
    "jobs": frozenset({"schedules", "notices", "chats", "nodes"}),
    "chats": frozenset(),
    "notices": frozenset(),
    "warehouse": frozenset({"chats", "nodes"}),
    "reports": frozenset({"templates", "chats"}),
    "agents": frozenset({"chats", "warehouse", "reports.citations", "reports.document"}),
    "store": WORDS,
    "runs": WORDS | DOORS | {"templates", "nodes"},
    "timetables": frozenset({"schedules"}),
    "connections": frozenset({"agents", "chats", "jobs", "warehouse"}),
    "notifiers": frozenset({"jobs", "notices", "templates", "reports.branding"}),
    "operators": frozenset({"runs", "connections", "notifiers", "client"}),
    "factory": WORDS | SHELLS | {"store"},
    "api": WORDS | {"templates", "reports", "store", "runs", "connections", "notifiers"},
}
WITHOUT_SETTINGS = WORDS | {"errors", "settings", "templates", "client", "nodes"}
ENTRY = frozenset({"plugin", "commands"})

# Which rooms may import a library; one that is not named here is free for all but the words.
LIBRARIES: dict[str, frozenset[str]] = {
    "airflow": frozenset({"agents.llm", "factory", "api"}) | SHELLS | ENTRY,
    "alembic": frozenset({"store"}),
    "duckdb": frozenset({"warehouse"}),
    "fastapi": frozenset({"api"}),
    "jinja2": frozenset({"templates"}),
    "pydantic_ai": frozenset({"agents"}),
    "requests": frozenset({"agents.remote", "client", "notifiers", "commands"}),
    "sqlalchemy": frozenset({"store", "api.airflow_connections", "api.airflow_runs"}),
    "sqlglot": frozenset({"warehouse"}),
    "starlette": frozenset({"api"}),
    "vl_convert": frozenset({"reports"}),
    "weasyprint": frozenset({"reports"}),
}
# Airflow's database: closed to task code, so nobody may know it but the modules that start runs and list connections
# in the API server.
AIRFLOW_DATABASE = ("airflow.models", "airflow.settings", "airflow.utils.session", "airflow.utils.db")
AIRFLOW_DATABASE_ROOMS = frozenset({"api.airflow_connections", "api.airflow_runs"})

# A word is a value: it asks neither the clock nor the machine.
UNKNOWN_TO_WORDS = frozenset({"asyncio", "http", "os", "pathlib", "secrets", "shutil", "socket", "subprocess"})
UNKNOWN_TO_WORDS |= {"tempfile", "threading", "time", "urllib", "uuid"}
LIBRARIES_OF_WORDS = frozenset({"cron_descriptor", "croniter", "holidays", "pydantic", "pydantic_core", "yaml"})
CLOCK = ("now", "today", "utcnow")


def strangers(module: Module) -> Iterator[str]:
    """Yield a sentence for each import that the table does not allow."""
    for target, line in module.imports():
        if target == PACKAGE or target.startswith(f"{PACKAGE}."):
            fact = stranger_of_house(module.room, target.removeprefix(PACKAGE).lstrip("."))
        else:
            fact = stranger_library(module, target)
        if fact:
            yield f"{module.at(line)}: {fact}"


def stranger_of_house(room: str, target: str) -> str | None:
    """Say what is wrong when a room imports something of ours, as seen from the package; None when nothing is."""
    if not room or not target:
        return None
    wanted = target.split(".")[0]
    if wanted in ENTRY and wanted != room:
        return f"{room!r} imports {wanted!r}, an entry; nothing imports an entry. Move what both need below."
    if room in ENTRY or wanted in {room, "errors", "__version__"}:
        return None
    if room not in ROOMS:
        return f"the room {room!r} is not in the table; say there whom it may import."
    everywhere = set() if room in WITHOUT_SETTINGS else {"settings"}
    if inside(target, ROOMS[room] | everywhere):
        return None
    allowed = ", ".join(sorted(ROOMS[room])) or "nothing but errors"
    return f"{room!r} imports {target!r}, it may import {allowed}. Have it handed in, or move it."


def stranger_library(module: Module, target: str) -> str | None:
    """Say what is wrong when a module imports a library; None when nothing is."""
    library = target.split(".")[0]
    here = module.name.removeprefix(PACKAGE).lstrip(".")
    if not here:
        return f"the package itself imports {library!r}; it stays empty, since every process pays for it."
    if target.startswith(AIRFLOW_DATABASE) and not inside(here, AIRFLOW_DATABASE_ROOMS):
        return f"{module.room!r} imports {target!r}, Airflow's own database, which is closed to it."
    if library in LIBRARIES and not inside(here, LIBRARIES[library]):
        return f"{module.room!r} imports {library!r}, which belongs to {', '.join(sorted(LIBRARIES[library]))}."
    if module.room in WORDS and library in UNKNOWN_TO_WORDS:
        return f"{module.room!r} imports {library!r}; a word asks neither the clock nor the machine: have it handed in."
    if module.room in WORDS and not known_to_words(library):
        return f"{module.room!r} imports {library!r}; words use the standard library and {sorted(LIBRARIES_OF_WORDS)}."
    return None


def inside(name: str, rooms: Iterable[str]) -> bool:
    """Whether a module is one of these rooms or modules, or in one of them."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def known_to_words(library: str) -> bool:
    """Whether a library is a standard one or one of the few that the words may use."""
    return library in LIBRARIES_OF_WORDS or library in sys.stdlib_module_names


def clock_readings(module: Module) -> Iterator[str]:
    """Yield a sentence for each look at the clock in a module of the words."""
    if module.room not in WORDS:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
            yield f"{module.at(node)}: {module.room!r} looks at the clock; take the moment as an argument."


def circle(modules: Iterable[Module]) -> str | None:
    """Return a sentence naming an import circle between modules, None when there is none."""
    found = {module.name: module for module in modules}
    graph = {
        name: {known for target, _ in module.imports() if (known := nearest(target, found)) and known != name}
        for name, module in found.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return f"These modules import one another in a circle: {' → '.join(error.args[1])}."
    return None


def nearest(target: str, known: Iterable[str]) -> str | None:
    """Return the module that an imported name is or stands in, None for what is not ours."""
    while target and target not in known:
        target = target.rpartition(".")[0]
    return target or None
