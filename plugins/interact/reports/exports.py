"""Whole results as files."""

from __future__ import annotations

import csv
import math
import re
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from interact.chats.result import Column, Format, Result, Value

_SHEET_LETTERS = re.compile(r"[^\w .,()&%-]")
_LOOKS: dict[Format, str] = {
    "integer": "#,##0",
    "number": "#,##0.##",
    "currency": "#,##0.00",
    "percent": "0.0%",
    "ratio": "0.00",
    "date": "yyyy-mm-dd",
}
_WIDEST = 60
_CELL_LIMIT = 32_767
"""Characters that a cell of a workbook holds."""


def as_csv(result: Result) -> bytes:
    """Return all rows as CSV for spreadsheets: UTF-8 with a mark, and no cell of words that works as a formula."""
    lines = StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([_inert(column.label) for column in result.columns])
    writer.writerows([_inert(value) for value in row] for row in result.rows)
    return lines.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(result: Result) -> bytes:
    """Return all rows as a workbook: figures as numbers with their format, days as dates, and words as words."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(content, options) as book:
        sheet = book.add_worksheet(_sheet_name(result.title))
        bold = book.add_format({"bold": True, "bottom": 1})
        looks = [book.add_format({"num_format": _look(column)}) for column in result.columns]
        for place, column in enumerate(result.columns):
            sheet.write_string(0, place, column.label, bold)
            sheet.set_column(place, place, _width(result, place))
        for row, values in enumerate(result.rows, start=1):
            for place, value in enumerate(values):
                _write(sheet, (row, place), value, result.columns[place], looks[place])
        sheet.freeze_panes(1, 0)
        if result.columns and result.rows:
            sheet.autofilter(0, 0, len(result.rows), len(result.columns) - 1)
    return content.getvalue()


def _write(sheet: Any, place: tuple[int, int], value: Value, column: Column, look: Any) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    if isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif not isinstance(value, str):
        sheet.write_number(*place, value, look)
    elif column.format == "date" and (day := _day(value)):
        sheet.write_datetime(*place, day, look)
    else:
        sheet.write_string(*place, _plain(value)[:_CELL_LIMIT])


def _look(column: Column) -> str:
    look = _LOOKS.get(column.format, "General")
    return f'{look} "{column.unit}"' if column.format == "currency" and column.unit else look


def _width(result: Result, place: int) -> int:
    shown = [result.columns[place].label, *(str(row[place]) for row in result.rows[:200])]
    return min(_WIDEST, max(len(text) for text in shown) + 2)


def _sheet_name(title: str) -> str:
    return _SHEET_LETTERS.sub(" ", title).strip(" '")[:31] or "Result"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def _plain(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(sign if sign >= " " or sign in "\t\n" else " " for sign in text).encode("utf-8", "replace").decode()


def _inert(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
