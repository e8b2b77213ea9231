"""Questions outside any job: how long an answer may take, and what they are called."""

from __future__ import annotations

import re

ANSWER_MINUTES = 10
"""How long one answer may take."""
TITLE_LIMIT = 80


def title_of(prompt: str) -> str:
    """Return a question in short, for lists and for the head of its report: its first line, or as much as fits."""
    line = " ".join(prompt.strip().split("\n", 1)[0].split())
    if len(line) > TITLE_LIMIT:
        line = re.split(r"(?<=[.?!]) ", line, maxsplit=1)[0]
    if len(line) > TITLE_LIMIT:
        cut = line[: TITLE_LIMIT - 1]
        return f"{cut.rpartition(' ')[0] or cut}…"
    return line.rstrip(".") or line
