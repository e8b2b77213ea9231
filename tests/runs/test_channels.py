"""Channels made, changed and deleted by people who are signed in."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from builders.noticed import a_notice
from builders.saved import an_organisation
from builders.stores import empty_database
from builders.story import a_desk
from interact.errors import AccessRefused, DefinitionRefused, EditConflict, FileRefused, KeyTaken, NotFound
from interact.jobs.stored import StoredChannel, StoredOrganisation
from interact.runs.channels import change_channel, delete_channel, make_channel, outsiders
from interact.runs.desk import Desk
from interact.runs.organisations import fingerprint
from interact.store import channels, ledger, organisations
from interact.store.ledger import Addressee, NewNotice

PLAIN: dict[str, Any] = {
    "name": "Marketing mail",
    "type": "email",
    "connection": "smtp_default",
    "recipients": ["team@example.com"],
}


def anybody(organisation: StoredOrganisation) -> None:
    """Let everybody do it."""


def nobody(organisation: StoredOrganisation) -> None:
    raise AccessRefused(f"Not in {organisation.definition.key}.")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = a_desk(tmp_path)
    with desk.store.writing() as session:
        organisations.save(session, an_organisation(), now=desk.now())
    return desk


def organisation_id(desk: Desk) -> str:
    with desk.store.reading() as session:
        found = organisations.by_key(session, "north")
    assert found is not None
    return found.organisation_id


def made(desk: Desk, **changes: Any) -> StoredChannel:
    return make_channel(desk, organisation_id(desk), PLAIN | changes, permit=anybody)


def changed(desk: Desk, channel: StoredChannel, seen: str | None = None, **changes: Any) -> StoredChannel:
    seen = seen or fingerprint(channel.definition)
    return change_channel(desk, channel.channel_id, changes, seen=seen, permit=anybody)


def limited(desk: Desk, *domains: str) -> None:
    with desk.store.writing() as session:
        organisations.save(session, an_organisation(notices={"recipient_domains": domains}), now=desk.now())


def there(desk: Desk) -> list[StoredChannel]:
    with desk.store.reading() as session:
        return channels.all_of(session, organisation_id(desk))


def test_a_channel_gets_a_key_of_its_name_and_another_where_that_is_taken(desk: Desk) -> None:
    assert [made(desk).definition.key for _ in range(2)] == ["marketing-mail", "marketing-mail-2"]
    assert made(desk, key="ops").definition.key == "ops"
    with pytest.raises(KeyTaken, match="There is a channel 'ops' already"):
        made(desk, key="ops")


def test_an_organisation_that_is_not_there_gets_no_channel(desk: Desk) -> None:
    with pytest.raises(NotFound, match="There is no organisation 'org_000000000000'"):
        make_channel(desk, "org_000000000000", PLAIN, permit=anybody)


def test_who_may_not_do_it_makes_changes_and_deletes_nothing(desk: Desk) -> None:
    channel = made(desk)
    seen = fingerprint(channel.definition)
    with pytest.raises(AccessRefused, match="Not in north"):
        make_channel(desk, organisation_id(desk), PLAIN, permit=nobody)
    with pytest.raises(AccessRefused, match="Not in north"):
        change_channel(desk, channel.channel_id, {"level": "error"}, seen=seen, permit=nobody)
    with pytest.raises(AccessRefused, match="Not in north"):
        delete_channel(desk, channel.channel_id, permit=nobody)
    assert there(desk) == [channel]


def test_what_is_named_changes_and_key_type_and_organisation_stay(desk: Desk) -> None:
    channel = made(desk)
    after = changed(desk, channel, name="Growth", key="other", type="slack", organisation="south", level="error")
    assert after.definition == channel.definition.model_copy(update={"name": "Growth", "level": "error"})
    assert after.channel_id == channel.channel_id


def test_a_change_to_what_was_changed_meanwhile_is_a_conflict_that_says_what_is_there(desk: Desk) -> None:
    channel = made(desk)
    changed(desk, channel, level="error")
    with pytest.raises(EditConflict, match="Channel 'marketing-mail' was changed by somebody else") as caught:
        changed(desk, channel, name="Growth")
    assert caught.value.definition["level"] == "error"


def test_addresses_outside_the_allowed_domains_are_refused_at_their_field(desk: Desk) -> None:
    channel = made(desk)
    limited(desk, "example.org")
    with pytest.raises(
        FileRefused, match=r"names 'team@example.com'; mail of this .* of 'example.org' alone"
    ) as caught:
        made(desk)
    assert caught.value.path == ("recipients",)
    with pytest.raises(FileRefused, match=r"names 'team@example\.com'"):
        changed(desk, channel, name="Growth")
    assert changed(desk, channel, recipients=["Team@Example.ORG"]).definition.recipients == ("Team@Example.ORG",)
    assert made(desk, type="slack", recipients=["#ops"]).definition.type == "slack"


def test_outsiders_are_addresses_of_other_domains_and_never_rooms(desk: Desk) -> None:
    mail = made(desk, recipients=["a@example.com", "b@example.org", "c@mail.example.com"]).definition
    rooms = made(desk, type="slack", recipients=["#ops"]).definition
    strict = an_organisation(notices={"recipient_domains": ["example.com"]})
    assert outsiders(strict, mail) == ("b@example.org", "c@mail.example.com")
    assert outsiders(strict, rooms) == ()
    assert outsiders(an_organisation(), mail) == ()


def test_a_definition_that_cannot_be_read_is_refused(desk: Desk) -> None:
    with pytest.raises(DefinitionRefused, match="`recipients` takes for a channel of type email addresses"):
        made(desk, recipients=["#ops"])
    with pytest.raises(DefinitionRefused, match="'colour' is no key of a channel"):
        made(desk, colour="red")


def test_a_deleted_channel_is_gone_and_what_it_delivered_stays(desk: Desk) -> None:
    channel = made(desk)
    with desk.store.writing() as session:
        to = [Addressee(channel.channel_id, channel.definition.key, "email", "team@example.com")]
        new = NewNotice("event", channel.organisation_id, a_notice())
        notice_id = ledger.keep(session, new, to, now=desk.now())
    delete_channel(desk, channel.channel_id, permit=anybody)
    assert there(desk) == []
    with desk.store.reading() as session:
        assert [each.channel_key for each in ledger.deliveries(session, [notice_id])] == ["marketing-mail"]
    for act in (lambda: delete_channel(desk, channel.channel_id, permit=anybody), lambda: changed(desk, channel)):
        with pytest.raises(NotFound, match=f"There is no channel '{channel.channel_id}'"):
            act()


@pytest.fixture(params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk on either database, whose organisation is there."""
    if request.param == "sqlite":
        yield request.getfixturevalue("desk")
        return
    with empty_database(request.getfixturevalue("postgres_url")) as url:
        desk = a_desk(tmp_path, INTERACT_DATABASE_URL=url)
        with desk.store.writing() as session:
            organisations.save(session, an_organisation(), now=desk.now())
        yield desk
        desk.store.rest()


def test_ten_at_once_each_get_a_key_of_their_own(shared: Desk) -> None:
    together, keys = Barrier(10), list[str]()

    def make() -> None:
        together.wait()
        keys.append(made(shared).definition.key)

    threads = [Thread(target=make) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 10


def test_of_ten_edits_of_one_state_at_once_one_holds(shared: Desk) -> None:
    channel, together, held = made(shared), Barrier(10), list[str]()

    def change(number: int) -> None:
        together.wait()
        try:
            held.append(changed(shared, channel, name=f"Name {number}").definition.name)
        except EditConflict:
            return

    threads = [Thread(target=change, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.definition.name for each in there(shared)] == held
