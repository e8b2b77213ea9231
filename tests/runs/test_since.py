"""A further run is compared with the last one of the same question and values, and says what is not comparable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.saved import accept
from builders.story import SPEND, a_desk, a_job, answered
from interact.agents.contract import Answer, Journal, Question
from interact.chats.figures import reference
from interact.chats.finding import Finding
from interact.chats.record import NOBODY, Attempt
from interact.chats.result import Cell, Column, Result, Value
from interact.jobs.definition import Agent
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredJob
from interact.reports.document import Period, Report
from interact.reports.since import Since
from interact.runs import since
from interact.runs.desk import Desk
from interact.store import agents, chats
from interact.warehouse.queries import Warehouse, Window

MONDAY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
ROAS = Column(name="roas", label="ROAS", format="ratio", good="up")


@dataclass
class Tells:
    """An agent that says these figures of the week before the run, with these members as highlights."""

    figures: dict[Column, Value]
    members: tuple[str, ...] = ()
    days: int = 7
    window: Window | None = None
    with_report: bool = True
    stopped: str = ""

    def __call__(self, agent: object) -> "Tells":
        return self

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        columns, values = tuple(self.figures), tuple(self.figures.values())
        result = Result(result_id=new_id("result"), title="All", sql="SELECT 1", columns=columns, rows=(values,))
        journal.claim(result)
        end = question.on_date - timedelta(days=1)
        window = self.window or Window(end - timedelta(days=self.days - 1), end)
        period = Period(start=window.start, end=window.end)
        cells = tuple(Cell(result_id=result.result_id, row=0, column=column.name) for column in columns)
        return Answer(
            text="Here it is.",
            report=Report(title="Weekly", period=period, summary="Here it is.") if self.with_report else None,
            metrics=cells,
            findings=tuple(found(result, cells[0], member) for member in self.members),
            window=window,
            stopped=self.stopped,
        )


def found(result: Result, cell: Cell, member: str) -> Finding:
    title = f"{member}: {reference(result, 0, cell.column)} below target"
    key = (("day", member),) if member[:2] == "20" else (("campaign", member),)
    return Finding(kind="highlight", metric=cell.column, key=key, figure=cell, title=title)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.store.rest()


@pytest.fixture
def job(desk: Desk) -> StoredJob:
    return a_job(desk)


def ran(desk: Desk, job: StoredJob, agent: Tells, *, week: int, **changes: Any) -> Attempt:
    """Let a run of the job be answered, weeks after the first Monday."""
    at = MONDAY + timedelta(weeks=week)
    with desk.store.writing() as session:
        _, (chat,) = accept(session, job, now=changes.pop("now", at), run_after=at, **changes)
    return again(desk, chat.chat_id, agent)


def again(desk: Desk, chat_id: str, agent: Tells) -> Attempt:
    answered(desk, chat_id, agent)  # type: ignore[arg-type]
    with desk.store.reading() as session:
        attempt = chats.attempt(session, chat_id)
    assert attempt is not None
    return attempt


def told(attempt: Attempt) -> Since | None:
    assert attempt.report_json is not None
    return Report.model_validate_json(attempt.report_json).since


def figures(attempt: Attempt) -> list[tuple[str, Value, Value, float | None]]:
    """Return the changes of a report: label, now, then, fraction."""
    found = told(attempt)
    assert found is not None
    fractions = (each.fraction if each.fraction is None else round(each.fraction, 3) for each in found.changes)
    return [(each.column.label, each.now, each.then, part) for each, part in zip(found.changes, fractions, strict=True)]


def test_the_first_run_says_nothing(desk: Desk, job: StoredJob) -> None:
    assert told(ran(desk, job, Tells({SPEND: 100.0}), week=0)) is None


def test_the_second_run_says_what_changed_and_of_which_days(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0, ROAS: 4.0}, ("Brand", "Stores")), week=0)
    second = ran(desk, job, Tells({SPEND: 120.0, ROAS: 3.0}, ("Brand", "Generic")), week=1)
    since = told(second)
    assert since is not None
    assert figures(second) == [("Spend", 120.0, 100.0, 0.2), ("ROAS", 3.0, 4.0, -0.25)]
    assert (since.come, since.gone) == (("Generic: €120.00 below target",), ("Stores: €100.00 below target",))
    assert (since.on, since.notes) == (date(2026, 11, 9), ())
    assert since.now and since.then
    assert (since.now.words, since.then.words) == ("9–15 Nov 2026", "2–8 Nov 2026")


@pytest.mark.parametrize("with_report", [True, False])
def test_the_chat_has_it_as_a_message_of_its_own_before_the_answer(
    desk: Desk, job: StoredJob, with_report: bool
) -> None:
    ran(desk, job, Tells({SPEND: 100.0}, ("Brand",), with_report=with_report), week=0)
    second = ran(desk, job, Tells({SPEND: 90.0}, with_report=with_report), week=1)
    assert [each.text for each in second.messages[1:]] == [
        "**Since the run of 9 Nov 2026** (9–15 Nov 2026 against 2–8 Nov 2026):\n\n"
        "- Spend €90.00, was €100.00 (↓ 10.0%)\n- No more: Brand: €100.00 below target",
        "Here it is.",
    ]


def test_each_combination_is_compared_with_itself(desk: Desk, job: StoredJob) -> None:
    at = MONDAY + timedelta(weeks=1)
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    with desk.store.writing() as session:
        _, opened = accept(session, job, ("BE", "NL"), now=at, run_after=at)
    both = [again(desk, chat.chat_id, Tells({SPEND: 50.0})) for chat in opened]
    assert [told(attempt) is not None for attempt in both] == [False, True]


def test_a_late_backfill_is_compared_with_what_was_before_it(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    ran(desk, job, Tells({SPEND: 300.0}), week=2)
    backfilled = ran(desk, job, Tells({SPEND: 200.0}), week=1, now=MONDAY + timedelta(weeks=3))
    assert figures(backfilled) == [("Spend", 200.0, 100.0, 1.0)]
    assert figures(ran(desk, job, Tells({SPEND: 400.0}), week=3)) == [("Spend", 400.0, 300.0, 0.333)]


def test_a_correction_is_compared_with_what_was_before_the_corrected_run(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    wrong = ran(desk, job, Tells({SPEND: 999.0}), week=1)
    with desk.store.reading() as session:
        chat = chats.by_id(session, wrong.chat_id)
    assert chat is not None
    right = ran(desk, job, Tells({SPEND: 200.0}), week=2, rerun_of=chat.run_id)
    assert figures(right) == [("Spend", 200.0, 100.0, 1.0)]


def test_a_cleared_run_is_compared_anew_and_not_with_itself(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    first = ran(desk, job, Tells({SPEND: 150.0}), week=1)
    assert figures(again(desk, first.chat_id, Tells({SPEND: 200.0}))) == [("Spend", 200.0, 100.0, 1.0)]


def test_runs_that_failed_and_trials_for_oneself_are_passed_over(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    ran(desk, job, Tells({SPEND: 300.0}, stopped="Stopped at the limit."), week=1)
    ran(desk, job, Tells({SPEND: 400.0}), week=2, audience=NOBODY)
    assert figures(ran(desk, job, Tells({SPEND: 200.0}), week=3)) == [("Spend", 200.0, 100.0, 1.0)]


def test_an_answer_that_was_stopped_is_not_compared(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    assert told(ran(desk, job, Tells({SPEND: 90.0}, stopped="Stopped at the limit."), week=1)) is None


def test_another_question_is_said_and_not_compared(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0, prompts=("What did NL earn?",))
    since_then = told(ran(desk, job, Tells({SPEND: 90.0}), week=1))
    assert since_then == Since(on=date(2026, 11, 9), notes=(since.OTHER_QUESTION,))


def with_agent(desk: Desk, job: StoredJob, **changes: Any) -> None:
    """Let the job's agent say something else from now on."""
    with desk.store.writing() as session:
        stored = agents.by_id(session, job.agent_id)
        assert stored is not None
        plain = stored.definition.model_dump(mode="json")
        agents.save(session, Agent.model_validate({**plain, **changes}), now=MONDAY)


