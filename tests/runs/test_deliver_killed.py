"""Whoever delivers may be killed at any moment: nothing is lost, nothing sent twice, and what is unknown is counted."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from random import Random

import pytest
from sqlalchemy import select

from builders.chat_servers import HOOK as SLACK_PATH
from builders.chat_servers import Act, ChatServer, Handler, Posted, chat_server, says, takes_and_hangs_up
from builders.delivered import Kept, a_ledger
from builders.dying import BOARD, HOOK, MAIL, ROOM, Couriers, LaterDesk, couriers
from builders.mail_servers import MailServer, cuts, mail_server
from builders.stores import emptied, opened, sqlite_url
from interact.notices.states import DeliveryState
from interact.runs.deliver import deliver
from interact.store.notice_tables import DeliveryRow, NoticeRow

ALL = bool(os.environ.get("EXPLORE"))
"""Whether a process dies at each of its moments; else after all that it does to the database, and at some lines."""
LINES = 24
KILLS = 2000 if ALL else 200
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FINAL = frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.UNKNOWN})
ACTS: list[Act] = [Handler.take, says(503, "Try later"), says(404, "Gone"), takes_and_hangs_up]
Place = tuple[str, str, str]
"""A channel, a notice and a recipient."""
# The warm process takes its time to begin: one for all tests of a database.
pytestmark = pytest.mark.timeout(1800 if ALL else 300)


@dataclass
class House:
    """A ledger, real servers for each of its channels, and processes that deliver and die."""

    kept: Kept
    mail: MailServer
    chat: ChatServer
    couriers: Couriers
    numbers: Iterator[int]

    def tell(self, *recipients: str, channels: tuple[str, ...] = (ROOM, BOARD, HOOK)) -> str:
        """Keep a notice for these channels, and by email to these recipients; return its id."""
        return tell(self.kept, f"Notice {next(self.numbers)}.", recipients, channels)

    def desk(self, minutes: float = 0) -> LaterDesk:
        """The ledger's desk, at a later time."""
        desk = self.kept.desk
        return LaterDesk(desk.store, desk.files, desk.settings, minutes)

    def accepted(self) -> Counter[Place]:
        """Return how often servers accepted what."""
        found = Counter((MAIL, str(message["Subject"]), to) for to, message in self.mail.taken)
        # A server acts on a whole message only, and these read what there is of one that was cut.
        for posted in (each for each in self.chat.taken if is_whole(each)):
            channel = {"services": ROOM, "workflows": BOARD, "hooks": HOOK}[posted.path.split("/")[1]]
            text = posted.content.decode()
            found[channel, text[(begin := text.index("Notice ")) : text.index(".", begin) + 1], ""] += 1
        return found

    def standing(self) -> dict[Place, tuple[DeliveryState, str]]:
        """Return how each delivery stands, and what was told of it."""
        listed = select(DeliveryRow.channel_key, NoticeRow.subject, DeliveryRow.recipient).join(
            NoticeRow, NoticeRow.id == DeliveryRow.notice_id
        )
        with self.kept.desk.store.reading() as session:
            found = session.execute(listed.add_columns(DeliveryRow.state, DeliveryRow.told)).all()
        return {(key, subject, to): (DeliveryState(state), told) for key, subject, to, state, told in found}

    def finish(self, after: float = 0) -> Counter[DeliveryState]:
        """Send what is left when nobody is at work any more, hold the ledger against the servers, and count."""
        from interact.notifiers.senders import open_sender

        self.mail.faults.clear()
        self.chat.acts.clear()
        for minutes in (60, 300):
            deliver(self.desk(after + minutes), open_sender)
        accepted, standing = self.accepted(), self.standing()
        assert not accepted.keys() - standing.keys()
        assert {place: times for place, times in accepted.items() if times > 1} == {}
        for place, (state, told) in standing.items():
            assert state in FINAL, place
            assert state is DeliveryState.UNKNOWN or (state is DeliveryState.DELIVERED) == (place in accepted), place
            assert state is not DeliveryState.UNKNOWN or "may have arrived" in told.lower(), told
        return Counter(state for state, _ in standing.values())


