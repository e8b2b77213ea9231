"""What an error of ours means to Airflow: fail now, or try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from interact.errors import InteractError


@contextmanager
def for_airflow() -> Iterator[None]:
    """Turn our errors into Airflow's: one that a retry does not help ends the task at once."""
    try:
        yield
    except InteractError as error:
        raise (AirflowException if error.retry_helps else AirflowFailException)(str(error)) from None
