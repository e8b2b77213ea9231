"""Send again what did not arrive, or was not to be sent, because a person says so."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from interact.store import channels, ledger
from interact.store.ledger import Addressee, Unaddressed
from interact.store.sessions import Session


def resend(session: Session, delivery_ids: Collection[str], *, by: str, now: datetime) -> int:
    """Let what failed, was held or is unknown be sent again as it was made, and return how many deliveries that is.

    `by` is as `user:NAME`. What was held for a channel as a whole goes to each of its recipients, and what no channel
    was there for by the organisation's first of that type. Delivered ones stay, and a second call finds nothing to do.
    Nothing is sent here: `deliver` does. Inside `writing` only.
    """
    count = 0
    for each in ledger.unaddressed(session, delivery_ids):
        if to := _addressees(session, each):
            count += ledger.readdress(session, each.delivery_id, to, by=by, now=now)
    return count + ledger.resend(session, delivery_ids, by=by, now=now)


def _addressees(session: Session, held: Unaddressed) -> list[Addressee]:
    """Return to whom it goes now; nobody when it can go as it is, or to nobody at all."""
    fitting = [
        channel
        for channel in channels.all_of(session, held.organisation_id)
        if channel.channel_id == held.channel_id
        or (not held.channel_id and channel.definition.type == held.channel_type)
    ]
    return [
        Addressee(channel.channel_id, channel.definition.key, channel.definition.type, recipient)
        for channel in fitting[:1]
        for recipient in ((held.recipient,) if held.recipient else channel.definition.recipients)
    ]
