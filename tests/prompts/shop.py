"""A shop that sells in two currencies: orders, their items, products, customers, refunds, and visits from elsewhere.

Planted: pounds beside euros, cancelled orders, refunds that come late, a country with visits and no orders, products
that were never sold, a week in which Germany stopped buying, and a product whose name is a word of the shop.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 17)
COUNTRIES = (
    ("NL", "Netherlands", "Benelux", "EUR", 12.0, 145),
    ("BE", "Belgium", "Benelux", "EUR", 5.0, 150),
    ("DE", "Germany", "DACH", "EUR", 9.0, 140),
    ("GB", "United Kingdom", "British Isles", "GBP", 8.0, 130),
    ("IE", "Ireland", "British Isles", "EUR", 2.0, 135),
    ("CH", "Switzerland", "DACH", "EUR", 0.0, None),
)
RATES = {"EUR": 1.0, "GBP": 1.17}
PRODUCTS = (
    ("Trail shoe", "Shoes", "Nordpeak", 120, 62, 8),
    ("Road shoe", "Shoes", "Nordpeak", 110, 55, 10),
    ("Rain jacket", "Clothing", "Nordpeak", 160, 90, 4),
    ("Merino shirt", "Clothing", "Woolly & Co", 65, 30, 7),
    ("Socks", "Clothing", "Woolly & Co", 15, 5, 12),
    ("Head torch", "Gear", "Lumen", 45, 24, 5),
    ("Order of the Bear mug", "Gear", "Lumen", 12, 9, 3),
    ("Gift card", "Gift cards", "House", 50, 50, 2),
    ("Ski goggles", "Gear", "Lumen", 80, 50, 0),
)
SOURCES = {"organic": 260, "email": 90, "ads": 150}
DEVICES = {"mobile": 0.62, "desktop": 0.38}
DDL = {
    "orders": """CREATE TABLE orders (order_id INTEGER, customer_id INTEGER, ordered_on DATE, shipped_on DATE,
        country_code VARCHAR, currency VARCHAR, payment VARCHAR, status VARCHAR, is_first BOOLEAN, total DOUBLE,
        eur_rate DOUBLE, cost_eur DOUBLE, target_basket DOUBLE)""",
    "order_items": """CREATE TABLE order_items (order_id INTEGER, line INTEGER, ordered_on DATE, product_id INTEGER,
        quantity INTEGER, unit_price DOUBLE)""",
    "products": "CREATE TABLE products (product_id INTEGER, title VARCHAR, category VARCHAR, brand VARCHAR)",
    "customers": "CREATE TABLE customers (customer_id INTEGER, email VARCHAR, segment VARCHAR)",
    "refunds": "CREATE TABLE refunds (refund_id INTEGER, order_id INTEGER, refunded_on DATE, amount_eur DOUBLE)",
    "visits": "CREATE TABLE visits (day DATE, country_code VARCHAR, device VARCHAR, source VARCHAR, visits INTEGER)",
    "countries": "CREATE TABLE countries (code VARCHAR, title VARCHAR, region VARCHAR)",
}
Rows = dict[str, list[tuple[object, ...]]]


def tables() -> dict[str, tuple[str, Iterator[tuple[object, ...]]]]:
    """Return each table's DDL and rows; the same ones each time."""
    chance = Random(7)
    rows: Rows = {name: [] for name in DDL}
    rows["countries"] = [each[:3] for each in COUNTRIES]
    rows["products"] = [(number, *product[:3]) for number, product in enumerate(PRODUCTS, start=1)]
    rows["customers"] = [
        (number, f"customer{number}@example.com", "business" if number % 5 == 0 else "consumer")
        for number in range(1, 3001)
    ]
    seen: set[int] = set()
    day = FIRST
    while day <= LAST:
        for country in COUNTRIES:
            _sell(rows, country, day, (chance, seen))
            _visit(rows, country[0], day, chance)
        day += timedelta(days=1)
    return {name: (DDL[name], iter(rows[name])) for name in DDL}


def _sell(rows: Rows, country: tuple[object, ...], day: date, by: tuple[Random, set[int]]) -> None:
    chance = by[0]
    wanted = float(str(country[4])) * (1.5 if day.month in (11, 12) else 1.0) * (1.0 + (day - FIRST).days / 1500)
    if country[0] == "DE" and date(2026, 6, 8) <= day <= date(2026, 6, 14):
        wanted *= 0.45
    for _ in range(int(wanted * chance.uniform(0.6, 1.4) + chance.random())):
        _order(rows, country, day, by)


def _order(rows: Rows, country: tuple[object, ...], day: date, by: tuple[Random, set[int]]) -> None:
    chance, seen = by
    number, customer = len(rows["orders"]) + 1, chance.randint(1, 400 + 5 * (day - FIRST).days)
    currency = str(country[3])
    picked = chance.choices(range(len(PRODUCTS)), [product[5] for product in PRODUCTS], k=chance.choice((1, 1, 2, 3)))
    total = cost = 0.0
    for line, index in enumerate(dict.fromkeys(picked), start=1):
        quantity = chance.choice((1, 1, 1, 2))
        price = round(PRODUCTS[index][3] / RATES[currency] * chance.uniform(0.85, 1.0), 2)
        rows["order_items"].append((number, line, day, index + 1, quantity, price))
        total, cost = total + quantity * price, cost + quantity * PRODUCTS[index][4]
    status = chance.choices(("paid", "cancelled"), (0.95, 0.05))[0]
    shipped = day + timedelta(days=chance.randint(0, 4))
    is_shipped = status == "paid" and shipped <= LAST
    payment = chance.choices(("card", "invoice", "PayPal"), (6, 2, 3))[0]
    rows["orders"].append(
        (number, customer, day, shipped if is_shipped else None, country[0], currency, payment, status,
         customer not in seen, round(total, 2), RATES[currency], round(cost, 2), country[5])
    )  # fmt: skip
    seen.add(customer)
    returned = day + timedelta(days=chance.randint(2, 20))
    if status == "paid" and returned <= LAST and chance.random() < 0.09:
        amount = round(total * RATES[currency] * chance.choice((0.5, 1.0)), 2)
        rows["refunds"].append((len(rows["refunds"]) + 1, number, returned, amount))


def _visit(rows: Rows, country: str, day: date, chance: Random) -> None:
    size = {"NL": 1.6, "BE": 0.8, "DE": 1.3, "GB": 1.1, "IE": 0.4, "CH": 0.3}[country]
    for source, usual in SOURCES.items():
        for device, share in DEVICES.items():
            rows["visits"].append((day, country, device, source, int(usual * size * share * chance.uniform(0.7, 1.3))))
