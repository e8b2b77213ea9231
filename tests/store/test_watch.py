"""The watch leaves a sign each time it comes to its end."""

from builders.saved import NOW, an_organisation, later
from interact.store import organisations, watch
from interact.store.sessions import Store


def test_the_watch_has_not_run_before_its_first_time(store: Store) -> None:
    with store.reading() as session:
        assert watch.last(session) is None


def test_the_newest_sign_counts(store: Store) -> None:
    for at in (NOW, later(minutes=5)):
        with store.writing() as session:
            watch.mark(session, at=at)
        with store.reading() as session:
            assert watch.last(session) == at


def test_the_watch_is_awaited_from_the_first_organisation_on(store: Store) -> None:
    with store.writing() as session:
        assert watch.awaited_since(session) is None
        organisations.save(session, an_organisation(), now=NOW)
        organisations.save(session, an_organisation(key="south"), now=later(hours=1))
        assert watch.awaited_since(session) == NOW
