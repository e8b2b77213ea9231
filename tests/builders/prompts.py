"""The two prompts of the product's own description, word for word."""

from interact.runs.abilities import CHECK, REPORT

__all__ = ["CHECK", "REPORT"]
