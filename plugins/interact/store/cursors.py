"""Where a page of a list ended, as text that fits into an address."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any


def write_cursor(place: Sequence[object]) -> str:
    """Return a place as a cursor; it holds texts and numbers."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Any:
    """Return what a cursor holds, which anybody may have written; raises ValueError for what is none."""
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except RecursionError:
        raise ValueError("nests too deep") from None
