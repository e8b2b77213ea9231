"""Buttons: what starts a run does so once, and what sends again means the page as it was seen."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from interact.api.airflow_runs import SOON_SECONDS
from interact.api.handover import started_before
from interact.api.repeats import once
from interact.chats.record import Run
from interact.errors import DefinitionRefused, NotStartable
from interact.jobs.rights import Person
from interact.runs.accept import Accepted
from interact.runs.desk import Desk
from interact.store.requests import Once

SAME_PRESS = timedelta(minutes=1)
"""A form that comes again within this was pressed twice; later somebody has gone back to it and wants another run."""
PATIENCE_SECONDS = 10.0
"""A job that was saved a moment ago is a DAG in Airflow within seconds: so long a press waits for that."""
_LONGEST = 64
Start = Callable[[Once | None], tuple[Accepted, str | None]]
"""Starts a run, unless the same request has been there before, and returns it with its address."""


def token() -> str:
    """Return what tells one showing of a page from every other; its forms send it along."""
    return secrets.token_urlsafe(16)


def started_once(desk: Desk, person: Person, sent: str, asked: tuple[object, ...], start: Start) -> Run:
    """Return the run that a press leads to: the one that the same form started a moment ago, else a new one.

    `sent` is the page's token, `asked` is all that the form asks for. Without a token each press starts a run. Raises
    what `start` does.
    """
    mark = sent[:_LONGEST]
    unique = _of_form(person, mark, asked)
    while before := started_before(desk, unique):
        run = before[0].run
        if desk.now() - run.accepted_at < SAME_PRESS:
            return run
        unique = _of_form(person, f"{mark} {run.run_id}", asked)
    return _patiently(start, unique)


def _patiently(start: Start, unique: Once | None) -> Run:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return start(unique)[0].run
        except NotStartable as error:
            if error.retry_after_seconds != SOON_SECONDS or time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def _of_form(person: Person, mark: str, asked: tuple[object, ...]) -> Once | None:
    unique = once(person, mark or None, *asked)
    # A page has several forms with one token, and the same form may ask for something else: each has a key of its own.
    return replace(unique, key=f"{mark} {unique.sha256}") if unique else None


def seen_at_press(text: str, *, now: datetime) -> datetime:
    """Return when the page was seen whose button was pressed; in the future it cannot have been."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.year < 1970 or at > now:
        raise DefinitionRefused(f"{text!r:.60} is no instant at which this page was seen. Open it again.")
    return at
