"""From Airflow connections to language models, by the hooks of Airflow's common-ai provider."""

from __future__ import annotations

import http.client
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from interact.agents.llm.answering import LlmAgent, Source, say_one_word
from interact.agents.unanswered import ModelRefused, ModelUnavailable
from interact.connections.kinds import MODELS
from interact.jobs.stored import StoredAgent

SECONDS = 10.0
"""So long a model's server is waited for when it is only asked whether it is there."""


def llm_agent(agent: StoredAgent) -> LlmAgent:
    """Return who asks the model of an agent's connection, and its fallbacks after it; nothing is opened yet."""
    definition = agent.definition
    ids = [*([definition.connection] if definition.connection else []), *definition.fallbacks]
    return LlmAgent([Source(each, partial(open_model, each)) for each in ids])


def open_model(connection_id: str) -> Any:
    """Return the pydantic-ai model of a connection; nothing is sent. Raises ModelRefused when there is none to be had.

    A chain of fallbacks in the connection's own extra is left out: the agent's is told in its answers.
    """
    from airflow.providers.common.ai.hooks.pydantic_ai import PydanticAIHook

    connection = _connection(connection_id)
    try:
        model = PydanticAIHook.get_hook(connection_id, hook_params={"fallback_conn_ids": []}).get_conn()
    except (ImportError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ModelRefused(connection_id, _fact(error, connection)) from None
    asked, meant = urlsplit(model.base_url or "").hostname, urlsplit(connection.host or "").hostname
    if meant and asked != meant:
        raise ModelRefused(
            connection_id,
            f"its provider {model.system!r} takes no host, and would ask {asked!r} instead. "
            "Write 'openai-chat:NAME' as its model when its server speaks as OpenAI does",
        )
    return model


def check_model(connection_id: str) -> str:
    """Return the name of a connection's model after it has said one word; raises ModelRefused, ModelUnavailable."""
    return say_one_word(Source(connection_id, partial(open_model, connection_id)))


def require_there(connection_id: str) -> None:
    """Raise ModelUnavailable unless the server of a connection's model answers; no token is used and no key sent."""
    address = urlsplit(open_model(connection_id).base_url or "")
    kind = http.client.HTTPConnection if address.scheme == "http" else http.client.HTTPSConnection
    try:
        reached = kind(address.hostname or "", address.port, timeout=SECONDS)
    except ValueError:
        raise ModelUnavailable(connection_id, "its host is no address") from None
    try:
        reached.request("GET", f"{address.path.rstrip('/')}/models")
        status = reached.getresponse().status
    except (OSError, http.client.HTTPException):
        raise ModelUnavailable(connection_id, "its server cannot be reached") from None
    finally:
        reached.close()
    if status >= 500:
        raise ModelUnavailable(connection_id, "it answers with an error of its own", status=status)


def _connection(connection_id: str) -> Connection:
    try:
        connection: Connection = Connection.get(connection_id)
    except AirflowNotFoundException:
        fact = "Airflow has no such connection. Make it under Admin, Connections, or name another one in the agent"
        raise ModelRefused(connection_id, fact) from None
    if connection.conn_type not in MODELS:
        fact = f"it is of type {connection.conn_type!r}; a model's is of type {', '.join(map(repr, MODELS))}"
        raise ModelRefused(connection_id, fact)
    if "@" in (connection.host or ""):
        raise ModelRefused(connection_id, "its host holds a user. The key belongs into its password, not its address")
    return connection


def _fact(error: Exception, connection: Connection) -> str:
    """Return what keeps a connection shut, in one line and without its secrets."""
    told = " ".join(str(error).split())
    for secret in (connection.password, *map(str, connection.extra_dejson.values())):
        if secret and len(secret) >= 8 and secret != connection.extra_dejson.get("model"):
            told = told.replace(secret, "***")
    return f"{told[:300].rstrip('. ')}"
