"""When a delivery that was not accepted is tried again, and when nobody tries any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

GIVEN_UP_AFTER = timedelta(hours=24)
"""So long after a notice was made its deliveries are tried; at its end once more."""
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
_LONGEST = timedelta(hours=3)
_SPREAD = 0.2
"""A wait is up to a fifth longer or shorter, so that what failed together does not come back together."""


@dataclass(frozen=True)
class Tried:
    """A delivery that was not accepted just now."""

    tries: int
    """How often it was tried, this time included; from 1 again when a person resent it."""
    made_at: datetime
    is_resent: bool = False
    retry_after_seconds: int | None = None
    """How long the server asked to wait."""


def next_try(tried: Tried, *, now: datetime, chance: float) -> datetime | None:
    """Return when it is tried next, None when it has failed; `chance` from 0 to 1 makes a wait of our own vary.

    The waits are 1, 5, 15 and 60 minutes, then 3 hours, or what the server asks for: never less than that, but for the
    last try. What a person resends may be older than a day: that is tried as often as there are waits.
    """
    wait = _wait(tried, chance)
    if tried.is_resent:
        return now + min(wait, _LONGEST) if tried.tries <= len(_WAITS) else None
    over_at = tried.made_at + GIVEN_UP_AFTER
    return min(now + wait, over_at) if now < over_at else None


def _wait(tried: Tried, chance: float) -> timedelta:
    if tried.retry_after_seconds is not None:
        return timedelta(seconds=max(tried.retry_after_seconds, 1))
    plain = _WAITS[tried.tries - 1] if tried.tries <= len(_WAITS) else _LONGEST
    return plain * (1 - _SPREAD + 2 * _SPREAD * chance)
