"""What the watch does about notices: outages that are over, runs and times that nobody was told of, what is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from interact.chats.record import Run
from interact.notices.states import DeliveryState
from interact.runs.airflow import Airflow
from interact.runs.deliver import deliver
from interact.runs.desk import Desk, OpenSender
from interact.runs.fences import Accounts, fence
from interact.runs.missed import jobs_to_tell, tell_missed
from interact.runs.recovery import Probe, ProbeModel, recover
from interact.runs.tell import tell
from interact.runs.values import ReadColumn
from interact.store import incidents, runs

log = logging.getLogger(__name__)
GRACE = timedelta(minutes=2)
"""So long after a run's end its own last task has the turn to tell of it."""
SECONDS = 60.0
"""So long one pass asks what is away, so long it decides who is told, and so long it begins to send."""
MOST_RUNS = 500
"""Runs told in one pass."""


@dataclass(frozen=True)
class Doors:
    """The ways out of the store that the watch goes, handed in by its task."""

    read_column: ReadColumn
    probe: Probe
    probe_model: ProbeModel
    open_sender: OpenSender


def end_outages(
    desk: Desk, airflow: Airflow, doors: Doors, done: Accounts, seconds: Callable[[], float]
) -> Iterator[Run]:
    """End the outages that are over, and give the runs that are to be handed over since then."""
    until = seconds() + SECONDS
    with desk.store.reading() as session:
        away = incidents.still_open(session)
    for incident in away:
        if seconds() >= until:
            return
        with fence(done, f"Incident {incident.incident_id}"):
            again = recover(
                desk,
                incident,
                airflow,
                probe=doors.probe,
                probe_model=doors.probe_model,
                read_column=doors.read_column,
            )
            if again is not None:
                log.warning("Incident %s is over; runs that start again: %d", incident.incident_id, len(again))
                done.recovered += 1
                yield from again


def tell_all(desk: Desk, doors: Doors, done: Accounts, seconds: Callable[[], float]) -> None:
    """Decide who hears of runs that ended without a word, and of times that were missed."""
    until = seconds() + SECONDS
    with desk.store.reading() as session:
        ended = runs.untold(session, ended_before=desk.now() - GRACE, limit=MOST_RUNS)
    for run_id in ended:
        if seconds() >= until:
            return
        with fence(done, f"Run {run_id}"):
            tell(desk, run_id, doors.read_column)
            done.told += 1
    for job in jobs_to_tell(desk):
        if seconds() >= until:
            return
        with fence(done, f"Job {job.job_id}"):
            done.missed += tell_missed(desk, job)


def send_all(desk: Desk, doors: Doors, done: Accounts, seconds: Callable[[], float]) -> None:
    """Send what is due, whoever decided it; what a server does not take now stays with the next passes."""
    until = seconds() + SECONDS
    with fence(done, "The ledger"):
        sent = deliver(desk, doors.open_sender, stop=lambda: seconds() >= until)
        done.sent += sent.counts.get(DeliveryState.DELIVERED, 0)
        done.failed += sent.counts.get(DeliveryState.FAILED, 0)
        done.lost += sent.lost
