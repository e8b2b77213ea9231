"""Outages: what many jobs need and is away. One notice when it begins, however many fail by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from interact.chats.record import Run
from interact.chats.status import ChatStatus
from interact.jobs.stored import Snapshot, StoredOrganisation
from interact.notices.states import DeliveryState
from interact.runs import outage_words
from interact.runs.desk import Desk
from interact.runs.earlier import REPLACED
from interact.runs.hearers import elsewhere
from interact.store import channels, chats, incidents, ledger, organisations
from interact.store.incidents import Incident
from interact.store.ledger import Addressee, NewNotice
from interact.store.sessions import Session
from interact.store.told import hold_pending

Server = tuple[str, str]
"""An organisation's id, and the id of the Airflow connection by which its channels reach a mail or chat server."""


def join(
    session: Session,
    run: Run,
    snapshot: Snapshot,
    outages: Collection[str],
    to: Iterable[Addressee],
    now: datetime,
) -> str:
    """Note that a run failed by what was away, and return the id of the incident's notice; inside `writing` only.

    `outages` are those of its attempts, as `warehouse:CONNECTION`; one is enough to be told of. The incident has one
    notice, which whoever is in `to` and has not had it yet gets.
    """
    failed = [chat for chat in chats.of_run(session, run.run_id) if chat.status is ChatStatus.FAILED]
    told = next((chat.reason for chat in failed if chat.reason), "No reason was recorded.")
    at = min((chat.ended_at for chat in failed if chat.ended_at), default=now)
    incident = incidents.open_or_join(session, run.organisation_id, min(outages), told=told, at=at)
    incidents.join_run(session, run.run_id, incident.incident_id)
    content = outage_words.began(incident, snapshot.organisation, snapshot.job.definition, run.run_id)
    new = NewNotice(began_of(incident), incident.organisation_id, content)
    return ledger.keep(session, new, _once(session, incident, to), now=now)


def after_sending(desk: Desk, away: Mapping[Server, str], reached: Collection[Server]) -> None:
    """Keep what a delivery found out about mail and chat servers: which were away, with their words, and which took it.

    An outage of one is told by channels of other connections; where there are none it is kept all the same.
    """
    if not away and not reached:
        return
    with desk.store.reading() as session:
        known = {(each.organisation_id, each.subject) for each in incidents.still_open(session)}
    back = [server for server in reached if (server[0], _subject(server)) in known]
    gone = {server: told for server, told in away.items() if server not in reached}
    if not back and not gone:
        return
    with desk.store.writing() as session:
        for server in sorted(back):
            incident = incidents.open_among(session, server[0], _subject(server))
            if incident:
                end(session, incident, now=desk.now())
        for server, told in sorted(gone.items()):
            _cut_off(session, server, told, now=desk.now())


def end(
    session: Session,
    incident: Incident,
    fates: Sequence[outage_words.Fate] = (),
    *,
    is_wanted: bool = True,
    now: datetime,
) -> bool:
    """End an incident, and say so to those who were told of it; False when that is done already."""
    organisation = organisations.by_id(session, incident.organisation_id)
    if organisation is None or not incidents.end(session, incident.incident_id, at=now):
        return False
    content = outage_words.ended(replace(incident, ended_at=now), organisation, fates, is_wanted=is_wanted)
    new = NewNotice(f"{incident.incident_id}:ended", incident.organisation_id, content)
    told = _told(session, incident)
    if told:
        hold_pending(session, {each.notice_id for each in told}, why=REPLACED, at=now)
        ledger.keep(session, new, [_as_addressee(each) for each in told], now=now)
    return True


def began_of(incident: Incident) -> str:
    """Return the occasion of an incident's first notice."""
    return f"{incident.incident_id}:began"


def _cut_off(session: Session, server: Server, told: str, *, now: datetime) -> None:
    organisation = organisations.by_id(session, server[0])
    if organisation is None:
        return
    incident = incidents.open_or_join(session, server[0], _subject(server), told=told, at=now)
    content = outage_words.cut_off(incident, organisation, _by_connection(session, organisation, server[1]))
    to = elsewhere(session, organisation, content, connection=server[1])
    if to:
        ledger.keep(session, NewNotice(began_of(incident), server[0], content), to, now=now)


def _by_connection(session: Session, organisation: StoredOrganisation, connection: str) -> list[str]:
    ours = channels.all_of(session, organisation.organisation_id)
    return [each.definition.key for each in ours if each.definition.connection == connection]


def _once(session: Session, incident: Incident, to: Iterable[Addressee]) -> list[Addressee]:
    """Return addressees, those held whose mail address hears of this incident by another channel."""
    heard = {each.recipient.lower(): each for each in _told(session, incident) if each.channel_type == "email"}
    found: list[Addressee] = []
    for each in to:
        by = heard.get(each.recipient.lower()) if each.channel_type == "email" and not each.held else None
        is_again = by is not None and by.channel_id != each.channel_id
        told = f"Channel {by.channel_key!r} tells this place already." if by and is_again else each.held
        found.append(replace(each, held=told))
    return found


def _told(session: Session, incident: Incident) -> list[ledger.Delivery]:
    notice = ledger.by_occasion(session, began_of(incident))
    sent = ledger.deliveries(session, [notice.notice_id]) if notice else []
    return [each for each in sent if each.state is not DeliveryState.HELD]


def _as_addressee(sent: ledger.Delivery) -> Addressee:
    return Addressee(sent.channel_id, sent.channel_key, sent.channel_type, sent.recipient)


def _subject(server: Server) -> str:
    return f"channel:{server[1]}"
