"""What one pass of the watch did, and what keeps a fault of one run or job from all others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from interact.errors import StoreUnavailable

log = logging.getLogger(__name__)


@dataclass
class Accounts:
    """What one pass did, in counts."""

    skipped: int = 0
    not_run: int = 0
    settled: int = 0
    started: int = 0
    recovered: int = 0
    """Outages that ended."""
    told: int = 0
    """Runs of whose end it was decided here who hears: they ended outside their tasks, or these died."""
    missed: int = 0
    """Jobs whose missed times were said."""
    sent: int = 0
    """Deliveries that a mail or chat server accepted."""
    failed: int = 0
    """Deliveries that are tried no more."""
    lost: int = 0
    """Deliveries whose sender died, so that nobody knows whether they arrived."""
    faults: int = 0
    """What could not be looked after; the rest was."""

    @property
    def rows(self) -> int:
        """How many times were decided."""
        return self.skipped + self.not_run

    def plain(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


@contextmanager
def fence(done: Accounts, what: str) -> Iterator[None]:
    """Keep what goes wrong with one run or job from all others; without the store nothing can go on."""
    try:
        yield
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  # counted, and named in the log
        done.faults += 1
        # What it says may hold contents of a definition.
        log.error("%s could not be looked after (%s); the watch goes on", what, type(error).__name__)
