"""What changed since the last completed run of the same values, and whether anything did."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders.rollups import ROAS, SPEND
from builders.spoken import MONDAY, Said, Spoken, alarm, by_campaign, in_words, spoken, totals, weekly
from interact.chats.result import Result
from interact.runs.saying.say import changed, say

BEFORE = MONDAY - timedelta(days=7)


@pytest.fixture
def told(tmp_path: Path) -> Spoken:
    """A job whose runs end as a test likes."""
    return spoken(tmp_path)


def alarmed(*names: str, whole: Result | None = None) -> Said:
    """An answer with an alarm on each of these campaigns."""
    campaigns = by_campaign(*((name, 1.5) for name in names))
    return weekly(whole, campaigns, highlights=tuple(alarm(campaigns, row) for row in range(len(names))))


def test_a_first_run_has_changed_and_names_no_change(told: Spoken) -> None:
    run_id = told.run(weekly())
    assert changed(told.desk, run_id)
    assert say(told.desk, run_id).changes == ()


def test_each_figure_that_moved_is_told_with_its_day(told: Spoken) -> None:
    told.run(weekly(totals(12000.0, 2.57)), at=BEFORE)
    run_id = told.run(weekly(totals(12480.0, 2.41)))
    assert [(each.title, each.tone) for each in say(told.desk, run_id).changes] == [
        ("Spend €12,480, was €12,000 on 16 November", "neutral"),
        ("ROAS 2.41, was 2.57 on 16 November", "bad"),
    ]
    assert changed(told.desk, run_id)


def test_a_day_of_another_year_bears_its_year(told: Spoken) -> None:
    told.run(weekly(totals(roas=2.2)), at=MONDAY - timedelta(days=364))
    (remark,) = say(told.desk, told.run(weekly())).changes
    assert (remark.title, remark.tone) == ("ROAS 2.41, was 2.20 on 24 November 2025", "good")


def test_equal_figures_and_highlights_are_no_change(told: Spoken) -> None:
    told.run(alarmed("Brand"), at=BEFORE)
    run_id = told.run(alarmed("Brand"))
    assert not changed(told.desk, run_id)
    assert say(told.desk, run_id).changes == ()


def test_what_people_read_alike_is_no_change(told: Spoken) -> None:
    told.run(weekly(totals(12480.31, 2.4101)), at=BEFORE)
    assert not changed(told.desk, told.run(weekly(totals(12480.29, 2.4099))))


def test_other_highlights_are_a_change_and_what_is_over_is_told(told: Spoken) -> None:
    told.run(alarmed("Brand", "Stores"), at=BEFORE)
    run_id = told.run(alarmed("Brand"))
    assert changed(told.desk, run_id)
    assert [(each.title, each.tone) for each in say(told.desk, run_id).changes] == [
        ("No more: Stores: ROAS below 2", "good")
    ]


def test_a_highlight_whose_words_hold_a_figure_is_not_said_to_be_over(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.5))
    told.run(
        weekly(None, campaigns, highlights=(alarm(campaigns, 0, f"fell to [[{campaigns.result_id}/0/roas]]"),)),
        at=BEFORE,
    )
    assert say(told.desk, told.run(weekly())).changes == ()


def test_an_answer_without_a_report_is_compared_by_its_headline(told: Spoken) -> None:
    told.run(in_words(totals(roas=2.57)), at=BEFORE)
    run_id = told.run(in_words())
    assert [each.title for each in say(told.desk, run_id).changes] == ["ROAS 2.41, was 2.57 on 16 November"]
    assert changed(told.desk, run_id)


def test_what_has_no_figures_at_all_may_have_changed(told: Spoken) -> None:
    told.run(Said(text="All is well."), at=BEFORE)
    assert changed(told.desk, told.run(Said(text="All is well.")))


def test_each_market_is_compared_with_itself(told: Spoken) -> None:
    told.run(weekly(totals(100.0, 2.0)), weekly(totals(200.0, 3.0)), at=BEFORE)
    run_id = told.run(weekly(totals(100.0, 2.0)), weekly(totals(250.0, 2.5)))
    assert [(each.title, each.text) for each in say(told.desk, run_id).changes] == [
        ("BE: since 16 November", "Spend €250.00, was €200.00; ROAS 2.50, was 3.00")
    ]
    dutch, belgian = told.chats(run_id)
    assert [changed(told.desk, run_id, chat_ids=[each]) for each in (dutch, belgian)] == [False, True]


def test_failed_runs_between_are_passed_over(told: Spoken) -> None:
    told.run(weekly(totals(roas=2.57)), at=BEFORE - timedelta(days=7))
    told.run("It was away.", at=BEFORE)
    assert [each.title for each in say(told.desk, told.run(weekly())).changes] == ["ROAS 2.41, was 2.57 on 9 November"]


def test_a_later_run_is_no_earlier_one(told: Spoken) -> None:
    first = told.run(weekly(), at=BEFORE)
    told.run(weekly(totals(roas=9.9)))
    assert say(told.desk, first).changes == ()


def test_figures_in_other_units_or_formats_are_not_compared(told: Spoken) -> None:
    dollars = SPEND.model_copy(update={"unit": "USD"})
    whole = totals()
    told.run(in_words(whole.model_copy(update={"columns": (dollars, ROAS, *whole.columns[2:])})), at=BEFORE)
    assert say(told.desk, told.run(in_words(totals(9.0)))).changes == ()


def test_another_question_is_not_compared(told: Spoken) -> None:
    told.run(weekly(totals(roas=2.57)), at=BEFORE, prompts=("What did NL spend yesterday?",))
    run_id = told.run(weekly())
    assert changed(told.desk, run_id)
    assert say(told.desk, run_id).changes == ()


def test_an_earlier_report_that_cannot_be_read_leaves_its_headline(told: Spoken) -> None:
    told.run(replace(weekly(totals(roas=2.57)), report_json='{"of": "another version"}'), at=BEFORE)
    assert [each.title for each in say(told.desk, told.run(weekly())).changes] == ["ROAS 2.41, was 2.57 on 16 November"]


def test_earlier_figures_that_are_gone_may_have_changed(told: Spoken) -> None:
    told.run(weekly(), at=BEFORE)
    for file in told.desk.settings.home.glob("files/*/*.json"):
        file.unlink()
    run_id = told.run(weekly())
    assert changed(told.desk, run_id)
    assert say(told.desk, run_id).changes == ()
