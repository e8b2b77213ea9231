"""The words of SQL, and the columns that an expression names beside them."""

from __future__ import annotations

import re

_RESERVED_WORDS = """
    all analyse analyze and any array as asc asymmetric between both case cast check collate column constraint
    create cross default deferrable desc describe distinct do else end except exists false fetch filter for foreign
    from full grant group having in initially inner intersect into is join lambda lateral leading left like limit
    natural not null offset on only or order outer over pivot pivot_longer pivot_wider placing primary qualify
    references returning right select show some summarize symmetric table then to trailing true union unique unpivot
    user using values variadic when where window with
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
"""What is quoted where it is a name."""
_TYPES = frozenset(
    {"bigint", "boolean", "date", "double", "float", "int", "integer", "interval", "numeric", "precision"}
)
_WORDLESS = RESERVED | _TYPES | {"text", "time", "timestamp", "varchar", "zone", "at"}
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r'"([^"]+)"|([A-Za-z_][A-Za-z0-9_$]*)\b(?!\s*\()')

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`""")
_OPEN_END = re.compile(r"(?:[=<>+\-/|,]|(?<=.)\*|\b(?:and|or|not|in|is|like|between|when|then|else))$", re.IGNORECASE)


def unfinished(expr: str) -> str:
    """Return what an expression lacks in every database's SQL, as a predicate; nothing where it may be whole."""
    plain = _QUOTED.sub("''", expr).strip()
    if not plain:
        return "is empty"
    if plain.count("(") != plain.count(")"):
        return "has a bracket without its other half"
    end = _OPEN_END.search(plain)
    return f"ends with {end[0]!r}, after which something is missing" if end and end[0] != plain else ""


def columns_named(expr: str) -> frozenset[str]:
    """Return, in lower case, the names in an expression that may be columns; more rather than fewer."""
    found = _NAME.findall(_TEXT.sub("''", expr))
    return frozenset(
        {quoted.lower() for quoted, _ in found if quoted} | {word.lower() for _, word in found} - _WORDLESS - {""}
    )
