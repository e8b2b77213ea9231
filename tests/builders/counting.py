"""What a store is asked while something happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from interact.store.sessions import Store


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Give the list to which each SELECT is added."""
    statements: list[str] = []
    engine = store._current()

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
