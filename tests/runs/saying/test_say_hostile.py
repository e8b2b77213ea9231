"""Whatever people, models and warehouses wrote: a notice of it is plain text of bounded length, and never an error."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.rollups import ROAS
from builders.spoken import CAMPAIGN, MONDAY, Said, Spoken, alarm, by_campaign, spoken, totals, weekly
from interact.chats.record import AssetLoad
from interact.chats.result import Column, Result
from interact.chats.status import RunVerdict
from interact.jobs.naming import new_id
from interact.notices.notice import Notice
from interact.reports.document import Chart, Highlight, Section
from interact.runs.saying.say import changed, say
from interact.store import chats, jobs, runs

HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@example.com\x00\x1b[31m\u202egnirts\u2066 **bold** [a](javascript:b)"
LONGEST = {"subject": 120, "lead": 400, "about": 600, "then": 300, "title": 160, "text": 600}
PIECES = (
    HOSTILE,
    "[[result_000000000000/0/roas]]",
    "[[result_000000000000/rows]]",
    "\n\n| a | b |\n|---|:--|\n| 1 | 2 |",
    "\n```\n",
    "[" * 40,
    "> " * 30,
    ": ",
    "3 campaigns have it: ",
    "\ue0000\ue001",
    "\u200f\u200d🏳️‍🌈",
    ". . .",
    "w" * 10_000,
)
texts = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)).map("".join)


@pytest.fixture(scope="module")
def told() -> Iterator[Spoken]:
    """One store for all examples; its clock goes on by a minute a run."""
    with tempfile.TemporaryDirectory() as home:
        yield spoken(Path(home))


def named(told: Spoken, name: str) -> None:
    """Call the job so, as far as a job may be called."""
    name = name.strip()[:120].strip() or "x"
    changed = told.job.definition.model_copy(update={"name": name})
    with told.desk.store.writing() as session:
        told.job, _ = jobs.save(session, changed, now=told.desk.now())


def answer(text: str) -> Said:
    """An answer in which each text is this one."""
    columns = tuple(each.model_copy(update={"label": text}) for each in (CAMPAIGN, ROAS))
    campaigns = by_campaign((text, 1.5)).model_copy(update={"columns": columns})
    titles = (text[:160], f"[[{campaigns.result_id}/0/campaign]]: low", "")
    whole = totals()
    whole = whole.model_copy(
        update={"columns": tuple(each.model_copy(update={"label": text}) for each in whole.columns)}
    )
    found = tuple(Highlight(title=title, text=text[:600], tone="bad") for title in titles)
    return weekly(whole, campaigns, highlights=found, summary=text[:1200], text=text)


def strings(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a notice with the name of its field."""
    if isinstance(content, str):
        yield name, content
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from strings(value, key)
    elif isinstance(content, list):
        for value in content:
            yield from strings(value, name)


def check(notice: Notice) -> None:
    """Check that all texts are plain, on one line and of bounded length."""
    assert notice.subject
    for name, text in strings(notice.model_dump(mode="json")):
        assert len(text) <= LONGEST.get(name, 600), name
        assert not set(text) & set("\x00\x1b\r\n\t\u2028\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"), name


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts, reason=texts, market=texts.map(lambda text: text[:200] or "x"))
def test_no_text_raises(told: Spoken, text: str, reason: str, market: str) -> None:
    at = told.desk.now() + timedelta(minutes=1)
    named(told, text)
    said = replace(answer(text), pdf=None, render_failure=reason)
    run_id = told.run(said, reason or "x", Said(text=text), at=at, reason=reason, markets=(market, "BE", "DE"))
    with told.desk.store.writing() as session:
        runs.set_rollup(session, run_id, reason, chats.Rendered(failure=reason))
        runs.set_data(session, run_id, (AssetLoad(text, None, reason, late=True),))
    check(say(told.desk, run_id))
    assert changed(told.desk, run_id) in (True, False)
    for chat_id in told.chats(run_id):
        check(say(told.desk, run_id, chat_ids=[chat_id], recovered_from=2))


def test_a_hostile_name_makes_no_second_line(told: Spoken) -> None:
    named(told, HOSTILE)
    notice = say(told.desk, told.run(HOSTILE, at=MONDAY + timedelta(days=1)))
    assert (
        notice.job == "<script>alert(1)</script> Bcc: eve@example.com[31mgnirts **bold** [a](javascript:b)"[:79] + "…"
    )
    assert notice.subject.startswith("<script>alert(1)</script> Bcc: eve@example.com[31mgnirts **")
    assert len(notice.subject) <= 120


def test_markdown_becomes_its_words(told: Spoken) -> None:
    campaigns = by_campaign(("**Brand** <b>", 1.5))
    text = "See *[the campaign](https://example.com)*:\n\n- `one`\n- **two**"
    said = weekly(None, campaigns, highlights=(alarm(campaigns, 0, text=text),))
    (remark,) = say(told.desk, told.run(said, at=MONDAY + timedelta(days=2))).highlights
    assert (remark.title, remark.text) == ("**Brand** <b>: ROAS below 2", "See the campaign: one two")


def test_a_chart_of_hostile_names_is_drawn(told: Spoken) -> None:
    columns = (Column(name="c", label=HOSTILE), Column(name="v", label=HOSTILE, format="number"))
    rows = ((HOSTILE, 1.0), ("w" * 10_000, 2.0), ("", -3.0), (None, None))
    result = Result(result_id=new_id("result"), title="T", sql="", columns=columns, rows=rows)
    chart = Chart(title=HOSTILE[:120], result_id=result.result_id, mark="bar", x="c", y="v", alt=HOSTILE)
    said = weekly(None, result, sections=(Section(title="S", blocks=(chart,)),))
    notice = say(told.desk, told.run(said, at=MONDAY + timedelta(days=3)))
    check(notice)
    assert notice.chart is not None
    assert notice.chart.width == 1120


def test_citations_that_lead_nowhere_are_left_out(told: Spoken) -> None:
    whole = totals()
    said = weekly(whole)
    lost = whole.model_copy(update={"columns": whole.columns[1:], "rows": (whole.rows[0][1:],)})
    notice = say(told.desk, told.run(replace(said, results=(lost,)), at=MONDAY + timedelta(days=4)))
    assert [each.label for each in notice.figures] == ["ROAS"]


def test_a_run_without_a_reason_says_that_none_was_recorded(told: Spoken) -> None:
    notice = say(told.desk, told.run(at=MONDAY + timedelta(days=5), verdict=RunVerdict.FAILED))
    assert notice.failures[0].text == "No reason was recorded."
