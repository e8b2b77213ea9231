"""The demo's warehouse: 400 days of advertising of an invented outdoor shop, the same for the same last day.

A day's ordinary figures depend on the day alone, so that loading again tomorrow leaves history as it was; only the
events below move with the last day `end`.

    event                        where                                when
    ---------------------------  -----------------------------------  -------------------------------------------
    ROAS fell below 2            campaign Generic Search              last 7 days: baskets worth half as much
    CPA above its target         campaign Competitor Search           last 7 days: far fewer clicks convert
    spend without conversions    campaign Winter Launch Search        last 7 days: not one conversion
    no spend at all              channel Organic                      always: ROAS and CPA have no meaning
    ROAS below 2 all along       campaign Video Awareness             always: it pays for reach
    tracking outage              every campaign                       one day, `end` - 30: conversions, revenue are 0
    stopped                      campaign Display Retargeting         no rows after `end` - 10
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

DAYS = 400
MARKETS = (("NL", 1.0, 1.0), ("BE", 0.6, 0.96), ("DE", 1.35, 1.04))
"""Name, share of volume, value of a basket."""
WEEKDAYS = (1.06, 1.03, 1.0, 0.98, 0.94, 0.93, 1.06)
SEASON = (0.96, 0.92, 0.95, 0.98, 1.0, 1.0, 0.96, 0.95, 1.0, 1.05, 1.18, 1.14)
"""Demand at the first of each month, joined by straight lines."""
TABLE = """
    CREATE TABLE ad_performance (
        date DATE NOT NULL, campaign VARCHAR NOT NULL, channel VARCHAR NOT NULL, market VARCHAR NOT NULL,
        impressions BIGINT NOT NULL, clicks BIGINT NOT NULL, spend DECIMAL(12, 2) NOT NULL,
        conversions BIGINT NOT NULL, revenue DECIMAL(12, 2) NOT NULL,
        target_cpa DECIMAL(8, 2), target_roas DECIMAL(6, 2)
    )
"""
Row = tuple[date, str, str, str, int, int, float, int, float, float | None, float | None]


@dataclass(frozen=True)
class Campaign:
    """A campaign's habits in the largest market on an ordinary day; without spend it has no targets."""

    name: str
    channel: str
    impressions: int
    click_rate: float
    cost_per_click: float
    conversion_rate: float
    basket: float
    target_cpa: float | None
    target_roas: float | None


CAMPAIGNS = (
    Campaign("Brand Search", "Paid search", 9_000, 0.09, 0.42, 0.065, 92, 12, 9),
    Campaign("Generic Search", "Paid search", 22_000, 0.034, 0.88, 0.036, 88, 32, 3),
    Campaign("Competitor Search", "Paid search", 12_000, 0.028, 0.95, 0.034, 104, 36, 3),
    Campaign("Running Shoes Search", "Paid search", 14_000, 0.038, 0.76, 0.042, 96, 24, 4.5),
    Campaign("Rain Jackets Search", "Paid search", 10_000, 0.036, 0.82, 0.038, 128, 28, 5),
    Campaign("Winter Launch Search", "Paid search", 7_000, 0.03, 0.9, 0.036, 118, 34, 4),
    Campaign("Shopping All Products", "Shopping", 48_000, 0.013, 0.54, 0.034, 84, 21, 4.5),
    Campaign("Shopping Bestsellers", "Shopping", 30_000, 0.016, 0.5, 0.041, 79, 16, 5.5),
    Campaign("Display Prospecting", "Display", 160_000, 0.0035, 0.36, 0.0125, 90, 38, 2.5),
    Campaign("Display Retargeting", "Display", 52_000, 0.0075, 0.44, 0.029, 88, 20, 4.5),
    Campaign("Social Prospecting", "Social", 90_000, 0.009, 0.48, 0.0175, 86, 36, 2.5),
    Campaign("Social Retargeting", "Social", 34_000, 0.014, 0.55, 0.032, 90, 23, 4),
    Campaign("Social Lookalikes", "Social", 60_000, 0.0095, 0.5, 0.02, 88, 33, 3),
    Campaign("Video Awareness", "Video", 120_000, 0.004, 0.55, 0.0135, 68, 48, 1.5),
    Campaign("Video Product Stories", "Video", 64_000, 0.0055, 0.42, 0.0165, 92, 34, 3),
    Campaign("Newsletter", "Organic", 16_000, 0.045, 0.0, 0.034, 82, None, None),
    Campaign("Outdoor Blog", "Organic", 12_000, 0.05, 0.0, 0.013, 80, None, None),
)


