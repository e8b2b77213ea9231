"""What differs between two definitions, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

ABSENT = object()
"""Stands for what one of the two does not have."""


@dataclass(frozen=True)
class Difference:
    """One key, as `parameters.market.default`, and its plain value in both; ABSENT where there is none."""

    key: str
    before: object
    after: object


def differences(before: BaseModel, after: BaseModel) -> tuple[Difference, ...]:
    """Return what differs, in the order of the keys; nothing when saving one over the other would change nothing.

    Order counts: that of parameters and values is the order of chats.
    """
    return tuple(_between(before.model_dump(mode="json"), after.model_dump(mode="json"), ""))


def _between(before: object, after: object, path: str) -> Iterator[Difference]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        if before is ABSENT or after is ABSENT or json.dumps(before) != json.dumps(after):
            yield Difference(path, before, after)
        return
    inside = [
        difference
        for key in dict.fromkeys([*before, *after])
        for difference in _between(before.get(key, ABSENT), after.get(key, ABSENT), f"{path}.{key}" if path else key)
    ]
    if not inside and list(before) != list(after):
        inside = [Difference(path, list(before), list(after))]
    yield from inside
