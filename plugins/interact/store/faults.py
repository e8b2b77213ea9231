"""What went wrong with the store, as one sentence that says what to do and holds no password."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from interact.errors import StoreUnavailable

log = logging.getLogger(__name__)
BUSY_SECONDS = 30
_FOLDERS = re.compile(r"(?<![\w/])/(?:[^/\s'\"]+/)+")
_SETTINGS = "INTERACT_DATABASE_URL or INTERACT_HOME"
_MIGRATE = "Run `interact migrate`"
_MET = "met another writer that changed the same thing at that moment. Try again"
_SQLITE = {
    "SQLITE_READONLY": "can be read but not written. Let the user that runs this write the file and its folder",
    "SQLITE_FULL": "is on a disk that is full. Make room, then try again",
    "SQLITE_IOERR": "is on a disk that did not read or write. Check its room and its limits, then try again",
    "SQLITE_BUSY": f"stayed locked by another process for {BUSY_SECONDS} s. Try again; else end what holds it",
    "SQLITE_NOTADB": "is no SQLite database. Name another file in INTERACT_DATABASE_URL, or restore this one",
    "SQLITE_CORRUPT": "is damaged. Restore it from a backup",
}
_POSTGRES = {
    "42P01": f"lacks our tables. {_MIGRATE}",
    "42703": f"has tables of another version. {_MIGRATE}",
    "3F000": "has no schema to put tables in. Create one, or set the user's search_path",
    "42501": "does not let this user do that. Grant it, or name another user in INTERACT_DATABASE_URL",
    "25006": "can be read but not written. Name the primary server in INTERACT_DATABASE_URL",
    "53100": "is on a disk that is full. Make room, then try again",
    "40001": _MET,
    "40P01": _MET,
}


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turn what a database can refuse into StoreUnavailable; our own mistakes in SQL stay what they are."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        fact = _fact(error, url)
        if fact is None:
            raise
        raise unavailable(url, fact) from None


def unavailable(url: URL, fact: str) -> StoreUnavailable:
    """Return the refusal, which may reach an HTTP client: it names no folder, our own log does.

    A store is its file, or its database and host; never its user or password.
    """
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        log.error("The store %s %s", path, fact)
        return StoreUnavailable(f"The store {path.name!r} {fact}.")
    host = str(url.host or url.query.get("host") or "localhost")
    log.error("The store %r on %r %s", url.database, host, fact)
    shown = "a socket of this machine" if host.startswith("/") else repr(host)
    return StoreUnavailable(f"The store {url.database!r} on {shown} {_FOLDERS.sub('', fact)}.")


def _fact(error: SQLAlchemyError, url: URL) -> str | None:
    if isinstance(error, IntegrityError):
        return _MET
    if not isinstance(error, DBAPIError):
        return "has no connection to spare now. Try again"
    if url.get_backend_name() == "sqlite":
        return _of_sqlite(error, Path(url.database or ""))
    return _of_postgres(error, url.password)


def _of_sqlite(error: DBAPIError, path: Path) -> str | None:
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    if name.startswith("SQLITE_CANTOPEN"):
        return _cannot_open(path)
    for code, fact in _SQLITE.items():
        if name.startswith(code):
            return fact
    lacking = str(error.orig).startswith(("no such table", "no such column"))
    return f"lacks our tables, or has those of another version. {_MIGRATE}" if lacking else None


def _cannot_open(path: Path) -> str:
    try:
        if not path.exists():
            return f"does not exist. {_MIGRATE} to make it; the demo's store is found with INTERACT_HOME=.interact"
    except OSError:
        pass
    return f"cannot be opened. Let the user that runs this read and write the file and its folder ({_SETTINGS})"


def _of_postgres(error: DBAPIError, password: object) -> str | None:
    code = getattr(error.orig, "pgcode", None)
    if code in _POSTGRES:
        return _POSTGRES[code]
    if isinstance(error, ProgrammingError) or (code and code[:2] not in ("08", "53", "55", "57", "58")):
        return None
    lines = str(error.orig).strip().splitlines() or ["it went away"]
    reason = lines[0].rpartition("FATAL:")[2].rpartition("failed:")[2].strip()
    shown = reason.replace(str(password), "***") if password else reason
    return f"cannot be reached ({shown}). Check the server and INTERACT_DATABASE_URL"
