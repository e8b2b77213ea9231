"""Definitions are refused where they contradict themselves."""

import pytest
from pydantic import ValidationError

from builders.saved import a_job, an_organisation


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
