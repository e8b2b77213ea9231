"""What people name by key, found in the store, with the near ones for who misspelt it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from interact.errors import DefinitionRefused, listed
from interact.jobs.stored import StoredOrganisation
from interact.store import organisations
from interact.store.sessions import Session

Found = TypeVar("Found")


def organisation_named(session: Session, key: str) -> StoredOrganisation:
    """Return the organisation of that key; raises DefinitionRefused."""
    there = {entry.definition.key: entry for entry in organisations.all_of(session)}
    return pick(there, key, f"There is no organisation {key!r}", todo="Name another one.")


def pick(there: Mapping[str, Found], key: str, fact: str, *, todo: str) -> Found:
    """Return what bears a key; else raise DefinitionRefused: the fact, the nearest keys or all of them, and `todo`."""
    if key in there:
        return there[key]
    near = get_close_matches(key, list(there), n=3)
    known = f"; did you mean {listed(near)}?" if near else f" (there are {listed(sorted(there))})."
    raise DefinitionRefused(f"{fact}{known} {todo}")
