"""From results to a report document, and to what the chat says beside it."""

from __future__ import annotations

from interact.agents.analyst.advice import recommendations
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.highlights import highlights
from interact.agents.analyst.remarks import method, warnings
from interact.agents.analyst.sections import sections
from interact.agents.analyst.spans import in_words
from interact.agents.analyst.wording import scope, within
from interact.agents.analyst.writing import found, headline, movement, stopped_in_words
from interact.reports.document import Period, Report

TITLE = 120


def report_of(evidence: Evidence) -> Report:
    """Return the report of an answer."""
    request, question = evidence.plan.request, evidence.question
    window, before = request.period.window, request.compare
    return Report(
        title=_title(evidence),
        subtitle=in_words(window),
        period=Period(
            start=window.start,
            end=window.end,
            compare_start=before.start if before else None,
            compare_end=before.end if before else None,
        ),
        scope=scope(request, question.filters, evidence.plan.model),
        summary=within(_summary(evidence), 1200),
        highlights=highlights(evidence),
        sections=sections(evidence),
        recommendations=() if "recommendations" in request.unwanted else recommendations(evidence),
        method=within(method(evidence), 2400),
    )


def brief(evidence: Evidence, report: Report) -> str:
    """Return what the chat says beside the report."""
    parts = [f"**{each.title}.** {each.text}" for each in warnings(evidence)]
    parts.append(report.summary)
    parts.append("\n".join(f"- {each.title}" for each in report.highlights))
    parts.append(f"*How this was read.* {' '.join(method(evidence))}")
    return "\n\n".join(part for part in parts if part)


def _title(evidence: Evidence) -> str:
    question, model = evidence.question, evidence.plan.model
    text = question.title.strip() or _subject(evidence) or model.label
    return " ".join(text.replace("[[", "[ [").split())[:TITLE]


def _subject(evidence: Evidence) -> str:
    limits = [
        value for _, value in reversed(scope(evidence.plan.request, evidence.question.filters, evidence.plan.model))
    ]
    return ", ".join([f"{limits[0]} performance", *limits[1:]]) if limits else ""


def _summary(evidence: Evidence) -> list[str]:
    """Return the summary's sentences, the most important first."""
    heads = [each.title + "." for each in warnings(evidence) if each.tone == "warning"]
    sentences = [*heads, headline(evidence), movement(evidence)]
    for finding in evidence.findings:
        sentences += found(evidence, finding)
    return [*sentences, stopped_in_words(evidence)]
