"""What is said of a run of several chats: all together, some of them, those that failed, and what is missing."""

from pathlib import Path

import pytest

from builders.rollups import ROAS, SPEND
from builders.spoken import PDF, Said, Spoken, alarm, by_campaign, in_words, spoken, totals, weekly
from interact.chats.result import Column, Result
from interact.chats.status import RunVerdict
from interact.runs.saying.plainly import MOST
from interact.runs.saying.say import has_highlights, say
from interact.store import chats, runs

AWAY = "The warehouse 'w' cannot be reached. Check the connection 'w' in Airflow."
UNKNOWN = "Channel 'TikTok' is unknown; there are 'search', 'social'. Name one of them."


@pytest.fixture
def told(tmp_path: Path) -> Spoken:
    """A job whose runs end as a test likes, due on Mondays at eight."""
    return spoken(tmp_path, schedule="0 8 * * 1")


def test_markets_are_told_side_by_side(told: Spoken) -> None:
    run_id = told.run(weekly(), weekly(totals(500.0, 3.0)), weekly(totals(900.0, 1.5)))
    notice = say(told.desk, run_id)
    assert notice.subject == "By ROAS, BE is best (3.00) and DE is worst (1.50): week 47"
    assert notice.lead == "All 3 markets were answered. By ROAS, BE is best (3.00) and DE is worst (1.50)."
    assert notice.about == "Markets NL, BE and DE · 16 to 22 November 2026"
    assert [(each.label, each.value, each.change) for each in notice.figures] == [
        ("Spend", "€13,880", "NL €12,480, BE €500, DE €900"),
        ("ROAS", "1.50 to 3.00", "NL 2.41, BE 3.00, DE 1.50"),
    ]
    assert [(link.label, link.path) for link in notice.links] == [("Open the run", f"/interact/runs/{run_id}")]


def test_what_all_markets_share_is_the_subject(told: Spoken) -> None:
    shared, own = by_campaign(("Brand", 1.84)), by_campaign(("Brand", 1.2), ("Stores", 0.9))
    one = weekly(None, shared, highlights=(alarm(shared, 0),))
    both = weekly(None, own, highlights=(alarm(own, 1), alarm(own, 0)))
    notice = say(told.desk, told.run(one, both))
    assert notice.subject == "Brand: ROAS below 2 in all 2 markets (week 47)"
    assert [(each.title, each.text) for each in notice.highlights] == [
        ("NL and BE: Brand: ROAS below 2", "NL: ROAS 1.84. BE: ROAS 1.20."),
        ("BE: Stores: ROAS below 2", "ROAS 0.90."),
    ]


def test_what_one_market_has_names_it(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84))
    run_id = told.run(weekly(), weekly(None, campaigns, highlights=(alarm(campaigns, 0),)))
    assert say(told.desk, run_id).subject == "Brand: ROAS below 2 in BE (week 47)"


def test_some_chats_are_told_as_if_they_were_the_run(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84))
    run_id = told.run(weekly(), weekly(None, campaigns, highlights=(alarm(campaigns, 0),)), AWAY)
    dutch, belgian, german = told.chats(run_id)
    notice = say(told.desk, run_id, chat_ids=[dutch])
    assert (notice.kind, notice.about) == ("completed", "Market NL · 16 to 22 November 2026")
    assert notice.subject == "ROAS 2.41, −6.2% on the 7 days before: NL, week 47"
    assert [file.name for file in notice.files] == ["weekly-report-nl-2026-11-22.pdf"]
    assert notice.failures == ()
    assert say(told.desk, run_id, chat_ids={german}).kind == "failed"
    assert say(told.desk, run_id, chat_ids=(belgian, german)).kind == "partial"
    assert [has_highlights(told.desk, run_id, chat_ids=[each]) for each in (dutch, belgian, german)] == [
        False,
        True,
        False,
    ]


