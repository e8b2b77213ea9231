"""One POST: through proxies, with what servers do to it, and what is known when no answer comes."""

import base64
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from builders.chat_servers import ChatServer, breaks_off, chat_server, drips, resets, says, trusted
from interact.notifiers.posting import Address, Limits, Post, Reply, Unanswered, address_of

SHORT = Post(Limits(connect_seconds=1, answer_seconds=0.5))


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A server that takes everything."""
    with chat_server() as running:
        yield running


@contextmanager
def proxy(*, refuses: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Give the address of a proxy, which passes requests on or makes a tunnel, and the heads of what it gets."""
    heads: list[str] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def pipe(source: socket.socket, to: socket.socket) -> None:
        try:
            while content := source.recv(65_536):
                to.sendall(content)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65_536)
            heads.append(head.partition(b"\r\n\r\n")[0].decode())
            if refuses:
                client.sendall(b"HTTP/1.1 407 Sign in\r\n\r\n")
                return
            method, target, _ = heads[0].split("\r\n")[0].split(" ")
            host, _, port = target.removeprefix("http://").split("/")[0].partition(":")
            with socket.create_connection((host, int(port))) as beyond:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n") if method == "CONNECT" else beyond.sendall(head)
                back = threading.Thread(target=pipe, args=(beyond, client), daemon=True)
                back.start()
                pipe(client, beyond)
                back.join()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://ada:p%40ss@127.0.0.1:{listening.getsockname()[1]}", heads
    finally:
        listening.close()


