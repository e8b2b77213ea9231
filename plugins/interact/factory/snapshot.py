"""What the last parses of the DAG file published: to fall back on, and to tell what has changed since."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from interact.store.rights import make_file, make_folder

log = logging.getLogger(__name__)
FILE = "published.json"
Row = dict[str, Any]
"""One job, as `store.published` gives it."""


@dataclass(frozen=True)
class Parse:
    """One parse of the DAG file: when (seconds since 1970) and for whom."""

    at: float
    processor: int | None
    """The process id of Airflow's DAG processor; None when something else parses, which wants to see every job."""
    window_seconds: float
    """So long after a parse of everything, the same DAG processor gets only what has changed since."""


@dataclass(frozen=True)
class Snapshot:
    """What is kept between parses."""

    rows: Sequence[Row]
    """All jobs, as the newest parse read them."""
    whole_at: float
    """When all of them were published last."""
    processor: int | None
    marks: Mapping[str, str]
    """What was published then: DAG id to a digest of its job, empty for one that was published again since."""


def due(home: Path, found: Sequence[Row], parse: Parse) -> Sequence[Row]:
    """Return the jobs that a parse publishes, and keep all of them: everything, or what changed since everything was.

    A DAG that a parse leaves out stays as Airflow knows it, until Airflow's stale threshold. Two hundred DAGs take
    seconds to parse, serialise and write down, one takes a fraction: an edit is live the sooner. A snapshot that cannot
    be read or written costs that time and nothing else.
    """
    kept = read(home)
    marks = {row["dag_id"]: _digest(row) for row in found}
    if kept is None or not _covers(kept, parse):
        _write(home, Snapshot(found, parse.at, parse.processor, marks))
        return found
    changed = [row for row in found if marks[row["dag_id"]] != kept.marks.get(row["dag_id"])]
    # What has been published in between goes out each time, also when it is again as it was.
    seen = {**kept.marks, **{row["dag_id"]: "" for row in changed}}
    if list(found) == kept.rows and seen == kept.marks:
        return changed
    return changed if _write(home, replace(kept, rows=found, marks=seen)) else found


def read(home: Path) -> Snapshot | None:
    """Return what the last parse kept; None before the first, and when that cannot be read."""
    try:
        return _snapshot(json.loads((home / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        log.warning("%s cannot be read (%s); it counts as none", FILE, type(error).__name__)
        return None


def _snapshot(plain: Any) -> Snapshot:
    rows = [{**row, "dag_id": str(row["dag_id"])} for row in plain["rows"]]
    return Snapshot(rows, float(plain["whole_at"]), plain["processor"], dict(plain["marks"]))


def _covers(kept: Snapshot, parse: Parse) -> bool:
    same = parse.processor is not None and kept.processor == parse.processor
    return same and 0 <= parse.at - kept.whole_at < parse.window_seconds


def _digest(row: Row) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def _write(home: Path, snapshot: Snapshot) -> bool:
    """Keep it; False, and a line in the log, when that cannot be done."""
    fresh = (home / FILE).with_suffix(f".{os.getpid()}")
    try:
        make_folder(home)
        make_file(fresh)
        fresh.write_text(json.dumps(asdict(snapshot)), encoding="utf-8")
        fresh.replace(home / FILE)
    except OSError as error:
        log.error("%s cannot be written: %s. All jobs are published instead.", FILE, error.strerror)
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        return False
    return True
