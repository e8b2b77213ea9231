"""A real PostgreSQL of our own for a measurement, with the durability that a user's has."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def server(*databases: str) -> Iterator[str]:
    """Give the URL of a server on a free port of this machine, with these empty databases: add `/name` to it."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    somebody = another_user(folder)
    port = free_port()

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), *arguments], cwd=folder, check=True, capture_output=True, timeout=60, **somebody
        )

    data = ("-D", str(folder / "data"))
    try:
        call("initdb", *data, "-U", "interact", "--auth=trust", "--no-sync", "--no-locale", "-E", "UTF8")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c max_connections=300 -k {folder}"
        call("pg_ctl", "start", "-w", *data, "-l", str(folder / "log"), "-o", options)
        for name in databases:
            call("createdb", "-h", str(folder), "-p", str(port), "-U", "interact", name)
        yield f"postgresql+psycopg2://interact@127.0.0.1:{port}"
        call("pg_ctl", "stop", *data, "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def another_user(folder: Path) -> dict[str, Any]:
    """Give the folder to someone who is not root, which PostgreSQL refuses to be, and return how to run as them."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
