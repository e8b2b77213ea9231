"""A model's words without ways out: no row may talk it into leading a reader, with figures, to another's site."""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[((?:\[\[[^\[\]\n]*\]\]|[^\[\]])*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_BY_NAME = re.compile(r"!?\[((?:\[\[[^\[\]\n]*\]\]|[^\[\]])+)\]\[[^\[\]\n]*\]")
_NAMED = re.compile(r"^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)
_BARE = re.compile(r"<((?:https?|mailto|ftp):[^<>\s]*)>", re.IGNORECASE)


def without_links(text: str) -> str:
    """Return Markdown whose links and images are their words alone; references to figures stay."""
    return _BARE.sub(r"\1", _NAMED.sub("", _BY_NAME.sub(r"\1", _LINK.sub(r"\1", text))))
