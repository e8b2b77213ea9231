"""The fixed words of prompts, by the kind of piece that they make (`lexicon` explains the letters) and its value."""

from __future__ import annotations

from collections.abc import Mapping

FIXED: Mapping[str, Mapping[str, str]] = {
    "c": {
        ">": (
            "climbed above; grew above; increased above; jumped above; rose over; climbed over; in excess of; "
            "crossed above; newly above; newly over; newly exceeded; above; over; exceed; exceeds; exceeded; "
            "exceeding; more than; greater than; higher than; larger than; bigger than; beyond; surpass; "
            "surpasses; surpassed; rose above; rises above; went above; went over; go above; go over; goes above; "
            "goes over; going above; going over; >"
        ),
        ">=": (
            "at least; minimum; minimum of; no less than; not less than; no fewer than; not below; not under; no "
            "lower than; not lower than; >=; ≥"
        ),
        "<": (
            "declined below; decreased below; sank below; slipped below; dipped below; has fallen below; have "
            "fallen below; had fallen below; fell to below; dropped to under; crossed below; crossed under; newly "
            "below; newly under; newly dropped below; newly fell below; below; under; less than; fewer than; "
            "lower than; smaller than; dropped below; drops below; drop below; fell below; fall below; falls "
            "below; falling below; dropped under; fell under; went below; went under; go below; go under; "
            "goes below; goes under; "
            "going below; going under; fall under; falls under; falling under; drop under; drops under; dropped to "
            "below; short of; fell short "
            "of; <"
        ),
        "<=": (
            "at most; maximum; maximum of; no more than; not more than; not above; not over; up to; no higher "
            "than; not higher than; does not exceed; did not exceed; not exceeding; <=; ≤"
        ),
        "=": "equal to; equals; exactly; =",
        "crossed": "crossed; crosses; crossing; crossed over",
        "worse": "worse than; missed; misses; missing; miss",
        "better": "better than; beat; beats; beating; outperformed; outperforms",
    },
    "u": {
        "up": (
            "rose; rise; rises; risen; increased; increase; increases; increasing; grew; grow; grown; growth; up; "
            "went up; goes up; go up; going up; climbed; climb; climbs; climbing; jumped; jump; jumps; gained; "
            "gain; growing; rising"
        ),
        "down": (
            "fell; fall; falls; fallen; dropped; drop; drops; decreased; decrease; decreases; declined; decline; "
            "declines; declining; down; went down; goes down; go down; going down; lost; loss; dropping; falling; "
            "sank; shrank; slipped; decreasing"
        ),
        "better": "improve; improves; improved; improving; got better; gets better; getting better",
        "worse": (
            "worsen; worsens; worsened; worsening; deteriorated; deteriorates; got worse; gets worse; getting worse"
        ),
    },
    "L": {
        "EUR": "eur; euro; euros",
        "USD": "usd; dollar; dollars; us dollar; us dollars",
        "GBP": "gbp; pounds; pounds sterling; sterling; british pounds",
    },
    "V": {
        "1.0": "double; doubled; doubles; doubling",
        "2.0": "triple; tripled; triples; tripling",
        "-0.5": "halve; halved; halves; halving",
    },
    "G": {
        "<": "negative; below zero; under zero; in the red",
        ">": "positive; above zero",
    },
    "C": {
        "": (
            "amount of; volume of; how many; how much; number of; numbers of; count of; how many different; "
            "number of different"
        ),
    },
    "t": {
        "": "target; targets; goal; goals; threshold; limit; benchmark",
    },
    "r": {
        "top": (
            "top; best; strongest; best selling; bestselling; top selling; best performing; "
            "top performing; highest performing"
        ),
        "bottom": (
            "bottom; worst; weakest; worst selling; worst performing; lowest performing; poorest; underperforming"
        ),
        "high": "highest; most; largest; biggest; greatest",
        "low": "lowest; least; smallest; fewest",
    },
    "o": {
        "": (
            "sorted by; sort by; ordered by; order by; ranked by; rank by; in order of; sorted on; ranked on; "
            "sort them by; rank them by; order them by"
        ),
        "down": (
            "descending; highest first; largest first; biggest first; most expensive first; dearest first; desc; "
            "in descending order; from high to low"
        ),
        "up": (
            "ascending; lowest first; smallest first; cheapest first; least expensive first; asc; in ascending order; "
            "from low to high"
        ),
    },
    "g": {
        "day": ("by day; per day; daily; day by day; each day; by date; every day; for each day; per date"),
        "week": "by week; per week; weekly; week by week; each week; every week; for each week",
        "month": ("by month; per month; monthly; month by month; each month; every month; for each month"),
        "quarter": (
            "by quarter; per quarter; quarterly; quarter by quarter; each quarter; every quarter; for each quarter"
        ),
        "year": ("by year; per year; yearly; annually; year by year; each year; every year; for each year"),
        "auto": (
            "over time; trend; trends; time series; trendline; trend line; trending; trended; trends over time; "
            "trend over time; timeline; development; developed; develop; develops; "
            "evolve; evolves; evolution; evolved; developing; evolving"
        ),
    },
    "b": {
        "": (
            "by; per; for each; for every; each; every; across; split by; broken down by; breakdown by; break "
            "down by; grouped by; group by; breakdown per; segmented by; split per; split out by; split out per; "
            "on the level of; at the level of; in terms of; based on; according to; measured by; with respect to"
        ),
    },
    "k": {
        "": (
            "compared with; compared to; compare with; compare to; comparing with; versus; vs; v; against; "
            "relative to; in comparison with; in comparison to; compare; comparing; comparison with; comparison "
            "to; compare it with; compare it to; compare this with; compare this to; compare them with; compare "
            "that with; with a comparison to; with a comparison with; in contrast to"
        ),
    },
    "x": {
        "": (
            "excluding; exclude; excludes; except; except for; other than; leave out; leaving out; but not; not "
            "including; minus; without counting; not counting; leaving aside; setting aside; ignoring; ignore; excl; "
            "apart from; besides"
        ),
    },
    "q": {
        "": (
            "where; whose; with; having; that have; that had; which have; which had; which; that; who; when; of which"
        ),
    },
    "f": {
        "": (
            "highlight; highlights; highlighting; flag; flags; mark; mention; call out; point out; warn; alert; "
            "alerts; "
            "pay attention to; watch out for; emphasise; emphasize; single out; identify; needs a flag; need a "
            "flag; highlighted; flagged; marked; called out; pointed out; stand out; stands out; emphasised; "
            "emphasized; coloured; colored"
        ),
    },
    "s": {
        "summary": (
            "executive summary; exec summary; management summary; short summary; brief summary; tldr; main "
            "takeaways; main findings; main insights; what went well; what went wrong; what did not go well; what "
            "did not; what worked; what did not work; summary; overview; key takeaways; takeaways; key findings; "
            "findings; insights; key insights; conclusions; conclusion; headline; headlines; observations"
        ),
        "recommendations": (
            "key recommendations; recommendations; recommendation; next steps; recommend; suggestions; action "
            "points; actions; what to do; what to do next; what should we do; what should we do next; what we "
            "should do; what we should do next; what we can improve; what can we improve; suggest; advice; "
            "advise; action items; recommended actions"
        ),
        "table": ("table; tables; list; lists; breakdown; breakdowns; ranking; leaderboard; overview table; split"),
        "chart": ("chart; charts; graph; graphs; plot; line chart; bar chart; visual; visuals; visualisation"),
        "tiles": (
            "key metrics; kpi tiles; tiles; metric cards; kpi cards; kpi; kpis; key figures; scorecard; metric "
            "tiles; all metrics; totals; main metrics"
        ),
        "changes": (
            "change; changed; changes; key changes; movers; main movers; biggest movers; top movers; largest "
            "changes; top changes; biggest changes; what changed; differences; difference; "
            "how they moved; how it moved; how they have moved; how it has moved"
        ),
    },
    "S": {
        "": (
            "performance; results; result; figures; numbers; data; stats; statistics; performing; perform; "
            "performed; performers; performer"
        ),
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
        "": (
            "during; throughout; over the course of; in; for; of; on; from; at; within; inside; to; into; about; "
            "regarding; through; via"
        ),
    },
    "0": {
        "": "no; zero; without any; without; not any; none",
    },
    "N": {
        "": (
            "not; never; failed to; fail to; fails to; nor; neither; non; isn't; aren't; wasn't; weren't; don't; "
            "doesn't; didn't; unless; hardly; rather; instead; except when; cannot; can't; barely; almost; "
            "nearly; around; approximately; roughly; twice; normalised; normalized; weighted; moving average; "
            "rolling average; median of; standard deviation; variance; median; times; difference between; share; "
            "percentage; percent; proportion; cumulative; running total; running average; elsewhere; everywhere; "
            "nowhere; consecutive; overall average"
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
            "forecast; forecasts; forecasting; predict; predicts; prediction; predictions; projection; "
            "projections; projected; expected; extrapolate; estimate; next; tomorrow; upcoming; future; what "
            "will; how will; how much will; how many will; will we; will our; will it; will they; will the"
        ),
        "what-if": (
            "what if; what would; would happen; would be; would we; would our; would have; if we; simulate; "
            "simulation; scenario; scenarios; hypothetical; suppose; assume; imagine; if we had; were to; could "
            "we have; should we have; would have been; had we; could have"
        ),
        "cohort": (
            "cohort; cohorts; retention; retention curve; retention rate; lifetime value; ltv; clv; customer "
            "lifetime value; repeat purchase; repeat purchases; funnel; survival"
        ),
        "relation": (
            "correlation; correlations; correlated; correlate; correlates; relationship between; regression; "
            "significant; significance; statistically; elasticity; causal; impact of; effect of; influence of; "
            "attribution; attributed; attributable; incrementality; incremental"
        ),
    },
    "W": {
        "": (
            "why; cause; causes; caused; reason; reasons; because; drivers; driver; drives; drive; driving; "
            "drove; explain; explanation; due to"
        ),
    },
    "T": {
        "": (
            "day; days; week; weeks; month; months; quarter; quarters; year; years; annual; wk; wks; hour; hours; "
            "hourly; minute; minutes; fiscal; fy; since; until; till; before; after; ago; weekend; weekends; "
            "weekday; weekdays; may; march; today; yesterday; last; past; previous; prior; half; earlier; later; "
            "during; beginning of; end of; start of; at the end of; at the start of; at the beginning of; by the "
            "end of; as of the end of; as of; middle of; first of; second of; early; late; mid; rest of; days of; "
            "first half; second half; first week; second week; first days; period; onwards; fortnight; now; "
            "monday; tuesday; wednesday; thursday; friday; saturday; sunday; mondays; tuesdays; fridays; "
            "recently; lately; lifetime; all time; ever"
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
            "analyse; analyze; rank; sort; pull; pull up; fetch; select; analysing; show; give; list; create; "
            "make; write; build; generate; produce; prepare; draft; send; include; including; includes; add; "
            "provide; present; tell; look at; looking at; review; check; summarise; summarize; describe; focus "
            "on; want; need; get; see; use; compute; calculate; find; display the; display me; display all; "
            "display a; break down; split; see if; is there; are there; check if; check whether; see whether; let "
            "me know; know; email me; email us; email it; display our; display every; display each; monitor; evaluate; "
            "assess; measure; track; investigate"
        ),
    },
    "h": {
        "": (
            "a; an; the; is; are; was; were; our; my; your; their; its; his; us; me; we; i; you; there; here; "
            "please; thanks; thank; hi; hello; dear; be; been; being; am; do; does; did; has; have; had; can; "
            "could; should; must; so; as; too; then; just; only; what; what's; how; how well; how did; overall; "
            "total; complete; full; whole; current; currently; latest; recent; detailed; brief; briefly; short; "
            "concise; clear; clearly; simple; quick; quickly; good; nice; key; main; important; relevant; major; "
            "general; different; individual; separate; single; respective; following; such; well; also; first; "
            "both; together; each one; if any; if there are any; i.e; e.g; own; level; levels; number; value; "
            "values; metrics; metric; kind; form; format; columns; column; rows; row; section; sections; part; "
            "parts; page; document; you may; we may; i may; they may; it may; that may; which may; who may; "
            "campaigns may; may be; may have; may also; may want; may contain; detail; details; view; analysis; "
            "analyses; review of; update; briefing; meeting; team; stakeholders; client; management; board; as "
            "part of; the period; this period; in this period; coming from; would like; marketing; paid media; "
            "business; company; account; accounts; ad; ads; advertising; weekly briefing; weekly update; weekly "
            "review; daily update; daily briefing; monthly review; monthly update; monthly briefing; in english; "
            "monday morning; monday briefing; monday meeting; monday review; monday update; table below; listed "
            "below; as below; or not; than; by using; using; based; while; where possible; note; attention; that "
            "need attention; needs attention; need attention; create_report tool; tool; did we; question; answer; "
            "currency; one; ones that; saw; sees; seen; place; placed; scored; stayed; remained; ran; landed; "
            "ended up; bring in; bring; by what percentage; by how many percent; percentage change; percent "
            "change; by how much; i'd; i'd like; i'd like to see; we'd like; we'd like to see; i'll; i'm; let's; "
            "it's; that's; there's; we're; we've; i've; sold; sell; sells; bought; brought in; made up; pls; plz; "
            "thx; ta; hey; good morning; good afternoon; good evening; kind regards; best regards; regards; "
            "cheers; money; so far; per se; separately; respectively; side by side; next to each other; happened; "
            "happen; going; show up; stand up; exact; exactly how; roughly how; across the board; in total; went; got; "
            "came; came in; running at; stand; stands; stood; say; said; along; end with; close with; start with; "
            "begin with; "
            "then list; first list; ranked; sorted; active; delivered; generated; made; brought; by means of"
        ),
    },
}
"""Phrases are separated by semicolons; of two readings of the same phrase the first one counts."""