def posted(url: str, body: bytes = b"{}", post: Post = SHORT, **how: str) -> Reply | Unanswered:
    """Post to an address."""
    address = address_of(url)
    assert address is not None
    return post.send(address, body, {"Content-Type": "application/json"}, **how)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hooks.slack.com/services/a", Address("hooks.slack.com", 443, True, "/services/a")),
        ("http://127.0.0.1:8080", Address("127.0.0.1", 8080, False, "/")),
        ("https://[::1]:8443/a?b=c%20d", Address("::1", 8443, True, "/a?b=c%20d")),
        ("HTTPS://Example.com/A", Address("example.com", 443, True, "/A")),
        ("https://example.com/a#b", Address("example.com", 443, True, "/a")),
        ("ftp://example.com", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https://user@example.com", None),
        ("https://user:key@example.com", None),
        ("https://example.com:port/", None),
        ("https://example.com:99999/", None),
        ("https://example.com/a b", None),
        ("https://example.com/\r\nX: y", None),
        ("https://exämple.com", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_an_address_is_read_once_and_refused_when_it_cannot_be_asked_for(url: str, address: Address | None) -> None:
    assert address_of(url) == address


def test_an_address_shows_its_host_alone() -> None:
    address = address_of("https://example.com/services/s3cr3t?sig=t0k3n")
    assert str(address) == "example.com"
    assert "s3cr3t" not in repr(address) and "t0k3n" not in repr(address)


def test_an_answer_comes_back_whole(server: ChatServer) -> None:
    server.acts = [says(418, "I am a teapot", X_Kind="porcelain")]
    got = posted(f"{server.url}/hook?a=b", b'{"a": 1}')
    assert isinstance(got, Reply)
    assert (got.status, got.text, got.is_whole, got.headers["x-kind"]) == (418, "I am a teapot", True, "porcelain")
    (asked,) = server.posted
    assert (asked.path, asked.content, asked.headers["content-length"]) == ("/hook?a=b", b'{"a": 1}', "8")
    assert asked.headers["user-agent"].startswith("interact/")


def test_an_endless_answer_is_read_up_to_a_limit(server: ChatServer) -> None:
    server.acts = [says(200, "x" * 3_000_000)]
    got = posted(server.url)
    assert isinstance(got, Reply)
    assert (len(got.text), got.is_whole) == (1_000_000, False)


def test_an_answer_that_breaks_off_is_not_whole(server: ChatServer) -> None:
    server.acts = [breaks_off(200, "x" * 100, after=30)]
    got = posted(server.url)
    assert isinstance(got, Reply)
    assert (got.status, got.text, got.is_whole) == (200, "x" * 30, False)


def test_no_server_takes_longer_than_it_may(server: ChatServer) -> None:
    server.acts = [drips]
    began = time.monotonic()
    assert posted(server.url) == Unanswered("it did not answer in time", had_left=True)
    assert 0.4 < time.monotonic() - began < 2


def test_a_message_that_was_cut_on_its_way_has_not_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def cut() -> None:
            client, _ = listening.accept()
            client.recv(1_000)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        threading.Thread(target=cut, daemon=True).start()
        got = posted(f"http://127.0.0.1:{listening.getsockname()[1]}", bytes(40_000_000))
    assert got == Unanswered("the connection was cut", had_left=False)


def test_a_server_that_takes_no_more_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        got = posted(f"http://127.0.0.1:{listening.getsockname()[1]}", bytes(40_000_000))
    assert got == Unanswered("it did not answer in time", had_left=False)


def test_a_server_that_cuts_every_connection_is_asked_once(server: ChatServer) -> None:
    server.acts = [resets] * 3
    assert posted(server.url) == Unanswered("the connection was cut", had_left=True)
    assert (server.connections, len(server.posted)) == (1, 1)


def test_a_proxy_makes_a_tunnel_and_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("SSL_CERT_FILE", trusted(authority, tmp_path))
    with chat_server(authority) as server, proxy() as (via, heads):
        got = posted(f"{server.url}/services/s3cr3t", post=Post(), proxy=via)
        assert isinstance(got, Reply)
        assert (got.text, len(server.taken)) == ("ok", 1)
    login = base64.b64encode(b"ada:p@ss").decode()
    assert heads[0].splitlines()[0].startswith("CONNECT 127.0.0.1:")
    assert f"Proxy-Authorization: Basic {login}" in heads[0]
    assert "s3cr3t" not in heads[0]
    assert "proxy-authorization" not in server.taken[0].headers


def test_a_proxy_that_the_environment_names_is_used(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as (via, heads):
        monkeypatch.setenv("http_proxy", via)
        assert isinstance(posted(f"{server.url}/hook?a=b", post=Post()), Reply)
        assert heads[0].splitlines()[0] == f"POST {server.url}/hook?a=b HTTP/1.1"
    assert len(server.taken) == 1


def test_a_host_that_needs_no_proxy_gets_none(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert posted(server.url) == Unanswered("nothing listens there", had_left=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert isinstance(posted(server.url), Reply)


def test_a_proxy_that_refuses_has_let_nothing_through(server: ChatServer) -> None:
    with proxy(refuses=True) as (via, _):
        got = posted(server.url.replace("http:", "https:"), proxy=via)
    assert got == Unanswered("the network or a proxy failed (OSError)", had_left=False)
    assert server.connections == 0


@pytest.mark.parametrize("via", ["socks5://127.0.0.1:9", "http://127.0.0.1:port", "http://"])
def test_a_proxy_that_is_none_is_told(server: ChatServer, via: str) -> None:
    got = posted(server.url, proxy=via)
    assert got == Unanswered("its proxy is no address as 'http://proxy.example.com:3128'", had_left=False)
    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://nowhere.invalid", f"https://{'x' * 70}.example.com", "http://a..example.com"])
def test_a_host_that_nobody_knows_is_told(url: str) -> None:
    assert posted(url) == Unanswered("its name is unknown", had_left=False)


def test_a_proxy_that_repeats_the_sign_in_does_not_get_it_told(server: ChatServer) -> None:
    login = base64.b64encode(b"ada:p@ss").decode()
    server.acts = [says(407, f"got Basic {login}")]
    with proxy() as (via, _):
        got = posted(server.url, proxy=via)
    assert isinstance(got, Reply) and got.text == "got Basic ***"