def test_a_partial_run_names_who_failed_and_why_and_what_comes_next(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly(), weekly(totals(500.0, 3.0)), UNKNOWN))
    assert notice.subject == (
        "2 of 3 markets answered, DE failed: Channel 'TikTok' is unknown; there are 'search', 'social' (Weekly report)"
    )
    assert (notice.kind, notice.level, notice.topics) == ("partial", "warning", ("failed_run", "completed_run"))
    assert notice.lead == (
        "2 of 3 markets were answered; DE was not: Channel 'TikTok' is unknown; there are 'search', 'social'."
    )
    assert [(each.title, each.text, each.tone) for each in notice.failures] == [("DE", UNKNOWN, "bad")]
    assert notice.then == (
        "It runs again on Monday 30 November 2026 at 08:00 (Europe/Amsterdam). "
        "To have it before that, put right what is said above, then press Run again on the run's page."
    )


def test_who_failed_alike_is_named_together(told: Spoken) -> None:
    notice = say(told.desk, told.run(AWAY, UNKNOWN, AWAY))
    assert notice.subject.startswith("Weekly report failed: The warehouse 'w' cannot be reached and Channel 'TikTok'")
    assert (notice.level, notice.topics) == ("error", ("failed_run",))
    assert [(each.title, each.text) for each in notice.failures] == [("NL and DE", AWAY), ("BE", UNKNOWN)]


def test_a_run_that_failed_as_a_whole_has_one_cause(told: Spoken) -> None:
    notice = say(told.desk, told.run(AWAY, AWAY, AWAY))
    assert notice.subject == "Weekly report failed: The warehouse 'w' cannot be reached (3 markets)"
    assert notice.lead == "None of the 3 markets was answered: The warehouse 'w' cannot be reached."
    assert [each.title for each in notice.failures] == ["NL, BE and DE"]
    assert (notice.figures, notice.highlights, notice.files, notice.chart) == ((), (), (), None)


def test_a_failed_run_of_one_chat_tells_its_cause(told: Spoken) -> None:
    run_id = told.run(AWAY)
    notice = say(told.desk, run_id)
    assert notice.subject == "Weekly report failed: The warehouse 'w' cannot be reached (NL)"
    assert notice.lead == "The warehouse 'w' cannot be reached."
    assert notice.about == "Market NL · Run of 23 November 2026, 08:00 CET"
    assert [(link.label, link.path) for link in notice.links] == [
        ("Open the chat", f"/interact/chats/{told.chats(run_id)[0]}")
    ]


def test_a_run_that_ended_outside_its_tasks_tells_its_own_reason(told: Spoken) -> None:
    reason = "The run was ended in Airflow as 'failed' before it had announced its end. Run it again."
    run_id = told.run(in_words(), in_words(), verdict=RunVerdict.PARTIAL, reason=reason)
    notice = say(told.desk, run_id)
    assert notice.subject == ("The run was ended in Airflow as 'failed' before it had announced its end: Weekly report")
    assert [(each.title, each.text) for each in notice.failures] == [("The run as a whole", reason)]


def test_a_run_that_opened_no_chat_tells_why(told: Spoken) -> None:
    run_id = told.run(verdict=RunVerdict.FAILED, reason="The job's agent is not active. Set `active: true`.")
    notice = say(told.desk, run_id)
    assert notice.subject == "Weekly report failed: The job's agent is not active"
    assert notice.failures[0].text == "The job's agent is not active. Set `active: true`."


def test_a_report_that_was_not_drawn_is_a_failure_with_its_reason(told: Spoken) -> None:
    lacking = weekly(
        pdf=None, render_failure="The report 'Weekly' could not be printed: it took longer than 90 seconds."
    )
    notice = say(told.desk, told.run(weekly(), lacking))
    assert (notice.kind, notice.subject) == ("partial", "The PDF of BE is missing: Weekly report")
    assert [(each.title, each.text) for each in notice.failures] == [
        ("The PDF of BE is missing", "The report 'Weekly' could not be printed: it took longer than 90 seconds.")
    ]
    assert [file.name for file in notice.files] == ["weekly-report-nl-2026-11-22.pdf"]


