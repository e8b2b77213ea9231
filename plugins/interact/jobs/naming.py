"""Names that never change: ids, and the DAG of a job."""

from __future__ import annotations

import random
import re
import unicodedata
from typing import Literal

Prefix = Literal["org", "agent", "job", "run", "chat", "result", "key", "channel", "notice", "delivery", "incident"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
KEY_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$"
QUESTIONS_DAG = "interact_ask"
"""The DAG of what is asked outside any job; no job's own can be called so, since that ends with four of its id."""
ID_PATTERN = r"^(?:org|agent|job|run|chat|result|key|channel|notice|delivery|incident)_[a-z0-9]{12}$"
_SLUG_LIMIT = 60


def new_id(prefix: Prefix, *, chance: random.Random | None = None) -> str:
    """Return a fresh id: the prefix and 12 of a-z and 0-9, unguessable unless `chance` is given."""
    chance = chance or random.SystemRandom()
    return f"{prefix}_" + "".join(chance.choices(ALPHABET, k=12))


def slug(name: str) -> str:
    """Return a name as `lower_case_words` of a-z and 0-9, at most 60 characters; "job" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_SLUG_LIMIT].strip("_") or "job"


def dag_id(name: str, job_id: str, *, private: bool) -> str:
    """Return the DAG id of a new job: readable, and private jobs tell nothing but that they are private."""
    return f"interact_{'private' if private else slug(name)}_{job_id[-4:]}"
