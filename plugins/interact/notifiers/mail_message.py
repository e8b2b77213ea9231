"""One mail to one recipient, as SMTP and Microsoft Graph both take it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from pathlib import Path

from interact.notices.notice import Attachment
from interact.notices.sending import Envelope
from interact.notifiers.mail_page import draw_page, one_line, printable

ROOM_BYTES = 10_000_000
"""What a whole mail may weigh, where neither the connection nor the server says less."""
_WORDS_BYTES = 150_000
"""Kept free for the words and headers of a mail."""
_ADDRESS = re.compile(r"[^@\s,;:<>\"'()\[\]\\\x00-\x1f\x7f]+@[^@\s,;:<>\"'()\[\]\\\x00-\x1f\x7f]+")
_CHART = "cid:chart"


@dataclass(frozen=True)
class Enclosure:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """A mail before it is put on its way; `chart` is a PNG that the HTML shows from `cid:`."""

    sender: Address
    recipient: str
    subject: str
    text: str
    html: str
    delivery_id: str
    chart: bytes | None = None
    content_id: str = ""
    """What the HTML calls the chart."""
    files: tuple[Enclosure, ...] = ()

    @property
    def message_id(self) -> str:
        """Return the same for each try, so that a client which gets it twice shows it once."""
        return f"<{self.delivery_id}@{self.sender.domain}>"

    @property
    def is_ascii(self) -> bool:
        """Return whether both addresses are such as any server takes."""
        return f"{self.sender.addr_spec}{self.recipient}".isascii()

    def page(self) -> str:
        """Return the HTML as a page of its own, with the chart inside."""
        if self.chart is None:
            return self.html
        return self.html.replace(
            f"cid:{self.content_id}", f"data:image/png;base64,{base64.b64encode(self.chart).decode()}"
        )

    def mime(self, *, now: datetime) -> bytes:
        """Return the whole message, in seven bits, but for the addresses that need more."""
        name, address = self.sender.display_name, self.sender.addr_spec
        # `EmailMessage` loses a space where it breaks a line outside ASCII (Python 3.11), `Header` does not.
        headers = {
            "From": str(self.sender) if name.isascii() else f"{_encoded_words('From', name)} <{address}>",
            "To": self.recipient,
            "Subject": _encoded_words("Subject", self.subject),
            "Date": format_datetime(now),
            "Message-ID": self.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Interact-Delivery": self.delivery_id,
        }
        heads = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return heads.encode() + _parts(self.text, self.html, self.chart, self.content_id, self.files)


@dataclass(frozen=True)
class Writing:
    """What is the same for all mails of one connection; `folder` holds their templates."""

    sender: Address
    channel: str
    folder: Path
    room_bytes: int = ROOM_BYTES


def compose(envelope: Envelope, writing: Writing) -> Letter:
    """Return the mail. What does not fit into the room is left out, and that is said.

    Raises StoreUnavailable when a picture or an attachment cannot be read.
    """
    notice = envelope.notice
    room = writing.room_bytes - _WORDS_BYTES
    chart = envelope.read(notice.chart.sha256) if notice.chart else b""
    shown = notice.chart if chart and encoded(len(chart)) <= room else None
    taken, left_out = _packed(notice.files, room - (encoded(len(chart)) if shown else 0))
    content_id = f"{shown.sha256[:20]}@{writing.sender.domain}" if shown else ""
    page = draw_page(envelope, folder=writing.folder, channel=writing.channel, chart=shown, left_out=left_out)
    return Letter(
        sender=_named(writing.sender, notice.organisation),
        recipient=addressable(envelope.recipient) or envelope.recipient,
        subject=one_line(notice.subject),
        text=page.text,
        html=page.html.replace(_CHART, f"cid:{content_id}"),
        delivery_id=envelope.delivery_id,
        chart=chart if shown else None,
        content_id=content_id,
        files=tuple(Enclosure(_file_name(file.name), file.media_type, envelope.read(file.sha256)) for file in taken),
    )


def encoded(count: int) -> int:
    """Return what so many bytes weigh in a mail: base64 in lines of 76 characters."""
    return -(-count // 57) * 78


def addressable(recipient: str) -> str | None:
    """Return the address as servers take it, its domain in ASCII; None for what is no address."""
    if not _ADDRESS.fullmatch(recipient):
        return None
    local, _, domain = recipient.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def from_address(text: str) -> Address | None:
    """Return who a mail is from, as `reports@example.com` or `Reports <reports@example.com>` says; None for neither."""
    name, address = parseaddr(printable(text))
    usable = addressable(address)
    if usable is None:
        return None
    local, _, domain = usable.rpartition("@")
    return Address(one_line(name), local, domain)


def _named(sender: Address, name: str) -> Address:
    """Return the sender under a name, unless it has one."""
    return sender if sender.display_name else Address(one_line(name, 80), sender.username, sender.domain)


@lru_cache(maxsize=1)
def _parts(text: str, html: str, chart: bytes | None, content_id: str, files: tuple[Enclosure, ...]) -> bytes:
    """Return what a mail holds below its headers; the same for each reader of a notice, and so made once for all."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    page = message.get_body(("html",))
    if chart is not None and page is not None:
        page.add_related(chart, "image", "png", cid=f"<{content_id}>", filename="chart.png")
    for file in files:
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, kind, subtype or "octet-stream", filename=file.name)
    return message.as_bytes()


def _encoded_words(header: str, text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _packed(files: Sequence[Attachment], room: int) -> tuple[list[Attachment], list[Attachment]]:
    """Return the files that fit into the room, in their order, and those that do not."""
    taken: list[Attachment] = []
    left_out: list[Attachment] = []
    for file in files:
        fits = encoded(file.bytes) <= room
        (taken if fits else left_out).append(file)
        room -= encoded(file.bytes) if fits else 0
    return taken, left_out


def _file_name(name: str) -> str:
    return re.sub(r"[/\\]", "-", one_line(name, 120)) or "attachment"
