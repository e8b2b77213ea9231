"""A notice as a message of Slack: Block Kit within its limits, in which nobody's text is markup or calls anybody.

The limits: docs.slack.dev/reference/block-kit. All texts of a message together are limited too, at about 12,000
characters, which Slack does not document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interact.notices.notice import Figure, Remark
from interact.notices.sending import Envelope
from interact.notifiers.cutting import cut, flat, gathered, more
from interact.notifiers.linking import links_of

HEADER, SECTION, FIELDS = 150, 2_000, 10
REMARKS, LINKS = 12, 5
_TITLE, _TEXT, _LEAD = 150, 300, 1_000

Block = dict[str, Any]


def message_of(envelope: Envelope) -> dict[str, Any]:
    """Return `text` and `blocks` of a message; `text` is what a notification shows and a screen reader reads."""
    notice = envelope.notice
    blocks = [
        {"type": "header", "text": _plain(flat(notice.subject) or "Notice", HEADER)},
        *_context(" · ".join(filter(None, (notice.organisation, notice.job, notice.about)))),
        *_section(_said("Corrected", notice.corrects)),
        *_section(_escaped(notice.lead, _LEAD)),
        *_figures(notice.figures),
        *_remarks("Failed", notice.failures),
        *_remarks("Highlights", notice.highlights),
        *_remarks("What changed", notice.changes),
        *_section(_escaped(notice.then, _LEAD)),
        *_section(_links(envelope)),
    ]
    return {
        "text": _escaped(f"{notice.subject} {notice.lead}", _LEAD) or "Notice",
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _figures(figures: Sequence[Figure]) -> list[Block]:
    if not figures:
        return []
    fields = [_mrkdwn(_figure(each)) for each in figures[:FIELDS]]
    return [{"type": "section", "fields": fields}, *_context("".join(more(len(figures) - FIELDS)))]


def _figure(figure: Figure) -> str:
    lines = (_bold(figure.label, _TITLE), _escaped(figure.value, _TITLE), _escaped(figure.change, _TITLE))
    return "\n".join(filter(None, lines)) or "–"


def _remarks(heading: str, remarks: Sequence[Remark]) -> list[Block]:
    lines = [
        f"• {' – '.join(filter(None, (_bold(each.title, _TITLE), _escaped(each.text, _TEXT))))}" for each in remarks
    ]
    if not lines:
        return []
    return _section(f"*{heading}*\n{gathered(lines, most=REMARKS, limit=SECTION - len(heading) - 3)}")


def _remark(remark: Remark) -> str:
    return " – ".join(filter(None, (_bold(remark.title, _TITLE), _escaped(remark.text, _TEXT))))


def _links(envelope: Envelope) -> str:
    """Return links in a line. No buttons: Slack puts a warning beside one that was pressed, unless an app answers it.

    That is node-slack-sdk issue 869, which Slack calls intended.
    """
    links = links_of(envelope)[:LINKS]
    return " · ".join(f"<{_entities(url)}|{_escaped(label.replace('|', ' '), 75) or 'Open'}>" for label, url in links)


def _said(heading: str, text: str) -> str:
    said = _escaped(text, _LEAD)
    return f"*{heading}:* {said}" if said else ""


def _section(text: str) -> list[Block]:
    return [{"type": "section", "text": _mrkdwn(text)}] if text else []


def _context(text: str) -> list[Block]:
    shown = _plain(text, _LEAD)
    return [{"type": "context", "elements": [shown]}] if shown["text"] else []


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(flat(text), limit), "emoji": False}


def _mrkdwn(text: str) -> Block:
    """Return a text in Slack's markup; `verbatim` keeps Slack from making links and mentions of plain words."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str, limit: int) -> str:
    return cut(flat(text), limit, escape=_entities)


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _bold(text: str, limit: int) -> str:
    """Return a text in bold, or plain where it holds a mark that would end the bold early."""
    shown = _escaped(text, limit)
    return f"*{shown}*" if shown and not set(shown) & set("*_~`") else shown
