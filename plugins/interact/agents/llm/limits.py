"""What an answer has used of a model, and which limit it has run into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interact.chats.limits import AnswerLimits

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart

REPORT = "create_report"
"""The tool that ends an answer; it is no call that counts."""


class Stopped(Exception):
    """An answer that ends before it is whole; `str()` of it is a sentence for people."""


@dataclass(frozen=True)
class Spent:
    """What all requests of one answer used together."""

    requests: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    """Of the requests whose price is known; None where none is."""
    unpriced: int = 0
    """Requests whose price is not known."""

    @property
    def tokens(self) -> int:
        """Read and written together."""
        return self.input_tokens + self.output_tokens

    @property
    def whole_cost_usd(self) -> float | None:
        """The cost of all requests; None where the price of one is not known."""
        return None if self.unpriced else self.cost_usd

    def usage(self) -> dict[str, int]:
        """Return the counts that a chat keeps."""
        return {
            "requests": self.requests,
            "tool_calls": self.tool_calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }


def spent_on(messages: Sequence[ModelMessage]) -> Spent:
    """Return what the responses among some messages used."""
    responses = [each for each in messages if each.kind == "response"]
    costs = [each.usage.cost for each in responses]
    known = [float(cost) for cost in costs if cost is not None]
    return Spent(
        requests=len(responses),
        tool_calls=sum(len(counted_calls(each)) for each in responses),
        input_tokens=sum(each.usage.input_tokens for each in responses),
        output_tokens=sum(each.usage.output_tokens for each in responses),
        cost_usd=sum(known) if known else None,
        unpriced=len(costs) - len(known),
    )


def counted_calls(response: ModelResponse) -> list[ToolCallPart]:
    """Return the tool calls of a response that the limit counts."""
    return [call for call in response.tool_calls if call.tool_name != REPORT]


def require_within(limits: AnswerLimits, spent: Spent) -> None:
    """Raise Stopped when nothing is left for a further request."""
    if spent.requests >= limits.requests:
        raise Stopped(_told(f"{limits.requests:,} requests of the model", "requests"))
    if spent.tokens >= limits.tokens:
        raise Stopped(_told(f"{limits.tokens:,} tokens ({spent.tokens:,} were used)", "tokens"))
    if limits.cost_usd is not None and (spent.cost_usd or 0) >= limits.cost_usd:
        raise Stopped(_told(f"{limits.cost_usd:g} USD ({spent.cost_usd:.4f} were spent)", "cost_usd"))


def require_calls_within(limits: AnswerLimits, spent: Spent) -> None:
    """Raise Stopped when the calls that a model has asked for, the newest included, are more than it may make."""
    if spent.tool_calls > limits.tool_calls:
        raise Stopped(_told(f"{limits.tool_calls:,} tool calls", "tool_calls"))


def _told(limit: str, field: str) -> str:
    return (
        f"Stopped at the limit of {limit} for one answer. Raise `limits.{field}` of the agent, or ask for less at once."
    )
