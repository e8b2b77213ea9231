"""What a form of settings was refused for: at which field, in the words that the form has for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from interact.errors import FileRefused, InteractError, KeyTaken

_SUBJECT = re.compile(r"`(?P<key>[^`]*)` (?P<refused>is refused: )?")


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
    return Problems({field: _said(error.fact, labels.get(field, ""))})


def _said(fact: str, label: str) -> str:
    """Return a sentence that is written for files with the form's own word for the key that it begins with."""
    subject = _SUBJECT.match(fact)
    if subject is None or not label:
        return fact
    rest = fact[subject.end() :]
    return f"{rest[:1].upper()}{rest[1:]}" if subject["refused"] else f"“{label}” {rest}"
