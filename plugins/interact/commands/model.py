"""Check a semantic model on its warehouse, or draft a first one from the warehouse's own tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interact.chats.result import Value
from interact.errors import DefinitionRefused
from interact.jobs.naming import new_id
from interact.warehouse.blame import blamed
from interact.warehouse.catalogue import Ask, duckdb_file
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.draft import draft_model
from interact.warehouse.exposure import NoExpression
from interact.warehouse.guarded import GuardedDoor
from interact.warehouse.semantic import Metric, ModelFile, SemanticModel, read_model_file
from interact.warehouse.trial import Trial, Tried, check_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take one of two actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="run each metric over its newest days, and say what does not work")
    check.add_argument("model", type=Path, metavar="MODEL.yaml", help="the semantic model")
    _take_warehouse(check)
    check.set_defaults(act=_check)
    draft = actions.add_parser("draft", help="write a first model from the database's own tables")
    draft.add_argument("tables", nargs="*", metavar="TABLE", help="what questions are about; default all tables")
    _take_warehouse(draft)
    draft.add_argument("--output", type=Path, metavar="FILE", help="where to write it; default print it")
    draft.set_defaults(act=_draft)


def _take_warehouse(parser: argparse.ArgumentParser) -> None:
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--warehouse", type=Path, metavar="FILE.duckdb", help="a DuckDB file; read, never written")
    place.add_argument("--connection", metavar="ID", help="an Airflow connection, as an agent's `warehouse` names it")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    return int(arguments.act(arguments))


def _check(arguments: argparse.Namespace) -> int:
    """Print each metric with its value, then notes and faults; return 1 when there are faults."""
    found = read_model_file(arguments.model)
    try:
        with _door(arguments, found.model) as door:
            trial = check_model(found, door)
    except NoExpression as error:
        trial = Trial(faults=blamed(found, error))
    for each in trial.tried:
        print(_line(each, found.model))
    for note in trial.notes:
        print(f"note: {note}")
    for fault in trial.faults:
        print(fault, file=sys.stderr)
    print(_verdict(found, len(trial.tried), len(trial.faults)))
    return 1 if trial.faults else 0


def _draft(arguments: argparse.Namespace) -> int:
    """Print a model, or write it into a file that does not exist yet."""
    if arguments.output and arguments.output.exists():
        raise DefinitionRefused(
            f"There is a file {str(arguments.output)!r} already. Name another one, or move it away."
        )
    name = arguments.warehouse.stem if arguments.warehouse else arguments.connection
    with _catalogue(arguments) as (ask, dialect):
        text = draft_model(ask, dialect, name=name, tables=arguments.tables)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
        print(f"{arguments.output} is a draft: look at each `# check:`, then run `interact model check` on it.")
    else:
        print(text, end="")
    return 0


def _door(arguments: argparse.Namespace, model: SemanticModel) -> GuardedDoor:
    if arguments.warehouse:
        return DuckDbDoor(arguments.warehouse, model, {}, new_id=lambda: new_id("result"))
    return door_of(arguments.connection, model)


def door_of(connection_id: str, model: SemanticModel) -> GuardedDoor:
    """Return the door to a connection that Airflow knows, in its own database too; raises WarehouseUnavailable."""
    _look_everywhere()
    from interact.connections.warehouse import open_connection

    return open_connection(connection_id, model, {})


def _look_everywhere() -> None:
    # As Airflow's own command line: without it a connection is looked for in the environment alone.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")


@contextmanager
def _catalogue(arguments: argparse.Namespace) -> Iterator[tuple[Ask, str]]:
    if arguments.warehouse:
        with duckdb_file(arguments.warehouse) as ask:
            yield ask, "duckdb"
        return
    _look_everywhere()
    from interact.connections.catalogue import open_catalogue

    with open_catalogue(arguments.connection) as found:
        yield found


def _verdict(found: ModelFile, tried: int, faults: int) -> str:
    said = f"{found.file}: {tried} of {len(found.model.metrics)} metrics tried"
    return f"{said}, {faults or 'no'} fault{'' if faults == 1 else 's'}."


def _line(each: Tried, model: SemanticModel) -> str:
    """Return a metric, its value of the newest days, and what it is made of."""
    made = f"{each.metric.name} = {made_of(each.metric, model)}"
    if each.window is None:
        return f"{made}: its dataset has no rows"
    days = f"{each.window.start} to {each.window.end}"
    values = ", ".join(" ".join(map(_shown, reversed(row))) for row in each.values)
    return f"{made}: {values or 'no value'} ({days})"


def made_of(metric: Metric, model: SemanticModel) -> str:
    """Return what a metric is made of, in short."""
    if metric.type == "ratio":
        return f"{metric.numerator} / {metric.denominator}"
    if metric.type == "derived":
        return str(metric.expr)
    rows = f" where {metric.filter}" if metric.filter else ""
    days = {"last": ", last day", "first": ", first day", "average": ", average day"}.get(str(metric.semi_additive), "")
    expr = metric.conversion.expr if metric.conversion else metric.expr
    return f"{metric.agg}({expr}) of {model.dataset(metric.dataset).table}{rows}{days}"


def _shown(value: Value) -> str:
    if value is None:
        return "n/a"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
