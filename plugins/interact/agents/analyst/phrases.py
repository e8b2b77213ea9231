"""The fixed words of prompts, by the kind of piece that they make (`lexicon` explains the letters) and its value."""

from __future__ import annotations

from collections.abc import Mapping

FIXED: Mapping[str, Mapping[str, str]] = {
    "c": {
        ">": (
            "above; over; exceed; exceeds; exceeded; exceeding; more than; greater than; higher than; "
            "larger than; bigger than; beyond; surpass; surpasses; surpassed; rose above; rises "
            "above; went above; went over; >"
        ),
        ">=": (
            "at least; minimum; minimum of; no less than; not less than; no fewer than; not below; "
            "not under; no lower than; not lower than; >=; ≥"
        ),
        "<": (
            "below; under; less than; fewer than; lower than; smaller than; dropped below; drops "
            "below; drop below; fell below; fall below; falls below; falling below; dropped under; "
            "fell under; went below; dropped to below; short of; fell short of; <"
        ),
        "<=": (
            "at most; maximum; maximum of; no more than; not more than; not above; not over; up to; "
            "no higher than; not higher than; does not exceed; did not exceed; not exceeding; <=; ≤"
        ),
        "=": "equal to; equals; exactly; =",
        "worse": "worse than; missed; misses; missing; miss",
        "better": "better than; beat; beats; beating; outperformed; outperforms",
    },
    "u": {
        "up": (
            "rose; rise; rises; risen; increased; increase; increases; increasing; grew; grow; grown; "
            "growth; up; went up; climbed; jumped; gained; gain"
        ),
        "down": (
            "fell; fall; falls; fallen; dropped; drop; drops; decreased; decrease; decreases; "
            "declined; decline; declines; declining; down; went down; lost; loss; dropping; falling"
        ),
    },
    "t": {
        "": "target; targets; goal; goals; threshold; limit; benchmark",
    },
    "r": {
        "top": "top; best; strongest; best performing; top performing; highest performing",
        "bottom": "bottom; worst; weakest; worst performing; lowest performing; poorest; underperforming",
        "high": "highest; most; largest; biggest; greatest",
        "low": "lowest; least; smallest; fewest",
    },
    "o": {
        "": (
            "sorted by; sort by; ordered by; order by; ranked by; rank by; in order of; sorted on; "
            "ranked on; sort them by; rank them by; order them by"
        ),
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
        "": (
            "by; per; for each; for every; each; every; across; split by; broken down by; breakdown "
            "by; break down by; grouped by; group by; breakdown per; breakdown of; segmented by; on "
            "the level of; at the level of; in terms of; based on; according to; measured by; with "
            "respect to"
        ),
    },
    "k": {
        "": (
            "compared with; compared to; compare with; compare to; comparing with; versus; vs; v; "
            "against; relative to; in comparison with; in comparison to; compare; comparing; "
            "comparison with; comparison to; compare it with; compare it to; compare this with; "
            "compare this to; compare them with; compare that with; with a comparison to; with a "
            "comparison with; in contrast to"
        ),
    },
    "x": {
        "": (
            "excluding; exclude; excludes; except; except for; other than; leave out; leaving out; "
            "but not; not including; minus"
        ),
    },
    "q": {
        "": (
            "where; whose; with; having; that have; that had; which have; which had; which; that; who; when; of which"
        ),
    },
    "f": {
        "": (
            "highlight; highlights; highlighting; flag; flags; mark; call out; point out; warn; "
            "alert; alerts; pay attention to; watch out for; emphasise; emphasize; single out; "
            "identify"
        ),
    },
    "s": {
        "summary": (
            "executive summary; management summary; what went well; what went wrong; what did not go "
            "well; what did not; what worked; what did not work; summary; overview; key takeaways; "
            "takeaways; key findings; findings; insights; key insights; conclusions; conclusion; "
            "headline; headlines; observations"
        ),
        "recommendations": (
            "key recommendations; recommendations; recommendation; next steps; recommend; "
            "suggestions; action points; actions; what to do; what to do next; what should we do; "
            "suggest; advice; advise"
        ),
        "table": "table; tables; list; lists; breakdown; breakdowns; ranking; leaderboard",
        "chart": ("chart; charts; graph; graphs; plot; line chart; bar chart; visual; visuals; visualisation"),
        "tiles": ("key metrics; kpi; kpis; key figures; scorecard; metric tiles; all metrics; totals; main metrics"),
        "changes": (
            "change; changed; changes; key changes; movers; main movers; biggest changes; what changed; "
            "differences; difference"
        ),
    },
    "S": {
        "": ("performance; results; result; figures; numbers; data; stats; statistics; performing; perform; performed"),
    },
    "e": {
        "": "report; reports; create_report; pdf",
    },
    "y": {
        "": "any; anything; everything; those; ones; all; only those; these",
    },
    "j": {
        "": "it; them; they; this; that one",
    },
    "i": {
        "": "in; for; of; on; from; at; within; inside; to; into; about; regarding; through; via",
    },
    "0": {
        "": "no; zero; without any; without; not any; none",
    },
    "N": {
        "": (
            "not; never; failed to; fail to; fails to; nor; neither; non; isn't; aren't; wasn't; "
            "weren't; don't; doesn't; didn't; unless; hardly; rather; instead; except when; cannot; "
            "can't; barely; almost; nearly; around; approximately; roughly; twice; double; triple; "
            "median; times; difference between; share; percentage; percent; cumulative; running "
            "total; running average; elsewhere; everywhere; nowhere; correlation; "
            "correlated; consecutive; overall average"
        ),
    },
    "A": {
        "": "average; averages; mean; avg",
    },
    "H": {
        "": "hit; hits; met; meet; meets; reached; reach; reaches; achieved; achieve; achieves",
    },
    "I": {
        "": "if; in case; whenever",
    },
    "F": {
        "forecast": (
            "forecast; forecasts; forecasting; predict; predicts; prediction; predictions; "
            "projection; projections; projected; expected; extrapolate; estimate; next; tomorrow; "
            "upcoming; future; what will; how will; how much will; how many will; will we; will our; "
            "will it; will they; will the"
        ),
        "what-if": (
            "what if; what would; would happen; would be; would we; would our; would have; if we; "
            "simulate; simulation; scenario; scenarios; hypothetical; suppose; assume; imagine"
        ),
    },
    "W": {
        "": (
            "why; cause; causes; caused; reason; reasons; because; drivers; driver; drives; drive; "
            "driving; drove; explain; explanation; due to"
        ),
    },
    "T": {
        "": (
            "day; days; week; weeks; month; months; quarter; quarters; quarterly; year; years; "
            "yearly; annual; annually; hour; hours; hourly; minute; minutes; fiscal; fy; since; "
            "until; till; before; after; ago; weekend; weekends; weekday; weekdays; may; march; "
            "today; yesterday; last; past; previous; prior; half; earlier; later; during; beginning "
            "of; end of; start of; middle of; first of; second of; early; late; mid; rest of; days "
            "of; first half; second half; first week; second week; first days; period; onwards; "
            "fortnight; now; monday; tuesday; wednesday; thursday; friday; saturday; sunday; mondays; "
            "tuesdays; fridays; recently; lately; lifetime; all time; ever"
        ),
    },
    "B": {
        "": "between",
    },
    "M": {
        ">=": "or more; or higher; or above; or over; or greater; or better",
        "<=": "or less; or lower; or below; or under; or fewer",
    },
    "&": {
        "": "and; but; as well as; plus; and also; along with; together with; and then",
    },
    "|": {
        "": "or; and/or; either",
    },
    "a": {
        "": (
            "analyse; analyze; rank; sort; analysing; show; give; list; create; make; write; build; "
            "generate; produce; prepare; draft; send; include; including; includes; add; provide; "
            "present; tell; look at; looking at; review; check; summarise; summarize; describe; focus "
            "on; want; need; get; see; use; compute; calculate; find; display the; display me; "
            "display all; display a; break down; split; see if; is there; are there; check if; check "
            "whether; see whether; let me know; email me; email us; email it; display our; display "
            "every; display each; monitor; evaluate; assess; measure; track; investigate"
        ),
    },
    "h": {
        "": (
            "a; an; the; is; are; was; were; our; my; your; their; its; his; us; me; we; i; you; "
            "there; here; please; thanks; thank; hi; hello; dear; be; been; being; am; do; does; did; "
            "has; have; had; can; could; should; must; so; as; too; then; just; only; what; what's; "
            "how; how much; how many; how well; how did; overall; total; complete; full; whole; "
            "current; currently; latest; recent; detailed; brief; briefly; short; concise; clear; "
            "clearly; simple; quick; quickly; good; nice; key; main; important; relevant; major; "
            "general; different; individual; separate; single; respective; following; such; well; "
            "also; first; both; together; each one; if any; if there are any; i.e; e.g; own; level; "
            "levels; number; value; values; metrics; metric; kind; form; format; columns; column; "
            "rows; row; section; sections; part; parts; page; document; you may; we may; i may; they "
            "may; it may; that may; which may; who may; campaigns may; may be; may have; may also; "
            "may want; may contain; detail; details; view; analysis; analyses; review of; update; "
            "briefing; meeting; team; stakeholders; client; management; board; as part of; the "
            "period; this period; in this period; coming from; would like; marketing; paid media; "
            "business; company; account; accounts; ad; ads; advertising; weekly briefing; weekly "
            "update; weekly review; daily update; daily briefing; monthly review; monthly update; "
            "monthly briefing; in english; monday morning; monday briefing; monday meeting; monday "
            "review; monday update; table below; listed below; as below; or not; than; by using; "
            "using; based; while; where possible; note; attention; that need attention; needs "
            "attention; need attention; clearly; create_report tool; tool; did we; question; answer; "
            "currency; euro; euros; eur; in euros; in eur; one; ones that; went; got; came; came in; "
            "running at; stand; stands; stood; say; said; along; end with; start with; begin with; "
            "then list; first list; ranked; sorted; active; delivered; generated; made; spent money; "
            "brought; by means of"
        ),
    },
}
"""Phrases are separated by semicolons; of two readings of the same phrase the first one counts."""
