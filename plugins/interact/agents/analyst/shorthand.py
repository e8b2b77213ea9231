"""What a question may leave out because another came before it: the metric, the dimension, the words of an order."""

from __future__ import annotations

import re

from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.request import Reading
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

_BY_METRIC = re.compile(r"[&hij,]*b[hi]*m")
_HARMLESS = re.compile(r"[hij.]*")
_AGAINST = re.compile(r"[&hij,]*k[hi]*v(?:[hi]*(?:[,&|]|,[&|])[hi]*v)*[hij.]*")
_ALL_OF = re.compile(r"[yb][hi]*d")
_ALL = frozenset({"all", "every", "each", "for every", "for each", "any", "everything"})


def groups_of(before: Reading) -> tuple[tuple[str, ...], ...]:
    """Return what the figures of a question stand for, each once: its tables' dimensions, else those of its rules."""
    tables = tuple(dict.fromkeys(each.dimensions for each in before.breakdowns if each.dimensions))
    return tables or tuple(dict.fromkeys((rule.dimension,) for rule in before.rules))


def as_seen(model: SemanticModel, before: Reading) -> SemanticModel:
    """Return the model with the defaults that hold after a question: its one dimension, its metrics."""
    groups = groups_of(before)
    ranked = ranking_metrics(before)
    return model.model_copy(
        update={
            "default_dimension": groups[0][0] if len(groups) == 1 else model.default_dimension,
            "default_metrics": ranked if len(ranked) == 1 else before.metrics or model.default_metrics,
        }
    )


def ranking_metrics(reading: Reading) -> tuple[str, ...]:
    """Return the metrics that order a question's tables."""
    return tuple(dict.fromkeys(each.ranking.metric for each in reading.breakdowns if each.ranking))


def meant(before: Reading) -> str | None:
    """Return the one metric that a comparison without one can mean after a question; None where there are several."""
    judged = [condition.metric for rule in before.rules for condition in rule.conditions]
    metrics = {*before.metrics, *ranking_metrics(before), *judged}
    return metrics.pop() if len(metrics) == 1 else None


def ranked_by(sheet: Sheet) -> str | None:
    """Return the metric of a prompt that says "by CPA" and no more, and claim it; refuse one that goes on."""
    match = _BY_METRIC.match(sheet.shape)
    if match is None:
        return None
    if not _HARMLESS.fullmatch(sheet.shape, match.end()):
        words = sheet.words(*match.span())
        raise AgentRefused(f"I could not tell what {words!r} orders here. Write 'sorted by' before the metric.")
    sheet.claim(range(*match.span()))
    return str(sheet.pieces[match.end() - 1].value)


def is_against(sheet: Sheet) -> bool:
    """Tell whether a prompt sets values against those of the question before ("compared with BE"); claims the words."""
    match = _AGAINST.fullmatch(sheet.shape)
    if match is None:
        return False
    at = sheet.shape.index("k")
    if sheet.pieces[at].text.casefold() in ("compare", "comparing"):
        return False
    sheet.claim([at])
    return True


def widened(sheet: Sheet) -> frozenset[str]:
    """Return the dimensions of which a prompt wants all members."""
    return frozenset(
        str(sheet.pieces[match.end() - 1].value)
        for match in _ALL_OF.finditer(sheet.shape)
        if sheet.pieces[match.start()].text.casefold() in _ALL
    )