def is_whole(posted: Posted) -> bool:
    """Return whether a request came to its end."""
    return len(posted.content) == int(posted.headers["content-length"])


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        if request.param == "postgres":
            store = emptied(request.getfixturevalue("postgres_store"))
        else:
            store = stack.enter_context(opened(sqlite_url(home)))
        mail, chat = stack.enter_context(mail_server()), stack.enter_context(chat_server())
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in connections(mail, chat).items():
            patch.setenv(name, value)
        kept = a_ledger(store, home)
        for key, kind in ((MAIL, "email"), (ROOM, "slack"), (BOARD, "teams"), (HOOK, "webhook")):
            to = ["team@example.com"] if key == MAIL else []
            kept.channel(key, type=kind, recipients=to)
        url = store.url.render_as_string(hide_password=False)
        environ = {"INTERACT_DATABASE_URL": url, "AIRFLOW_HOME": os.environ["AIRFLOW_HOME"]}
        first = tell(kept, "Notice 0.", ("first@example.com",), (ROOM, BOARD, HOOK))
        warm = stack.enter_context(couriers(home, **environ))
        assert not warm.deliver(first).died
        yield House(kept, mail, chat, warm, count(1))


def tell(kept: Kept, name: str, recipients: tuple[str, ...], channels: tuple[str, ...]) -> str:
    """Keep a notice as of now, and return its id."""
    kept.at(datetime.now(UTC))
    return kept.tell({MAIL: recipients} | dict.fromkeys(channels, ("",)), occasion=name, subject=name)


def connections(mail: MailServer, chat: ChatServer) -> dict[str, str]:
    """Return the environment that gives Airflow a connection for each channel."""
    plain = {
        MAIL: {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": mail.port,
            "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "reports@example.com"},
        },
        ROOM: {"conn_type": "slackwebhook", "password": f"{chat.url}{SLACK_PATH}"},
        BOARD: {"conn_type": "http", "password": f"{chat.url}/workflows/0a1b2c3d/triggers/manual"},
        HOOK: {"conn_type": "http", "host": f"{chat.url}/hooks/interact", "password": SIGNING},
    }
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(content) for name, content in plain.items()}


def test_killed_at_each_step_it_loses_nothing_and_sends_nothing_twice(house: House) -> None:
    new = partial(house.tell, "a@example.com", "b@example.com", channels=(HOOK,))
    whole = house.couriers.deliver(new())
    assert not whole.died
    wanted = picked(whole.moments)
    died = [house.couriers.deliver(new(), die_at=moment).died for moment in wanted]
    found = house.finish()
    # Threads take turns as they like, so a pass may have some moments fewer than the one that was counted.
    assert sum(died) > 0.9 * len(wanted) > 60
    assert found[DeliveryState.FAILED] == 0
    assert 0 < found[DeliveryState.UNKNOWN] < found[DeliveryState.DELIVERED]


def picked(moments: str) -> list[int]:
    """Return the moments to die at: after all that is done to the database, and at some of the lines between."""
    if ALL:
        return list(range(1, len(moments) + 1))
    of = {wanted: [number for number, kind in enumerate(moments, start=1) if kind == wanted] for wanted in "al"}
    return sorted(of["a"] + Random(6).sample(of["l"], LINES))


def test_killed_at_any_time_with_four_at_work_it_loses_nothing_and_sends_nothing_twice(house: House) -> None:
    chance, kills, rounds = Random(6), 0, 0
    while kills < KILLS:
        house.tell("a@example.com", "b@example.com", "c@example.com")
        house.mail.faults["DATA"] = chance.choices(["", "451 4.3.0 Try later", cuts], [12, 2, 1], k=9)
        house.chat.acts[:] = chance.choices(ACTS, [12, 2, 1, 1], k=9)
        # The clock runs, so that what was put off is tried again in between, and what was lost is given up.
        died = house.couriers.race(*(chance.uniform(0.02, 0.2) for _ in range(4)), minutes=rounds / 2)
        kills, rounds = kills + sum(died), rounds + 1
    found = house.finish(after=rounds / 2)
    assert found[DeliveryState.UNKNOWN] < found[DeliveryState.DELIVERED]
