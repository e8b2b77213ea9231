"""Airflow's own database, for what is held to Airflow itself."""

from collections.abc import Iterator

import pytest

from builders.airflow_tables import airflow_tables


@pytest.fixture(scope="module")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give Airflow a database of its own in this process."""
    with airflow_tables(tmp_path_factory.mktemp("airflow")):
        yield
