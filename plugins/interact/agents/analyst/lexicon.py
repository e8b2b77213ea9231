"""The analyst's words, and how a prompt is cut into pieces: each word of it ends up in exactly one.

A piece has a kind, one letter, so that what is asked can be recognised by its shape (`conditions`, `reading`):

    m metric      d dimension    v value of a dimension   w period       p comparison in time   n number
    c comparator  u change       t target                 r rank         o order                g grain
    b "by"        k "against"    x "excluding"            q "where"      f highlight            e report
    s section     S performance  a verb of asking         y "any"        i preposition          h harmless
    0 "no"        N "not"        I "if"                   F forecast     W why                  T unread time
    A "average"   B "between"    M "or more"              j "it"         z unknown              & | , .  joints
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interact.agents.analyst.windows import NUMBER_WORDS
from interact.warehouse.semantic import SemanticModel

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Token:
    """A word, number or mark, where it stands, and its plain form."""

    text: str
    start: int
    end: int
    plain: str
    number: float | None = None
    unit: str = ""

    @property
    def key(self) -> str:
        """What phrases are compared by."""
        return self.text if self.plain == "#" else self.plain


@dataclass(frozen=True)
class Piece:
    """One or more tokens that mean one thing."""

    kind: str
    text: str
    start: int
    end: int
    value: object = None


@dataclass(frozen=True)
class Member:
    """A value that stands in the prompt: in which dimensions, and as which stored values."""

    found: tuple[tuple[str, tuple[str, ...]], ...]


_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-−]?(?P<sign>[€$£])?\s?[-−]?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?:\s?(?P<unit>%|×|percent\b|per cent\b|(?:k|m|x|eur|usd|gbp|euros?|dollars?|pounds?)\b))?(?![\w%]))"
    r"|(?P<word>[^\W_][\w'’]*(?:_\w+)*)|(?P<mark>>=|<=|[^\w\s])|(?P<line>\n)",
    re.IGNORECASE,
)
_MARKS = {"&": "&", "+": "&", ",": ",", "/": ",", "(": ",", ")": ",", "|": ",", "•": ","} | dict.fromkeys(".!?;\n", ".")
_SCALE = {"%": 0.01, "percent": 0.01, "per cent": 0.01, "k": 1e3, "m": 1e6}
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "euros": "EUR", "eur": "EUR", "usd": "USD", "gbp": "GBP"}
_SIGNS |= {"dollar": "USD", "dollars": "USD", "pound": "GBP", "pounds": "GBP"}

_FIXED: dict[str, Mapping[str, str]] = {
    "c": {
        ">": "above; over; exceed; exceeds; exceeded; exceeding; more than; greater than; higher than; larger than; "
        "bigger than; beyond; surpass; surpasses; surpassed; rose above; rises above; went above; went over; >",
        ">=": "at least; minimum; minimum of; no less than; not less than; no fewer than; not below; not under; "
        "no lower than; not lower than; >=; ≥",
        "<": "below; under; less than; fewer than; lower than; smaller than; dropped below; drops below; drop below; "
        "fell below; fall below; falls below; falling below; dropped under; fell under; went below; dropped to below; "
        "short of; fell short of; <",
        "<=": "at most; maximum; maximum of; no more than; not more than; not above; not over; up to; no higher than; "
        "not higher than; does not exceed; did not exceed; not exceeding; <=; ≤",
        "=": "equal to; equals; exactly; =",
        "worse": "worse than; missed; misses; missing; miss",
        "better": "better than; beat; beats; beating; outperformed; outperforms",
    },
    "u": {
        "up": "rose; rise; rises; risen; increased; increase; increases; increasing; grew; grow; grown; growth; up; "
        "went up; climbed; jumped; gained; gain",
        "down": "fell; fall; falls; fallen; dropped; drop; drops; decreased; decrease; decreases; declined; decline; "
        "declines; declining; down; went down; lost; loss; dropping; falling",
    },
    "t": {"": "target; targets; goal; goals; threshold; limit; benchmark"},
    "r": {
        "top": "top; best; strongest; best performing; top performing; highest performing",
        "bottom": "bottom; worst; weakest; worst performing; lowest performing; poorest; underperforming",
        "high": "highest; most; largest; biggest; greatest",
        "low": "lowest; least; smallest; fewest",
    },
    "o": {
        "": "sorted by; sort by; ordered by; order by; ranked by; rank by; in order of; sorted on; ranked on; "
        "sort them by; rank them by; order them by",
        "down": "descending; highest first; largest first; desc; in descending order; from high to low",
        "up": "ascending; lowest first; smallest first; asc; in ascending order; from low to high",
    },
    "g": {
        "day": "by day; per day; daily; day by day; each day; by date; every day; for each day; per date",
        "week": "by week; per week; weekly; week by week; each week; every week; for each week",
        "month": "by month; per month; monthly; month by month; each month; every month; for each month",
        "auto": "over time; trend; trends; time series; trendline; trend line; timeline",
    },
    "b": {
        "": "by; per; for each; for every; each; every; across; split by; broken down by; breakdown by; break down by; "
        "grouped by; group by; breakdown per; breakdown of; segmented by; on the level of; at the level of; "
        "in terms of; based on; according to; measured by; with respect to"
    },
    "k": {
        "": "compared with; compared to; compare with; compare to; comparing with; versus; vs; v; against; "
        "relative to; in comparison with; in comparison to; compare; comparing; comparison with; comparison to; "
        "compare it with; compare it to; compare this with; compare this to; compare them with; compare that with; "
        "with a comparison to; with a comparison with; in contrast to"
    },
    "x": {"": "excluding; exclude; excludes; except; except for; other than; leave out; leaving out; but not; not including; minus"},
    "q": {"": "where; whose; with; having; that have; that had; which have; which had; which; that; who; when; of which"},
    "f": {
        "": "highlight; highlights; highlighting; flag; flags; mark; call out; point out; warn; alert; alerts; "
        "pay attention to; watch out for; emphasise; emphasize; single out; identify"
    },
    "s": {
        "summary": "executive summary; management summary; summary; overview; key takeaways; takeaways; key findings; "
        "findings; insights; key insights; conclusions; conclusion; headline; headlines; observations",
        "recommendations": "key recommendations; recommendations; recommendation; next steps; recommend; suggestions; "
        "action points; actions; what to do; suggest; advice; advise",
        "table": "table; tables; list; lists; breakdown; breakdowns; ranking; leaderboard",
        "chart": "chart; charts; graph; graphs; plot; line chart; bar chart; visual; visuals; visualisation",
        "tiles": "key metrics; kpi; kpis; key figures; scorecard; metric tiles; all metrics; totals; main metrics",
        "changes": "changes; key changes; movers; main movers; biggest changes; what changed; differences; difference",
    },
    "S": {"": "performance; results; result; figures; numbers; data; stats; statistics; performing; perform; performed"},
    "e": {"": "report; reports; create_report; pdf"},
    "y": {"": "any; anything; everything; those; ones; all; only those; these"},
    "j": {"": "it; them; they; this; that one"},
    "i": {"": "in; for; of; on; from; at; within; inside; to; into; about; regarding; through; via"},
    "0": {"": "no; zero; without any; without; not any; none"},
    "N": {
        "": "not; never; nor; neither; non; isn't; aren't; wasn't; weren't; don't; doesn't; didn't; unless; hardly; "
        "rather; instead; except when; cannot; can't; barely; almost; nearly; around; approximately; roughly; twice; "
        "double; triple; median; times; difference between; share; percentage; percent; cumulative; "
        "running total; running average; correlation; correlated; consecutive; overall average"
    },
    "A": {"": "average; averages; mean; avg"},
    "I": {"": "if; in case; whenever"},
    "F": {
        "forecast": "forecast; forecasts; forecasting; predict; predicts; prediction; predictions; projection; "
        "projections; projected; expected; extrapolate; estimate; next; tomorrow; upcoming; future; what will; how will; how much will; "
        "how many will; will we; will our; will it; will they; will the",
        "what-if": "what if; what would; would happen; would be; would we; would our; would have; if we; simulate; simulation; scenario; scenarios; hypothetical; suppose; assume; imagine",
    },
    "W": {"": "why; cause; causes; caused; reason; reasons; because; drivers; driver; drives; drive; driving; drove; explain; explanation; due to"},
    "T": {
        "": "day; days; week; weeks; month; months; quarter; quarters; quarterly; year; years; yearly; annual; "
        "annually; hour; hours; hourly; minute; minutes; fiscal; fy; since; until; till; before; after; ago; weekend; "
        "weekends; weekday; weekdays; may; march; today; yesterday; last; past; previous; prior; half; earlier; later; "
        "during; beginning of; end of; start of; middle of; first of; second of; early; late; mid; rest of; days of; "
        "first half; second half; first week; second week; first days; period; onwards; fortnight; now; tuesday; "
        "wednesday; thursday; friday; saturday; sunday; mondays; tuesdays; fridays; recently; lately; lifetime; "
        "all time; ever"
    },
    "B": {"": "between"},
    "M": {
        ">=": "or more; or higher; or above; or over; or greater; and above; and up; and more; or better",
        "<=": "or less; or lower; or below; or under; or fewer; and below",
    },
    "&": {"": "and; but; as well as; plus; and also; along with; together with; and then"},
    "|": {"": "or; and/or; either"},
    "a": {
        "": "analyse; analyze; analysing; show; give; list; create; make; write; build; generate; produce; prepare; "
        "draft; send; include; including; includes; add; provide; present; report on; tell; look at; looking at; "
        "review; check; summarise; summarize; describe; focus on; want; need; get; see; use; compute; calculate; "
        "find; display the; display me; display all; display a; break down; split; see if; is there; are there; "
        "check if; check whether; see whether; let me know; email me; email us; email it; "
        "display our; display every; display each; monitor; evaluate; assess; measure; track; investigate"
    },
    "h": {
        "": "a; an; the; is; are; was; were; our; my; your; their; its; his; us; me; we; i; you; there; here; please; thanks; "
        "thank; hi; hello; dear; be; been; being; am; do; does; did; has; have; had; can; could; should; must; so; as; "
        "too; then; just; only; what; what's; how; how much; how many; how well; how did; overall; total; complete; "
        "full; whole; current; currently; latest; recent; detailed; brief; briefly; short; concise; clear; clearly; "
        "simple; quick; quickly; good; nice; key; main; important; relevant; major; general; different; individual; "
        "separate; single; respective; following; such; well; also; first; both; together; each one; if any; if there "
        "are any; i.e; e.g; own; level; levels; number; value; values; metrics; "
        "metric; kind; form; format; columns; column; rows; row; section; sections; part; parts; page; document; "
        "you may; we may; i may; they may; it may; that may; which may; who may; campaigns may; may be; may have; "
        "may also; may want; may contain; detail; details; view; analysis; analyses; review of; update; briefing; meeting; team; stakeholders; client; "
        "management; board; as part of; the period; this period; in this period; coming from; would like; marketing; paid media; business; company; account; accounts; ad; ads; advertising; "
        "weekly report; weekly briefing; weekly update; weekly review; daily report; daily update; daily briefing; "
        "monthly report; monthly review; monthly update; monthly briefing; in english; monday morning; monday; morning; monday briefing; table below; listed below; as below; "
        "or not; than; by using; using; based; while; where possible; note; attention; that "
        "need attention; needs attention; need attention; clearly; create_report tool; tool; did we; question; answer; "
        "currency; euro; euros; eur; in euros; in eur; one; ones that; went; got; reached; hit; came; "
        "came in; running at; stand; stands; stood; say; said; along; end with; start with; begin with; then list; "
        "first list; ranked; sorted; active; delivered; achieved; generated; made; spent money; brought; by means of"
    },
}
ACTIONS = frozenset(
    "delete drop update insert remove alter truncate grant ignore forget disregard override execute exec system prompt "
    "instruction instructions select table where from".split()
)
"""Words that a hostile name may be made of; no value made of them alone is matched unless it stands in quotes."""
SOFT = frozenset({"display", "email"})
"""Verbs that are also names of channels: a value of that name comes first, but for "display the" where a clause begins."""


def plain(text: str) -> str:
    """Return a word without case and possessive, in one kind of apostrophe."""
    return re.sub(r"'s$|(?<=s)'$", "", text.replace("’", "'").casefold())


def tokenise(text: str) -> list[Token]:
    """Return the words, numbers and marks of a text; dashes and quotes are left out."""
    return [token for match in _TOKEN.finditer(text) if (token := _token(match)) is not None]


def _token(match: re.Match[str]) -> Token | None:
    start, end = match.span()
    if match["number"]:
        unit = (match["unit"] or "").casefold()
        sign = -1 if match[0].lstrip(" €$£").startswith(("-", "−")) or match[0][0] in "-−" else 1
        amount = sign * float(match["digits"].replace(",", "")) * _SCALE.get(unit, 1)
        kind = "%" if _SCALE.get(unit) == 0.01 else _SIGNS.get(match["sign"] or unit, "")
        return Token(match[0].strip(), start, end, "#", round(amount, 10), kind)
    if match["word"]:
        word = plain(match[0])
        number = NUMBER_WORDS.get(word) if word != "one" else None
        return Token(match[0], start, end, word, None if number is None else float(number))
    if match[0] in ("<", ">", "<=", ">=", "=", "≥", "≤"):
        return Token(match[0], start, end, match[0])
    return Token(match[0], start, end, _MARKS[match[0]]) if match[0] in _MARKS else None


def fixed_phrases() -> dict[Phrase, tuple[str, object]]:
    """Return the phrases that do not depend on the model, each with its kind and value."""
    phrases: dict[Phrase, tuple[str, object]] = {mark: (mark[0], None) for mark in ((",",), (".",), ("&",))}
    for kind, groups in _FIXED.items():
        for value, words in groups.items():
            for phrase in words.split(";"):
                key = _phrase(phrase)
                if key not in phrases:
                    phrases[key] = (kind, value)
    return phrases


def model_phrases(model: SemanticModel) -> dict[Phrase, tuple[str, object]]:
    """Return the words for a model's metrics and dimensions, singular and plural."""
    phrases: dict[Phrase, tuple[str, object]] = {}
    for dimension in model.dimensions:
        for words in (dimension.name, dimension.label, dimension.plural, *dimension.synonyms):
            phrases |= {key: ("d", dimension.name) for key in _numbers(words)}
    for metric in model.metrics:
        for words in (metric.name, metric.label, *metric.synonyms):
            phrases |= {key: ("m", metric.name) for key in _numbers(words)}
    return phrases


