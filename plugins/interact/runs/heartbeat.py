"""Tell an outside alarm that the watch is alive; it rings when it no longer hears so."""

from __future__ import annotations

import logging
import threading
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

log = logging.getLogger(__name__)
_SECONDS = 10


class _StayHere(HTTPRedirectHandler):
    """An opener's part that follows no redirect: the address was given by people, the next one would not be."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""
        return


def beat(url: str, *, seconds: float = _SECONDS) -> bool:
    """Call a web address and return whether it answered 2xx in time; what goes wrong is logged, the address never."""
    told: list[str] = []
    # In a thread, because a server that sends one byte now and then would stretch any limit on a single read.
    calling = threading.Thread(target=lambda: told.append(_call(url, seconds)), name="heartbeat", daemon=True)
    calling.start()
    calling.join(seconds)
    outcome = told[0] if told else "no answer in time"
    if outcome:
        log.warning("The heartbeat was not heard: %s", outcome)
    return not outcome


def _call(url: str, seconds: float) -> str:
    """Return what went wrong, in words that hold nothing of the address; empty when nothing did."""
    try:
        with build_opener(_StayHere()).open(Request(url, headers={"User-Agent": "interact"}), timeout=seconds):
            return ""
    except HTTPError as error:
        error.close()
        return f"it was answered with {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        return type(error).__name__
