"""The two apps that Airflow's API server mounts. Wiring only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from interact import __version__, settings
from interact.api import failures, headers
from interact.api.handover import begin_serving
from interact.api.headers import SafeHeaders
from interact.api.limits import BodyLimit, KeyRates
from interact.api.pages import (
    agent_settings,
    asking,
    assets,
    channel_forms,
    create_agent,
    hints,
    history,
    job_forms,
    job_settings,
    message_previews,
    notifications,
    organisation,
    organisation_versions,
    posts,
    run_now,
    showing,
)
from interact.api.pages import agents as agent_pages
from interact.api.pages import channels as channel_pages
from interact.api.pages import chats as chat_pages
from interact.api.pages import jobs as job_pages
from interact.api.pages import keys as key_pages
from interact.api.pages import notices as notice_pages
from interact.api.pages import reference as reference_page
from interact.api.pages import runs as run_pages
from interact.api.reference import TAGS, described
from interact.runs.desk import Desk, open_desk


class _SafeApp(FastAPI):
    """An app whose every answer bears the headers: to a fault of our own too, which is made outside all middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return all that a request goes through."""
        return SafeHeaders(super().build_middleware_stack(), self.state.policy)


def rest_app(desk: Desk | None = None, *, serving: Callable[[Desk], None] = begin_serving) -> FastAPI:
    """Return the REST API, to be mounted at /api/agents; `serving` is called once when the server starts."""
    app = _app(desk, headers.DATA, serving=serving)
    app.add_middleware(BodyLimit, refused=failures.of_ours)
    failures.install(app)
    for routes in reference_page.ROUTES:
        app.include_router(routes.router)
    app.openapi = partial(described, app)  # type: ignore[method-assign]  # as FastAPI's documentation says
    return app


def pages_app(desk: Desk | None = None) -> FastAPI:
    """Return the pages, to be mounted at /interact."""
    app = _app(desk, headers.PAGE)
    app.add_middleware(BodyLimit, refused=showing.refused)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    failures.install_pages(app, showing.refused)
    for pages in (
        create_agent,
        agent_settings,
        organisation,
        organisation_versions,
        notifications,
        channel_pages,
        channel_forms,
        message_previews,
        notice_pages,
        key_pages,
        reference_page,
        agent_pages,
        asking,
        chat_pages,
        run_pages,
        posts,
        job_pages,
        history,
        run_now,
        assets,
        job_forms,
        job_settings,
        hints,
    ):
        app.include_router(pages.router)
    return app


def _app(desk: Desk | None, policy: str, *, serving: Callable[[Desk], None] | None = None) -> FastAPI:
    desk = desk or open_desk(settings.read())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if serving:
            await run_in_threadpool(serving, desk)
        yield

    app = _SafeApp(
        title="Interact",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        openapi_tags=TAGS,
        lifespan=lifespan,
        redirect_slashes=False,  # A redirect would be answered before anybody is asked who they are.
    )
    app.state.desk = desk
    app.state.rates = KeyRates(desk.settings.requests_per_minute)
    app.state.policy = policy
    return app
