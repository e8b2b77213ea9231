"""Definition files in their shortest forms, and how a text is refused."""

import pytest

from interact.errors import FileRefused
from interact.jobs.files import read_documents

JOB = """\
kind: job
key: weekly
organisation: north
agent: analyst
name: Weekly
owner: ada
prompt: What did {{ market }} spend?
"""
ORGANISATION = "kind: organisation\nkey: north\nname: North\ntimezone: UTC\n"
AGENT = "kind: agent\nkey: analyst\norganisation: north\nname: Analyst\nwarehouse: w\nsemantic_model: model.yaml\n"
CHANNEL = """\
kind: channel
key: mail
organisation: north
name: Mail
type: email
connection: smtp
recipients: [team@example.com]
"""


def refusal(text: str) -> str:
    """Return the sentence that a text is refused with."""
    with pytest.raises(FileRefused, match=r"^jobs\.yaml") as refused:
        read_documents(text, "jobs.yaml")
    return str(refused.value)


def outcome(text: str) -> FileRefused | None:
    """Return how a text was refused; None when it was read."""
    try:
        read_documents(text, "jobs.yaml")
    except FileRefused as refused:
        return refused
    return None


def market(values: str) -> str:
    """Return a job with the parameter market, whose lines begin at 10."""
    return f"{JOB}parameters:\n  market:\n    {values}\n"
