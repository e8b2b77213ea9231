"""The REST API on a store of its own, in this process; what needs Airflow itself is walked in `tests/walks`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.airflow_tables import airflow_tables
from builders.signed_in import auth_manager
from builders.story import Says, a_desk, a_job, answered, with_report
from interact.jobs.stored import StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.desk import Desk
from interact.store import keys, organisations

BOTH = ("agent_jobs_read", "agent_jobs_trigger")


@dataclass
class Rest:
    """A client of the REST API, and what is behind it."""

    client: Any
    desk: Desk
    job: StoredJob
    organisation_id: str

    def key(self, *permissions: str, **limits: Any) -> dict[str, str]:
        """Return the headers of a fresh key."""
        wanted = keys.NewKey("test", frozenset(permissions or BOTH), **limits)
        with self.desk.store.writing() as session:
            secret, _ = keys.create(session, self.organisation_id, wanted, now=datetime.now(UTC))
        return {"X-API-Key": secret, "X-Organization-Id": self.organisation_id}

    def answered(self, job: StoredJob | None = None) -> str:
        """Return the id of a chat that has been answered."""
        accepted = accept(self.desk, Ask((job or self.job).job_id, {}, "key:test"))
        chat_id = accepted.chats[0].chat_id
        answered(self.desk, chat_id, Says(with_report))
        return chat_id


@pytest.fixture(scope="session")
def airflow_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give Airflow a database of its own in this process."""
    with airflow_tables(tmp_path_factory.mktemp("airflow")), auth_manager():
        yield


@pytest.fixture
def rest(tmp_path: Path, airflow_database: None) -> Iterator[Rest]:
    """Give the client."""
    from fastapi.testclient import TestClient

    from interact.api.app import rest_app

    desk = a_desk(tmp_path)
    job = a_job(desk)
    with desk.store.reading() as session:
        organisation = organisations.by_key(session, "norrland")
    assert organisation is not None
    with TestClient(rest_app(desk, serving=lambda desk: None), raise_server_exceptions=False) as client:
        yield Rest(client, desk, job, organisation.organisation_id)
