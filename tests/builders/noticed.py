"""Notices, and those who would send them."""

from collections.abc import Mapping
from typing import Any

from interact.notices.notice import Notice
from interact.notices.sending import Envelope


def a_notice(**changes: Any) -> Notice:
    """What is said about a run of two markets."""
    plain: dict[str, Any] = {
        "kind": "completed",
        "level": "info",
        "topics": ["completed_run"],
        "subject": "3 campaigns below ROAS 2: NL, week 47",
        "lead": "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.",
        "organisation": "Norrland & Kaye",
        "job": "Weekly Campaign Performance Report",
        "about": "Market NL · 16 to 22 November 2026",
        "figures": [
            {"label": "Spend", "value": "€12,480", "change": "+4.0% on the 7 days before", "tone": "neutral"},
            {"label": "ROAS", "value": "2.41", "change": "−6.2% on the 7 days before", "tone": "bad"},
        ],
        "highlights": [{"title": "Brand NL fell below 2", "text": "1.84, after 2.10 the week before.", "tone": "bad"}],
        "changes": [{"title": "Generic NL is above target again", "text": "CPA €18.20, target €20.00."}],
        "links": [
            {"label": "Open the report", "path": "/interact/chats/chat_aaaaaaaaaaaa"},
            {"label": "Open the run", "path": "/interact/runs/run_aaaaaaaaaaaa"},
        ],
    }
    return Notice.model_validate(plain | changes)


def an_envelope(notice: Notice | None = None, *, files: Mapping[str, bytes] = {}, **changes: Any) -> Envelope:
    """That notice to the team; `files` holds what pictures and attachments are named by."""
    plain: dict[str, Any] = {
        "notice": notice or a_notice(),
        "recipient": "team@example.com",
        "delivery_id": "delivery_aaaaaaaaaaaa",
        "base_url": "https://airflow.example.com",
        "read": lambda sha256: files[sha256],
    }
    return Envelope(**(plain | changes))
