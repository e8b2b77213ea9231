"""What the store holds of an ended run, gathered once for all that is said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError

from interact.chats.record import Attempt, Chat, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus, RunVerdict, judge
from interact.errors import NotFound, StoreUnavailable
from interact.jobs.combinations import label
from interact.jobs.stored import Snapshot
from interact.reports.comparing import Answered, Reading, Summable, read_figures, roll_up
from interact.reports.document import Block, Period, Report
from interact.reports.prose import Prose
from interact.reports.rollup import Rollup
from interact.runs.compare import summable_over
from interact.runs.desk import Desk
from interact.runs.saying.spotted import Spotted, spot, spot_findings
from interact.store import chats, runs
from interact.store.files import Files
from interact.store.sessions import Session
from interact.warehouse.semantic import Dimension, SemanticModel

FEW = 10
"""So few chats are looked up one by one, whatever else their run holds."""
Attempted = tuple[Attempt, Mapping[str, str]]
"""An attempt, and its results: id to the SHA-256 of the file."""
_ENDS = (RunVerdict.COMPLETED, RunVerdict.PARTIAL, RunVerdict.FAILED)


class Kept(Mapping[str, Result]):
    """The results of a chat by id, each read when it is looked at; one that cannot be read is not there."""

    def __init__(self, files: Files, named: Mapping[str, str]) -> None:
        self._files, self._named = files, named
        self._read: dict[str, Result | None] = {}

    def __getitem__(self, result_id: str) -> Result:
        if result_id not in self._read:
            self._read[result_id] = self._look(self._named[result_id])
        found = self._read[result_id]
        if found is None:
            raise KeyError(result_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def _look(self, sha256: str) -> Result | None:
        try:
            return self._files.get_result(sha256)
        except StoreUnavailable:
            return None


@dataclass(frozen=True)
class Finding:
    """One chat, its newest attempt, and what that answered."""

    chat: Chat
    attempt: Attempt | None
    report: Report | None
    """None without one, and for one that another version of this program wrote."""
    results: Mapping[str, Result]

    @property
    def label(self) -> str:
        """Its values."""
        return label(self.chat.parameters)

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to speak of."""
        return self.chat.status is ChatStatus.COMPLETED

    @property
    def lacks_pdf(self) -> bool:
        """Whether its report was to be drawn, and was not."""
        return self.is_answered and bool(self.attempt and self.attempt.report_json and not self.attempt.pdf_sha256)

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks of its report, in order."""
        sections = self.report.sections if self.report and self.is_answered else ()
        return (block for section in sections for block in section.blocks)

    @cached_property
    def prose(self) -> Prose:
        """What turns its texts into words."""
        return Prose(self.results, self.report.calculations if self.report else ())

    @cached_property
    def spotted(self) -> tuple[Spotted, ...]:
        """The highlights of its report, in its order; without one what the answer points out."""
        if not self.is_answered:
            return ()
        if self.report:
            return tuple(spot(self.report, self.prose, label=self.label))
        return tuple(spot_findings(self.attempt.findings if self.attempt else (), self.prose, label=self.label))

    def read(self, summable: Summable) -> Reading:
        """Return the figures that sum it up."""
        headline = self.attempt.headline if self.attempt else ()
        return read_figures(Answered(self.chat, self.label, headline, self.report), self.results, summable)


@dataclass(frozen=True)
class Findings:
    """An ended run, or some of its chats."""

    run: Run
    snapshot: Snapshot
    each: tuple[Finding, ...]
    """In the order of its combinations; empty for a run that opened no chat."""
    is_whole: bool
    """Whether these are all its chats."""

    @property
    def answered(self) -> tuple[Finding, ...]:
        """Those that there is an answer of."""
        return tuple(finding for finding in self.each if finding.is_answered)

    @property
    def unanswered(self) -> tuple[Finding, ...]:
        """The others."""
        return tuple(finding for finding in self.each if not finding.is_answered)

    @property
    def verdict(self) -> RunVerdict:
        """How it ended: completed, partial or failed; of some chats, as a run of them alone would have."""
        if self.is_whole and self.run.verdict in _ENDS:
            return self.run.verdict
        missing = sum(finding.lacks_pdf for finding in self.each)
        verdict = judge([finding.chat.status for finding in self.each], missing_files=missing)
        return verdict if verdict in _ENDS else RunVerdict.FAILED

    @property
    def period(self) -> Period | None:
        """The days that all answers cover; None where they differ or are not known."""
        periods = {finding.report.period if finding.report else None for finding in self.answered}
        return periods.pop() if len(periods) == 1 else None

    @cached_property
    def rollup(self) -> Rollup:
        """What compares the chats."""
        summable = self._summable()
        readings = [finding.read(summable) for finding in self.each]
        return roll_up(self.run.run_id, self.snapshot.job.definition.name, readings, summable)

    def dimension(self, parameter: str) -> Dimension | None:
        """Return what a parameter is in the agent's model; None when it is nothing there."""
        model = self._model
        return next((each for each in model.dimensions if each.name == parameter), None) if model else None

    @cached_property
    def _model(self) -> SemanticModel | None:
        try:
            return SemanticModel.model_validate(self.snapshot.agent.definition.semantic_model)
        except ValidationError:
            return None

    def _summable(self) -> Summable:
        return summable_over(tuple(finding.chat for finding in self.each), self.snapshot) if self._model else Summable()


def look_at(desk: Desk, run_id: str, chat_ids: Collection[str] | None = None) -> Findings:
    """Return what there is of a run, or of these chats of it; raises NotFound, StoreUnavailable."""
    with desk.store.reading() as session:
        run, snapshot = runs.by_id(session, run_id), runs.snapshot_of(session, run_id)
        opened = chats.of_run(session, run_id)
        chosen = [chat for chat in opened if chat_ids is None or chat.chat_id in chat_ids]
        if chat_ids is not None and not chosen:
            raise NotFound("chat", ", ".join(chat_ids))
        found = _each(session, chosen) if len(chosen) <= FEW else _all(session, run_id)
    each = []
    for chat in chosen:
        attempt, results = found.get(chat.chat_id, (None, {}))
        each.append(Finding(chat, attempt, report_in(attempt), Kept(desk.files, results)))
    return Findings(run, snapshot, tuple(each), is_whole=len(chosen) == len(opened))


def _each(session: Session, chosen: Iterable[Chat]) -> dict[str, Attempted]:
    """Return the newest attempts of a few chats, with what was said in them."""
    attempts = [attempt for chat in chosen if (attempt := chats.attempt(session, chat.chat_id))]
    return {
        attempt.chat_id: (attempt, {each.result_id: each.rows_sha256 for each in attempt.queries if each.rows_sha256})
        for attempt in attempts
    }


def _all(session: Session, run_id: str) -> dict[str, Attempted]:
    kept = chats.kept_results(session, run_id)
    newest = chats.newest_attempts(session, run_id)
    return {chat_id: (attempt, kept.get(chat_id, {})) for chat_id, attempt in newest.items()}


def report_in(attempt: Attempt | None) -> Report | None:
    """Return an attempt's report; None without one, and for one that another version of this program wrote."""
    if attempt is None or attempt.report_json is None:
        return None
    try:
        return Report.model_validate_json(attempt.report_json)
    except ValidationError:
        return None
