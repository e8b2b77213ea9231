"""A service is asked once, looked at until it has ended, found again after a crash, and cancelled when unwanted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from builders.remote_services import (
    ANSWERED,
    QUESTION,
    REPORT,
    REPORTED,
    RUNNING,
    SPEND,
    TOKEN,
    Act,
    FakeService,
    NoDoor,
    Notebook,
    asked,
    cuts,
    drips,
    floods,
    hangs,
    remote_service,
    says,
    service_at,
    takes_and_hangs,
)
from interact.agents.remote.asking import RemoteAgent
from interact.agents.unanswered import ModelUnavailable
from interact.chats.figures import resolve
from interact.chats.limits import AnswerLimits
from interact.chats.result import Cell
from interact.errors import AgentRefused, NotStartable


@pytest.fixture
def service() -> Iterator[FakeService]:
    with remote_service(RUNNING, REPORTED) as running:
        yield running


def test_the_question_goes_over_whole(service: FakeService) -> None:
    asked(service, question=replace(QUESTION, context="We sell bikes.", instructions="Be brief.", may_write_sql=True))
    sent = service.asked
    assert sent["prompt"] == "What did NL spend?"
    assert (sent["on_date"], sent["filters"], sent["title"]) == ("2026-11-22", {"market": "NL"}, "Weekly")
    assert (sent["context"], sent["instructions"], sent["may_write_sql"]) == ("We sell bikes.", "Be brief.", True)
    assert sent["limits"]["tokens"] == 200_000
    assert "ad_performance" in str(sent["model"])
    assert service.calls[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_columns_that_tell_who_a_person_is_stay_here(service: FakeService) -> None:
    model = NoDoor.model
    hidden = model.dimensions[1].model_copy(update={"pii": True})
    door = NoDoor()
    door.model = model.model_copy(update={"dimensions": (model.dimensions[0], hidden, *model.dimensions[2:])})
    RemoteAgent(service_at(service.url), sleep=lambda _: None).answer(QUESTION, door, Notebook())
    assert [each["name"] for each in service.asked["model"]["dimensions"]] == [
        each.name for each in model.dimensions if each.name != hidden.name
    ]


def test_what_it_answers_stands_on_results_under_ids_of_ours(service: FakeService) -> None:
    journal = Notebook()
    answer = asked(service, journal)
    (result,) = journal.claimed
    assert (result.title, result.sql, result.rows) == (SPEND["title"], SPEND["sql"], (("NL", 1234.0), ("BE", 500)))
    assert [column.label for column in result.columns] == ["Market", "Spend"]
    assert answer.text == f"NL spent [[{result.result_id}/0/spend]]."
    assert answer.report is not None
    assert answer.report.summary == answer.text
    assert answer.report.cited() == {result.result_id}
    assert answer.metrics == (Cell(result_id=result.result_id, row=0, column="spend"),)
    assert (answer.model, answer.cost_usd) == ("their-model-1", 0.02)
    assert answer.usage == {"queries": 1, "requests": 2, "input_tokens": 900, "output_tokens": 100}


def test_messages_are_said_once_each_in_order() -> None:
    first = {"status": "running", "messages": [{"seq": 1, "text": "I look at spend."}]}
    second = {"status": "running", "messages": [*first["messages"], {"seq": 2, "text": "Nearly done."}]}
    journal = Notebook()
    with remote_service(first, second, second, ANSWERED) as service:
        asked(service, journal)
    assert journal.said == ["I look at spend.", "Nearly done."]
    assert [call.path.partition("after=")[2] for call in service.calls[1:]] == ["-1", "1", "2", "2"]


def test_each_look_comes_later_and_never_before_it_is_asked_for() -> None:
    waits: list[float] = []
    with remote_service(RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, ANSWERED) as service:
        service.acts = [lambda handler: handler.take(), says(200, '{"status": "running"}', Retry_After="3")]
        RemoteAgent(service_at(service.url), sleep=waits.append).answer(QUESTION, NoDoor(), Notebook())
    assert sum(waits[:3]) == 3
    assert [round(each, 2) for each in waits[3:6]] == [0.75, 1, 0.12]
    assert max(waits) == 1, "so that a cancelled run is noticed within a second"
    assert sum(waits[-5:]) == 5


@pytest.mark.parametrize(
    "act",
    [says(503), says(500), says(429, Retry_After="1"), says(408), cuts, hangs, drips],
    ids=["503", "500", "429", "408", "cut", "hang", "drip"],
)
def test_a_call_that_fails_once_is_made_again(act: Act) -> None:
    with remote_service(RUNNING, ANSWERED) as service:
        service.acts = [lambda handler: handler.take(), act]
        assert asked(service).model == "their-model-1"
    assert len(service.runs) == 1


def test_a_first_answer_that_was_lost_makes_no_second_run() -> None:
    with remote_service(ANSWERED) as service:
        service.acts = [takes_and_hangs, says(502)]
        asked(service)
    keys = [call.headers["idempotency-key"] for call in service.calls if call.path == "/v1/runs"]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(service.runs) == 1


def test_a_service_that_stays_away_is_told_to_be_tried_later_and_goes_on_working() -> None:
    journal = Notebook()
    with remote_service(RUNNING) as service:
        service.acts = [lambda handler: handler.take(), *[says(503, '{"detail": "Full."}')] * 6]
        with pytest.raises(ModelUnavailable, match=r"'their_service' at '127\.0\.0\.1' answered 503, 'Full\.'\. Run"):
            asked(service, journal)
        assert service.cancelled == []
        service.states = [ANSWERED]
        assert asked(service, journal).model == "their-model-1"
        assert len(service.runs) == 1
    assert [call.path for call in service.calls if call.method == "POST"] == ["/v1/runs"]


def test_a_try_after_a_crash_finds_the_run_by_its_id_and_its_results_by_theirs(service: FakeService) -> None:
    journal = Notebook()
    asked(service, journal)
    service.states = [REPORTED]
    again = asked(service, journal)
    assert [call.path for call in service.calls if call.method == "POST"] == ["/v1/runs"]
    assert journal.claimed[0] == journal.claimed[1]
    assert again.text.startswith(f"NL spent [[{journal.claimed[0].result_id}/0")


def test_a_run_that_the_service_has_forgotten_is_begun_again(service: FakeService) -> None:
    journal = Notebook()
    journal.keep('{"run": "run-lost"}')
    service.acts = [says(404)]
    assert asked(service, journal).model == "their-model-1"
    assert list(service.runs.values()) == ["run-1"]
    assert service.cancelled == []


def test_a_run_that_nobody_wants_any_more_is_cancelled_and_not_found_again() -> None:
    journal = Notebook()
    with remote_service(RUNNING) as service:

        def give_up(_: float) -> None:
            journal.is_wanted = False

        with pytest.raises(NotStartable):
            RemoteAgent(service_at(service.url), sleep=give_up).answer(QUESTION, NoDoor(), journal)
        assert service.cancelled == ["run-1"]
        journal.is_wanted = True
        service.states = [ANSWERED]
        asked(service, journal)
        assert list(service.runs.values()) == ["run-1", "run-2"]


def test_a_task_that_runs_out_of_time_cancels_its_run() -> None:
    class OutOfTime(BaseException):
        """What Airflow raises."""

    def late(_: float) -> None:
        raise OutOfTime

    with remote_service(RUNNING) as service:
        with pytest.raises(OutOfTime):
            RemoteAgent(service_at(service.url), sleep=late).answer(QUESTION, NoDoor(), Notebook())
        assert service.cancelled == ["run-1"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"status": "failed", "error": "No data\nfor NL. <b>"}, r"ended its run as failed, 'No data for NL\. <b>'\. L"),
        ({"status": "failed", "error": f"{TOKEN} {'x' * 400}"}, r"failed, '\*\*\* x{296}…'"),
        ({"status": "cancelled"}, r"ended its run as cancelled\. Look there"),
        ({"status": "completed"}, "without an answer and without a report"),
        ({"status": "done"}, r"does not describe, at 'status': Input should be 'queued'"),
        ({"status": "completed", "answer": "x", "cost_usd": -1}, "at 'cost_usd'"),
        ({"status": "completed", "answer": "x", "report": {"title": "x"}}, r"at 'report\.period': Field required"),
        ({**ANSWERED, "results": [{**SPEND, "rows": [["NL"]]}]}, r"at 'results\.0': .*row 0 has 1 cells.* 2 columns"),
        ({**ANSWERED, "results": [{**SPEND, "rows": [["NL", 1]] * 10_001}]}, r"at 'results\.0\.rows': .*10000 items"),
        ({**REPORTED, "results": []}, r"cites the result 'spend\.1', which it did not send \(it sent none\)"),
    ],
)  # fmt: skip
def test_a_run_without_an_answer_is_refused_with_what_is_wrong(state: dict[str, object], told: str) -> None:
    with remote_service(state) as service, pytest.raises(AgentRefused, match=told) as refused:
        asked(service)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"figure": {"result_id": "spend.1", "row": 0, "column": "cost"}},
            r"Tile 'Spend' cites column 'cost'.*'spend\.1'",
        ),
        (
            {"figure": {"result_id": "spend.1", "row": 2, "column": "spend"}},
            r"Tile 'Spend' cites row 2 of .*'spend\.1'",
        ),
        ({"label": "Spend [[spend.2/0/spend]]"}, r"cites result 'result_\w{12}', which its chat does not have"),
    ],
)
def test_a_report_that_shows_what_is_not_there_is_refused(changes: dict[str, object], told: str) -> None:
    tile = {"label": "Spend", "figure": {"result_id": "spend.1", "row": 0, "column": "spend"}, **changes}
    sections = [{"title": "Spend", "blocks": [{"type": "metrics", "items": [tile]}]}]
    with (
        remote_service({**REPORTED, "report": {**REPORT, "sections": sections}}) as service,
        pytest.raises(AgentRefused, match=told),
    ):
        asked(service)


def a_finding(**figure: object) -> dict[str, object]:
    cell = {"result_id": "spend.1", "row": 1, "column": "spend", **figure}
    key = [["market", "BE"]]
    return {"kind": "anomaly", "metric": "spend", "key": key, "figure": cell, "title": "BE: [[spend.1/1/spend]]"}


def test_what_it_points_out_stands_on_its_results() -> None:
    journal = Notebook()
    with remote_service({**ANSWERED, "findings": [a_finding()]}) as service:
        (found,) = asked(service, journal).findings
    ours = journal.claimed[0].result_id
    assert (found.kind, found.key, found.title) == ("anomaly", (("market", "BE"),), f"BE: [[{ours}/1/spend]]")
    with remote_service({**ANSWERED, "findings": [a_finding(row=7)]}) as service:
        told = r"points out what is not there\. Finding .* cites row 7 of result 'spend\.1'"
        with pytest.raises(AgentRefused, match=told):
            asked(service)


def test_calculations_name_our_ids_too_and_an_unknown_one_is_shown_as_not_found() -> None:
    journal = Notebook()
    text = "Together [[sum:spend.1/0/spend, spend.1/1/spend]], of [[spend.1/rows]]; [[other/0/spend]]; [[a note]]."
    with remote_service({**ANSWERED, "answer": text}) as service:
        answer = asked(service, journal)
    shown = resolve(answer.text, {journal.claimed[0].result_id: journal.claimed[0]})
    assert shown == "Together €1,734, of 2; [figure not found]; [[a note]]."


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (says(401), r"answered 401\. It does not let us in: look at the login"),
        (says(403, '{"detail": "Bearer ' + TOKEN + ' is wrong"}'), r"answered 403, 'Bearer \*\*\* is wrong'"),
        (says(422, '{"detail": "No prompt."}'), r"answered 422, 'No prompt\.'\. A further try does not help"),
        (says(302, Location="http://169.254.169.254/"), r"answered 302\. Redirects are not followed"),
        (says(200, "<html>"), r"what docs/remote-agents\.md does not describe, at 'the whole'"),
        (says(200, "[" * 100_000), "does not describe"),
        (says(200, '{"id": "../../x"}'), r"does not describe, at 'id'"),
        (floods, "sends an answer of more than 8 MB"),
    ],
    ids=["401", "403", "422", "redirect", "html", "deep", "id", "flood"],
)
def test_what_no_further_try_mends_is_refused_at_once(act: Act, told: str) -> None:
    with remote_service() as service:
        service.acts = [act]
        with pytest.raises(AgentRefused, match=told) as refused:
            asked(service)
        assert len(service.calls) == 1
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("limits", "state", "told"),
    [
        ({"tokens": 1_000}, {"usage": {"input_tokens": 900, "output_tokens": 200}}, r"limit of 1,000 tokens.* 1,100"),
        ({"requests": 2}, {"usage": {"requests": 3}}, "limit of 2 requests"),
        ({"cost_usd": 0.5}, {"cost_usd": 0.75}, r"limit of \$0\.50: .* \$0\.75"),
    ],
)
def test_a_run_over_a_limit_is_cancelled_and_what_it_had_is_kept(
    limits: dict[str, int], state: dict[str, object], told: str
) -> None:
    journal = Notebook()
    with remote_service({"status": "running", "results": [SPEND], **state}) as service:
        answer = asked(service, journal, replace(QUESTION, limits=AnswerLimits.model_validate(limits)))
    assert len(journal.claimed) == 1
    assert service.cancelled == ["run-1"]
    assert re.search(told, answer.stopped)


def test_messages_without_an_end_are_stopped() -> None:
    def talk(seq: int) -> Callable[..., None]:
        said = ", ".join(f'{{"seq": {seq + number}, "text": "…"}}' for number in range(150))
        return says(200, f'{{"status": "running", "messages": [{said}]}}')

    with remote_service(RUNNING) as service:
        service.acts = [lambda handler: handler.take(), talk(0), talk(150)]
        answer = asked(service)
    assert answer.stopped.startswith("Stopped at the limit of 200 messages")
    assert service.cancelled == ["run-1"]
