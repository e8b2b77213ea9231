"""What a form of settings was refused for: at which field, in the words that the form has for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interact.errors import FileRefused, InteractError, KeyTaken

_SUBJECT = re.compile(r"(?:An? \w+|`(?P<key>[^`]*)`) (?P<refused>is refused: )?")


class Problems(dict[str, str]):
    """A sentence for each field that has one, "" for the others; that under "" is about the form as a whole."""

    def __missing__(self, field: str) -> str:
        """Return nothing for a field that is in order."""
        return ""


def problems_of(error: InteractError, labels: Mapping[str, str]) -> Problems:
    """Return what a refusal says, at the field that it means; `labels` are those of the form, by the fields' names."""
    if isinstance(error, KeyTaken):
        return Problems({"key": str(error)})
    if not isinstance(error, FileRefused):
        return Problems({"": str(error)})
    field = next((part for part in error.path if part in labels), "")
    return Problems({field: said(error.fact, f"“{labels[field]}”" if field else "")})


def said(fact: str, named: str) -> str:
    """Return a sentence that is written for files with a form's own word for the key that it begins with.

    `named` is that word; "" where the form has none.
    """
    subject = _SUBJECT.match(fact)
    if subject and subject["refused"]:
        rest = fact[subject.end() :]
        return f"{rest[:1].upper()}{rest[1:]}"
    return f"{named} {fact[subject.end() :]}" if subject and subject["key"] and named else fact
