"""A report as one HTML page, for the panel on a screen and for paper: self-contained, without scripts."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from interact.chats.figures import MARK, MARKED
from interact.chats.result import Result
from interact.reports.branding import Branding, Palette, dark_palette, light_palette, logo_kind
from interact.reports.citations import check_citations
from interact.reports.document import Block, Chart, Metrics, Report, Section, Table
from interact.reports.freshness import freshness
from interact.reports.manuscript import Comparison, Manuscript
from interact.reports.pictures import Picture
from interact.reports.printable import printable
from interact.reports.prose import Prose
from interact.reports.since import day_of, lines
from interact.reports.sources import Source, entries, in_words
from interact.reports.views import Grid, Tile, grid, tiles
from interact.templates import pages

ROWS, LEAST_ROWS = 500, 5
"""So many rows of tables stand in one report; a table that comes after them still shows a few."""


@dataclass(frozen=True)
class Part:
    """One block, and what code has drawn for it."""

    block: Block
    drawn: list[Tile] | Grid | Picture | None = None


def draw_html(manuscript: Manuscript, *, folder: Path, charts: Mapping[Chart, Picture]) -> str:
    """Return the page; `folder` holds its templates. Raises ReportFailed for a citation that leads nowhere."""
    report, results = manuscript.report, manuscript.results
    check_citations(report, results)
    parts = list(_parts(report, results, charts))
    sources = entries(report, results, manuscript.claimed)
    marks = {each.result.result_id: f"Q{each.number}" for each in sources}
    places = {each.result.result_id: Source(f"Q{each.number}", f"#source-{each.number}") for each in sources}
    prose = Prose(results, report.calculations, sources=places)
    return fill(
        folder,
        "report.html",
        **frame(manuscript),
        report=report,
        title=prose.plain(report.title),
        description=prose.plain(report.subtitle),
        language=report.language,
        prose=prose,
        period=in_days(report.period.start, report.period.end),
        compared=in_days(report.period.compare_start, report.period.compare_end),
        since=report.since,
        changes=lines(report.since) if report.since else [],
        since_day=day_of(report.since) if report.since else "",
        key_figures=_key_figures(parts),
        sections=[(section, own) for section, own in parts if own],
        sources=sources,
        calculations=[in_words(each, results, marks) for each in report.calculations],
        source_of=places.get,
        sources_of=lambda ids: [place for result_id, place in places.items() if result_id in ids],
        untraced=untraced_in(report),
    )


def untraced_in(report: Report) -> str:
    """Return in a sentence how many numbers of a report are marked; "" for none."""
    scope = (words for pair in report.scope for words in pair)
    count = sum(len(MARKED.findall(text)) for text in (*report.texts(), *scope))
    if not count:
        return ""
    many = f"{count:,} numbers in this report" if count > 1 else "One number in this report"
    them = "They are" if count > 1 else "It is"
    return f"{many} could not be traced to a query. {them} marked with{MARK}."


def frame(manuscript: Manuscript | Comparison) -> dict[str, Any]:
    """Return what every page of ours is framed with: brand, colours, and when it and its data were made."""
    branding, zone = manuscript.branding, manuscript.timezone
    light, dark = light_palette(branding), dark_palette(branding)
    return {
        "branding": branding,
        "logo": logo_address(branding),
        "created": manuscript.created,
        "created_on": _day(manuscript.created.astimezone(ZoneInfo(zone)), "%-d %b %Y"),
        "fresh": freshness(manuscript.data, zone),
        "light": light,
        "dark": dark,
        "repaint": _repaint(light, dark),
    }


def fill(folder: Path, template: str, **values: Any) -> str:
    """Return a template of reports with its values, without characters that cannot be printed."""
    return printable(pages(folder).get_template(template).render(**values))


def cut_tables(report: Report, results: Mapping[str, Result]) -> list[tuple[str, Result]]:
    """Return title and result of every table whose result has more rows than the page shows, each result once."""
    found: dict[str, tuple[str, Result]] = {}
    for _, parts in _parts(report, results, {}):
        for part in parts:
            if (
                isinstance(part.block, Table)
                and isinstance(part.drawn, Grid)
                and len(part.drawn.rows) < part.drawn.total
            ):
                found.setdefault(part.block.result_id, (part.block.title, results[part.block.result_id]))
    return list(found.values())


def logo_address(branding: Branding) -> str:
    """Return the logo as a data address; empty without one."""
    if branding.logo is None:
        return ""
    return f"data:{logo_kind(branding.logo)};base64,{base64.b64encode(branding.logo).decode()}"


def _parts(
    report: Report, results: Mapping[str, Result], charts: Mapping[Chart, Picture]
) -> Iterator[tuple[Section, list[Part]]]:
    left = ROWS
    for section in report.sections:
        parts = []
        for block in section.blocks:
            part = Part(block)
            if isinstance(block, Table):
                table = grid(block, results[block.result_id], at_most=max(left, LEAST_ROWS))
                left -= len(table.rows)
                part = Part(block, table)
            elif isinstance(block, Metrics):
                part = Part(block, tiles(block, results))
            elif isinstance(block, Chart):
                part = Part(block, charts.get(block, Picture(note="This chart has not been drawn.")))
            parts.append(part)
        yield section, parts


def _key_figures(sections: list[tuple[Section, list[Part]]]) -> Part | None:
    """Take out the tiles that open a report: they stand under its summary, before anything is explained."""
    if sections and isinstance(sections[0][1][0].block, Metrics):
        return sections[0][1].pop(0)
    return None


def _repaint(light: Palette, dark: Palette) -> list[tuple[str, str]]:
    """Return what each colour of a drawn chart becomes on a dark screen."""
    pairs = {light.background: dark.background, light.line: dark.line, light.muted: dark.muted, light.text: dark.text}
    return list((pairs | dict(zip(light.series, dark.series, strict=True))).items())


def in_days(start: date | None, end: date | None) -> str:
    """Return a period in words, what its two ends share said once; "" without one."""
    if start is None or end is None:
        return ""
    if start == end:
        return _day(start, "%-d %b %Y")
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{_day(end, '%-d %b %Y')}"
    return f"{_day(start, '%-d %b' if start.year == end.year else '%-d %b %Y')} – {_day(end, '%-d %b %Y')}"


def _day(day: date, style: str) -> str:
    return day.strftime(style)
