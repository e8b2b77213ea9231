"""bin/bootstrap fetches only the uv it knows, from the index it is told, and does nothing twice."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "bin" / "bootstrap"
WHEEL = b"the bytes of a wheel"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module whose checkout is an empty folder."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    copy = tmp_path / "bin" / "bootstrap"
    copy.parent.mkdir()
    copy.write_bytes(SCRIPT.read_bytes())
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    loader = SourceFileLoader("bootstrap", str(copy))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bootstrap", loader))
    loader.exec_module(module)
    module.CACHE.mkdir()
    return module


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a package index that answers over HTTP, named by PIP_INDEX_URL; it has one wheel of uv."""
    folder = tmp_path / "index"
    (folder / "simple" / "uv").mkdir(parents=True)
    (folder / "files").mkdir()
    (folder / "files" / "uv-9-py3-none-any.whl").write_bytes(WHEEL)
    link = '<a href="../../files/uv-9-py3-none-any.whl#sha256=0&amp;x=1">uv-9-py3-none-any.whl</a>'
    (folder / "simple" / "uv" / "index.html").write_text(f"<html>{link}</html>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield folder
    server.shutdown()
    server.server_close()


def test_a_wheel_with_the_known_hash_is_taken(bootstrap: ModuleType, index: Path) -> None:
    assert bootstrap.download("uv-9-py3-none-any.whl", hashlib.sha256(WHEEL).hexdigest()) == WHEEL


def test_a_wheel_with_another_hash_is_refused(bootstrap: ModuleType, index: Path) -> None:
    with pytest.raises(bootstrap.Stopped, match="is not the file that this script knows; its SHA-256 differs"):
        bootstrap.download("uv-9-py3-none-any.whl", hashlib.sha256(b"something else").hexdigest())


def test_an_index_without_the_wheel_is_named(bootstrap: ModuleType, index: Path) -> None:
    with pytest.raises(bootstrap.Stopped, match=r"The package index http://127.0.0.1:\d+/simple/uv/ has no uv-8.whl"):
        bootstrap.download("uv-8.whl", "00")


def test_an_index_that_does_not_answer_is_named_without_its_password(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.time, "sleep", lambda _: None)
    with pytest.raises(bootstrap.Stopped, match=r"^http://127.0.0.1:9/uv/ cannot be read: .* Set PIP_INDEX_URL"):
        bootstrap.fetch("http://ann:secret@127.0.0.1:9/uv/")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "https://pypi.org/simple"),
        ({"PIP_INDEX_URL": "https://a.example/simple/"}, "https://a.example/simple"),
        ({"UV_INDEX_URL": "https://b.example", "PIP_INDEX_URL": "https://a.example"}, "https://b.example"),
        ({"UV_DEFAULT_INDEX": "ours=https://c.example", "UV_INDEX_URL": "https://b.example"}, "https://c.example"),
        ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": "https://a.example"}, "https://a.example"),
    ],
)
def test_the_index_is_the_one_that_uv_or_pip_are_told(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], expected: str
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert bootstrap.index_url() == expected


