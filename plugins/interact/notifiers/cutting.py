"""Text that fits: on one line, at most so long, and as many lines as there is room for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# Control characters, and those that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def flat(text: str) -> str:
    """Return a text on one line, without control characters and with single spaces."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def cut(text: str, limit: int, *, escape: Callable[[str], str] = str) -> str:
    """Return a text, escaped character by character, of at most `limit` characters, with "…" where it is cut.

    A character beyond the first 65,536 counts as two, since some servers count so.
    """
    pieces, size, fitting = [], 0, 0
    for character in text:
        pieces.append(escape(character))
        size += length(pieces[-1])
        if size < limit:
            fitting = len(pieces)
        elif size > limit:
            return "".join(pieces[:fitting]).rstrip() + "…"
    return "".join(pieces)


def gathered(lines: Sequence[str], *, most: int, limit: int) -> str:
    """Return at most so many lines, in at most so many characters, and how many more there are."""
    for count in range(min(len(lines), most), 0, -1):
        whole = "\n".join([*lines[:count], *more(len(lines) - count)])
        if length(whole) <= limit:
            return whole
    return "\n".join(more(len(lines)))


def more(count: int) -> list[str]:
    """Return the line that says how many more there are, none when there are not any."""
    return [f"… and {count} more"] if count > 0 else []


def length(text: str) -> int:
    """Return how many characters a text has, as those count who count in 16 bits."""
    return len(text) + sum(character > "\uffff" for character in text)
