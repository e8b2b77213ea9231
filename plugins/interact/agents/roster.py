"""Which kinds of agent there are."""

from __future__ import annotations

from interact.agents.contract import Agent
from interact.errors import AgentRefused, listed

KINDS = ("embedded",)


def agent_of(kind: str) -> Agent:
    """Return the agent that answers for a kind; raises AgentRefused for one that does not exist."""
    if kind == "embedded":
        from interact.agents.analyst.analyst import EmbeddedAnalyst

        return EmbeddedAnalyst()
    raise AgentRefused(f"There is no agent of kind {kind!r} (there are {listed(KINDS)}). Change the agent's `kind`.")
