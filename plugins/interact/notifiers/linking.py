"""The links of a message as whole addresses."""

from __future__ import annotations

from urllib.parse import quote

from interact.notices.sending import Envelope

LONGEST = 1_000
"""A longer address is left out: it would leave no room for what the message says."""


def links_of(envelope: Envelope) -> list[tuple[str, str]]:
    """Return label and address of each link that leads somewhere, with nothing in an address that ends it early."""
    whole = [(link.label, quote(f"{envelope.base_url}{link.path}", safe=_KEPT)) for link in envelope.notice.links]
    return [(label, url) for label, url in whole if url.startswith(("https://", "http://")) and len(url) <= LONGEST]


_KEPT = "%/:?#[]@!$&()*+,;=~-._'"
