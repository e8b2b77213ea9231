"""Those who carry notices: one thread a channel, which sends what it is handed and says what came of it.

They never see the store, so a server that hangs holds up its own channel and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePath
from queue import SimpleQueue

from interact.errors import StoreUnavailable
from interact.jobs.stored import StoredChannel
from interact.notices.notice import Attachment, Notice
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.runs.desk import OpenSender
from interact.runs.faults import places
from interact.store.files import Files

log = logging.getLogger(__name__)
_FAULT = "Sending stopped at a fault of its own ({}); the log of this task says where."
_MAY_HAVE_ARRIVED = " It may have arrived."
_CONTENTS = 8
"""So many files are kept in memory: all recipients of a notice get the same."""


class Enclosures:
    """The pictures and attachments of notices, read once for all who get them; used by several threads."""

    def __init__(self, files: Files) -> None:
        self._content = lru_cache(maxsize=_CONTENTS)(files.get)
        self._lack = lru_cache(maxsize=4096)(self._look)

    def reader(self, notice: Notice) -> Callable[[str], bytes]:
        """Return what gives the content of a notice's picture or attachment, by its SHA-256."""
        suffixes = {file.sha256: _suffix(file) for file in notice.files}

        def read(sha256: str) -> bytes:
            return self._content(sha256, suffixes.get(sha256, ".png"))

        return read

    def fit(self, notice: Notice) -> tuple[Notice, str]:
        """Return a notice without the files that are gone, and which they are and why, as sentences."""
        lacks = {file.sha256: self._lack(file.sha256, _suffix(file)) for file in notice.files}
        told = [f"Without {file.name!r}: {lacks[file.sha256]}" for file in notice.files if lacks[file.sha256]]
        kept = tuple(file for file in notice.files if not lacks[file.sha256])
        chart = notice.chart
        if chart and (lack := self._lack(chart.sha256, ".png")):
            chart = None
            told.append(f"Without its chart: {lack}")
        fitted: Notice = notice.model_copy(update={"files": kept, "chart": chart}) if told else notice
        return fitted, " ".join(told)

    def _look(self, sha256: str, suffix: str) -> str:
        try:
            self._content(sha256, suffix)
        except StoreUnavailable as error:
            return str(error)
        return ""


def _suffix(file: Attachment) -> str:
    return PurePath(file.name).suffix


@dataclass(eq=False)
class Courier:
    """Holds one channel open, and sends one envelope after another."""

    channel: StoredChannel
    enclosures: Enclosures
    inbox: SimpleQueue[Envelope | None] = field(default_factory=SimpleQueue)
    """What it is to send; None sends it home."""
    is_home: bool = False

    def carry(self, open_sender: OpenSender, heard: SimpleQueue[Heard]) -> None:
        """Say that the channel is open, then how each envelope was answered, until it is sent home.

        A channel that cannot be opened at all answers that its server is away.
        """
        try:
            with open_sender(self.channel) as sender:
                self._serve(lambda envelope: self._send(sender, envelope), heard)
        except Exception as error:  # noqa: BLE001  # one channel; the others go on
            shut = Answer(Outcome.NOT_NOW, self._fault(error), is_away=True)
            if not self.is_home:
                self._serve(lambda _: shut, heard)

    def _serve(self, send: Callable[[Envelope], Answer], heard: SimpleQueue[Heard]) -> None:
        heard.put((self, None))
        while envelope := self.inbox.get():
            heard.put((self, send(envelope)))
        self.is_home = True

    def _send(self, sender: Sender, envelope: Envelope) -> Answer:
        try:
            fitted, lacks = self.enclosures.fit(envelope.notice)
            answer = sender.send(replace(envelope, notice=fitted))
        except Exception as error:  # noqa: BLE001  # one delivery; it may be out, so nobody repeats it
            return Answer(Outcome.UNKNOWN, self._fault(error) + _MAY_HAVE_ARRIVED)
        # Of a server that is away all channels hear, and the name of a file may be that of a private job.
        return replace(answer, told=f"{answer.told} {lacks}") if lacks and not answer.is_away else answer

    def _fault(self, error: Exception) -> str:
        # Its own words may hold an address with a secret in it.
        name = type(error).__name__
        log.error("Channel %s stopped: %s, raised at\n%s", self.channel.channel_id, name, places(error))
        return _FAULT.format(name)


Heard = tuple[Courier, Answer | None]
"""Who speaks, and how the envelope was answered; None when the channel has just been opened."""
