"""Which part of a semantic model an error of its warehouse is about, with its file and line."""

from __future__ import annotations

import re

from interact.errors import FileRefused, InteractError, listed
from interact.warehouse.exposure import NoExpression
from interact.warehouse.measures import Part
from interact.warehouse.semantic import Dataset, Dimension, Metric, ModelFile, Relationship, TimeDimension
from interact.warehouse.words import columns_named

_COLUMNS = re.compile(r"columns? \"?([A-Za-z_][\w$, ]*)")
"""In a door's sentence: the columns that are not there."""
_TIME = re.compile(r"has '(.+)' (?:as|not as) ")
"""In a door's sentence: the time that is of another type."""
_TABLE = re.compile(r"no table '([\w.$]+)'")
"""In a door's sentence: the table that is not there."""


def blamed(found: ModelFile, error: InteractError) -> list[FileRefused]:
    """Return a refusal of each part that an error is about; none where it is about no part."""
    if isinstance(error, NoExpression):
        return _unreadable(found, error)
    told = str(error)
    faults = [found.refused(told, *_place_of(found, table)) for table in _TABLE.findall(told)]
    for at, part in found.parts():
        if isinstance(part, Relationship) and told.startswith(f"{called(part, str(at[0]))} joins by "):
            return [found.refused(told, *at)]
    lacking = {name for text in _COLUMNS.findall(told) for name in text.lower().replace(",", " ").split()}
    mistyped = _TIME.findall(told)
    for at, part in found.parts():
        names = sorted(columns_of(part) & lacking)
        if isinstance(part, TimeDimension) and part.expr in mistyped:
            names.append(part.expr)
        if names:
            fact = f"{called(part, str(at[0]))} names {listed(names)}, which does not fit. {told}"
            faults.append(found.refused(fact, *at))
    return faults


def called(part: Part, key: str) -> str:
    """Return what a sentence calls a part that stands under a key of the model."""
    if isinstance(part, Relationship):
        return f"The relationship from {part.from_!r} to {part.to!r}"
    return f"{key.removesuffix('s').replace('_', ' ').capitalize()} {getattr(part, 'name', '')!r}"


def columns_of(part: Part) -> frozenset[str]:
    """Return, in lower case, the columns that a part names."""
    if isinstance(part, Relationship):
        return frozenset(name.lower() for name in (*part.from_columns, *part.to_columns))
    if isinstance(part, Dataset):
        return frozenset(name.lower() for name in part.primary_key)
    return columns_named(" ".join(_texts(part).values()))


def _texts(part: Part) -> dict[str, str]:
    """Return the SQL that a part holds, by its key."""
    if isinstance(part, Metric):
        texts = {"expr": part.expr if part.type == "simple" else None, "filter": part.filter}
        texts["conversion"] = part.conversion.expr if part.conversion else None
        texts["target"] = part.target.expr if part.target else None
        return {key: text for key, text in texts.items() if text}
    return {"expr": part.expr} if isinstance(part, Dimension | TimeDimension) else {}


def _unreadable(found: ModelFile, error: NoExpression) -> list[FileRefused]:
    return [
        found.refused(f"{called(part, str(at[0]))} has the {key} {text!r}, which is no SQL expression.", *at)
        for at, part in found.parts()
        for key, text in _texts(part).items()
        if text == error.expression
    ]


def _place_of(found: ModelFile, table: str) -> tuple[str | int, ...]:
    for at, dataset in enumerate(found.model.datasets):
        if dataset.table.lower() == table.lower():
            return ("datasets", at)
    return ("base_table",)
