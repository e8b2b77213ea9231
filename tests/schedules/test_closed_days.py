"""The holidays that lie ahead."""

from datetime import date

from interact.schedules.closed_days import ClosedDay, closed_days
from interact.schedules.working_days import OWN_HOLIDAY, Calendar

TODAY = date(2026, 11, 26)


def test_public_holidays_and_own_days_come_in_order_less_those_on_which_one_works() -> None:
    calendar = Calendar(
        country="NL", added=frozenset({date(2026, 12, 24)}), removed=frozenset({date(2027, 1, 1), date(2026, 12, 26)})
    )
    assert closed_days(calendar, after=TODAY, count=3) == (
        ClosedDay(date(2026, 12, 24), OWN_HOLIDAY, is_weekend=False),
        ClosedDay(date(2026, 12, 25), "Christmas Day", is_weekend=False),
        ClosedDay(date(2027, 3, 26), "Good Friday", is_weekend=False),
    )


def test_a_holiday_on_the_weekend_is_marked() -> None:
    (day,) = closed_days(Calendar(added=frozenset({date(2026, 11, 28)})), after=TODAY)
    assert day.is_weekend


def test_today_is_over_and_without_a_country_there_are_own_days_alone() -> None:
    assert closed_days(Calendar(added=frozenset({TODAY})), after=TODAY) == ()
