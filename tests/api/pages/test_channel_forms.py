"""The forms that make and change a channel: by admins, with what is wrong beside its field."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from builders.lived_in import HOSTILE
from builders.posted import ADA, GONE, TEAM, posted
from interact.jobs.stored import StoredChannel
from interact.store import channels, organisations

FORM: dict[str, Any] = {
    "name": "Ops room",
    "type": "slack",
    "connection": "slack_bot",
    "recipients": "#ops\r\nC012AB3CD\r\n",
    "level": "error",
    "topics": ["failed_run", "skipped_run"],
}
ROOT = {"role": "admin"}
"""Who may change Airflow's connections."""


@pytest.fixture
def told(site: Any) -> Any:
    """Let there be channels."""
    posted(site.found)
    return site


def path(site: Any) -> str:
    return f"/organisations/{site.found.organisation_id}/notifications/channels"


def made(site: Any, who: str = "ivy", *, role: str = "viewer", **changes: Any) -> Any:
    return site.post(path(site), who, role=role, data=FORM | changes)


def channel_of(site: Any, answer: Any) -> StoredChannel:
    """Return the channel that an answer leads to."""
    assert answer.status_code == 303, answer.text
    with site.found.desk.store.reading() as session:
        found = channels.by_id(session, answer.headers["location"].split("/")[-1].partition("?")[0])
    assert found is not None
    return found


def wrong(page: str) -> dict[str, str]:
    """Return what is said beside each field."""
    return {
        field: html.unescape(told) for field, told in re.findall(r'<p class="wrong" id="(\w+)-wrong">(.*?)</p>', page)
    }


def form_of(site: Any, key: str) -> dict[str, Any]:
    """Return what the form of a channel holds."""
    page = site.get(f"/channels/{site.found.channels[key].channel_id}/settings", "ivy").text
    definition = site.found.channels[key].definition
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    return {
        "seen": seen[1],
        "name": definition.name,
        "connection": definition.connection,
        "recipients": "\n".join(definition.recipients),
        "level": definition.level,
        "topics": list(definition.topics),
    }


def limited(site: Any, *domains: str) -> None:
    """Let mail go to these domains alone."""
    with site.found.desk.store.writing() as session:
        there = organisations.by_id(session, site.found.organisation_id)
        assert there is not None
        changed = {**there.definition.model_dump(mode="json"), "notices": {"recipient_domains": domains}}
        organisations.save(session, there.definition.model_validate(changed), now=site.found.desk.now())


def test_a_channel_is_made_of_what_the_form_says_and_its_key_of_its_name(told: Any) -> None:
    channel = channel_of(told, made(told))
    assert channel.definition.model_dump(mode="json") == {
        "key": "ops-room",
        "organisation": "norrland",
        "name": "Ops room",
        "type": "slack",
        "connection": "slack_bot",
        "recipients": ["#ops", "C012AB3CD"],
        "level": "error",
        "topics": ["failed_run", "skipped_run"],
    }
    page = told.get(f"/channels/{channel.channel_id}?saved=1", "ivy").text
    assert "The channel is saved." in page
    assert "failures only, of failed runs and missed times" in page


def test_a_second_channel_of_a_name_gets_a_key_of_its_own(told: Any) -> None:
    keys = [channel_of(told, made(told)).definition.key for _ in range(3)]
    assert keys == ["ops-room", "ops-room-2", "ops-room-3"]
    assert channel_of(told, made(told, name="運用")).definition.key == "channel"


def test_a_key_that_another_channel_has_is_refused_at_its_field(told: Any) -> None:
    answer = made(told, key="mail")
    assert answer.status_code == 409
    assert wrong(answer.text) == {"key": "There is a channel 'mail' already. Name another key, or change that channel."}


def test_addresses_that_are_pasted_with_commas_are_taken_one_by_one_and_once(told: Any) -> None:
    pasted = f"{TEAM}, {ADA};{GONE}\n{TEAM}"
    channel = channel_of(told, made(told, type="email", connection="smtp_default", recipients=pasted))
    assert channel.definition.recipients == (TEAM, ADA, GONE)


