"""A model's server on loopback that speaks as OpenAI's and Anthropic's do, from a script, and misbehaves on demand."""

import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-very-secret-0123456789"


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def returns(self) -> list[str]:
        """What tools gave so far, as text, oldest first."""
        if "input" in self.body:
            return [each["output"] for each in self.body["input"] if each.get("type") == "function_call_output"]
        found = []
        for message in self.body["messages"]:
            if message["role"] == "tool":
                found.append(_text(message["content"]))
            elif isinstance(message["content"], list):
                found += [_text(p["content"]) for p in message["content"] if p.get("type") == "tool_result"]
        return found

    @property
    def result(self) -> dict[str, Any]:
        """The last of them that is a result."""
        given = [json.loads(each) for each in self.returns if '"result_id"' in each]
        found: dict[str, Any] = given[-1]
        return found

    @property
    def instructions(self) -> str:
        """What the model is told beforehand."""
        if "instructions" in self.body:
            return str(self.body["instructions"])
        if "system" in self.body:
            return _text(self.body["system"])
        return "\n".join(_text(m["content"]) for m in self.body["messages"] if m["role"] in ("system", "developer"))

    @property
    def tools(self) -> list[str]:
        """The names of the tools that it may call."""
        return [tool.get("function", tool)["name"] for tool in self.body.get("tools", [])]


@dataclass(frozen=True)
class Says:
    """What the model answers: words, and calls as (tool, arguments)."""

    text: str = ""
    calls: Sequence[tuple[str, Any]] = ()
    tokens: tuple[int, int] = (100, 20)
    """Read and written."""


Act = Callable[["Handler"], None]
Turn = Says | Act | Callable[[Asked], Says]
"""What is said, what is done to the connection, or what follows from the request."""


@dataclass
class ModelServer:
    """A server and its script; after the script's last turn it goes on with that one."""

    url: str = ""
    turns: list[Turn] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """Method and path of all that came."""
    closing: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def openai(self) -> str:
        """The base URL for OpenAI's wire format."""
        return f"{self.url}/v1"

    def connection(self, model: str = "openai-chat:fake-1", **more: Any) -> str:
        """Return the Airflow connection to it, as JSON."""
        host = self.url if model.startswith("anthropic:") else self.openai
        plain = {"conn_type": "pydanticai", "host": host, "password": KEY, "extra": {"model": model}}
        return json.dumps(plain | more)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server_of: ModelServer
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # One packet an answer: two would wait for each other.

    def do_GET(self) -> None:
        """List the models; a script that begins with an act does that instead."""
        self.server_of.seen.append(f"GET {self.path}")
        if self.server_of.turns and _is_act(self.server_of.turns[0]):
            self.server_of.turns[0](self)  # type: ignore[operator, call-arg, arg-type]
        else:
            self.say(200, {"data": []})

    def do_POST(self) -> None:
        """Read it and take the script's next turn."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.asked = Asked(self.path, named, json.loads(content))
        server = self.server_of
        server.seen.append(f"POST {self.path}")
        turn = server.turns.pop(0) if len(server.turns) > 1 else server.turns[0]
        server.asked.append(self.asked)
        if isinstance(turn, Says):
            self.answer(turn)
        elif _is_act(turn):
            turn(self)  # type: ignore[arg-type]
        else:
            self.answer(turn(self.asked))  # type: ignore[arg-type]

    def answer(self, says: Says | None) -> None:
        """Send an answer in the format of the path."""
        if says is None:
            return
        forms = {"messages": self.anthropic, "responses": self.newer_openai, "completions": self.openai}
        self.say(200, forms[self.path.rpartition("/")[2]](says))

    def openai(self, says: Says) -> dict[str, Any]:
        """Return an answer of chat completions."""
        calls = [
            {
                "id": f"call_{next(self.server_of.numbers)}",
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for name, arguments in says.calls
        ]
        message = {"role": "assistant", "content": says.text or None, **({"tool_calls": calls} if calls else {})}
        read, written = says.tokens
        return {
            "id": f"chatcmpl-{next(self.server_of.numbers)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": self.asked.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }

    def newer_openai(self, says: Says) -> dict[str, Any]:
        """Return an answer of the Responses API."""
        number = next(self.server_of.numbers)
        words = {"type": "output_text", "text": says.text, "annotations": []}
        told = {
            "type": "message",
            "id": f"msg_{number}",
            "role": "assistant",
            "status": "completed",
            "content": [words],
        }
        calls = [
            {
                "type": "function_call",
                "id": f"fc_{number}_{place}",
                "call_id": f"call_{number}_{place}",
                "name": name,
                "arguments": _as_json(arguments),
                "status": "completed",
            }
            for place, (name, arguments) in enumerate(says.calls)
        ]
        read, written = says.tokens
        return {
            "id": f"resp_{number}",
            "object": "response",
            "created_at": 1_700_000_000,
            "model": self.asked.body["model"],
            "status": "completed",
            "output": [*([told] if says.text else []), *calls],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": read,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": written,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": read + written,
            },
        }

    def anthropic(self, says: Says) -> dict[str, Any]:
        """Return an answer of the Messages API."""
        calls = [
            {"type": "tool_use", "id": f"toolu_{next(self.server_of.numbers)}", "name": name, "input": arguments}
            for name, arguments in says.calls
        ]
        return {
            "id": f"msg_{next(self.server_of.numbers)}",
            "type": "message",
            "role": "assistant",
            "model": self.asked.body["model"],
            "content": [*([{"type": "text", "text": says.text}] if says.text else []), *calls],
            "stop_reason": "tool_use" if calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": says.tokens[0], "output_tokens": says.tokens[1]},
        }

    def say(self, status: int, content: Any, **headers: str) -> None:
        """Send a whole answer; `Retry_After="…"` is a header."""
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content_Type": "application/json", "Content_Length": str(len(sent))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def acts(act: Act) -> Act:
    """Mark a function as one that is done to the connection."""
    act.is_act = True  # type: ignore[attr-defined]
    return act


def _is_act(turn: object) -> bool:
    return getattr(turn, "is_act", False)


def says(text: str, **more: Any) -> Says:
    """Answer with words."""
    return Says(text, **more)


def calls(tool: str, text: str = "", **arguments: Any) -> Says:
    """Call one tool."""
    return Says(text, [(tool, arguments)])


def fails(status: int, content: Any = None, **headers: str) -> Act:
    """Answer with an error."""
    told = {"error": {"message": f"Odd. Your key {KEY} was seen.", "type": "odd"}} if content is None else content
    return acts(lambda handler: handler.say(status, told, **headers))


@acts
def hangs(handler: Handler) -> None:
    """Never answer."""
    handler.server_of.closing.wait(30)


@acts
def breaks_off(handler: Handler) -> None:
    """Send half of an answer, and close the connection."""
    content = json.dumps(handler.openai(Says("Spend was high."))).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


@acts
def resets(handler: Handler) -> None:
    """Cut the connection, so that the other side sees a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


@contextmanager
def a_model_server(*turns: Turn) -> Iterator[ModelServer]:
    """Run a server that follows a script."""
    server = ModelServer(turns=list(turns) or [Says("Done.")])
    handler = type("Bound", (Handler,), {"server_of": server})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    listening.daemon_threads = True
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        listening.shutdown()
        listening.server_close()


def _as_json(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [])
