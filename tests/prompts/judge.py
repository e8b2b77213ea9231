"""Says of an answer whether it is right, told or silent.

`right`: all that was asked for is there, with equal values and the right days; what comes on top does not hurt, but a
member too many among the highlights of a metric does. `told`: not right, and the answer says so: it declines, or names
words of the prompt as not understood. `silent`: wrong or incomplete, and says nothing. A question that should be
declined is right when it is, told when it is answered with some of its words named as not understood, else silent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from interact.chats.result import Value
from interact.commands.ask import Highlight, Table, Told
from prompts.suite_cases import OPTIONAL, Case, Expected, ExpectedHighlights, ExpectedTable

Outcome = Literal["right", "told", "silent"]
Key = tuple[Value, ...]
ROUNDING = 1e-6
FREE = "any_"
_WORD = re.compile(r"[^\W_]+")
FILLERS = frozenset(
    _WORD.findall(
        "a all also an and any are as at by did do does for from give how i in is it me my no of on or our over per "
        "please pls show so tell than that the their then there these this those to us was we what which with you"
    )
)
"""Words that carry nothing: to name one of them as not understood does not warn anybody."""


@dataclass(frozen=True)
class Verdict:
    """An outcome, and what was missed."""

    outcome: Outcome
    faults: tuple[str, ...] = ()


def judge(expected: Expected, told: Told) -> Verdict:
    """Return the verdict on an answer."""
    case = expected.case
    if told.declined is not None and (case.decline or case.or_declined):
        unnamed = [name for name in (case.decline.names if case.decline else ()) if not _says(told.declined, name)]
        return Verdict("told" if unnamed else "right", tuple(f"the reason does not name {name!r}" for name in unnamed))
    faults = ("it should be declined",) if case.decline else tuple(_faults(expected, told))
    if not faults:
        return Verdict("right")
    return Verdict("told" if told.declined is not None or warns(case, told) else "silent", faults)


def warns(case: Case, told: Told) -> bool:
    """Return whether an answer names a word of the prompt that matters as not understood."""
    asked = {word.lower() for word in _WORD.findall(case.prompt)} - FILLERS
    return any(asked & {word.lower() for word in _WORD.findall(part)} for part in told.not_understood)


def _faults(expected: Expected, told: Told) -> Iterator[str]:
    case = expected.case
    if told.declined is not None:
        yield f"declined: {told.declined}"
        return
    shown = (told.window.start, told.window.end) if told.window else None
    if case.window and shown != case.window:
        yield f"window {_days(shown)}, {_days(case.window)} is right"
    if not (told.tables or told.highlights or _may_be_empty(expected)):
        yield "nothing is shown"
    for table in expected.tables:
        yield from _faults_of_table(table, told)
    for highlights in expected.highlights:
        yield from _faults_of_highlights(highlights, told)
    yield from _faults_of_words(case, told)


def _faults_of_words(case: Case, told: Told) -> Iterator[str]:
    """Yield the sections, the parts not understood and the remarks that are missing."""
    for words in case.sections:
        if not any(_mentions(name, words) for name in told.sections):
            yield f"no section {words!r} (there are {list(told.sections)})"
    for word in case.unread:
        if not any(_says(part, word) for part in told.not_understood):
            yield f"{word!r} is not named as not understood"
    for words in case.noted:
        if not _mentions(" ".join((told.answer, *told.not_understood)), words):
            yield f"the answer does not mention {words!r}"


def _faults_of_table(expected: ExpectedTable, told: Told) -> Iterator[str]:
    """Yield what is missing; each metric may stand in a table of its own, but whole."""
    columns = expected.found.columns
    near = [each for each in (_laid_out(table, expected.by) for table in told.tables) if each]
    listed: set[Key] = set()
    for metric in (name for name in columns if name not in (*expected.by, OPTIONAL)):
        wanted = _wanted(expected, metric)
        seen = [column for table in near for column in table.values(metric)]
        right = [column for column in seen if _equal_rows(expected, wanted, column)]
        listed |= {key for column in right for key, _ in column}
        if not right and (seen or not all(may_lack for _, _, may_lack in wanted)):
            shown = " or ".join(_short(column) for column in seen[:2]) or "not there"
            yield f"table by {list(expected.by)}: {metric} is {_short([(k, v) for k, v, _ in wanted])}, got {shown}"
    if unlisted := [key for key in expected.apart - listed if not _is_apart(key, expected, told)]:
        yield f"neither in the table nor on their own: {_members(unlisted)}"


def _may_be_empty(expected: Expected) -> bool:
    """Return whether there is no data for any of it: then words are enough."""
    found = [each.found for each in expected.tables]
    return bool(found) and all(OPTIONAL in each.columns and all(row[-1] for row in each.rows) for each in found)


@dataclass(frozen=True)
class _Layout:
    """A table by the dimensions that are asked for, in their order."""

    table: Table
    by: tuple[str, ...]

    def values(self, metric: str) -> Iterator[list[tuple[Key, Value]]]:
        """Yield the rows of each column that a metric may stand in, as key and value."""
        places = [self.table.columns.index(name) for name in self.by]
        for place, name in enumerate(self.table.columns):
            if name == metric or (metric.startswith(FREE) and name not in self.table.dimensions):
                yield [(tuple(row[each] for each in places), row[place]) for row in self.table.rows]


def _laid_out(table: Table, by: tuple[str, ...]) -> _Layout | None:
    """Return a table by these dimensions; a further one that has the same member in all rows says nothing more."""
    rows = table.rows
    further = [name for name in table.dimensions if name not in by]
    if not set(by) <= set(table.dimensions) or not set(table.dimensions) <= set(table.columns):
        return None
    places = [table.columns.index(name) for name in further]
    says_more = [place for place in places if len({row[place] for row in rows}) != 1]
    return None if says_more else _Layout(table, by)


def _wanted(expected: ExpectedTable, metric: str) -> list[tuple[Key, Value, bool]]:
    """Return the rows that are right for one metric, as key, value, and whether the row may be missing."""
    columns = expected.found.columns
    keys = [columns.index(name) for name in expected.by]
    may_lack = columns.index(OPTIONAL) if OPTIONAL in columns else None
    found = [(tuple(row[each] for each in keys), row) for row in expected.found.rows]
    return [
        (key, row[columns.index(metric)], key in expected.apart or (may_lack is not None and bool(row[may_lack])))
        for key, row in found
    ]


def _equal_rows(expected: ExpectedTable, wanted: list[tuple[Key, Value, bool]], got: list[tuple[Key, Value]]) -> bool:
    right = {key: value for key, value, _ in wanted}
    needed = {key for key, _, may_lack in wanted if not may_lack}
    if not expected.ordered:  # A member of which there is nothing may be shown as such.
        got = [(key, value) for key, value in got if key in right or value not in (None, 0)]
    keys = [key for key, _ in got]
    if len(set(keys)) != len(keys) or not set(keys) <= set(right):
        return False
    if any(not equal(value, right[key]) for key, value in got):
        return False
    order = [key for key, _, _ in wanted]
    if expected.least is not None:
        return len(keys) >= min(expected.least, len(order)) and keys == order[: len(keys)]
    is_in_order = not expected.ordered or keys == [key for key in order if key in set(keys)]
    return needed <= set(keys) and is_in_order


def _faults_of_highlights(expected: ExpectedHighlights, told: Told) -> Iterator[str]:
    """Yield what is missing or too much: the members pointed out in these metrics are exactly those that are right."""
    columns = expected.found.columns
    figures = {
        tuple(row[columns.index(name)] for name in expected.by): {
            name: row[place] for place, name in enumerate(columns) if name not in expected.by
        }
        for row in expected.found.rows
    }
    metrics = {_metric(name) for name in columns if name not in expected.by}
    pointed = [each for each in told.highlights if set(each.key) == set(expected.by) and each.metric in metrics]
    seen = {_key(each, expected.by): each for each in pointed}
    apart = {key for key, each in seen.items() if key in expected.apart and each.value in (None, 0)}
    missing, strange = set(figures) - set(seen), set(seen) - set(figures) - apart
    if missing:
        yield f"not highlighted: {_members(missing)}"
    if strange - expected.apart:
        yield f"highlighted, and should not be: {_members(strange - expected.apart)}"
    for each in pointed:
        right = [
            value for name, value in figures.get(_key(each, expected.by), {}).items() if _metric(name) == each.metric
        ]
        if right and not any(equal(each.value, value) for value in right):
            yield f"highlight {each.metric} of {each.key} is {each.value!r}, {right!r} is right"
    if unlisted := [key for key in expected.apart if not _is_apart(key, expected, told)]:
        yield f"not listed on their own: {_members(unlisted)}"


def _is_apart(key: Key, expected: ExpectedHighlights | ExpectedTable, told: Told) -> bool:
    """Return whether a member is highlighted, or stands in a table of just those without a figure."""
    if any(set(each.key) == set(expected.by) and _key(each, expected.by) == key for each in told.highlights):
        return True
    for table in told.tables:
        if table.dimensions == expected.by:
            places = [table.columns.index(name) for name in expected.by]
            if {tuple(row[each] for each in places) for row in table.rows} == expected.apart:
                return True
    return False


def equal(left: Value, right: Value) -> bool:
    """Return whether two values are the same within rounding; nothing but NULL is NULL."""
    if isinstance(left, int | float) and isinstance(right, int | float) and not isinstance(left, bool):
        return math.isclose(left, right, rel_tol=ROUNDING, abs_tol=1e-9)
    return left == right


def _key(highlight: Highlight, by: tuple[str, ...]) -> Key:
    return tuple(highlight.key[name] for name in by)


def _metric(column: str) -> str:
    return column.removesuffix("_change")


def _says(text: str, word: str) -> bool:
    return word.lower() in text.lower()


def _mentions(text: str, words: str) -> bool:
    return any(_says(text, word) for word in words.split("|"))


def _days(window: tuple[object, object] | None) -> str:
    return f"{window[0]} to {window[1]}" if window else "none"


def _members(keys: set[Key] | list[Key]) -> str:
    return ", ".join(" · ".join(str(part) for part in key) or "the whole" for key in sorted(keys, key=str))


def _short(rows: list[tuple[Key, Value]]) -> str:
    shown = ", ".join(f"{'·'.join(str(part) for part in key)}={value}" for key, value in rows[:6])
    return f"[{shown}{f', … {len(rows)} rows' if len(rows) > 6 else ''}]"
