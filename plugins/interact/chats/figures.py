"""Figures in prose: shown by code, never typed by an agent.

An agent's text refers to a cell as `[[result_id/row/column]]` (row 0 is the first) and to a result's number of rows as
`[[result_id/rows]]`. Only `resolve` turns such a reference into digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from interact.chats.result import Column, Result, Value

REFERENCE = re.compile(r"\[\[(result_[a-z0-9]{12})/(?:(\d{1,6})/([A-Za-z_][A-Za-z0-9_]*)|rows)\]\]")
NOT_AVAILABLE = "n/a"
UNTRACED = "[figure not found]"
CURRENCY_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def reference(result: Result, row: int, column: str) -> str:
    """Return the text that stands for one cell."""
    return f"[[{result.result_id}/{row}/{column}]]"


def count_reference(result: Result) -> str:
    """Return the text that stands for the number of a result's rows."""
    return f"[[{result.result_id}/rows]]"


def resolve(text: str, results: Mapping[str, Result]) -> str:
    """Return text with each reference shown as its figure; one that leads nowhere is marked, never dropped."""

    def shown(match: re.Match[str]) -> str:
        result = results.get(match[1])
        try:
            if result is None:
                return UNTRACED
            if match[2] is None:
                return f"{len(result.rows):,}"
            return show(result.value(int(match[2]), match[3]), result.column(match[3]))
        except (KeyError, IndexError):
            return UNTRACED

    return REFERENCE.sub(shown, text)


def show(value: Value, column: Column, *, decimals: int | None = None) -> str:
    """Return one cell as people read it: thousands in groups, the unit once, NULL as "n/a".

    `decimals` gives the cells of one column the same number of them; by default each cell chooses its own.
    """
    if value is None:
        return NOT_AVAILABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    shown = _number(abs(value), column, decimals)
    negative = value < 0 and any(digit in shown for digit in "123456789")
    sign = "−" if negative else ("+" if column.is_change and value > 0 else "")
    return sign + shown


def _number(value: float, column: Column, decimals: int | None) -> str:
    if column.format == "percent":
        return f"{value * 100:,.{_either(decimals, 1)}f}%"
    if column.format == "ratio":
        return f"{value:,.{_either(decimals, 2)}f}"
    if column.format == "currency":
        return _money(f"{value:,.{_either(decimals, 2 if value < 1000 else 0)}f}", column.unit or "")
    whole = column.format == "integer" or float(value).is_integer()
    return f"{value:,.{_either(decimals, 0 if whole else 2)}f}"


def _either(decimals: int | None, otherwise: int) -> int:
    return otherwise if decimals is None else decimals


def _money(amount: str, unit: str) -> str:
    return f"{CURRENCY_SYMBOLS[unit]}{amount}" if unit in CURRENCY_SYMBOLS else f"{amount} {unit}".strip()
