"""A model's loop over real HTTP, in both wire formats: it asks, is told what is wrong, asks better, and answers."""

from functools import partial

import pytest

from builders.llm import LOOKS, WEEK, FewRows, Notebook, a_question, an_llm, answered, reports, tells_spend
from builders.model_servers import Asked, Says, a_model_server, calls, says
from interact.agents.contract import Turn
from interact.chats.figures import resolve
from interact.chats.result import Cell

PATHS = {"openai": "chat/completions", "responses": "responses", "anthropic": "messages"}
"""Where each wire format is spoken."""
REPORT = "Create a report on spend in the past 7 days."


@pytest.mark.parametrize("model", PATHS)
def test_a_model_asks_for_metrics_and_answers_with_a_figure_that_code_puts_in(model: str) -> None:
    door, notebook = FewRows(), Notebook()
    with a_model_server(calls("query_metrics", "Let me look.", **WEEK), tells_spend) as server:
        answer = answered(an_llm(server, model=model), journal=notebook, door=door)
    assert resolve(answer.text, door.results) == "Spend was €1,234."
    assert answer.usage == {"queries": 1, "requests": 2, "tool_calls": 1, "input_tokens": 200, "output_tokens": 40}
    assert answer.model == "fake-1"
    assert answer.cost_usd is None
    assert str(answer.window and answer.window.start) == "2026-11-15"
    assert [cell.column for cell in answer.headline] == ["spend"]
    assert notebook.said == ["Let me look."]
    assert server.seen == [f"POST /v1/{PATHS[model]}"] * 2


@pytest.mark.parametrize("model", PATHS)
def test_a_prompt_that_asks_for_a_report_gets_one(model: str) -> None:
    with a_model_server(LOOKS, reports) as server:
        answer = answered(an_llm(server, model=model), a_question(REPORT))
    assert answer.report and answer.report.title == "Spend of the week"
    assert answer.text == answer.report.summary
    assert answer.sections == ("Spend",)
    assert [(each.columns, each.metrics) for each in answer.exhibits] == [(("spend",), ("spend",))]


def test_words_are_not_taken_where_a_report_is_asked_for() -> None:
    with a_model_server(LOOKS, says("Spend was high."), reports) as server:
        answer = answered(an_llm(server), a_question(REPORT))
    assert answer.report
    assert len(server.asked) == 3


def test_a_model_may_make_a_report_where_a_prompt_does_not_forbid_it() -> None:
    with a_model_server(LOOKS, reports) as server:
        answer = answered(an_llm(server))
    assert answer.report


def test_an_unknown_metric_comes_back_with_those_that_there_are() -> None:
    wrong = calls("query_metrics", **(WEEK | {"metrics": ["profit"]}))
    with a_model_server(wrong, LOOKS, tells_spend) as server:
        answer = answered(an_llm(server))
    assert "There is no metric 'profit' (there are 'impressions', 'clicks'" in server.asked[1].returns[0]
    assert answer.text.startswith("Spend was [[result_")


def test_refused_sql_comes_back_with_the_reason() -> None:
    door = FewRows()
    wrong = calls("query_sql", sql="DROP TABLE ad_performance", title="All")
    right = calls("query_sql", sql="SELECT campaign, spend FROM ad_performance", title="All")
    with a_model_server(wrong, right, tells_spend) as server:
        answered(an_llm(server), a_question(may_write_sql=True), door=door)
    assert "A query is one SELECT." in server.asked[1].returns[0]
    assert door.asked == ["SELECT campaign, spend FROM ad_performance"]


def test_sql_is_offered_only_where_the_job_allows_it() -> None:
    with a_model_server(says("No."), says("No.")) as server:
        answered(an_llm(server))
        answered(an_llm(server), a_question(may_write_sql=True))
    assert [asked.tools for asked in server.asked] == [
        ["describe", "query_metrics", "create_report"],
        ["describe", "query_metrics", "query_sql", "create_report"],
    ]


