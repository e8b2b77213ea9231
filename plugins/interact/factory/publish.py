"""All stored jobs to Airflow DAGs; inside a task, only the one that is asked for."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import MutableMapping, Sequence
from typing import Any

from airflow.configuration import conf
from airflow.sdk import get_parsing_context

from interact.errors import StoreUnavailable
from interact.factory import snapshot
from interact.factory.build import build
from interact.factory.snapshot import Parse, Row
from interact.jobs.stored import Published
from interact.settings import Settings, read
from interact.store.published import published
from interact.store.sessions import open_store

log = logging.getLogger(__name__)
WINDOW_SECONDS = 30.0
"""Airflow parses a file anew every 30 seconds by itself: then it gets everything."""


def publish(
    namespace: MutableMapping[str, Any], settings: Settings | None = None, *, parse: Parse | None = None
) -> None:
    """Put one DAG a stored job into a DAG file's namespace; one job that cannot be built does not stop the others.

    Soon after a parse of all jobs, Airflow's DAG processor gets those that have changed since. When the store cannot be
    read the jobs of the last good parse are published and the fault is logged; without one the fault is raised, so that
    Airflow shows an import error. An error never publishes an empty list.
    """
    settings = settings or read()
    only = get_parsing_context().dag_id
    for row in _stored(settings, only=only, parse=parse):
        _publish_one(namespace, row, settings, inside_task=only is not None)


def _publish_one(namespace: MutableMapping[str, Any], row: Row, settings: Settings, *, inside_task: bool) -> None:
    try:
        namespace[row["dag_id"]] = build(Published.of(row), settings, inside_task=inside_task)
    except Exception:
        log.exception("Job %s could not be made into a DAG; the others are published", row.get("job_id"))


def _stored(settings: Settings, *, only: str | None, parse: Parse | None) -> Sequence[Row]:
    try:
        with open_store(settings.database_url).reading() as session:
            found = published(session, only=only)
    except StoreUnavailable as error:
        kept = snapshot.read(settings.home)
        if kept is None:
            raise
        log.error("%s The jobs of the last good parse are published instead.", error)
        return [row for row in kept.rows if only in (None, row["dag_id"])]
    if only:
        return found
    return snapshot.due(settings.home, found, parse or _this_parse())


def _this_parse() -> Parse:
    # A file is parsed in a child of the DAG processor, which alone marks it so (tried on 3.3.2). Without the mark, as
    # for `airflow dags list`, all jobs are published.
    by_processor = os.environ.get("_AIRFLOW_PROCESS_CONTEXT") == "client"
    # A DAG that is left out for longer than this would count as gone. A third leaves room for a parse that Airflow
    # makes for a callback and then throws away.
    stale_after = conf.getfloat("dag_processor", "stale_dag_threshold")
    return Parse(time.time(), os.getppid() if by_processor else None, min(WINDOW_SECONDS, stale_after / 3))
