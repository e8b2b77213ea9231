"""The embedded analyst: answers questions about the metrics of its model, without a key, a network or a clock."""

from __future__ import annotations

from interact.agents.analyst.advice import recommendations
from interact.agents.analyst.evidence import Desk, collect
from interact.agents.analyst.following import read_question
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.reporting import brief, report_of
from interact.agents.analyst.writing import answer_text
from interact.agents.contract import Answer, Journal, Question
from interact.warehouse.queries import Warehouse


class EmbeddedAnalyst:
    """An agent that reads a prompt completely, plans from the prompt alone, and says what it cannot do."""

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Return the answer; raises AgentRefused, in words for people, for a question that it cannot answer."""
        model = warehouse.model
        members = {dimension.name: warehouse.members(dimension.name) for dimension in model.dimensions}
        request = read_question(question, model, members)
        desk = Desk(question, warehouse)
        evidence = collect(Plan(request, model), desk)
        wanted = "recommendations" in request.sections
        advice = recommendations(evidence) if wanted and not request.report else ()
        report = report_of(evidence) if request.report else None
        text = brief(evidence, report) if report else answer_text(evidence, advice=advice)
        return Answer(
            text=f"*{request.taken}*\n\n{text}" if request.taken else text,
            report=report,
            not_understood=request.not_understood,
            headline=evidence.headline,
            usage={"queries": desk.runs},
        )
