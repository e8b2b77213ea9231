"""What Airflow loads: the apps of the API server, and the tab on DAG runs. Runs as module `plugin` in every process."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class InteractPlugin(AirflowPlugin):
    """The product's one plugin; the apps are built only where somebody asks for them, in the API server."""

    name = "interact"
    external_views = [  # noqa: RUF012  # Airflow reads it from the instance, and declares it so
        {
            "name": "Report",
            "href": "/interact/dags/{DAG_ID}/runs/{RUN_ID}",
            "destination": "dag_run",
            "url_route": "interact-report",
        }
    ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Return the REST API and the pages."""
        from interact.api.app import pages_app, rest_app

        return [
            {"app": rest_app(), "url_prefix": "/api/agents", "name": "Interact API"},
            {"app": pages_app(), "url_prefix": "/interact", "name": "Interact pages"},
        ]
