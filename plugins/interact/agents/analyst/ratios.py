"""Ratios that a prompt makes of two metrics: "revenue per click" is the sum of one over the sum of the other."""

from __future__ import annotations

from collections.abc import Iterable

from interact.agents.analyst.lexicon import Phrase, tokenise, words_of
from interact.warehouse.semantic import Metric, SemanticModel

_JOINTS: tuple[Phrase, ...] = (("per",), ("divided", "by"))
_ADDED = frozenset({"sum", "count", "count_distinct"})
_LONGEST = 8


def made_in(prompts: Iterable[str], model: SemanticModel) -> tuple[Metric, ...]:
    """Return the ratios that prompts make of metrics; one that the model has gets the words as a synonym."""
    made: dict[str, Metric] = {}
    for prompt in prompts:
        keys = tuple(token.key for token in tokenise(prompt))
        for at in range(len(keys)):
            found = _ratio_at(keys, at, model)
            if found is not None:
                known = made.get(found.name, found)
                synonyms = dict.fromkeys((*known.synonyms, *found.synonyms))
                made[found.name] = known.model_copy(update={"synonyms": tuple(synonyms)})
    return tuple(made.values())


def extended(model: SemanticModel, made: Iterable[Metric]) -> SemanticModel:
    """Return a model with further metrics; one of the same name takes the place of the model's own."""
    more = {metric.name: metric for metric in made}
    if not more:
        return model
    kept = tuple(more.pop(metric.name, metric) for metric in model.metrics)
    return model.model_copy(update={"metrics": (*kept, *more.values())})


def _ratio_at(keys: Phrase, at: int, model: SemanticModel) -> Metric | None:
    top, end = _metric_at(keys, at, model)
    joint = next((each for each in _JOINTS if keys[end : end + len(each)] == each), None)
    if top is None or joint is None:
        return None
    start = end + len(joint)
    bottom, end = _metric_at(keys, start, model)
    if bottom is None or top.name == bottom.name or not (_is_sum(top) and _is_sum(bottom)):
        return None
    words = " ".join(keys[at:end])
    for metric in model.metrics:
        if metric.type == "ratio" and (metric.numerator, metric.denominator) == (top.name, bottom.name):
            return metric.model_copy(update={"synonyms": (*metric.synonyms, words)})
    money = top.format == "currency" and bottom.format != "currency"
    return Metric.model_validate(
        {
            "name": f"{top.name}_per_{bottom.name}",
            "label": f"{top.label} per {' '.join(keys[start:end])}",
            "description": f"{top.label} divided by {bottom.label}.",
            "type": "ratio",
            "numerator": top.name,
            "denominator": bottom.name,
            "format": "currency" if money else "number",
            "unit": top.unit if money else None,
            "synonyms": [words],
        }
    )


def _metric_at(keys: Phrase, at: int, model: SemanticModel) -> tuple[Metric | None, int]:
    """Return the metric that begins at a word, by its longest phrase, and where it ends."""
    phrases = words_of(model).phrases
    for end in range(min(at + _LONGEST, len(keys)), at, -1):
        kind, value = phrases.get(keys[at:end], ("", None))
        if kind:
            return (model.metric(str(value)) if kind == "m" else None), end
    return None, at


def _is_sum(metric: Metric) -> bool:
    return metric.type == "simple" and metric.agg in _ADDED and metric.semi_additive is None
