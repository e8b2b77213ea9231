"""How far a further question reaches: its period, what that is compared with, and the values that it is about."""

from __future__ import annotations

import re

from interact.agents.analyst.contrasts import Contrast, contrasted, is_relative
from interact.agents.analyst.heirs import Heir
from interact.agents.analyst.request import Reading
from interact.agents.analyst.spans import in_words
from interact.agents.analyst.windows import Period
from interact.agents.analyst.wording import limit_in_words, listing
from interact.chats.figures import literally
from interact.errors import AgentRefused
from interact.warehouse.queries import Filter, Window

_BACK = re.compile(r"(?:the )?(?:previous|prior|preceding)\b", re.IGNORECASE)


def times_of(heir: Heir) -> tuple[Period | None, Contrast | Period | None]:
    """Return the period and what it is compared with; raises AgentRefused where either could be another one."""
    before, now = heir.before, heir.now
    if now.versus_is_bare:
        raise AgentRefused(
            "I could not tell whether a period is to be shown or to be compared with. Name its days, or write "
            "'compared with' before it."
        )
    if now.period is None:
        return _same_period(heir)
    _refuse_steps_back(before, now.period)
    if now.versus is not None or before.versus is None:
        return now.period, now.versus
    if isinstance(before.versus, Period) and not is_relative(before.versus):
        raise AgentRefused(
            f"The question before compares with {before.versus.words!r}, and I could not tell what "
            f"{now.period.words!r} is to be compared with. Write 'compared with' and a period, or 'without comparison'."
        )
    carried = _carried(before)
    heir.taken.append(_versus_in_words(carried))
    return now.period, carried


def _same_period(heir: Heir) -> tuple[Period | None, Contrast | Period | None]:
    before, now = heir.before, heir.now
    if before.period:
        heir.taken.append(literally(before.period.words))
    if now.versus is None:
        if before.versus:
            heir.taken.append(_versus_in_words(before.versus))
        return before.period, before.versus
    if isinstance(now.versus, Period) and before.period and now.versus.window.start > before.period.window.end:
        return now.versus, before.period
    return before.period, now.versus


def _versus_in_words(versus: Contrast | Period | None) -> str:
    if isinstance(versus, Period):
        return f"compared with {literally(versus.words)}"
    words = {"none": "without a comparison", "previous": "compared with the period before"}
    return words.get(str(versus), f"compared with the {versus} before")


def _carried(before: Reading) -> Contrast | Period | None:
    """Return a comparison for another period: "week over week" of a week is one with the period before."""
    versus, period = before.versus, before.period
    if versus is None or isinstance(versus, Period) or versus in ("none", "year") or period is None:
        return versus
    return "previous" if contrasted(period, versus) == period.previous else versus


def _refuse_steps_back(before: Reading, period: Period) -> None:
    """Refuse "the previous month" after a question about a month: from today it is another one than from there."""
    if before.period is None or period.count or not _BACK.match(period.words):
        return
    if period.unit == before.period.unit or _touch(period.window, before.period.window):
        days = in_words(before.period.window)
        raise AgentRefused(
            f"{period.words!r} may be counted from today ({in_words(period.window)}) or from {days}. Name its dates."
        )


def _touch(one: Window, other: Window) -> bool:
    return one.start <= other.end and other.start <= one.end


def filters_of(heir: Heir) -> tuple[Filter, ...]:
    """Return the values that the question is about: its own, and those before of other dimensions."""
    before, now, joints = heir.before, heir.now, heir.joints
    named = {each.dimension for each in now.filters}
    grouped = {name for each in now.breakdowns for name in each.dimensions}
    found: list[Filter] = []
    for each in before.filters:
        # "By market" after "in NL" would be a table of one row.
        is_one_row = each.dimension in grouped and len(each.values) == 1 and not each.exclude
        if joints.clears or each.dimension in now.widened or (is_one_row and each.dimension not in named):
            heir.left.append(limit_in_words(each, heir.model))
        elif each.dimension not in named:
            found.append(each)
            heir.taken.append(limit_in_words(each, heir.model))
    known = {each.dimension: each for each in before.filters if not joints.clears}
    merged = [_merged(heir, known.get(each.dimension), each) for each in now.filters]
    return (*found, *(each for each in merged if each.values))


def _merged(heir: Heir, old: Filter | None, new: Filter) -> Filter:
    """Return the values of one dimension that both questions name; without values where all are meant again."""
    if heir.now.against and (old is None or old.exclude or new.exclude):
        raise AgentRefused(
            f"I could not tell with what {listing(new.values)!r} is to be compared: the question before names no "
            f"{heir.model.dimension(new.dimension).label.lower()}. Name both."
        )
    if old is None:
        return new
    adds = heir.joints.adds or heir.now.against
    if old.exclude == new.exclude and (adds or new.exclude):
        merged = Filter(new.dimension, tuple(dict.fromkeys((*old.values, *new.values))), exclude=new.exclude)
    elif old.exclude != new.exclude and (adds or new.exclude):
        merged = Filter(old.dimension, tuple(v for v in old.values if v not in new.values), exclude=old.exclude)
    else:
        return new
    if not merged.values and not merged.exclude:
        raise AgentRefused(
            f"The question before is about {listing(old.values)} alone, and this one leaves it out. Name what to show."
        )
    heir.taken.append(limit_in_words(old, heir.model))
    return merged
