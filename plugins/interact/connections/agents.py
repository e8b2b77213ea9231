"""From an agent's definition to who answers: the analyst, a language model, or a service."""

from __future__ import annotations

from interact.agents.contract import Agent
from interact.errors import AgentRefused
from interact.jobs.stored import StoredAgent


def find_agent(agent: StoredAgent) -> Agent:
    """Return who answers for an agent; raises AgentRefused when this version has nobody who does."""
    kind = agent.definition.type
    if kind == "embedded":
        from interact.agents.analyst.analyst import EmbeddedAnalyst

        return EmbeddedAnalyst()
    raise AgentRefused(f"Nobody answers for agents of type {kind!r} here. Change the agent's `type` to 'embedded'.")
