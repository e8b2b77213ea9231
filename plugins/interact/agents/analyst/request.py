"""What a prompt asks for, once it is read."""

from __future__ import annotations

from dataclasses import dataclass

from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.contrasts import Contrast
from interact.agents.analyst.windows import Period
from interact.warehouse.queries import Filter, Grain, Window
from interact.warehouse.semantic import Metric


@dataclass(frozen=True)
class Ranking:
    """Which metric orders a breakdown, and how many of it are asked for (None: all)."""

    metric: str
    descending: bool
    limit: int | None = None


@dataclass(frozen=True)
class Breakdown:
    """One table that is asked for: by dimensions, by time, or both."""

    dimensions: tuple[str, ...]
    ranking: Ranking | None = None
    grain: Grain | None = None


@dataclass(frozen=True)
class Manner:
    """How the figures are to be shown."""

    report: bool
    sections: frozenset[str]
    unwanted: frozenset[str]
    targets: bool
    asks_why: bool


@dataclass(frozen=True)
class Reading:
    """What the words of one prompt say, and nothing that they leave out."""

    period: Period | None
    versus: Contrast | Period | None
    """What the period is to be compared with."""
    versus_is_bare: bool
    """True for words such as "the week before", which may also name a period to be shown."""
    metrics: tuple[str, ...]
    names_metric: bool
    """True where any metric is named, also one that only ranks or judges."""
    overall: bool
    """True for words such as "performance", which ask for what is usual."""
    breakdowns: tuple[Breakdown, ...]
    """Their grain may still be "auto"."""
    order: Ranking | None
    ranked_by: str | None
    """The metric of a further question that says "by CPA" and no more."""
    table_notes: tuple[str, ...]
    rules: tuple[Rule, ...]
    dimensions: frozenset[str]
    """Those that words stand for; others in breakdowns and rules are the model's choice."""
    widened: frozenset[str]
    """Those of which all members are asked for: "all markets"."""
    filters: tuple[Filter, ...]
    filter_notes: tuple[str, ...]
    against: bool
    """True where a further question sets its values against those before: "compared with BE"."""
    manner: Manner
    not_understood: tuple[str, ...]
    times: tuple[str, ...] = ()
    """The date columns that are named: "by ship date"."""


@dataclass(frozen=True)
class Request:
    """One prompt, read completely."""

    period: Period
    compare: Window | None
    metrics: tuple[str, ...]
    """Those that are named to be shown, in order; empty for the model's own choice."""
    breakdowns: tuple[Breakdown, ...]
    order: Ranking | None
    """The order asked for where no table was: "sorted by spend"."""
    rules: tuple[Rule, ...]
    filters: tuple[Filter, ...]
    report: bool
    sections: frozenset[str]
    """What is asked for by name: summary, recommendations, chart, tiles, changes, table."""
    unwanted: frozenset[str]
    """What is expressly not asked for, of the same names and `report`."""
    targets: bool
    """True where targets are to be shown beside their metrics."""
    asks_why: bool
    notes: tuple[str, ...]
    """How words were read that could have been read otherwise."""
    not_understood: tuple[str, ...]
    """The parts of the prompt that the answer leaves out, word for word."""
    made: tuple[Metric, ...] = ()
    """Ratios of the model's metrics that the prompt made itself: "revenue per click"."""
    taken: str = ""
    """What comes from the questions before, and what of them is left, in sentences."""
