"""The heartbeat: heard or not heard, in time, and its address in no log."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from interact.runs.heartbeat import beat

SECRET = "ping/5up3r-secret"
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a server that answers so, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    serving = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{running.server_port}/{SECRET}", asked
    running.shutdown()
    running.server_close()


def answers(status: int, **headers: str) -> Answer:
    """Answer with a status and headers."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": "0"} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def drips(handler: BaseHTTPRequestHandler) -> None:
    """Send a header's letters one by one, each in time, and never come to the end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(40):
        time.sleep(0.05)
        handler.wfile.write(b"x")


def test_an_answer_of_2xx_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    with server(answers(204)) as (address, asked), caplog.at_level(logging.DEBUG):
        assert beat(address)
    assert asked == [f"/{SECRET}"] and caplog.text == ""


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_answer_that_is_none_is_a_warning_without_the_address(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with server(answers(status)) as (address, _):
        assert not beat(address)
    assert f"it was answered with {status}" in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize("target", ["/elsewhere", "file:///etc/passwd", "http://169.254.169.254/latest/meta-data"])
def test_no_redirect_is_followed(target: str, caplog: pytest.LogCaptureFixture) -> None:
    with server(answers(302, Location=target)) as (address, asked):
        assert not beat(address)
    assert asked == [f"/{SECRET}"]
    assert "it was answered with 302" in caplog.text and SECRET not in caplog.text


def test_a_server_that_only_drips_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    with server(drips) as (address, _):
        began = time.monotonic()
        assert not beat(address, seconds=0.3)
        assert time.monotonic() - began < 1
    assert "no answer in time" in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/" + SECRET, f"http://127.0.0.1:1/{SECRET}\r\nX: y"])
def test_nobody_there_is_a_warning_of_its_kind(address: str, caplog: pytest.LogCaptureFixture) -> None:
    assert not beat(address)
    assert "The heartbeat was not heard: " in caplog.text and SECRET not in caplog.text


def test_a_server_that_speaks_something_else_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with server(lambda handler: handler.wfile.write(b"\x00\xff garbage " + SECRET.encode())) as (address, _):  # type: ignore[arg-type,return-value]
        assert not beat(address)
    assert "BadStatusLine" in caplog.text and SECRET not in caplog.text
