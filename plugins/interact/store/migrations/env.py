"""What Alembic runs; `interact.store.migrate` hands in a connection whose transaction it has begun."""

from __future__ import annotations

from alembic import context

from interact.store.sessions import VERSION_TABLE
from interact.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
