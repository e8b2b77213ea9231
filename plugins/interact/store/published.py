"""What Airflow's parse of the DAG file reads, every half minute and at each task's start.

Plain SQL, because declaring the tables to SQLAlchemy takes longer than all the rest of reading two hundred jobs.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_FIELDS = ("job_id", "organisation_id", "agent_id", "dag_id", "version", "kept_in", "definition", "plan", "held_from")
_JOBS = """
    SELECT jobs.id, jobs.organisation_id, jobs.agent_id, jobs.dag_id, jobs.version, jobs.kept_in,
           job_versions.definition, schedule_periods.plan, schedule_periods.held_from
    FROM jobs
    JOIN job_versions ON job_versions.job_id = jobs.id AND job_versions.version = jobs.version
    LEFT JOIN schedule_periods ON schedule_periods.job_id = jobs.id AND schedule_periods.held_until IS NULL
    WHERE jobs.purpose = 'job' AND {narrowed}
    ORDER BY jobs.dag_id
"""
_VALUES = """
    SELECT parameter_values.job_id, parameter_values.name, parameter_values.query, parameter_values.kept_values
    FROM parameter_values
    JOIN jobs ON jobs.id = parameter_values.job_id AND jobs.deleted_at IS NULL AND jobs.purpose = 'job'
    ORDER BY parameter_values.job_id, parameter_values.name
"""


def published(session: Session, *, only: str | None = None) -> list[dict[str, Any]]:
    """Return every job, or the one with DAG id `only`, as the plain content of a `Published`, by the id of its DAG.

    That one may be deleted: what is left of its runs still needs its DAG.

    Nothing is read into a definition here, so that one that cannot be does not hide the others. What the queries of
    parameters returned is for the form of a DAG, and so left out for the one job that a task asks for.
    """
    query = text(_JOBS.format(narrowed="jobs.deleted_at IS NULL" if only is None else "jobs.dag_id = :only"))
    rows = session.execute(query, {} if only is None else {"only": only}).all()
    found = [
        dict(zip(_FIELDS, (*ids, _decoded(definition), _decoded(plan), _instant(held_from)), strict=True))
        for *ids, definition, plan, held_from in rows
    ]
    kept = _kept_values(session) if only is None else {}
    return [{**row, "known": _still_asked(row["definition"], kept.get(row["job_id"], {}))} for row in found]


def _kept_values(session: Session) -> dict[str, dict[str, tuple[str, Any]]]:
    """Return the query and the values of each parameter, by the id of its job and its name."""
    kept: dict[str, dict[str, tuple[str, Any]]] = {}
    for job_id, name, query, values in session.execute(text(_VALUES)):
        kept.setdefault(job_id, {})[name] = (query, _decoded(values))
    return kept


def _still_asked(definition: Any, kept: dict[str, tuple[str, Any]]) -> dict[str, Any]:
    """Return the values of those parameters whose query is still the one that was read."""
    return {name: values for name, (query, values) in kept.items() if _query(definition, name) == query}


def _query(definition: Any, name: str) -> Any:
    try:
        return definition["parameters"][name]["query"]
    except (KeyError, TypeError):
        return None  # Whatever stands there is no query, in a definition that is none too.


def _decoded(definition: Any) -> Any:
    """Return JSON that SQLite gives as text and PostgreSQL as what it means; text that is none stays text."""
    if not isinstance(definition, str):
        return definition
    try:
        return json.loads(definition)
    except ValueError:
        return definition


def _instant(value: Any) -> str | None:
    """Return in ISO's words, in UTC, an instant that SQLite gives as text and PostgreSQL as what it means."""
    if value is None:
        return None
    instant = datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value
    return instant.astimezone(UTC).isoformat()
