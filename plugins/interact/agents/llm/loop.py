"""A model's turns, one after the other: each message is kept before the next step, and each limit asked first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interact.agents.contract import Journal
from interact.agents.llm.history import as_step, said_in
from interact.agents.llm.limits import Spent, Stopped, require_calls_within, require_within, spent_on
from interact.agents.llm.plain import without_links
from interact.chats.limits import AnswerLimits
from interact.errors import NotStartable
from interact.reports.document import Report

if TYPE_CHECKING:
    from pydantic_ai import Agent, CancellationToken
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

Output = Report | str


@dataclass(frozen=True)
class Patience:
    """How long a model is waited for, and how often it is looked whether its answer is still wanted."""

    attempt_seconds: float = 300
    """One try at a request; a long report of a small model takes minutes."""
    request_seconds: float = 600
    """A request with all its tries."""
    further_tries: int = 2
    """By the provider's own library, which waits as long as `Retry-After` says; Airflow does the rest."""
    look_seconds: float = 2

    def settings(self) -> ModelSettings:
        """Return it as pydantic-ai takes it."""
        return {
            "timeout": self.attempt_seconds,
            "request_timeout": self.request_seconds,
            "max_retries": self.further_tries,
        }


@dataclass
class Talk:
    """One answer's messages so far, those of earlier tries among them, and where further ones are kept."""

    prompt: str
    limits: AnswerLimits
    journal: Journal
    before: list[ModelMessage]
    """Of earlier questions in the thread: they are no part of this answer."""
    messages: list[ModelMessage] = field(default_factory=list)

    @property
    def spent(self) -> Spent:
        """What the answer has used so far."""
        return spent_on(self.messages)

    def keep(self, message: ModelMessage) -> None:
        """Keep a message that is new, and what has been used with it."""
        self.messages.append(message)
        spent = self.spent
        self.journal.keep(as_step(message), usage=spent.usage(), cost_usd=spent.whole_cost_usd)
        if message.kind == "response" and spent.requests == 1 and self.limits.cost_usd and spent.unpriced:
            self.journal.say(
                # As code: what is no figure is not traced.
                f"The price of `{message.model_name or 'this model'}` is not known, so the limit of "
                f"`{self.limits.cost_usd:g} USD` cannot be held; that of `{self.limits.tokens:,} tokens` holds."
            )


async def converse(agent: Agent[object, Output], model: Model, talk: Talk, patience: Patience) -> Output:
    """Let a model go on until it has answered, from where the messages end.

    Raises Stopped at a limit, NotStartable once the answer is not wanted any more, and what pydantic-ai raises.
    """
    from pydantic_ai import CancellationToken
    from pydantic_ai.usage import UsageLimits
    from pydantic_graph import End

    token = CancellationToken()
    is_kept = bool(talk.messages)  # Going on, the first node holds the last message, which is kept.
    async with (
        _watched(talk.journal, token, patience.look_seconds),
        agent.iter(
            None if is_kept else talk.prompt,
            model=model,
            message_history=[*talk.before, *talk.messages] or None,
            model_settings=patience.settings(),
            usage_limits=UsageLimits(request_limit=None),  # Ours are counted over all tries, and say what to raise.
            cancellation_token=token,
        ) as run,
    ):
        node = run.next_node
        while not isinstance(node, End):
            if agent.is_model_request_node(node):
                if not is_kept:
                    talk.keep(node.request)
                is_kept = False
                talk.journal.require_wanted()
                require_within(talk.limits, talk.spent)
            elif agent.is_call_tools_node(node):
                if not is_kept:
                    talk.keep(node.model_response)
                    if said := said_in(node.model_response):
                        talk.journal.say(without_links(said))
                is_kept = False
                require_calls_within(talk.limits, talk.spent)
            node = await run.next(node)
    if run.result is None:
        raise Stopped("Stopped without an answer. Run it again.")
    return run.result.output


@asynccontextmanager
async def _watched(journal: Journal, token: CancellationToken, seconds: float) -> AsyncIterator[None]:
    """Cancel the run, also one that waits for its model, once nobody wants the answer; raises why then."""
    from pydantic_ai.exceptions import RunCancelled

    why: list[NotStartable] = []

    async def look() -> None:
        try:
            while not why:
                await asyncio.sleep(seconds)
                try:
                    journal.require_wanted()
                except NotStartable as error:
                    why.append(error)
        finally:  # Also when the task's time limit strikes just here.
            token.cancel()

    looking = asyncio.create_task(look())
    try:
        yield
    except RunCancelled:
        raise (why[0] if why else Stopped("Stopped from outside. Run it again.")) from None
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
