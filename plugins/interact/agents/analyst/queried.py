"""The queries of one answer: each run once, with the run's own filters in its SQL."""

from __future__ import annotations

from dataclasses import dataclass, field

from interact.agents.contract import Question
from interact.chats.result import Result
from interact.warehouse.compile import compile_freshness, compile_query
from interact.warehouse.queries import MetricQuery, Warehouse
from interact.warehouse.semantic import SemanticModel


@dataclass
class Desk:
    """Runs each query once, with the run's own filters in its SQL."""

    question: Question
    warehouse: Warehouse
    model: SemanticModel
    """The warehouse's own, with the ratios that the question makes of its metrics."""
    results: dict[MetricQuery, Result] = field(default_factory=dict)
    runs: int = 0
    _fresh: dict[str, Result] = field(default_factory=dict)

    def run(self, query: MetricQuery, title: str) -> Result:
        """Return the result of a query; the same query gives the same result without running again."""
        if query not in self.results:
            self.runs += 1
            warehouse = self.warehouse
            compiled = compile_query(query, self.model, enforced=self.question.filters, dialect=warehouse.dialect)
            self.results[query] = warehouse.run(compiled, title=title)
        return self.results[query]

    def freshness(self, dataset: str) -> Result:
        """Return the first and the last day of the data of a dataset."""
        if dataset not in self._fresh:
            self.runs += 1
            several = len(self.warehouse.model.tables) > 1
            title = "First and last day of " + (dataset.replace("_", " ") if several else "the data")
            compiled = compile_freshness(self.warehouse.model, dataset, dialect=self.warehouse.dialect)
            self._fresh[dataset] = self.warehouse.run(compiled, title=title)
        return self._fresh[dataset]
