"""From a driver's rows to a line of JSON within limits; standard library only, since child processes use it too."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

Cell = str | int | float | bool | None
Fetch = Callable[[int], Sequence[Sequence[Any]]]
"""A cursor's `fetchmany`."""
BATCH = 500


def packed(names: Sequence[str], fetch: Fetch, limits: Mapping[str, Any]) -> str:
    """Return `{columns, truncated, rows}` up to `limits` (rows, result_bytes, cell_characters).

    What is cut off is marked `truncated`. No more rows are fetched than one batch beyond the limit.
    """
    lines: list[str] = []
    size, truncated = 0, False
    for row in _rows(fetch, min(BATCH, limits["rows"] + 1)):
        cells = [cell(value) for value in row]
        shown = [_cut(each, limits["cell_characters"]) for each in cells]
        line = json.dumps(shown)
        size += len(line)
        if len(lines) == limits["rows"] or size > limits["result_bytes"]:
            truncated = True
            break
        truncated = truncated or shown != cells
        lines.append(line)
    flag = "true" if truncated else "false"
    return f'{{"columns": {json.dumps(names)}, "truncated": {flag}, "rows": [{", ".join(lines)}]}}'


def cell(value: object) -> Cell:
    """Return a value as JSON can hold it; a number that is not finite is a missing one."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, default=str, ensure_ascii=False)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def first_line(error: BaseException) -> str:
    """Return what a driver says in one line, within reason."""
    return (str(error).strip().split("\n")[0] or type(error).__name__)[:300]


def near(missing: Sequence[str], there: Sequence[str]) -> str:
    """Return what may be meant by names that are not there, in brackets; nothing where none is like them."""
    known = {name.lower(): name for name in there}
    found = [difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.7) for name in missing]
    names = dict.fromkeys(repr(known[each[0]]) for each in found if each)
    return f" (did you mean {', '.join(names)}?)" if names else ""


def _rows(fetch: Fetch, batch: int) -> Iterator[Sequence[Any]]:
    while rows := fetch(batch):
        yield from rows


def _cut(value: Cell, characters: int) -> Cell:
    return f"{value[:characters]}…" if isinstance(value, str) and len(value) > characters else value