def test_another_warehouse_is_said_and_not_compared(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}), week=0)
    with_agent(desk, job, warehouse="v")
    since_then = told(ran(desk, job, Tells({SPEND: 90.0}), week=1))
    assert since_then is not None
    assert since_then.notes == (since.OTHER_WAREHOUSE,)


def test_a_metric_with_another_meaning_unit_or_name_is_said_and_not_compared(desk: Desk, job: StoredJob) -> None:
    clicks = Column(name="clicks", label="Clicks", format="integer")
    before = {SPEND: 100.0, ROAS: 4.0, replace_unit(SPEND): 10.0}
    ran(desk, job, Tells(before), week=0)
    with desk.store.reading() as session:
        stored = agents.by_id(session, job.agent_id)
    assert stored is not None
    model = stored.definition.model_dump(mode="json")["semantic_model"]
    metrics = [
        {**each, "expr": f"2 * {each['expr']}"} if each["name"] == "revenue" else each for each in model["metrics"]
    ]
    with_agent(desk, job, semantic_model={**model, "metrics": metrics})
    now = {SPEND: 90.0, ROAS: 8.0, replace_unit(SPEND, "USD"): 9.0, clicks: 7}
    second = ran(desk, job, Tells(now), week=1)
    assert figures(second) == [("Spend", 90.0, 100.0, -0.1)]
    since_then = told(second)
    assert since_then is not None
    assert since_then.notes == (
        "Not compared: ROAS (defined otherwise since), Budget (in another unit then), "
        "Clicks (not among the figures then).",
    )


