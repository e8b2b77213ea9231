"""The embedded analyst: answers questions about the metrics of its model, without a key, a network or a clock."""

from __future__ import annotations

from interact.agents.analyst.advice import recommendations
from interact.agents.analyst.evidence import Desk, collect
from interact.agents.analyst.planning import Plan
from interact.agents.analyst.reading import read_prompt
from interact.agents.analyst.reporting import brief, report_of
from interact.agents.analyst.writing import answer_text
from interact.agents.contract import Answer, Question
from interact.warehouse.queries import Warehouse


class EmbeddedAnalyst:
    """An agent that reads a prompt completely, plans from the prompt alone, and says what it cannot do."""

    def answer(self, question: Question, warehouse: Warehouse) -> Answer:
        """Return the answer; raises AgentRefused, in words for people, for a question that it cannot answer."""
        model = warehouse.model
        members = {dimension.name: warehouse.members(dimension.name) for dimension in model.dimensions}
        request = read_prompt(question.prompt, model, members, on_date=question.on_date, enforced=question.filters)
        desk = Desk(question, warehouse)
        evidence = collect(Plan(request, model), desk)
        wanted = "recommendations" in request.sections
        advice = recommendations(evidence) if wanted and not request.report else ()
        report = report_of(evidence) if request.report else None
        return Answer(
            text=brief(evidence, report) if report else answer_text(evidence, advice=advice),
            report=report,
            not_understood=request.not_understood,
            headline=evidence.headline,
            usage={"queries": desk.runs},
        )
