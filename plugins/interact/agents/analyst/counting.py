"""The number of members as a metric: "how many campaigns" is the model's count of them, where it has one."""

from __future__ import annotations

import re
from dataclasses import replace

from interact.agents.analyst.pieces import Sheet
from interact.warehouse.semantic import SemanticModel

_COUNTED = re.compile(r"C[hijy]*d")


def read_counts(sheet: Sheet, model: SemanticModel) -> None:
    """Turn the dimension of "how many campaigns" into the metric that counts its members, and say so."""
    for match in _COUNTED.finditer(sheet.shape):
        at = match.end() - 1
        # "How many campaigns had spend above 500" lists those, and their number.
        judged = set(sheet.shape[at : sheet.sentence(at).stop]) & set("cu0VGHBM")
        name = None if judged else _metric_of(str(sheet.pieces[at].value), model)
        if name:
            sheet.remarks.append(f"{sheet.words(*match.span())!r} is read as the metric {model.metric(name).label}.")
            sheet.pieces = (
                *sheet.pieces[:at],
                replace(sheet.pieces[at], kind="m", value=name),
                *sheet.pieces[at + 1 :],
            )


def _metric_of(dimension: str, model: SemanticModel) -> str | None:
    part = model.dimension(dimension)
    counts = [
        metric.name
        for metric in model.metrics
        if metric.agg == "count_distinct"
        and metric.expr == part.expr
        and model.home(metric.dataset) == model.home(part.dataset)
        and not metric.filter
    ]
    return counts[0] if len(counts) == 1 else None
