"""Why what an agent asks, a model or a service, gives no answer: two further branches of the tree in `errors`."""

from __future__ import annotations

from interact.errors import AgentRefused, InteractError


class ModelRefused(AgentRefused):
    """A model that takes no question before somebody has changed something; names the Airflow connection to it."""

    title = "Model refused"

    def __init__(self, connection: str, fact: str, *, status: int | None = None) -> None:
        self.connection, self.fact = connection, fact
        told = f" (status {status})" if status else ""
        super().__init__(f"The model of connection {connection!r} takes no question{told}: {fact}.")


class ModelUnavailable(InteractError):
    """A language model that does not answer now; names the Airflow connection to it, never what it said."""

    status = 503
    retry_helps = True
    title = "Model unavailable"

    def __init__(
        self, connection: str, fact: str, *, status: int | None = None, retry_after_seconds: int | None = None
    ) -> None:
        self.connection, self.fact, self.retry_after_seconds = connection, fact, retry_after_seconds
        told = f" (status {status})" if status else ""
        super().__init__(
            f"The model of connection {connection!r} does not answer{told}: {fact}. "
            "Run this again later, or name another one in the agent's `fallbacks`."
        )
