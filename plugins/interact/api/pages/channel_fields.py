"""A channel's definition as the fields of its form, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from interact.api.channel_words import TYPE_WORDS
from interact.api.edits import CHANNEL_LABELS
from interact.api.pages.forms import Fields
from interact.api.pages.refusals import Problems, problems_of
from interact.errors import InteractError
from interact.jobs.channels import Channel, ChannelType
from interact.notices.hearing import TOPICS, Topic

TYPE_HINTS: dict[ChannelType, str] = {
    "email": (
        "Takes a connection of type smtp: host, port, login, password, and the sender as from_email in its extra. "
        "Microsoft 365 takes one of type msgraph instead, since it ends signing in by SMTP."
    ),
    "slack": (
        "Takes a connection of type slackwebhook, which posts to one room; or of type slack with a bot's token as its "
        "password, which posts to each room named below and can attach the PDF."
    ),
    "teams": (
        "Takes a connection whose password is the address that a Teams workflow gives you: in the Teams channel, "
        "Workflows, “Send webhook alerts to a channel”."
    ),
    "webhook": (
        "Takes a connection with the address as its host, as https://example.com/hook, and as its password a secret: "
        "whsec_ and the base64 of 24 to 64 bytes. Each message goes there as JSON, signed with that secret."
    ),
}
"""Which connection each type takes, and how to make it."""
TOPIC_HINTS: dict[Topic, str] = {
    "completed_run": "A report is there, or a part of it.",
    "failed_run": "A run or a part of it failed; an outage; a schedule that was paused; and when it works again.",
    "anomaly": "A report whose highlights warn of something.",
    "skipped_run": "Times of a schedule that were skipped or not run.",
}
_LEADING_TO = ("email", "slack")


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    name: str = ""
    key: str = ""
    type: str = "email"
    connection: str = ""
    recipients: str = ""
    level: str = "info"
    topics: tuple[str, ...] = TOPICS


def typed(fields: Fields) -> Typed:
    """Return what somebody has written."""
    return Typed(
        name=fields.text("name"),
        key=fields.text("key"),
        type=fields.text("type"),
        connection=fields.text("connection"),
        recipients=fields.text("recipients"),
        level=fields.text("level"),
        topics=fields.all("topics"),
    )


def typed_of(definition: Channel) -> Typed:
    """Return a channel's definition as its form shows it."""
    return Typed(
        name=definition.name,
        key=definition.key,
        type=definition.type,
        connection=definition.connection,
        recipients="\n".join(definition.recipients),
        level=definition.level,
        topics=definition.topics,
    )


def plain_of(form: Typed) -> dict[str, Any]:
    """Return what a form says, with keys and values as in a file.

    Recipients of a type that takes none are left out: their field is not shown with it.
    """
    plain: dict[str, Any] = {
        "name": form.name,
        "type": form.type,
        "connection": form.connection,
        "recipients": _lines(form.recipients) if form.type in _LEADING_TO else [],
        "level": form.level,
        "topics": [topic for topic in TOPICS if topic in form.topics],
    }
    return {**plain, "key": form.key} if form.key else plain


def lacking(form: Typed) -> Problems:
    """Return what is not filled in, in the form's own words."""
    problems = Problems()
    if form.type not in TYPE_WORDS:
        problems["type"] = "Choose how its messages go out."
    if not form.name:
        problems["name"] = "A channel needs a name: jobs are attached to it by that."
    if not form.connection:
        problems["connection"] = "A channel needs the id of an Airflow connection: secrets are kept there alone."
    if form.type == "email" and not _lines(form.recipients):
        problems["recipients"] = "Email needs an address. Write one a line."
    if not form.topics:
        problems["topics"] = "A channel that hears of nothing is told nothing. Choose one topic or more."
    return problems


def refused(error: InteractError) -> Problems:
    """Return what a refusal says, at its field."""
    return problems_of(error, CHANNEL_LABELS)


def _lines(text: str) -> list[str]:
    """Return recipients that stand one a line, or after a comma or a semicolon, as people paste them."""
    parts = text.replace(",", "\n").replace(";", "\n").split("\n")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
