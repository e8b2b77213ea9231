"""Say what `interact apply` would do with these files, and write nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from interact import settings
from interact.commands.apply import read_files
from interact.jobs.differences import ABSENT, Difference
from interact.runs.foresee import Foreseen, foresee, left_out
from interact.store.sessions import open_store
from interact.warehouse.semantic import read_model

_ROOM = 60
_BEFORE = 15
"""Of a long value so many signs are shown, and so many of them before the first that differs."""
_NOTHING: tuple[object, ...] = (None, "", [], {})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take files and folders."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a YAML file, or a folder of them")
    parser.add_argument(
        "--exit-code", action="store_true", help="exit with 1 when apply would create or change anything"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what would become of each definition, and of one that would change what differs."""
    store = open_store(settings.read().database_url)
    documents = read_files(arguments.files)
    foreseen = foresee(store, documents, read_model=read_model)
    for entry in foreseen:
        print("\n".join(_lines(entry)))
    for other in left_out(store, documents):
        print(f"not in the files, kept: {other.kind} {other.key}  {other.id}")
    changes = any(entry.outcome != "unchanged" for entry in foreseen)
    return int(arguments.exit_code and changes)


def _lines(entry: Foreseen) -> Iterator[str]:
    yield f"{entry.outcome:<10} {entry.kind:<13} {entry.key}"
    for difference in entry.differences:
        before, after = _short(difference)
        yield f"{'':<10} {difference.key}: {before} → {after}"


def _short(difference: Difference) -> tuple[str, str]:
    """Return both values in one line each, long ones around the first sign that differs."""
    before, after = _text(difference.before), _text(difference.after)
    same = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - _BEFORE) if max(len(before), len(after)) > _ROOM else 0
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + _ROOM
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def _text(value: object) -> str:
    if value is ABSENT or value in _NOTHING:
        return "nothing"
    if isinstance(value, dict):
        value = {key: inner for key, inner in value.items() if inner not in _NOTHING}
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
