"""Airflow with our plugin in it, in the process of a test."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow import plugins_manager, settings

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@contextmanager
def loaded_plugin() -> Iterator[None]:
    """Let Airflow find what the plugin registers, as each of its processes does, and forget it afterwards."""
    before = settings.PLUGINS_FOLDER
    settings.PLUGINS_FOLDER = str(PLUGINS)
    _forget()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow reads `.airflowignore` by a class that its library has renamed.
        plugins_manager.get_timetables_plugins()
    try:
        yield
    finally:
        settings.PLUGINS_FOLDER = before
        _forget()


def _forget() -> None:
    plugins_manager._get_plugins.cache_clear()
    plugins_manager.get_timetables_plugins.cache_clear()