def test_recipients_that_are_left_over_from_another_type_are_not_kept(told: Any) -> None:
    channel = channel_of(told, made(told, type="teams", connection="teams_board"))
    assert channel.definition.recipients == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, {"name": "A channel needs a name: jobs are attached to it by that."}),
        (
            {"connection": ""},
            {"connection": "A channel needs the id of an Airflow connection: secrets are kept there alone."},
        ),
        ({"type": ""}, {"type": "Choose how its messages go out."}),
        ({"topics": []}, {"topics": "A channel that hears of nothing is told nothing. Choose one topic or more."}),
        (
            {"type": "email", "connection": "smtp_default", "recipients": " \n"},
            {"recipients": "Email needs an address. Write one a line."},
        ),
        (
            {"type": "email", "connection": "smtp_default"},
            {
                "recipients": "“Recipients” takes for a channel of type email addresses, as 'team@example.com', "
                "not '#ops'."
            },
        ),
        (
            {"recipients": "ops"},
            {
                "recipients": "“Recipients” takes for a channel of type slack rooms, as '#marketing' or 'C012AB3CD', "
                "not 'ops'."
            },
        ),
        (
            {"key": "Ops Room"},
            {"key": "“Key” takes a-z, 0-9 and hyphens inside, as 'weekly-report', not 'Ops Room'."},
        ),
        ({"name": "n" * 121}, {"name": "“Name” is longer than the 120 characters that are allowed."}),
        (
            {"recipients": "\n".join(f"#room-{number}" for number in range(501))},
            {"recipients": "“Recipients” holds more than the 500 entries that are allowed."},
        ),
        (
            {"connection": "https://hooks.slack.com/services/T000/B000"},
            {
                "connection": "“Connection” takes the id of an Airflow connection: letters, digits, dots, hyphens, "
                "underscores, not 'https://hooks.slack.com/services/T000/B000'."
            },
        ),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    told: Any, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    answer = made(told, "root", **ROOT, **changes)
    assert answer.status_code == 422
    assert wrong(answer.text) == expected
    assert f'value="{(FORM | changes)["name"]}"' in answer.text
    with told.found.desk.store.reading() as session:
        assert len(channels.all_of(session, told.found.organisation_id)) == 4


def test_addresses_outside_the_domains_that_are_allowed_are_refused_beside_the_field(told: Any) -> None:
    limited(told, "example.com", "example.org")
    form = {"type": "email", "connection": "smtp_default"}
    answer = made(told, **form, recipients=f"{TEAM}\neve@elsewhere.net\nEVE@EXAMPLE.ORG")
    assert wrong(answer.text) == {
        "recipients": "“Recipients” names 'eve@elsewhere.net'; mail of this organisation goes to addresses of "
        "'example.com', 'example.org' alone. Take them out, or let an admin add the domain under Settings, "
        "Organisation."
    }
    assert "Mail goes to addresses of example.com, example.org alone." in answer.text
    assert channel_of(told, made(told, **form, recipients="EVE@EXAMPLE.ORG")).definition.type == "email"


def test_an_admin_names_connections_that_channels_of_that_type_use_and_airflows_admins_any(told: Any) -> None:
    answer = made(told, connection="secret_of_others")
    assert answer.status_code == 422
    assert wrong(answer.text) == {
        "connection": "Connection 'secret_of_others' is used by no channel of type slack in this organisation (there "
        "are 'slack_bot'). Name one of those, or ask somebody who may change Airflow's connections to name another."
    }
    assert "is used by no channel of type webhook" in made(told, type="webhook", connection="slack_bot").text
    assert channel_of(told, made(told, "root", **ROOT, connection="another")).definition.connection == "another"


@pytest.fixture
def in_airflow(airflow_database: None) -> Iterator[None]:
    """Let Airflow know some connections."""
    from airflow.models.connection import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        for name, kind in (("post", "smtp"), ("chat", "slack"), ("lake", "duckdb")):
            session.add(Connection(conn_id=name, conn_type=kind, password="s3cret"))
    yield
    with create_session() as session:
        session.query(Connection).filter(Connection.conn_id.in_(["post", "chat", "lake"])).delete()


