"""Stored text as it may stand in a notice: plain, on one line, and not too long, whoever wrote it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

SUBJECT, LEAD, NAME, TITLE, TEXT, SHORT = 120, 400, 80, 160, 600, 60
"""How long what is said may be, in characters."""
MOST = 50
"""So many figures, highlights, changes and failures a notice holds; what comes after them is counted."""
_JOINERS = "\u200c\u200d"
_SCANNED = 20
"""A text of more than so many times the limit is not read to its end."""


def one_line(text: str, limit: int) -> str:
    """Return text on one line, without signs that nobody sees or that turn the direction of those that follow."""
    line = " ".join("".join(map(_plain, text[: limit * _SCANNED])).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def listed(names: Sequence[str], *, most: int = 3) -> str:
    """Return names as people list them, each not too long: a few, and how many there are besides."""
    told = [one_line(name, SHORT) for name in names[:most]]
    if len(names) > most:
        told.append(f"{len(names) - most:,} more")
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _plain(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind[0] == "Z" or sign in "\t\n\r\x0b\x0c\x85":
        return " "
    return "" if kind[0] == "C" and sign not in _JOINERS else sign
