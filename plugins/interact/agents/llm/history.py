"""A model's messages as the journal keeps them, and what came before them in the thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from interact.agents.contract import Turn

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ToolCallPart, ToolReturnPart


def as_step(message: ModelMessage) -> str:
    """Return a message as JSON, without the instructions, which each try writes anew."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    bare = replace(message, instructions=None) if message.kind == "request" else message
    return ModelMessagesTypeAdapter.dump_json([bare]).decode()


def messages_of(steps: Sequence[str]) -> list[ModelMessage]:
    """Return the messages of earlier tries; none when another version of this program has kept them."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    try:
        return [message for step in steps for message in ModelMessagesTypeAdapter.validate_json(step)]
    except ValidationError:
        return []


def earlier_turns(turns: Sequence[Turn]) -> list[ModelMessage]:
    """Return what was asked and answered before in the thread, as messages; what was not answered is left out."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    told: list[ModelMessage] = []
    for turn in turns:
        if turn.answer:
            told.append(ModelRequest(parts=[UserPromptPart(turn.prompt)]))
            told.append(ModelResponse(parts=[TextPart(turn.answer)]))
    return told


def closing_text(messages: Sequence[ModelMessage]) -> str:
    """Return the text of a last response that calls no tool; "" when the last message is another one."""
    last = messages[-1] if messages else None
    if last is None or last.kind != "response" or last.tool_calls:
        return ""
    return (last.text or "").strip()


def said_in(message: ModelMessage) -> str:
    """Return what a model says beside its tool calls; "" for a response that is an answer by itself."""
    if message.kind != "response" or not message.tool_calls:
        return ""
    return (message.text or "").strip()


def calls_and_returns(messages: Sequence[ModelMessage]) -> Iterator[tuple[ToolCallPart, ToolReturnPart]]:
    """Yield each tool call that gave something, and what it gave; ids are taken to be unique within one turn only."""
    calls: dict[str, ToolCallPart] = {}
    for message in messages:
        if message.kind == "response":
            calls = {call.tool_call_id: call for call in message.tool_calls}
            continue
        for part in message.parts:
            if part.part_kind == "tool-return" and part.outcome == "success" and part.tool_call_id in calls:
                yield calls[part.tool_call_id], part
