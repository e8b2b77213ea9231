"""Which members of dimensions a prompt is about: "paid search in NL", "excluding Display", "NL versus BE"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from interact.agents.analyst.lexicon import Member
from interact.agents.analyst.pieces import Sheet
from interact.errors import AgentRefused
from interact.warehouse.queries import Filter
from interact.warehouse.semantic import SemanticModel

_EXCLUDED = re.compile(r"[xN0][hijd]*v(?:[hid]*(?:[,&|]|,[&|])[hid]*v)*")
_LISTED = re.compile(r"\|?[hid]*v(?:[hid]*(?:[,&|]|,[&|])[hid]*v)+")
_AGAINST = re.compile(r"k[hi]*v(?:[hidq]*[,&q]+[hi]*v)+|k?[hi]*v[hidwmS]*k[hi]*v")
_BUT = re.compile(r"(?P<no>0?[hijyd]*)&(?=(?P<to>[hijd]*)v)")
_APART = frozenset("bgrcnuotfpeMB")
_OF_WHOM = frozenset({"customers", "clients", "users", "people", "buyers", "members", "visitors", "shoppers", "ones"})
_DISPLAY = re.compile(r"display|email", re.IGNORECASE)


@dataclass(frozen=True)
class Chosen:
    """The filters of a prompt, the dimensions whose values are set against each other, and remarks on the reading."""

    filters: tuple[Filter, ...]
    contrasted: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class _Reader:
    sheet: Sheet
    model: SemanticModel
    members: Mapping[str, tuple[str, ...]]
    notes: list[str] = field(default_factory=list)


def read_filters(
    sheet: Sheet, model: SemanticModel, members: Mapping[str, tuple[str, ...]], *, enforced: Mapping[str, str]
) -> Chosen:
    """Return the filters and claim their pieces; raises AgentRefused where a value's reach is uncertain."""
    reader = _Reader(sheet, model, members)
    _read_but(sheet)
    found = {at: _meaning(reader, at) for at in sheet.of_kind("v")}
    _without_money(sheet, found, model)
    _claim_labels(sheet, found, enforced)
    _claim_nouns(sheet, found)
    excluded = _excluded(sheet)
    _check_reach(sheet, found)
    _check_parts(sheet, found, model)
    contrasted: list[str] = []
    for match in _AGAINST.finditer(sheet.shape):
        names = {found[at][0] for at in range(*match.span()) if at in found}
        if len(names) == 1:
            contrasted += names
            sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind in "kq")
    _claim_lists(sheet, found)
    sheet.claim(found)
    chosen: dict[tuple[str, bool], list[str]] = {}
    for at, (dimension, values) in found.items():
        chosen.setdefault((dimension, at in excluded), []).extend(values)
    for dimension, _ in chosen:
        if (dimension, True) in chosen and (dimension, False) in chosen:
            raise AgentRefused(
                f"The prompt names a {model.dimension(dimension).label.lower()} to show and one to leave out. Name "
                "only those to show, or only those to leave out."
            )
    filters = [Filter(name, tuple(dict.fromkeys(values)), exclude=out) for (name, out), values in chosen.items()]
    return Chosen(tuple(filters), tuple(dict.fromkeys(contrasted)), tuple(reader.notes))


def _meaning(reader: _Reader, at: int) -> tuple[str, tuple[str, ...]]:
    """Return dimension and values of a value piece; of two dimensions with the name the labelled or coarser."""
    piece = reader.sheet.pieces[at]
    found = piece.value.found if isinstance(piece.value, Member) else ()
    beside = {str(reader.sheet.pieces[n].value) for n in (at - 1, at + 1) if _is_kind(reader.sheet, n, "d")}
    labelled = [each for each in found if each[0] in beside]
    if piece.is_word and found:
        label = reader.model.dimension((labelled or found)[0][0]).label.lower()
        reader.notes.append(f"{piece.text!r} is read as the {label} of that name.")
    if len(found) > 1 and not labelled:
        found = tuple(sorted(found, key=lambda each: len(reader.members[each[0]])))
        label = reader.model.dimension(found[0][0]).label.lower()
        reader.notes.append(f"{piece.text!r} is the name of several things; it is read as the {label}.")
    if _DISPLAY.fullmatch(piece.text) and (at == 0 or reader.sheet.pieces[at - 1].kind == "."):
        reader.notes.append(f"{piece.text!r} is read as a value of the data, not as a request to show something.")
    return labelled[0] if labelled else found[0]


