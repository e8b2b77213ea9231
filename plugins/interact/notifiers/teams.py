"""Microsoft Teams: an Adaptive Card through the webhook of a workflow, or of an older connector."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from airflow.sdk import Connection

from interact.notices.sending import Answer, Envelope, Outcome, Sender
from interact.notifiers.answering import answer_of, words
from interact.notifiers.notifier import NoticeNotifier
from interact.notifiers.opening import OpenWay, opened, shut, web_address
from interact.notifiers.posting import Address, Post, Reply, Unanswered
from interact.notifiers.teams_card import message_of


@dataclass(frozen=True)
class TeamsWebhook:
    """A way into the one chat or channel that a webhook leads to."""

    address: Address
    post: Post = field(default_factory=Post)

    def send(self, envelope: Envelope) -> Answer:
        """Post the card once; Teams gives no name for it."""
        got = self.post.send(self.address, message_of(envelope), {"Content-Type": "application/json; charset=utf-8"})
        if isinstance(got, Unanswered) or got.status != 200:
            return answer_of(got, self.address, secrets=())
        return self._connector(got)

    def _connector(self, got: Reply) -> Answer:
        """Return what 200 means: older connectors answer it to what they did not pass on, too, and say so beside it."""
        said = words(got.text, secrets=self.address.secrets)
        if got.is_whole and said in ("", "1"):
            return Answer(Outcome.DELIVERED, f"{str(self.address)!r} answered 200.")
        if not got.is_whole:
            told = f"The answer of {str(self.address)!r} broke off. Look in Teams before you send it again."
            return Answer(Outcome.UNKNOWN, told)
        if "429" in said:
            return Answer(Outcome.NOT_NOW, f"Teams did not pass it on yet: {said!r}. It is tried again.")
        return Answer(Outcome.REFUSED, f"Teams did not pass it on: {said!r}. Look at the address in the connection.")


def open_teams(connection: Connection) -> AbstractContextManager[Sender]:
    """Return the way of a connection that holds a webhook's address, in its password or its host."""
    address = web_address(connection)
    if address is None:
        return shut(connection.conn_id, "holds no web address", "Put the webhook's address into the password")
    return nullcontext(TeamsWebhook(address))


WAYS: dict[str, OpenWay] = {"": open_teams}


class TeamsNotifier(NoticeNotifier):
    """Send a message to Microsoft Teams through a webhook."""

    def open(self) -> AbstractContextManager[Sender]:
        """Return the webhook."""
        return opened(self.connection, WAYS)
