"""Definitions are refused where they contradict themselves."""

import pytest
from pydantic import ValidationError

from builders.saved import a_job, an_organisation
from interact.jobs.definition import Parameter


def test_one_default_is_a_list_of_one() -> None:
    assert Parameter.model_validate({"values": ["NL"], "default": "NL"}).default == ("NL",)
    assert Parameter.model_validate({"values": ["NL", "BE"], "default": ["BE"]}).default == ("BE",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"values": ["NL", "NL"]}, "a value stands twice"),
        ({"values": ["NL"], "default": "BE"}, "the default 'BE' is not among the values 'NL'"),
        ({"values": []}, "at least 1 item"),
        ({"values": [""]}, "at least 1 character"),
        ({"values": ["NL"], "query": "SELECT"}, "Extra inputs are not permitted"),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(content: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Parameter.model_validate(content)


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


def test_a_definition_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_job().name = "Other"
