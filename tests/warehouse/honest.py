"""Queries as an analyst writes them, on the shop of `builders.warehoused`, with what they give, worked out by hand.

One SQL where both engines know it, else one for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Honest:
    """One query; `postgres` where it is written otherwise there."""

    name: str
    sql: str
    rows: Rows
    postgres: str | None = None

    def of(self, engine: str) -> str:
        """Return the query for an engine."""
        return self.postgres if engine == "postgres" and self.postgres else self.sql


HONEST = [
    Honest("a total", "SELECT SUM(amount) AS revenue FROM orders", [(210.0,)]),
    Honest("a count", "SELECT COUNT(*) AS n, COUNT(note) AS noted FROM orders", [(6, 5)]),
    Honest("a distinct count", "SELECT COUNT(DISTINCT channel) AS n FROM orders", [(3,)]),
    Honest("an average", "SELECT AVG(amount) AS mean FROM orders WHERE channel = 'Web'", [(70 / 3,)]),
    Honest(
        "totals by group",
        "SELECT channel, SUM(amount) AS revenue FROM orders GROUP BY channel ORDER BY revenue DESC, channel",
        [("Shop", 80.0), ("Web", 70.0), ("Phone", 60.0)],
    ),
    Honest(
        "groups over a threshold",
        "SELECT channel, COUNT(*) AS n FROM orders GROUP BY 1 HAVING COUNT(*) >= 2 ORDER BY n DESC",
        [("Web", 3), ("Shop", 2)],
    ),
    Honest(
        "a share of the total",
        "SELECT channel, SUM(amount) / SUM(SUM(amount)) OVER () AS share FROM orders GROUP BY channel ORDER BY 1",
        [("Phone", 60 / 210), ("Shop", 80 / 210), ("Web", 70 / 210)],
    ),
    Honest(
        "a join",
        "SELECT c.country, SUM(o.amount) AS revenue FROM orders AS o JOIN crm.customers AS c ON c.id = "
        "o.customer_id "
        "GROUP BY c.country ORDER BY c.country",
        [("BE", 90.0), ("DE", 60.0), ("NL", 60.0)],
    ),
    Honest(
        "an outer join",
        "SELECT c.id, COUNT(o.id) AS n FROM crm.customers c LEFT JOIN orders o ON o.customer_id = c.id AND "
        "o.channel = "
        "'Web' GROUP BY c.id ORDER BY c.id",
        [(1, 2), (2, 0), (3, 1), (4, 0)],
    ),
    Honest(
        "a join by commas",
        "SELECT COUNT(*) AS n FROM orders AS o, crm.customers AS c WHERE c.id = o.customer_id AND c.country = 'NL'",
        [(3,)],
    ),
    Honest(
        "orders of nobody",
        "SELECT o.id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM crm.customers c WHERE c.id = o.customer_id)",
        [],
    ),
    Honest(
        "members of a subquery",
        "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM crm.customers WHERE country = 'NL') ORDER BY id",
        [(1,), (2,), (3,)],
    ),
    Honest(
        "what is over the average",
        "SELECT id FROM orders WHERE amount > (SELECT AVG(amount) FROM orders) ORDER BY id",
        [(4,), (5,), (6,)],
    ),
    Honest(
        "one CTE",
        "WITH web AS (SELECT * FROM orders WHERE channel = 'Web') SELECT COUNT(*) AS n, MAX(amount) AS top FROM web",
        [(3, 40.0)],
    ),
    Honest(
        "CTEs on CTEs",
        "WITH days AS (SELECT day, SUM(amount) AS revenue FROM orders GROUP BY day), ranked AS (SELECT day, "
        "revenue, "
        "RANK() OVER (ORDER BY revenue DESC) AS place FROM days) SELECT day, revenue FROM ranked WHERE place = 1",
        [("2026-11-11", 60.0)],
    ),
    Honest(
        "a running total",
        "SELECT id, SUM(amount) OVER (ORDER BY id) AS so_far FROM orders WHERE id < 4 ORDER BY id",
        [(1, 10.0), (2, 30.0), (3, 60.0)],
    ),
    Honest(
        "a moving average",
        "SELECT id, AVG(amount) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS m FROM orders "
        "WHERE id < 4 ORDER BY id",
        [(1, 10.0), (2, 15.0), (3, 25.0)],
    ),
    Honest(
        "the change since the row before",
        "SELECT id, amount - LAG(amount) OVER (ORDER BY id) AS change FROM orders WHERE id < 3 ORDER BY id",
        [(1, None), (2, 10.0)],
    ),
    Honest(
        "the best of each group",
        "SELECT channel, id FROM (SELECT channel, id, ROW_NUMBER() OVER (PARTITION BY channel ORDER BY amount "
        "DESC) AS n "
        "FROM orders) AS q WHERE n = 1 ORDER BY channel",
        [("Phone", 6), ("Shop", 5), ("Web", 4)],
    ),
    Honest(
        "the best of each group in one go",
        "SELECT channel, id FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY channel ORDER BY amount DESC) = 1 "
        "ORDER BY channel",
        [("Phone", 6), ("Shop", 5), ("Web", 4)],
        "SELECT DISTINCT ON (channel) channel, id FROM orders ORDER BY channel, amount DESC",
    ),
    Honest(
        "a named window",
        "SELECT id, FIRST_VALUE(amount) OVER w AS first FROM orders WINDOW w AS (ORDER BY id) ORDER BY id LIMIT 2",
        [(1, 10.0), (2, 10.0)],
    ),
    Honest(
        "quartiles",
        "SELECT id, NTILE(2) OVER (ORDER BY amount) AS half FROM orders ORDER BY id LIMIT 4",
        [(1, 1), (2, 1), (3, 1), (4, 2)],
    ),
    Honest(
        "places with ties",
        "SELECT channel, DENSE_RANK() OVER (ORDER BY COUNT(*) DESC) AS place FROM orders GROUP BY channel ORDER BY 2",
        [("Web", 1), ("Shop", 2), ("Phone", 3)],
    ),
    Honest(
        "a case",
        "SELECT SUM(CASE WHEN amount >= 40 THEN 1 ELSE 0 END) AS large, SUM(CASE WHEN amount < 40 THEN 1 END) "
        "AS small "
        "FROM orders",
        [(3, 3)],
    ),
    Honest(
        "filtered aggregates",
        "SELECT SUM(amount) FILTER (WHERE channel = 'Web') AS web, COUNT(*) FILTER (WHERE note IS NULL) AS bare "
        "FROM orders",
        [(70.0, 1)],
    ),
    Honest(
        "a ratio that may be empty",
        "SELECT SUM(amount) / NULLIF(COUNT(*) - 6, 0) AS a, COALESCE(SUM(amount) / NULLIF(0, 0), -1) AS b FROM orders",
        [(None, -1.0)],
    ),
    Honest(
        "the median",
        "SELECT MEDIAN(amount) AS m FROM orders",
        [(35.0,)],
        "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY amount) AS m FROM orders",
    ),
    Honest(
        "a percentile",
        "SELECT QUANTILE_CONT(amount, 0.9) AS p FROM orders",
        [(55.0,)],
        "SELECT PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY amount) AS p FROM orders",
    ),
    Honest(
        "a percentile in a group",
        "SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY amount) AS p FROM orders WHERE channel = 'Web'",
        [(20.0,)],
    ),
    Honest(
        "the spread",
        "SELECT ROUND(CAST(STDDEV(amount) AS DECIMAL(18, 3)), 2) AS s, VAR_POP(amount) AS v FROM orders WHERE id < 4",
        [(10.0, 200 / 3)],
    ),
    Honest("a correlation", "SELECT CORR(id, amount) AS r, REGR_SLOPE(amount, id) AS slope FROM orders", [(1.0, 10.0)]),
    Honest(
        "the most frequent",
        "SELECT MODE(channel) AS usual FROM orders",
        [("Web",)],
        "SELECT MODE() WITHIN GROUP (ORDER BY channel) AS usual FROM orders",
    ),
    Honest(
        "weeks",
        "SELECT CAST(DATE_TRUNC('week', day) AS DATE) AS week, SUM(amount) AS revenue FROM orders GROUP BY 1 "
        "ORDER BY 1",
        [("2026-10-26", 10.0), ("2026-11-02", 90.0), ("2026-11-09", 110.0)],
    ),
    Honest(
        "months and years",
        "SELECT EXTRACT(YEAR FROM day) AS y, EXTRACT(MONTH FROM day) AS m, COUNT(*) AS n FROM orders GROUP BY 1, 2",
        [(2026, 11, 6)],
    ),
    Honest(
        "weekdays",
        "SELECT EXTRACT(ISODOW FROM day) AS weekday, COUNT(*) AS n FROM orders GROUP BY 1 ORDER BY n DESC, 1 LIMIT 2",
        [(1, 2), (2, 2)],
    ),
    Honest(
        "a window of days",
        "SELECT COUNT(*) AS n FROM orders WHERE day BETWEEN DATE '2026-11-02' AND DATE '2026-11-02' + "
        "INTERVAL '7 days'",
        [(3,)],
    ),
    Honest("days later", "SELECT day + 7 AS later FROM orders WHERE id = 1", [("2026-11-08",)]),
    Honest("days between", "SELECT MAX(day) - MIN(day) AS days FROM orders", [(10,)]),
    Honest(
        "days by name",
        "SELECT DATE_DIFF('day', MIN(day), MAX(day)) AS days FROM orders",
        [(10,)],
        "SELECT DATE_PART('day', AGE(MAX(day), MIN(day))) AS days FROM orders",
    ),
    Honest(
        "a date as text",
        "SELECT STRFTIME(day, '%Y-%m') AS month FROM orders GROUP BY 1",
        [("2026-11",)],
        "SELECT TO_CHAR(day, 'YYYY-MM') AS month FROM orders GROUP BY 1",
    ),
    Honest("a date of parts", "SELECT MAKE_DATE(2026, 11, 1) AS d FROM orders LIMIT 1", [("2026-11-01",)]),
    Honest(
        "a text's parts",
        "SELECT UPPER(LEFT(channel, 1)) || SUBSTRING(channel, 2) AS a FROM orders WHERE id = 3",
        [("Shop",)],
    ),
    Honest(
        "a text put together",
        "SELECT CONCAT(channel, ' ', id) AS a, LENGTH(channel) AS n FROM orders WHERE id = 1",
        [("Web 1", 3)],
    ),
    Honest(
        "a text that is cut",
        "SELECT SPLIT_PART(note, '''', 2) AS a, TRIM(note) AS b FROM orders WHERE id = 3",
        [("Brien", "O'Brien")],
    ),
    Honest(
        "a pattern", "SELECT id FROM orders WHERE note LIKE '%Brien' OR channel ILIKE 'ph%' ORDER BY id", [(3,), (6,)]
    ),
    Honest(
        "an expression",
        "SELECT id FROM orders WHERE note ~ '^l.te$'",
        [(6,)],
        "SELECT id FROM orders WHERE note ~ '^l.te$'",
    ),
    Honest(
        "a replacement",
        "SELECT REGEXP_REPLACE(channel, '[aeiou]', '_') AS a, REPLACE(channel, 'W', 'w') AS b FROM orders WHERE id = 1",
        [("W_b", "web")],
    ),
    Honest(
        "texts in a list",
        "SELECT STRING_AGG(DISTINCT channel, ', ' ORDER BY channel) AS a FROM orders",
        [("Phone, Shop, Web",)],
    ),
    Honest(
        "missing values",
        "SELECT COALESCE(NULLIF(note, ''), 'none') AS a FROM orders WHERE id IN (2, 5) ORDER BY id",
        [("none",), ("none",)],
    ),
    Honest(
        "rounding",
        "SELECT ROUND(10.0 / 3, 2) AS a, FLOOR(2.7) AS b, CEIL(2.1) AS c, ABS(-3) AS d FROM orders LIMIT 1",
        [(3.33, 2.0, 3.0, 3)],
    ),
    Honest(
        "growth", "SELECT POWER(2, 3) AS a, SQRT(16.0) AS b, LN(EXP(1.0)) AS c FROM orders LIMIT 1", [(8.0, 4.0, 1.0)]
    ),
    Honest(
        "casts",
        "SELECT CAST(id AS VARCHAR) AS a, amount::INTEGER AS b, '7'::BIGINT AS c FROM orders WHERE id = 1",
        [("1", 10, 7)],
    ),
    Honest(
        "a union",
        "SELECT channel AS a FROM orders WHERE id = 1 UNION ALL SELECT country FROM crm.customers WHERE id = "
        "4 ORDER BY 1",
        [("DE",), ("Web",)],
    ),
    Honest(
        "what both have",
        "SELECT customer_id AS a FROM orders INTERSECT SELECT id FROM crm.customers WHERE country = 'NL' ORDER BY 1",
        [(1,), (2,)],
    ),
    Honest(
        "what only one has",
        "SELECT id AS a FROM crm.customers EXCEPT SELECT customer_id FROM orders WHERE id > 1 ORDER BY 1",
        [],
    ),
    Honest(
        "a union in a CTE",
        "WITH a AS (SELECT SUM(amount) AS n FROM orders UNION ALL SELECT SUM(planned) FROM budgets) SELECT "
        "MAX(n) AS n FROM a",
        [(1200.0,)],
    ),
    Honest(
        "subtotals",
        "SELECT channel, SUM(amount) AS n FROM orders GROUP BY ROLLUP (channel) ORDER BY n DESC LIMIT 2",
        [(None, 210.0), ("Shop", 80.0)],
    ),
    Honest(
        "grouping sets",
        "SELECT channel, customer_id, COUNT(*) AS n FROM orders GROUP BY GROUPING SETS ((channel), "
        "(customer_id)) ORDER BY n DESC, channel LIMIT 1",
        [("Web", None, 3)],
    ),
    Honest(
        "a budget reached",
        "WITH m AS (SELECT CAST(DATE_TRUNC('month', day) AS DATE) AS month, SUM(amount) AS revenue FROM "
        "orders GROUP BY 1) SELECT b.month, m.revenue / b.planned AS reached FROM budgets AS b LEFT JOIN m "
        "USING (month) ORDER BY 1",
        [("2026-11-01", 0.42), ("2026-12-01", None)],
    ),
    Honest(
        "a self-join",
        "SELECT a.id, b.id AS next FROM orders a JOIN orders b ON b.customer_id = a.customer_id AND b.id > "
        "a.id ORDER BY 1",
        [(1, 2), (4, 5)],
    ),
    Honest(
        "days since the order before",
        "SELECT id, day - LAG(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap FROM orders WHERE "
        "customer_id = 3 ORDER BY id",
        [(4, None), (5, 7)],
    ),
    Honest(
        "a cohort",
        "WITH f AS (SELECT customer_id, MIN(day) AS first FROM orders GROUP BY 1) SELECT f.first, "
        "COUNT(DISTINCT o.customer_id) AS n, SUM(o.amount) AS r FROM f JOIN orders AS o USING (customer_id) "
        "GROUP BY 1 ORDER BY 1 LIMIT 2",
        [("2026-11-01", 1, 30.0), ("2026-11-02", 1, 30.0)],
    ),
    Honest(
        "a scalar in a column",
        "SELECT id, amount - (SELECT AVG(amount) FROM orders) AS off FROM orders WHERE id = 6",
        [(6, 25.0)],
    ),
    Honest("a quoted name", 'SELECT "channel" AS "The channel" FROM "orders" WHERE "id" = 1', [("Web",)]),
    Honest("names in capitals", "SELECT Orders.Channel FROM ORDERS WHERE ID = 1", [("Web",)]),
    Honest("a page", "SELECT id FROM orders ORDER BY id LIMIT 2 OFFSET 2", [(3,), (4,)]),
    Honest("several lines", "SELECT\n  id,\n\tchannel\nFROM orders\nWHERE id = 1", [(1, "Web")]),
]
