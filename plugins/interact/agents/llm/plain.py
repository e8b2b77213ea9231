"""A model's words without ways out: no row may talk it into leading a reader, with figures, to another's site."""

from __future__ import annotations

import re

from interact.chats.figures import SHOWN

_LINK = re.compile(r"!?\[((?:\[\[[^\[\]\n]*\]\]|[^\[\]])*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_BY_NAME = re.compile(r"!?\[((?:\[\[[^\[\]\n]*\]\]|[^\[\]])+)\]\[[^\[\]\n]*\]")
_NAMED = re.compile(r"^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*\S.*$", re.MULTILINE)
_BARE = re.compile(r"<([^<>\s:@]*[:@][^<>\s]*)>")
_JOINED = re.compile(rf"({SHOWN.pattern})|(\](?=[\ue000\ue001]*[(\[:])|<(?=[^<>\n]*[:@]))")
"""What makes a link, however it is written, once a space stands behind it; the two letters vanish in drawing."""


def without_links(text: str) -> str:
    """Return Markdown whose links and images are their words alone; references to figures stay."""
    bare = _BARE.sub(r"\1", _NAMED.sub("", _BY_NAME.sub(r"\1", _LINK.sub(r"\1", text))))
    return _JOINED.sub(lambda found: found[1] or f"{found[2]} ", bare)