def test_the_report_that_compares_them_goes_first(told: Spoken) -> None:
    run_id = told.run(weekly(), weekly())
    sha256 = told.desk.files.put(PDF + b" rolled up", ".pdf")
    with told.desk.store.writing() as session:
        runs.set_rollup(session, run_id, "{}", chats.Rendered(sha256, sha256))
    assert [file.name for file in say(told.desk, run_id).files] == [
        "weekly-report-comparison-2026-11-22.pdf",
        "weekly-report-nl-2026-11-22.pdf",
        "weekly-report-be-2026-11-22.pdf",
    ]
    (file,) = say(told.desk, run_id, chat_ids=told.chats(run_id)[:1]).files
    assert file.name == "weekly-report-nl-2026-11-22.pdf"


def test_values_without_a_letter_that_a_name_takes_are_numbered(told: Spoken) -> None:
    run_id = told.run(weekly(), weekly(), markets=["日本", "Côte d'Ivoire"])
    assert [file.name for file in say(told.desk, run_id).files] == [
        "weekly-report-1-2026-11-22.pdf",
        "weekly-report-cote-d-ivoire-2026-11-22.pdf",
    ]


def test_a_missing_comparison_is_a_failure(told: Spoken) -> None:
    run_id = told.run(weekly(), weekly(), verdict=RunVerdict.PARTIAL)
    with told.desk.store.writing() as session:
        runs.set_rollup(session, run_id, None, chats.Rendered(failure="It could not be printed."))
    notice = say(told.desk, run_id)
    assert [(each.title, each.text) for each in notice.failures] == [
        ("The roll-up is missing", "It could not be printed.")
    ]


def test_the_chart_of_a_fan_out_compares_its_chats(told: Spoken) -> None:
    chart = say(told.desk, told.run(weekly(), weekly(totals(500.0, 3.0)))).chart
    assert chart is not None
    assert chart.alt == "Spend: NL €12,480, BE €500.00"


def test_values_in_several_currencies_are_not_one_figure(told: Spoken) -> None:
    dollars = SPEND.model_copy(update={"unit": "USD"})

    def spent(column: Column) -> Result:
        return totals().model_copy(update={"columns": (column, ROAS), "rows": ((5.0, 2.0),)})

    notice = say(told.desk, told.run(in_words(spent(SPEND)), in_words(spent(dollars))))
    assert [(each.label, each.value) for each in notice.figures] == [("ROAS", "2.00")]


def test_many_highlights_are_counted_beyond_what_a_notice_holds(told: Spoken) -> None:
    def said(market: str) -> Said:
        campaigns = by_campaign(*((f"{market}{number}", 1.0) for number in range(8)))
        return weekly(None, campaigns, highlights=tuple(alarm(campaigns, row) for row in range(8)))

    markets = [f"M{number}" for number in range(8)]
    notice = say(told.desk, told.run(*map(said, markets), markets=markets))
    assert len(notice.highlights) == MOST
    assert notice.highlights[-1].title == f"{64 - MOST + 1} more stand in the run"


def test_of_many_chats_the_highest_and_the_lowest_are_named(told: Spoken) -> None:
    markets = [f"M{number}" for number in range(8)]
    run_id = told.run(*(in_words(totals(100.0 * number, 2.0)) for number in range(1, 9)), markets=markets)
    notice = say(told.desk, run_id)
    assert [(each.label, each.value, each.change) for each in notice.figures] == [
        ("Spend", "€3,600", "highest M7 €800.00, lowest M0 €100.00"),
        ("ROAS", "2.00", ""),
    ]
    assert notice.about == "Markets M0, M1, M2 and 5 more · Run of 23 November 2026, 08:00 CET"
