"""Runs that have ended with answers to speak of: figures, highlights, a chart and a PDF, or the reason why not."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from builders.rollups import ROAS, SPEND
from builders.saved import accept
from builders.story import a_desk, a_job
from builders.timed import Clock, TimedDesk
from interact.chats.figures import reference
from interact.chats.finding import Finding
from interact.chats.message import Message
from interact.chats.record import Chat, QueryRecord
from interact.chats.result import Cell, Column, Result
from interact.chats.status import ChatStatus, RunVerdict, judge
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredJob
from interact.reports.document import Chart, Highlight, Metric, Metrics, Period, Report, Section
from interact.store import chats, runs

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""08:00 in Amsterdam."""
WEEK_47 = Period(
    start=date(2026, 11, 16), end=date(2026, 11, 22), compare_start=date(2026, 11, 9), compare_end=date(2026, 11, 15)
)
CAMPAIGN, DAY = Column(name="campaign", label="Campaign"), Column(name="day", label="Day", format="date")
CHANGES = tuple(
    Column(name=f"{of.name}_change", label=f"{of.label}, change", format="percent", good=of.good, is_change=True)
    for of in (SPEND, ROAS)
)
PDF = b"%PDF-1.7 of a test"


@dataclass(frozen=True)
class Said:
    """What an agent answers: with a report, or in words alone."""

    results: tuple[Result, ...] = ()
    report: Report | None = None
    headline: tuple[Cell, ...] = ()
    text: str = "Fine."
    pdf: bytes | None = PDF
    render_failure: str | None = None
    report_json: str | None = None
    """Instead of the report's own."""
    findings: tuple[Finding, ...] = ()


Ending = Said | str
"""How a chat ends: answered, or failed for a reason."""


@dataclass
class Spoken:
    """A desk whose clock stands still, with a job whose runs a test ends as it likes."""

    desk: TimedDesk
    job: StoredJob

    def run(self, *endings: Ending, at: datetime = MONDAY, reason: str | None = None, **accepted: Any) -> str:
        """Return the id of a run of NL, BE and DE, or of other `markets`, as many as there are endings."""
        verdict, markets = accepted.pop("verdict", None), accepted.pop("markets", ("NL", "BE", "DE"))
        self.desk.clock.now = at
        with self.desk.store.writing() as session:
            run, opened = accept(session, self.job, tuple(markets[: len(endings)]), now=at, **accepted)
            runs.mark_started(session, run.run_id, at=at, clear_number=0)
        for chat, ending in zip(opened, endings, strict=True):
            self.ended(chat, ending)
        self.judged(run.run_id, verdict, reason=reason)
        return run.run_id

    def ended(self, chat: Chat, ending: Ending) -> None:
        """Let a chat's next attempt end so."""
        now, said = self.desk.now(), ending if isinstance(ending, Said) else Said(report=None, pdf=None)
        kept = [(result, self.desk.files.put_result(result)) for result in said.results]
        report = said.report_json or (said.report.model_dump_json() if said.report else None)
        with self.desk.store.writing() as session:
            number = chats.begin_attempt(session, chat.chat_id, now=now)
            for result, sha256 in kept:
                query = QueryRecord(
                    result.result_id, result.title, "SELECT 1", len(result.rows), False, 0.1, sha256, None
                )
                chats.add_query(session, chat.chat_id, number, query)
            if isinstance(ending, str):
                outcome = chats.Outcome(ChatStatus.FAILED, ending)
            else:
                answer = Message(role="assistant", text=said.text, created_at=now)
                chats.add_message(session, chat.chat_id, number, answer)
                outcome = chats.Outcome(ChatStatus.COMPLETED, None, report, said.headline, findings=said.findings)
            chats.finish_attempt(session, chat.chat_id, number, outcome, now=now)
            if report:
                pdf = self.desk.files.put(said.pdf, ".pdf") if said.pdf else None
                files = chats.Rendered(pdf, pdf, said.render_failure)
                chats.set_rendered(session, chat.chat_id, number, files)

    def judged(self, run_id: str, verdict: RunVerdict | None = None, *, reason: str | None = None) -> None:
        """End a run by its chats, or with a verdict."""
        with self.desk.store.writing() as session:
            opened, newest = chats.of_run(session, run_id), chats.newest_outlines(session, run_id)
            missing = sum(each.has_report and not each.pdf_sha256 for each in newest.values())
            judged = verdict or judge([chat.status for chat in opened], missing_files=missing)
            runs.mark_ended(session, run_id, verdict=judged, reason=reason, at=self.desk.now())

    def chats(self, run_id: str) -> list[str]:
        """Return the ids of a run's chats."""
        with self.desk.store.reading() as session:
            return [chat.chat_id for chat in chats.of_run(session, run_id)]


