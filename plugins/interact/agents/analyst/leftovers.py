"""What nobody understood: refused where it could change the figures, else named in the answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from interact.agents.analyst.lexicon import fixed_phrases, model_phrases
from interact.agents.analyst.pieces import Sheet
from interact.errors import AgentRefused, listed
from interact.warehouse.semantic import SemanticModel

_FORECAST = "I answer from figures that exist and make no forecasts ({words!r}). Ask about a period that has passed."
_WHAT_IF = "I answer from figures that exist and cannot say what would happen ({words!r}). Ask what happened."
_REASONS = {
    "n": "I could not tell what the number {words!r} means here",
    "c": "I could not tell what {words!r} compares here",
    "M": "I could not tell what {words!r} compares here",
    "B": "I could not tell what {words!r} compares here",
    "|": "I cannot answer alternatives ({words!r}); conditions are joined by 'and'",
    "N": "I cannot apply {words!r} here",
    "0": "I cannot apply {words!r} here",
    "x": "I could not tell what {words!r} leaves out",
    "I": "I cannot follow a condition with {words!r} here",
    "T": "I could not read the period or part of a period in {words!r}",
    "A": "I show totals and ratios, no other averages ({words!r})",
    "k": "I could not tell what {words!r} compares with",
    "p": "I could not tell what {words!r} compares with",
    "w": "I could not tell what the period {words!r} is for",
}
_CHANGES_THE_FIGURES_AFTER = "bxkq0NcmdvA"
_CHANGES_THE_FIGURES_BEFORE = "mdvSnct"
_COUNTS = (
    "{words!r} asks in how many or in which of several a condition holds, which I cannot count. Ask for the condition "
    "on one value, or leave that out."
)
_KNOWN = 6
"""How many values of a dimension a refusal lists."""
_LOOKING = frozenset(
    {
        *("analyse", "analyze", "analysing", "show", "review", "check", "summarise", "summarize", "describe"),
        *("monitor", "evaluate", "assess", "measure", "track", "investigate"),
        *("look at", "looking at", "focus on", "report on", "tell me about"),
    }
)
_COUNTED = re.compile(r"c[hi]*(?:n|nM)h*d|nM[h]*d|c[hi]*ni[h]*d")
_EACH = re.compile(r"i[h]*(?P<every>[by])[hiy]*d|(?P<each>b)[hi]*d")
_EVERY = frozenset({"each", "every", "for each", "for every", "all", "any"})
_DAILY = re.compile(r"c[hi]*[mntM][himntM]*g")
_BOTH = re.compile(r"h[hd]*v[hid]*&[hid]*v")
_SECOND_ORDER = re.compile(r"[,&][hi]*b[hi]*m")
_DEFINING = frozenset({"define", "explain", "mean", "means"})
_GREETING = re.compile(r"(?:hi|hello|dear|thanks|thank|regards|cheers)\b", re.IGNORECASE)


def refuse_definitions(sheet: Sheet, model: SemanticModel) -> None:
    """Answer "What is CPA?" with what the model says of it: a figure would be no answer."""
    metrics = [str(piece.value) for piece in sheet.pieces if piece.kind == "m"]
    asks = re.match(r"\W*(?:what is|what's|what does|define|explain)\b", sheet.text, re.IGNORECASE)
    others = [each for each in sheet.pieces if each.kind not in "hmW." and each.text.casefold() not in _DEFINING]
    owned = any(piece.text.casefold() in ("our", "my", "the", "overall", "total", "current") for piece in sheet.pieces)
    if asks and len(metrics) == 1 and not others and not owned:
        metric = model.metric(metrics[0])
        says = f"{metric.label}: {metric.description}" if metric.description else f"{metric.label} is not described."
        raise AgentRefused(f"{says} Name a period to get its figure, as '{metric.label} for last week'.")


def refuse_what_is_no_question(sheet: Sheet, model: SemanticModel, *, further: bool = False) -> None:
    """Raise AgentRefused for forecasts, what-if questions, and prompts that ask nothing of the data.

    After another question fewer words ask something: "why?", "by week", "compared with last year".
    """
    for at in sheet.of_kind("F"):
        kind = str(sheet.pieces[at].value)
        message = _FORECAST if kind == "forecast" else _WHAT_IF
        raise AgentRefused(message.format(words=_around(sheet, at)))
    if not any(piece.kind in ("mdvSeswgopWkrcntz" if further else "mdvSesw") for piece in sheet.pieces):
        raise AgentRefused(f"I found no question about the data in the prompt. {what_is_known(model)}")


def judge_leftovers(
    sheet: Sheet, model: SemanticModel, members: Mapping[str, tuple[str, ...]], *, enforced: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what the answer leaves out, word for word; raises AgentRefused where leaving it out could mislead."""
    for at, piece in enumerate(sheet.pieces):
        if piece.kind in _REASONS and at not in sheet.claimed:
            reason = _REASONS[piece.kind].format(words=_around(sheet, at))
            raise AgentRefused(f"{reason}. Say it in another way, or leave it out.")
    _refuse_small_codes(sheet, members)
    refuse_parts(sheet)
    for match in re.finditer(r"r[hi]*[mdn]", sheet.shape):
        if match.start() not in sheet.claimed:
            raise AgentRefused(f"I could not apply a second order ({sheet.words(*match.span())!r}). Ask for one.")
    left = []
    for start, end in _runs(sheet):
        if _changes_the_figures(sheet, start, end):
            raise AgentRefused(unknown(sheet.words(start, end), model, members, enforced=enforced))
        sentence = sheet.sentence(start)
        left.append(sheet.words(sentence.start, sentence.stop) if _is_aside(sheet, start) else sheet.words(start, end))
    return tuple(dict.fromkeys(left))