def test_a_report_without_its_parts_is_asked_for_again() -> None:
    with a_model_server(LOOKS, calls("create_report", title="Spend"), reports) as server:
        answer = answered(an_llm(server), a_question(REPORT))
    assert "period" in server.asked[2].returns[-1] and "Field required" in server.asked[2].returns[-1]
    assert answer.report


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"period": {"start": "2026-11-14", "end": "2026-11-21"}}, "The period 2026-11-14 to 2026-11-21 was not"),
        ({"summary": "Spend was [[result_000000000000/0/spend]]."}, "which its chat does not have"),
        ({"summary": "Spend was [[spend]]."}, "leads to no figure"),
        ({"highlights": [{"title": "H", "text": "", "result_ids": ["result_x"]}]}, "cites result 'result_x', which"),
    ],
)
def test_a_report_that_cites_what_is_not_there_is_asked_for_again(change: dict[str, object], told: str) -> None:
    with a_model_server(LOOKS, partial(reports, **change), reports) as server:
        answer = answered(an_llm(server), a_question(REPORT))
    assert told in server.asked[2].returns[-1]
    assert answer.report and str(answer.report.period.start) == "2026-11-15"


def test_words_that_cite_nothing_four_times_are_let_through_to_be_marked() -> None:
    with a_model_server(says("Spend was [[result_000000000000/0/spend]].")) as server:
        answer = answered(an_llm(server))
    assert len(server.asked) == 4
    assert resolve(answer.text, {}) == "Spend was [figure not found]."


def test_a_model_that_answers_nothing_is_stopped_after_four_times() -> None:
    with a_model_server(LOOKS, says("")) as server:
        answer = answered(an_llm(server))
    assert len(server.asked) == 5
    assert answer.stopped.startswith("Stopped: the model of connection 'm1' gave nothing that can be taken")
    assert answer.text.endswith("What it had found by then is kept.")


def test_a_tool_that_is_not_there_comes_back_as_such() -> None:
    with a_model_server(calls("send_mail", to="eve@example.com"), LOOKS, tells_spend) as server:
        answer = answered(an_llm(server))
    assert "Unknown tool name: 'send_mail'" in server.asked[1].returns[0]
    assert answer.usage["tool_calls"] == 2


def test_arguments_that_are_no_json_come_back_as_such() -> None:
    with a_model_server(Says(calls=[("query_metrics", '{"metrics": [')]), LOOKS, tells_spend) as server:
        answer = answered(an_llm(server))
    assert "JSON" in server.asked[1].returns[0]
    assert answer.text.startswith("Spend was")


def test_giant_arguments_are_refused_before_they_reach_the_door() -> None:
    door = FewRows()
    giant = calls("query_sql", sql="SELECT " + "1, " * 400_000 + "1", title="T" * 5000)
    with a_model_server(giant, says("I could not.")) as server:
        answer = answered(an_llm(server), a_question(may_write_sql=True), door=door)
    assert "The query has 1,200,008 characters; 20,000 are taken." in server.asked[1].returns[0]
    assert door.asked == []
    assert answer.text == "I could not."


def test_calls_of_one_turn_run_one_after_the_other() -> None:
    door = FewRows()
    three = Says(calls=[("query_metrics", WEEK | {"title": title}) for title in ("A", "B", "C")])
    with a_model_server(three, tells_spend) as server:
        answer = answered(an_llm(server), door=door)
    assert [result.title for result in door.results.values()] == ["A", "B", "C"]
    assert answer.usage["queries"] == 3


def test_highlights_become_findings_with_their_figure() -> None:
    def highlighted(asked: Asked) -> Says:
        result_id = asked.result["result_id"]
        mark = {"title": f"Brand spent [[{result_id}/0/spend]].", "text": "Most of all.", "tone": "warning"}
        return reports(asked, highlights=[mark])

    door = FewRows()
    with a_model_server(calls("query_metrics", **WEEK, dimensions=["campaign"]), highlighted) as server:
        answer = answered(an_llm(server), a_question(REPORT), door=door)
    result_id = next(iter(door.results))
    assert [(each.metric, each.key, each.figure, each.tone) for each in answer.findings] == [
        ("spend", (("campaign", "Brand"),), Cell(result_id=result_id, row=0, column="spend"), "warning")
    ]


def test_earlier_questions_of_the_thread_are_told_but_cost_nothing() -> None:
    earlier = (Turn("What did NL spend?", "NL spent €12."), Turn("And BE?", ""))
    with a_model_server(says("The same.")) as server:
        answer = answered(an_llm(server), a_question("And DE?", earlier=earlier))
    told = [(each["role"], each["content"]) for each in server.asked[0].body["messages"][1:]]
    assert told == [("user", "What did NL spend?"), ("assistant", "NL spent €12."), ("user", "And DE?")]
    assert answer.usage["requests"] == 1
