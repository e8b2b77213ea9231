"""Ask the embedded analyst one question of a DuckDB file, outside Airflow; nothing is kept."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict

from interact.chats.result import Result, Value
from interact.errors import (
    AgentRefused,
    DefinitionRefused,
    ParameterRefused,
    QueryFailed,
    QueryRefused,
    QueryStopped,
    WarehouseUnavailable,
)
from interact.jobs.naming import new_id
from interact.schedules.occurrences import zone_named
from interact.templates import render_prompt
from interact.warehouse.blame import blamed
from interact.warehouse.door import DuckDbDoor
from interact.warehouse.guarded import MEMBERS_LIMIT
from interact.warehouse.process import LOAD
from interact.warehouse.queries import Compiled, Warehouse
from interact.warehouse.semantic import SemanticModel, read_model_file

if TYPE_CHECKING:
    from interact.agents.contract import Answer


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Days(_Part):
    """Whole days, first and last included."""

    start: date
    end: date


class Table(_Part):
    """Rows of plain values under named columns; `dimensions` in the table's order, the grain of a trend among them."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


class Highlight(_Part):
    """A figure that the question asked to point out; `key` is whose it is, dimension to member."""

    metric: str
    key: dict[str, str]
    value: Value


class Told(_Part):
    """All that is said to one question. `declined` says why nothing was answered, and is null when something was."""

    window: Days | None = None
    tables: tuple[Table, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    sections: tuple[str, ...] = ()
    """The parts that the question asked for by name and got, then the further headings of the report."""
    not_understood: tuple[str, ...] = ()
    declined: str | None = None
    queries: tuple[str, ...] = ()
    answer: str


class Asking:
    """A model and its DuckDB file, for any number of questions; close it, or use it in a `with` block."""

    def __init__(self, model: SemanticModel, path: Path) -> None:
        self.model = model
        self._path = path
        self._doors: dict[tuple[tuple[str, str], ...], DuckDbDoor] = {}
        self._door({})  # A model that no door can be made of is refused here, not as an answer.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that run the queries."""
        for door in self._doors.values():
            door.close()

    def ask(self, prompt: str, parameters: Mapping[str, str], *, on_date: date) -> Told:
        """Return what is answered, or why nothing is.

        Raises WarehouseUnavailable, and QueryRefused or QueryFailed for a model that does not fit its database.
        """
        try:
            return self._told(prompt, dict(parameters), on_date)
        except (AgentRefused, DefinitionRefused, QueryStopped) as refusal:
            return Told(declined=str(refusal), answer=str(refusal))

    def _told(self, prompt: str, parameters: dict[str, str], on_date: date) -> Told:
        from interact.agents.analyst.analyst import EmbeddedAnalyst
        from interact.agents.contract import Journal, Question

        filters = self._filters(parameters)
        question = Question(
            prompt=render_prompt(prompt, parameters) if parameters else prompt,
            on_date=on_date,
            parameters=parameters,
            filters=filters,
        )
        kept = _Kept(self._door(filters))
        return told(EmbeddedAnalyst().answer(question, kept, Journal()), kept.results)

    def _filters(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters that are dimensions; raises ParameterRefused for a member that is not there."""
        filters = {each.name: parameters[each.name] for each in self.model.dimensions if each.name in parameters}
        for name, value in filters.items():
            if self.model.dimension(name).pii:
                raise ParameterRefused(name, "tells who a person is, and nothing is filtered by that. Leave it out")
            known = self._door({}).members(name)
            if value not in known and len(known) < MEMBERS_LIMIT:
                raise ParameterRefused(name, f"is {value!r}, which is not in the data", allowed=known)
        return filters

    def _door(self, filters: Mapping[str, str]) -> DuckDbDoor:
        key = tuple(sorted(filters.items()))
        if key not in self._doors:
            self._doors[key] = DuckDbDoor(self._path, self.model, filters, new_id=lambda: new_id("result"))
        return self._doors[key]


class _Kept(Warehouse):
    """A door that remembers the results of one question."""

    def __init__(self, door: Warehouse) -> None:
        self.model, self.dialect = door.model, door.dialect
        self.results: dict[str, Result] = {}
        self._door = door

    def run(self, compiled: Compiled, *, title: str) -> Result:
        """Run one compiled query."""
        return self._keep(self._door.run(compiled, title=title))

    def query(self, sql: str, *, title: str) -> Result:
        """Run SQL that an agent wrote."""
        return self._keep(self._door.query(sql, title=title))

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the known values of a dimension."""
        return self._door.members(dimension)

    def _keep(self, result: Result) -> Result:
        self.results[result.result_id] = result
        return result


def told(answer: Answer, results: Mapping[str, Result]) -> Told:
    """Return an answer with its figures filled in from the results that it cites."""
    from interact.chats.figures import resolve

    headings = tuple(section.title for section in answer.report.sections) if answer.report else ()
    figures = [(each, each.figure) for each in answer.findings if each.kind == "highlight"]
    return Told(
        window=Days(start=answer.window.start, end=answer.window.end) if answer.window else None,
        tables=tuple(
            Table(
                metrics=each.metrics,
                dimensions=each.dimensions,
                columns=each.columns,
                rows=_rows(results[each.result_id], each.columns, each.rows),
            )
            for each in answer.exhibits
        ),
        highlights=tuple(
            Highlight(
                metric=each.metric,
                key=dict(each.key),
                value=results[figure.result_id].value(figure.row, figure.column),
            )
            for each, figure in figures
        ),
        sections=tuple(dict.fromkeys((*answer.sections, *headings))),
        not_understood=answer.not_understood,
        queries=tuple(result.sql for result in results.values()),
        answer=resolve(answer.text, results),
    )


def schema_text() -> str:
    """Return the JSON Schema of what `--json` prints, as the file in docs holds it."""
    return json.dumps(Told.model_json_schema(mode="serialization"), indent=1, ensure_ascii=False) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take a question, and what it is asked of."""
    parser.add_argument("prompt", help="the question, in quotes; {{ market }} stands for a parameter of that name")
    parser.add_argument("--model", type=Path, required=True, metavar="MODEL.yaml", help="the semantic model")
    parser.add_argument("--warehouse", type=Path, required=True, metavar="FILE.duckdb", help="read, never written")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="what today is, as 2026-06-18; default the real one")
    parser.add_argument("--timezone", default="UTC", metavar="ZONE", help="where that is today: an IANA name")
    parser.add_argument("--parameter", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    parser.add_argument("--json", action="store_true", help="print all of it, as docs/ask.schema.json describes")


def run(arguments: argparse.Namespace) -> int:
    """Print the answer and return 0, also when it is that there is none; 2 for a model or file that cannot be used."""
    found = None
    try:
        zone = zone_named(arguments.timezone)
        found = read_model_file(arguments.model)
        with Asking(found.model, arguments.warehouse) as asking:
            day = arguments.as_of or datetime.now(UTC).astimezone(zone).date()
            said = asking.ask(arguments.prompt, dict(arguments.parameter), on_date=day)
    except (DefinitionRefused, QueryFailed, QueryRefused, WarehouseUnavailable) as error:
        for each in (found and blamed(found, error)) or (error,):
            # Who asks here has no DAG.
            print(str(each).replace(LOAD, "Load it, then ask again"), file=sys.stderr)
        return 2
    print(said.model_dump_json(indent=2) if arguments.json else said.answer)
    return 0


def _rows(result: Result, columns: tuple[str, ...], chosen: tuple[int, ...] | None) -> tuple[tuple[Value, ...], ...]:
    numbers = range(len(result.rows)) if chosen is None else chosen
    return tuple(tuple(result.value(number, name) for name in columns) for number in numbers)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-06-18") from None


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise argparse.ArgumentTypeError(f"{text!r} names no value; write it as market=NL")
    return name, value
