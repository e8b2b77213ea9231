"""What goes along with a notice: the PDFs under names that say what they are, and one chart as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from interact.chats.record import Chat
from interact.chats.result import Result
from interact.errors import StoreUnavailable
from interact.jobs.naming import slug
from interact.notices.notice import Attachment, Picture
from interact.reports.branding import light_palette
from interact.reports.document import Chart
from interact.reports.rollup_words import bars
from interact.reports.stills import draw_still
from interact.runs.desk import Desk
from interact.runs.render import branding_of
from interact.runs.saying.findings import Findings
from interact.runs.saying.plainly import MOST, TEXT, one_line


def files_of(desk: Desk, found: Findings) -> tuple[Attachment, ...]:
    """Return the PDFs, the one that compares the chats first, where the job lets them go along and they can be read."""
    if not found.snapshot.job.definition.notices.attach_pdf:
        return ()
    files = (_attachment(desk, name, sha256) for name, sha256 in islice(_named(found), MOST))
    return tuple(each for each in files if each)


def chart_of(desk: Desk, found: Findings) -> Picture | None:
    """Return the first chart of a report, of several chats the one that compares them; None where none can be drawn."""
    first = _first_of_report(found) if len(found.each) == 1 else bars(found.rollup)
    if first is None:
        return None
    chart, result = first
    palette = light_palette(branding_of(found.snapshot))
    still = draw_still(chart, result, palette=palette, folder=desk.settings.include_dir / "templates" / "reports")
    if still is None:
        return None
    try:
        sha256 = desk.files.put(still.png, ".png")
    except StoreUnavailable:
        return None
    return Picture(sha256=sha256, width=still.width, height=still.height, alt=one_line(chart.alt, TEXT))


def _first_of_report(found: Findings) -> tuple[Chart, Result] | None:
    finding = found.each[0]
    chart = next((block for block in finding.blocks if isinstance(block, Chart)), None)
    result = finding.results.get(chart.result_id) if chart else None
    if chart is None or result is None:
        return None
    words = {name: finding.prose.plain(getattr(chart, name)) for name in ("title", "subtitle", "alt")}
    return chart.model_copy(update=words), result


def _named(found: Findings) -> Iterator[tuple[str, str]]:
    """Yield the name and the SHA-256 of each PDF that there is."""
    job = slug(found.snapshot.job.definition.name).replace("_", "-")
    run_day = found.run.run_after.astimezone(ZoneInfo(found.snapshot.timezone)).date()
    if found.is_whole and found.run.rollup_pdf_sha256:
        yield f"{job}-comparison-{found.period.end if found.period else run_day}.pdf", found.run.rollup_pdf_sha256
    for finding in found.answered:
        if finding.attempt and finding.attempt.pdf_sha256:
            day = finding.report.period.end if finding.report else run_day
            yield "-".join(filter(None, (job, _in_a_name(finding.chat), str(day)))) + ".pdf", finding.attempt.pdf_sha256


def _in_a_name(chat: Chat) -> str:
    """Return a chat's values as a part of a file's name; its number where they hold no letter that a name takes."""
    values = " ".join(chat.parameters.values())
    told = slug(values).replace("_", "-")
    is_empty = told == "job" and "job" not in values.lower()
    return (str(chat.position + 1) if is_empty else told) if values else ""


def _attachment(desk: Desk, name: str, sha256: str) -> Attachment | None:
    try:
        size = len(desk.files.get(sha256, ".pdf"))
    except StoreUnavailable:
        return None
    return Attachment(name=name, sha256=sha256, bytes=size)
