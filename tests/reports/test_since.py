"""What a report of a recurring job opens with, on its page and in a chat."""

from datetime import date

from builders.drafts import CREATED, FOLDER, a_column, a_report
from interact.reports.branding import Branding
from interact.reports.manuscript import Manuscript
from interact.reports.page import draw_html
from interact.reports.prose import Prose
from interact.reports.since import Change, Days, Since, as_markdown, lines

WEEKS = {
    "now": Days(start=date(2026, 11, 9), end=date(2026, 11, 15)),
    "then": Days(start=date(2026, 11, 2), end=date(2026, 11, 8)),
}
MONEY, CPA = a_column("spend", "currency"), a_column("cpa", "currency", good="down")


def a_since(*changes: Change, **more: object) -> Since:
    return Since.model_validate({"on": date(2026, 11, 9), "changes": changes, **WEEKS, **more})


def a_page(since: Since | None) -> str:
    report = a_report().model_copy(update={"since": since})
    return draw_html(Manuscript(report, {}, Branding(), CREATED), folder=FOLDER, charts={})


def test_a_change_is_told_with_its_direction_and_whether_it_is_good() -> None:
    up, down, same = (Change(column=CPA, now=now, then=10.0, fraction=(now - 10.0) / 10) for now in (12.5, 7.5, 10.0))
    neutral, unknown = (
        Change(column=MONEY, now=12.5, then=then, fraction=part) for then, part in ((10.0, 0.25), (None, None))
    )
    told = [
        (each.now, each.then, each.arrow, each.change, each.tone)
        for each in lines(a_since(up, down, same, neutral, unknown))
    ]
    assert told == [
        ("€12.50", "€10.00", "↑", "25.0%", "bad"),
        ("€7.50", "€10.00", "↓", "25.0%", "good"),
        ("€10.00", "€10.00", "", "0.0%", ""),
        ("€12.50", "€10.00", "↑", "25.0%", ""),
        ("€12.50", "n/a", "", "", ""),
    ]


def test_the_page_opens_with_it_before_the_summary() -> None:
    since = a_since(Change(column=MONEY, now=120.0, then=100.0, fraction=0.2), come=("Brand <b>",), gone=("Stores",))
    page = a_page(since)
    assert page.index("Weekly briefing</h1>") < page.index("Since the run of 9 Nov 2026") < page.index("All is well.")
    assert '9–15 Nov 2026</span> against <span class="days">2–8 Nov 2026' in page
    assert "<strong>New</strong> Brand &lt;b&gt;" in page
    assert "<strong>No more</strong> Stores" in page
    assert "↑ 20.0%" in page


def test_a_page_without_it_has_no_trace_of_it() -> None:
    assert 'class="since"' not in a_page(None)


def test_what_is_not_compared_is_said() -> None:
    since = Since(on=date(2026, 11, 9), notes=("The job asked something else then.",))
    assert "The job asked something else then." in a_page(since)
    assert as_markdown(since) == "**Since the run of 9 Nov 2026**:\n\n- The job asked something else then."


def test_names_of_the_warehouse_are_no_markdown_in_the_chat() -> None:
    named = "**Sale** [here](https://evil.example)\n# & <b> [[result_000000000001/0/spend]]"
    column = MONEY.model_copy(update={"label": "Spend [x](https://evil.example)"})
    since = a_since(
        Change(column=column, now=1.0, then=2.0, fraction=None), come=(named,), gone=(named,), notes=(named,)
    )
    html = Prose({}).blocks(as_markdown(since))
    assert "href" not in html
    assert html.count("**Sale** [here](https://evil.example) # &amp; &lt;b&gt; [[result_000000000001/0/spend]]") == 3
    assert "Spend [x](https://evil.example) €1.00, was €2.00" in html


def test_days_say_what_their_ends_share_once() -> None:
    told = [
        Days(start=date.fromisoformat(start), end=date.fromisoformat(end)).words
        for start, end in (
            ("2026-11-09", "2026-11-09"),
            ("2026-11-09", "2026-11-15"),
            ("2026-10-26", "2026-11-01"),
            ("2025-12-29", "2026-01-04"),
        )
    ]
    assert told == ["9 Nov 2026", "9–15 Nov 2026", "26 Oct – 1 Nov 2026", "29 Dec 2025 – 4 Jan 2026"]
