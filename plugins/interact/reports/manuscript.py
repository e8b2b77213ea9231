"""All that a report, or a roll-up, is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from interact.chats.record import AssetLoad
from interact.chats.result import Result
from interact.reports.branding import Branding
from interact.reports.document import Report
from interact.reports.rollup import Rollup


@dataclass(frozen=True)
class Manuscript:
    """A report with what code fills in. The same manuscript gives the same bytes."""

    report: Report
    results: Mapping[str, Result]
    branding: Branding
    created: datetime
    timezone: str = "UTC"
    """IANA name of the zone in which its times are told."""
    data: tuple[AssetLoad, ...] = ()
    """What the assets that its job names held when the run began."""
    claimed: frozenset[str] = frozenset()
    """The ids of results that a service says that it has, and our guard never saw."""


@dataclass(frozen=True)
class Comparison:
    """A roll-up with what its page needs besides. The same comparison gives the same bytes."""

    rollup: Rollup
    branding: Branding
    created: datetime
    base_url: str
    """Where people reach the pages of its chats."""
    timezone: str = "UTC"
    data: tuple[AssetLoad, ...] = ()
