"""Our two apps behind a real port in this process, as Airflow mounts them, and people who are signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from builders.signed_in import token_of
from interact.runs.desk import Desk

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve pages and REST API on a free port, and give the address; Airflow's database and auth manager are there."""
    import uvicorn
    from fastapi import FastAPI

    from interact.api.app import pages_app, rest_app

    whole = FastAPI()
    whole.mount("/api/agents", rest_app(desk, serving=lambda desk: None))
    whole.mount("/interact", pages_app(desk))
    server = uvicorn.Server(uvicorn.Config(whole, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def a_page(browser: Any, url: str, name: str = "ada", *, role: str = "viewer", dark: bool = False, **how: Any) -> Any:
    """Open a page of somebody who is signed in, 1280 wide unless `viewport` says otherwise."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=how.pop("viewport", WIDE), color_scheme=scheme, **how)
    context.add_cookies([{"name": "_token", "value": token_of(name, role), "url": url}])
    return context.new_page()
