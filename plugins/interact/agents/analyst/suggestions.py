"""What a reader may have meant by words that are not known, and what is known in their place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from interact.agents.analyst.lexicon import fixed_phrases, model_phrases
from interact.errors import listed
from interact.warehouse.semantic import SemanticModel

_KNOWN = 6
"""How many values of a dimension a refusal lists."""
Members = Mapping[str, tuple[str, ...]]


def unknown(words: str, model: SemanticModel, members: Members, *, enforced: Mapping[str, str]) -> str:
    """Return the sentence that refuses unknown words, with what could be meant and what is known."""
    values = "; ".join(
        f"{model.dimension(name).plural}: {listed(found, limit=_KNOWN)}"
        for name, found in sorted(members.items(), key=lambda m: len(m[1]))
    )
    limits = ", ".join(f"{model.dimension(name).label} {value!r}" for name, value in enforced.items())
    limited = f" This run is limited to {limits}." if limits else ""
    metrics = ", ".join(metric.label for metric in model.metrics)
    guess = suggestion(words, model, members)
    return f"I do not know {words!r}.{guess} Known are the metrics {metrics}; the {values}.{limited}"


def suggestion(words: str, model: SemanticModel, members: Members) -> str:
    """Return " Did you mean …?" for words that are close to known ones or a part of a value; else nothing."""
    values = [value for found in members.values() for value in found]
    verbs = [key for key, (kind, _) in fixed_phrases().items() if kind in "afsSebr"]
    known = [" ".join(key) for key in (*model_phrases(model), *verbs)] + values
    if close := _close(words, known):
        return f" Did you mean {close!r}?"
    parts = set(words.casefold().split())
    like = [value for value in values if parts < set(value.casefold().split())]
    like += [value for value in values if words.isupper() and _initials(value) == words]
    return f" Did you mean {listed(like, limit=3)}?" if like else ""


def _initials(value: str) -> str:
    return "".join(word[0] for word in value.split() if len(value.split()) > 1).upper()


def _close(words: str, known: Iterable[str]) -> str | None:
    by_plain = {text.casefold(): text for text in known if len(text) > 3}
    found = difflib.get_close_matches(words.casefold(), by_plain, n=1, cutoff=0.8) if len(words) > 3 else []
    return by_plain[found[0]] if found else None
