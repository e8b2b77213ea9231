"""How fresh the data was, in words: when each asset that a job names was last loaded, and which had not arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from interact.chats.record import AssetLoad

LONGEST_NAME = 120
NAMED = 3
"""So many late assets are named in a caution; the table under it has all of them."""
NEVER = "no load known"


@dataclass(frozen=True)
class Load:
    """One asset; `loaded` is a day and a time with its zone."""

    asset: str
    loaded: str
    made_by: str | None
    is_late: bool


@dataclass(frozen=True)
class Freshness:
    """All assets of a run, in the order of its job."""

    loads: tuple[Load, ...]
    as_of: str
    """When the one that was loaded longest ago was loaded; "" when one of them never was."""
    caution: str
    """A sentence about what had not arrived; "" when all had."""


def freshness(data: Iterable[AssetLoad], timezone: str) -> Freshness | None:
    """Return how fresh a run's data was; None when its job names no assets."""
    kept = tuple(data)
    if not kept:
        return None
    loads = tuple(Load(name(one.asset), _told(one, timezone), one.dag_id, one.late) for one in kept)
    instants = [one.loaded_at for one in kept if one.loaded_at]
    as_of = moment(min(instants), timezone) if len(instants) == len(kept) else ""
    return Freshness(loads, as_of, _caution([load for load in loads if load.is_late]))


def moment(instant: datetime, timezone: str) -> str:
    """Return an instant as people in a zone say it: `23 Nov 2026, 07:42 CET`."""
    return instant.astimezone(ZoneInfo(timezone)).strftime("%-d %b %Y, %H:%M %Z")


def name(asset: str) -> str:
    """Return an asset's name, a very long one without its middle."""
    if len(asset) <= LONGEST_NAME:
        return asset
    half = (LONGEST_NAME - 1) // 2
    return f"{asset[:half]}…{asset[-half:]}"


def _told(load: AssetLoad, timezone: str) -> str:
    return moment(load.loaded_at, timezone) if load.loaded_at else NEVER


def _caution(late: list[Load]) -> str:
    if not late:
        return ""
    named = ", ".join(load.asset for load in late[:NAMED])
    more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
    if len(late) > 1:
        return f"{named}{more} had not been loaded in time. Figures from them may lack what came last."
    newest = NEVER if late[0].loaded == NEVER else f"its newest load is of {late[0].loaded}"
    by = f" DAG {late[0].made_by} makes it." if late[0].made_by else ""
    return f"{named} had not been loaded in time: {newest}.{by} Figures from it may lack what came last."
