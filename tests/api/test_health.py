"""Is it well: what a monitor without a key is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.instants import shown
from interact import __version__
from interact.runs.desk import Desk
from interact.store import watch


class LaterDesk(Desk):
    """A desk at which it is some minutes later."""

    minutes = 0.0

    def now(self) -> datetime:
        """Return the later instant."""
        return datetime.now(UTC) + timedelta(minutes=self.minutes)


def health(rest: Any, *, watched: datetime | None = None, minutes: float = 0, interval: int = 5) -> Any:
    """Ask for the health some minutes after the store was made; the watch ran at an instant."""
    desk = LaterDesk(rest.desk.store, rest.desk.files, replace(rest.desk.settings, watch_minutes=interval))
    object.__setattr__(desk, "minutes", minutes)
    rest.client.app.state.desk = desk
    if watched:
        with desk.store.writing() as session:
            watch.mark(session, at=watched)
    return rest.client.get("/health")


def test_a_store_that_was_just_made_is_well_before_the_watch_first_ran(rest: Any) -> None:
    answer = health(rest, minutes=14)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": __version__, "watch": {"last_ran_at": None, "alive": None}}


def test_a_watch_that_never_ran_is_silent_after_three_intervals(rest: Any) -> None:
    answer = health(rest, minutes=16)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["watch"] == {"last_ran_at": None, "alive": False}
    assert "The watch has never run, and should run every 5 minutes" in answer.json()["detail"]


@pytest.mark.parametrize(("interval", "status"), [(5, 200), (4, 503)])
def test_a_watch_is_alive_within_three_of_its_intervals(rest: Any, interval: int, status: int) -> None:
    watched = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=14)
    answer = health(rest, watched=watched, interval=interval)
    assert answer.status_code == status
    assert answer.json()["watch"] == {"last_ran_at": shown(watched), "alive": status == 200}


def test_a_silent_watch_is_told_with_what_to_do_and_nothing_of_the_jobs(rest: Any) -> None:
    detail = health(rest, watched=datetime.now(UTC) - timedelta(hours=1)).json()["detail"]
    assert "'interact_watch'" in detail and "scheduler" in detail
    assert rest.job.job_id not in detail and "norrland" not in detail.lower()


def test_a_monitor_may_ask_without_wanting_the_body(rest: Any) -> None:
    health(rest)
    assert rest.client.head("/health").status_code == 200
