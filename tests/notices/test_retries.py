"""Waits grow, never fall below what a server asks for, and end after a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.notices.retries import GIVEN_UP_AFTER, Tried, next_try

MADE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIRST = Tried(tries=1, made_at=MADE)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (6, 180), (12, 180)])
def test_waits_grow_up_to_three_hours(tries: int, minutes: int) -> None:
    wait = timedelta(minutes=minutes)
    assert next_try(replace(FIRST, tries=tries), now=MADE, chance=0.5) == MADE + wait
    assert next_try(replace(FIRST, tries=tries), now=MADE, chance=0) == MADE + wait * 0.8
    assert next_try(replace(FIRST, tries=tries), now=MADE, chance=1) == MADE + wait * 1.2


@pytest.mark.parametrize(("asked", "seconds"), [(0, 1), (1, 1), (7, 7), (40_000, 40_000)])
def test_what_the_server_asks_for_is_kept_to_the_second(asked: int, seconds: int) -> None:
    tried = replace(FIRST, retry_after_seconds=asked)
    assert {next_try(tried, now=MADE, chance=chance) for chance in (0, 1)} == {MADE + timedelta(seconds=seconds)}


def test_the_last_try_is_a_day_after_the_notice_was_made() -> None:
    late = MADE + timedelta(hours=23)
    over = MADE + GIVEN_UP_AFTER
    assert next_try(replace(FIRST, tries=9), now=late, chance=0.5) == over
    assert next_try(replace(FIRST, retry_after_seconds=90_000), now=MADE, chance=0.5) == over
    assert next_try(replace(FIRST, tries=10), now=over, chance=0.5) is None


def test_what_a_person_resends_is_tried_five_times_however_old_it_is() -> None:
    now = MADE + timedelta(days=30)
    tries = [next_try(Tried(number, MADE, is_resent=True), now=now, chance=0.5) for number in range(1, 6)]
    assert [at and (at - now) / timedelta(minutes=1) for at in tries] == [1, 5, 15, 60, None]
    patient = Tried(1, MADE, is_resent=True, retry_after_seconds=90_000)
    assert next_try(patient, now=now, chance=0.5) == now + timedelta(hours=3)


@given(
    st.integers(1, 50),
    st.integers(0, 200_000),
    st.none() | st.integers(0, 200_000),
    st.floats(0, 1),
    st.booleans(),
)
def test_a_further_try_is_always_later_and_there_is_an_end(
    tries: int, seconds: int, asked: int | None, chance: float, is_resent: bool
) -> None:
    now = MADE + timedelta(seconds=seconds)
    tried = Tried(tries, MADE, is_resent=is_resent, retry_after_seconds=asked)
    at = next_try(tried, now=now, chance=chance)
    if at is None:
        assert tries > 4 if is_resent else seconds >= 86_400
    else:
        assert now < at <= now + timedelta(seconds=max(asked or 0, 1.2 * 3 * 3600))
        assert is_resent or at <= MADE + GIVEN_UP_AFTER
