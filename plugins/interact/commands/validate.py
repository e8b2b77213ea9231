"""Check definition files by themselves, without a store: what they refer to has to stand in them."""

from __future__ import annotations

import argparse
from pathlib import Path

from interact.commands.apply import read_files
from interact.jobs.definition import KINDS
from interact.runs.definitions import read_models, require_fit
from interact.warehouse.semantic import read_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take files and folders."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a YAML file, or a folder of them")


def run(arguments: argparse.Namespace) -> int:
    """Print how many definitions are in order; raises FileRefused for the first that is not."""
    documents = read_files(arguments.files)
    require_fit(documents, read_models(documents, read_model), None)
    counts = {kind: sum(document.kind == kind for document in documents) for kind in KINDS}
    parts = [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items() if count]
    print(f"In order: {', '.join(parts)}.")
    return 0