def refuse_counts(sheet: Sheet) -> None:
    """Refuse conditions that count members of a dimension: "in at least two markets", "in every market"."""
    for match in _COUNTED.finditer(sheet.shape):
        joint = "i" not in match[0][match[0].find("n") :] or "of" in sheet.words(*match.span()).casefold().split()
        if joint:
            raise AgentRefused(_COUNTS.format(words=sheet.words(*match.span())))
    for match in _EACH.finditer(sheet.shape):
        sentence = sheet.sentence(match.start())
        limits = [at for at in sentence if sheet.pieces[at].kind in "cuH0" and at in sheet.claimed]
        word = sheet.pieces[match.start("every") if match["every"] else match.start("each")].text.casefold()
        late = bool(limits) and match.start() > limits[0]
        others = {sheet.pieces[at].value for at in sentence if sheet.pieces[at].kind == "d"}
        if limits and (word in _EVERY or (word == "per" and late)) and len(others) > 1:
            raise AgentRefused(_COUNTS.format(words=sheet.words(*match.span())))
    for match in _DAILY.finditer(sheet.shape):
        if not sheet.pieces[match.end() - 1].text.casefold().startswith(("by", "over", "trend", "time")):
            raise AgentRefused(_COUNTS.format(words=sheet.words(*match.span())))
    for match in _BOTH.finditer(sheet.shape):
        kinds = {sheet.pieces[at].kind for at in sheet.sentence(match.start()) if at in sheet.claimed}
        if kinds & set("cuH0") and sheet.pieces[match.start()].text.casefold() == "both":
            raise AgentRefused(_COUNTS.format(words=sheet.words(*match.span())))


def refuse_parts(sheet: Sheet) -> None:
    """Refuse what would otherwise be read in part: a second move of a condition, a second order."""
    for at in sheet.of_kind("u"):
        if "q" in sheet.shape[sheet.sentence(at).start : at]:
            raise AgentRefused(
                f"I could not read the whole condition around {_around(sheet, at)!r}. Write each part in full, as "
                "'where spend rose and conversions fell'."
            )
    for match in _SECOND_ORDER.finditer(sheet.shape):
        if not sheet.claimed.issuperset(at for at in range(*match.span()) if sheet.pieces[at].kind == "b"):
            raise AgentRefused(
                f"I could not apply a second order ({sheet.words(*match.span())!r}). Ask for each ranking in full."
            )


