"""What nobody understood: refused where it could change the figures, else named in the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interact.agents.analyst.declining import around
from interact.agents.analyst.lexicon import model_phrases, phrase_of
from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.suggestions import unknown
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

_REASONS = {
    "n": "I could not tell what the number {words!r} means here",
    "c": "I could not tell what {words!r} compares here",
    "M": "I could not tell what {words!r} compares here",
    "B": "I could not tell what {words!r} compares here",
    "|": "I cannot answer alternatives here ({words!r})",
    "G": "I could not tell what {words!r} is meant of",
    "V": "I could not tell what {words!r} is meant of",
    "D": "I could not tell what the date in {words!r} is for",
    "N": "I cannot apply {words!r} here",
    "0": "I cannot apply {words!r} here",
    "x": "I could not tell what {words!r} leaves out",
    "I": "I cannot follow a condition with {words!r} here",
    "T": "I could not read the period or part of a period in {words!r}",
    "A": "I show totals and ratios, no other averages ({words!r})",
    "k": "I could not tell what {words!r} compares with",
    "o": "I could not tell what {words!r} orders",
    "p": "I could not tell what {words!r} compares with",
    "w": "I could not tell what the period {words!r} is for",
}
_CHANGES_THE_FIGURES_AFTER = "bxkq0NcmdvA"
_CHANGES_THE_FIGURES_BEFORE = "mdvSnct"
_COUNTS = (
    "{words!r} asks in how many or in which of several a condition holds, which I cannot count. Ask for the condition "
    "on one value, or leave that out."
)
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
_SUBJECTIVE = frozenset({"main", "key", "major", "important", "relevant", "recent", "latest", "good", "nice"})
_TAKEN = frozenset({"lost", "loss", "gained", "gain"})
_GREETING = re.compile(r"(?:hi|hello|dear|thanks|thank|regards|cheers)\b", re.IGNORECASE)


def judge_leftovers(
    sheet: Sheet, model: SemanticModel, members: Mapping[str, tuple[str, ...]], *, enforced: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what the answer leaves out, word for word; raises AgentRefused where leaving it out could mislead."""
    for at, piece in enumerate(sheet.pieces):
        if piece.kind in _REASONS and at not in sheet.claimed:
            reason = _REASONS[piece.kind].format(words=around(sheet, at))
            raise AgentRefused(f"{reason}. Say it in another way, or leave it out.")
    _refuse_small_codes(sheet, members)
    refuse_parts(sheet)
    for match in re.finditer(r"r[hi]*[mdn]", sheet.shape):
        if match.start() not in sheet.claimed:
            raise AgentRefused(f"I could not apply a second order ({sheet.words(*match.span())!r}). Ask for one.")
    _refuse_half_read(sheet)
    left = [*_people(sheet), *_epithets(sheet)]
    for start, end in _runs(sheet):
        if parts := _ambiguous(sheet.words(start, end), model):
            raise AgentRefused(parts)
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
                f"I could not read the whole condition around {around(sheet, at)!r}. Write each part in full, as "
                "'where spend rose and conversions fell'."
            )
    for match in _SECOND_ORDER.finditer(sheet.shape):
        if not sheet.claimed.issuperset(at for at in range(*match.span()) if sheet.pieces[at].kind == "b"):
            raise AgentRefused(
                f"I could not apply a second order ({sheet.words(*match.span())!r}). Ask for each ranking in full."
            )


def _refuse_half_read(sheet: Sheet) -> None:
    """Refuse an order by changes, "lost" beside a metric, and "by" before what nothing can be grouped by."""
    for match in re.finditer(r"r(?=[hiS]*[us])", sheet.shape):
        if match.start() not in sheet.claimed:
            raise AgentRefused(
                f"I cannot order by changes ({around(sheet, match.start())!r}). Each table shows them; ask for it "
                "without an order."
            )
    for at in sheet.of_kind("u"):
        sentence = sheet.sentence(at)
        kinds = {sheet.pieces[n].kind for n in sentence}
        if "m" not in kinds and re.search(r"d[hiq]*$", sheet.shape[sentence.start : at]):
            raise AgentRefused(
                f"{around(sheet, at)!r} does not say which metric is meant. Write it, as 'whose ROAS fell'."
            )
        if sheet.pieces[at].text.casefold() in _TAKEN:
            raise AgentRefused(
                f"I could not tell what {around(sheet, at)!r} means: a change, or a metric of its own. Write 'fell' or "
                "'rose' for a change, or the metric's name."
            )
    for match in re.finditer(r"d[hi]*i[hi]*t", sheet.shape):
        if match.end() - 1 not in sheet.claimed:
            raise AgentRefused(
                f"I could not tell on which side of the target {sheet.words(*match.span())!r} is. Write 'that met' or "
                "'that missed', and whose target, as 'that met their CPA target'."
            )
    for match in re.finditer(r"b[hi]*[WSsuHVG]", sheet.shape):
        if sheet.pieces[match.start()].text.casefold() in ("by", "per") and match.start() not in sheet.claimed:
            raise AgentRefused(f"I could not tell what {sheet.words(*match.span())!r} groups by. Name a dimension.")


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


def _people(sheet: Sheet) -> list[str]:
    """Return the words for what tells who a person is: it is left out beside figures."""
    return [sheet.words(*match.span()) for match in re.finditer(r"P+", sheet.shape)]


def _epithets(sheet: Sheet) -> list[str]:
    """Return "main markets" and the like: which of them are meant is not known, so all are shown."""
    found = [match.span() for match in re.finditer(r"h(?=d)", sheet.shape)]
    return [sheet.words(start, end + 1) for start, end in found if sheet.pieces[start].text.casefold() in _SUBJECTIVE]


def _ambiguous(words: str, model: SemanticModel) -> str:
    """Return the refusal of a word that is a part of the names of metrics and none alone: "revenue"."""
    key = phrase_of(words)
    found: dict[str, str] = {}
    for phrase, (kind, value) in model_phrases(model).items():
        if kind == "m" and any(key == phrase[at : at + len(key)] for at in range(len(phrase))):
            found.setdefault(str(value), " ".join(phrase))
    if not found:
        return ""
    labels = [f"{model.metric(name).label} ({phrase!r})" for name, phrase in found.items()]
    return f"{words!r} alone is no metric here; it may be {' or '.join(labels)}. Write which one is meant."


def _runs(sheet: Sheet) -> list[tuple[int, int]]:
    """Return the stretches of unknown words."""
    shape = "".join("h" if at in sheet.claimed and kind == "z" else kind for at, kind in enumerate(sheet.shape))
    return [match.span() for match in re.finditer(r"z(?:[hijy]*z)*", shape)]


def _is_aside(sheet: Sheet, at: int) -> bool:
    """Tell whether the sentence around a position says nothing of the data: it is left out as a whole."""
    return not any(sheet.pieces[n].kind in "mdvwcnseSrg" for n in sheet.sentence(at))


def _changes_the_figures(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether unknown words stand where a value, a metric or a condition would stand."""
    sentence = sheet.sentence(start)
    if _GREETING.match(sheet.pieces[sentence.start].text):
        return False
    if _is_aside(sheet, start):
        return start > sentence.start and sheet.pieces[start - 1].text.casefold() in (*_LOOKING, "only", "just")
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