def rows(end: date) -> Iterator[Row]:
    """Yield the rows of 400 days that end on `end`, by day, campaign and market; cells in the table's order."""
    for ago in reversed(range(DAYS)):
        day = end - timedelta(days=ago)
        for place, campaign in enumerate(CAMPAIGNS):
            if campaign.name == "Display Retargeting" and ago < 10:
                continue
            for number, market in enumerate(MARKETS):
                yield _row(day, ago, campaign, market, seed=place * 10 + number)


def load(path: Path, end: date) -> int:
    """Write the rows into a new DuckDB file that takes the place of `path` at once; return their number.

    Who reads the old file keeps reading it; a failure leaves it as it was.
    """
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        listing, fresh = Path(folder, "rows.csv"), Path(folder, "fresh.duckdb")
        with listing.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows(end))
        with duckdb.connect(fresh) as connection:
            connection.execute(TABLE)
            connection.execute("INSERT INTO ad_performance SELECT * FROM read_csv(?, header = false)", [str(listing)])
            count = connection.execute("SELECT COUNT(*) FROM ad_performance").fetchone()
        fresh.replace(path)
    return int(count[0]) if count else 0


def _row(day: date, ago: int, campaign: Campaign, market: tuple[str, float, float], *, seed: int) -> Row:
    name, share, basket_factor = market
    demand = share * WEEKDAYS[day.weekday()] * _season(day) * _growth(day)
    impressions = round(campaign.impressions * demand * _noise(day, seed, salt=1, width=0.12))
    clicks = round(impressions * campaign.click_rate * _noise(day, seed, salt=2, width=0.08))
    spend = round(clicks * campaign.cost_per_click * _noise(day, seed, salt=3, width=0.06), 2)
    rate, value = _event(campaign, ago)
    expected = clicks * campaign.conversion_rate * rate * _noise(day, seed, salt=4, width=0.1)
    conversions = int(expected + _fraction(day, seed, salt=5))
    basket = campaign.basket * basket_factor * value * _noise(day, seed, salt=6, width=0.08)
    revenue = round(conversions * basket, 2)
    targets = campaign.target_cpa, campaign.target_roas
    return (day, campaign.name, campaign.channel, name, impressions, clicks, spend, conversions, revenue, *targets)


def _event(campaign: Campaign, ago: int) -> tuple[float, float]:
    """Return what an event does to the conversion rate and to the value of a basket."""
    if ago == 30:
        return 0.0, 1.0
    if ago < 7:
        return {
            "Generic Search": (1.0, 0.45),
            "Competitor Search": (0.62, 1.0),
            "Winter Launch Search": (0.0, 1.0),
        }.get(campaign.name, (1.0, 1.0))
    return 1.0, 1.0


def _season(day: date) -> float:
    """Return the time of year's factor, from one month's to the next."""
    share = (day.day - 1) / 31
    return SEASON[day.month - 1] * (1 - share) + SEASON[day.month % 12] * share


def _growth(day: date) -> float:
    """Return the slow trend: 6 % of 2025's volume more each year."""
    return 1 + 0.06 * (day.toordinal() - date(2025, 1, 1).toordinal()) / 365


def _noise(day: date, seed: int, *, salt: int, width: float) -> float:
    """Return a factor around 1, at most `width` away."""
    return 1 + width * (2 * _fraction(day, seed, salt=salt) - 1)


def _fraction(day: date, seed: int, *, salt: int) -> float:
    """Return a number from 0 to below 1 that looks random (SplitMix64), the same on every machine and Python."""
    mask = (1 << 64) - 1
    state = (day.toordinal() * 1_000_003 + seed * 101 + salt) * 0x9E3779B97F4A7C15 & mask
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
    state = (state ^ state >> 27) * 0x94D049BB133111EB & mask
    return ((state ^ state >> 31) >> 11) / (1 << 53)
