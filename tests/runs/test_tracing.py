"""An answer's numbers are traced before it is kept: marked, counted, or reason enough to hold the report back."""

import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from builders.prompts import CHECK, REPORT
from builders.story import SPEND, Says, a_desk, a_job, answered, with_report
from interact.agents.analyst.analyst import EmbeddedAnalyst
from interact.agents.contract import Answer, Journal, Question
from interact.chats.figures import reference
from interact.chats.finding import Finding
from interact.chats.result import Cell, Column, Result
from interact.chats.status import ChatStatus
from interact.reports.document import Chart, Period, Report, Section
from interact.reports.page import untraced_in
from interact.runs.accept import Ask, accept
from interact.runs.begin import DagRun, begin
from interact.runs.tracing import trace_answer
from interact.store import chats
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.queries import Compiled
from interact.warehouse.semantic import read_model

DEMO = Path(__file__).parents[2] / "include" / "demo"
PROMPTS = (
    CHECK,
    REPORT,
    "Why did ROAS fall last week?",
    "ROAS by market for the last 30 days, weekly",
    "Top 5 campaigns by spend this month, create a report",
    "Campaigns with CPA above target and spend over €500 in the past 14 days. Give recommendations.",
    "Compare revenue by channel with the same period last year. Create a report with charts.",
    "Which campaigns have a conversion rate below 2%?",
    "Highlight campaigns whose spend rose by more than a quarter, or whose CPA doubled",
)


