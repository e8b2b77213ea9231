"""Send what somebody on a page asks for in this process, for as long as a page may wait."""

from __future__ import annotations

import logging
from collections.abc import Collection
from threading import BoundedSemaphore, Event, Thread

from interact.errors import StoreUnavailable
from interact.notifiers.senders import open_sender
from interact.runs.deliver import deliver
from interact.runs.desk import Desk

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 30.0
"""So long a page waits for servers to answer."""
WAITING = BoundedSemaphore(8)
"""So many pages wait at the same time; the server has few threads, for all of Airflow's pages too."""


def send_now(desk: Desk, notice_ids: Collection[str], *, seconds: float | None = None) -> bool:
    """Send what is due of some notices, and return whether all servers have answered in time.

    What has not ended by then goes on, and the ledger says what came of it.
    """
    ended = Event()

    def send() -> None:
        try:
            deliver(desk, open_sender, notice_ids=notice_ids)
        except StoreUnavailable as error:
            log.error("What a page asked to send is still to be sent; the watch does it: %s", error)
        finally:
            ended.set()

    Thread(target=send, name="send-now", daemon=True).start()
    if not WAITING.acquire(blocking=False):
        return ended.is_set()
    try:
        return ended.wait(PATIENCE_SECONDS if seconds is None else seconds)
    finally:
        WAITING.release()
