"""Where an answer is stopped."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AnswerLimits(BaseModel):
    """What one answer may use, all its tries together; the time limit is the job's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: int = Field(default=12, ge=1, le=200)
    """Calls of the model."""
    tool_calls: int = Field(default=30, ge=1, le=500)
    tokens: int = Field(default=200_000, ge=1_000, le=10_000_000)
    """Read and written together."""
    cost_usd: float | None = Field(default=None, gt=0, le=1_000)
    """Only where the price of the model is known; without one the tokens are the limit."""
