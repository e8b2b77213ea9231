"""From Airflow connections to models: which class comes out, what is refused, and whether its server is there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from builders.model_servers import KEY, ModelServer, a_model_server, fails, resets, says
from builders.story import MODEL
from interact.agents.analyst.analyst import EmbeddedAnalyst
from interact.agents.llm.answering import LlmAgent
from interact.agents.unanswered import ModelRefused, ModelUnavailable
from interact.connections.agents import find_agent, probe_model
from interact.connections.models import check_model, open_model
from interact.jobs.definition import Agent
from interact.jobs.stored import StoredAgent
from interact.warehouse.semantic import read_model


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server whose model says yes."""
    with a_model_server(says("yes")) as running:
        yield running


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the connection `m` and open its model."""

    def make(connection: str | dict[str, Any]) -> Any:
        text = connection if isinstance(connection, str) else json.dumps(connection)
        monkeypatch.setenv("AIRFLOW_CONN_M", text)
        return open_model("m")

    return make


def an_agent(**changes: Any) -> StoredAgent:
    model = read_model(MODEL).model_dump(mode="json", exclude_none=True)
    plain = {"key": "analyst", "organisation": "north", "name": "Analyst", "warehouse": "w", "semantic_model": model}
    return StoredAgent("agent_aaaaaaaaaaaa", "org_aaaaaaaaaaaa", Agent.model_validate(plain | changes))


CONNECTIONS = {
    "openai": (
        {"conn_type": "pydanticai", "password": KEY, "extra": {"model": "openai:gpt-5"}},
        ("OpenAIResponsesModel", "openai", "gpt-5", "https://api.openai.com/v1/"),
    ),
    "anthropic": (
        {"conn_type": "pydanticai", "password": KEY, "extra": {"model": "anthropic:claude-sonnet-4-5"}},
        ("AnthropicModel", "anthropic", "claude-sonnet-4-5", "https://api.anthropic.com"),
    ),
    "azure": (
        {
            "conn_type": "pydanticai_azure",
            "password": KEY,
            "host": "https://north.openai.azure.com/openai/v1",
            "extra": {"model": "azure:gpt-5"},
        },
        ("OpenAIChatModel", "azure", "gpt-5", "https://north.openai.azure.com/openai/v1/"),
    ),
    "bedrock": (
        {
            "conn_type": "pydanticai_bedrock",
            "extra": {
                "model": "bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "region_name": "eu-west-1",
                "aws_access_key_id": "AKIAAAAAAAAAAAAAAAAA",
                "aws_secret_access_key": KEY,
            },
        },
        (
            "BedrockConverseModel",
            "bedrock",
            "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
        ),
    ),
    "vertex": (
        {
            "conn_type": "pydanticai_vertex",
            "extra": {"model": "google-cloud:gemini-2.5-flash", "api_key": KEY},
        },
        ("GoogleModel", "google-cloud", "gemini-2.5-flash", "https://aiplatform.googleapis.com/"),
    ),
    "ollama": (
        {"conn_type": "pydanticai", "host": "http://ollama:11434/v1", "extra": {"model": "ollama:qwen3"}},
        ("OllamaModel", "ollama", "qwen3", "http://ollama:11434/v1/"),
    ),
    "vllm": (
        {"conn_type": "pydanticai", "host": "http://vllm:8000/v1", "extra": {"model": "vllm:mistral-small"}},
        ("OpenAIChatModel", "vllm", "mistral-small", "http://vllm:8000/v1/"),
    ),
    "compatible": (
        {
            "conn_type": "pydanticai",
            "host": "http://litellm:4000",
            "password": KEY,
            "extra": {"model": "openai-chat:x"},
        },
        ("OpenAIChatModel", "openai", "x", "http://litellm:4000"),
    ),
}


@pytest.mark.parametrize("maker", CONNECTIONS)
def test_each_kind_of_connection_gives_its_model(maker: str, made: Any) -> None:
    connection, expected = CONNECTIONS[maker]
    model = made(connection)
    assert (type(model).__name__, model.system, model.model_name, model.base_url) == expected


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"conn_type": "pydanticai", "password": KEY}, "No model specified for connection 'm'"),
        (
            {"conn_type": "pydanticai", "password": KEY, "extra": {"model": "gpt-5"}},
            "bare model name 'gpt-5' cannot",
        ),
        ({"conn_type": "pydanticai", "password": KEY, "extra": {"model": "opnai:gpt-5"}}, "'opnai' is not a provider"),
        ({"conn_type": "postgres"}, "it is of type 'postgres'; a model's is of type 'pydanticai'"),
        (
            {"conn_type": "pydanticai", "host": f"https://u:{KEY}@x.example", "extra": {"model": "openai:x"}},
            "its host holds a user",
        ),
        (
            {"conn_type": "pydanticai", "host": "http://lite:4000", "password": KEY, "extra": {"model": "litellm:x"}},
            r"LiteLLM|takes no host, and would ask|litellm",
        ),
    ],
)
def test_a_connection_that_gives_no_model_says_why_without_its_key(
    connection: dict[str, Any], told: str, made: Any
) -> None:
    with pytest.raises(ModelRefused, match=told) as raised:
        made(connection)
    assert KEY not in str(raised.value)


def test_a_connection_that_airflow_does_not_know_is_refused() -> None:
    with pytest.raises(ModelRefused, match="connection 'nowhere' takes no question: Airflow has no such connection"):
        open_model("nowhere")


def test_a_chain_of_fallbacks_in_the_connection_is_left_to_the_agent(made: Any, server: ModelServer) -> None:
    extra = {"model": "openai-chat:fake-1", "fallback_conn_ids": ["m2"]}
    assert type(made(server.connection(extra=extra))).__name__ == "OpenAIChatModel"


@pytest.mark.parametrize("model", ["openai-chat:fake-1", "anthropic:fake-1"])
def test_a_check_says_one_word(model: str, made: Any, server: ModelServer) -> None:
    made(server.connection(model))
    assert check_model("m") == "fake-1"
    assert len(server.asked) == 1
    assert 16 in (server.asked[0].body.get("max_completion_tokens"), server.asked[0].body.get("max_tokens"))


def test_a_check_tells_a_wrong_key_from_a_wrong_model_from_a_wrong_host(made: Any, server: ModelServer) -> None:
    made(server.connection())
    told = []
    for turn in (fails(401), fails(404), resets):
        server.turns = [turn]
        with pytest.raises((ModelRefused, ModelUnavailable), match="The model of connection 'm'") as raised:
            check_model("m")
        told.append(str(raised.value))
    assert ["refuses the key" in told[0], "there is no model 'fake-1'" in told[1], "broke off" in told[2]] == [True] * 3
    made(server.connection(host="http://127.0.0.1:9"))
    with pytest.raises(ModelUnavailable, match="its server cannot be reached"):
        check_model("m")


def test_a_model_of_the_responses_api_at_a_server_of_chat_completions_is_told(made: Any, server: ModelServer) -> None:
    made(server.connection("openai:fake-1"))
    server.turns = [fails(404)]
    with pytest.raises(ModelRefused, match=r"status 404.*only takes 'openai-chat:NAME'"):
        check_model("m")


def test_a_probe_costs_nothing_and_sends_no_key(made: Any, server: ModelServer) -> None:
    made(server.connection())
    probe_model("m")
    assert server.seen == ["GET /v1/models"]
    server.turns = [fails(503)]
    with pytest.raises(ModelUnavailable, match="status 503"):
        probe_model("m")
    made(server.connection(host="http://127.0.0.1:9"))
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        probe_model("m")


def test_a_service_that_answers_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERACT_REMOTE_HOSTS", "127.0.0.1")
    with a_model_server() as server:
        connection = {"conn_type": "http", "host": server.url, "password": KEY}
        monkeypatch.setenv("AIRFLOW_CONN_S", json.dumps(connection))
        probe_model("s")
        assert server.seen == ["GET /runs/none?after=0"]
    with pytest.raises(ModelUnavailable, match="'s'"):
        probe_model("s")
    with pytest.raises(ModelRefused, match="connection 'nowhere'"):
        probe_model("nowhere")


def test_an_agent_is_answered_for_by_its_type() -> None:
    assert isinstance(find_agent(an_agent()), EmbeddedAnalyst)
    found = find_agent(an_agent(type="llm", connection="m", fallbacks=["m2", "m3"]))
    assert isinstance(found, LlmAgent)
    assert [source.connection for source in found.sources] == ["m", "m2", "m3"]
