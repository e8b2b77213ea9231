"""Requests that may come twice: the header Idempotency-Key, and what it is compared by."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated

from fastapi import Header

from interact.jobs.rights import Caller
from interact.store.keys import KeyRecord
from interact.store.requests import Once

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        description="Any text of your own. The same one within 24 hours gets the first answer and starts nothing.",
    ),
]


def once(caller: Caller, key: str | None, *asked: object) -> Once | None:
    """Return what makes a request unique: whose it is, its key, and what it asks."""
    if key is None:
        return None
    mark = caller.key_id if isinstance(caller, KeyRecord) else f"{caller.organisation_id} {caller.initiator}"
    whole = json.dumps(asked, sort_keys=True, default=repr).encode()
    return Once(mark, key, hashlib.sha256(whole).hexdigest())
