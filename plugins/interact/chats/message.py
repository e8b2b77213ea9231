"""One message of a chat."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["user", "assistant"]


class Message(BaseModel):
    """Something said in a chat, in order of `created_at` (aware, UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    text: str
    result_ids: tuple[str, ...] = ()
    """The results that this message speaks of."""
    created_at: datetime
