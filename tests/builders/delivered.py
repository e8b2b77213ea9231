"""A ledger with notices to deliver, and ways to channels that answer as they are told."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from builders.noticed import a_notice
from builders.saved import NOW, a_channel, an_organisation
from builders.timed import Clock, TimedDesk
from interact import settings
from interact.jobs.stored import StoredChannel
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notices.states import DeliveryState
from interact.store import channels, ledger, organisations
from interact.store.files import Files
from interact.store.ledger import Addressee, Delivery, NewNotice
from interact.store.sessions import Store

TEAM, ADA, BEN = "team@example.com", "ada@example.com", "ben@example.com"
MANY = tuple(f"reader{number}@example.com" for number in range(25))
ACCEPTED = Answer(Outcome.DELIVERED, "250 Ok: queued as 1", "1")
REFUSED = Answer(Outcome.REFUSED, "550 no such user")
BUSY = Answer(Outcome.NOT_NOW, "450 try later")
AWAY = Answer(Outcome.NOT_NOW, "Connection refused.", is_away=True)
LOST = Answer(Outcome.UNKNOWN, "The connection was cut after the message; it may have arrived.")
Reply = Callable[[Envelope], Answer]


def one_after_another(*answers: Answer) -> Reply:
    """Answer each time with the next of these, and from then on with the last."""
    numbers = count()
    return lambda _: answers[min(next(numbers), len(answers) - 1)]


def to(answers: dict[str, Answer]) -> Reply:
    """Answer by the recipient; whoever is not named accepts."""
    return lambda envelope: answers.get(envelope.recipient, ACCEPTED)


@dataclass
class Ways:
    """Ways to channels by their keys: each answers by a function of the envelope, or accepts everything."""

    answers: Mapping[str, Reply] = field(default_factory=dict)
    sent: list[tuple[str, Envelope]] = field(default_factory=list)
    """What was sent, with the channel's key."""
    opened: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def open(self, channel: StoredChannel) -> Iterator[Sender]:
        """Open a way."""
        self.opened.append(channel.definition.key)
        yield _Way(self, channel.definition.key)

    def note(self, key: str, envelope: Envelope) -> None:
        """Keep what is being sent."""
        with self._lock:
            self.sent.append((key, envelope))

    @property
    def recipients(self) -> list[str]:
        """To whom something was sent, in order."""
        return [envelope.recipient for _, envelope in self.sent]


@dataclass
class _Way:
    ways: Ways
    key: str

    def send(self, envelope: Envelope) -> Answer:
        """Keep it, and answer."""
        self.ways.note(self.key, envelope)
        return self.ways.answers.get(self.key, lambda _: ACCEPTED)(envelope)


@dataclass
class Kept:
    """A desk whose clock a test moves, and what is in its ledger."""

    desk: TimedDesk
    organisation_id: str

    def channel(self, key: str = "mail", **changes: Any) -> StoredChannel:
        """Save a channel."""
        with self.desk.store.writing() as session:
            return channels.save(session, a_channel(**{"key": key, "connection": key} | changes), now=NOW)[0]

    def tell(self, to: Mapping[str, tuple[str, ...]], *, occasion: str = "run_1:completed", **content: Any) -> str:
        """Keep a notice to recipients by channel, and return its id; channels that are not there are made."""
        addressees = []
        for key, recipients in to.items():
            channel = self._channel(key)
            addressees += [Addressee(channel.channel_id, key, channel.definition.type, each) for each in recipients]
        new = NewNotice(occasion, self.organisation_id, a_notice(**content))
        with self.desk.store.writing() as session:
            return ledger.keep(session, new, addressees, now=self.desk.now())

    def _channel(self, key: str) -> StoredChannel:
        with self.desk.store.reading() as session:
            found = channels.by_key(session, self.organisation_id, key)
        return found or self.channel(key, type="slack", recipients=[])

    def deliveries(self, *notice_ids: str) -> list[Delivery]:
        """Return how deliveries stand."""
        with self.desk.store.reading() as session:
            return ledger.deliveries(session, notice_ids)

    def states(self, *notice_ids: str) -> dict[str, DeliveryState]:
        """Return the states of deliveries by recipient, of one channel by its key."""
        return {each.recipient or each.channel_key: each.state for each in self.deliveries(*notice_ids)}

    def at(self, instant: datetime) -> None:
        """Let it be another time."""
        self.desk.clock.now = instant


def a_ledger(store: Store, folder: Path, **changes: Any) -> Kept:
    """Return an empty ledger of the organisation, at NOW."""
    with store.writing() as session:
        organisation, _ = organisations.save(session, an_organisation(**changes), now=NOW)
    given = settings.read({"INTERACT_HOME": str(folder), "INTERACT_BASE_URL": "https://airflow.example.com"})
    return Kept(TimedDesk(store, Files(folder / "files"), given, Clock(NOW)), organisation.organisation_id)


def a_ledger_with_mail(store: Store, folder: Path) -> Kept:
    """Return an empty ledger of the organisation, which has a channel by email."""
    ours = a_ledger(store, folder)
    ours.channel("mail")
    return ours
