"""Where an answer is stopped, and what is kept of it."""

import pytest

from builders.llm import LOOKS, QUICK, WEEK, FewRows, Notebook, a_model, a_question, an_llm, answered, tells_spend
from builders.model_servers import Says, a_model_server, says
from interact.agents.llm.answering import LlmAgent, Source
from interact.agents.llm.limits import Spent, Stopped, require_within, spent_on
from interact.chats.limits import AnswerLimits


def test_a_model_that_asks_for_ever_is_stopped_at_its_requests_and_keeps_what_it_found() -> None:
    notebook = Notebook()
    with a_model_server(LOOKS) as server:
        answer = answered(an_llm(server), a_question(limits={"requests": 4}), notebook)
    assert len(server.asked) == 4
    assert answer.stopped == (
        "Stopped at the limit of 4 requests of the model for one answer. "
        "Raise `limits.requests` of the agent, or ask for less at once."
    )
    assert answer.text == f"{answer.stopped} What it had found by then is kept."
    assert answer.usage == {"queries": 4, "requests": 4, "tool_calls": 4, "input_tokens": 400, "output_tokens": 80}
    assert answer.window and str(answer.window.end) == "2026-11-21"
    assert notebook.usage["requests"] == 4


def test_too_many_tool_calls_in_one_turn_are_refused_before_any_runs() -> None:
    door = FewRows()
    with a_model_server(Says(calls=[("query_metrics", WEEK)] * 6)) as server:
        answer = answered(an_llm(server), a_question(limits={"tool_calls": 5}), door=door)
    assert door.asked == []
    assert answer.stopped.startswith("Stopped at the limit of 5 tool calls for one answer. Raise `limits.tool_calls`")


def test_tokens_are_counted_over_all_requests_and_stop_before_the_next_one() -> None:
    turn = Says(calls=LOOKS.calls, tokens=(900, 100))
    with a_model_server(turn) as server:
        answer = answered(an_llm(server), a_question(limits={"tokens": 2_000}))
    assert len(server.asked) == 2
    assert "Stopped at the limit of 2,000 tokens (2,000 were used)" in answer.stopped


def test_an_answer_that_is_whole_is_not_stopped_by_what_it_cost() -> None:
    with a_model_server(Says("Nothing to say.", tokens=(5_000, 5_000))) as server:
        answer = answered(an_llm(server), a_question(limits={"tokens": 1_000}))
    assert answer.text == "Nothing to say."
    assert answer.stopped == ""


def test_a_limit_of_cost_that_cannot_be_held_is_said_once() -> None:
    notebook = Notebook()
    with a_model_server(LOOKS, LOOKS, tells_spend) as server:
        answered(an_llm(server), a_question(limits={"cost_usd": 0.5}), notebook)
    assert notebook.said == [
        "The price of `fake-1` is not known, so the limit of `0.5 USD` cannot be held; that of `200,000 tokens` holds."
    ]


def test_cost_stops_where_the_price_is_known() -> None:
    spent = Spent(requests=2, cost_usd=0.61)
    with pytest.raises(Stopped, match=r"Stopped at the limit of 0\.5 USD \(0\.6100 were spent\).*limits\.cost_usd"):
        require_within(AnswerLimits(cost_usd=0.5), spent)
    require_within(AnswerLimits(cost_usd=0.7), spent)


def test_a_model_whose_price_is_known_is_stopped_at_its_cost() -> None:
    notebook = Notebook()
    with a_model_server(Says(calls=LOOKS.calls, tokens=(30_000, 10_000))) as server:
        agent = LlmAgent([Source("m1", lambda: a_model(server, name="gpt-4o"))], QUICK)
        answer = answered(agent, a_question(limits={"cost_usd": 0.3}), notebook)
    assert len(server.asked) == 2
    assert answer.cost_usd == pytest.approx(0.35)
    assert answer.stopped.startswith("Stopped at the limit of 0.3 USD (0.3500 were spent)")
    assert notebook.said == []


def test_what_is_not_priced_leaves_the_cost_unknown() -> None:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.usage import RequestUsage

    responses = [ModelResponse(parts=[], usage=RequestUsage(cost=cost)) for cost in (0.25, 0.5, None)]
    assert spent_on(responses[:2]).whole_cost_usd == 0.75
    assert (spent_on(responses).whole_cost_usd, spent_on(responses).cost_usd) == (None, 0.75)


def test_limits_count_what_earlier_tries_used() -> None:
    first = Notebook()
    with a_model_server(LOOKS) as server:
        answered(an_llm(server), a_question(limits={"requests": 3}), first)
        answer = answered(an_llm(server), a_question(limits={"requests": 5}), Notebook(first))
    assert len(server.asked) == 5
    assert answer.usage["requests"] == 5
    assert "the limit of 5 requests" in answer.stopped


def test_a_last_word_in_an_earlier_try_is_the_answer() -> None:
    first = Notebook()
    with a_model_server(says("All is well.")) as server:
        answered(an_llm(server), journal=first)
        answer = answered(an_llm(server), journal=Notebook(first))
    assert len(server.asked) == 1
    assert answer.text == "All is well."
