"""The embedded analyst: answers questions about the metrics of its model, without a key, a network or a clock."""

from __future__ import annotations

from interact.agents.analyst import structure
from interact.agents.analyst.advice import recommendations
from interact.agents.analyst.evidence import collect
from interact.agents.analyst.following import read_question
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.queried import Desk
from interact.agents.analyst.ratios import extended
from interact.agents.analyst.reporting import brief, report_of
from interact.agents.analyst.writing import answer_text
from interact.agents.contract import Answer, Journal, Question
from interact.warehouse.queries import Warehouse
from interact.warehouse.semantic import Dimension, SemanticModel


class EmbeddedAnalyst:
    """An agent that reads a prompt completely, plans from the prompt alone, and says what it cannot do."""

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Return the answer; raises AgentRefused, in words for people, for a question that it cannot answer."""
        model = warehouse.model
        members = {
            each.name: warehouse.members(each.name)
            for each in model.shown_dimensions
            if _is_limited(each, question, model)
        }
        request = read_question(question, model, members)
        model = extended(model, request.made)
        desk = Desk(question, warehouse, model)
        evidence = collect(Plan(request, model, question.filters, members), desk)
        wanted = "recommendations" in request.sections
        advice = recommendations(evidence) if wanted and not request.report else ()
        report = report_of(evidence) if request.report else None
        text = brief(evidence, report) if report else answer_text(evidence, advice=advice)
        return Answer(
            text=f"*{request.taken}*\n\n{text}" if request.taken else text,
            report=report,
            not_understood=structure.not_understood(evidence),
            headline=evidence.headline,
            usage={"queries": desk.runs},
            window=evidence.plan.request.period.window,
            exhibits=structure.exhibits(evidence),
            findings=structure.findings(evidence),
            sections=structure.sections(evidence, report, advised=bool(advice or (report and report.recommendations))),
            metrics=structure.kept(evidence),
        )


def _is_limited(dimension: Dimension, question: Question, model: SemanticModel) -> bool:
    """Tell whether the members of a dimension can be listed within what the run is limited to."""
    home = model.home(dimension.dataset)
    ends = (model.home(model.dimension(name).dataset) for name in question.filters)
    return all(model.path(home, end) is not None for end in ends)
