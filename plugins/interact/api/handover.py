"""Hand accepted runs to Airflow: at once, or when the API server starts again after it was killed in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from interact.api import airflow_runs
from interact.chats.record import Chat, Run
from interact.errors import InteractError, NotStartable
from interact.runs.desk import Desk
from interact.store import chats, runs

log = logging.getLogger(__name__)


def hand_over(desk: Desk, run: Run, opened: Sequence[Chat]) -> bool:
    """Tell Airflow of an accepted run; False when it could not take it now: the intent stays stored."""
    conf: dict[str, list[str]] = {}
    for chat in opened:
        for name, value in chat.parameters.items():
            if value not in conf.setdefault(name, []):
                conf[name].append(value)
    try:
        airflow_runs.start(run.dag_id, run.dag_run_id, conf=conf, initiator=run.initiator, run_after=run.run_after)
    except NotStartable:
        log.exception("Run %s is accepted but Airflow could not take it yet", run.run_id)
        return False
    with desk.store.writing() as session:
        runs.mark_queued(session, run.run_id, at=desk.now())
    return True


def begin_serving(desk: Desk) -> None:
    """Make what our runs need in Airflow, and start the runs whose acceptance was the last thing a server did."""
    airflow_runs.ensure_pool(desk.settings.pool)
    try:
        with desk.store.reading() as session:
            left = [(run, chats.of_run(session, run.run_id)) for run in runs.not_handed_over(session)]
        for run, opened in left:
            hand_over(desk, run, opened)
    except InteractError as error:
        log.error("Accepted runs could not be looked through: %s", error)