def spoken(home: Path, *, now: datetime = MONDAY, **changes: Any) -> Spoken:
    """Return a desk with one job, saved a month before."""
    plain = a_desk(home)
    desk = TimedDesk(plain.store, plain.files, plain.settings, Clock(now))
    return Spoken(desk, a_job(desk, now=now - timedelta(days=30), **changes))


def totals(
    spend: float = 12480.0, roas: float | None = 2.41, changes: tuple[float | None, float | None] = (0.04, -0.062)
) -> Result:
    """One row: spend and ROAS, and how both changed."""
    columns, row = (SPEND, ROAS, *CHANGES), (spend, roas, *changes)
    return Result(result_id=new_id("result"), title="Totals", sql="", columns=columns, rows=(row,))


def by_campaign(*rows: tuple[str, float]) -> Result:
    """A row a campaign: its name and its ROAS."""
    return Result(result_id=new_id("result"), title="Campaigns", sql="", columns=(CAMPAIGN, ROAS), rows=rows)


def by_day(*values: float | None) -> Result:
    """ROAS by day, from the week's Monday on."""
    days = [(WEEK_47.start + timedelta(days=number)).isoformat() for number in range(len(values))]
    rows = tuple(zip(days, values, strict=True))
    return Result(result_id=new_id("result"), title="Trend", sql="", columns=(DAY, ROAS), rows=rows)


def alarm(campaigns: Result, row: int, what: str = "ROAS below 2", **changes: Any) -> Highlight:
    """A highlight on a campaign, whose name and figure are cited."""
    name, figure = (reference(campaigns, row, column) for column in ("campaign", "roas"))
    plain = {"title": f"{name}: {what}", "text": f"ROAS **{figure}**.", "tone": "bad"}
    return Highlight(**(plain | changes))


def weekly(
    whole: Result | None = None, *others: Result, highlights: tuple[Highlight, ...] = (), **changes: Any
) -> Said:
    """The answer with a report: tiles of spend and ROAS."""
    whole = whole or totals()
    tiles = tuple(
        Metric(label=each.label, figure=_cell(whole, each.name), change=_cell(whole, f"{each.name}_change"))
        for each in (SPEND, ROAS)
    )
    report = Report(
        title="Weekly report",
        period=WEEK_47,
        summary=f"**Executive summary.** ROAS was {reference(whole, 0, 'roas')}. Spend was steady.",
        highlights=highlights,
        sections=(Section(title="At a glance", blocks=(Metrics(items=tiles),)),),
    )
    more = {name: changes.pop(name) for name in set(changes) & set(Said.__dataclass_fields__)}
    return replace(Said((whole, *others), report.model_copy(update=changes), _headline(whole)), **more)


def drawn() -> Said:
    """The same with a chart of its trend."""
    trend = by_day(2.5, 2.4, 2.6, 2.2, 2.3, 2.5, 2.41)
    chart = Chart(
        title="ROAS was lowest on Thursday",
        subtitle="ROAS by day",
        result_id=trend.result_id,
        mark="line",
        x="day",
        y="roas",
        alt=f"ROAS by day: {reference(trend, 6, 'roas')} at the end.",
    )
    return weekly(None, trend, sections=(Section(title="Trend", blocks=(chart,)),))


def in_words(whole: Result | None = None, text: str = "ROAS fell a little.") -> Said:
    """The answer without a report."""
    whole = whole or totals()
    return Said((whole,), headline=_headline(whole), text=text)


def _headline(whole: Result) -> tuple[Cell, ...]:
    return tuple(_cell(whole, each.name) for each in (SPEND, ROAS))


def _cell(result: Result, column: str) -> Cell:
    return Cell(result_id=result.result_id, row=0, column=column)
