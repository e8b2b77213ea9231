"""Who hears a notice: each channel of a job with its recipients, or with the reason why it does not."""

from typing import Any

import pytest

from builders.noticed import a_notice
from builders.saved import NOW, a_channel, a_job, accept, an_organisation, save_job
from interact.jobs.definition import Job
from interact.jobs.stored import StoredChannel, StoredOrganisation
from interact.runs.hearers import NO_MAIL, Group, elsewhere, groups, hearers, person, routed
from interact.store import channels, organisations
from interact.store.ledger import Addressee
from interact.store.sessions import Session, Store

FAILED: dict[str, Any] = {"kind": "failed", "level": "error", "topics": ["failed_run"]}
Told = list[tuple[str, str, str | None]]
"""Of each addressee the channel's key, the recipient and why it is held."""


def saved(session: Session, *made: dict[str, Any], **limits: Any) -> StoredOrganisation:
    """Save channels of an organisation with these limits, and return it."""
    organisation, _ = organisations.save(session, an_organisation(notices=limits), now=NOW)
    for each in made:
        channels.save(session, a_channel(**each), now=NOW)
    return organisation


def told(addressees: list[Addressee]) -> Told:
    return [(each.channel_key, each.recipient, each.held) for each in addressees]


def heard(store: Store, *made: dict[str, Any], notice: dict[str, Any] | None = None, **limits: Any) -> Told:
    """Save channels, attach all of them to a job, and return who hears a notice."""
    with store.writing() as session:
        organisation = saved(session, *made, **limits)
        job = a_job(channels=[each.get("key", "mail") for each in made])
        return told(hearers(session, organisation, job, a_notice(**(notice or {}))))


SLACK = {"key": "ops", "type": "slack", "connection": "slack_bot", "recipients": ["#ops", "#board"]}
WEBHOOK = {"key": "hook", "type": "slack", "connection": "slack_hook", "recipients": []}
TEAMS = {"key": "teams", "type": "teams", "connection": "teams_flow", "recipients": []}


def test_every_address_and_room_of_a_jobs_channels_hears_it_in_the_jobs_order(store: Store) -> None:
    mail = {"recipients": ["team@example.com", "ada@example.com"]}
    assert heard(store, SLACK, mail, TEAMS, WEBHOOK) == [
        ("ops", "#ops", None),
        ("ops", "#board", None),
        ("mail", "team@example.com", None),
        ("mail", "ada@example.com", None),
        ("teams", "", None),
        ("hook", "", None),
    ]


@pytest.mark.parametrize(
    ("channel", "notice", "reason"),
    [
        (
            {"level": "error"},
            {},
            "This channel hears only failures (its level is 'error'), and this is 'info'.",
        ),
        (
            {"topics": ["failed_run", "skipped_run"]},
            {},
            "This channel hears of 'failed_run', 'skipped_run', and this is 'completed_run'.",
        ),
        ({"topics": ["completed_run"]}, FAILED, "This channel hears of 'completed_run', and this is 'failed_run'."),
    ],
)
def test_a_channel_that_does_not_hear_it_is_one_held_addressee_with_the_reason(
    store: Store, channel: dict[str, Any], notice: dict[str, Any], reason: str
) -> None:
    many = {"recipients": ["team@example.com", "ada@example.com"]}
    assert heard(store, many | channel, notice=notice) == [("mail", "", reason)]


def test_a_channel_hears_it_whatever_its_level_when_it_is_said_so(store: Store) -> None:
    with store.writing() as session:
        organisation = saved(session, {"level": "error"})
        mail = channels.by_key(session, organisation.organisation_id, "mail")
        assert mail is not None
        to = hearers(session, organisation, a_job(channels=["mail"]), a_notice(), whatever={mail.channel_id})
    assert told(to) == [("mail", "team@example.com", None)]


def test_an_address_outside_the_organisations_domains_is_held(store: Store) -> None:
    mail = {"recipients": ["team@Example.com", "ada@elsewhere.example"]}
    assert heard(store, mail, SLACK, recipient_domains=["example.com", "example.org"])[:3] == [
        ("mail", "team@Example.com", None),
        (
            "mail",
            "ada@elsewhere.example",
            "'ada@elsewhere.example' is of no domain that mail of this organisation may go to "
            "(it may go to 'example.com', 'example.org').",
        ),
        ("ops", "#ops", None),
    ]


def test_a_place_that_two_channels_lead_to_hears_it_once(store: Store) -> None:
    second = {"key": "more", "connection": "smtp_other", "recipients": ["Team@example.com", "ivy@example.com"]}
    assert heard(store, {}, second) == [
        ("mail", "team@example.com", None),
        ("more", "Team@example.com", "Channel 'mail' tells this place already."),
        ("more", "ivy@example.com", None),
    ]


