"""Make each answered chat's report into HTML and PDF, side by side; one that fails leaves the others whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interact.chats.record import Attempt, Chat, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.errors import NotFound, ReportFailed
from interact.jobs.combinations import BATCH
from interact.jobs.stored import Snapshot
from interact.reports.branding import Branding
from interact.reports.document import Report
from interact.reports.manuscript import Manuscript
from interact.reports.page import draw_html
from interact.reports.pdf import Drawn, draw_many
from interact.runs.desk import Desk
from interact.store import chats, runs


def render(desk: Desk, *, dag_id: str, dag_run_id: str, share: tuple[int, int]) -> dict[str, int]:
    """Render one share of a run's chats and return counts (drawn, failed); what is drawn already is left as it is.

    `share` is its number, from 0, and how many there are.
    Raises ReportFailed with every reason after all others have been drawn and kept.
    """
    with desk.store.reading() as session:
        run = runs.find(session, dag_id=dag_id, dag_run_id=dag_run_id)
        if run is None:
            return {"drawn": 0, "failed": 0}
        snapshot = runs.snapshot_of(session, run.run_id)
        mine = share_of(chats.of_run(session, run.run_id), *share)
        attempts = [chats.attempt(session, chat.chat_id) for chat in mine]
    waiting = [attempt for attempt in attempts if attempt and _lacks_pdf(attempt)]
    failures: list[str] = []
    for first in range(0, len(waiting), BATCH):
        failures += _draw(desk, run, waiting[first : first + BATCH], snapshot)
    if failures:
        raise ReportFailed(f"{len(failures)} of {len(waiting)} reports could not be drawn: {' '.join(failures)}")
    return {"drawn": len(waiting), "failed": 0}


def draw_held(desk: Desk, attempt: Attempt) -> str:
    """Return the report of an answer that was held back or stopped, as a page without charts; nothing is kept of it.

    Raises ReportFailed, StoreUnavailable.
    """
    with desk.store.reading() as session:
        chat = chats.by_id(session, attempt.chat_id)
        if chat is None:
            raise NotFound("chat", attempt.chat_id)
        run, snapshot = runs.by_id(session, chat.run_id), runs.snapshot_of(session, chat.run_id)
    manuscript = _manuscript(desk, run, attempt, snapshot)
    return draw_html(manuscript, folder=desk.settings.include_dir / "templates" / "reports", charts={})


def share_of(opened: Sequence[Chat], number: int, count: int) -> Sequence[Chat]:
    """Return share `number`, from 0, of so many: chats in order, at least 25 to each as far as they reach."""
    size = max(BATCH, math.ceil(len(opened) / count))
    return opened[number * size : (number + 1) * size]


def results_of(desk: Desk, attempt: Attempt) -> dict[str, Result]:
    """Return an attempt's results by id, whole, from the files."""
    return {query.result_id: desk.files.get_result(query.rows_sha256) for query in attempt.queries if query.rows_sha256}


def branding_of(snapshot: Snapshot) -> Branding:
    """Return how the reports of a run's organisation look."""
    look = snapshot.organisation.definition
    return Branding(name=look.name, **look.branding.model_dump())


def _draw(desk: Desk, run: Run, batch: list[Attempt], snapshot: Snapshot) -> list[str]:
    """Draw some reports side by side and keep them; returns why some could not be drawn."""
    manuscripts = [_manuscript(desk, run, attempt, snapshot) for attempt in batch]
    outcomes = draw_many(manuscripts, folder=desk.settings.include_dir / "templates" / "reports")
    for attempt, outcome in zip(batch, outcomes, strict=True):
        _keep(desk, attempt, outcome)
    return [str(outcome) for outcome in outcomes if isinstance(outcome, ReportFailed)]


def _lacks_pdf(attempt: Attempt) -> bool:
    return attempt.status is ChatStatus.COMPLETED and attempt.report_json is not None and attempt.pdf_sha256 is None


def _manuscript(desk: Desk, run: Run, attempt: Attempt, snapshot: Snapshot) -> Manuscript:
    return Manuscript(
        Report.model_validate_json(attempt.report_json or ""),
        results_of(desk, attempt),
        branding_of(snapshot),
        created=run.run_after,
        timezone=snapshot.timezone,
        data=run.data,
        claimed=frozenset(query.result_id for query in attempt.queries if query.is_claimed),
    )


def _keep(desk: Desk, attempt: Attempt, outcome: Drawn | ReportFailed) -> None:
    if isinstance(outcome, Drawn):
        files = chats.Rendered(
            html_sha256=desk.files.put(outcome.html.encode(), ".html"), pdf_sha256=desk.files.put(outcome.pdf, ".pdf")
        )
    else:
        files = chats.Rendered(failure=str(outcome))
    with desk.store.writing() as session:
        chats.set_rendered(session, attempt.chat_id, attempt.number, files)
