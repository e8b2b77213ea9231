"""All stored jobs to Airflow DAGs; inside a task, only the one that is asked for."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from airflow.sdk import get_parsing_context

from interact.errors import StoreUnavailable
from interact.factory.build import build
from interact.jobs.definition import Job
from interact.jobs.stored import StoredJob
from interact.settings import Settings, read
from interact.store.published import published
from interact.store.rights import make_file, make_folder
from interact.store.sessions import open_store

log = logging.getLogger(__name__)
SNAPSHOT = "jobs.json"


def publish(namespace: MutableMapping[str, Any], settings: Settings | None = None) -> None:
    """Put one DAG a stored job into a DAG file's namespace; one job that cannot be built does not stop the others.

    When the store cannot be read the jobs of the last good parse are published and the fault is logged; without one
    the fault is raised, so that Airflow shows an import error. An error never publishes an empty list.
    """
    settings = settings or read()
    for row in _stored(settings, only=get_parsing_context().dag_id):
        _publish_one(namespace, row, settings)


def _publish_one(namespace: MutableMapping[str, Any], row: dict[str, Any], settings: Settings) -> None:
    try:
        job = StoredJob(**{**row, "definition": Job.model_validate(row["definition"])})
        namespace[job.dag_id] = build(job, settings)
    except Exception:
        log.exception("Job %s could not be made into a DAG; the others are published", row.get("job_id"))


def _stored(settings: Settings, *, only: str | None) -> list[dict[str, Any]]:
    kept = settings.home / SNAPSHOT
    try:
        with open_store(settings.database_url).reading() as session:
            found = published(session, only=only)
    except StoreUnavailable as error:
        if not kept.exists():
            raise
        log.error("%s The jobs of the last good parse are published instead.", error)
        rows: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
        return [row for row in rows if only in (None, row["dag_id"])]
    if only is None:
        _keep(kept, found)
    return found


def _keep(kept: Path, found: list[dict[str, Any]]) -> None:
    text = json.dumps(found)
    if kept.exists() and kept.read_text(encoding="utf-8") == text:
        return
    make_folder(kept.parent)
    fresh = kept.with_suffix(f".{os.getpid()}")
    make_file(fresh)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(kept)
