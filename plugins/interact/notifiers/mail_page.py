"""What a mail says, as HTML and as plain text: the same, cut to what is read in a mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interact.notices.notice import Attachment, Kind, Look, Notice, Picture, Remark, Tone
from interact.notices.sending import Envelope
from interact.notifiers.cutting import cut, flat
from interact.notifiers.linking import links_of
from interact.reports.branding import Branding, Palette, contrast, dark_palette, light_palette, readable
from interact.templates import pages

FIGURES, REMARKS, LINKS = 6, 8, 4
"""How many of each are shown; how many more there are is said."""
_TITLE_LENGTH, _TEXT_LENGTH, _LEAD_LENGTH = 160, 500, 2_000
# Control characters, and those that turn the direction of text around, with which a name can pose as another.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_KINDS: dict[Kind, tuple[str, Tone]] = {
    "completed": ("Completed", "good"),
    "partial": ("Partly completed", "warning"),
    "failed": ("Failed", "bad"),
    "skipped": ("Times missed", "warning"),
    "paused": ("Schedule paused", "bad"),
    "outage": ("Outage", "bad"),
    "recovered": ("Works again", "good"),
    "test": ("Test message", "neutral"),
}


@dataclass(frozen=True)
class Tile:
    """A key figure."""

    label: str
    value: str
    change: str
    tone: Tone


@dataclass(frozen=True)
class Section:
    """A list under its heading; `more` are left out."""

    heading: str
    remarks: tuple[Remark, ...]
    more: int


@dataclass(frozen=True)
class Page:
    """The two faces of a mail."""

    html: str
    text: str


def draw_page(
    envelope: Envelope, *, folder: Path, channel: str, chart: Picture | None, left_out: Sequence[Attachment]
) -> Page:
    """Return what the mail says; `folder` holds its templates, `left_out` what is too large to go along.

    The chart is shown from `cid:chart`, which whoever sends it replaces by the picture's own name.
    """
    notice = envelope.notice
    word, tone = _KINDS[notice.kind]
    tiles = [Tile(cut(f.label, 80), cut(f.value, 40), cut(f.change, 80), f.tone) for f in notice.figures[:FIGURES]]
    values = {
        "notice": notice,
        "subject": one_line(notice.subject),
        "lead": cut(notice.lead, _LEAD_LENGTH),
        "then": cut(notice.then, _LEAD_LENGTH),
        # A message of somebody else's DAG is of no kind of ours.
        "word": word if envelope.base_url else "",
        "tone": tone,
        "tiles": tiles,
        "columns": len(tiles) if len(tiles) < 3 else (2 if len(tiles) == 4 else 3),
        "any_change": any(tile.change for tile in tiles),
        "more_figures": len(notice.figures[FIGURES:]),
        "sections": list(_sections(notice)),
        "chart": chart,
        "links": [(cut(label, 80), url) for label, url in links_of(envelope)[:LINKS]],
        "left_out": [(cut(file.name, _TITLE_LENGTH), megabytes(file.bytes)) for file in left_out],
        "channel": channel,
        "settings_url": f"{envelope.base_url}/interact/settings" if envelope.base_url else "",
    }
    environment = pages(folder)
    html = environment.get_template("mail.html").render(**values, **_colours(notice.look))
    text = environment.get_template("mail.txt").render(**values)
    return Page(printable(html), re.sub(r"\n{3,}", "\n\n", printable(text)).strip() + "\n")


def printable(text: str) -> str:
    """Return a text without what cannot be printed, or turns its direction around."""
    return _UNPRINTABLE.sub("", text)


def one_line(text: str, limit: int = 200) -> str:
    """Return a text as one line, as a header takes it."""
    return cut(flat(text), limit)


def megabytes(count: int) -> str:
    """Return a size in words, as `12.4 MB`."""
    return f"{count / 1_000_000:,.1f} MB"


def _sections(notice: Notice) -> list[Section]:
    failed = "Times missed" if notice.kind == "skipped" else "What failed"
    lists = (("Highlights", notice.highlights), ("What changed", notice.changes), (failed, notice.failures))
    return [
        Section(heading, tuple(_shortened(remark) for remark in remarks[:REMARKS]), len(remarks[REMARKS:]))
        for heading, remarks in lists
        if remarks
    ]


def _shortened(remark: Remark) -> Remark:
    return Remark(title=cut(remark.title, _TITLE_LENGTH), text=cut(remark.text, _TEXT_LENGTH), tone=remark.tone)


def _colours(look: Look) -> dict[str, Any]:
    """Return the colours of both themes, each readable where it is used."""
    branding = Branding(primary=look.primary, heading=look.heading, highlight=look.highlight)
    light, dark = light_palette(branding), dark_palette(branding)
    button = branding.primary or "#0b6b57"
    return {
        "light": _tints(light, ground="#f2f4f7"),
        "dark": _tints(dark, ground="#1e242b"),
        "button": button,
        "on_button": "#ffffff" if contrast("#ffffff", button) >= 4.5 else readable("#12161c", on=button),
    }


def _tints(palette: Palette, *, ground: str) -> dict[str, str]:
    """Return a palette whose words can be read on its background, and on the ground that is a shade nearer to them."""
    words = ("heading", "text", "muted", "accent", "highlight", "good", "warning", "bad")
    tints = {name: readable(getattr(palette, name), on=ground) for name in words}
    return {**tints, "neutral": tints["muted"], "card": palette.background, "ground": ground, "line": palette.line}
