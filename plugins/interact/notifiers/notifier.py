"""A message from anybody's DAG, by the same way as our own notices."""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

from airflow.sdk import BaseNotifier, Context
from airflow.sdk.exceptions import AirflowException

from interact.notices.notice import Attachment, Link, Notice
from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.settings import read as read_settings


class NoticeNotifier(BaseNotifier):
    """Send one message to each recipient; a subclass says by which way, and takes `recipients` where it has any.

    `connection` is the id of the Airflow connection; `text` plain text; `links` from a label to an address; `files`
    paths of what goes along where the way takes files. One try each: whoever calls it decides on another.
    """

    template_fields = ("connection", "recipients", "subject", "text", "links", "files")
    recipients: Sequence[str] = ("",)
    """What the way addresses; one of "" where the connection itself names the place."""

    def __init__(
        self,
        *,
        connection: str,
        subject: str,
        text: str,
        links: Mapping[str, str] | None = None,
        files: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.connection, self.subject, self.text = connection, subject, text
        self.links, self.files = dict(links or {}), tuple(files)

    @abstractmethod
    def open(self) -> AbstractContextManager[Sender]:
        """Return the way that the connection is."""

    def notify(self, context: Context) -> None:
        """Send it; raises AirflowException, naming each recipient that did not get it."""
        base_url, contents = read_settings().base_url, [(Path(path), Path(path).read_bytes()) for path in self.files]
        kept = {hashlib.sha256(content).hexdigest(): content for _, content in contents}
        dag = context.get("dag")
        notice = Notice(
            kind="completed",
            level="info",
            topics=("completed_run",),
            subject=self.subject,
            lead=self.text,
            organisation="Airflow",
            job=dag.dag_display_name or dag.dag_id if dag else "",
            links=tuple(Link(label=name, path=urljoin(f"{base_url}/", url)) for name, url in self.links.items()),
            files=tuple(_attachment(path, content) for path, content in contents),
        )
        with self.open() as sender:
            # The links are whole addresses already, so nothing comes before them.
            answers = {
                who: sender.send(Envelope(notice, who, f"delivery_{uuid4().hex[:12]}", "", kept.__getitem__))
                for who in self.recipients
            }
        _require_delivered(answers)

    async def async_notify(self, context: Context) -> None:
        """Send it from an event loop, which goes on meanwhile."""
        await asyncio.to_thread(self.notify, context)


def _attachment(path: Path, content: bytes) -> Attachment:
    return Attachment(
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
    )


def _require_delivered(answers: Mapping[str, Answer]) -> None:
    lacking = {who: answer for who, answer in answers.items() if answer.outcome is not Outcome.DELIVERED}
    if lacking:
        told = [f"{f'{who!r} ' if who else ''}{answer.outcome}: {answer.told}" for who, answer in lacking.items()]
        raise AirflowException(f"{len(lacking)} of {len(answers)} messages are not delivered. {'; '.join(told)}")