def _without_money(sheet: Sheet, found: dict[int, tuple[str, tuple[str, ...]]], model: SemanticModel) -> None:
    """Refuse "sales in GBP" where sales are converted to EUR; "in EUR" limits nothing there, and is no filter."""
    named = [str(piece.value) for piece in sheet.pieces if piece.kind == "m"] or model.default_metrics
    for at, (dimension, values) in [*found.items()]:
        units = {
            leaf.conversion.unit: model.metric(name).label
            for name in reversed(named)
            for leaf in model.leaves(name)
            if leaf.currency == dimension and leaf.conversion
        }
        if not units or not _says_in_what(sheet, at, model):
            continue
        unit, label = next(reversed(units.items()))
        if values != (unit,):
            raise AgentRefused(
                f"{label} is in {unit}, whatever currency was paid in, and not in {sheet.pieces[at].text!r}. Leave it "
                f"out, or write '{model.dimension(dimension).label.lower()} {values[0]}' for what was paid in it alone."
            )
        sheet.remarks.append(f"{label} is in {unit} anyway, so 'in {sheet.pieces[at].text}' limits nothing.")
        sheet.claim([at])
        del found[at]


def _says_in_what(sheet: Sheet, at: int, model: SemanticModel) -> bool:
    """Tell whether a value says in what money is shown: "sales in GBP", not "in currency GBP", "for orders in GBP"."""
    if not at or sheet.pieces[at - 1].text.casefold() != "in" or _is_kind(sheet, at + 1, "d"):
        return False
    counted = re.search(r"i[hj]*([mdz])i$", sheet.shape[:at])
    noun = sheet.pieces[counted.start(1)] if counted else None
    if noun is None or sheet.pieces[counted.start()].text.casefold() not in ("for", "from", "of"):  # type: ignore[union-attr]
        return True
    return noun.kind == "m" and model.metric(str(noun.value)).format == "currency"


def _is_kind(sheet: Sheet, at: int, kind: str) -> bool:
    return 0 <= at < len(sheet.pieces) and sheet.pieces[at].kind == kind


def _claim_labels(sheet: Sheet, found: Mapping[int, tuple[str, object]], enforced: Mapping[str, str]) -> None:
    """Claim the word "channel" in "the channel Paid search", "NL and BE markets" and "this market"."""
    for at in sheet.of_kind("d"):
        name = str(sheet.pieces[at].value)
        back = re.search(r"v(?:[hi]*(?:[,&|]|,[&|])?[hi]*v)*$", sheet.shape[:at])
        before = back is not None and all(found[n][0] == name for n in range(back.start(), at) if n in found)
        grouped = re.search(r"b[hi]*$", sheet.shape[:at])
        after = re.match(r"[h,]?v", sheet.shape[at + 1 :])
        named = after is not None and not grouped and found[at + after.end()][0] == name
        this = _is_kind(sheet, at - 1, "j") and name in enforced
        out = re.match(r"[h,]*[xN][hij]*v", sheet.shape[at + 1 :])
        but = out is not None and not grouped and found[at + out.end()][0] == name
        if before or named or this or but:
            sheet.claim([at])


def _claim_nouns(sheet: Sheet, found: Mapping[int, tuple[str, object]]) -> None:
    """Claim "customers" in "profit from business customers": it says of whom, and is not to be shown."""
    for match in re.finditer(r"m[^.,&]*i[hj]*v(?=m(?:$|[.,iqwgb]))", sheet.shape):
        if match.end() - 1 in found:
            sheet.claim([match.end()])
    for match in re.finditer(r"vz", sheet.shape):
        if sheet.pieces[match.end() - 1].text.casefold() in _OF_WHOM:
            sheet.claim([match.end() - 1])


