"""Answers that nobody wants any more, and tries that go on from one that was cut off."""

import signal
import threading
import time

import pytest

from builders.llm import LOOKS, WEEK, FewRows, Notebook, a_question, an_llm, answered, tells_spend
from builders.model_servers import Says, a_model_server, hangs
from interact.agents.llm.loop import Patience
from interact.errors import NotStartable

PATIENT = Patience(attempt_seconds=20, request_seconds=20, further_tries=0, look_seconds=0.05)


def test_a_request_that_hangs_is_given_up_soon_after_somebody_cancels() -> None:
    notebook = Notebook()
    with a_model_server(hangs) as server:
        threading.Timer(0.5, lambda: setattr(notebook, "wanted_for", 0)).start()
        began = time.monotonic()
        with pytest.raises(NotStartable, match="was cancelled"):
            answered(an_llm(server, patience=PATIENT), journal=notebook)
        assert time.monotonic() - began < 3


def test_no_request_is_made_for_what_nobody_wants() -> None:
    notebook = Notebook()
    notebook.wanted_for = 1
    with a_model_server(LOOKS, tells_spend) as server, pytest.raises(NotStartable, match="was cancelled"):
        answered(an_llm(server, patience=Patience(look_seconds=10)), journal=notebook)
    assert len(server.asked) == 1


def test_a_try_goes_on_from_any_step() -> None:
    """Whatever step was the last one kept, the next try ends the same and pays for no request twice."""
    whole, door = Notebook(), FewRows()
    looks_twice = Says(calls=[("query_metrics", WEEK), ("query_metrics", WEEK | {"dimensions": ["campaign"]})])
    with a_model_server(LOOKS, looks_twice, tells_spend) as server:
        answered(an_llm(server), journal=whole, door=door)
        requests = [number for number, step in enumerate(whole.kept) if '"kind":"response"' in step]
        for kept in range(len(whole.kept)):
            cut = Notebook()
            cut.kept = whole.kept[:kept]
            paid = sum(1 for number in requests if number < kept)
            server.asked.clear()
            server.turns = [LOOKS, looks_twice, tells_spend][paid:]
            answer = answered(an_llm(server), journal=Notebook(cut, door.results), door=FewRows())
            assert len(server.asked) == 3 - paid
            assert answer.usage["requests"] == 3
            assert answer.text.startswith("Spend was [[result_")


def test_a_time_limit_that_strikes_ends_a_request_that_hangs() -> None:
    """As Airflow does it: by a signal whose handler raises what nobody catches."""

    class TimeIsUp(BaseException):
        pass

    def strike(*_: object) -> None:
        raise TimeIsUp("The time is up.")

    before = signal.signal(signal.SIGALRM, strike)
    try:
        with a_model_server(LOOKS, hangs) as server:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            began = time.monotonic()
            with pytest.raises(TimeIsUp, match="is up"):
                answered(an_llm(server, patience=PATIENT))
            assert time.monotonic() - began < 4
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_steps_of_another_version_begin_afresh() -> None:
    old = Notebook()
    old.kept = ['{"said": "something else"}']
    with a_model_server(LOOKS, tells_spend) as server:
        answer = answered(an_llm(server), journal=Notebook(old))
    assert answer.usage["requests"] == 2


def test_steps_hold_no_instructions() -> None:
    notebook = Notebook()
    with a_model_server(LOOKS, tells_spend) as server:
        answered(an_llm(server), a_question(context="We sell Zirconium."), notebook)
    assert "Zirconium" in server.asked[0].instructions
    assert len(notebook.kept) == 4
    assert not any("Zirconium" in step for step in notebook.kept)
