"""Folders and files that their owner writes, their group reads, and nobody else sees, whatever the umask says."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

FOLDER_MODE = 0o750
FILE_MODE = 0o640


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it as the umask says; one that exists keeps its rights. Raises OSError."""
    try:
        folder.mkdir(FOLDER_MODE, parents=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        # The bit by which files inside get the folder's group came from the folder above: it stays.
        folder.chmod(FOLDER_MODE | (folder.stat().st_mode & stat.S_ISGID))


def make_file(file: Path) -> None:
    """Make an empty file; one that exists is closed to others than its owner and group. Raises OSError."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        close_to_others(file)
    else:
        os.fchmod(descriptor, FILE_MODE)
        os.close(descriptor)


def close_to_others(file: Path) -> None:
    """Take from others what they may do with a file; it stays as it is when it is somebody else's, or not there."""
    with suppress(FileNotFoundError, PermissionError):
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & stat.S_IRWXO:
            file.chmod(mode & ~stat.S_IRWXO)
