"""Saves of an agent or an organisation, as lists and pages of versions show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic

from interact.jobs.stored import Defined, Version

SAVES = 20


@dataclass(frozen=True)
class Save(Generic[Defined]):
    """One save as a list shows it; `by` is a person, or the file that `from_file` says."""

    version: Version[Defined]
    change: str
    by: str
    from_file: bool


def saves_of(
    found: Sequence[Version[Defined]], in_a_line: Callable[[Defined | None, Defined], str]
) -> list[Save[Defined]]:
    """Return saves with what each changed of the one after it, which is older; `in_a_line` says it."""
    return [_save(each, past, in_a_line) for each, past in zip_longest(found, [each.definition for each in found[1:]])]


def _save(
    version: Version[Defined], earlier: Defined | None, in_a_line: Callable[[Defined | None, Defined], str]
) -> Save[Defined]:
    is_known = earlier is not None or version.number == 1
    who, _, name = (version.saved_by or "").partition(":")
    change = in_a_line(earlier, version.definition) if is_known else ""
    return Save(version, change, name, from_file=who == "file")
