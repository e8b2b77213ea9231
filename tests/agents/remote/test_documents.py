"""docs/remote-agents.md and its OpenAPI file say what the code does; the service in it answers."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders.remote_reference import remote_openapi
from builders.remote_services import ANSWERED, FakeService, Notebook, asked, remote_service
from interact.agents.remote import asking, exchange, service

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "remote-agents.md").read_text(encoding="utf-8")


def test_the_openapi_file_is_that_of_the_code() -> None:
    told = "docs/remote-agent.openapi.json is not that of the code: run `make reference`."
    assert (DOCS / "remote-agent.openapi.json").read_text(encoding="utf-8") == remote_openapi(), told


def test_the_page_names_each_field_of_both_sides() -> None:
    for shape in (exchange.RunRequest, exchange.RunState, exchange.ClaimedResult):
        missing = [name for name in shape.model_fields if f"`{name}`" not in PAGE and f'"{name}"' not in PAGE]
        assert missing == [], f"{shape.__name__} has fields that docs/remote-agents.md does not name"


def test_the_page_names_the_limits_that_hold() -> None:
    assert f"One answer {service.ANSWER_BYTES // 1_000_000} MB, {service.Patience().answer_seconds} seconds" in PAGE
    assert f"{exchange.RESULTS} results of {exchange.ROWS:,} rows and {exchange.COLUMNS} columns" in PAGE
    assert f"{exchange.MESSAGES} messages" in PAGE
    assert (asking.FAILURES, asking.LONGEST_SECONDS, asking.LONGEST_ASKED_SECONDS) == (6, 5, 120)


def test_what_is_sent_fits_the_openapi_file() -> None:
    schema = json.loads(remote_openapi())["components"]["schemas"]["RunRequest"]
    with remote_service(ANSWERED) as running:
        asked(running)
    assert set(running.asked) == set(schema["properties"]) == set(schema["required"])


def test_the_service_on_the_page_answers(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(code.splitlines()) <= 50
    (tmp_path / "service.py").write_text(code)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(tmp_path / "service.py"), str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        try:
            _await(port)
            journal = Notebook()
            answer = asked(FakeService([], url=f"http://127.0.0.1:{port}"), journal)
        finally:
            running.kill()
    assert journal.said == ["I look at 2026-11-22."]
    assert answer.text == f"NL spent [[{journal.claimed[0].result_id}/0/spend]]."


def _await(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("The service on the page did not start.")
