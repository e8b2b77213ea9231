"""Who or what started a run, from how it is kept to how people say it."""

from __future__ import annotations

_ALONE = {"schedule": "its schedule", "airflow": "Airflow"}


def in_words(initiator: str) -> str:
    """Return who or what started a run: a person's name, `API key NAME`, `new data in URI`, `its schedule`."""
    kind, _, name = initiator.partition(":")
    match kind:
        case "user":
            return name
        case "key":
            return f"API key {name}"
        case "asset":
            return f"new data in {name}" if name else "new data"
        case _:
            return _ALONE.get(initiator, initiator)