def replace_unit(column: Column, unit: str = "GBP") -> Column:
    return column.model_copy(update={"name": "budget", "label": "Budget", "unit": unit})


def test_sums_of_periods_of_other_lengths_stand_without_a_change(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0, ROAS: 4.0}, days=31), week=0)
    second = ran(desk, job, Tells({SPEND: 25.0, ROAS: 3.0}), week=1)
    assert figures(second) == [("Spend", 25.0, 100.0, None), ("ROAS", 3.0, 4.0, -0.25)]
    since_then = told(second)
    assert since_then is not None
    assert since_then.notes == ("7 days now and 31 days then: sums stand side by side, without a change.",)


def test_whole_months_are_compared_whatever_their_lengths(desk: Desk, job: StoredJob) -> None:
    september, october = Window(date(2026, 9, 1), date(2026, 9, 30)), Window(date(2026, 10, 1), date(2026, 10, 31))
    ran(desk, job, Tells({SPEND: 100.0}, window=september), week=0)
    assert figures(ran(desk, job, Tells({SPEND: 110.0}, window=october), week=1)) == [("Spend", 110.0, 100.0, 0.1)]


def test_the_same_days_twice_are_no_change(desk: Desk, job: StoredJob) -> None:
    october = Window(date(2026, 10, 1), date(2026, 10, 31))
    ran(desk, job, Tells({SPEND: 100.0}, window=october), week=0)
    since_then = told(ran(desk, job, Tells({SPEND: 110.0}, window=october), week=1))
    assert since_then is not None
    assert (since_then.changes, since_then.notes) == ((), (since.SAME_DAYS,))


@pytest.mark.parametrize(("then", "now"), [(None, 4.0), (4.0, None), (0.0, 4.0)])
def test_what_is_not_available_or_was_zero_has_no_change(desk: Desk, job: StoredJob, then: Value, now: Value) -> None:
    ran(desk, job, Tells({ROAS: then}), week=0)
    assert figures(ran(desk, job, Tells({ROAS: now}), week=1)) == [("ROAS", now, then, None)]


def test_a_day_that_stood_out_then_is_not_gone_and_many_members_are_counted(desk: Desk, job: StoredJob) -> None:
    ran(desk, job, Tells({SPEND: 100.0}, ("2026-11-05",)), week=0)
    many = tuple(f"Campaign {number}" for number in range(11))
    since_then = told(ran(desk, job, Tells({SPEND: 90.0}, many), week=1))
    assert since_then is not None
    assert since_then.gone == ()
    assert (len(since_then.come), since_then.come[-1]) == (9, "and 3 more")


def test_what_an_agent_itself_says_of_the_last_time_is_taken_out(desk: Desk, job: StoredJob) -> None:
    invented = Since(on=date(2026, 11, 2), notes=("All is better than ever.",))
    agent = Tells({SPEND: 100.0})
    honest = agent.answer

    def lies(question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        answer = honest(question, warehouse, journal)
        assert answer.report is not None
        return replace(answer, report=answer.report.model_copy(update={"since": invented}))

    agent.answer = lies  # type: ignore[method-assign]
    assert told(ran(desk, job, agent, week=0)) is None


def test_no_model_is_offered_to_write_it() -> None:
    assert "since" not in Report.model_json_schema()["properties"]
