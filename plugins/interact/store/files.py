"""Files by their SHA-256: results, pages, PDFs."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Protocol, Self

from pydantic import ValidationError

from interact.chats.result import Result
from interact.errors import StoreUnavailable
from interact.store.rights import FILE_MODE, make_folder

log = logging.getLogger(__name__)
_FACTS = {
    errno.ENOSPC: "the disk is full. Make room, then try again",
    errno.EDQUOT: "the disk quota is used up. Make room, then try again",
    errno.EFBIG: "it is larger than this process may write. Raise the limit (`ulimit -f`)",
    errno.EACCES: "the user that runs this may not. Grant the right, or name another place in INTERACT_FILES_URL",
    errno.EROFS: "the disk is read-only. Name another place in INTERACT_FILES_URL",
}


class Root(Protocol):
    """A folder, here or far away: `pathlib.Path` and Airflow's `ObjectStoragePath` both are one."""

    def __truediv__(self, part: str, /) -> Self:
        """Return what is inside."""

    def mkdir(self, *, parents: bool = ..., exist_ok: bool = ...) -> None:
        """Create the folder."""

    def read_bytes(self) -> bytes:
        """Return the content."""

    def write_bytes(self, data: bytes) -> int:
        """Replace the content."""


class Files:
    """Content that never changes under a name that follows from it."""

    def __init__(self, root: Root) -> None:
        self._root = root

    def put(self, content: bytes, suffix: str) -> str:
        """Keep the content, whole or not at all, and return its SHA-256; `suffix` is as ".pdf".

        Raises StoreUnavailable; a retry helps once there is room and the right to write.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        folder = self._root / sha256[:2]
        try:
            if isinstance(folder, Path):
                make_folder(folder.parent)
                make_folder(folder)
                _write(folder, sha256 + suffix, content)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / (sha256 + suffix)).write_bytes(content)
        except OSError as error:
            raise self._unavailable(f"A {suffix} file cannot be kept: {_fact(error)}.") from None
        return sha256

    def get(self, sha256: str, suffix: str) -> bytes:
        """Return the content of that SHA-256; raises StoreUnavailable when it is missing or not what was put there."""
        named = f"The kept file '{sha256[:12]}…{suffix}'"
        try:
            content = (self._root / sha256[:2] / (sha256 + suffix)).read_bytes()
        except FileNotFoundError:
            raise self._unavailable(f"{named} is missing. Restore it, or check INTERACT_FILES_URL.") from None
        except OSError as error:
            raise self._unavailable(f"{named} cannot be read: {_fact(error)}.") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise self._unavailable(f"{named} is damaged. Restore it from a backup.")
        return content

    def put_result(self, result: Result) -> str:
        """Keep a result with all its rows and return its SHA-256; infinity and NaN become None, as JSON has neither."""
        return self.put(result.model_dump_json().encode(), ".json")

    def get_result(self, sha256: str) -> Result:
        """Return a result; raises StoreUnavailable."""
        try:
            return Result.model_validate_json(self.get(sha256, ".json"))
        except ValidationError:
            raise StoreUnavailable(
                f"The result {sha256[:12]!r} was written by another version of this program. Run the job again."
            ) from None

    def _unavailable(self, sentence: str) -> StoreUnavailable:
        """Return the refusal, which may reach an HTTP client, and tell the folder to our own log only."""
        log.error("%s The files are under %s", sentence, self._root)
        return StoreUnavailable(sentence)


def _write(folder: Path, name: str, content: bytes) -> None:
    descriptor, path = tempfile.mkstemp(dir=folder, prefix=".new-")
    fresh = Path(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        fresh.replace(folder / name)
    finally:
        fresh.unlink(missing_ok=True)
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fact(error: OSError) -> str:
    return _FACTS.get(error.errno or 0) or f"{error.strerror or type(error).__name__}. Check INTERACT_FILES_URL"
