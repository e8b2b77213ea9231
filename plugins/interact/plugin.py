"""What Airflow loads: our timetable, the apps of the API server, and where the pages stand in Airflow.

Runs as module `plugin` in every process.
"""

from __future__ import annotations

import logging
import sys
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from interact.errors import InteractError

if TYPE_CHECKING:
    from airflow.jobs.job import Job

log = logging.getLogger(__name__)
TASKS = (
    "interact.factory.publish",
    "interact.operators.supervisor",
    "interact.runs.begin",
    "interact.runs.ask",
    "interact.runs.render",
    "interact.runs.announce",
    "interact.agents.analyst.analyst",
    "interact.connections.warehouse",
)
"""What our tasks import."""
RUNNER = "airflow.jobs.scheduler_job_runner"
"""What only a scheduler imports."""


class Warmth:
    """Listens for the scheduler's start, and imports there what our tasks need.

    The LocalExecutor forks each task from the scheduler, so none of them imports it again: most of what a task of ours
    costs before its first line (docs/decisions/0009).
    """

    @hookimpl
    def on_starting(self, component: Job) -> None:
        """Import it in a scheduler; other components run no tasks.

        Airflow calls this while it makes the component's record, before it notes there which component it is.
        """
        if RUNNER not in sys.modules or type(component).__name__ != "Job":
            return
        for name in TASKS:
            import_module(name)
        _rehearse()


def _rehearse() -> None:
    from interact import settings
    from interact.factory.build import build
    from interact.runs.desk import open_desk
    from interact.runs.rehearse import rehearse
    from interact.store.tables import map_tables

    map_tables()
    read = settings.read()
    try:
        rehearse(open_desk(read), lambda published: build(published, read, inside_task=True))
    except InteractError as error:
        log.warning("The first tasks will take longer: %s", error)


class InteractPlugin(AirflowPlugin):
    """The product's one plugin; what takes time to import is imported where somebody asks for it.

    Those are the API server, for the apps, and what reads or writes whole DAGs, for the timetable: no task does.
    """

    name = "interact"
    listeners = [Warmth()]  # noqa: RUF012  # Airflow reads it from the instance, and declares it so
    external_views = [  # noqa: RUF012  # Airflow reads it from the instance, and declares it so
        {
            "name": "Agents",
            "href": "/interact/agents",
            "destination": "nav",
            "url_route": "agents",
            "icon": "/interact/static/agents.svg",
            "icon_dark_mode": "/interact/static/agents-dark.svg",
            "nav_top_level": True,
        },
        {
            "name": "Job",
            "href": "/interact/dags/{DAG_ID}",
            "destination": "dag",
            "url_route": "interact-job",
        },
        {
            "name": "Report",
            "href": "/interact/dags/{DAG_ID}/runs/{RUN_ID}",
            "destination": "dag_run",
            "url_route": "interact-report",
        },
    ]

    @cached_property
    def timetables(self) -> list[type[Any]]:  # type: ignore[override]
        """Return what serialised DAGs name."""
        from interact.timetables.job import JobTimetable

        return [JobTimetable]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the REST API and the pages."""
        from interact.api.app import pages_app, rest_app

        return [
            {"app": rest_app(), "url_prefix": "/api/agents", "name": "Interact API"},
            {"app": pages_app(), "url_prefix": "/interact", "name": "Interact pages"},
        ]
