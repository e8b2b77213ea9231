"""What the parameters of a job allow at the moment, where a query on the warehouse says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from interact.chats.result import Value
from interact.errors import ParameterRefused, QueryFailed, QueryRefused, WarehouseUnavailable
from interact.jobs.combinations import Known
from interact.jobs.parameters import ALL, MOST_VALUES, Parameter, canonical
from interact.jobs.stored import Snapshot, StoredAgent
from interact.runs.desk import Desk
from interact.store import values
from interact.store.values import KeptValues

log = logging.getLogger(__name__)
ReadColumn = Callable[[StoredAgent, str, int], tuple[Value, ...]]
"""From an agent, a SELECT and a number of rows to at most so many values of its one column; NULL is None."""
FRESH = timedelta(minutes=1)
"""So long what was read is taken for what is there."""
OFFERED = timedelta(minutes=30)
"""So long it is good enough to choose from: what is chosen is held against fresh values when the run is accepted."""


def known_values(desk: Desk, snapshot: Snapshot, read_column: ReadColumn | None, *, fresh: timedelta = FRESH) -> Known:
    """Return the allowed values of each parameter that has a query, and keep them; a job without one costs nothing.

    A warehouse that cannot be reached, or no `read_column`, leaves those that were read last. Raises
    WarehouseUnavailable where there are none either, ParameterRefused for a query that fails or returns what cannot be
    a value. NULL and empty text are left out.
    """
    queries = {name: each for name, each in snapshot.job.definition.parameters.items() if each.query}
    if not queries:
        return {}
    with desk.store.reading() as session:
        kept = values.of_job(session, snapshot.job.job_id)
    return {
        name: _values(desk, snapshot, name, read_column=read_column, kept=_still(kept.get(name), each), fresh=fresh)
        for name, each in queries.items()
    }


def _still(kept: KeptValues | None, parameter: Parameter) -> KeptValues | None:
    return kept if kept and kept.query == parameter.query else None


def _values(
    desk: Desk,
    snapshot: Snapshot,
    name: str,
    *,
    read_column: ReadColumn | None,
    kept: KeptValues | None,
    fresh: timedelta,
) -> tuple[str, ...]:
    now = desk.now()
    if kept and now - kept.read_at < fresh:
        return kept.values
    parameter = snapshot.job.definition.parameters[name]
    try:
        found = _read(snapshot.agent, name, parameter, read_column)
    except WarehouseUnavailable as error:
        if kept is None:
            raise
        log.warning("The values of a parameter of job %s are those of %s: %s", snapshot.job.job_id, kept.read_at, error)
        return kept.values
    with desk.store.writing() as session:
        values.keep(session, snapshot.job.job_id, name, KeptValues(parameter.query or "", found, now))
    return found


def _read(agent: StoredAgent, name: str, parameter: Parameter, read_column: ReadColumn | None) -> tuple[str, ...]:
    if read_column is None:
        raise WarehouseUnavailable(f"The values of parameter {name!r} cannot be read here. Try again.")
    try:
        found = read_column(agent, parameter.query or "", MOST_VALUES + 1)
    except (QueryRefused, QueryFailed) as error:
        raise ParameterRefused(name, f"has a query that does not work: {str(error).rstrip('.')}") from None
    if len(found) > MOST_VALUES:
        fact = f"has a query that returns more than {MOST_VALUES:,} values. Write SELECT DISTINCT, or narrow it"
        raise ParameterRefused(name, fact)
    return tuple(dict.fromkeys(_written(name, parameter, value) for value in found if value not in (None, "")))


def _written(name: str, parameter: Parameter, value: Value) -> str:
    """Return a value of the warehouse as parameters keep it; text of digits for a number where a choice is asked."""
    if isinstance(value, str) and value != value.strip():
        # Without its blanks it is another value, and the filter of a run would find no row of it.
        raise ParameterRefused(
            name,
            f"has a query that returns {value!r:.80}, with blanks around it. Mend it in the warehouse, or leave it out "
            "with WHERE",
        )
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        as_text = canonical("number", value) if is_number else value
        if as_text == ALL:
            raise ValueError(f"returns {ALL!r}, which stands for all values")
        return canonical(parameter.type, as_text)
    except ValueError as error:
        raise ParameterRefused(name, f"has a query that returns what it does not take: it {error}") from None
