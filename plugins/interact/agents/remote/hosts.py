"""Whom a service's address may lead to, held to the machine that answers: a name can be turned to another one."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from interact.errors import AgentRefused, listed
from interact.settings import is_address

_METADATA = frozenset(
    ip_address(each) for each in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
"""Where clouds hand out credentials, beside the link-local 169.254.169.254."""
_WRAPPED = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))
"""IPv4 addresses as IPv6 networks reach them, in the last four bytes."""


def require_host(host: str, allowed: Collection[str]) -> None:
    """Raise AgentRefused for a host that the allow-list does not name; an empty one allows all."""
    if allowed and not any(_matches(host.lower().rstrip("."), each) for each in allowed):
        raise AgentRefused(
            f"Host {host!r:.260} is not among those that remote agents may call: INTERACT_REMOTE_HOSTS names "
            f"{listed(sorted(allowed))}. Add it there, or change the host of the agent's connection."
        )


def is_open(address: str, allowed: Collection[str]) -> bool:
    """Return whether a machine may be called: not this one, none of its link, none that gives credentials away.

    One that the allow-list names by its address may.
    """
    found = _plain(address)
    named = {_plain(each) for each in allowed if is_address(each)}
    closed = found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified
    return found in named or not (closed or found in _METADATA or str(found).startswith("0."))


def guarded_adapter(allowed: Collection[str]) -> HTTPAdapter:
    """Return what lets `requests` talk to machines that are open only; it tries nothing again."""

    def checked(sock: socket.socket) -> socket.socket:
        # The address that is looked at is the one that answers, whatever its name is turned to meanwhile.
        peer = str(sock.getpeername()[0])
        if is_open(peer, allowed):
            return sock
        sock.close()
        raise AgentRefused(
            f"The host of the agent's connection is {peer!r}: this machine, its own network link, or one that hands "
            "out credentials. Name another host, or add the address to INTERACT_REMOTE_HOSTS."
        )

    class _Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return checked(super()._new_conn())

    class _Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return checked(super()._new_conn())

    class _PlainPool(HTTPConnectionPool):
        ConnectionCls = _Plain

    class _SecurePool(HTTPSConnectionPool):
        ConnectionCls = _Secure

    adapter = HTTPAdapter(max_retries=0)
    adapter.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return adapter


def _matches(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Return an address, one of IPv4 that is wrapped in one of IPv6 as itself."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if inner := found.ipv4_mapped or found.sixtofour:
            return inner
        if found.teredo:
            return found.teredo[1]
        if any(found in each for each in _WRAPPED):
            return IPv4Address(int(found) & 0xFFFFFFFF)
    return found
