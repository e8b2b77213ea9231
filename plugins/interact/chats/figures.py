"""Figures in prose: shown by code, never typed by an agent.

An agent's text refers to a cell as `[[result_id/row/column]]` (row 0 is the first), to a result's number of rows as
`[[result_id/rows]]`, to a calculation that its report declares as `[[calc:NAME]]`, and to one that it declares on the
spot as `[[sum:result_id/row/column,result_id/row/column]]`. Only `resolve` turns such a reference into digits.

A number that an agent typed nevertheless, and that no result shows, is kept as `[[?1,234]]` and shown with a mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import cast

from interact.chats.calculation import OPERATIONS, POINTS, Calculation, NotComputed, Operation, computed
from interact.chats.result import Cell, Column, Result, Value

REFERENCE = re.compile(r"\[\[(result_[a-z0-9]{12})/(?:(\d{1,6})/([A-Za-z_][A-Za-z0-9_]*)|rows)\]\]")
_CELL = r"result_[a-z0-9]{12}/\d{1,6}/[A-Za-z_][A-Za-z0-9_]*"
CALCULATED = re.compile(
    rf"\[\[(?:calc:([a-z][a-z0-9_]{{0,39}})|({'|'.join(OPERATIONS)}):({_CELL}(?:, ?{_CELL}){{0,199}}))\]\]"
)
MARKED = re.compile(r"\[\[\?([^\[\]\n]{1,80})\]\]")
SHOWN = re.compile("|".join(re.sub(r"\((?!\?)", "(?:", each.pattern) for each in (REFERENCE, CALCULATED, MARKED)))
"""Anything that `resolve` shows in another form."""
NOT_AVAILABLE = "n/a"
UNTRACED = "[figure not found]"
SMALL = 0.01
"""Rates below it are shown with two decimals, since one would make 0.71% and 0.66% the same."""
MARK = " [?]"
"""What stands behind a number that no result shows."""
CURRENCY_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def reference(result: Result, row: int, column: str) -> str:
    """Return the text that stands for one cell."""
    return f"[[{result.result_id}/{row}/{column}]]"


def count_reference(result: Result) -> str:
    """Return the text that stands for the number of a result's rows."""
    return f"[[{result.result_id}/rows]]"


def marked(number: str) -> str:
    """Return the text that stands for a typed number that no result shows."""
    return f"[[?{number}]]"


def literally(text: str) -> str:
    """Return words from elsewhere, as a cell's, as Markdown that shows just them, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|~&!])", r"\\\1", " ".join(text.split()))


def resolve(text: str, results: Mapping[str, Result], calculations: Iterable[Calculation] = ()) -> str:
    """Return text with each reference shown as its figure; one that leads nowhere is marked, never dropped."""
    named = {each.name: each for each in calculations}

    def shown(match: re.Match[str]) -> str:
        written = match[0]
        if calculated := CALCULATED.fullmatch(written):
            return _calculated(calculated, results, named)
        if typed := MARKED.fullmatch(written):
            return f"{typed[1]}{MARK}"
        return _looked_up(written, results)

    return SHOWN.sub(shown, text)


def spelled_out(text: str, calculations: Iterable[Calculation]) -> str:
    """Return text whose calculations need no declaration any more."""
    named = {each.name: each for each in calculations}

    def whole(match: re.Match[str]) -> str:
        declared = named.get(match[1] or "")
        if declared is None:
            return match[0]
        return f"[[{declared.op}:{','.join(f'{c.result_id}/{c.row}/{c.column}' for c in declared.cells)}]]"

    return CALCULATED.sub(whole, text)


def cited_in(text: str) -> frozenset[str]:
    """Return the ids of the results that the figures of a text come from; of declared calculations none."""
    return frozenset(found for match in SHOWN.finditer(text) for found in re.findall(r"result_[a-z0-9]{12}", match[0]))


def cells_of(text: str) -> tuple[Cell, ...]:
    """Return the cells of a list as a calculation names them."""
    parts = (each.strip().split("/") for each in text.split(","))
    return tuple(Cell(result_id=result_id, row=int(row), column=column) for result_id, row, column in parts)


def _calculated(match: re.Match[str], results: Mapping[str, Result], named: Mapping[str, Calculation]) -> str:
    try:
        if match[2]:
            return show(*computed(cast(Operation, match[2]), cells_of(match[3]), results))
        declared = named[match[1]]
        return show(*computed(declared.op, declared.cells, results))
    except (KeyError, NotComputed):
        return UNTRACED


def _looked_up(written: str, results: Mapping[str, Result]) -> str:
    match = REFERENCE.fullmatch(written)
    result = results.get(match[1]) if match else None
    if match is None or result is None:
        return UNTRACED
    if match[2] is None:
        return f"{len(result.rows):,}"
    try:
        return show(result.value(int(match[2]), match[3]), result.column(match[3]))
    except (KeyError, IndexError):
        return UNTRACED


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
        fine = 0 < value < SMALL and not column.is_change
        size = f"{value * 100:,.{_either(decimals, 2 if fine else 1)}f}"
        return f"{size} points" if column.unit == POINTS else f"{size}%"
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
