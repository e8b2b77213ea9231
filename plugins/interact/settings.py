"""What can be set from outside, with defaults; read once where a process begins and handed on as a value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from interact.errors import SettingRefused

_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """The settings of one process. README's table says the same in words."""

    home: Path
    """INTERACT_HOME: folder for the SQLite store and local files; default `interact` in AIRFLOW_HOME."""
    database_url: str
    """INTERACT_DATABASE_URL: SQLAlchemy URL of the store; default SQLite in the home."""
    files_url: str
    """INTERACT_FILES_URL: where results and PDFs are kept; default `files` in the home."""
    include_dir: Path
    """INTERACT_INCLUDE_DIR: folder of templates and demo; default `include` beside `plugins`."""
    base_url: str
    """INTERACT_BASE_URL: where people reach Airflow; default AIRFLOW__API__BASE_URL, else http://localhost:8080."""
    pool: str
    """INTERACT_POOL: the Airflow pool that agent calls run in; default `interact`."""
    queue: str | None
    """INTERACT_QUEUE: the executor's queue for our tasks; default Airflow's own."""
    max_waiting_runs: int
    """INTERACT_MAX_WAITING_RUNS: runs of one job that may wait; default 16."""
    requests_per_minute: int = 600
    """INTERACT_REQUESTS_PER_MINUTE: how many requests a key may send to one process of the API server; default 600."""
    watch_minutes: int = 5
    """INTERACT_WATCH_MINUTES: how often the watch looks, 1 to 60; default 5."""
    heartbeat_url: str | None = field(default=None, repr=False)
    """INTERACT_HEARTBEAT_URL: called after each good watch; a secret, since who knows it can keep it alive."""
    remote_hosts: frozenset[str] = frozenset()
    """INTERACT_REMOTE_HOSTS: the only hosts that remote agents may call, `.example.com` for all below it."""


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that an environment gives; raises SettingRefused."""
    airflow_home = Path(environ.get("AIRFLOW_HOME") or Path.home() / "airflow")
    home = Path(environ.get("INTERACT_HOME") or airflow_home / "interact").absolute()
    base_url = environ.get("INTERACT_BASE_URL") or environ.get("AIRFLOW__API__BASE_URL") or "http://localhost:8080"
    return Settings(
        home=home,
        database_url=environ.get("INTERACT_DATABASE_URL") or f"sqlite:///{home / 'interact.db'}",
        files_url=environ.get("INTERACT_FILES_URL") or f"file://{home / 'files'}",
        include_dir=Path(environ.get("INTERACT_INCLUDE_DIR") or _REPOSITORY / "include").absolute(),
        base_url=base_url.rstrip("/"),
        pool=environ.get("INTERACT_POOL") or "interact",
        queue=environ.get("INTERACT_QUEUE") or None,
        max_waiting_runs=_count(environ, "INTERACT_MAX_WAITING_RUNS", default=16, most=10_000),
        requests_per_minute=_count(environ, "INTERACT_REQUESTS_PER_MINUTE", default=600, most=1_000_000),
        watch_minutes=_count(environ, "INTERACT_WATCH_MINUTES", default=5, most=60),
        heartbeat_url=_web_address(environ, "INTERACT_HEARTBEAT_URL"),
        remote_hosts=_hosts(environ, "INTERACT_REMOTE_HOSTS"),
    )


def _count(environ: Mapping[str, str], name: str, *, default: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise SettingRefused(f"{name} is {text!r}; it takes a whole number from 1 to {most:,}.")
    return int(text)


def _hosts(environ: Mapping[str, str], name: str) -> frozenset[str]:
    hosts = frozenset(each.strip().lower() for each in environ.get(name, "").split(",") if each.strip())
    if wrong := sorted(each for each in hosts if not _HOST.fullmatch(each) and not is_address(each)):
        raise SettingRefused(
            f"{name} names {wrong[0]!r}; it takes hosts with commas between them, such as "
            "'agents.example.com', '.example.com' for all below it, or '127.0.0.1'."
        )
    return hosts


def is_address(text: str) -> bool:
    """Return whether a text is an address of IPv4 or IPv6."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _web_address(environ: Mapping[str, str], name: str) -> str | None:
    address = environ.get(name)
    if not address:
        return None
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or not address.isascii() or any(letter.isspace() for letter in address):
        raise SettingRefused(f"{name} is no web address (it is not shown here: it is a secret). Write 'https://…'.")
    return address
