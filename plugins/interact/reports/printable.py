"""Text without the characters that no page and no picture can hold."""

from __future__ import annotations

import re

_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def printable(text: str) -> str:
    """Return the text with a mark in the place of each character that XML or a font has no place for."""
    return _NEVER.sub("\ufffd", text)