def test_uv_is_told_what_pip_is_told(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://a.example")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_CERT", "ours.pem")
    monkeypatch.setenv("VIRTUAL_ENV", "elsewhere")
    passed = bootstrap.environment()
    assert (passed["UV_DEFAULT_INDEX"], passed["SSL_CERT_FILE"]) == ("https://a.example", "ours.pem")
    assert passed["UV_PYTHON_DOWNLOADS"] == "never"
    assert "VIRTUAL_ENV" not in passed


def test_a_user_and_password_in_the_url_become_a_header(bootstrap: ModuleType) -> None:
    request = bootstrap.request_for("https://ann:p%40ss@mirror.example/simple/uv/")
    assert request.full_url == "https://mirror.example/simple/uv/"
    assert request.get_header("Authorization") == "Basic YW5uOnBAc3M="


def test_a_venv_that_is_up_to_date_is_left_alone(bootstrap: ModuleType) -> None:
    stamped = stamp(bootstrap, ["requirements.txt", "requirements-dev.txt"])
    bootstrap.fill_venv(with_tests=False)
    bootstrap.fill_venv(with_tests=True)
    assert bootstrap.STAMP.read_text() == stamped


@pytest.mark.parametrize("changed", ["requirements.txt", "requirements-dev.txt", "pyproject.toml", "bin/bootstrap"])
def test_what_changed_since_is_brought_up_to_date_without_losing_the_tests(bootstrap: ModuleType, changed: str) -> None:
    stamp(bootstrap, ["requirements.txt", "requirements-dev.txt"])
    with (bootstrap.ROOT / changed).open("a") as file:
        file.write("# changed")
    calls = record_uv(bootstrap)
    bootstrap.fill_venv(with_tests=False)
    assert [call[1:3] for call in calls] == [["pip", "sync"], ["pip", "install"]]
    assert calls[0][-2:] == ["requirements.txt", "requirements-dev.txt"]


def test_an_install_that_was_killed_is_made_anew(bootstrap: ModuleType) -> None:
    calls = record_uv(bootstrap)
    bootstrap.fill_venv(with_tests=False)
    assert calls[0][1:3] == ["venv", "--clear"]
    assert calls[1][-1] == "requirements.txt"
    assert json.loads(bootstrap.STAMP.read_text()).keys() == {
        "place", "requirements.txt", "pyproject.toml", "bin/bootstrap",
    }  # fmt: skip


def test_a_step_that_fails_leaves_no_stamp_and_shows_the_end_of_its_log(bootstrap: ModuleType) -> None:
    stamp(bootstrap, ["requirements.txt"])
    (bootstrap.ROOT / "requirements.txt").write_text("changed")
    uv = bootstrap.CACHE / f"uv-{bootstrap.UV}" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho no such package >&2\nexit 2\n")
    uv.chmod(0o755)
    with pytest.raises(
        bootstrap.Stopped, match=r"(?s)uv failed; .cache/bootstrap-uv.log .* ends with:\n  no such package"
    ):
        bootstrap.fill_venv(with_tests=False)
    assert not bootstrap.STAMP.exists()


def test_without_rights_the_missing_packages_and_the_command_are_named(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(bootstrap.Stopped, match=r"may not install them; as root: apt-get install chromium postgresql$"):
        bootstrap.way_to_root(["chromium", "postgresql"])


def test_another_python_is_refused_in_one_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert bootstrap.main([]) == 1
    assert "Interact runs on 3.11, 3.12 and 3.13" in capsys.readouterr().err


def test_a_wrong_argument_is_answered_with_the_right_ones() -> None:
    ended = subprocess.run([sys.executable, SCRIPT, "--help-me"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "Usage: bin/bootstrap [--with-tests]\n")


def test_a_second_call_waits_for_the_first(bootstrap: ModuleType) -> None:
    script = bootstrap.ROOT / "bin" / "bootstrap"
    with bootstrap.only_one_at_a_time():
        second = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert second.stdout.readline() == "Waiting for another bin/bootstrap in this folder …\n"
        assert second.poll() is None
        stamp(bootstrap, ["requirements.txt"])
    assert second.communicate(timeout=20)[0] == ""
    assert second.returncode == 0


def stamp(bootstrap: ModuleType, locks: list[str]) -> str:
    """Write and return what a finished install leaves."""
    bootstrap.VENV.mkdir(exist_ok=True)
    text = json.dumps(bootstrap.describe([*locks, "pyproject.toml", "bin/bootstrap"]))
    bootstrap.STAMP.write_text(text)
    return text


def record_uv(bootstrap: ModuleType) -> list[list[str]]:
    """Put a uv in place that only notes how it is called, in a list that is returned."""
    calls: list[list[str]] = []

    def run(command: list[str], *, log: str) -> None:
        assert log == "uv"
        bootstrap.VENV.mkdir(exist_ok=True)
        calls.append(command)

    bootstrap.run = run
    bootstrap.fetched_uv = lambda: "uv"
    return calls
