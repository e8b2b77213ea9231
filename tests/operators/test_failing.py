"""Airflow is told whether a retry helps, and its logs never what a chat says."""

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from interact.errors import AgentRefused, WarehouseUnavailable
from interact.operators.failing import for_airflow


def test_what_a_retry_does_not_help_fails_at_once() -> None:
    with pytest.raises(AirflowFailException, match="Not answered"), for_airflow("Run run_1"):
        raise AgentRefused("no such metric")


def test_what_a_retry_helps_is_tried_again() -> None:
    with pytest.raises(AirflowException, match="Warehouse unavailable") as told, for_airflow("Run run_1"):
        raise WarehouseUnavailable("no file")
    assert not isinstance(told.value, AirflowFailException)


def test_the_sentence_stays_out_of_the_log() -> None:
    with (
        pytest.raises(
            AirflowFailException, match=r"^Chat chat_1: Not answered\. The run's tab Report says why\.$"
        ) as told,
        for_airflow("Chat chat_1"),
    ):
        raise AgentRefused("I do not know 'Acme takeover'.")
    assert told.value.__cause__ is None
