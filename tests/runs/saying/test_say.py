"""What is said of a run of one chat: its subject and lead, its figures and highlights, and what goes along."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from builders.saved import a_channel
from builders.spoken import MONDAY, PDF, Spoken, alarm, by_campaign, by_day, drawn, in_words, spoken, totals, weekly
from interact.chats.figures import reference
from interact.chats.finding import Finding
from interact.chats.record import AssetLoad
from interact.chats.result import Cell
from interact.errors import NotFound
from interact.notices.hearing import deaf_to
from interact.reports import stills
from interact.reports.document import Chart, Period, Section
from interact.runs.saying.say import has_highlights, say
from interact.store import chats, runs


@pytest.fixture
def told(tmp_path: Path) -> Spoken:
    """A job whose runs end as a test likes."""
    return spoken(tmp_path)


def test_a_completed_run_is_told_by_what_its_highlights_say(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84), ("Generic", 1.2), ("Stores", 0.9))
    found = tuple(alarm(campaigns, row) for row in range(3))
    notice = say(told.desk, told.run(weekly(None, campaigns, highlights=found)))
    assert notice.subject == "Brand, Generic and Stores: ROAS below 2 (NL, week 47)"
    assert (notice.kind, notice.level, notice.topics) == ("completed", "warning", ("completed_run", "anomaly"))
    assert [(each.title, each.text, each.tone) for each in notice.highlights] == [
        ("Brand: ROAS below 2", "ROAS 1.84.", "bad"),
        ("Generic: ROAS below 2", "ROAS 1.20.", "bad"),
        ("Stores: ROAS below 2", "ROAS 0.90.", "bad"),
    ]


def test_a_summary_that_counts_them_gives_the_subject(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84), ("Generic", 1.2))
    counted = "Spend was steady. 3 campaigns have ROAS below 2: Brand, Generic (new) and Stores."
    said = weekly(None, campaigns, highlights=(alarm(campaigns, 0), alarm(campaigns, 1)), summary=counted)
    assert say(told.desk, told.run(said)).subject == "3 campaigns have ROAS below 2: NL, week 47"


def test_what_is_named_together_is_not_counted_short(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84))
    further = alarm(campaigns, 0, title="Further campaigns with ROAS below 2")
    said = weekly(None, campaigns, highlights=(alarm(campaigns, 0), further))
    assert say(told.desk, told.run(said)).subject == "Brand and others: ROAS below 2 (NL, week 47)"


def test_different_highlights_are_counted_after_the_first(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 1.84))
    found = (
        alarm(campaigns, 0, "CPA above target (not so in the period before)"),
        alarm(campaigns, 0, title="ROAS fell to 2.41", tone="warning"),
        alarm(campaigns, 0, title="Spend held", tone="neutral"),
    )
    notice = say(told.desk, told.run(weekly(None, campaigns, highlights=found)))
    assert notice.subject == "Brand: CPA above target, and 1 more (NL, week 47)"


def test_without_highlights_the_figure_that_moved_gives_the_subject(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly()))
    assert notice.subject == "ROAS 2.41, −6.2% on the 7 days before: NL, week 47"
    assert (notice.level, notice.topics) == ("info", ("completed_run",))
    assert notice.lead == "ROAS was 2.41."


def test_good_news_is_no_anomaly(told: Spoken) -> None:
    campaigns = by_campaign(("Brand", 4.2))
    said = weekly(None, campaigns, highlights=(alarm(campaigns, 0, "ROAS above 4", tone="good"),))
    notice = say(told.desk, told.run(said))
    assert (notice.subject, notice.level, notice.topics) == (
        "Brand: ROAS above 4 (NL, week 47)",
        "info",
        ("completed_run",),
    )


def test_figures_are_the_tiles_with_their_change_and_whether_that_is_good(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly()))
    assert [(each.label, each.value, each.change, each.tone) for each in notice.figures] == [
        ("Spend", "€12,480", "+4.0% on the 7 days before", "neutral"),
        ("ROAS", "2.41", "−6.2% on the 7 days before", "bad"),
    ]


def test_a_figure_without_a_value_or_a_change_says_so(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly(totals(0.0, None, (None, None)))))
    assert [(each.value, each.change) for each in notice.figures] == [("€0.00", ""), ("n/a", "")]


@pytest.mark.parametrize(
    ("period", "compared"),
    [
        (("2026-11-22", "2026-11-22", "2026-11-21", "2026-11-21"), "+4.0% on the day before"),
        (("2026-11-16", "2026-11-22", "2025-11-17", "2025-11-23"), "+4.0% on 17–23 Nov 2025"),
        (("2026-11-16", "2026-11-22", None, None), "+4.0%"),
    ],
)
def test_a_change_names_what_it_is_relative_to(told: Spoken, period: tuple[str, ...], compared: str) -> None:
    days = Period.model_validate(dict(zip(("start", "end", "compare_start", "compare_end"), period, strict=True)))
    assert say(told.desk, told.run(weekly(period=days))).figures[0].change == compared


@pytest.mark.parametrize(
    ("start", "end", "short", "long"),
    [
        ("2026-11-16", "2026-11-22", "week 47", "16 to 22 November 2026"),
        ("2026-12-28", "2027-01-03", "week 53", "28 December 2026 to 3 January 2027"),
        ("2026-11-01", "2026-11-30", "November 2026", "1 to 30 November 2026"),
        ("2026-10-28", "2026-11-03", "28 Oct – 3 Nov 2026", "28 October to 3 November 2026"),
        ("2026-11-22", "2026-11-22", "22 Nov 2026", "22 November 2026"),
    ],
)
def test_the_days_are_told_as_people_say_them(told: Spoken, start: str, end: str, short: str, long: str) -> None:
    days = Period.model_validate({"start": start, "end": end})
    notice = say(told.desk, told.run(weekly(period=days)))
    assert notice.subject.endswith(f": NL, {short}")
    assert notice.about == f"Market NL · {long}"


def test_an_answer_without_a_report_is_told_by_its_words_and_headline(told: Spoken) -> None:
    text = "Over the past 7 days: spend of €12,480. It rose.\n\n3 campaigns have ROAS below 2: **Brand** and others."
    notice = say(told.desk, told.run(in_words(text=text)))
    assert notice.subject == "3 campaigns have ROAS below 2: NL"
    assert notice.lead == "Over the past 7 days: spend of €12,480."
    assert [(each.label, each.value, each.change) for each in notice.figures] == [
        ("Spend", "€12,480", "+4.0%"),
        ("ROAS", "2.41", "−6.2%"),
    ]
    assert notice.about == "Market NL · Run of 23 November 2026, 08:00 CET"
    assert notice.links[0].label == "Open the answer"
    assert (notice.chart, notice.files) == (None, ())


@pytest.mark.parametrize(("kind", "tone"), [("highlight", "bad"), ("anomaly", "warning"), ("anomaly", "bad")])
def test_what_an_answer_without_a_report_points_out_is_told_as_a_highlight(told: Spoken, kind: str, tone: str) -> None:
    days = by_day(12.0, 3.0)
    figure = Cell(result_id=days.result_id, row=1, column="roas")
    title = f"ROAS on {reference(days, 1, 'day')}: far below the usual"
    said = replace(in_words(), findings=(Finding(kind=kind, metric="roas", figure=figure, title=title, tone=tone),))
    run_id = told.run(replace(said, results=(*said.results, days)))
    notice = say(told.desk, run_id)
    assert has_highlights(told.desk, run_id)
    assert (notice.level, notice.topics) == ("warning", ("completed_run", "anomaly"))
    assert [(each.title, each.tone) for each in notice.highlights] == [
        (f"ROAS on {days.value(1, 'day')}: far below the usual", tone)
    ]


@pytest.mark.parametrize(
    ("at", "clock"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 October 2026, 02:30 CEST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 October 2026, 02:30 CET"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1 January 2027, 00:30 CET"),
    ],
)
def test_the_time_of_a_run_is_that_of_its_job_s_zone(told: Spoken, at: datetime, clock: str) -> None:
    assert say(told.desk, told.run(in_words(), at=at)).about == f"Market NL · Run of {clock}"


def test_a_job_s_own_zone_comes_before_that_of_its_organisation(tmp_path: Path) -> None:
    told = spoken(tmp_path, timezone="America/New_York")
    assert say(told.desk, told.run(in_words())).about == "Market NL · Run of 23 November 2026, 02:00 EST"


def test_a_run_that_works_again_says_so_first(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly()), recovered_from=3)
    assert notice.subject == "Works again: ROAS 2.41, −6.2% on the 7 days before: NL, week 47"
    assert notice.lead == "It works again after 3 failed runs in a row. ROAS was 2.41."
    assert notice.kind == "completed"


def test_a_run_that_fails_again_does_not_say_that_it_works(told: Spoken) -> None:
    notice = say(told.desk, told.run("The warehouse is away. Try again."), recovered_from=3)
    assert (notice.subject, notice.lead) == (
        "Weekly report failed: The warehouse is away (NL)",
        "The warehouse is away.",
    )


def test_the_pdf_goes_along_under_a_name_that_people_would_give_it(told: Spoken) -> None:
    (file,) = say(told.desk, told.run(weekly())).files
    assert (file.name, file.bytes, file.media_type) == ("weekly-report-nl-2026-11-22.pdf", len(PDF), "application/pdf")
    assert told.desk.files.get(file.sha256, ".pdf") == PDF


def test_a_job_that_attaches_nothing_sends_a_link_only(tmp_path: Path) -> None:
    told = spoken(tmp_path, notices={"attach_pdf": False})
    run_id = told.run(weekly())
    notice = say(told.desk, run_id)
    assert notice.files == ()
    (chat_id,) = told.chats(run_id)
    assert [(link.label, link.path) for link in notice.links] == [("Open the report", f"/interact/chats/{chat_id}")]


def test_the_first_chart_is_drawn_with_its_title_at_twice_its_size(told: Spoken) -> None:
    chart = say(told.desk, told.run(drawn())).chart
    assert chart is not None
    assert (chart.width, chart.alt) == (1120, "ROAS by day: 2.41 at the end.")
    with Image.open(io.BytesIO(told.desk.files.get(chart.sha256, ".png"))) as picture:
        assert (picture.size, picture.format) == ((chart.width, chart.height), "PNG")
        assert picture.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_a_chart_without_rows_is_left_out(told: Spoken) -> None:
    empty = by_day()
    chart = Chart(title="T", result_id=empty.result_id, mark="line", x="day", y="roas", alt="A")
    said = weekly(None, empty, sections=(Section(title="S", blocks=(chart,)),))
    assert say(told.desk, told.run(said)).chart is None


def test_a_chart_that_is_not_drawn_in_time_is_left_out(told: Spoken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "SECONDS", 0.001)
    notice = say(told.desk, told.run(drawn()))
    assert (notice.chart, notice.lead) == (None, "ROAS was 2.41.")


def test_files_that_are_gone_leave_marks_and_no_figures(told: Spoken) -> None:
    run_id = told.run(drawn())
    for file in told.desk.settings.home.glob("files/*/*"):
        file.unlink()
    notice = say(told.desk, run_id)
    assert notice.lead == "ROAS was [figure not found]."
    assert (notice.figures, notice.chart, notice.files) == ((), None, ())
    assert notice.subject == "Weekly report: NL, week 47"


def test_a_report_of_another_version_leaves_the_words_of_the_chat(told: Spoken) -> None:
    notice = say(told.desk, told.run(replace(weekly(text="ROAS was 2.41."), report_json='{"title": 7}')))
    assert (notice.lead, notice.highlights, notice.chart) == ("ROAS was 2.41.", (), None)
    assert [each.value for each in notice.figures] == ["€12,480", "2.41"]
    assert notice.links[0].label == "Open the answer"


def test_data_that_came_late_is_said_before_the_highlights(told: Spoken) -> None:
    run_id = told.run(weekly())
    loaded_at = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    with told.desk.store.writing() as session:
        runs.set_data(session, run_id, (AssetLoad("warehouse.ads", loaded_at, "load", late=True),))
    notice = say(told.desk, run_id)
    (caution,) = notice.highlights
    assert caution.title == "Its data was late"
    assert caution.text.startswith(
        "warehouse.ads had not been loaded in time: its newest load is of 21 Nov 2026, 06:00 CET."
    )
    assert (notice.level, notice.topics) == ("warning", ("completed_run",))
    assert not has_highlights(told.desk, run_id)


def test_a_notice_bears_the_organisation_s_look_and_names(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly()))
    assert (notice.organisation, notice.job, notice.look.primary) == ("Norrland", "Weekly report", "")


def test_a_channel_for_failures_hears_of_no_completed_run(told: Spoken) -> None:
    notice = say(told.desk, told.run(weekly()))
    channel = a_channel(level="error")
    deaf = deaf_to(channel.level, channel.topics, notice_level=notice.level, notice_topics=notice.topics)
    assert deaf == "hears only failures (its level is 'error'), and this is 'info'"


def test_a_chat_of_another_run_is_not_spoken_of(told: Spoken) -> None:
    first, second = told.run(weekly()), told.run(weekly(), at=MONDAY + timedelta(days=7))
    with pytest.raises(NotFound, match="chat"):
        say(told.desk, first, chat_ids=told.chats(second))
    with pytest.raises(NotFound, match="run_000000000000"):
        say(told.desk, "run_000000000000")


def test_saying_writes_nothing_into_the_store(told: Spoken) -> None:
    run_id = told.run(weekly())
    with told.desk.store.reading() as session:
        before = (runs.by_id(session, run_id), chats.newest_attempts(session, run_id))
    assert say(told.desk, run_id) == say(told.desk, run_id)
    with told.desk.store.reading() as session:
        assert (runs.by_id(session, run_id), chats.newest_attempts(session, run_id)) == before
