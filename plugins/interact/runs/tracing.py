"""Trace an answer's numbers before it is kept: what no result shows is marked, or holds the report back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from interact.agents.contract import Answer, Question
from interact.chats.figures import spelled_out
from interact.chats.result import Result
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
    # What a chat says beside its report mostly stands in the report too: it is counted there.
    both = untraced + tuple(each for each in text.untraced if each not in untraced)
    return TracedAnswer(replace(answer, text=text.text, report=report), both)


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


def _stated(question: Question) -> tuple[str, ...]:
    """Return what was said before the answer, and may be said again in it."""
    earlier = (turn.prompt for turn in question.earlier)
    return tuple(
        text for text in (question.prompt, *earlier, question.context, question.instructions, question.title) if text
    )


def _targets(model: SemanticModel) -> tuple[float, ...]:
    found = [each.target.value for each in model.metrics if each.target and each.target.value is not None]
    return (*found, *(float(each.settles_days) for each in model.metrics if each.settles_days))


def _periods(answer: Answer) -> tuple[tuple[date, date], ...]:
    if answer.report:
        period = answer.report.period
        then = ((period.compare_start, period.compare_end),) if period.compare_start and period.compare_end else ()
        return ((period.start, period.end), *then)
    return ((answer.window.start, answer.window.end),) if answer.window else ()
