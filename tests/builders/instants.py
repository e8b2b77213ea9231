"""Instants as answers show them."""

from datetime import UTC, datetime


def shown(instant: datetime) -> str:
    """Return an instant in UTC with a Z, with microseconds only where there are some."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