def test_the_form_offers_the_connections_that_fit(told: Any, in_airflow: None) -> None:
    page = told.get(f"{path(told)}/new", "root", **ROOT).text
    offered = re.findall(r'<option value="(\w+)" label="([\w ]+)">', page)
    assert {("post", "Email"), ("chat", "Slack")} <= set(offered)
    assert "lake" not in page and "s3cret" not in page
    assert re.findall(r'<option value="(\w+)" label', told.get(f"{path(told)}/new", "ivy").text) == [
        "smtp_default",
        "slack_bot",
        "teams_board",
        "pager",
    ]


def test_a_channel_is_changed_and_its_key_and_type_stay(told: Any) -> None:
    address = f"/channels/{told.found.channels['slack'].channel_id}"
    sent = form_of(told, "slack") | {"name": "Growth", "level": "warning", "key": "other", "type": "email"}
    answer = told.post(f"{address}/settings", "ivy", data=sent)
    assert answer.headers["location"] == f"{address}?saved=1"
    changed = channel_of(told, answer).definition
    before = told.found.channels["slack"].definition
    assert changed == before.model_copy(update={"name": "Growth", "level": "warning"})


def test_of_two_who_change_one_channel_the_second_sees_what_the_first_did(told: Any) -> None:
    address, sent = f"/channels/{told.found.channels['mail'].channel_id}/settings", form_of(told, "mail")
    told.post(address, "ivy", data=sent | {"recipients": TEAM, "level": "error"})
    answer = told.post(address, "ivy", data=sent | {"name": "Mail of all"})
    assert answer.status_code == 409
    assert "Somebody else has changed this channel meanwhile." in answer.text
    rows = re.findall(r"<td><strong>(.*?)</strong></td>", answer.text)
    assert rows == ["Name", "Recipients", "Hears"]
    seen = re.search(r'name="seen" value="(\w+)"', answer.text)
    assert seen
    again = told.post(address, "ivy", data=sent | {"name": "Mail of all", "seen": seen[1]})
    assert channel_of(told, again).definition.recipients == (TEAM, ADA, GONE)


def test_the_same_edit_twice_leaves_nothing_to_save(told: Any) -> None:
    address, sent = f"/channels/{told.found.channels['mail'].channel_id}/settings", form_of(told, "mail")
    told.post(address, "ivy", data=sent | {"level": "error"})
    answer = told.post(address, "ivy", data=sent | {"level": "error"})
    assert answer.status_code == 409
    assert "there is nothing left to save" in answer.text


def test_a_channel_that_is_deleted_meanwhile_is_not_found(told: Any) -> None:
    with told.found.desk.store.writing() as session:
        channels.delete(session, channels_own(told))
    sent = {"name": "x", "connection": "slack_bot", "topics": ["failed_run"], "level": "info"}
    assert told.post(f"/channels/{channels_own(told).channel_id}/settings", "ivy", data=sent).status_code == 404


def channels_own(site: Any) -> StoredChannel:
    """Return the channel that no job tells, made where it is not there."""
    if "own" not in site.found.channels:
        site.found.channels = {**site.found.channels, "own": channel_of(site, made(site, name="Own"))}
    found: StoredChannel = site.found.channels["own"]
    return found


def test_a_hostile_name_is_text_in_the_form_and_on_the_page(told: Any) -> None:
    channel = channel_of(told, made(told, name=HOSTILE, recipients="#ops"))
    for address in (f"/channels/{channel.channel_id}", f"/channels/{channel.channel_id}/settings"):
        page = told.get(address, "ivy").text
        assert "<script>alert" not in page and "<img src=x" not in page
        assert html.escape(HOSTILE[:20], quote=False).replace("'", "&#39;") in page


def test_members_do_not_come_to_the_forms(told: Any) -> None:
    address = f"/channels/{told.found.channels['mail'].channel_id}"
    assert told.get(f"{path(told)}/new").status_code == 403
    assert told.get(f"{address}/settings").status_code == 403
    assert made(told, "ada").status_code == 403
    page = told.get(address).text
    assert "Send a test message" not in page and "Delete" not in page and f"{address}/settings" not in page
    assert f"{TEAM}, {ADA}, {GONE}" in page
