"""A notice to 500 recipients on five channels, through the ledger and beside it.

Ours is `deliver`: each delivery is claimed and settled in the store. The baseline opens the same ways and sends the
same envelopes in a bare loop, one after another, and keeps nothing. "In turn" delivers one channel after the other, so
that what the ledger costs is not hidden by what the channels gain by going side by side.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from notice_servers import servers
from pairs import Pairs, Row, alternate
from postgres import server

from interact import settings
from interact.jobs.channels import Channel
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredChannel
from interact.notices.notice import Notice
from interact.notices.sending import Envelope, Outcome
from interact.notices.states import DeliveryState
from interact.runs.desk import Desk, open_desk
from interact.store import channels, ledger, organisations
from interact.store.ledger import Addressee, NewNotice
from interact.store.migrate import migrate

MAILS, ROOMS, EACH = 3, 2, 100
SIDE_BY_SIDE = "side by side"
WORDS = "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%."


def measure() -> list[Row]:
    """Return the row of SQLite with the channels side by side; in turn, and on PostgreSQL, are printed."""
    with servers() as ports, tempfile.TemporaryDirectory() as folder:
        _connect(Path(folder), *ports)
        row = _measured(Path(folder), f"sqlite:///{folder}/interact.db", "SQLite").row("notices_500", aim=1.2)
        with server("interact") as url:
            _measured(Path(folder), f"{url}/interact", "PostgreSQL")
    return [row]


def _connect(folder: Path, mail: int, slack: int) -> None:
    """Give Airflow its two connections."""
    os.environ.setdefault("AIRFLOW_HOME", str(folder / "airflow"))
    plain = {"disable_ssl": True, "disable_tls": True, "from_email": "reports@example.com"}
    by_mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail, "extra": plain}
    by_bot = {"conn_type": "slack", "password": "xoxb-1", "extra": {"base_url": f"http://127.0.0.1:{slack}/api/"}}
    os.environ |= {"AIRFLOW_CONN_BENCH_MAIL": json.dumps(by_mail), "AIRFLOW_CONN_BENCH_BOT": json.dumps(by_bot)}


def _measured(folder: Path, url: str, database: str) -> Pairs:
    """Return the pairs with the channels side by side, and print all."""
    with _ground(folder, url) as ground:
        found = {name: alternate(ours, ground.bare) for name, ours in ground.ours.items()}
        for name, pairs in found.items():
            each = sorted(ours - bare for ours, bare in zip(pairs.ours, pairs.baseline, strict=True))
            print(
                f"{database}, {name}: {pairs.ratio:.2f} of a bare loop of {statistics.median(pairs.baseline):.2f} s "
                f"(spread {pairs.spread:.0%}); {each[len(each) // 2] / ground.size * 1000:+.2f} ms a delivery",
                flush=True,
            )
        print(f"{database}, to keep a notice and its {ground.size} deliveries: {ground.keeping_seconds * 1000:.0f} ms")
    return found[SIDE_BY_SIDE]


@dataclass
class _Ground:
    """A store with the channels in it, and both ways to send."""

    desk: Desk
    organisation_id: str
    channels: Sequence[StoredChannel]
    numbers: Iterator[int]
    keeping_seconds: float = 0

    @property
    def size(self) -> int:
        """How many deliveries a notice has."""
        return sum(len(channel.definition.recipients) for channel in self.channels)

    @property
    def ours(self) -> dict[str, Callable[[], float]]:
        """How the ledger is used, by name."""
        return {SIDE_BY_SIDE: self.side_by_side, "in turn": self.in_turn}

    def side_by_side(self) -> float:
        """Return the seconds of one pass over all channels."""
        return self._delivered([self._keep(self.channels)])

    def in_turn(self) -> float:
        """Return the seconds of one pass a channel."""
        return self._delivered([self._keep([channel]) for channel in self.channels])

    def bare(self) -> float:
        """Return the seconds of sending without a ledger."""
        from interact.notifiers.senders import open_sender

        notice, sent = _notice(), 0
        began = time.perf_counter()
        for channel in self.channels:
            with open_sender(channel) as sender:
                for recipient in channel.definition.recipients:
                    envelope = Envelope(notice, recipient, f"delivery_{sent}", self.desk.settings.base_url, _no_file)
                    sent += sender.send(envelope).outcome is Outcome.DELIVERED
        return self._checked(sent, began)

    def _keep(self, channels: Sequence[StoredChannel]) -> str:
        to = [
            Addressee(channel.channel_id, channel.definition.key, channel.definition.type, recipient)
            for channel in channels
            for recipient in channel.definition.recipients
        ]
        began = time.perf_counter()
        with self.desk.store.writing() as session:
            new = NewNotice(f"bench {next(self.numbers)}", self.organisation_id, _notice())
            notice_id = ledger.keep(session, new, to, now=datetime.now(UTC))
        self.keeping_seconds = time.perf_counter() - began
        return notice_id

    def _delivered(self, notice_ids: Sequence[str]) -> float:
        from interact.notifiers.senders import open_sender
        from interact.runs.deliver import deliver

        began = time.perf_counter()
        passes = [deliver(self.desk, open_sender, notice_ids=[notice_id]) for notice_id in notice_ids]
        return self._checked(sum(each.counts[DeliveryState.DELIVERED] for each in passes), began)

    def _checked(self, sent: int, began: float) -> float:
        seconds = time.perf_counter() - began
        if sent != self.size:
            raise SystemExit(f"notices_500: {sent} of {self.size} were delivered")
        return seconds


@contextmanager
def _ground(folder: Path, url: str) -> Iterator[_Ground]:
    desk = open_desk(settings.read({"INTERACT_HOME": str(folder), "INTERACT_DATABASE_URL": url}))
    migrate(url)
    now = datetime.now(UTC)
    with desk.store.writing() as session:
        organisation, _ = organisations.save(session, Organisation(key="north", name="North", timezone="UTC"), now=now)
        saved = [channels.save(session, each, now=now)[0] for each in _channels()]
    yield _Ground(desk, organisation.organisation_id, saved, count())
    desk.store.rest()


def _channels() -> list[Channel]:
    plain = {"organisation": "north", "name": "Readers"}
    mails = [
        plain
        | {
            "key": f"mail-{number}",
            "type": "email",
            "connection": "bench_mail",
            "recipients": [f"reader-{number}-{each}@example.com" for each in range(EACH)],
        }
        for number in range(MAILS)
    ]
    rooms = [
        plain
        | {
            "key": f"rooms-{number}",
            "type": "slack",
            "connection": "bench_bot",
            "recipients": [f"#room-{number}-{each}" for each in range(EACH)],
        }
        for number in range(ROOMS)
    ]
    return [Channel.model_validate(each) for each in (*mails, *rooms)]


def _notice() -> Notice:
    figures = [{"label": "ROAS", "value": "2.41", "change": "−6.2%", "tone": "bad"}]
    highlights = [{"title": f"Campaign {number} fell below 2", "text": "1.84, after 2.10."} for number in range(3)]
    return Notice.model_validate(
        {
            "kind": "completed",
            "level": "info",
            "topics": ["completed_run"],
            "subject": "3 campaigns below ROAS 2: NL, week 47",
            "lead": WORDS,
            "organisation": "North",
            "job": "Weekly report",
            "figures": figures,
            "highlights": highlights,
            "links": [{"label": "Open the report", "path": "/interact/chats/chat_aaaaaaaaaaaa"}],
        }
    )


def _no_file(sha256: str) -> bytes:
    raise SystemExit(f"notices_500: {sha256} was asked for, and the notice has no file")
