"""Plants numbers: right ones in many writings, and false ones of ten kinds, each in an honest sentence."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from builders.planted import (
    CHANGES,
    LEVELS,
    WHOLE_CHANGES,
    WHOLE_LEVELS,
    Fact,
    Figures,
    Planted,
    change_of,
    in_percent,
    written,
)

KINDS = (
    "digit",
    "unit",
    "member",
    "metric",
    "stale",
    "total",
    "sign",
    "points",
    "rounding",
    "zero",
)
STATED = (
    "The top 5 campaigns are listed below.",
    "Campaigns with ROAS below 2 or CPA above €40 are highlighted.",
    "No campaign in NL exceeded the limit of €40 in the past 7 days.",
    "All figures cover the past 7 days (9–15 November 2026), as of 08:00 on 2026-11-16.",
    "1. Move budget in week 47, before Q4 2026 ends.",
    "See chart 2 and table 1; GA4 and version 2.1.0 agree.",
)


def right(found: Figures, random: Random) -> Iterator[Planted]:
    """Yield texts of which every number is right, without an end."""
    writers = (_level, _level, _change, _change, _pair, _several, _table, _target, _ends, _counts, _share, _stated)
    while True:
        yield random.choice(writers)(found, random)


def false(found: Figures, random: Random) -> Iterator[Planted]:
    """Yield texts with one false number each, of all kinds in turn, without an end."""
    while True:
        for kind in KINDS:
            planted = None
            while planted is None:
                planted = _FALSE[kind](found, random)
            yield planted


def _fill(template: str, fact: Fact, found: Figures, random: Random, **texts: str) -> str:
    up = change_of(fact) > 0
    plain = {
        "who": fact.who,
        "m": found.label(fact.metric),
        "M": found.model.metric(fact.metric).label,
        "v": written(fact, fact.now, random, found.model),
        "p": written(fact, fact.before, random, found.model),
        "c": in_percent(change_of(fact), random),
        "verb": random.choice(("rose", "increased", "grew", "climbed") if up else ("fell", "dropped", "declined")),
        "noun": random.choice(("increase", "rise") if up else ("drop", "decline", "decrease")),
        "s": "+" if up else random.choice("-−"),
        "way": "up" if up else "down",
        "than": "higher" if up else "lower",
    }
    return template.format(**plain | texts)


def _fact(found: Figures, random: Random, *, whole: bool | None = None) -> Fact:
    return random.choice([fact for fact in found.facts if whole is None or whole == (not fact.who)])


def _level(found: Figures, random: Random) -> Planted:
    fact = _fact(found, random)
    return Planted(_fill(random.choice(LEVELS if fact.who else WHOLE_LEVELS), fact, found, random), "", "level")


def _change(found: Figures, random: Random) -> Planted:
    fact = _fact(found, random)
    return Planted(_fill(random.choice(CHANGES if fact.who else WHOLE_CHANGES), fact, found, random), "", "change")


def _pair(found: Figures, random: Random) -> Planted:
    one, other = _two(found, random)
    a, b = (written(fact, fact.now, random, found.model) for fact in (one, other))
    m, M = found.label(one.metric), found.model.metric(one.metric).label  # noqa: N806
    template = random.choice(
        (
            "{M} was {a} for {x} and {b} for {y}.",
            "{x} ({m} {a}) and {y} ({m} {b}) moved apart.",
            "{x} had {m} of {a}, {y} only {b}.",
            "{M}: {x} {a}, {y} {b}.",
            "{x} and {y} had {m} of {a} and {b}, respectively.",
            "{M} was {a} at {x} versus {b} at {y}.",
            "While {x} stood at {a}, {m} for {y} was {b}.",
        )
    )
    return Planted(template.format(m=m, M=M, x=one.who, y=other.who, a=a, b=b), "", "pair")


def _two(found: Figures, random: Random) -> tuple[Fact, Fact]:
    """Return two facts of one metric and dimension."""
    while True:
        one, other = _fact(found, random, whole=False), _fact(found, random, whole=False)
        alike = one.metric == other.metric and (len(one.who) == 2) == (len(other.who) == 2)
        if alike and one.who != other.who:
            return one, other


def _several(found: Figures, random: Random) -> Planted:
    who = _fact(found, random, whole=False).who
    own = random.sample(found.of(who), min(3, len(found.of(who))))
    parts = [f"{found.label(fact.metric)} {written(fact, fact.now, random, found.model)}" for fact in own]
    head = random.choice((f"- **{who}**: ", f"{who}: ", f"{who} closed with ", f"{who} had "))
    return Planted(f"{head}{', '.join(parts)}.", "", "several")


def _table(found: Figures, random: Random) -> Planted:
    own = sorted({fact.who for fact in found.facts if len(fact.who) > 2})
    names = random.sample(("spend", "clicks", "revenue", "conversions"), 2)
    lines = [f"| Campaign | {' | '.join(found.model.metric(name).label for name in names)} |", "|---|---:|---:|"]
    for who in random.sample(own, 2):
        by = {fact.metric: fact for fact in found.of(who)}
        cells = [written(by[name], by[name].now, random, found.model) if name in by else "n/a" for name in names]
        lines.append(f"| {who} | {' | '.join(cells)} |")
    return Planted("\n".join(lines), "", "table")


def _target(found: Figures, random: Random) -> Planted:
    fact = random.choice([fact for fact in found.facts if fact.target is not None])
    side = "above" if fact.now > (fact.target or 0) else "below"
    template = random.choice(
        (
            "{who} has {m} of {v} against a target of {t}.",
            "{M} of {who} is {v}, {side} its target of {t}.",
            "{who} is {side} the {t} target with {m} of {v}.",
        )
    )
    target = written(fact, fact.target or 0.0, random, found.model)
    return Planted(_fill(template, fact, found, random, t=target, side=side), "", "target")


def _ends(found: Figures, random: Random) -> Planted:
    metric = random.choice(("spend", "clicks", "revenue"))
    own = sorted((fact for fact in found.facts if fact.metric == metric and len(fact.who) == 2), key=lambda f: f.now)
    low, high = (written(fact, fact.now, random, found.model) for fact in (own[0], own[-1]))
    template = random.choice(
        (
            "The best market is {h} with {m} of {b}, the weakest {l} with {a}.",
            "{M} ranged from {a} in {l} to {b} in {h}.",
            "{m} is highest in {h} ({b}) and lowest in {l} ({a}).",
        )
    )
    fields = {"m": found.label(metric), "M": found.model.metric(metric).label, "a": low, "b": high}
    return Planted(template.format(**fields, l=own[0].who, h=own[-1].who), "", "ends")


def _counts(found: Figures, random: Random) -> Planted:
    campaigns, markets = (len(found.ground.results[f"result_{n:012d}"].rows) for n in (2, 3))
    text = random.choice(
        (
            f"The report covers {campaigns} campaigns in {markets} markets.",
            f"All {campaigns} campaigns were active.",
            "We compare three markets: NL, BE and DE.",
            f"{markets} markets are shown.",
        )
    )
    return Planted(text, "", "count")


def _share(found: Figures, random: Random) -> Planted:
    share = found.ground.made[0].value
    text = random.choice(
        ("NL accounts for {} of spend.", "{} of spend went to NL.", "Spend in NL was {} of the total.")
    )
    return Planted(text.format(f"{share * 100:.1f}%"), "", "share")


def _stated(found: Figures, random: Random) -> Planted:
    return Planted(random.choice(STATED), "", "stated")


# False ones: `v`, `c` or `p` of a sentence is replaced, and the rest of it is right.


def _level_with(fact: Fact, false: str, found: Figures, random: Random, kind: str) -> Planted:
    template = random.choice(LEVELS if fact.who else WHOLE_LEVELS)
    return Planted(_fill(template, fact, found, random, v=false), false, kind)


def _digit(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    shown = written(fact, fact.now, random, found.model)
    places = [place for place, letter in enumerate(shown) if letter.isdigit()]
    place = random.choice(places)
    digit = random.choice([each for each in "123456789" if each != shown[place]])
    return _level_with(fact, shown[:place] + digit + shown[place + 1 :], found, random, "digit")


def _unit(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    shown = written(fact, fact.now, random, found.model)
    kind = found.model.metric(fact.metric).format
    bare = "".join(letter for letter in shown if letter.isdigit() or letter in ".,k\u202f").strip("., ")
    swapped = {
        "currency": (f"${bare}", f"{bare}%", f"{bare} GBP"),
        "percent": (f"€{bare}", bare),
        "ratio": (f"{bare}%", f"€{bare}"),
        "integer": (f"{bare}%", f"€{bare}"),
    }
    return _level_with(fact, random.choice(swapped[kind]), found, random, "unit")


def _other(fact: Fact, value: float, found: Figures) -> bool:
    """Return whether a value differs from a fact's so much that no rounding makes them one."""
    return abs(value - fact.now) > 0.06 * max(abs(fact.now), abs(value))


