"""The `interact` command: finds the verb, runs it, and turns a refusal into one sentence."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from interact import __version__
from interact.errors import InteractError

VERBS = {
    "migrate": "create the store's tables, or bring them to this version",
    "model": "check a semantic model on its warehouse, or draft a first one from its tables",
    "validate": "check YAML files of definitions by themselves, without a store",
    "diff": "say what apply would do with these files, and write nothing",
    "apply": "put organisations, agents, channels and jobs from YAML files into the store",
    "export": "write an organisation's definitions as YAML files, or print their JSON Schema",
    "delete": "delete a job or a channel; runs and chats stay",
    "keys": "make, list and delete API keys",
    "ask": "ask the embedded analyst one question of a DuckDB file, outside Airflow",
    "schedule": "show a schedule in words and its next dates",
    "demo": "run the main job end to end on a local Airflow, then stop it",
    "serve": "run the demo's Airflow until Ctrl-C",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code: 0 done, 1 refused or failed, 2 not understood, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen = _parser().parse_args(words[:1])
    # Only the chosen verb is imported: `interact --help` needs neither a store nor an Airflow.
    verb = import_module(f"interact.commands.{chosen.verb}")
    parser = argparse.ArgumentParser(prog=f"interact {chosen.verb}", description=verb.__doc__)
    verb.add_arguments(parser)
    try:
        return int(verb.run(parser.parse_args(words[1:])))
    except InteractError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # what reads our lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    verbs = "\n".join(f"  {verb:<9}{what}" for verb, what in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="interact",
        description=f"Interact jobs on Apache Airflow.\n\n{verbs}\n\n`interact VERB --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"interact {__version__}")
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help=f"one of {', '.join(VERBS)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
