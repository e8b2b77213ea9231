"""The demo waits for the run that its data starts, shows what it rests on, and says in a sentence what did not come."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from interact.commands.demo import Demo, _save_comparison, _show, _started_by_data
from interact.commands.stack import StackFailed

LOAD = {
    "asset": "warehouse.ad_performance",
    "loadedAt": "2026-11-23T06:30:05+00:00",
    "dagId": "demo_warehouse_load",
    "late": False,
}


class Rest:
    """A REST API that answers with one thing after the other, the last for good."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def get(self, path: str) -> Any:
        """Answer."""
        assert path == "/api/agents/chats?jobId=job_1&limit=1"
        return {"chats": self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]}

    def fetch(self, path: str) -> bytes:
        """Return a PDF."""
        return b"%PDF " + path.encode()


def a_demo(*answers: Any, home: Path = Path("/srv/demo")) -> Demo:
    """A demo whose job that follows the data has these chats, one answer after the other."""
    stack = SimpleNamespace(check=lambda: None, at=SimpleNamespace(home=home))
    local, job = SimpleNamespace(stack=stack), SimpleNamespace(job_id="job_1")
    return Demo(local, lambda line: None, Rest(*answers), job, job)  # type: ignore[arg-type]


def a_chat(chat_id: str, initiator: str = "asset:warehouse.ad_performance", **changes: Any) -> dict[str, Any]:
    """A chat as the API shows it."""
    plain = {
        "id": chat_id,
        "initiator": initiator,
        "parameters": {},
        "job": {"name": "Campaign check"},
        "messages": [{"role": "user", "text": "Asked."}, {"role": "assistant", "text": "Answered."}],
        "documents": [],
        "data": [],
    }
    return plain | changes


def test_it_waits_for_a_chat_that_the_data_has_started_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interact.commands.demo.time.sleep", lambda seconds: None)
    earlier = a_chat("chat_1")
    demo = a_demo([earlier], [], [a_chat("chat_2", "user:admin")], [a_chat("chat_3")])
    assert _started_by_data(demo, earlier)["id"] == "chat_3"


def test_data_that_starts_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interact.commands.demo.WAIT_SECONDS", 0)
    with pytest.raises(StackFailed, match=r"did not start the job 'campaign-check' within 0 s\. The logs are under"):
        _started_by_data(a_demo([]), None)


def test_it_shows_each_answer_its_data_and_its_pdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported = a_chat("chat_1", parameters={"market": "NL"}, documents=[{"url": "/nl"}])
    saved = _show(a_demo([]), [reported, a_chat("chat_2", data=[LOAD])], tmp_path / "reports")
    (pdf,) = saved
    assert (pdf.name, pdf.read_bytes()) == ("weekly-campaign-performance-report-NL.pdf", b"%PDF /nl")
    told = capsys.readouterr().out
    assert "=== NL ===\nAnswered.\n\nPDF: " in told
    assert "=== Campaign check ===\nAnswered.\n" in told
    assert "warehouse.ad_performance, loaded 2026-11-23 06:30:05 UTC by demo_warehouse_load" in told


def test_it_saves_what_compares_the_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo = a_demo([])
    demo.rest.get = lambda path: {"documents": [{"kind": "html", "url": "/h"}, {"kind": "pdf", "url": path}]}
    _save_comparison(demo, "run_1", tmp_path)
    (file,) = tmp_path.iterdir()
    assert (file.name, file.read_bytes()) == (
        "weekly-campaign-performance-report-compared.pdf",
        b"%PDF /api/agents/runs/run_1",
    )
    assert str(file) in capsys.readouterr().out
    demo.rest.get = lambda path: {"documents": []}
    with pytest.raises(StackFailed, match="left nothing that compares its chats"):
        _save_comparison(demo, "run_1", tmp_path)
