"""A prompt with one part that cannot be answered: the rest is, and the part is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.request import Reading

_JOINT = re.compile(r",&(?=[hija]*(?:[nr]|a|g|h*r))")
_LIMITS = set("vx0")
_ASKS = re.compile(
    r"[hi]*(?:[ay](?=.*[mdr])|f(?=.*[mdrcuG])|r|n[hi]*[rd]|g[hi]*m|q[hi]*[dm]|[mC](?=.*(?:b[hiy]*d|w|g)))"
)
_WHOLE = re.compile(
    r"\b(?:only|just|instead|leave out|without|not|don['’]t|never|use|using|compute|calculate|means?|must"
    r"|should(?! be (?:flagged|highlighted|marked)))\b",
    re.IGNORECASE,
)
"""Words of a part that says how the rest is to be read."""


def without_a_part(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Yield what is left of a prompt without one of its parts, and that part's words, the last part first.

    A part that limits the whole answer, or alone names its period, is never left out.
    """
    for start, end in sorted(_parts(sheet), reverse=True):
        part, rest = sheet.shape[start:end], sheet.shape[:start] + "." + sheet.shape[end:]
        words = sheet.words(start, end).lstrip(", ")
        limits = _LIMITS & set(part) or _WHOLE.search(words)
        if (
            limits
            or not _ASKS.match(part.lstrip(",&"))
            or not re.search(r"[md]", rest)
            or ("w" in part and "w" not in rest)
        ):
            continue
        first, last = sheet.pieces[start].start, sheet.pieces[end - 1].end
        yield sheet.text[:first] + " " * (last - first) + sheet.text[last:], words


def left_out(reading: Reading, part: str, reason: str) -> Reading:
    """Return the reading of the rest, which says what was left out and why."""
    words = re.sub(r"^and\s+", "", " ".join(part.split()))
    note = f"{words!r} is left out. {reason}"
    not_understood = (*reading.not_understood, words)
    return replace(reading, not_understood=not_understood, table_notes=(*reading.table_notes, note))


def _parts(sheet: Sheet) -> Iterator[tuple[int, int]]:
    """Yield sentences, and what follows ", and" where the part before it says by what or for when it asks."""
    starts = sorted({sheet.sentence(at).start for at, piece in enumerate(sheet.pieces) if piece.kind != "."})
    sentences = [sheet.sentence(start) for start in starts]
    for sentence in sentences:
        if len(sentences) > 1:
            yield sentence.start, sentence.stop
        for joint in _JOINT.finditer(sheet.shape, sentence.start, sentence.stop):
            before = sheet.shape[sentence.start : joint.start()]
            if re.search(r"m.*(?:b[hiy]*d|w|g)", before):
                yield joint.start(), sentence.stop
