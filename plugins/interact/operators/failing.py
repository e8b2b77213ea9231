"""What an error of ours means to Airflow: fail now, or try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from interact.errors import InteractError


@contextmanager
def for_airflow(subject: str | None = None) -> Iterator[None]:
    """Turn our errors into Airflow's: one that a retry does not help ends the task at once.

    Task logs are shown to everybody who sees the DAG, so an error that may quote a prompt or an answer is named only;
    `subject` says whose it is, and the chat has the whole sentence.
    """
    try:
        yield
    except InteractError as error:
        told = f"{subject}: {error.title}. The run's tab Report says why." if subject else str(error)
        raise (AirflowException if error.retry_helps else AirflowFailException)(told) from None
