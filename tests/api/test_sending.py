"""What a page asks to send goes out in this process, and no page waits longer than it may."""

import time
from threading import BoundedSemaphore, Event
from typing import Any

import pytest

from interact.api import sending


def test_a_page_waits_for_the_servers_unless_too_many_wait_already(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, asked, nowhere = Event(), Event(), Any

    def hangs(*_: object, **__: object) -> None:
        asked.set()
        answered.wait(5)

    monkeypatch.setattr(sending, "deliver", hangs)
    monkeypatch.setattr(sending, "WAITING", BoundedSemaphore(1))
    began = time.monotonic()
    with sending.WAITING:
        assert sending.send_now(nowhere, ["notice_1"], seconds=5) is False  # type: ignore[arg-type]
    assert asked.wait(5) and time.monotonic() - began < 2
    answered.set()
    assert sending.send_now(nowhere, ["notice_1"], seconds=5) is True  # type: ignore[arg-type]
