"""What the last parses of the DAG file published: to fall back on, and to tell what has changed since."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from interact.store.rights import make_file, make_folder

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
    seconds to parse, serialise and write down, one takes a fraction: an edit is live the sooner.
    """
    kept = read(home)
    marks = {row["dag_id"]: _digest(row) for row in found}
    if kept is None or not _covers(kept, parse):
        _write(home, Snapshot(found, parse.at, parse.processor, marks))
        return found
    changed = [row for row in found if marks[row["dag_id"]] != kept.marks.get(row["dag_id"])]
    # What has been published in between goes out each time, also when it is again as it was.
    seen = {**kept.marks, **{row["dag_id"]: "" for row in changed}}
    if list(found) != kept.rows or seen != kept.marks:
        _write(home, replace(kept, rows=found, marks=seen))
    return changed


def read(home: Path) -> Snapshot | None:
    """Return what the last parse kept; None before the first."""
    file = home / FILE
    return Snapshot(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def _covers(kept: Snapshot, parse: Parse) -> bool:
    same = parse.processor is not None and kept.processor == parse.processor
    return same and 0 <= parse.at - kept.whole_at < parse.window_seconds


def _digest(row: Row) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def _write(home: Path, snapshot: Snapshot) -> None:
    make_folder(home)
    fresh = (home / FILE).with_suffix(f".{os.getpid()}")
    make_file(fresh)
    fresh.write_text(json.dumps(asdict(snapshot)), encoding="utf-8")
    fresh.replace(home / FILE)
