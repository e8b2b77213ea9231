"""A service may be anywhere but on this machine, on its own link, and where clouds hand out credentials."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from builders.chat_servers import trusted
from builders.remote_services import FakeService, asked, remote_service
from interact.agents.remote.hosts import is_open, require_host
from interact.agents.unanswered import ModelUnavailable
from interact.errors import AgentRefused


@pytest.fixture
def service() -> Iterator[FakeService]:
    with remote_service() as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "64:ff9b:1::a9fe:a9fe",
        "2001:0:1:1:1:1:8000:5601",
        "2001:0:1:1:1:1:5601:5601",
        "::127.0.0.1",
        "168.63.129.16",
    ],
)
def test_what_is_closed_opens_only_by_its_own_address(address: str) -> None:
    assert not is_open(address, ())
    assert not is_open(address, {".example.com", "localhost"})
    assert is_open(address, {address})


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "93.184.216.34", "2606:2800:220:1::1", "fd12::1"])
def test_machines_in_the_same_company_and_on_the_internet_are_open(address: str) -> None:
    assert is_open(address, ())


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("agents.example.com", {"agents.example.com"}), ("A.Example.com.", {".example.com"}), ("any.where", set())],
)
def test_a_host_that_the_setting_names_is_called(host: str, allowed: set[str]) -> None:
    require_host(host, allowed)


@pytest.mark.parametrize("host", ["example.com", "badexample.com", "a.example.com.evil.org", "127.0.0.1"])
def test_a_host_that_the_setting_does_not_name_is_not_called(host: str) -> None:
    with pytest.raises(AgentRefused, match=r"INTERACT_REMOTE_HOSTS names '\.example\.com'\. Add it there"):
        require_host(host, {".example.com"})


def test_this_machine_is_not_called_unless_it_is_named(service: FakeService) -> None:
    with pytest.raises(AgentRefused, match=r"is '127\.0\.0\.1': this machine, .* add the address to INTERACT_REMOTE"):
        asked(service, hosts=())
    assert service.calls == []


def test_a_name_that_is_turned_to_this_machine_is_not_called(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(service.url.split(":")[2].split("/")[0])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    service.url = service.url.replace("127.0.0.1", "agents.example.com")
    with pytest.raises(AgentRefused, match=r"is '127\.0\.0\.1'"):
        asked(service, hosts={".example.com"})
    assert service.calls == []


def test_proxies_and_logins_of_the_surroundings_are_left_alone(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert asked(service, login={}).model == "their-model-1"
    assert "authorization" not in service.calls[0].headers


def test_a_certificate_is_held_to_those_that_this_machine_trusts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    with remote_service(authority=authority) as service:
        with pytest.raises(ModelUnavailable, match="has no certificate that is trusted here"):
            asked(service)
        assert service.calls == []
        monkeypatch.setenv("SSL_CERT_FILE", trusted(authority, tmp_path))
        assert asked(service).model == "their-model-1"


def test_nobody_there_is_away() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ModelUnavailable, match=r"at '127\.0\.0\.1' cannot be reached\. Run this again later\."):
        asked(FakeService([], url=f"http://127.0.0.1:{port}"))
