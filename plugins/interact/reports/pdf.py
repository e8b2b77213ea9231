"""Reports drawn: HTML and PDF, one or several side by side, each from children of this process.

A chart that cannot be drawn leaves its words in its place and a note in `Drawn.notes`: one chart is no reason to hold a
briefing back. A report that cannot be printed is a ReportFailed with the reason.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from interact.chats.result import Result
from interact.errors import ReportFailed
from interact.reports import charts, exports, page, rollup_page, rollup_tables, rollup_words
from interact.reports.branding import Branding, Palette, light_palette, logo_kind
from interact.reports.child import Child, ChildLost
from interact.reports.citations import check_citations
from interact.reports.document import Chart, Report
from interact.reports.manuscript import Comparison, Manuscript
from interact.reports.pictures import Picture, inline
from interact.reports.plots import NotDrawable, read_plot
from interact.reports.prose import Prose

CHART_SECONDS, PRINT_SECONDS = 20.0, 90.0
PRINTS_A_CHILD = 25
"""WeasyPrint gives memory back slowly, so a child is replaced after so many reports."""


@dataclass(frozen=True)
class Drawn:
    """A report as files; `notes` say which charts could not be drawn, and why."""

    html: str
    pdf: bytes
    pages: int
    notes: tuple[str, ...] = ()


def draw(
    report: Report, results: Mapping[str, Result], *, branding: Branding, created: datetime, folder: Path
) -> Drawn:
    """Return one report as HTML and PDF; `folder` holds the templates of reports. Raises ReportFailed."""
    with Studio(folder) as studio:
        return studio.draw(Manuscript(report, results, branding, created))


def draw_many(
    manuscripts: Sequence[Manuscript], *, folder: Path, workers: int | None = None
) -> list[Drawn | ReportFailed]:
    """Return what became of each manuscript, in order; `workers` at a time, by default one a core."""
    count = max(1, min(workers or os.cpu_count() or 1, len(manuscripts)))
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(count, "interact-report"))
        # Studios close before the pool waits, so that whatever stops this function also stops what it started.
        free: SimpleQueue[Studio] = SimpleQueue()
        for _ in range(count):
            free.put(stack.enter_context(Studio(folder)))

        def one(manuscript: Manuscript) -> Drawn | ReportFailed:
            studio = free.get()
            try:
                return studio.draw(manuscript)
            except ReportFailed as failure:
                return failure
            finally:
                free.put(studio)

        return list(pool.map(one, manuscripts))


class Studio:
    """A press and, for reports with charts, an artist: two children that serve one report after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fonts = str(folder / "fonts")
        self._press: Child | None = None
        self._artist: Child | None = None
        self._prints = 0
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        self._drop_press()
        self._drop_artist()

    def draw(self, manuscript: Manuscript) -> Drawn:
        """Return one report as HTML and PDF; raises ReportFailed."""
        check_citations(manuscript.report, manuscript.results)
        self._ready_press()  # it imports WeasyPrint while the charts are drawn
        pictures, notes = self._pictures(manuscript)
        html = page.draw_html(manuscript, folder=self._folder, charts=pictures)
        pdf, pages = self._print(manuscript, html)
        return Drawn(html, pdf, pages, notes)

    def draw_rollup(self, comparison: Comparison) -> Drawn:
        """Return a roll-up as HTML and PDF; raises ReportFailed."""
        self._ready_press()
        wanted, chart = rollup_words.bars(comparison.rollup), None
        if wanted:
            block, result = wanted
            chart = block, self._picture(block, result, title=block.alt, palette=light_palette(comparison.branding))
        html = rollup_page.draw_html(comparison, folder=self._folder, chart=chart)
        pdf, pages = self._print(comparison, html)
        return Drawn(html, pdf, pages)

    def _pictures(self, manuscript: Manuscript) -> tuple[dict[Chart, Picture], tuple[str, ...]]:
        blocks = [block for section in manuscript.report.sections for block in section.blocks]
        prose, palette = Prose(manuscript.results, manuscript.report.calculations), light_palette(manuscript.branding)
        pictures = {
            block: self._picture(
                block, manuscript.results[block.result_id], title=prose.plain(block.alt), palette=palette
            )
            for block in blocks
            if isinstance(block, Chart)
        }
        failed = [f"{chart.title}: {picture.note}" for chart, picture in pictures.items() if picture.is_missing]
        return pictures, tuple(failed)

    def _picture(self, chart: Chart, result: Result, *, title: str, palette: Palette) -> Picture:
        try:
            plot = read_plot(chart, result)
            if plot is None:
                return Picture(note="Every value is missing." if result.rows else "No rows.")
            wide, narrow = (
                self._svg(charts.specification(plot, palette, width=width)) for width in (charts.WIDE, charts.NARROW)
            )
        except (NotDrawable, ChildLost) as reason:
            return Picture(note=f"This chart is not drawn: {reason}.", is_missing=True)
        key = tuple(zip(plot.series, charts.colours(plot, palette), strict=True)) if charts.needs_key(plot) else ()
        note = f"{plot.left_out:,} further values are not drawn." if plot.left_out else ""
        return Picture(inline(wide, title=title), inline(narrow, title=title), key, note)

    def _svg(self, specification: charts.Spec) -> str:
        self._check_open()
        self._artist = self._artist or Child("interact.reports.artist", self._fonts)
        try:
            return str(self._artist.ask({"spec": specification}, seconds=CHART_SECONDS)["svg"])
        except ChildLost:
            self._drop_artist()
            raise

    def _print(self, manuscript: Manuscript | Comparison, html: str) -> tuple[bytes, int]:
        press = self._ready_press()
        try:
            answer = press.ask(_printable(manuscript, html), seconds=PRINT_SECONDS)
        except ChildLost as reason:
            self._drop_press()
            raise ReportFailed(f"The {_named(manuscript)} could not be printed: {reason}.") from None
        self._prints += 1
        if self._prints >= PRINTS_A_CHILD:
            self._drop_press()
        return base64.b64decode(answer["pdf"]), int(answer["pages"])

    def _ready_press(self) -> Child:
        self._check_open()
        self._press = self._press or Child("interact.reports.press", self._fonts)
        return self._press

    def _drop_press(self) -> None:
        press, self._press, self._prints = self._press, None, 0
        if press:
            press.close()

    def _drop_artist(self) -> None:
        artist, self._artist = self._artist, None
        if artist:
            artist.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ReportFailed("The drawing of reports was stopped before this one was done. Run it again.")


def _named(manuscript: Manuscript | Comparison) -> str:
    if isinstance(manuscript, Comparison):
        return f"roll-up of {manuscript.rollup.title!r}"
    return f"report {manuscript.report.title!r}"


def _printable(manuscript: Manuscript | Comparison, html: str) -> dict[str, object]:
    """Return what the press is asked: the page and everything that it may show or hand on."""
    logo = manuscript.branding.logo
    address = page.logo_address(manuscript.branding)
    pictures = [(address, _text(logo), logo_kind(logo))] if logo else []
    attachments = [
        (f"{result.result_id}.csv", title, _text(exports.as_csv(result))) for title, result in _cut_tables(manuscript)
    ]
    created = manuscript.created.isoformat()
    return {"html": html, "pictures": pictures, "attachments": attachments, "created": created}


def _cut_tables(manuscript: Manuscript | Comparison) -> list[tuple[str, Result]]:
    """Return title and rows of each table that the page does not show whole."""
    if isinstance(manuscript, Comparison):
        rows = rollup_tables.as_result(manuscript.rollup)
        return [(manuscript.rollup.title, rows)] if rollup_page.is_cut(manuscript) else []
    return page.cut_tables(manuscript.report, manuscript.results)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
