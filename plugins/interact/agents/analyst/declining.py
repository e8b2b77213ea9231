"""What no figure answers: forecasts, causes, orders to change something, names of people, words with two meanings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interact.agents.analyst.pieces import Sheet
from interact.agents.analyst.suggestions import suggestion, unknown
from interact.errors import AgentRefused, listed
from interact.warehouse.semantic import SemanticModel

_FUTILE: Mapping[str, str] = {
    "forecast": "I answer from figures that exist and make no forecasts ({words!r}). Ask about a period that is over.",
    "what-if": "I answer from figures that exist and cannot say what would happen ({words!r}). Ask what happened.",
    "cohort": "I follow no cohorts of people over time ({words!r}). Ask for a metric of a period, as {example!r}.",
    "relation": "I show figures side by side and judge no connection between them ({words!r}). Ask for {example!r}.",
}
_SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\b(?:drop|truncate|alter|create)\s+table\b|\binsert\s+into\b|\bunion\s+select\b"
    r"|\bupdate\s+\w+\s+set\b|\bdelete\s+from\b",
    re.IGNORECASE | re.DOTALL,
)
_DEEDS = frozenset(
    {
        *("delete", "remove", "pause", "stop", "disable", "enable", "archive", "set", "raise", "lower", "reduce"),
        *("adjust", "launch", "forget", "override", "pretend", "execute", "insert", "truncate", "alter", "grant"),
        *("drop", "increase", "decrease", "cut", "shift", "move", "reallocate", "cancel", "turn", "update", "stop"),
        *("refund", "buy", "block", "ban", "approve", "export", "download"),
    }
)
_OCCASIONS = frozenset({"call", "meeting", "review", "briefing", "presentation", "session", "standup", "stand-up"})
_DEFINING = frozenset({"define", "explain", "mean", "means"})


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


def refuse_what_is_no_question(
    sheet: Sheet, model: SemanticModel, members: Mapping[str, tuple[str, ...]], *, further: bool = False
) -> None:
    """Raise AgentRefused for what figures cannot answer, and for prompts that ask nothing of the data.

    After another question fewer words ask something: "why?", "by week", "compared with last year".
    """
    _refuse_sql(sheet)
    _refuse_deeds(sheet, model)
    for at in sheet.of_kind("F"):
        if _is_an_occasion(sheet, at):
            sheet.claim([at])
            continue
        message = _FUTILE[str(sheet.pieces[at].value)]
        raise AgentRefused(message.format(words=around(sheet, at), example=example(model)))
    for at in sheet.of_kind("U"):
        _refuse_two_meanings(sheet, at, model)
    _refuse_people(sheet, model)
    asks = "mdvSeswgopWkrcntzCGV" if further else "mdvSes" if "z" in sheet.shape else "mdvSesw"
    if not any(piece.kind in asks for piece in sheet.pieces):
        words = [piece.text for piece in sheet.pieces if piece.kind == "z"]
        close = next((word for word in words if suggestion(word, model, members)), "")
        run = re.search(r"z(?:[hijy]*z)*", sheet.shape)
        if run and (close or "w" in sheet.shape):
            raise AgentRefused(unknown(close or sheet.words(*run.span()), model, members, enforced={}))
        raise AgentRefused(f"I found no question about the data in the prompt. {what_is_known(model)}")
    if not further:
        _refuse_causes(sheet, model)


def what_is_known(model: SemanticModel) -> str:
    """Return one sentence with the metrics and dimensions that can be asked about."""
    metrics = ", ".join(metric.label for metric in model.metrics)
    dimensions = ", ".join(dimension.label.lower() for dimension in model.shown_dimensions)
    return f"I answer questions about {metrics}, by {dimensions} and over time."


def around(sheet: Sheet, at: int) -> str:
    """Return a piece with its neighbours, so that a reader finds it in the prompt."""
    sentence = sheet.sentence(at)
    return sheet.words(max(sentence.start, at - 1), min(sentence.stop, at + 3) or at + 1)


def example(model: SemanticModel) -> str:
    """Return a question that the model answers."""
    metric = (model.default_metrics or (model.metrics[0].name,))[0]
    ways = [each.label.lower() for each in model.shown_dimensions if model.reaches(metric, each.name)]
    return f"{model.metric(metric).label}{f' by {ways[0]}' if ways else ''} for last week"


def _is_an_occasion(sheet: Sheet, at: int) -> bool:
    """Tell whether "tomorrow" says when a report is needed: "for tomorrow's call"."""
    after = {word for piece in sheet.pieces[at + 1 : at + 4] for word in piece.text.casefold().split()}
    return sheet.pieces[at].text.casefold().startswith(("tomorrow", "next", "upcoming")) and bool(after & _OCCASIONS)


def _refuse_sql(sheet: Sheet) -> None:
    found = _SQL.search(sheet.text)
    if found and not any(piece.kind == "v" and piece.start <= found.start() < piece.end for piece in sheet.pieces):
        raise AgentRefused(f"The prompt holds SQL ({found[0]!r:.60}), which I do not run. Ask in words.")


def _refuse_deeds(sheet: Sheet, model: SemanticModel) -> None:
    """Refuse orders to change something: "delete all campaigns with …", "increase the budget"."""
    for start in {sheet.sentence(at).start for at, piece in enumerate(sheet.pieces) if piece.kind != "."}:
        sentence = sheet.sentence(start)
        head = next((at for at in sentence if sheet.pieces[at].kind not in "h&,"), start)
        piece = sheet.pieces[head]
        # "Drop in spend" is a drop, and "increase by channel" one as well.
        is_noun = sheet.shape[head + 1 : head + 2] in ("i", "b", "w", ".", "") and piece.kind == "u"
        makes = re.match(r"a[hi]*d(?:[hi.,]|$)", sheet.shape[head : sentence.stop]) and _is_made(sheet, head)
        if makes or (piece.kind not in "vmd" and piece.text.casefold().split()[0] in _DEEDS and not is_noun):
            raise AgentRefused(
                f"I read figures and change nothing ({sheet.words(head, min(sentence.stop, head + 4))!r}). "
                f"Ask what the figures are, as {example(model)!r}."
            )


def _is_made(sheet: Sheet, head: int) -> bool:
    """Tell whether one member of a dimension is to be made: "create a campaign for NL"."""
    made = next(piece for piece in sheet.pieces[head:] if piece.kind == "d")
    return sheet.pieces[head].text.casefold() in ("create", "make", "build") and not made.text.casefold().endswith("s")


def _refuse_two_meanings(sheet: Sheet, at: int, model: SemanticModel) -> None:
    names = str(sheet.pieces[at].value).split()
    parts = {each.name: each.label for each in (*model.metrics, *model.dimensions)}
    labels = [parts[name] for name in names]
    raise AgentRefused(f"{sheet.pieces[at].text!r} may be {' or '.join(labels)}. Write one of these names.")


def _refuse_people(sheet: Sheet, model: SemanticModel) -> None:
    """Refuse to list or to group by what tells who a person is; beside figures that are asked for it is left out."""
    for at in sheet.of_kind("P"):
        sentence = sheet.sentence(at)
        before = sheet.shape[sentence.start : at]
        if (
            "m" not in before
            or re.search(r"m[hi]*$", before)
            or (re.search(r"[bxqr][hijy]*$", before) and not before.rstrip("hijy").endswith("q"))
        ):
            label = model.dimension(str(sheet.pieces[at].value)).label
            raise AgentRefused(
                f"{sheet.words(at, at + 1)!r} ({label}) tells who a person is, which is never shown, counted by or "
                f"filtered by. Ask for figures, as {example(model)!r}."
            )


def _refuse_causes(sheet: Sheet, model: SemanticModel) -> None:
    """Refuse "did the rain cause …" and "why … , is it the price?": figures show what changed, not why."""
    for at in sheet.of_kind("W"):
        pieces = [sheet.pieces[n] for n in sheet.sentence(at)]
        others = [piece for piece in pieces if piece.kind == "z" and piece.text == piece.text.casefold()]
        if others or not any(piece.kind in "mSs" for piece in pieces):
            raise AgentRefused(
                f"I state no causes ({around(sheet, at)!r}): the figures show what changed and where. "
                f"Ask 'what changed' beside figures, as {example(model)!r}."
            )


def refuse_counts_without_metric(sheet: Sheet, model: SemanticModel) -> None:
    """Claim "how many" before a metric; refuse it before what is none: "how many people visited our stores"."""
    for at in sheet.of_kind("C"):
        rest = [n for n in range(at + 1, sheet.sentence(at).stop) if sheet.pieces[n].kind not in "hijycnA"]
        first = next((n for n in rest if sheet.pieces[n].kind in "mdzv"), None)
        kinds = {sheet.pieces[n].kind for n in rest}
        if first is None or not kinds & set("md") or sheet.pieces[first].kind == "z":
            words = sheet.words(at, min(sheet.sentence(at).stop, at + 5))
            raise AgentRefused(f"{words!r} names no metric that I know. {what_is_known(model)}")
        if sheet.pieces[first].kind == "d" and first not in sheet.claimed:
            plural = model.dimension(str(sheet.pieces[first].value)).plural
            raise AgentRefused(
                f"I count no {plural} ({sheet.words(at, first + 1)!r}): the model has no metric for their number. "
                f"Ask for figures by {model.dimension(str(sheet.pieces[first].value)).label.lower()}, or for those "
                "that meet a condition."
            )
        if sheet.pieces[first].kind == "m" and not re.match(
            r"(?:how much|amount|volume)", sheet.pieces[at].text, re.IGNORECASE
        ):
            _refuse_amount(sheet, at, first, model=model)
        sheet.claim([at])


def _refuse_amount(sheet: Sheet, at: int, first: int, *, model: SemanticModel) -> None:
    """Refuse "the number of refunds" where refunds are money."""
    metric = model.metric(str(sheet.pieces[first].value))
    if metric.format in ("currency", "percent", "ratio"):
        kind = {"currency": "an amount of money"}.get(metric.format, "a rate")
        raise AgentRefused(
            f"{metric.label} is {kind}, and {sheet.words(at, first + 1)!r} asks for a number. "
            f"Ask for {metric.label} itself."
        )


def refuse_other_money(sheet: Sheet, model: SemanticModel) -> None:
    """Claim "in euros" where all money is in euros; refuse it elsewhere: nothing is converted."""
    named = [model.metric(str(piece.value)) for piece in sheet.pieces if piece.kind == "m"]
    shown = named or [model.metric(name) for name in model.default_metrics]
    for at in sheet.of_kind("L"):
        others = [each for each in shown if each.format == "currency" and each.unit != sheet.pieces[at].value]
        if others or not any(each.format == "currency" for each in shown):
            unit = (
                f"in {others[0].unit}" if others and others[0].unit else "not in one currency" if others else "no money"
            )
            label, words = (others or shown)[0].label, sheet.pieces[at].text
            raise AgentRefused(f"{label} is {unit}, and I convert nothing to {words!r}. Leave it out.")
        sheet.claim([at])


def refuse_unknown_limits(
    model: SemanticModel, members: Mapping[str, tuple[str, ...]], enforced: Mapping[str, str]
) -> None:
    """Refuse a run that is limited to a value of which the data has no row."""
    for name, value in enforced.items():
        if members.get(name) is not None and value not in members[name] and name in {d.name for d in model.dimensions}:
            others = [each for each in members[name] if each != value]
            known = f" (there are {listed(others, limit=8)})" if others else ""
            raise AgentRefused(
                f"This run is limited to {model.dimension(name).label} {value!r}, of which the data has no row{known}. "
                "Correct the job's values, or load the data."
            )
