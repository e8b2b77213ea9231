"""From results to a report document, and to what the chat says beside it."""

from __future__ import annotations

from interact.agents.analyst.advice import recommendations
from interact.agents.analyst.caveats import without_spend
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.highlights import highlights
from interact.agents.analyst.oddities import odd_in_words
from interact.agents.analyst.remarks import causes_unstated, method, warnings
from interact.agents.analyst.sections import sections
from interact.agents.analyst.spans import in_words
from interact.agents.analyst.wording import scope, within
from interact.agents.analyst.writing import found, headline, movement, stopped_in_words
from interact.reports.document import Period, Report

TITLE, SUMMARY, METHOD = 120, 1200, 2400
ROOM_FOR_WARNINGS = 400


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
        summary=_summary(evidence),
        highlights=highlights(evidence),
        sections=sections(evidence),
        recommendations=() if "recommendations" in request.unwanted else recommendations(evidence),
        method=within((request.taken, *method(evidence)), METHOD),
    )


def brief(evidence: Evidence, report: Report) -> str:
    """Return what the chat says beside the report."""
    parts = [f"**{each.title}.** {each.text}" for each in warnings(evidence)]
    parts.append(" ".join(_sentences(evidence)))
    parts += [f"**{each.title}.** {each.text}" for each in [causes_unstated(evidence)] if each]
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


def _summary(evidence: Evidence) -> str:
    """Return the summary: first what must be known about the data, then what the figures say."""
    heads = [f"**{each.title}.** {each.text}" for each in warnings(evidence) if each.tone == "warning"]
    body = within(_sentences(evidence), SUMMARY if not heads else SUMMARY - ROOM_FOR_WARNINGS)
    asked = "executive summary" in evidence.question.prompt.lower() and len(body) + 24 <= SUMMARY
    parts = (within(heads, SUMMARY - len(body) - 26), f"**Executive summary.** {body}" if asked else body)
    return "\n\n".join(part for part in parts if part)


def _sentences(evidence: Evidence) -> list[str]:
    """Return the summary's sentences, the most important first."""
    told = [sentence for finding in evidence.findings for sentence in found(evidence, finding)]
    beside = [without_spend(evidence), movement(evidence), stopped_in_words(evidence), *odd_in_words(evidence)]
    sentences = [headline(evidence, evidence.plan.spoken), *told, *beside]
    return [sentence for sentence in sentences if sentence]
