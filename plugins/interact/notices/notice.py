"""A notice: what is said about one event, whoever hears it. Stored as it was made, so that it can be sent again.

It holds plain text: no HTML, no Markdown, no markup of a chat. Text that people, models or warehouses wrote is escaped
by whoever makes a message of it, and cut there to what the channel takes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from interact.notices.hearing import Level, Topic

Kind = Literal["completed", "partial", "failed", "skipped", "paused", "outage", "recovered", "test"]
"""What happened: to a run (its verdict), to times of a schedule, to a job, or to what many jobs need."""
Tone = Literal["neutral", "good", "warning", "bad"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """A key figure as it is shown: `ROAS`, `2.41`, and how it changed, `+12.0% on the 7 days before`."""

    label: str
    value: str
    change: str = ""
    tone: Tone = "neutral"
    """Whether the change is good or bad."""


class Remark(_Part):
    """A highlight, a change or a failure: its gist, and what there is to say about it."""

    title: str
    text: str = ""
    tone: Tone = "neutral"


class Link(_Part):
    """Where to read on: a path below the public address, as `/interact/chats/chat_…`."""

    label: str
    path: str


class Picture(_Part):
    """A chart as PNG, in the store of files; `alt` says it in words. Sizes in pixels, drawn at twice what is shown."""

    sha256: Sha256
    width: int
    height: int
    alt: str


class Attachment(_Part):
    """A file that goes along where the channel takes files and the size allows; else its link is enough."""

    name: str
    sha256: Sha256
    bytes: int
    media_type: str = "application/pdf"


class Look(_Part):
    """Six-digit colours of the organisation's branding; "" for the default."""

    primary: str = ""
    heading: str = ""
    highlight: str = ""


class Notice(_Part):
    """One message about one event; `subject` and `lead` alone tell the outcome."""

    kind: Kind
    level: Level
    topics: tuple[Topic, ...] = Field(min_length=1)
    subject: str
    """`3 campaigns below ROAS 2: NL, week 47`."""
    lead: str
    """The first line: what came of it, in a sentence."""
    organisation: str
    """Its name."""
    job: str = ""
    """Its name; "" for what concerns several."""
    about: str = ""
    """Which run: its period, values and date, as `Market NL · 16 to 22 November 2026`."""
    figures: tuple[Figure, ...] = ()
    highlights: tuple[Remark, ...] = ()
    changes: tuple[Remark, ...] = ()
    """What changed since the last completed run."""
    failures: tuple[Remark, ...] = ()
    """Who failed, and why in plain words."""
    then: str = ""
    """What happens next, and what the reader can do."""
    links: tuple[Link, ...] = ()
    chart: Picture | None = None
    files: tuple[Attachment, ...] = ()
    corrects: str = ""
    """Why this one replaces an earlier one; "" when it does not."""
    look: Look = Look()