def _member(found: Figures, random: Random) -> Planted | None:
    one, other = _two(found, random)
    if not _other(one, other.now, found):
        return None
    return _level_with(one, written(other, other.now, random, found.model), found, random, "member")


def _metric(found: Figures, random: Random) -> Planted | None:
    one = _fact(found, random)
    other = random.choice(found.of(one.who))
    formats = [found.model.metric(each.metric).format for each in (one, other)]
    if one.metric == other.metric or formats[0] != formats[1] or not _other(one, other.now, found):
        return None
    return _level_with(one, written(other, other.now, random, found.model), found, random, "metric")


def _stale(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    if not _other(fact, fact.before, found):
        return None
    return _level_with(fact, written(fact, fact.before, random, found.model), found, random, "stale")


def _total(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random, whole=True)
    size = fact.now * random.choice((0.8, 0.9, 1.1, 1.25, 2.0))
    return _level_with(fact, written(fact, size, random, found.model), found, random, "total")


def _sign(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    shown = in_percent(change_of(fact), random)
    up = change_of(fact) > 0
    wrong = {"verb": "fell" if up else "rose", "noun": "drop" if up else "rise", "s": "−" if up else "+", "c": shown}
    wrong |= {"way": "down" if up else "up", "than": "lower" if up else "higher"}
    template = random.choice([each for each in (CHANGES if fact.who else WHOLE_CHANGES) if "{c}" in each])
    return Planted(_fill(template, fact, found, random, **wrong), shown, "sign")


def _points(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    size = abs(change_of(fact)) * 100
    shown = random.choice((f"{size:.1f} percentage points", f"{size:.1f} points", f"{size:.1f} pp"))
    if found.model.metric(fact.metric).format == "percent" and random.random() < 0.5:
        apart = abs(fact.now - fact.before) * 100
        shown = f"{apart:.1f}%"
        if abs(apart - size) < 0.2:
            return None
    templates = CHANGES[:3] if fact.who else WHOLE_CHANGES[1:3]
    return Planted(_fill(random.choice(templates), fact, found, random, c=shown), shown, "points")


def _rounding(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    shown = written(fact, fact.now, random, found.model, shift=random.choice((-1, 1)))
    return _level_with(fact, shown, found, random, "rounding")


def _zero(found: Figures, random: Random) -> Planted | None:
    fact = _fact(found, random)
    shown = written(fact, fact.now * random.choice((10, 0.1, 100)), random, found.model)
    return _level_with(fact, shown, found, random, "zero")


_FALSE = {
    "digit": _digit,
    "unit": _unit,
    "member": _member,
    "metric": _metric,
    "stale": _stale,
    "total": _total,
    "sign": _sign,
    "points": _points,
    "rounding": _rounding,
    "zero": _zero,
}
