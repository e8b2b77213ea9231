"""A subscription business: what happened to accounts, how many there were each day, trials, and payments.

Planted: a month whose last day has no snapshot, a plan that ended, a plan that loses more than it wins, trials whose
conversions come weeks later, and a country without a single churned account in a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 17)
MISSING = date(2026, 5, 31)
PLANS = {"starter": 19, "team": 79, "enterprise": 490, "legacy": 9}
COUNTRIES = {"NL": "Netherlands", "DE": "Germany", "US": "United States", "SE": "Sweden"}
CHANNELS = {"organic": 0.5, "partner": 0.2, "paid": 0.3}
WINS = {"starter": 0.5, "team": 0.28, "enterprise": 0.05, "legacy": 0.0}
LOSES = {"starter": 0.0018, "team": 0.0009, "enterprise": 0.0003, "legacy": 0.004}
SIZES = {"NL": 1.0, "DE": 1.4, "US": 2.2, "SE": 0.4}
LEGACY_ENDS = date(2026, 4, 30)
DDL = {
    "account_events": """CREATE TABLE account_events (event_id INTEGER, happened_on DATE, event VARCHAR,
        plan_code VARCHAR, country_code VARCHAR, channel_code VARCHAR, mrr_change DOUBLE)""",
    "daily_accounts": """CREATE TABLE daily_accounts (snapshot_date DATE, plan_code VARCHAR, country_code VARCHAR,
        channel_code VARCHAR, subscribers INTEGER, mrr DOUBLE)""",
    "trials": """CREATE TABLE trials (trial_id INTEGER, started_on DATE, plan_code VARCHAR, country_code VARCHAR,
        channel_code VARCHAR, converted BOOLEAN)""",
    "payments": """CREATE TABLE payments (payment_id INTEGER, paid_on DATE, plan_code VARCHAR, country_code VARCHAR,
        channel_code VARCHAR, amount DOUBLE, failed BOOLEAN, payer_email VARCHAR)""",
    "plans": "CREATE TABLE plans (code VARCHAR, title VARCHAR, tier VARCHAR)",
    "countries": "CREATE TABLE countries (code VARCHAR, title VARCHAR)",
    "channels": "CREATE TABLE channels (code VARCHAR, title VARCHAR)",
}
Rows = dict[str, list[tuple[object, ...]]]
Cell = tuple[str, str, str]


def tables() -> dict[str, tuple[str, Iterator[tuple[object, ...]]]]:
    """Return each table's DDL and rows; the same ones each time."""
    chance = Random(11)
    rows: Rows = {name: [] for name in DDL}
    rows["plans"] = [(plan, plan.capitalize(), "Business" if price > 50 else "Self-service")
                     for plan, price in PLANS.items()]  # fmt: skip
    rows["countries"] = list(COUNTRIES.items())
    rows["channels"] = [("organic", "Organic"), ("partner", "Partner"), ("paid", "Paid")]
    cells = [(plan, country, channel) for plan in PLANS for country in COUNTRIES for channel in CHANNELS]
    held = {
        each: int(150 * SIZES[each[1]] * CHANNELS[each[2]] * (0.2 if each[0] == "enterprise" else 1)) for each in cells
    }
    day = FIRST
    while day <= LAST:
        for each in cells:
            _live(rows, each, day, (chance, held))
        day += timedelta(days=1)
    return {name: (DDL[name], iter(rows[name])) for name in DDL}


def _live(rows: Rows, cell: Cell, day: date, by: tuple[Random, dict[Cell, int]]) -> None:
    """Let one day pass for the accounts of one plan, country and channel."""
    chance, held = by
    plan, country, channel = cell
    if plan == "legacy" and day > LEGACY_ENDS:
        return
    won = int(WINS[plan] * SIZES[country] * CHANNELS[channel] * chance.uniform(0, 2) + chance.random())
    lost = min(
        held[cell], int(LOSES[plan] * held[cell] * _crisis(cell, day) * chance.uniform(0.4, 1.6) + chance.random())
    )
    for event, count in (("new", won), ("churn", lost)):
        for _ in range(count):
            change = PLANS[plan] * (1 if event == "new" else -1)
            rows["account_events"].append((len(rows["account_events"]) + 1, day, event, *cell, change))
    held[cell] += won - lost
    if day != MISSING:
        rows["daily_accounts"].append((day, *cell, held[cell], float(held[cell] * PLANS[plan])))
    for _ in range(int(1.6 * WINS[plan] * SIZES[country] * CHANNELS[channel] + chance.random())):
        _try(rows, cell, day, chance)
    if held[cell] and chance.random() < 0.3:
        _pay(rows, cell, day, chance)


def _crisis(cell: Cell, day: date) -> float:
    if cell[0] == "team" and cell[1] == "US" and day >= date(2026, 6, 1):
        return 9.0
    if cell[1] == "SE" and date(2026, 6, 8) <= day <= date(2026, 6, 14):
        return 0.0
    return 1.0


def _try(rows: Rows, cell: Cell, day: date, chance: Random) -> None:
    decided = day + timedelta(days=chance.randint(3, 21)) <= LAST
    rows["trials"].append((len(rows["trials"]) + 1, day, *cell, decided and chance.random() < 0.35))


def _pay(rows: Rows, cell: Cell, day: date, chance: Random) -> None:
    number = len(rows["payments"]) + 1
    amount = round(PLANS[cell[0]] * chance.choice((1, 1, 1, 12)) * chance.uniform(0.95, 1.0), 2)
    rows["payments"].append((number, day, *cell, amount, chance.random() < 0.04, f"payer{number}@example.com"))
