"""Trace an answer's numbers before it is kept: what no result shows is marked, or holds the report back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from interact.agents.analyst.windows import find_periods
from interact.agents.contract import Answer, Question
from interact.chats.figures import spelled_out
from interact.chats.finding import Finding
from interact.chats.result import Result
from interact.errors import AgentRefused
from interact.reports.provenance.ground import Ground, Stated, Words
from interact.reports.provenance.tracing import trace, trace_report
from interact.warehouse.semantic import SemanticModel

OWN_RULES = "The 10 weeks before the period."
"""What the embedded analyst says of its own rules."""
NAMED = 5
"""So many numbers are named in a reason."""


@dataclass(frozen=True)
class TracedAnswer:
    """An answer with its marks, and the numbers that are marked in it."""

    answer: Answer
    untraced: tuple[str, ...]

    def why_held(self) -> str:
        """Return why the answer is held back, in a sentence that names its numbers."""
        return held_back("report" if self.answer.report else "answer", self.untraced)


def trace_answer(
    answer: Answer, question: Question, results: Mapping[str, Result], model: SemanticModel
) -> TracedAnswer:
    """Return an answer whose numbers are bound to its results, its calculations or its question, or marked."""
    calculations = answer.report.calculations if answer.report else ()
    said = (OWN_RULES, *_stated(question), *((answer.stopped,) if answer.stopped else ()))
    stated = Stated(said, _targets(model), _periods(answer))
    ground = Ground(results, calculations, words=words_of(model), stated=stated)
    text = trace(spelled_out(answer.text, calculations), ground)
    report, untraced = trace_report(answer.report, ground) if answer.report else (None, ())
    findings, pointed = _traced_findings(answer, ground)
    # What a chat says beside its report, and points out, mostly stands in the report too: it is counted there.
    both = untraced + tuple(each for each in text.untraced if each not in untraced)
    both += tuple(each for each in pointed if each not in both)
    return TracedAnswer(replace(answer, text=text.text, report=report, findings=findings), both)


def ground_so_far(question: Question, results: Mapping[str, Result], model: SemanticModel) -> Ground:
    """Return what numbers may be bound to that are said before the answer is there."""
    stated = Stated(_stated(question), _targets(model), _periods_asked(question))
    return Ground(results, words=words_of(model), stated=stated)


def held_back(what: str, untraced: tuple[str, ...]) -> str:
    """Return why a report or an answer is held back, in a sentence that names its numbers."""
    shown = ", ".join(repr(each.strip()) for each in untraced[:NAMED])
    more = f" and {len(untraced) - NAMED:,} more" if len(untraced) > NAMED else ""
    many = f"{len(untraced):,} numbers in it" if len(untraced) > 1 else "a number in it"
    return (
        f"The {what} is held back: {many} could not be traced to a query: {shown}{more}. "
        "Read it in the chat; run it again, or let its job mark such numbers (`untraced: mark`)."
    )


def words_of(model: SemanticModel) -> Words:
    """Return the words of a model for its metrics and its dimensions."""
    return Words(
        {each.name: (each.label, *each.synonyms) for each in model.metrics},
        {each.name: (each.label, each.plural, *each.synonyms) for each in model.shown_dimensions},
    )


def _traced_findings(answer: Answer, ground: Ground) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return what an answer points out with its marks, and the numbers that are marked in it: notices tell it."""
    about = answer.report.title if answer.report else ""
    traced = [trace(each.title, ground, about=about) for each in answer.findings]
    findings = (each.model_copy(update={"title": its.text}) for each, its in zip(answer.findings, traced, strict=True))
    return tuple(findings), tuple(number for its in traced for number in its.untraced)


def _stated(question: Question) -> tuple[str, ...]:
    """Return what was said before the answer, and may be said again in it."""
    earlier = (turn.prompt for turn in question.earlier)
    told = (question.context, question.instructions, question.title, *question.parameters.values())
    return tuple(text for text in (question.prompt, *earlier, *told) if text)


def _targets(model: SemanticModel) -> tuple[float, ...]:
    found = [each.target.value for each in model.metrics if each.target and each.target.value is not None]
    return (*found, *(float(each.settles_days) for each in model.metrics if each.settles_days))


def _periods(answer: Answer) -> tuple[tuple[date, date], ...]:
    if answer.report:
        period = answer.report.period
        then = ((period.compare_start, period.compare_end),) if period.compare_start and period.compare_end else ()
        return ((period.start, period.end), *then)
    return ((answer.window.start, answer.window.end),) if answer.window else ()


def _periods_asked(question: Question) -> tuple[tuple[date, date], ...]:
    with suppress(AgentRefused):
        found = find_periods(question.prompt, question.on_date)
        return tuple((each.start, each.end) for period in found for each in (period.window, period.previous))
    return ()
