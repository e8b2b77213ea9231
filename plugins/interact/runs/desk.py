"""Where the story takes place: the store, the files, the folder of templates, opened once a process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interact.agents.contract import Agent
from interact.errors import SettingRefused
from interact.jobs.stored import StoredAgent, StoredChannel
from interact.notices.sending import Sender
from interact.settings import Settings
from interact.store.files import Files
from interact.store.sessions import Store, open_store
from interact.warehouse.queries import Warehouse

OpenWarehouse = Callable[[StoredAgent, dict[str, str]], AbstractContextManager[Warehouse]]
"""From an agent and its enforced filters (dimension to value) to a door that is open while the `with` lasts."""

FindAgent = Callable[[StoredAgent], Agent]
"""From an agent's definition to who answers for it."""

OpenSender = Callable[[StoredChannel], AbstractContextManager[Sender]]
"""From a channel to a way to it that is open while the `with` lasts; what keeps it shut is an Answer of each `send`."""


@dataclass(frozen=True)
class Desk:
    """What every step of a run works with."""

    store: Store
    files: Files
    settings: Settings

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def open_desk(settings: Settings) -> Desk:
    """Return a desk on the store and files that the settings name; nothing is read or written yet."""
    scheme, separator, path = settings.files_url.partition("://")
    if not separator or scheme != "file":
        raise SettingRefused(
            f"INTERACT_FILES_URL is {settings.files_url!r}; it takes a URL such as 'file:///srv/interact/files'."
        )
    return Desk(open_store(settings.database_url), Files(Path(path)), settings)
