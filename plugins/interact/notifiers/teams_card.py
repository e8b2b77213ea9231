"""A notice as a message of Microsoft Teams: an Adaptive Card within its size, in which nobody's text is markup.

Teams takes 28 KB for a message, which in practice came out as 21 KB; ours stays below 20 KB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interact.notices.notice import Figure, Notice, Remark, Tone
from interact.notices.sending import Envelope
from interact.notifiers.cutting import cut, flat, more
from interact.notifiers.linking import links_of

MESSAGE_BYTES = 20_000
"""Of UTF-8, as it is sent."""
LINKS = 5
_TITLE, _LEAD, _LABEL = 150, 600, 60
_COLOURS: dict[Tone, str] = {"neutral": "Default", "good": "Good", "warning": "Warning", "bad": "Attention"}

Element = dict[str, Any]


@dataclass(frozen=True)
class _Room:
    """How much of a long notice is shown."""

    figures: int
    remarks: int
    text: int


FULL = _Room(12, 12, 300)
_ROOMS = (FULL, _Room(10, 6, 200), _Room(6, 3, 120), _Room(3, 1, 60))


def message_of(envelope: Envelope) -> bytes:
    """Return a message as it is posted: as much of the notice as there is room for."""
    for room in _ROOMS:
        message = {
            "type": "message",
            "summary": cut(flat(envelope.notice.subject), _TITLE) or "Notice",
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": None,
                    "content": card_of(envelope, room),
                }
            ],
        }
        content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        if len(content) <= MESSAGE_BYTES:
            break
    return content


def card_of(envelope: Envelope, room: _Room = FULL) -> Element:
    """Return the card alone."""
    notice = envelope.notice
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "full"},
        "fallbackText": cut(flat(notice.subject), _TITLE) or "Notice",
        "speak": _spoken(notice),
        "body": [
            *_text(flat(notice.subject) or "Notice", _TITLE, size="Large", weight="Bolder", style="heading"),
            *_text(_about(notice), _LEAD, isSubtle=True, spacing="None"),
            *_text(_said("Corrected: ", notice.corrects), _LEAD, color="Warning", weight="Bolder"),
            *_text(notice.lead, _LEAD),
            *_figures(notice.figures, room),
            *_remarks("Failed", notice.failures, room),
            *_remarks("Highlights", notice.highlights, room),
            *_remarks("What changed", notice.changes, room),
            *_text(notice.then, _LEAD, separator=True),
        ],
        "actions": [
            {"type": "Action.OpenUrl", "title": cut(flat(label), _LABEL) or "Open", "url": url}
            for label, url in links_of(envelope)[:LINKS]
        ],
    }


def _about(notice: Notice) -> str:
    return " · ".join(filter(None, (notice.organisation, notice.job, notice.about)))


def _spoken(notice: Notice) -> str:
    """Return subject and lead without the marks that would make speech markup of them."""
    return re.sub(r"[<>&]", " ", cut(flat(f"{notice.subject}. {notice.lead}"), _LEAD))


def _figures(figures: Sequence[Figure], room: _Room) -> list[Element]:
    if not figures:
        return []
    facts = [{"title": _plain(each.label, _LABEL), "value": _value(each)} for each in figures[: room.figures]]
    return [{"type": "FactSet", "facts": facts}, *_rest(len(figures) - room.figures)]


def _value(figure: Figure) -> str:
    change = _plain(figure.change, _LABEL)
    return f"{_plain(figure.value, _LABEL)}{f' ({change})' if change else ''}"


def _remarks(heading: str, remarks: Sequence[Remark], room: _Room) -> list[Element]:
    if not remarks:
        return []
    lines: list[Element] = []
    for each in remarks[: room.remarks]:
        colour = _COLOURS[each.tone]
        lines += _text(each.title, _TITLE, weight="Bolder", color=colour, spacing="Small")
        lines += _text(each.text, room.text, spacing="None")
    top = _text(heading, _LABEL, weight="Bolder", size="Medium", style="heading", separator=True)
    return [*top, *lines, *_rest(len(remarks) - room.remarks)]


def _rest(count: int) -> list[Element]:
    return [element for line in more(count) for element in _text(line, _LABEL, isSubtle=True, spacing="Small")]


def _said(before: str, text: str) -> str:
    return f"{before}{text}" if text else ""


def _text(text: str, limit: int, **looks: object) -> list[Element]:
    shown = _plain(text, limit)
    return [{"type": "TextBlock", "text": shown, "wrap": True, **looks}] if shown else []


def _plain(text: str, limit: int) -> str:
    """Return a text as Markdown that says just that: cut, with what would be a mark escaped.

    Marks of a date, as `{{DATE(…)}}`, are replaced by the card wherever they stand, so their braces are parted.
    """
    shown = re.sub(r"[\\*_\[\]`~<>]", r"\\\g<0>", cut(flat(text), limit))
    shown = re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", re.sub(r"^[-+#]+(?=\s|$)", r"\\\g<0>", shown))
    return shown.replace("{{", "{\u2060{")
