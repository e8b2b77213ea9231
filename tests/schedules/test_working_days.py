"""Business days are the week's, less public holidays and an organisation's own, plus those that it works on."""

from datetime import date

import pytest

from interact.errors import ScheduleRefused
from interact.schedules.working_days import Calendar, require_known

NL = Calendar(country="NL")
KINGS_DAY = date(2026, 4, 27)


def test_without_a_country_every_weekday_is_a_business_day() -> None:
    assert Calendar().is_business_day(date(2026, 12, 25))
    assert not Calendar().is_business_day(date(2026, 12, 26))
    assert Calendar().holiday(date(2026, 12, 25)) is None


def test_a_public_holiday_has_its_english_name_also_at_the_weekend() -> None:
    assert NL.holiday(KINGS_DAY) == "King's Day"
    assert NL.holiday(date(2027, 12, 25)) == "Christmas Day"  # a Saturday
    assert NL.holiday(date(2026, 4, 28)) is None
    assert Calendar(country="US").holiday(date(2021, 12, 31)) == "New Year's Day (observed)"


def test_a_region_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert Calendar(country="DE", region="BY").holiday(epiphany) == "Epiphany"
    assert Calendar(country="DE").is_business_day(epiphany)


def test_own_days_are_added_and_removed() -> None:
    own = Calendar(country="NL", added=frozenset({date(2026, 4, 28)}), removed=frozenset({KINGS_DAY}))
    assert own.is_business_day(KINGS_DAY)
    assert own.holiday(date(2026, 4, 28)) == "own holiday"
    assert own.next_business_day(KINGS_DAY) == date(2026, 4, 29)


def test_the_next_and_the_previous_business_day_are_strictly_beside() -> None:
    assert NL.next_business_day(date(2026, 4, 24)) == date(2026, 4, 28)
    assert NL.previous_business_day(date(2026, 4, 28)) == date(2026, 4, 24)
    assert NL.next_business_day(date(2026, 4, 25)) == date(2026, 4, 28)


@pytest.mark.parametrize(
    ("calendar", "month", "first", "last"),
    [
        (NL, (2026, 1), date(2026, 1, 2), date(2026, 1, 30)),
        (NL, (2026, 5), date(2026, 5, 1), date(2026, 5, 29)),
        (NL, (2026, 12), date(2026, 12, 1), date(2026, 12, 31)),
        (Calendar(), (2026, 2), date(2026, 2, 2), date(2026, 2, 27)),
        (Calendar(weekend=frozenset({4, 5})), (2026, 5), date(2026, 5, 3), date(2026, 5, 31)),
        (Calendar(weekend=frozenset()), (2026, 8), date(2026, 8, 1), date(2026, 8, 31)),
    ],
)
def test_a_month_has_a_first_and_a_last_business_day(
    calendar: Calendar, month: tuple[int, int], first: date, last: date
) -> None:
    assert (calendar.first_business_day(*month), calendar.last_business_day(*month)) == (first, last)


def test_a_month_in_which_nobody_works_has_none() -> None:
    closed = Calendar(added=frozenset(date(2026, 8, day) for day in range(1, 32)))
    assert closed.first_business_day(2026, 8) is None
    assert closed.last_business_day(2026, 8) is None
    assert closed.next_business_day(date(2026, 7, 31)) == date(2026, 9, 1)


@pytest.mark.parametrize("weekend", [frozenset(range(7)), frozenset({7}), frozenset({-1})])
def test_a_weekend_leaves_a_day_to_work_on(weekend: frozenset[int]) -> None:
    with pytest.raises(ScheduleRefused, match=r"^Weekend \[.*\] leaves no day to work on, or names an unknown one"):
        Calendar(weekend=weekend)


@pytest.mark.parametrize(
    ("country", "region"), [(None, None), ("NL", None), ("DE", "BY"), ("US", "CA"), ("ES", "MD"), ("GB", "SCT")]
)
def test_known_countries_and_regions_pass(country: str | None, region: str | None) -> None:
    require_known(country, region)


@pytest.mark.parametrize(
    ("country", "region", "sentence"),
    [
        ("nl", None, r"^Country 'nl' has no known public holidays; a country is two .*\. Write 'NL'\.$"),
        ("NLD", None, r"^Country 'NLD' .* Write 'NL'\.$"),
        ("netherlands", None, r"^Country 'netherlands' .* Write 'NL'\.$"),
        ("XX", None, r"^Country 'XX' .* Name another, or none, and your own days\.$"),
        ("", None, r"^Country '' has no known public holidays"),
        ("XNYS", None, r"^Country 'XNYS' has no known"),
        (None, "BY", r"^Region 'BY' stands without a country\. Name the country too, as 'NL'\.$"),
        ("DE", "by", r"^Region 'by' is not known in 'DE', which has 'BB', 'BE'.*\. Did you mean 'BY'"),
        ("DE", "Bayern", r"^Region 'Bayern' is not known in 'DE', which has .*'BY'"),
        ("FR", "??", r"^Region '\?\?' is not known in 'FR', which has .* Pick one, or leave the region out\.$"),
        ("EE", "X", r"^Region 'X' is not known: 'EE' has one set of holidays\. Leave the region out\.$"),
    ],
)
def test_an_unknown_country_or_region_is_refused_with_what_to_write(
    country: str | None, region: str | None, sentence: str
) -> None:
    with pytest.raises(ScheduleRefused, match=sentence):
        require_known(country, region)


def test_a_calendar_of_an_unknown_country_is_refused_when_it_is_asked() -> None:
    with pytest.raises(ScheduleRefused, match=r"^Country 'ZZ' has no known public holidays"):
        Calendar(country="ZZ").is_business_day(KINGS_DAY)
    with pytest.raises(ScheduleRefused, match=r"^Region 'ZZ' is not known in 'DE'"):
        Calendar(country="DE", region="ZZ").is_business_day(KINGS_DAY)


def test_it_tells_in_which_years_its_holidays_are_known() -> None:
    assert (NL.knows_holidays(2026), NL.knows_holidays(2999)) == (True, False)
    assert Calendar().knows_holidays(2999)
