"""Messages as channels would send them, to look at; nothing of this is sent."""

from __future__ import annotations

import json
from email.headerregistry import Address

from interact.api.example_notices import KIND_WORDS, example
from interact.jobs.channels import Channel
from interact.jobs.definition import Organisation
from interact.notices.notice import Kind, Notice
from interact.notices.sending import Envelope
from interact.notifiers import slack_blocks, teams_card, webhook
from interact.notifiers.mail_message import Letter, Writing, compose
from interact.runs.couriers import Enclosures
from interact.runs.desk import Desk

_SENDER = Address("", "interact", "example.com")
"""Stands for the address in the connection, which is not read here."""
_DELIVERY = "delivery_000000000000"


def letter_of(desk: Desk, notice: Notice, *, recipient: str, channel: str) -> Letter:
    """Return the mail that a notice makes; `channel` is the name that its foot says."""
    writing = Writing(_SENDER, channel, desk.settings.include_dir / "templates" / "messages")
    return compose(_envelope(desk, notice, recipient), writing)


def json_of(desk: Desk, notice: Notice, channel: Channel) -> str:
    """Return what goes to Slack, Teams or a webhook, as text for people."""
    envelope = _envelope(desk, notice, channel.recipients[0] if channel.recipients else "")
    made: object
    match channel.type:
        case "slack":
            made = slack_blocks.message_of(envelope)
        case "teams":
            made = json.loads(teams_card.message_of(envelope))
        case _:
            made = webhook.document_of(envelope)
    return json.dumps(made, ensure_ascii=False, indent=2)


def example_of(kind: str, organisation: Organisation) -> tuple[Kind, Notice]:
    """Return an example of a kind, that of a completed run where there is no such kind."""
    known: Kind = next((each for each in KIND_WORDS if each == kind), "completed")
    return known, example(known, organisation)


def _envelope(desk: Desk, notice: Notice, recipient: str) -> Envelope:
    enclosures = Enclosures(desk.files)
    fitted, _ = enclosures.fit(notice)
    return Envelope(fitted, recipient, _DELIVERY, desk.settings.base_url, enclosures.reader(fitted))
