"""A message of each kind, to look at before there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interact.jobs.definition import Organisation
from interact.notices.notice import Kind, Look, Notice

KIND_WORDS: Mapping[Kind, str] = {
    "completed": "Completed run",
    "partial": "Partly failed run",
    "failed": "Failed run",
    "skipped": "Missed times",
    "paused": "Schedule paused",
    "outage": "Outage",
    "recovered": "Outage over",
    "test": "Test message",
}
_RUN = {"job": "Weekly report", "about": "Market NL · 16 to 22 November 2026"}
_FIGURES = [
    {"label": "Spend", "value": "€12,480", "change": "+4.0% on the 7 days before"},
    {"label": "ROAS", "value": "2.41", "change": "−6.2% on the 7 days before", "tone": "bad"},
    {"label": "Conversions", "value": "1,204", "change": "+2.1% on the 7 days before", "tone": "good"},
]
_LINKS = [
    {"label": "Open the report", "path": "/interact/agents"},
    {"label": "Open the run", "path": "/interact/agents"},
]
_NEXT = "It runs again on Monday 30 November at 08:00 (Europe/Amsterdam)."
_SAID: Mapping[Kind, dict[str, Any]] = {
    "completed": {
        **_RUN,
        "level": "warning",
        "topics": ["completed_run", "anomaly"],
        "subject": "3 campaigns below ROAS 2: NL, week 47",
        "lead": "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.",
        "figures": _FIGURES,
        "highlights": [
            {"title": "Brand NL fell below 2", "text": "1.84, after 2.10 the week before.", "tone": "bad"},
            {"title": "Generic NL has the best CPA", "text": "€14.10, target €20.00.", "tone": "good"},
        ],
        "changes": [{"title": "ROAS 2.41, was 2.57 on 16 November"}],
        "then": _NEXT,
        "links": _LINKS,
    },
    "partial": {
        "job": "Weekly report",
        "about": "16 to 22 November 2026",
        "level": "warning",
        "topics": ["failed_run", "completed_run"],
        "subject": "2 of 3 markets: DE failed",
        "lead": "NL and BE are answered; DE is not.",
        "figures": _FIGURES[:2],
        "failures": [{"title": "DE", "text": "The query ran longer than 60 seconds and was stopped.", "tone": "bad"}],
        "then": f"The report holds NL and BE. {_NEXT}",
        "links": _LINKS[1:],
    },
    "failed": {
        **_RUN,
        "level": "error",
        "topics": ["failed_run"],
        "subject": "Weekly report failed: the question names a metric that is unknown",
        "lead": "No report was made of this run.",
        "failures": [{"title": "NL", "text": "'CTR' is no metric of this agent.", "tone": "bad"}],
        "then": f"Change the job's prompt, then run it again. {_NEXT}",
        "links": _LINKS[1:],
    },
    "skipped": {
        "job": "Hourly spend",
        "level": "warning",
        "topics": ["skipped_run"],
        "subject": "Hourly spend: 2 times did not run",
        "lead": "Two times of its schedule were missed since yesterday.",
        "failures": [
            {"title": "26 November 2026, 09:00 (Europe/Amsterdam)", "text": "The run before it was still in progress."},
            {"title": "26 November 2026, 10:00 (Europe/Amsterdam)", "text": "Airflow was down until 10:45."},
        ],
        "then": "Run it now from the job's page when a report is still wanted.",
        "links": [{"label": "Open the job", "path": "/interact/agents"}],
    },
    "paused": {
        "job": "Weekly report",
        "level": "error",
        "topics": ["failed_run"],
        "subject": "Weekly report is paused after 5 failed runs in a row",
        "lead": "Its schedule is switched off until somebody switches it on again.",
        "failures": [{"title": "The last one", "text": "'CTR' is no metric of this agent.", "tone": "bad"}],
        "then": "Change the job, then switch its schedule on at its page.",
        "links": [{"label": "Open the job", "path": "/interact/agents"}],
    },
    "outage": {
        "level": "error",
        "topics": ["failed_run"],
        "subject": "Outage: the warehouse 'marketing' cannot be reached",
        "lead": "Since 26 November 2026, 07:58 (Europe/Amsterdam), the warehouse 'marketing' cannot be reached.",
        "failures": [{"title": "Weekly report", "text": "The connection was refused.", "tone": "bad"}],
        "then": "Its jobs are not paused. When it is back you hear it.",
        "links": [],
    },
    "recovered": {
        "level": "info",
        "topics": ["failed_run"],
        "subject": "Over after 42 min: the warehouse 'marketing' answers again",
        "lead": "It was away for 42 min. 2 jobs failed by it.",
        "changes": [
            {"title": "Weekly report", "text": "Runs now for 26 November 2026, 08:00 (Europe/Amsterdam)."},
            {"title": "Hourly spend", "text": "It does not run again by itself: a newer run has completed."},
        ],
        "links": [],
    },
}


def example(kind: Kind, organisation: Organisation) -> Notice:
    """Return a message of a kind as this organisation would get it; its figures and names are made up."""
    if kind == "test":
        return a_test(organisation, channel="this channel", by="somebody")
    return Notice.model_validate({**_SAID[kind], "kind": kind, **_from(organisation)})


def a_test(organisation: Organisation, *, channel: str, by: str) -> Notice:
    """Return the message that somebody sends to see whether a channel works."""
    said = {
        "kind": "test",
        "level": "info",
        "topics": ["completed_run"],
        "subject": f"Test message to {channel}",
        "lead": f"{by} sent this to see whether it arrives. It has: nothing else is to be done.",
        "links": [{"label": "Open Interact", "path": "/interact/agents"}],
    }
    return Notice.model_validate({**said, **_from(organisation)})


def _from(organisation: Organisation) -> dict[str, Any]:
    colours = organisation.branding
    look = Look(primary=colours.primary, heading=colours.heading, highlight=colours.highlight)
    return {"organisation": organisation.name, "look": look}
