"""From a prompt to a Request: every word is understood, known to be harmless, or reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from interact.agents.analyst.breakdowns import MOST_TABLES, is_periodic, read_breakdowns, settle
from interact.agents.analyst.conditions import Rule, read_conditions
from interact.agents.analyst.contrasts import contrasted, contrasted_with
from interact.agents.analyst.counting import read_counts
from interact.agents.analyst.declining import (
    refuse_counts_without_metric,
    refuse_definitions,
    refuse_other_money,
    refuse_unknown_limits,
    refuse_what_is_no_question,
)
from interact.agents.analyst.edges import claim_edges
from interact.agents.analyst.filters import read_filters
from interact.agents.analyst.fitting import check_fit
from interact.agents.analyst.leftovers import judge_leftovers, refuse_counts
from interact.agents.analyst.parts import left_out, without_a_part
from interact.agents.analyst.pieces import Sheet, read_pieces
from interact.agents.analyst.ratios import extended, made_in
from interact.agents.analyst.request import Breakdown, Manner, Reading, Request
from interact.agents.analyst.shorthand import as_seen, is_against, meant, ranked_by, widened
from interact.agents.analyst.timing import read_periods
from interact.agents.analyst.windows import Period, find_periods
from interact.errors import AgentRefused
from interact.warehouse.queries import Grain, Window
from interact.warehouse.semantic import Metric, SemanticModel

PROMPT_LIMIT = 20_000
MOST_RULES = 6
DEFAULT_PERIOD = "past 7 days"
_EACH_OF = re.compile(
    r"\b(?:each|every) of the (?:past|last|previous)[\w ]* (?P<unit>day|week|month|quarter|year)s\b", re.IGNORECASE
)
_TARGETS = re.compile(r"k[hi]*(?:t|mt|tm)")
_SHOWN = re.compile(r"k(?=[hi]*[mdS])")
_AVERAGE = re.compile(r"A[hi]*m")
_FORMULA = re.compile(r"m[hi]*[b,]m")
_UNWANTED = re.compile(r"[0Nx][ahij]*[se]")


def read_prompt(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    on_date: date,
    enforced: Mapping[str, str] | None = None,
) -> Request:
    """Return what a prompt asks for; raises AgentRefused, in words, for what cannot be answered for certain."""
    made = made_in([prompt], model)
    seen = extended(model, made)
    request = complete(read_words(prompt, seen, members, on_date=on_date, enforced=enforced), seen, on_date=on_date)
    return with_made(request, made, model)


def with_made(request: Request, made: Sequence[Metric], model: SemanticModel) -> Request:
    """Return a request with the ratios that its prompts made, each said in a note when the model has no such metric."""
    own = {metric.name for metric in model.metrics}
    notes = [
        f"{each.label} is no metric of the model; it is {each.description}" for each in made if each.name not in own
    ]
    return replace(request, made=tuple(made), notes=(*request.notes, *notes))


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
    members = {each.name: members[each.name] for each in model.shown_dimensions if each.name in members}
    sheet = _prepared(prompt, model, members, on_date=on_date, enforced=enforced or {}, further=before is not None)
    asked = replace(sheet, claimed=set(), remarks=[])
    try:
        return _said(sheet, model, members, enforced=enforced or {}, before=before)
    except AgentRefused as refusal:
        for rest, part in without_a_part(asked) if before is None else ():
            with suppress(AgentRefused):
                sheet = _prepared(rest, model, members, on_date=on_date, enforced=enforced or {}, further=False)
                reading = _said(sheet, model, members, enforced=enforced or {}, before=None)
                return left_out(reading, part, str(refusal))
        raise


def _said(
    sheet: Sheet,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    enforced: Mapping[str, str],
    before: Reading | None,
) -> Reading:
    """Return what the pieces of a prompt say; raises AgentRefused where one cannot be read for certain."""
    usual = as_seen(model, before) if before else model
    unwanted = _unwanted(sheet)
    against = before is not None and is_against(sheet)
    chosen = read_filters(sheet, model, members, enforced=enforced)
    period, versus, is_bare = read_periods(sheet)
    _claim_harmless(sheet, model)
    _refuse_formulas(sheet)
    by_metric = ranked_by(sheet) if before else None
    rules = read_conditions(sheet, usual, meant=meant(before) if before else None)
    refuse_counts(sheet)
    if before is None:
        refuse_counts_without_metric(sheet, model)
    times = tuple(dict.fromkeys(str(sheet.pieces[at].value) for at in sheet.of_kind("D")))
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
        table_notes=(*sheet.remarks, *remarks),
        rules=rules,
        dimensions=frozenset([*chosen.contrasted, *(str(each.value) for each in sheet.pieces if each.kind == "d")]),
        widened=widened(sheet),
        filters=chosen.filters,
        filter_notes=chosen.notes,
        against=against,
        manner=_manner(sheet, unwanted),
        not_understood=_left(sheet, model, members, enforced=enforced, times=times),
        times=times,
    )


def _prepared(
    prompt: str,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    on_date: date,
    enforced: Mapping[str, str],
    further: bool,
) -> Sheet:
    """Return the pieces of a prompt that asks for figures; raises AgentRefused for any other."""
    require_length(prompt)
    refuse_unknown_limits(model, members, enforced)
    sheet = _sheet(prompt, model, members, on_date)
    refuse_what_is_no_question(sheet, model, members, further=further)
    refuse_definitions(sheet, model)
    read_counts(sheet, model)
    refuse_other_money(sheet, model)
    claim_edges(sheet, model)
    return sheet


def require_length(prompt: str) -> None:
    """Raise AgentRefused for a prompt without words, or with more than are read."""
    if not prompt.strip():
        raise AgentRefused("The prompt is empty. Write what to analyse, as 'Spend and ROAS by campaign for last week'.")
    if len(prompt) > PROMPT_LIMIT:
        raise AgentRefused(f"The prompt has {len(prompt):,} characters; at most {PROMPT_LIMIT:,} are read. Shorten it.")


def complete(reading: Reading, model: SemanticModel, *, on_date: date, taken: str = "") -> Request:
    """Return what a reading asks for, with what is usual in place of what it leaves out; raises AgentRefused."""
    usual = f"last {reading.versus}" if reading.versus in ("month", "quarter") else DEFAULT_PERIOD
    period, versus = reading.period or find_periods(usual, on_date)[0], reading.versus or "previous"
    is_or_are = "are" if usual == DEFAULT_PERIOD else "is"
    notes = () if reading.period else (f"The prompt names no period, so the {usual} {is_or_are} shown.",)
    compare = contrasted_with(period, versus) if isinstance(versus, Period) else contrasted(period, versus)
    breakdowns = reading.breakdowns
    if reading.order and not breakdowns and not reading.rules:
        breakdowns = (Breakdown((model.default_dimension,), reading.order),)
    _check_size(reading.rules, breakdowns)
    _check_changes(reading.rules, compare)
    left = check_fit(reading, breakdowns, model)
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
        notes=(*notes, *reading.filter_notes, *reading.table_notes, *left),
        not_understood=reading.not_understood,
        taken=taken,
    )


def _manner(sheet: Sheet, unwanted: set[str]) -> Manner:
    sections = {str(sheet.pieces[at].value) for at in sheet.of_kind("s")}
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
    changes = [each.words for rule in rules for each in rule.conditions if each.on == "change" or rule.newly]
    if changes and compare is None:
        raise AgentRefused(f"{changes[0]!r} needs a period to compare with. Leave out 'no comparison'.")


def _sheet(prompt: str, model: SemanticModel, members: Mapping[str, tuple[str, ...]], today: date) -> Sheet:
    """Read the pieces, again with whole weeks or months where the prompt asks for figures by week or month."""
    sheet = read_pieces(prompt, model, members, today=today)
    for match in _EACH_OF.finditer(sheet.text):
        return read_pieces(prompt, model, members, today=today, grain=match["unit"].lower())  # type: ignore[arg-type]
    grains = {each.value for at, each in enumerate(sheet.pieces) if each.kind == "g" and not is_periodic(sheet, at)} & {
        "week",
        "month",
        "quarter",
        "year",
    }
    if len(grains) != 1:
        return sheet
    grain: Grain = grains.pop()  # type: ignore[assignment]  # pieces of kind g hold grains
    return read_pieces(prompt, model, members, today=today, grain=grain)


def _unwanted(sheet: Sheet) -> set[str]:
    """Return what is expressly not wanted: "no recommendations", "do not create a report"."""
    unwanted = set()
    for match in _UNWANTED.finditer(sheet.shape):
        last = sheet.pieces[match.end() - 1]
        unwanted.add("report" if last.kind == "e" else str(last.value))
        sheet.claim([match.start()])
    return unwanted


def _claim_harmless(sheet: Sheet, model: SemanticModel) -> None:
    """Claim "compare" before what is shown side by side anyway, and "average" before a ratio, which is one."""
    for pattern in (_SHOWN, _TARGETS):
        for match in pattern.finditer(sheet.shape):
            sheet.claim([match.start()])
    for at in sheet.of_kind("k"):
        if at == sheet.sentence(at).start and sheet.pieces[at].text.casefold() in ("compare", "comparing"):
            sheet.claim([at])
    for match in _AVERAGE.finditer(sheet.shape):
        metric = model.metric(str(sheet.pieces[match.end() - 1].value))
        leaf = metric.type == "simple" and (metric.agg == "avg" or metric.semi_additive == "average")
        if leaf or metric.type == "ratio" or metric.format in ("percent", "ratio"):
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


def _left(
    sheet: Sheet,
    model: SemanticModel,
    members: Mapping[str, tuple[str, ...]],
    *,
    enforced: Mapping[str, str],
    times: Sequence[str],
) -> tuple[str, ...]:
    """Return what the answer leaves out; date columns are judged beside the metrics, and understood here."""
    if times:
        sheet.claim(sheet.of_kind("D"))
    return judge_leftovers(sheet, model, members, enforced=enforced)


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
