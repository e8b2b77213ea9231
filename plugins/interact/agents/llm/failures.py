"""What a model's provider refuses or cannot do now, as our errors: without its words, which may hold keys and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interact.agents.unanswered import ModelRefused, ModelUnavailable

if TYPE_CHECKING:
    from pydantic_ai.exceptions import ModelAPIError


def failure_of(error: ModelAPIError, connection: str) -> ModelRefused | ModelUnavailable:
    """Return our error for one of a provider's: ModelUnavailable where a retry helps, else ModelRefused."""
    status = getattr(error, "status_code", None)
    if refusal := _refusal(error):
        return ModelRefused(connection, refusal, status=status)
    wait = max(1, round(error.retry_after)) if error.retry_after is not None else None
    return ModelUnavailable(connection, _absence(error), status=status, retry_after_seconds=wait)


def _refusal(error: ModelAPIError) -> str:
    """Return what somebody has to change before a model answers; "" where a retry helps."""
    from pydantic_ai import exceptions as kinds

    if isinstance(error, kinds.ModelAuthenticationError):
        return "it refuses the key. Put one that is in use into the connection's password"
    if isinstance(error, kinds.ModelNotFoundError):
        return (
            f"there is no model {error.model_name!r} at its address. Check `model` in the connection's extra, and its "
            "host; a server that knows chat completions only takes 'openai-chat:NAME'"
        )
    if isinstance(error, kinds.ModelQuotaExceededError):
        return "its account has no credit left. Top it up"
    if isinstance(error, kinds.ModelContextWindowExceededError):
        return f"the question and its results are longer than {error.model_name!r} reads. Ask for less at once"
    if isinstance(error, kinds.ModelRequestRejectedError):
        return "it does not take the request. Check the connection's model and its host"
    return ""


def _absence(error: ModelAPIError) -> str:
    from pydantic_ai import exceptions as kinds

    if isinstance(error, kinds.ModelRateLimitError):
        return "it takes no more requests for now"
    if isinstance(error, kinds.ModelRequestTimeout | kinds.ModelTimeoutError):
        return "it gave no answer in time"
    if isinstance(error, kinds.ModelHTTPError):
        return "it answers with an error of its own"
    phase = error.phase if isinstance(error, kinds.ModelConnectionError) else None
    return "its server cannot be reached" if phase in ("connect", "pool") else "the connection to it broke off"
