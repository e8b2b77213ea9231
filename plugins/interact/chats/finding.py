"""One thing that an answer points out, with the figure that shows it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from interact.chats.result import Cell
from interact.chats.within import Within


class Finding(BaseModel):
    """A member, or a day, that stands out in a metric.

    `highlight` is what the question asked to point out, `anomaly` what nobody asked for: a channel can hear it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["highlight", "anomaly"]
    metric: str
    """Its name in the model."""
    key: tuple[tuple[str, str], ...] = ()
    """Whose figure it is, as dimension and member; a day is `("day", "2026-11-15")`. Empty for the whole."""
    figure: Cell
    title: Annotated[str, Within(200)]
    """A sentence without a full stop; figures stand in it as references."""
    tone: Literal["neutral", "good", "warning", "bad"] = "neutral"
    result_ids: tuple[str, ...] = ()
    """All results that it rests on."""
