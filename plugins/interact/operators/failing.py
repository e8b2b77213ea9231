"""What an error of ours means to Airflow: fail now, or try again; told so that everybody may read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from interact.errors import InteractError


@contextmanager
def for_airflow(subject: str) -> Iterator[None]:
    """Turn our errors into Airflow's: one that a retry does not help ends the task at once.

    Task logs are shown to everybody who sees the DAG, and an error's sentence may quote a prompt, a row or a report. So
    the log gets its kind only; the sentence stands in the chat or the run.
    """
    try:
        yield
    except InteractError as error:
        told = f"{subject}: {error.title}. The run's tab Report says why."
        raise (AirflowException if error.retry_helps else AirflowFailException)(told) from None
