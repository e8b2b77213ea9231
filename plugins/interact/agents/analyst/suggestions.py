"""What a reader may have meant by words that are not known, and what is known in their place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from interact.agents.analyst.lexicon import fixed_phrases, model_phrases
from interact.errors import listed
from interact.warehouse.semantic import SemanticModel

_KNOWN = 10
"""How many metrics, and how many values, a refusal lists."""
Members = Mapping[str, tuple[str, ...]]


def unknown(words: str, model: SemanticModel, members: Members, *, enforced: Mapping[str, str]) -> str:
    """Return the sentence that refuses unknown words, with what could be meant and what is known."""
    limits = ", ".join(f"{model.dimension(name).label} {value!r}" for name, value in enforced.items())
    limited = f" This run is limited to {limits}." if limits else ""
    labels = [metric.label for metric in model.metrics]
    more = f" and {len(labels) - _KNOWN} more" if len(labels) > _KNOWN else ""
    metrics = ", ".join(labels[:_KNOWN]) + more
    return (
        f"I do not know {words!r}.{suggestion(words, model, members)} Say it in another way, or leave it out. Known "
        f"are the metrics {metrics}; the {_values(model, members)}.{limited}"
    )


def _values(model: SemanticModel, members: Members) -> str:
    """Return about ten values, those of the smallest dimensions, and how many more there are."""
    told, room = [], _KNOWN
    rest = sum(len(found) for found in members.values())
    for name, found in sorted(members.items(), key=lambda member: len(member[1])):
        if room > 0 and found:
            shown = found[: max(room, 2)]
            told.append(f"{model.dimension(name).plural}: {', '.join(map(repr, shown))}")
            room, rest = room - len(shown), rest - len(shown)
    return "; ".join(told) + (f"; and {rest} more values" if rest else "")


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
