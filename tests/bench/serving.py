"""An app behind a port of this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import postgres


@contextmanager
def on_port(app: Any) -> Iterator[int]:
    """Serve an app on a free port of this machine, whose connections may stay open, and give the port."""
    import uvicorn

    port = postgres.free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", timeout_keep_alive=600)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()
