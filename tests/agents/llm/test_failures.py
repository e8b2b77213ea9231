"""A model that does not answer, one that refuses, and who answers in its place."""

import time

import pytest

from builders.llm import LOOKS, FewRows, Notebook, a_question, an_llm, answered, reports, tells_spend
from builders.model_servers import KEY, Turn, a_model_server, breaks_off, fails, hangs, resets, says
from interact.agents.llm.loop import Patience
from interact.agents.unanswered import ModelRefused, ModelUnavailable

BUSY = Patience(attempt_seconds=2, request_seconds=6, further_tries=2, look_seconds=0.05)
HURRIED = Patience(attempt_seconds=0.3, request_seconds=0.5, further_tries=0, look_seconds=0.05)


def test_a_busy_model_is_asked_again_when_it_says() -> None:
    with a_model_server(fails(429, Retry_After="1"), says("Here.")) as server:
        began = time.monotonic()
        answer = answered(an_llm(server, patience=BUSY))
        assert time.monotonic() - began >= 0.9
    assert answer.text == "Here."
    assert answer.usage["requests"] == 1


def test_a_model_that_stays_busy_is_away_and_says_for_how_long() -> None:
    with a_model_server(fails(429, Retry_After="7")) as server, pytest.raises(ModelUnavailable) as raised:
        answered(an_llm(server))
    assert str(raised.value) == (
        "The model of connection 'm1' does not answer (status 429): it takes no more requests for now. "
        "Run this again later, or name another one in the agent's `fallbacks`."
    )
    assert raised.value.retry_after_seconds == 7
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (fails(500), r"\(status 500\): it answers with an error of its own"),
        (fails(503), r"\(status 503\): it answers with an error of its own"),
        (breaks_off, "the connection to it broke off"),
        (resets, "the connection to it broke off"),
        (hangs, "it gave no answer"),
    ],
)
@pytest.mark.parametrize("model", ["openai", "responses", "anthropic"])
def test_what_a_retry_may_help_is_an_outage(turn: Turn, told: str, model: str) -> None:
    with a_model_server(turn) as server, pytest.raises(ModelUnavailable, match=told) as raised:
        answered(an_llm(server, model=model, patience=HURRIED))
    assert KEY not in str(raised.value)


def test_a_server_that_is_not_there_is_an_outage() -> None:
    with a_model_server() as server:
        pass
    with pytest.raises(ModelUnavailable, match="its server cannot be reached"):
        answered(an_llm(server))


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (fails(401), r"\(status 401\): it refuses the key\. Put one that is in use"),
        (fails(403), r"\(status 403\): it refuses the key"),
        (fails(404), r"\(status 404\): there is no model 'fake-1' at its address.*'openai-chat:NAME'"),
        (fails(400), r"\(status 400\): it does not take the request"),
        (fails(402), r"\(status 402\): its account has no credit left"),
    ],
)
@pytest.mark.parametrize("model", ["openai", "responses", "anthropic"])
def test_what_somebody_has_to_change_is_refused_without_the_key(turn: Turn, told: str, model: str) -> None:
    with a_model_server(turn) as server, pytest.raises(ModelRefused, match=told) as raised:
        answered(an_llm(server, model=model))
    assert KEY not in str(raised.value)
    assert not raised.value.retry_helps
    assert len(server.asked) == 1


def test_a_question_that_is_too_long_for_the_model_is_refused() -> None:
    told = {"error": {"message": "Too long.", "code": "context_length_exceeded"}}
    with (
        a_model_server(fails(400, told)) as server,
        pytest.raises(ModelRefused, match="are longer than 'fake-1' reads"),
    ):
        answered(an_llm(server))


def test_what_is_no_answer_of_a_model_is_told() -> None:
    html = fails(200, b"<html>Sign in</html>", Content_Type="text/html")
    with a_model_server(html) as server, pytest.raises(ModelUnavailable, match="what came is no answer of a model"):
        answered(an_llm(server))


def test_a_fallback_goes_on_where_the_first_stopped_and_is_named_in_the_report() -> None:
    with a_model_server(LOOKS, fails(503)) as first, a_model_server(reports) as second:
        answer = answered(an_llm(first, second), a_question("Create a report on spend in the past 7 days."))
    told = "Answered by `fake-1` of connection `m2`, because `m1` did not: it answers with an error of its own."
    assert answer.report and answer.report.method == told
    assert answer.text.endswith(told)
    assert len(second.asked) == 1
    assert '"result_id"' in second.asked[0].returns[0]
    assert answer.usage == {"queries": 1, "requests": 2, "tool_calls": 1, "input_tokens": 200, "output_tokens": 40}


def test_a_fallback_of_another_maker_reads_what_was_said_before() -> None:
    from builders.llm import QUICK, a_source
    from interact.agents.llm.answering import LlmAgent

    with a_model_server(LOOKS, fails(500)) as first, a_model_server(tells_spend) as second:
        agent = LlmAgent([a_source("m1", first), a_source("m2", second, "anthropic")], QUICK)
        assert "Spend was [[result_" in answered(agent).text


def test_when_nobody_answers_the_outage_is_told_before_the_refusal() -> None:
    with (
        a_model_server(fails(401)) as first,
        a_model_server(fails(503)) as second,
        pytest.raises(ModelUnavailable, match="connection 'm2' does not answer"),
    ):
        answered(an_llm(first, second))


def test_a_try_after_an_outage_goes_on_without_asking_again() -> None:
    first, door = Notebook(), FewRows()
    with a_model_server(LOOKS, fails(503)) as server:
        with pytest.raises(ModelUnavailable, match="does not answer"):
            answered(an_llm(server), journal=first, door=door)
        server.turns = [tells_spend]
        answer = answered(an_llm(server), journal=Notebook(first, door.results))
    assert len(server.asked) == 3
    assert [each["role"] for each in server.asked[2].body["messages"]] == ["system", "user", "assistant", "tool"]
    assert answer.usage["requests"] == 2
