"""What a form on a page sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from interact.errors import DefinitionRefused

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2_000


@dataclass(frozen=True)
class Fields:
    """The fields of a form, each with its values in their order; a field that was not sent has none."""

    sent: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        """Return a field's last value without blanks around it, with the line ends of here."""
        return self.all(name)[-1] if self.sent.get(name) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, as `text` does."""
        return tuple(value.replace("\r\n", "\n").strip() for value in self.sent.get(name, ()))

    def lines(self, name: str) -> tuple[str, ...]:
        """Return the lines of a field that hold something."""
        return tuple(line.strip() for line in self.text(name).split("\n") if line.strip())

    @property
    def version(self) -> int:
        """The version of what the form was made of; 0, which nothing has, where it says none."""
        text = self.text("version")
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def is_on(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return self.text(name) not in ("", "off")


async def fields(request: Request) -> Fields:
    """Return what a form sent; raises DefinitionRefused for what no form of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != FORM and (body or kind):
        raise DefinitionRefused(f"This takes the fields of a form ({FORM}), not {kind!r:.60}. Send it from its page.")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise DefinitionRefused(
            f"The form cannot be read: it takes UTF-8, and at most {MOST_FIELDS:,} fields. Send it from its page."
        ) from None
    sent: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        sent[name] = (*sent.get(name, ()), value)
    return Fields(sent)


FieldsDep = Annotated[Fields, Depends(fields)]
