"""Whole results as files."""

from __future__ import annotations

import csv
from io import StringIO

from interact.chats.result import Result, Value


def as_csv(result: Result) -> bytes:
    """Return all rows as CSV for spreadsheets: UTF-8 with a mark, and no cell of words that works as a formula."""
    lines = StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([_inert(column.label) for column in result.columns])
    writer.writerows([_inert(value) for value in row] for row in result.rows)
    return lines.getvalue().encode("utf-8-sig", "replace")


def _inert(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
