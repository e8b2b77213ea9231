"""Tables of a shop as databases hold them: keys declared or only meant, days, money, persons, and odd names."""

from __future__ import annotations

TABLES = (
    "CREATE TABLE countries (code VARCHAR(2) PRIMARY KEY, title VARCHAR(40), region VARCHAR(40))",
    "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name VARCHAR(40), email VARCHAR(40), segment VARCHAR(9))",
    "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (customer_id), "
    "country_code VARCHAR(2), ordered_at TIMESTAMP, shipped_on DATE, currency VARCHAR(3), total DOUBLE PRECISION, "
    "cost_eur DOUBLE PRECISION, tax_rate DOUBLE PRECISION, items INTEGER, is_gift BOOLEAN)",
    "CREATE TABLE stock_levels (day DATE, country_code VARCHAR(2), units INTEGER)",
    "CREATE TABLE notes (note VARCHAR(99))",
    'CREATE TABLE "Old Orders" (day DATE, total INTEGER)',
)
ROWS = (
    "INSERT INTO countries VALUES ('NL', 'Holland', 'Benelux'), ('DE', 'Germany', 'DACH')",
    "INSERT INTO customers VALUES (1, 'Anna', 'anna@example.com', 'old'), (2, 'Bram', 'bram@example.com', 'new')",
    "INSERT INTO orders VALUES "
    "(1, 1, 'NL', '2026-03-01 09:00', '2026-03-02', 'EUR', 20, 12, 0.21, 2, TRUE), "
    "(2, 2, 'DE', '2026-03-03 10:00', NULL, 'GBP', 30, 15, 0.19, 1, FALSE)",
    "INSERT INTO stock_levels VALUES ('2026-03-01', 'NL', 7), ('2026-03-02', 'NL', 5)",
)
DRAFT = """\
# A draft made from the database's own tables. What is marked `check:` was guessed from names and values.
# `interact model check` tries it; docs/semantic-models.md explains each key.
name: shop

datasets:
  - {name: countries, primary_key: [code]}
  - {name: customers, primary_key: [customer_id]}
  - {name: notes}
  - {name: orders, primary_key: [order_id]}
  - {name: stock_levels}

relationships:
  - {from: orders, to: customers, from_columns: [customer_id], to_columns: [customer_id]}
  - {from: orders, to: countries, from_columns: [country_code], to_columns: [code]}  # check: guessed from the names of the columns
  - {from: stock_levels, to: countries, from_columns: [country_code], to_columns: [code]}  # check: guessed from the names of the columns

time_dimensions:
  - {name: ordered_at, dataset: orders, expr: ordered_at}  # check: the days of orders go by this one unless a metric says otherwise
  - {name: shipped_on, dataset: orders, expr: shipped_on, type: date}
  - {name: day, dataset: stock_levels, expr: day, type: date}

dimensions:
  - {name: country, dataset: countries, expr: title}
  - {name: region, dataset: countries}
  - {name: customer, dataset: customers, expr: name, pii: true}  # check: seems to tell who a person is; take `pii` out if not
  - {name: email, dataset: customers, pii: true}  # check: seems to tell who a person is; take `pii` out if not
  - {name: segment, dataset: customers}
  - {name: currency, dataset: orders}
  - {name: is_gift, dataset: orders}

metrics:
  - {name: total, dataset: orders, agg: sum, expr: total, format: currency, currency: currency}
  - {name: cost_eur, dataset: orders, agg: sum, expr: cost_eur, format: currency, unit: EUR}
  - {name: tax_rate, dataset: orders, agg: avg, expr: tax_rate}  # check: averaged over rows, as its name tells of no sum; a ratio may be meant
  - {name: items, dataset: orders, agg: sum, expr: items, format: integer}
  - {name: orders, dataset: orders, agg: count, expr: order_id, format: integer}
  - {name: units, dataset: stock_levels, agg: sum, expr: units, semi_additive: last, format: integer}  # check: taken for a stock, of which the last day counts
  - {name: stock_levels, dataset: stock_levels, agg: count, expr: '*', format: integer}  # check: the number of rows

# left out: Old Orders: its name needs quotes; make a view
"""  # noqa: E501
