"""The judge of the overlap proof, on accounts that are right and on accounts that are wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.verdict import Account, Stay, Time

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def minute(number, seconds=0.0):
    return START + timedelta(minutes=number, seconds=seconds)


def ran(number, *, late=2.0):
    return Time(minute(number), "ran", None, f"scheduled-{number}", minute(number, late))


def left(number, outcome, reason="because"):
    return Time(minute(number), outcome, reason, None, None)


def stay(number, *, late=2.0, seconds=150.0):
    return Stay(f"scheduled-{number}", minute(number), minute(number, late), minute(number, late + seconds))


def an_account(times, stays, *, expected=4, outages=()):
    return Account("slow", [minute(n) for n in range(expected)], times, stays, outages)


RIGHT = [ran(0), left(1, "skipped"), left(2, "skipped"), ran(3)]
STAYS = [stay(0), stay(3)]


def test_a_right_account_has_no_violations():
    account = an_account(RIGHT, STAYS)
    assert account.violations() == []
    assert account.line().split() == ["slow", "4", "2", "2", "0", "0", "0", "0", "2.0"]


@pytest.mark.parametrize(
    ("times", "stays", "sentence"),
    [
        (RIGHT[:3], STAYS, "12:03 has no row"),
        ([*RIGHT, ran(3)], STAYS, "12:03 has two rows or two runs, or was not expected"),
        (RIGHT, [*STAYS, Stay("other", minute(3), minute(3, 2), minute(3, 9))], "12:03 has two rows or two runs"),
        ([*RIGHT, ran(4)], STAYS, "12:04 has two rows or two runs, or was not expected"),
        ([ran(0), ran(1), *RIGHT[2:]], STAYS, "12:01 ran although a scheduled run was under way"),
        ([*RIGHT[:3], ran(3, late=61)], STAYS, "12:03 began 0:01:01 late"),
        ([*RIGHT[:2], left(2, "skipped", None), RIGHT[3]], STAYS, "12:02 is skipped without a reason"),
        (RIGHT, [stay(0, seconds=60), stay(3)], "12:02 was skipped, but no scheduled run was under way"),
        ([*RIGHT[:2], left(2, "not_run"), RIGHT[3]], STAYS, "12:02 did not run, without an outage or a manual run"),
    ],
)
def test_what_is_wrong_is_said(times, stays, sentence):
    assert any(said.startswith(sentence) for said in an_account(times, stays).violations())


def test_a_time_may_be_left_out_in_an_outage_or_during_a_manual_run():
    times = [*RIGHT[:2], left(2, "not_run"), RIGHT[3]]
    assert an_account(times, STAYS, outages=[(minute(1, 50), minute(3))]).violations() == []
    assert an_account(times, [*STAYS, Stay("m", None, minute(1, 50), minute(2, 50))]).violations() == []


def test_a_run_that_waited_for_manual_ones_is_late_from_their_end_on():
    manual = [Stay("m1", None, minute(3, -9), minute(4)), Stay("m2", None, minute(4, 2), minute(5))]
    account = an_account([*RIGHT[:3], ran(3, late=170)], [stay(0), stay(3, late=170), *manual])
    assert account.violations() == []
    assert account.lateness[minute(3)] == timedelta(seconds=50)
