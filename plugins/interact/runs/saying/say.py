"""What is said of an ended run, of all its chats or of some: read from the store, without asking anybody again."""

from __future__ import annotations

from collections.abc import Collection

from interact.chats.status import RunVerdict
from interact.notices.hearing import Level, Topic
from interact.notices.notice import Kind, Link, Look, Notice
from interact.runs.desk import Desk
from interact.runs.saying.enclosing import chart_of, files_of
from interact.runs.saying.findings import Findings, look_at
from interact.runs.saying.gist import lead, subject
from interact.runs.saying.key_figures import figures
from interact.runs.saying.outlook import outlook
from interact.runs.saying.plainly import NAME, one_line
from interact.runs.saying.remarks import cautions, failures, highlights
from interact.runs.saying.scope import about
from interact.runs.saying.since import changes, since_last

_KINDS: dict[RunVerdict, Kind] = {
    RunVerdict.COMPLETED: "completed",
    RunVerdict.PARTIAL: "partial",
    RunVerdict.FAILED: "failed",
}
_TOPICS: dict[Kind, tuple[Topic, ...]] = {
    "completed": ("completed_run",),
    "partial": ("failed_run", "completed_run"),
    "failed": ("failed_run",),
}


def say(desk: Desk, run_id: str, *, chat_ids: Collection[str] | None = None, recovered_from: int = 0) -> Notice:
    """Return what is said of an ended run; with `chat_ids` of these chats only, as if they were all of it.

    `recovered_from` is how many runs in a row failed before it: one that completed says then that it works again. A
    chart is drawn on the way, and kept. Raises NotFound for an unknown run and for one that has none of the chats,
    StoreUnavailable when the store cannot be read; a file that cannot be read, or a text, whatever it holds, does not.
    """
    found = look_at(desk, run_id, chat_ids)
    kind = _KINDS[found.verdict]
    recovered_from = recovered_from if kind == "completed" else 0
    shown, seen = figures(found), highlights(found)
    has_anomaly = kind != "failed" and any(each.is_alarm for finding in found.answered for each in finding.spotted)
    known = cautions(found)
    branding = found.snapshot.organisation.definition.branding
    return Notice(
        kind=kind,
        level=_level(kind, is_warning=has_anomaly or bool(known)),
        topics=(*_TOPICS[kind], *(("anomaly",) if has_anomaly else ())),
        subject=subject(found, shown, recovered_from=recovered_from),
        lead=lead(found, recovered_from=recovered_from),
        organisation=one_line(found.snapshot.organisation.definition.name, NAME),
        job=one_line(found.snapshot.job.definition.name, NAME),
        about=about(found),
        figures=shown,
        highlights=(*known, *seen),
        changes=changes(found, since_last(desk, found)),
        failures=failures(found),
        then=outlook(desk, found) if kind != "completed" or recovered_from else "",
        links=_links(found),
        chart=chart_of(desk, found),
        files=files_of(desk, found),
        look=Look(primary=branding.primary, heading=branding.heading, highlight=branding.highlight),
    )


def changed(desk: Desk, run_id: str, *, chat_ids: Collection[str] | None = None) -> bool:
    """Return whether figures or highlights are other ones than at the last completed run of the same values.

    True as well for what was never answered before, was asked otherwise then, or has nothing to compare.
    """
    found = look_at(desk, run_id, chat_ids)
    last = since_last(desk, found)
    return any(finding.chat.chat_id not in last for finding in found.answered) or any(
        since.is_other for since in last.values()
    )


def has_highlights(desk: Desk, run_id: str, *, chat_ids: Collection[str] | None = None) -> bool:
    """Return whether any answer of a run, or of these chats of it, points something out."""
    return any(finding.spotted for finding in look_at(desk, run_id, chat_ids).answered)


def _level(kind: Kind, *, is_warning: bool) -> Level:
    if kind == "failed":
        return "error"
    return "warning" if is_warning or kind == "partial" else "info"


def _links(found: Findings) -> tuple[Link, ...]:
    if len(found.each) != 1:
        return (Link(label="Open the run", path=f"/interact/runs/{found.run.run_id}"),)
    (finding,) = found.each
    what = "report" if finding.report else "answer" if finding.is_answered else "chat"
    return (Link(label=f"Open the {what}", path=f"/interact/chats/{finding.chat.chat_id}"),)
