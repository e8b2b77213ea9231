"""From an agent's definition to who answers: the analyst, a language model, or a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from interact.agents.contract import Agent
from interact.connections.kinds import SERVICES
from interact.errors import AgentRefused
from interact.jobs.stored import StoredAgent

if TYPE_CHECKING:
    from interact.agents.remote.service import Service


def find_agent(agent: StoredAgent) -> Agent:
    """Return who answers for an agent; raises AgentRefused for one that names nobody."""
    kind, connection = agent.definition.type, agent.definition.connection
    if kind == "embedded":
        from interact.agents.analyst.analyst import EmbeddedAnalyst

        return EmbeddedAnalyst()
    if kind == "llm":
        from interact.connections.models import llm_agent

        return llm_agent(agent)
    if connection:
        from interact.agents.remote.asking import RemoteAgent

        return RemoteAgent(_service(connection))
    raise AgentRefused(f"Agent {agent.definition.key!r} of type {kind!r} names no `connection`. Add its id.")


def probe_model(connection_id: str) -> None:
    """Raise ModelUnavailable or ModelRefused unless the model, or the service, of a connection is there.

    Nothing is begun, and no model reads or writes a word.
    """
    from interact.connections import models

    if not _is_service(connection_id):
        models.require_there(connection_id)
        return
    try:
        _service(connection_id).state("none", after=0)
    except AgentRefused:
        return  # It answers, and knows no such run.


def _is_service(connection_id: str) -> bool:
    try:
        return Connection.get(connection_id).conn_type in SERVICES
    except AirflowNotFoundException:
        return False


def _service(connection_id: str) -> Service:
    from interact import settings
    from interact.connections.services import service_of

    return service_of(connection_id, hosts=settings.read().remote_hosts)