def member_phrases(members: Mapping[str, Iterable[str]], known: Mapping[Phrase, object]) -> dict[Phrase, Member]:
    """Return the values that a prompt may name without quotes.

    Left out are values made only of words that mean something else, so that no name in the data can steer the reading.
    """
    words = {word for phrase in known for word in phrase} | ACTIONS
    found: dict[Phrase, dict[str, tuple[str, ...]]] = {}
    for dimension, values in members.items():
        for value in values:
            key = _phrase(value)
            if key and _is_a_name(value, key, words):
                dimensions = found.setdefault(key, {})
                dimensions[dimension] = (*dimensions.get(dimension, ()), value)
    return {key: Member(tuple(names.items())) for key, names in found.items() if not _wraps(key, found, words)}


def _wraps(key: Phrase, names: Mapping[Phrase, object], words: set[str]) -> bool:
    """Tell whether a name is another one with words of the language around it ("Paid search performance")."""
    spans = [(start, end) for start in range(len(key)) for end in range(start + 1, len(key) + 1) if (start, end) != (0, len(key))]
    return any(key[start:end] in names and words.issuperset(key[:start] + key[end:]) for start, end in spans)


def _is_a_name(value: str, key: Phrase, words: set[str]) -> bool:
    """Tell whether a value can be told from other words: codes as "BE" by their capitals, others by a word of their own."""
    if len(value.strip()) < 3:
        return re.fullmatch(r"[A-Z]{2}", value.strip()) is not None
    return any(not word[0].isdigit() and (word not in words or word in SOFT) for word in key)


def _phrase(text: str) -> Phrase:
    return tuple(token.key for token in tokenise(text))


def _numbers(words: str) -> list[Phrase]:
    key = _phrase(words.replace("_", " "))
    if not key:
        return []
    last = key[-1]
    other = last[:-1] if last.endswith("s") and not last.endswith("ss") else f"{last}s"
    forms = [last, *(["spent", "spending"] if last == "spend" else []), *([other] if len(other) > 1 else [])]
    return [_phrase(words), *((*key[:-1], form) for form in forms)]
