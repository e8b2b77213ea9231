"""What the queries of parameters returned last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from interact.store.tables import ParameterValuesRow


@dataclass(frozen=True)
class KeptValues:
    """The allowed values of one parameter, as they were read."""

    query: str
    values: tuple[str, ...]
    read_at: datetime


def of_job(session: Session, job_id: str) -> dict[str, KeptValues]:
    """Return what is kept of a job's parameters, by name."""
    ours = select(ParameterValuesRow).where(ParameterValuesRow.job_id == job_id)
    rows = session.scalars(ours.execution_options(populate_existing=True))
    return {row.name: KeptValues(row.query, tuple(row.kept_values), row.read_at) for row in rows}


def keep(session: Session, job_id: str, name: str, kept: KeptValues) -> None:
    """Keep what a parameter's query returned; safe for two at once, of which the second stays."""
    read = {"query": kept.query, "kept_values": list(kept.values), "read_at": kept.read_at}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(ParameterValuesRow) if on_sqlite else postgresql.insert(ParameterValuesRow)
    fresh = insert.values({"job_id": job_id, "name": name, **read})
    session.execute(fresh.on_conflict_do_update(index_elements=["job_id", "name"], set_=read))
