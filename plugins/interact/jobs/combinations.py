"""Which values a run is asked with, and every combination of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from interact.errors import ParameterRefused, TooManyCombinations
from interact.jobs.parameters import ALL, MOST_VALUES, Parameter, canonical

LIMIT = 1000
BATCH = 25
"""Chats that one task renders."""
SOLE_LABEL = "answer"

Combination = dict[str, str]
Known = Mapping[str, tuple[str, ...]]
"""What the queries of parameters return, by the parameter's name."""


def combine(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, object],
    *,
    known: Known = MappingProxyType({}),
    by_itself: bool = False,
    limit: int = LIMIT,
) -> tuple[Combination, ...]:
    """Return one dict a combination, in the order of the values; a job without parameters has one, empty.

    `given` maps names to one value or a list; "*" stands for all that are allowed. `known` holds what the parameters'
    queries return; `by_itself` is said of a run that a schedule or data starts. Raises ParameterRefused for an unknown
    name, a value that is not allowed or one that is missing, TooManyCombinations over the limit.
    """
    for name in given:
        if name not in parameters:
            raise ParameterRefused(str(name), "is not known to this job; it has these parameters", allowed=parameters)
    chosen = {
        name: _Choice(name, parameter, parameter.values or known.get(name)).of(
            given[name] if name in given else parameter.taken(by_itself=by_itself)
        )
        for name, parameter in parameters.items()
    }
    count = math.prod(len(values) for values in chosen.values())
    if count > limit:
        raise TooManyCombinations(count, limit)
    return tuple(dict(zip(chosen, values, strict=True)) for values in product(*chosen.values()))


def label(combination: Mapping[str, str]) -> str:
    """Return a combination as people name it: its values."""
    return " · ".join(combination.values()) or SOLE_LABEL


@dataclass(frozen=True)
class _Choice:
    name: str
    parameter: Parameter
    allowed: tuple[str, ...] | None
    """None when any value of the parameter's type is."""

    def of(self, asked: object) -> tuple[str, ...]:
        """Return the values that are asked for, each once; raises ParameterRefused."""
        if asked == ():
            raise self._refused("has no default and no value was given")
        entries = list(asked) if isinstance(asked, list | tuple) else [asked]
        if not entries:
            raise self._refused("was given an empty list")
        if len(entries) > MOST_VALUES:
            raise self._refused(f"was given {len(entries):,} values; a run takes at most {MOST_VALUES:,}")
        if len(entries) == 1 and isinstance(entries[0], str) and entries[0].strip() == ALL:
            return self._all()
        return tuple(dict.fromkeys(self._one(entry) for entry in entries))

    def _all(self) -> tuple[str, ...]:
        if self.allowed is None:
            lacking = "takes what its query returns, which is not known yet"
            fact = lacking if self.parameter.query else f"takes any {self.parameter.type}"
            raise self._refused(f"{fact}, so that {ALL!r} stands for nothing; name values")
        if not self.allowed:
            raise self._refused("has no allowed value at the moment: its query returns none")
        return self.allowed

    def _one(self, entry: object) -> str:
        try:
            value = canonical(self.parameter.type, entry)
        except ValueError as error:
            raise self._refused(str(error)) from None
        if self.allowed is not None and value not in self.allowed:
            raise self._refused(f"does not take {value!r:.200}")
        return value

    def _refused(self, fact: str) -> ParameterRefused:
        return ParameterRefused(self.name, fact, allowed=self.allowed or ())
