"""Countries and regions with their names."""

import pytest

from interact.schedules.countries import Place, countries, regions
from interact.schedules.working_days import require_known


def test_countries_are_named_in_english_and_sorted_by_name() -> None:
    found = countries()
    assert {Place("Netherlands", "NL"), Place("United States", "US"), Place("Isle of Man", "IM")} <= set(found)
    assert Place("DR Congo", "CD") in found
    assert list(found) == sorted(found)
    assert len({place.code for place in found}) == len(found) > 200


def test_every_country_and_region_that_is_offered_is_one_that_a_calendar_takes() -> None:
    for country in countries():
        require_known(country.code, None)
    for region in regions("DE"):
        require_known("DE", region.code)


def test_regions_bear_their_names() -> None:
    assert Place("Bayern", "BY") in regions("DE")
    assert Place("Alabama", "AL") in regions("US")


@pytest.mark.parametrize("country", ["XX", "", "none", "nl", "__class__"])
def test_what_is_no_country_has_no_regions(country: str) -> None:
    assert regions(country) == ()
