"""From what a service answered to an answer of ours: its results under ids of ours, its report held to them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from interact.agents.contract import Answer, Journal
from interact.agents.remote.exchange import MESSAGES, ClaimedResult, RunState
from interact.chats.finding import Finding
from interact.chats.limits import AnswerLimits
from interact.chats.result import Cell, Result
from interact.errors import AgentRefused, listed
from interact.reports.citations import Citation, faults_of
from interact.reports.document import Report
from interact.warehouse.queries import Window

_REFERENCE = re.compile(r"\[\[[^\[\]\n]{1,9000}\]\]")
_NAMED = re.compile(r"(?<=[\[:, ])[A-Za-z0-9_.-]{1,64}(?=/(?:\d{1,6}/|rows\]))")
"""The ids of results in a reference, and in a calculation, which names several."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Claims:
    """The results that a service claims, kept as they come; `key` is the run's own.

    A result's id is made of the run's key and the service's id, so that each try gives it the same one.
    """

    journal: Journal
    key: str
    results: dict[str, Result] = field(default_factory=dict)
    """By the service's id."""

    def take(self, claimed: Iterable[ClaimedResult]) -> None:
        """Keep those that are new; one that came before, also in an earlier try, stays as it was."""
        for each in claimed:
            if each.result_id not in self.results:
                result = self.journal.earlier_results().get(self._id(each.result_id)) or Result(
                    result_id=self._id(each.result_id),
                    title=each.title,
                    sql=each.sql,
                    columns=tuple(column.as_column() for column in each.columns),
                    rows=each.rows,
                    truncated=each.truncated,
                )
                self.journal.claim(result)
                self.results[each.result_id] = result

    def named(self, text: str) -> str:
        """Return a text whose references name our ids; one to a result that never comes is shown as not found."""
        return _REFERENCE.sub(lambda found: _NAMED.sub(lambda named: self._id(named[0]), found[0]), text)

    def translated(self, part: Any, key: str = "") -> Any:
        """Return plain content with our ids for the service's; raises AgentRefused for an id of no result."""
        if isinstance(part, dict):
            return {name: self.translated(value, name) for name, value in part.items()}
        if isinstance(part, list):
            return [self.translated(value, key) for value in part]
        if not isinstance(part, str):
            return part
        if key not in ("result_id", "result_ids"):
            return self.named(part)
        if part not in self.results:
            raise AgentRefused(
                f"The service's answer cites the result {part!r:.80}, which it did not send (it sent "
                f"{listed(self.results)}). A service sends each result that its answer cites."
            )
        return self.results[part].result_id

    @property
    def ours(self) -> dict[str, Result]:
        """The results by our ids."""
        return {result.result_id: result for result in self.results.values()}

    def theirs(self, sentence: str) -> str:
        """Return a sentence about results with the service's ids, which those know who mend it."""
        for name, result in self.results.items():
            sentence = sentence.replace(result.result_id, name)
        return sentence

    def _id(self, theirs: str) -> str:
        number = int.from_bytes(hashlib.sha256(f"{self.key}/{theirs}".encode()).digest())
        return "result_" + "".join(_LETTERS[number // 36**place % 36] for place in range(12))


def answer_of(state: RunState, claims: Claims) -> Answer:
    """Return the answer of a completed run; raises AgentRefused where it cites what is not there, or says nothing."""
    report = _report(state, claims)
    text = claims.named(state.answer) or (report.summary if report else "")
    if not text:
        raise AgentRefused("The service completed its run without an answer and without a report. Look there.")
    given = claims.translated([cell.model_dump() for cell in state.metrics])
    tiles = tuple(item.figure for item in report.tiles) if report else ()
    metrics = tuple(Cell.model_validate(cell) for cell in given) or tiles
    findings = _findings(state, claims)
    return Answer(
        text=text,
        report=report,
        headline=tuple({cell.column: cell for cell in reversed(metrics)}.values())[::-1],
        metrics=metrics,
        findings=findings,
        window=_window(report),
        usage={"queries": len(claims.results), **state.usage},
        model=state.model,
        cost_usd=state.cost_usd,
    )


def cut_short(state: RunState, claims: Claims, stopped: str) -> Answer:
    """Return what there is of a run that was stopped, and why it was."""
    usage: Mapping[str, int] = {"queries": len(claims.results), **state.usage}
    text = claims.named(state.answer) or stopped
    return Answer(text=text, usage=usage, model=state.model, cost_usd=state.cost_usd, stopped=stopped)


def limit_reached(state: RunState, limits: AnswerLimits, *, messages: int) -> str:
    """Return at which limit a run is to be stopped, as a sentence; "" below all of them."""
    used = state.usage
    tokens = used.get("input_tokens", 0) + used.get("output_tokens", 0)
    for count, limit, what in (
        (used.get("requests", 0), limits.requests, "requests"),
        (used.get("tool_calls", 0), limits.tool_calls, "tool calls"),
        (tokens, limits.tokens, "tokens"),
        (messages, MESSAGES, "messages"),
    ):
        if count > limit:
            return (
                f"Stopped at the limit of {limit:,} {what}: the service says that it has used {count:,}. "
                "Ask for less at once, or raise the agent's limits."
            )
    if limits.cost_usd is not None and (state.cost_usd or 0) > limits.cost_usd:
        return (
            f"Stopped at the limit of ${limits.cost_usd:,.2f}: the service says that it has cost "
            f"${state.cost_usd:,.2f}. Ask for less at once, or raise the agent's limits."
        )
    return ""


def _report(state: RunState, claims: Claims) -> Report | None:
    if state.report is None:
        return None
    try:
        report = Report.model_validate(claims.translated(state.report.model_dump(mode="json")))
    except ValidationError as error:
        # With our ids, which may be longer than its own, a text can be too long.
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AgentRefused(f"The report of the service is wrong at {where!r}: {first['msg']}.") from None
    for fault in faults_of(report, claims.ours):
        raise AgentRefused(f"The report of the service shows what is not there. {claims.theirs(fault)}")
    return report


def _findings(state: RunState, claims: Claims) -> tuple[Finding, ...]:
    plain = claims.translated([each.model_dump(mode="json") for each in state.findings])
    findings = tuple(Finding.model_validate(each) for each in plain)
    for each in findings:
        at = each.figure
        if fault := Citation(f"Finding {each.title!r}", at.result_id, at.column, at.row).fault(claims.ours):
            raise AgentRefused(f"The service points out what is not there. {claims.theirs(fault)}")
    return findings


def _window(report: Report | None) -> Window | None:
    if report is None or report.period.end < report.period.start:
        return None
    return Window(report.period.start, report.period.end)
