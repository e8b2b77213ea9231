"""A roll-up as one HTML page, for a screen and for paper, framed like a report."""

from __future__ import annotations

from pathlib import Path

from interact.reports.document import Chart
from interact.reports.manuscript import Comparison
from interact.reports.page import fill, frame, in_days
from interact.reports.pictures import Picture
from interact.reports.prose import Prose
from interact.reports.rollup_tables import LINES, head_of, sheets
from interact.reports.rollup_words import notes, spans, summary, tiles

FEW = 12
"""So many unanswered combinations stand before the comparison, more of them after it."""
REASONS = 100
"""So many unanswered combinations are told why; the file that comes with the page has all."""


def draw_html(comparison: Comparison, *, folder: Path, chart: tuple[Chart, Picture] | None) -> str:
    """Return the page; `folder` holds its templates."""
    rollup = comparison.rollup
    period = rollup.period
    lacking = rollup.unanswered
    return fill(
        folder,
        "rollup.html",
        **frame(comparison),
        rollup=rollup,
        title=rollup.title,
        description=f"Comparison of {len(rollup.lines):,} combinations",
        language="en",
        prose=Prose({}),
        period=in_days(period.start, period.end) if period else "",
        compared=in_days(period.compare_start, period.compare_end) if period else "",
        summary=summary(rollup),
        key_figures=tiles(rollup),
        lacking=lacking[:REASONS],
        few_lack=0 < len(lacking) <= FEW,
        left_out=len(lacking) - len(lacking[:REASONS]),
        head=head_of(rollup),
        spans=spans(rollup),
        chart=chart,
        sheets=sheets(rollup),
        notes=notes(rollup),
        chat_at=lambda chat_id: chat_address(comparison.base_url, chat_id),
    )


def is_cut(comparison: Comparison) -> bool:
    """Return whether the page leaves combinations out, so that it comes with a file of all of them."""
    rollup = comparison.rollup
    return len(rollup.lines) > LINES or len(rollup.unanswered) > REASONS


def chat_address(base_url: str, chat_id: str) -> str:
    """Return where people find a chat."""
    return f"{base_url}/interact/chats/{chat_id}"
