"""Where a fault of our own came from, without its words: they may quote a prompt or a row, and others read logs."""

from __future__ import annotations

import traceback


def places(error: BaseException) -> str:
    """Return the calls that an error came through, a line each."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
