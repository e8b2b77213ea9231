"""Which values a run is asked with, and every combination of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from interact.errors import ParameterRefused, TooManyCombinations
from interact.jobs.definition import Parameter

LIMIT = 1000
BATCH = 25
"""Chats that one task renders."""
SOLE_LABEL = "answer"

Combination = dict[str, str]


def combine(
    parameters: Mapping[str, Parameter], given: Mapping[str, object], *, limit: int = LIMIT
) -> tuple[Combination, ...]:
    """Return one dict a combination, in the order of the values; a job without parameters has one, empty.

    `given` maps names to one value or a list. Raises ParameterRefused for an unknown name, a value that is not allowed
    or one that is missing without a default, TooManyCombinations over the limit.
    """
    for name in given:
        if name not in parameters:
            raise ParameterRefused(str(name), "is not known to this job; it has these parameters", allowed=parameters)
    chosen = {name: _values(name, parameter, given) for name, parameter in parameters.items()}
    count = math.prod(len(values) for values in chosen.values())
    if count > limit:
        raise TooManyCombinations(count, limit)
    return tuple(dict(zip(chosen, values, strict=True)) for values in product(*chosen.values()))


def label(combination: Mapping[str, str]) -> str:
    """Return a combination as people name it: its values."""
    return " · ".join(combination.values()) or SOLE_LABEL


def _values(name: str, parameter: Parameter, given: Mapping[str, object]) -> tuple[str, ...]:
    if name not in given:
        if not parameter.default:
            raise ParameterRefused(name, "has no default and no value was given", allowed=parameter.values)
        return parameter.default
    asked = given[name]
    listed = list(asked) if isinstance(asked, list | tuple) else [asked]
    if not listed:
        raise ParameterRefused(name, "was given an empty list", allowed=parameter.values)
    chosen: dict[str, None] = {}
    for value in listed:
        if not isinstance(value, str) or value not in parameter.values:
            raise ParameterRefused(name, f"does not take {value!r:.200}", allowed=parameter.values)
        chosen[value] = None
    return tuple(chosen)
