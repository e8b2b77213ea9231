"""Definitions are refused where they contradict themselves."""

import pytest
from pydantic import ValidationError

from builders.saved import a_job, an_organisation
from interact.jobs.channels import unaddressable
from interact.notifiers.mail_message import addressable


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "UTC", "America/Argentina/Buenos_Aires"])
def test_a_zone_has_a_name_of_the_tz_database(zone: str) -> None:
    assert an_organisation(timezone=zone).timezone == zone


@pytest.mark.parametrize("zone", ["CET+1", "Amsterdam", "", "../etc/passwd", "europe/amsterdam"])
def test_another_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="is no IANA time zone; write it as"):
        an_organisation(timezone=zone)


def test_a_job_is_private_only_when_it_says_so() -> None:
    assert not a_job().is_private
    assert a_job(visibility="private").is_private


def test_the_order_in_which_members_are_named_means_nothing() -> None:
    one = an_organisation(members={"bob": "member", "ada": "admin"})
    other = an_organisation(members={"ada": "admin", "bob": "member"})
    assert one.model_dump_json() == other.model_dump_json()


def test_a_job_that_runs_by_itself_has_values_for_every_parameter() -> None:
    values = {"type": "text", "schedule": ["a"]}
    assert a_job(parameters={"market": values}, schedule="@daily").parameters["market"].schedule == ("a",)
    with pytest.raises(ValidationError, match=r"'market' has no default\. Give it a `default`, or the values"):
        a_job(parameters={"market": {"type": "text"}}, schedule="@daily")
    with pytest.raises(ValidationError, match="the parameter 'market' has no default"):
        a_job(parameters={"market": {"type": "text"}}, triggers={"assets": "a"})


def test_a_definition_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_job().name = "Other"


@pytest.mark.parametrize(
    ("address", "is_forbidden"),
    [
        ("ada@example.com", False),
        ("Ada+weekly@EXAMPLE.com", False),
        ("ada@mail.example.com", True),
        ("ada@example.com.", True),
        ("ada@exam\u00adple.com", True),
        ("ada@example\u3002com", True),
        # Many a mail server of example.com sends these two on, to evil.example.
        ("ada%evil.example@example.com", True),
        ("evil.example!ada@example.com", True),
    ],
)
def test_mail_goes_to_the_domains_that_are_named_and_not_through_them(address: str, *, is_forbidden: bool) -> None:
    limited = an_organisation(notices={"recipient_domains": ["example.com"]}).notices
    assert limited.forbids(address) is is_forbidden
    assert not an_organisation().notices.forbids(address)


@pytest.mark.parametrize("address", ["a:b@example.com", "a\x7fb@example.com", "a@b@example.com", '"a@b"@example.com'])
def test_an_address_that_no_mail_can_be_sent_to_is_none(address: str) -> None:
    assert unaddressable("email", (address,)) and addressable(address) is None