class KeepingDoor(DuckDbDoor):
    """A door that keeps its results, as a chat does."""

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run and keep."""
        result = super().run(compiled, title=title)
        self.results = {**getattr(self, "results", {}), result.result_id: result}
        return result


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import runpy

    path = tmp_path_factory.mktemp("traced") / "demo.duckdb"
    runpy.run_path(str(DEMO / "performance.py"))["load"](path, date(2026, 11, 15))
    return path


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_embedded_analyst_types_no_number_that_nothing_shows(prompt: str, demo: Path) -> None:
    model, numbers = read_model(DEMO / "semantic_model.yaml"), itertools.count(1)
    with KeepingDoor(demo, model, {}, new_id=lambda: f"result_{next(numbers):012}") as door:
        question = Question(prompt, date(2026, 11, 16))
        answer = EmbeddedAnalyst().answer(question, door, Journal())
        assert trace_answer(answer, question, door.results, model).untraced == ()


def _kept(tmp_path: Path, agent: Says, **job: object) -> tuple[object, object]:
    """Return the chat and the attempt that an answer leaves."""
    desk = a_desk(tmp_path)
    stored = a_job(desk, **job)
    accepted = accept(desk, Ask(stored.job_id, {"market": "NL"}, "user:ada"))
    run = accepted.run
    plain = {"job_id": stored.job_id, "dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "initiator": run.initiator}
    from builders.fake_airflow import FakeAirflow

    begin(desk, DagRun(**plain, conf={}, run_after=run.run_after, clear_number=0), FakeAirflow())
    chat_id = accepted.chats[0].chat_id
    answered(desk, chat_id, agent)
    with desk.store.reading() as session:
        return chats.by_id(session, chat_id), chats.attempt(session, chat_id)


def _with_typed(question: Question, warehouse: object) -> Answer:
    answer = with_report(question, warehouse)  # type: ignore[arg-type]
    report = answer.report and answer.report.model_copy(update={"summary": "Spend was €1,234 and revenue €99."})
    return Answer(text="Spend was €1,234 and revenue €99.", report=report, usage=answer.usage)


def test_a_number_that_no_result_shows_is_marked_in_the_chat_and_in_the_report(tmp_path: Path) -> None:
    chat, attempt = _kept(tmp_path, Says(_with_typed))
    assert (chat.status, attempt.untraced) == (ChatStatus.COMPLETED, 1)
    assert attempt.messages[-1].text == "Spend was €1,234 and revenue [[?€99]]."
    assert "revenue [[?€99]]" in attempt.report_json


def _with_scope(question: Question, warehouse: object) -> Answer:
    answer = with_report(question, warehouse)  # type: ignore[arg-type]
    scope = (("Market", "NL"), ("Spend", "above €50"))
    return replace(answer, report=answer.report and answer.report.model_copy(update={"scope": scope}))


def test_what_a_report_says_that_it_is_limited_to_is_traced_too(tmp_path: Path) -> None:
    _, attempt = _kept(tmp_path, Says(_with_scope))
    report = Report.model_validate_json(attempt.report_json)
    assert (attempt.untraced, report.scope) == (1, (("Market", "NL"), ("Spend", "above [[?€50]]")))
    assert untraced_in(report).startswith("One number in this report")


def test_a_job_may_hold_the_report_back_and_the_chat_says_which_numbers(tmp_path: Path) -> None:
    chat, attempt = _kept(tmp_path, Says(_with_typed), untraced="hold")
    assert chat.status is ChatStatus.FAILED
    assert chat.reason == (
        "The report is held back: a number in it could not be traced to a query: '€99'. "
        "Read it in the chat; run it again, or let its job mark such numbers (`untraced: mark`)."
    )
    assert attempt.messages[-1].text == "Spend was €1,234 and revenue [[?€99]]."


def _pointing_out(question: Question, warehouse: object) -> Answer:
    answer = with_report(question, warehouse)  # type: ignore[arg-type]
    cell = Cell(result_id="result_000000000000", row=0, column="spend")
    title = f"Spend fell by 40%{' and more' * 20}"
    return replace(answer, findings=(Finding(kind="anomaly", metric="spend", figure=cell, title=title),))


def test_what_an_answer_points_out_is_traced_before_a_channel_hears_of_it(tmp_path: Path) -> None:
    chat, attempt = _kept(tmp_path, Says(_pointing_out), untraced="hold")
    assert (chat.status, attempt.untraced) == (ChatStatus.FAILED, 1)
    assert attempt.findings[0].title.startswith("Spend fell by [[?40%]] and more")


def test_a_job_that_holds_reports_back_lets_a_traced_one_go(tmp_path: Path) -> None:
    chat, attempt = _kept(tmp_path, Says(with_report), untraced="hold")
    assert (chat.status, chat.reason, attempt.untraced) == (ChatStatus.COMPLETED, None, 0)


def test_what_the_question_its_context_and_the_model_state_may_be_said_again() -> None:
    model = read_model(DEMO / "semantic_model.yaml")
    result = Result(result_id="result_000000000001", title="Spend", sql="", columns=(SPEND,), rows=((12.0,),))
    question = Question("Is spend over €10?", date(2026, 11, 16), context="Our margin goal is 30%.")
    text = f"Spend of {reference(result, 0, 'spend')} is over €10; the margin goal of 30% stands, that of 40% does not."
    traced = trace_answer(Answer(text), question, {result.result_id: result}, model)
    assert traced.untraced == ("40%",)


@pytest.mark.parametrize(("line", "is_drawn"), [(1234.0, True), (2000.0, True), (1300.0, False)])
def test_a_charts_line_that_nothing_shows_is_left_out_and_counted(line: float, is_drawn: bool) -> None:
    result = Result(
        result_id="result_000000000001",
        title="Spend",
        sql="SELECT 1234 AS spend",
        columns=(Column(name="market", label="Market"), SPEND),
        rows=(("NL", 1234.0), ("BE", 900.0)),
    )
    chart = Chart(
        title="Spend",
        result_id=result.result_id,
        mark="bar",
        x="market",
        y="spend",
        reference=line,
        alt="Spend by market",
    )
    report = Report(
        title="Spend",
        period=Period(start=date(2026, 11, 15), end=date(2026, 11, 21)),
        summary="Spend by market.",
        sections=(Section(title="Spend", blocks=(chart,)),),
    )
    question = Question("Spend by market, with a line at €2,000", date(2026, 11, 22))
    answer = Answer("Spend by market.", report=report)
    traced = trace_answer(answer, question, {result.result_id: result}, read_model(DEMO / "semantic_model.yaml"))
    (drawn,) = traced.answer.report.sections[0].blocks if traced.answer.report else ()
    assert isinstance(drawn, Chart)
    assert drawn.reference == (line if is_drawn else None)
    assert len(traced.untraced) == (0 if is_drawn else 1)
