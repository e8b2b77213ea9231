"""From a prompt to a Request: every word is understood, known to be harmless, or reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from interact.agents.analyst.breakdowns import read_breakdowns, settle
from interact.agents.analyst.conditions import Rule, read_conditions
from interact.agents.analyst.contrasts import Contrast, contrasted, contrasted_with
from interact.agents.analyst.filters import read_filters
from interact.agents.analyst.leftovers import (
    judge_leftovers,
    refuse_counts,
    refuse_definitions,
    refuse_what_is_no_question,
)
from interact.agents.analyst.pieces import Sheet, read_pieces
from interact.agents.analyst.request import Breakdown, Manner, Reading, Request
from interact.agents.analyst.shorthand import as_seen, is_against, meant, ranked_by, widened
from interact.agents.analyst.windows import Period, find_periods
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain, Window
from interact.warehouse.semantic import SemanticModel

PROMPT_LIMIT = 20_000
MOST_RULES, MOST_TABLES = 6, 5
DEFAULT_PERIOD = "past 7 days"
_PAIR = re.compile(r"k[hi]*w[hiq]*(?:,|&|,&|q|k)?[hiq]*[wp]|w[hi,]*k[hi]*[wp]")
_CONTRAST = re.compile(r"k[hi]*[wp]")
_TARGETS = re.compile(r"k[hi]*(?:t|mt|tm)")
_SHOWN = re.compile(r"k(?=[hi]*[mdS])")
_AVERAGE = re.compile(r"A[hi]*m")
_FORMULA = re.compile(r"m[hi]*[b,]m")
_UNWANTED = re.compile(r"[0Nx][ahij]*[se]")
_POINTS_BACK = re.compile(r"\b(?:before|earlier|prior|ago|same|preceding|previous|last)\b", re.IGNORECASE)


def read_prompt(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    on_date: date,
    enforced: Mapping[str, str] | None = None,
) -> Request:
    """Return what a prompt asks for; raises AgentRefused, in words, for what cannot be answered for certain."""
    return complete(read_words(prompt, model, members, on_date=on_date, enforced=enforced), model, on_date=on_date)


def read_words(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    on_date: date,
    enforced: Mapping[str, str] | None = None,
    before: Reading | None = None,
) -> Reading:
    """Return what the words of a prompt say; after another question they may say less than one that stands alone.

    Raises AgentRefused for words that cannot be read for certain.
    """
    require_length(prompt)
    sheet = _sheet(prompt, model, members, on_date)
    usual = as_seen(model, before) if before else model
    refuse_what_is_no_question(sheet, model, further=before is not None)
    refuse_definitions(sheet, model)
    unwanted = _unwanted(sheet)
    against = before is not None and is_against(sheet)
    chosen = read_filters(sheet, model, members, enforced=enforced or {})
    period, versus, is_bare = _periods(sheet)
    _claim_harmless(sheet, model)
    _refuse_formulas(sheet)
    by_metric = ranked_by(sheet) if before else None
    rules = read_conditions(sheet, usual, meant=meant(before) if before else None)
    refuse_counts(sheet)
    breakdowns, order, remarks = read_breakdowns(sheet, usual, chosen.contrasted, further=before is not None)
    return Reading(
        period=period,
        versus=versus,
        versus_is_bare=is_bare,
        metrics=tuple(dict.fromkeys(str(sheet.pieces[at].value) for at in sheet.of_kind("m"))),
        names_metric="m" in sheet.shape,
        overall=any(each.kind == "S" and each.text.casefold().startswith("perform") for each in sheet.pieces),
        breakdowns=breakdowns,
        order=order,
        ranked_by=by_metric,
        table_notes=remarks,
        rules=rules,
        dimensions=frozenset([*chosen.contrasted, *(str(each.value) for each in sheet.pieces if each.kind == "d")]),
        widened=widened(sheet),
        filters=chosen.filters,
        filter_notes=chosen.notes,
        against=against,
        manner=_manner(sheet, unwanted),
        not_understood=judge_leftovers(sheet, model, members, enforced=enforced or {}),
    )


def require_length(prompt: str) -> None:
    """Raise AgentRefused for a prompt without words, or with more than are read."""
    if not prompt.strip():
        raise AgentRefused("The prompt is empty. Write what to analyse, as 'Spend and ROAS by campaign for last week'.")
    if len(prompt) > PROMPT_LIMIT:
        raise AgentRefused(f"The prompt has {len(prompt):,} characters; at most {PROMPT_LIMIT:,} are read. Shorten it.")


def complete(reading: Reading, model: SemanticModel, *, on_date: date, taken: str = "") -> Request:
    """Return what a reading asks for, with what is usual in place of what it leaves out; raises AgentRefused."""
    period, versus = reading.period or find_periods(DEFAULT_PERIOD, on_date)[0], reading.versus or "previous"
    notes = () if reading.period else (f"The prompt names no period, so the {DEFAULT_PERIOD} are shown.",)
    compare = contrasted_with(period, versus) if isinstance(versus, Period) else contrasted(period, versus)
    breakdowns = reading.breakdowns
    if reading.order and not breakdowns and not reading.rules:
        breakdowns = (Breakdown((model.default_dimension,), reading.order),)
    _check_size(reading.rules, breakdowns)
    _check_changes(reading.rules, compare)
    return Request(
        period=period,
        compare=compare,
        metrics=reading.metrics,
        breakdowns=settle(breakdowns, period.window.days),
        order=reading.order,
        rules=reading.rules,
        filters=reading.filters,
        report=reading.manner.report,
        sections=reading.manner.sections,
        unwanted=reading.manner.unwanted,
        targets=reading.manner.targets,
        asks_why=reading.manner.asks_why,
        notes=(*notes, *reading.filter_notes, *reading.table_notes),
        not_understood=reading.not_understood,
        taken=taken,
    )


def _manner(sheet: Sheet, unwanted: set[str]) -> Manner:
    sections = {str(piece.value) for piece in sheet.pieces if piece.kind == "s"}
    return Manner(
        report="report" not in unwanted and _wants_report(sheet),
        sections=frozenset(sections - unwanted),
        unwanted=frozenset(unwanted),
        targets="t" in sheet.shape,
        asks_why="W" in sheet.shape,
    )


def _check_size(rules: Sequence[Rule], breakdowns: Sequence[Breakdown]) -> None:
    for what, count, limit in (("conditions", len(rules), MOST_RULES), ("tables", len(breakdowns), MOST_TABLES)):
        if count > limit:
            raise AgentRefused(
                f"The prompt asks for {count} {what}; at most {limit} fit one answer. Split the question."
            )


def _check_changes(rules: Sequence[Rule], compare: Window | None) -> None:
    changes = [each.words for rule in rules for each in rule.conditions if each.on == "change"]
    if changes and compare is None:
        raise AgentRefused(f"{changes[0]!r} needs a period to compare with. Leave out 'no comparison'.")


def _sheet(prompt: str, model: SemanticModel, members: Mapping[str, tuple[str, ...]], today: date) -> Sheet:
    """Read the pieces, again with whole weeks or months where the prompt asks for figures by week or month."""
    sheet = read_pieces(prompt, model, members, today=today)
    grains = {piece.value for piece in sheet.pieces if piece.kind == "g"} & {"week", "month"}
    if len(grains) != 1:
        return sheet
    grain: Grain = "week" if "week" in grains else "month"
    return read_pieces(prompt, model, members, today=today, grain=grain)


def _unwanted(sheet: Sheet) -> set[str]:
    """Return what is expressly not wanted: "no recommendations", "do not create a report"."""
    unwanted = set()
    for match in _UNWANTED.finditer(sheet.shape):
        last = sheet.pieces[match.end() - 1]
        unwanted.add("report" if last.kind == "e" else str(last.value))
        sheet.claim([match.start()])
    return unwanted


def _periods(sheet: Sheet) -> tuple[Period | None, Contrast | Period | None, bool]:
    """Return the period, what it is to be compared with, and whether the words for that may mean a period to show."""
    other = _other_period(sheet)
    named = [sheet.pieces[at].value for at in sheet.of_kind("w")]
    periods = {each.window: each for each in named if isinstance(each, Period)}
    if len(periods) > 1:
        words = " and ".join(repr(each.words) for each in periods.values())
        raise AgentRefused(
            f"The prompt names two periods, {words}. Name one, or write 'compared with' between them to set one "
            "against the other."
        )
    sheet.claim(sheet.of_kind("w"))
    period = next(iter(periods.values()), None)
    told = [at for at in sheet.of_kind("p") if not _is_a_point(sheet, at)]
    kinds = {sheet.pieces[at].value for at in told}
    sheet.claim(told)
    if len(kinds) + (other is not None) > 1:
        raise AgentRefused("The prompt asks for two comparisons in time. Name one.")
    if other is not None:
        later = period is not None and other.window.start > period.window.end
        return (other, period, False) if later else (period, other, False)
    kind: Contrast | None = next(iter(kinds), None)  # type: ignore[arg-type]  # pieces of kind p hold a Contrast
    bare = any(_POINTS_BACK.search(sheet.pieces[at].text) for at in told)
    return period, kind, bare and not set("ku") & set(sheet.shape)


def _is_a_point(sheet: Sheet, at: int) -> bool:
    """Tell whether "a week ago" stands alone: a day in the past, which is not said for certain, and no comparison."""
    words = sheet.pieces[at].text.casefold()
    return words.endswith("ago") and "same" not in words and not re.search(r"k[hi]*$", sheet.shape[:at])


def _other_period(sheet: Sheet) -> Period | None:
    """Return the period that stands after "compared with", and claim it with the words around it."""
    pair = _PAIR.search(sheet.shape)
    lone = _CONTRAST.search(sheet.shape)
    match = pair or lone
    if match is None:
        return None
    sheet.claim(at for at in range(*match.span()) if sheet.pieces[at].kind == "k")
    last = sheet.pieces[match.end() - 1]
    comparing = sheet.pieces[match.start()].text.casefold() in ("compare", "comparing")
    if last.kind == "p" or not isinstance(last.value, Period) or (not pair and comparing):
        return None
    sheet.claim([match.end() - 1])
    return last.value


def _claim_harmless(sheet: Sheet, model: SemanticModel) -> None:
    """Claim "compare" before what is shown side by side anyway, and "average" before a ratio, which is one."""
    for pattern in (_SHOWN, _TARGETS):
        for match in pattern.finditer(sheet.shape):
            sheet.claim([match.start()])
    for at in sheet.of_kind("k"):
        if at == sheet.sentence(at).start and sheet.pieces[at].text.casefold() in ("compare", "comparing"):
            sheet.claim([at])
    for match in _AVERAGE.finditer(sheet.shape):
        if model.metric(str(sheet.pieces[match.end() - 1].value)).type == "ratio":
            sheet.claim([match.start()])


def _refuse_formulas(sheet: Sheet) -> None:
    """Refuse "spend per click" where the model has no such ratio, and "clicks / impressions", which may be one."""
    for match in _FORMULA.finditer(sheet.shape):
        joint = next(sheet.pieces[at] for at in range(*match.span()) if sheet.pieces[at].kind in "b,")
        if joint.text.casefold() in ("per", "/", "by"):
            raise AgentRefused(
                f"{sheet.words(*match.span())!r} reads like a metric of its own, which the model does not have. "
                "Name a metric of the model, or join two by 'and'."
            )


def _wants_report(sheet: Sheet) -> bool:
    """Tell whether a report is asked for; "Report spend by market" is the verb."""
    return any(not _is_verb(sheet, at) for at in sheet.of_kind("e"))


def _is_verb(sheet: Sheet, at: int) -> bool:
    before = [sheet.pieces[n] for n in range(sheet.sentence(at).start, at)]
    heads = all(
        piece.kind in "hij" and piece.text.casefold() not in ("a", "an", "the", "our", "my") for piece in before
    )
    word = sheet.pieces[at].text.casefold()
    return heads and word == "report" and sheet.shape[at + 1 : at + 2] not in ("", ".", ",", "q")