def _refuse_small_codes(sheet: Sheet, members: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse "in be" where there is a market BE, and codes in a prompt of capitals: both could be meant or not."""
    codes = {value for values in members.values() for value in values if re.fullmatch(r"[A-Z]{2}", value)}
    shouted = sheet.text.isupper() and any(piece.kind not in "vmdwn.,&|" for piece in sheet.pieces)
    for at, piece in enumerate(sheet.pieces):
        placed = at > 0 and sheet.pieces[at - 1].text.casefold() in ("in", "for", "from")
        small = piece.kind == "h" and piece.text.upper() in codes and placed
        if small or (piece.kind == "v" and piece.text in codes and shouted):
            raise AgentRefused(
                f"{piece.text!r} may be a word or the value {piece.text.upper()!r}. Write values as the data does, "
                "and other words in small letters."
            )


def what_is_known(model: SemanticModel) -> str:
    """Return one sentence with the metrics and dimensions that can be asked about."""
    metrics = ", ".join(metric.label for metric in model.metrics)
    dimensions = ", ".join(dimension.label.lower() for dimension in model.dimensions)
    return f"I answer questions about {metrics}, by {dimensions} and over time."


def _around(sheet: Sheet, at: int) -> str:
    """Return a piece with its neighbours, so that a reader finds it in the prompt."""
    sentence = sheet.sentence(at)
    return sheet.words(max(sentence.start, at - 1), min(sentence.stop, at + 3) or at + 1)


def _runs(sheet: Sheet) -> list[tuple[int, int]]:
    """Return the stretches of unknown words."""
    return [match.span() for match in re.finditer(r"z(?:[hijy]*z)*", sheet.shape)]


def _is_aside(sheet: Sheet, at: int) -> bool:
    """Tell whether the sentence around a position says nothing of the data: it is left out as a whole."""
    return not any(sheet.pieces[n].kind in "mdvwcnseSrg" for n in sheet.sentence(at))


def _changes_the_figures(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether unknown words stand where a value, a metric or a condition would stand."""
    sentence = sheet.sentence(start)
    if _GREETING.match(sheet.pieces[sentence.start].text):
        return False
    if _is_aside(sheet, start):
        return start > sentence.start and sheet.pieces[start - 1].text.casefold() in _LOOKING
    unknown = [sheet.pieces[at] for at in range(start, end) if sheet.pieces[at].kind == "z"]
    inside = [piece for piece in unknown if piece.start != sheet.pieces[sentence.start].start]
    if any(re.search(r"(?<!^)[A-Z]|\d", piece.text) for piece in unknown) or any(p.text[0].isupper() for p in inside):
        return True
    shape = sheet.shape
    before = shape[sentence.start : start].rstrip("hjy")
    direct = shape[start - 1 : start] == "i"
    listed_before = re.search(r"[mdv][hi]*(?:[,&|]|,&)$", before) is not None
    after = shape[end : sentence.stop].lstrip("hjy")
    listed_after = re.match(r"(?:[,&|]|,&)[hi]*[mv]", after) is not None and before[-1:] in (
        "",
        "a",
        "i",
        "q",
        ",",
        "&",
    )
    through = re.match(r"i[hij]*[wdv]", after) is not None and before[-1:] in ("", "a", "h", "i")
    return (
        direct or listed_before or listed_after or through
        or before[-1:] in tuple(_CHANGES_THE_FIGURES_AFTER) or after[:1] in tuple(_CHANGES_THE_FIGURES_BEFORE)
        or (after[:1] == "b" and "b" not in before)
    )  # fmt: skip


def unknown(
    words: str, model: SemanticModel, members: Mapping[str, tuple[str, ...]], *, enforced: Mapping[str, str]
) -> str:
    """Return the sentence that refuses unknown words, with what could be meant and what is known."""
    verbs = [key for key, (kind, _) in fixed_phrases().items() if kind in "afsSebr"]
    known = [" ".join(key) for key in (*model_phrases(model), *verbs)] + [v for vs in members.values() for v in vs]
    close = _close(words, known)
    like = [v for vs in members.values() for v in vs if set(words.casefold().split()) < set(v.casefold().split())]
    guess = f" Did you mean {close!r}?" if close else f" Did you mean {listed(like, limit=3)}?" if like else ""
    values = "; ".join(
        f"{model.dimension(name).plural}: {listed(found, limit=_KNOWN)}"
        for name, found in sorted(members.items(), key=lambda m: len(m[1]))
    )
    limits = ", ".join(f"{model.dimension(name).label} {value!r}" for name, value in enforced.items())
    limited = f" This run is limited to {limits}." if limits else ""
    metrics = ", ".join(metric.label for metric in model.metrics)
    return f"I do not know {words!r}.{guess} Known are the metrics {metrics}; the {values}.{limited}"


def _close(words: str, known: Iterable[str]) -> str | None:
    by_plain = {text.casefold(): text for text in known if len(text) > 3}
    found = difflib.get_close_matches(words.casefold(), by_plain, n=1, cutoff=0.8) if len(words) > 3 else []
    return by_plain[found[0]] if found else None
