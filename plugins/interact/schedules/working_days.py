"""Which days are business days: the weekend, a country's public holidays, and an organisation's own days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from interact.errors import ScheduleRefused, listed

OWN_HOLIDAY = "own holiday"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The days on which an organisation works."""

    weekend: frozenset[int] = frozenset({5, 6})
    """Numbers as `date.weekday()` gives them: Monday is 0."""
    country: str | None = None
    """ISO 3166-1, two letters; None means no public holidays."""
    region: str | None = None
    """A part of the country, as the library `holidays` codes it."""
    added: frozenset[date] = frozenset()
    """Holidays of its own."""
    removed: frozenset[date] = frozenset()
    """Public holidays on which it works all the same."""

    def __post_init__(self) -> None:
        if not self.weekend < frozenset(range(7)):
            raise ScheduleRefused(
                "Weekend",
                sorted(self.weekend),
                "leaves no day to work on, or names an unknown one. Name at most six, Monday is 0.",
            )

    def holiday(self, day: date) -> str | None:
        """Return the name of the holiday that a day is, None when it is none; the weekend plays no part."""
        if day in self.added:
            return OWN_HOLIDAY
        if self.country is None or day in self.removed:
            return None
        return _public_holidays(self.country, self.region, day.year).get(day)

    def knows_holidays(self, year: int) -> bool:
        """Return whether a year's public holidays are known, or none are asked for."""
        return self.country is None or bool(_public_holidays(self.country, self.region, year))

    def is_business_day(self, day: date) -> bool:
        """Return whether people work on this day."""
        return day.weekday() not in self.weekend and self.holiday(day) is None

    def next_business_day(self, day: date) -> date:
        """Return the first business day strictly after this day."""
        return self._nearest(day, _DAY)

    def previous_business_day(self, day: date) -> date:
        """Return the last business day strictly before this day."""
        return self._nearest(day, -_DAY)

    def first_business_day(self, year: int, month: int) -> date | None:
        """Return a month's first business day, None when nobody works in it."""
        found = self.next_business_day(date(year, month, 1) - _DAY)
        return found if (found.year, found.month) == (year, month) else None

    def last_business_day(self, year: int, month: int) -> date | None:
        """Return a month's last business day, None when nobody works in it."""
        found = self.previous_business_day(date(year + month // 12, month % 12 + 1, 1))
        return found if (found.year, found.month) == (year, month) else None

    def plain(self) -> dict[str, Any]:
        """Return it as JSON knows it, the same for equal calendars."""
        return {
            "weekend": sorted(self.weekend),
            "country": self.country,
            "region": self.region,
            "added": sorted(day.isoformat() for day in self.added),
            "removed": sorted(day.isoformat() for day in self.removed),
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Calendar:
        """Return the calendar that `plain` was made of."""
        return cls(
            weekend=frozenset(plain["weekend"]),
            country=plain["country"],
            region=plain["region"],
            added=frozenset(date.fromisoformat(day) for day in plain["added"]),
            removed=frozenset(date.fromisoformat(day) for day in plain["removed"]),
        )

    def _nearest(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_business_day(day):
            day += step
        return day


def require_known(country: str | None, region: str | None) -> None:
    """Refuse a country or a region that has no known holidays, with how it is written; raises ScheduleRefused."""
    if country is None:
        if region is not None:
            raise ScheduleRefused("Region", region, "stands without a country. Name the country too, as 'NL'.")
        return
    known = _countries()
    if country not in known:
        raise ScheduleRefused("Country", country, _unknown_country(country, known))
    if region is not None and region not in known[country]:
        raise ScheduleRefused("Region", region, _unknown_region(region, country, known[country]))


def _unknown_country(country: str, known: Mapping[str, tuple[str, ...]]) -> str:
    import holidays

    # The library has a class under each country's name and each of its codes: 'Netherlands', 'NLD'.
    meant = [getattr(getattr(holidays, name, None), "country", None) for name in (country.title(), country.upper())]
    hint = next((f"Write {code!r}." for code in meant if code in known), "Name another, or none, and your own days.")
    return f"has no known public holidays; a country is two capital letters (ISO 3166-1), as 'NL' or 'DE'. {hint}"


def _unknown_region(region: str, country: str, known: tuple[str, ...]) -> str:
    if not known:
        return f"is not known: {country!r} has one set of holidays. Leave the region out."
    near = get_close_matches(region.upper(), known, n=3, cutoff=0.5)
    hint = f"Did you mean {listed(near)}?" if near else "Pick one, or leave the region out."
    return f"is not known in {country!r}, which has {listed(known, limit=60)}. {hint}"


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, tuple[str, ...]]:
    import holidays

    found = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(regions) for country, regions in found.items()}


@lru_cache(maxsize=4096)
def _public_holidays(country: str, region: str | None, year: int) -> Mapping[date, str]:
    """Return the public holidays of one year, with their names in English where the library has them."""
    import warnings

    import holidays

    # Said in a preview instead. Not with `catch_warnings`, which is not safe between threads.
    warnings.filterwarnings("ignore", message="Requested Holidays are available only", category=UserWarning)
    try:
        languages = getattr(holidays, country).supported_languages
        language = "en_US" if "en_US" in languages else None
        # One year at a time: an object that grows while it is read is not safe between threads.
        found = holidays.country_holidays(country, subdiv=region, years=year, expand=False, language=language)
    except (AttributeError, NotImplementedError):
        require_known(country, region)
        raise
    return dict(found.items())
