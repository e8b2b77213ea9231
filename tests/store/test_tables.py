"""Instants and text come back as they went in, on every database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from builders.saved import NOW, an_organisation
from interact.store import organisations
from interact.store.sessions import Store
from interact.store.tables import OrganisationRow


def test_an_instant_comes_back_aware_and_in_utc(store: Store) -> None:
    given = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=given)
    with store.reading() as session:
        kept = session.scalars(select(OrganisationRow.created_at)).one()
    assert (kept, kept.tzinfo) == (datetime(2026, 3, 29, 0, 30, 0, 123456, tzinfo=UTC), UTC)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"), store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plain", "plain"),
        ("Zürich 🙂", "Zürich 🙂"),
        ("two\nlines", "two\nlines"),
        ("a\0b", "a\ufffdb"),
        ("x\ud800y", "x\ufffdy"),
    ],
)
def test_text_that_a_database_refuses_is_replaced_and_all_other_is_kept(store: Store, given: str, kept: str) -> None:
    row = OrganisationRow(id="org_1", key=given, definition={}, created_at=NOW, updated_at=NOW)
    with store.writing() as session:
        session.add(row)
    with store.reading() as session:
        assert session.scalars(select(OrganisationRow.key).where(OrganisationRow.key == given)).one() == kept