def _read_but(sheet: Sheet) -> None:
    """Turn the "but" of "all campaigns but Brand Search" into "excluding"; refuse one that may also mean "only"."""
    for match in list(_BUT.finditer(sheet.shape)):
        at = match.end() - 1
        if sheet.pieces[at].text.casefold() != "but":
            continue
        turned = re.search(r"[xN0][hijd]*v[hid]*$", sheet.shape[: match.start()])  # "not NL but DE"
        if turned or match["no"].startswith("0") or set(match["to"]) & set("ij"):
            words = sheet.words(match.start(), match.end("to") + 1)
            raise AgentRefused(f"I could not tell whether {words!r} leaves a value out. Write 'only' or 'excluding'.")
        sheet.pieces = (*sheet.pieces[:at], replace(sheet.pieces[at], kind="x"), *sheet.pieces[at + 1 :])


def _excluded(sheet: Sheet) -> set[int]:
    """Return the values to leave out; "non-brand search" stays unread: it may mean more than one value's rest."""
    excluded: set[int] = set()
    for match in _EXCLUDED.finditer(sheet.shape):
        if sheet.pieces[match.start()].text.casefold() == "non":
            continue
        excluded.update(at for at in range(*match.span()) if sheet.pieces[at].kind == "v")
        sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind in "xN0v|")
    return excluded


def _claim_lists(sheet: Sheet, found: Mapping[int, tuple[str, object]]) -> None:
    """Claim the "or" of "NL or BE": both are meant."""
    for match in _LISTED.finditer(sheet.shape):
        if len({found[at][0] for at in range(*match.span()) if at in found}) == 1:
            sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind == "|")


def _check_reach(sheet: Sheet, found: Mapping[int, tuple[str, tuple[str, ...]]]) -> None:
    """Refuse a value that limits a part of the answer only: it would silently limit the rest as well."""
    starts = [sheet.sentence(at).start for at, piece in enumerate(sheet.pieces) if piece.kind in "mdvwSe"]
    whole = {meaning for at, meaning in found.items() if _limits_all(sheet, at, first=starts[0])}
    for at, meaning in found.items():
        if meaning not in whole:
            sentence = sheet.sentence(at)
            raise AgentRefused(
                f"{sheet.pieces[at].text!r} seems to limit a part of the answer only "
                f"({sheet.words(sentence.start, sentence.stop)!r}). Name it in the first sentence to limit the whole "
                "answer to it, or ask for it in a job of its own."
            )


def _check_parts(sheet: Sheet, found: Mapping[int, tuple[str, tuple[str, ...]]], model: SemanticModel) -> None:
    """Refuse two values of one dimension that belong to different parts: "spend in NL and revenue in BE"."""
    last: dict[str, int] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for later, (dimension, values) in found.items():
        earlier, is_new = last.get(dimension), (dimension, values) not in seen
        last[dimension] = later
        seen.add((dimension, values))
        if earlier is None or not is_new:
            continue
        between = range(earlier + 1, later)
        kinds = {sheet.pieces[at].kind for at in between}
        sentence = sheet.sentence(later)
        several = {
            kind
            for kind in "mw"
            if len({str(sheet.pieces[at].value) for at in sentence if sheet.pieces[at].kind == kind}) > 1
        }
        if kinds & (_APART | several) or any(at in found for at in between):
            words = sheet.words(earlier, later + 1)
            raise AgentRefused(
                f"{words!r} gives each value a part of its own, which one answer cannot keep apart. Ask for them in "
                f"two questions, or by {model.dimension(dimension).label.lower()}."
            )


def _limits_all(sheet: Sheet, at: int, *, first: int) -> bool:
    """Tell whether a value stands in the first sentence, or in one that says nothing else."""
    sentence = sheet.sentence(at)
    if "f" in sheet.shape[sentence.start : at]:
        return False
    if sentence.start == first:
        return True
    return not any(sheet.pieces[n].kind in "mdcrw" and n not in sheet.claimed for n in sentence)
