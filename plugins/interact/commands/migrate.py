"""Create the store's tables, or bring them to this version; doing it again is harmless."""

from __future__ import annotations

import argparse

from interact import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments: INTERACT_DATABASE_URL says where."""


def run(arguments: argparse.Namespace) -> int:
    """Migrate the store that the settings name."""
    from interact.store.migrate import migrate
    from interact.store.sessions import open_store

    url = settings.read().database_url
    migrate(url)
    open_store(url).check()
    print("The store is at this version.")
    return 0
