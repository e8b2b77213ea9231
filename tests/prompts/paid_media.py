"""A year and a half of paid media: one row is a campaign in a market, on a device, on a day.

Planted: a day without rows, a day on which Germany's conversions were not tracked, a campaign that stopped, one that
was launched, one that never converts, and names that look like something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 17)
MISSING = date(2026, 5, 20)
UNTRACKED = (date(2026, 6, 5), "DE")
DDL = """CREATE TABLE media_daily (
    day DATE, campaign_name VARCHAR, campaign_type VARCHAR, channel VARCHAR, platform VARCHAR, market VARCHAR,
    device VARCHAR, account_manager VARCHAR, impressions BIGINT, clicks BIGINT, spend DECIMAL(12, 2),
    conversions BIGINT, revenue DECIMAL(12, 2), target_cpa DOUBLE)"""


@dataclass(frozen=True)
class Campaign:
    """What one campaign is, and how it does: its daily impressions, rates and values on average."""

    name: str
    kind: str
    channel: str
    platform: str
    markets: str
    impressions: int
    ctr: float
    cpc: float
    rate: float
    basket: float
    target: float | None
    first: date = FIRST
    last: date = LAST


CAMPAIGNS = (
    Campaign("Search – Brand", "Brand", "Paid search", "Google Ads", "NL BE DE FR", 900, 0.09, 0.35, 0.07, 62, 9),
    Campaign(
        "Search – Generic", "Generic", "Paid search", "Google Ads", "NL BE DE FR", 1500, 0.04, 0.95, 0.031, 70, 28
    ),
    Campaign("Search – Competitors", "Generic", "Paid search", "Microsoft Ads", "NL DE", 420, 0.03, 1.3, 0.02, 66, 35),
    Campaign(
        "Shopping – All products", "Shopping", "Paid search", "Google Ads", "NL BE DE", 2100, 0.02, 0.5, 0.03, 58, 20
    ),
    Campaign("for the past", "Generic", "Paid search", "Microsoft Ads", "NL BE", 300, 0.03, 0.8, 0.05, 75, 15),
    Campaign("delete", "Retargeting", "Display", "Google Ads", "NL DE FR", 2500, 0.006, 0.4, 0.02, 55, 22),
    Campaign(
        "Display – Retargeting",
        "Retargeting",
        "Display",
        "Google Ads",
        "NL BE",
        1800,
        0.007,
        0.45,
        0.04,
        60,
        12,
        last=date(2026, 6, 12),
    ),
    Campaign(
        "Social – Prospecting", "Prospecting", "Paid social", "Meta", "NL BE DE FR", 3000, 0.011, 0.6, 0.012, 52, 40
    ),
    Campaign("O'Neill “Summer” 50%", "Prospecting", "Paid social", "Meta", "NL FR", 1200, 0.012, 0.5, 0.02, 80, 24),
    Campaign(
        "Été – Soldes",
        "Prospecting",
        "Paid social",
        "Meta",
        "FR BE",
        900,
        0.014,
        0.4,
        0.025,
        45,
        18,
        first=date(2025, 6, 1),
    ),
    Campaign("B2B – Leads", "Prospecting", "Paid social", "LinkedIn", "NL DE", 260, 0.008, 4.2, 0.03, 420, 150),
    Campaign("Awareness – Podcast", "Awareness", "Video", "YouTube", "NL DE", 1500, 0.004, 0.7, 0.0, 0, None),
    Campaign(
        "Video – Launch",
        "Awareness",
        "Video",
        "YouTube",
        "DE FR",
        2600,
        0.006,
        0.8,
        0.0,
        0,
        30,
        first=date(2026, 6, 10),
    ),
)
DEVICES = {"mobile": (0.6, 0.8), "desktop": (0.32, 1.25), "tablet": (0.08, 0.9)}
SIZES = {"NL": 1.0, "BE": 0.5, "DE": 1.3, "FR": 0.8}
MANAGERS = {"Google Ads": "ann@agency.example", "Meta": "bo@agency.example"}


def tables() -> dict[str, tuple[str, Iterator[tuple[object, ...]]]]:
    """Return each table's DDL and rows; the same ones each time."""
    return {"media_daily": (DDL, _rows(Random(20260618)))}


def _rows(chance: Random) -> Iterator[tuple[object, ...]]:
    day = FIRST
    while day <= LAST:
        for campaign in CAMPAIGNS:
            if campaign.first <= day <= campaign.last and day != MISSING:
                for market in campaign.markets.split():
                    for device in DEVICES:
                        yield _row(campaign, market, device, day, chance)
        day += timedelta(days=1)


def _row(campaign: Campaign, market: str, device: str, day: date, chance: Random) -> tuple[object, ...]:
    share, quality = DEVICES[device]
    season = (0.85 if day.weekday() >= 5 else 1.05) * (1.3 if day.month in (11, 12) else 1.0)
    impressions = int(campaign.impressions * SIZES[market] * share * season * chance.uniform(0.8, 1.2))
    clicks = int(impressions * campaign.ctr * chance.uniform(0.8, 1.2) + chance.random())
    spend = round(clicks * campaign.cpc * _dearer(campaign, day) * chance.uniform(0.9, 1.1), 2)
    wanted = clicks * campaign.rate * quality * _weaker(campaign, day) * chance.uniform(0.6, 1.4)
    conversions = 0 if (day, market) == UNTRACKED or not campaign.rate else int(wanted + chance.random())
    revenue = round(conversions * campaign.basket * chance.uniform(0.85, 1.15), 2)
    names = (campaign.name, campaign.kind, campaign.channel, campaign.platform, market, device)
    manager = MANAGERS.get(campaign.platform)
    return (day, *names, manager, impressions, clicks, spend, conversions, revenue, campaign.target)


def _dearer(campaign: Campaign, day: date) -> float:
    """Return by how much a campaign's clicks cost more than they used to."""
    return 1.6 if campaign.name == "Search – Generic" and day >= date(2026, 6, 11) else 1.0


def _weaker(campaign: Campaign, day: date) -> float:
    """Return how much of its conversions a campaign has left."""
    return 0.4 if campaign.name == "Social – Prospecting" and day >= date(2026, 6, 8) else 1.0
