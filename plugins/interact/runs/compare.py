"""Compare a run's chats: the roll-up as data, and as HTML and PDF where an answer has a report."""

from __future__ import annotations

from pydantic import ValidationError

from interact.chats.record import Attempt, Chat, Run
from interact.chats.result import Column
from interact.errors import ReportFailed
from interact.jobs.combinations import label
from interact.jobs.stored import Snapshot
from interact.reports.comparing import Answered, Reading, Summable, bare, read_figures, roll_up
from interact.reports.document import Report
from interact.reports.manuscript import Comparison
from interact.reports.pdf import Studio
from interact.reports.rollup import Rollup
from interact.runs.ask import filters_of
from interact.runs.desk import Desk
from interact.runs.render import branding_of
from interact.store import chats, runs
from interact.warehouse.semantic import SemanticModel


def compare(desk: Desk, run: Run) -> None:
    """Keep what compares a run's chats, when it has several, or why it could not be drawn; an unchanged one stays.

    Raises StoreUnavailable for a result that cannot be read.
    """
    with desk.store.reading() as session:
        opened = chats.of_run(session, run.run_id)
        if len(opened) < 2:
            return
        run = runs.by_id(session, run.run_id)
        snapshot = runs.snapshot_of(session, run.run_id)
        attempts, kept = chats.newest_attempts(session, run.run_id), chats.kept_results(session, run.run_id)
        before = runs.rollup_of(session, run.run_id)
    summable = summable_over(opened, snapshot)
    readings = [
        _reading(desk, _answered(chat, attempts.get(chat.chat_id)), kept.get(chat.chat_id, {}), summable)
        for chat in opened
    ]
    rollup = roll_up(run.run_id, snapshot.job.definition.name, readings, summable)
    is_drawn = any(reading.answered.report for reading in readings if reading.answered.is_answered)
    text = rollup.model_dump_json()
    if text == before and run.rollup_failure is None and (run.rollup_pdf_sha256 is not None) == is_drawn:
        return
    files = _drawn(desk, run, rollup, snapshot) if is_drawn else chats.Rendered()
    with desk.store.writing() as session:
        runs.set_rollup(session, run.run_id, text, files)


def summable_over(opened: tuple[Chat, ...], snapshot: Snapshot) -> Summable:
    """Return what may be added over these chats: nothing when two of them may count the same rows.

    They cannot where each has enforced filters of its own. Sums and counts of the agent's own model may be added.
    """
    filters = {tuple(sorted(filters_of(snapshot, chat.parameters).items())) for chat in opened}
    if len(filters) < len(opened):
        return Summable()
    metrics = SemanticModel.model_validate(snapshot.agent.definition.semantic_model).metrics
    columns = {
        metric.name: bare(Column(name=metric.name, label="", format=metric.format, unit=metric.unit, good=metric.good))
        for metric in metrics
    }
    return Summable(
        sums=frozenset(columns[metric.name] for metric in metrics if metric.agg in ("sum", "count")),
        ratios={
            columns[metric.name]: (str(metric.numerator), str(metric.denominator))
            for metric in metrics
            if metric.type == "ratio"
        },
    )


def _answered(chat: Chat, attempt: Attempt | None) -> Answered:
    if attempt is None:
        return Answered(chat, label(chat.parameters))
    return Answered(chat, label(chat.parameters), attempt.headline, _report(attempt.report_json))


def _report(kept: str | None) -> Report | None:
    try:
        return Report.model_validate_json(kept) if kept else None
    except ValidationError:
        return None  # Written by another version of this program; the chat keeps it as it was drawn.


def _reading(desk: Desk, answered: Answered, files: dict[str, str], summable: Summable) -> Reading:
    """Return a chat's figures, out of the files of the results that they stand in, and of no others."""
    wanted = {cell.result_id for cell, _ in answered.cells()} & files.keys()
    return read_figures(answered, {each: desk.files.get_result(files[each]) for each in wanted}, summable)


def _drawn(desk: Desk, run: Run, rollup: Rollup, snapshot: Snapshot) -> chats.Rendered:
    comparison = Comparison(
        rollup,
        branding_of(snapshot),
        created=run.run_after,
        base_url=desk.settings.base_url,
        timezone=snapshot.timezone,
        data=run.data,
    )
    try:
        with Studio(desk.settings.include_dir / "templates" / "reports") as studio:
            drawn = studio.draw_rollup(comparison)
    except ReportFailed as failure:
        return chats.Rendered(failure=str(failure))
    return chats.Rendered(
        html_sha256=desk.files.put(drawn.html.encode(), ".html"), pdf_sha256=desk.files.put(drawn.pdf, ".pdf")
    )
