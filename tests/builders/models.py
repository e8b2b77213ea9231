"""Three small semantic models with the values that their data holds: paid media, a shop, subscriptions."""

from __future__ import annotations

from interact.warehouse.semantic import SemanticModel

Members = dict[str, tuple[str, ...]]
PAID_MEDIA = SemanticModel.model_validate(
    {
        "name": "paid_media",
        "base_table": "media_daily",
        "time_dimension": {"name": "day", "expr": "day"},
        "dimensions": [
            {"name": "campaign"},
            {"name": "channel", "synonyms": ["medium"]},
            {"name": "market", "synonyms": ["country"]},
            {"name": "device", "synonyms": ["device type"]},
            {"name": "account_manager", "pii": True},
        ],
        "metrics": [
            {"name": "clicks", "agg": "sum", "expr": "clicks", "format": "integer", "good": "up"},
            {"name": "spend", "agg": "sum", "expr": "spend", "format": "currency", "unit": "EUR", "synonyms": ["cost"]},
            {"name": "conversions", "agg": "sum", "expr": "conversions", "format": "integer", "good": "up"},
            {"name": "revenue", "agg": "sum", "expr": "revenue", "format": "currency", "unit": "EUR", "good": "up"},
            {"name": "active_campaigns", "agg": "count_distinct", "expr": "campaign", "format": "integer"},
            {"name": "conversion_rate", "type": "ratio", "numerator": "conversions", "denominator": "clicks",
             "format": "percent", "good": "up"},
            {"name": "cpa", "label": "CPA", "type": "ratio", "numerator": "spend", "denominator": "conversions",
             "format": "currency", "unit": "EUR", "good": "down",
             "target": {"expr": "MAX(target_cpa)", "per": "campaign"}, "synonyms": ["cost per acquisition"]},
            {"name": "roas", "label": "ROAS", "type": "ratio", "numerator": "revenue", "denominator": "spend",
             "format": "ratio", "good": "up", "target": 3},
        ],
        "default_metrics": ["spend", "conversions", "revenue", "cpa", "roas"],
    }
)  # fmt: skip
MEDIA_MEMBERS: Members = {
    "campaign": ("Search – Generic", "Search – Brand", "delete", "for the past", "Summer"),
    "channel": ("Paid search", "Display", "Social", "Paid"),
    "market": ("BE", "DE", "NL"),
    "device": ("desktop", "mobile", "tablet"),
}
SHOP = SemanticModel.model_validate(
    {
        "name": "shop",
        "datasets": [{"name": "orders", "primary_key": ["id"]}, {"name": "visits"}],
        "relationships": [],
        "time_dimensions": [
            {"name": "order_date", "dataset": "orders", "expr": "ordered_on", "synonyms": ["ordered"]},
            {"name": "ship_date", "dataset": "orders", "expr": "shipped_on"},
            {"name": "visit_date", "dataset": "visits", "expr": "day"},
        ],
        "dimensions": [
            {"name": "country", "dataset": "orders"},
            {"name": "segment", "dataset": "orders", "synonyms": ["customer type"]},
            {"name": "currency", "dataset": "orders"},
            {"name": "email", "dataset": "orders", "pii": True, "synonyms": ["email address"]},
            {"name": "source", "dataset": "visits", "synonyms": ["traffic source"]},
        ],
        "metrics": [
            {"name": "revenue", "agg": "sum", "expr": "total", "format": "currency", "good": "up",
             "synonyms": ["sales"]},
            {"name": "orders", "agg": "count", "expr": "id", "format": "integer", "good": "up"},
            {"name": "shipments", "agg": "count", "expr": "id", "time_dimension": "ship_date", "format": "integer"},
            {"name": "customers", "agg": "count_distinct", "expr": "customer_id", "format": "integer", "good": "up"},
            {"name": "new_customers", "agg": "count_distinct", "expr": "customer_id", "filter": "is_first",
             "format": "integer", "good": "up"},
            {"name": "refunds", "agg": "sum", "expr": "refunded", "format": "integer", "good": "down"},
            {"name": "cost", "agg": "sum", "expr": "cost", "format": "currency"},
            {"name": "profit", "type": "derived", "expr": "revenue - cost", "format": "currency", "good": "up"},
            {"name": "margin", "type": "derived", "expr": "profit / revenue", "format": "percent", "good": "up"},
            {"name": "visits", "dataset": "visits", "agg": "sum", "expr": "visits", "format": "integer",
             "synonyms": ["sessions"]},
        ],
        "default_metrics": ["revenue", "orders", "profit"],
    }
)  # fmt: skip
SHOP_MEMBERS: Members = {
    "country": ("Germany", "Netherlands", "United Kingdom"),
    "segment": ("business", "consumer"),
    "currency": ("EUR", "GBP"),
    "source": ("email", "organic"),
}
SUBSCRIPTIONS = SemanticModel.model_validate(
    {
        "name": "subscriptions",
        "datasets": [{"name": "snapshots"}, {"name": "events"}, {"name": "plans", "primary_key": ["code"]}],
        "relationships": [
            {"from": "snapshots", "to": "plans", "from_columns": ["plan"], "to_columns": ["code"]},
            {"from": "events", "to": "plans", "from_columns": ["plan"], "to_columns": ["code"]},
        ],
        "time_dimensions": [
            {"name": "snapshot_date", "dataset": "snapshots", "expr": "day"},
            {"name": "event_date", "dataset": "events", "expr": "day"},
        ],
        "dimensions": [
            {"name": "plan", "dataset": "plans", "expr": "title"},
            {"name": "country", "dataset": "plans"},
            {"name": "channel", "dataset": "events", "synonyms": ["acquisition channel"]},
        ],
        "metrics": [
            {"name": "mrr", "label": "MRR", "dataset": "snapshots", "agg": "sum", "expr": "mrr",
             "semi_additive": "last",
             "format": "currency", "unit": "EUR", "good": "up", "synonyms": ["recurring revenue"]},
            {"name": "subscribers", "dataset": "snapshots", "agg": "sum", "expr": "n", "semi_additive": "last",
             "format": "integer", "good": "up", "synonyms": ["active accounts"]},
            {"name": "new_subscribers", "dataset": "events", "agg": "count", "expr": "id", "filter": "event = 'new'",
             "format": "integer", "good": "up", "synonyms": ["sign-ups"]},
            {"name": "cancellations", "dataset": "events", "agg": "count", "expr": "id", "filter": "event = 'end'",
             "format": "integer", "good": "down", "synonyms": ["lost revenue streams"]},
            {"name": "net_new", "type": "derived", "expr": "new_subscribers - cancellations", "format": "integer",
             "good": "up", "synonyms": ["net growth"]},
            {"name": "churn_rate", "type": "derived", "expr": "cancellations / subscribers", "format": "percent",
             "good": "down", "target": 0.02, "synonyms": ["churn"]},
        ],
        "default_metrics": ["mrr", "subscribers", "cancellations"],
        "default_dimension": "plan",
    }
)  # fmt: skip
SUBSCRIPTION_MEMBERS: Members = {
    "plan": ("Team", "Starter", "Monthly", "Enterprise"),
    "country": ("Germany", "United States"),
    "channel": ("Paid", "Organic"),
}
