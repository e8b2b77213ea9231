"""Whose public holidays are known: countries with their names, and their regions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SMALL = {"And": "and", "Of": "of", "The": "the"}


@dataclass(frozen=True, order=True)
class Place:
    """A country or a region: its name in English, where the library has one, and its code."""

    name: str
    code: str


@lru_cache(maxsize=1)
def countries() -> tuple[Place, ...]:
    """Return the countries with known public holidays, by name; codes are those of ISO 3166-1."""
    import holidays
    from holidays.registry import COUNTRIES

    known = holidays.list_supported_countries(include_aliases=False)
    named = {names[1]: _spaced(names[0]) for names in COUNTRIES.values() if len(names) > 1}
    return tuple(sorted(Place(named.get(code, code), code) for code in known))


@lru_cache(maxsize=256)
def regions(country: str) -> tuple[Place, ...]:
    """Return the parts of a country with holidays of their own, by name; none for one that is not known."""
    import holidays

    if country not in {place.code for place in countries()}:
        return ()
    known = getattr(holidays, country)
    names = {code: name for name, code in getattr(known, "subdivisions_aliases", {}).items()}
    return tuple(sorted(Place(names.get(code, code), code) for code in known.subdivisions))


def _spaced(name: str) -> str:
    """Return the name of a class as words: UnitedStates is United States."""
    return " ".join(_SMALL.get(word, word) for word in _WORDS.sub(" ", name).split())
