"""Mails to look at: one of each kind, and some that strain the page."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from builders.noticed import an_envelope
from interact.notices.notice import Notice
from interact.notices.sending import Envelope
from interact.notifiers.mail_message import Letter, Writing, compose, from_address

FOLDER = Path(__file__).resolve().parents[2] / "include" / "templates" / "messages"
WORD = "Donaudampfschifffahrtsgesellschaft" * 6
RTL = "تقرير الأداء الأسبوعي 🚀"


def a_chart(width: int = 1152, height: int = 520) -> bytes:
    """A chart as PNG: bars on white."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for number, share in enumerate((0.4, 0.55, 0.5, 0.72, 0.61, 0.83, 0.78)):
        left = 80 + number * (width - 120) // 7
        draw.rectangle((left, height - 60 - share * (height - 120), left + 90, height - 60), fill="#0b6b57")
    draw.line((60, height - 60, width - 40, height - 60), fill="#888888", width=3)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


CHART = a_chart()
PDF = b"%PDF-1.7 " + b"x" * 90_000


def sha256(content: bytes) -> str:
    """What a file is named by."""
    return hashlib.sha256(content).hexdigest()


def a_file(content: bytes = PDF, name: str = "Weekly report NL.pdf") -> dict[str, Any]:
    """An attachment."""
    return {"name": name, "sha256": sha256(content), "bytes": len(content)}


def a_picture() -> dict[str, Any]:
    """The chart."""
    return {"sha256": sha256(CHART), "width": 1152, "height": 520, "alt": "Spend by day, Monday to Sunday, in euros"}


def a_letter(notice: Notice | None = None, *, channel: str = "Marketing team", **changes: Any) -> Letter:
    """The mail that a notice becomes."""
    return compose(an_enclosed(notice), a_writing(channel=channel, **changes))


def an_enclosed(notice: Notice | None = None, **changes: Any) -> Envelope:
    """A notice on its way, with the files that there are."""
    return an_envelope(notice, files={sha256(CHART): CHART, sha256(PDF): PDF}, **changes)


def a_writing(**changes: Any) -> Writing:
    """What is the same for all mails."""
    return Writing(
        **({"sender": from_address("reports@example.com"), "channel": "Marketing team", "folder": FOLDER} | changes)
    )


def remarks(
    count: int, title: str = "Campaign {n} is below ROAS 2", text: str = "1.{n}, after 2.{n}0."
) -> list[dict[str, Any]]:
    """Some highlights."""
    tones = ("bad", "warning", "good", "neutral")
    return [{"title": title.format(n=n), "text": text.format(n=n), "tone": tones[n % 4]} for n in range(count)]


FAILED = {"kind": "failed", "level": "error", "topics": ["failed_run"], "figures": [], "highlights": [], "changes": []}
NOTICES: dict[str, dict[str, Any]] = {
    "completed": {"chart": a_picture(), "files": [a_file()]},
    "short": {"figures": [], "highlights": [], "changes": [], "links": []},
    "long": {
        "figures": [
            {"label": f"Figure {n}", "value": f"€{n}2,480", "change": "+4.0% on the week before", "tone": "good"}
            for n in range(9)
        ],
        "highlights": remarks(20),
        "changes": remarks(12, "Change {n}", "It was so, and now it is otherwise. " * 5),
        "then": "The next run is on Monday 30 November at 08:00.\nNothing is to be done.",
        "chart": a_picture(),
        "files": [{**a_file(), "bytes": 12_400_000}],
    },
    "failed": FAILED
    | {
        "subject": "Weekly Campaign Performance Report failed: the warehouse does not answer",
        "lead": "No report was made for 16 to 22 November 2026.",
        "failures": [
            {
                "title": "The warehouse 'demo' does not answer",
                "text": "Nothing listens at the address of its connection.",
                "tone": "bad",
            }
        ],
        "then": "It is tried again at 09:00. If it goes on, ask those who keep the warehouse.",
    },
    "partial": {
        "kind": "partial",
        "level": "warning",
        "topics": ["failed_run", "completed_run"],
        "subject": "2 of 24 markets failed: weekly campaign report",
        "lead": "22 reports are made; NL and BE are missing.",
        "failures": [
            {"title": "Market NL", "text": "The agent ran into its limit of 120 seconds.", "tone": "bad"},
            {
                "title": "Market BE",
                "text": "The warehouse refused the query: column 'roas' does not exist.",
                "tone": "bad",
            },
        ],
        "then": "The two can be run again on the page of the run.",
    },
    "corrected": {"corrects": "The load of 22 November counted conversions of NL twice.", "chart": a_picture()},
    "straining": {
        "subject": f"{RTL} — {WORD}",
        "lead": WORD,
        "job": WORD,
        "organisation": RTL,
        "about": WORD,
        "figures": [{"label": WORD, "value": "€1,234,567,890.12", "change": WORD, "tone": "bad"} for _ in range(4)],
        "highlights": [
            {"title": WORD, "text": WORD, "tone": "bad"},
            {"title": RTL, "text": RTL + "\n<script>alert(1)</script> & more"},
        ],
        "links": [{"label": WORD, "path": "/interact"}, {"label": RTL, "path": "/interact/x"}],
        "look": {"primary": "#ffe94d", "heading": "#777777"},
    },
    "test": {
        "kind": "test",
        "subject": "Test message from Norrland & Kaye",
        "lead": "This channel works.",
        "job": "",
        "about": "",
        "figures": [],
        "highlights": [],
        "changes": [],
    },
}
