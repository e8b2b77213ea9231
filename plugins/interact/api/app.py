"""The two apps that Airflow's API server mounts. Wiring only."""

from __future__ import annotations

from fastapi import FastAPI

from interact import __version__, settings
from interact.api import failures
from interact.api.limits import BodyLimit
from interact.api.routes import chats, health, jobs, pages
from interact.runs.desk import Desk, open_desk


def rest_app(desk: Desk | None = None) -> FastAPI:
    """Return the REST API, to be mounted at /api/agents."""
    app = _app(desk)
    for routes in (jobs, chats, health):
        app.include_router(routes.router)
    return app


def pages_app(desk: Desk | None = None) -> FastAPI:
    """Return the pages, to be mounted at /interact."""
    app = _app(desk)
    app.include_router(pages.router)
    return app


def _app(desk: Desk | None) -> FastAPI:
    app = FastAPI(title="Interact", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk or open_desk(settings.read())
    app.add_middleware(BodyLimit)
    failures.install(app)
    return app