def test_the_same_room_of_another_workspace_is_another_place(store: Store) -> None:
    other, deaf = {**SLACK, "key": "other", "connection": "slack_two"}, {**SLACK, "key": "deaf", "level": "error"}
    found = heard(store, deaf, SLACK, other)
    assert [key for key, _, held in found if held is None] == ["ops", "ops", "other", "other"]


def test_a_channel_that_was_deleted_since_is_left_out(store: Store) -> None:
    with store.writing() as session:
        organisation = saved(session, {})
        to = hearers(session, organisation, a_job(channels=["gone", "mail"]), a_notice())
    assert told(to) == [("mail", "team@example.com", None)]


def route(value: str, channel: str = "mail", *recipients: str) -> dict[str, Any]:
    return {"parameter": "market", "value": value, "channel": channel, "recipients": recipients}


def routing(*routes: dict[str, Any]) -> Job:
    return a_job(notices={"routes": routes})


def test_the_chats_of_a_value_are_grouped_for_its_routes_and_no_group_is_empty(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        _, opened = accept(session, job, ("NL", "BE"))
    found = groups(routing(route("BE"), route("DE"), route("NL"), route("NL", "ops")), opened)
    nl, be = (chat.chat_id for chat in opened)
    assert found == [Group("market", "BE", (be,)), Group("market", "NL", (nl,))]
    assert [group.name for group in found] == ["market=BE", "market=NL"]


def test_a_route_goes_to_its_own_recipients_else_to_the_channels(store: Store) -> None:
    job = routing(route("NL", "mail", "nl@example.com"), route("NL", "ops"), route("BE", "mail", "be@example.com"))
    with store.writing() as session:
        organisation = saved(session, {}, SLACK)
        to = routed(session, organisation, job, a_notice(), group=Group("market", "NL", ("chat_1",)))
    assert told(to) == [("mail", "nl@example.com", None), ("ops", "#ops", None), ("ops", "#board", None)]


def test_a_routes_channel_keeps_its_level_and_its_domains(store: Store) -> None:
    job = routing(route("NL", "mail", "nl@elsewhere.example"), route("NL", "ops"))
    with store.writing() as session:
        organisation = saved(session, {}, {**SLACK, "level": "warning"}, recipient_domains=["example.com"])
        to = routed(session, organisation, job, a_notice(), group=Group("market", "NL", ("chat_1",)))
    assert [(key, recipient, bool(held)) for key, recipient, held in told(to)] == [
        ("mail", "nl@elsewhere.example", True),
        ("ops", "", True),
    ]


@pytest.mark.parametrize(
    ("made", "job", "expected"),
    [
        ([{"key": "first"}, {}], {"channels": ["mail"]}, ("mail", "ada@example.com", None)),
        ([{"key": "first"}, SLACK], {"channels": ["ops"]}, ("first", "ada@example.com", None)),
        ([{"key": "first"}, {}], {"notices": {"routes": [route("NL")]}}, ("mail", "ada@example.com", None)),
        ([{"level": "error"}], {"channels": ["mail"]}, ("mail", "ada@example.com", None)),
        ([SLACK], {"channels": ["ops"]}, ("", "ada@example.com", NO_MAIL)),
    ],
)
def test_one_person_is_told_by_the_jobs_first_email_channel_else_by_the_organisations(
    store: Store, made: list[dict[str, Any]], job: dict[str, Any], expected: tuple[str, str, str | None]
) -> None:
    with store.writing() as session:
        organisation = saved(session, *made)
        assert told([person(session, organisation, a_job(**job), "ada@example.com")]) == [expected]


def test_one_person_of_another_domain_is_held(store: Store) -> None:
    with store.writing() as session:
        organisation = saved(session, {}, recipient_domains=["example.com"])
        found = person(session, organisation, a_job(channels=["mail"]), "ada@elsewhere.example")
    assert found.held is not None
    assert found.held.startswith("'ada@elsewhere.example' is of no domain")


def test_what_is_away_is_told_by_channels_of_other_connections_that_hear_it(store: Store) -> None:
    with store.writing() as session:
        organisation = saved(session, {}, SLACK, {**TEAMS, "topics": ["completed_run"]})
        to = elsewhere(session, organisation, a_notice(**FAILED), connection="smtp_default")
    assert told(to) == [("ops", "#ops", None), ("ops", "#board", None)]


def test_addressees_bear_their_channels_id_and_type(store: Store) -> None:
    with store.writing() as session:
        organisation = saved(session, {}, TEAMS)
        kept: dict[str, StoredChannel] = {
            each.definition.key: each for each in channels.all_of(session, organisation.organisation_id)
        }
        found = hearers(session, organisation, a_job(channels=["teams", "mail"]), a_notice())
    assert [(each.channel_id, each.channel_type) for each in found] == [
        (kept["teams"].channel_id, "teams"),
        (kept["mail"].channel_id, "email"),
    ]
