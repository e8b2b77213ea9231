"""What decides when a job runs by itself is refused where it cannot mean anything, and where it contradicts itself."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from builders.saved import a_job, an_organisation
from interact.jobs.definition import Job
from interact.jobs.timing import STORED, WEEKDAYS, BusinessCalendar, DataTrigger, JobSchedule, TimeOfDay

DATA = {"assets": ["warehouse.ad_performance"]}
WAITING = DATA | {"schedule": "and", "cutoff_minutes": 120}


def test_an_expression_alone_is_a_schedule() -> None:
    assert a_job(schedule="0 8 * * 1").schedule == JobSchedule(cron="0 8 * * 1")
    assert a_job(schedule={"cron": "  @first-weekday   09:30 "}).schedule == JobSchedule(cron="@first-weekday 09:30")


def test_a_schedule_is_on_and_runs_on_holidays_unless_it_says_otherwise() -> None:
    schedule = JobSchedule(cron="@daily")
    assert (schedule.enabled, schedule.on_holiday, schedule.lateness_minutes) == (True, "run", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"cron": "0 25 * * *"}, r"25.*0.*23"),
        ({"cron": "* * * * * *"}, r"exactly 5"),
        ({"cron": "@daily", "on_holiday": "move"}, r"'run', 'skip', 'next' or 'previous'"),
        ({"cron": "@daily", "lateness_minutes": 0}, r"greater than or equal to 1"),
        ({"cron": "@daily", "lateness_minutes": 10081}, r"less than or equal to 10080"),
        ({"cron": "@daily", "catchup": True}, r"Extra inputs are not permitted"),
        ({"enabled": True}, r"Field required"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(content: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        JobSchedule.model_validate(content)


def test_a_calendar_has_weekends_and_no_country_unless_it_says_otherwise() -> None:
    calendar = an_organisation().calendar
    assert (calendar.weekend, calendar.country, calendar.add, calendar.remove) == (("saturday", "sunday"), None, (), ())


@pytest.mark.parametrize("country", ["none", "None", "NONE", None])
def test_none_is_an_answer_to_which_country(country: str | None) -> None:
    assert BusinessCalendar(country=country).country is None


def test_a_calendar_takes_a_country_a_region_and_days_of_its_own() -> None:
    content = {"country": "DE", "region": "BY", "add": ["2026-12-24"], "remove": ["2026-06-04"], "weekend": ["friday"]}
    calendar = BusinessCalendar.model_validate(content)
    assert (calendar.country, calendar.region, calendar.weekend) == ("DE", "BY", ("friday",))
    assert (calendar.add, calendar.remove) == ((date(2026, 12, 24),), (date(2026, 6, 4),))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"country": "XX"}, r"Country 'XX' has no known public holidays"),
        ({"country": "nl"}, r"Write 'NL'"),
        ({"country": "DE", "region": "XX"}, r"Region 'XX' is not known in 'DE'"),
        ({"region": "BY"}, r"a region belongs to a country"),
        ({"country": "none", "region": "BY"}, r"a region belongs to a country"),
        ({"weekend": ["sunday", "sun"]}, r"'friday', 'saturday' or 'sunday'"),
        ({"add": ["24-12-2026"]}, r"valid date"),
        ({"weekend": WEEKDAYS}, r"no business day is left"),
    ],
)
def test_a_calendar_that_means_nothing_is_refused(content: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        BusinessCalendar.model_validate(content)


@pytest.mark.parametrize("time", ["8:00", "24:00", "08:60", "0800", "08:00:00", "noon"])
def test_a_start_of_business_is_hours_and_minutes(time: TimeOfDay) -> None:
    assert an_organisation(start_of_business="23:59").start_of_business == "23:59"
    with pytest.raises(ValidationError, match=r"String should match pattern"):
        an_organisation(start_of_business=time)


def test_data_alone_starts_a_job_when_all_of_it_is_loaded() -> None:
    trigger = DataTrigger.model_validate(DATA)
    assert (trigger.assets, trigger.when, trigger.schedule) == (("warehouse.ad_performance",), "all", "or")
    assert DataTrigger.model_validate({"assets": "s3://bucket/key"}).assets == ("s3://bucket/key",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"assets": []}, r"at least 1 item"),
        ({"assets": [f"a{number}" for number in range(21)]}, r"at most 20 items"),
        ({"assets": ["a", "b", "a"]}, r"'a' stands twice"),
        ({"assets": ["a\nb"]}, r"String should match pattern"),
        (DATA | {"when": "some"}, r"'any' or 'all'"),
        (DATA | {"schedule": "and"}, r"it needs `cutoff_minutes`"),
        (DATA | {"cutoff_minutes": 5}, r"'cutoff_minutes' has no meaning while nothing waits"),
        (DATA | {"at_cutoff": "skip", "fresh_minutes": 5}, r"'at_cutoff', 'fresh_minutes' has no meaning"),
        (WAITING | {"cutoff_minutes": 1441}, r"less than or equal to 1440"),
        (WAITING | {"at_cutoff": "wait"}, r"'run' or 'skip'"),
    ],
)
def test_data_that_means_nothing_is_refused(content: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        DataTrigger.model_validate(content)


@pytest.mark.parametrize("key", ["schedule", "triggers"])
def test_a_job_that_runs_by_itself_has_a_default_for_each_parameter(key: str) -> None:
    given: dict[str, Any] = {"schedule": "@daily", "triggers": DATA}
    without = {"market": {"values": ["NL"]}, "channel": {"values": ["search"], "default": "search"}}
    assert a_job(parameters=without).parameters["market"].default == ()
    with pytest.raises(ValidationError, match=r"the parameter 'market' has no default\. Give it a `default`"):
        a_job(parameters=without, **{key: given[key]})


def test_what_waits_for_data_has_a_schedule_that_waits() -> None:
    assert a_job(schedule="@daily", triggers=WAITING).triggers == DataTrigger.model_validate(WAITING)
    with pytest.raises(ValidationError, match=r"the job's own `schedule` waits for the data, and the job has none"):
        a_job(triggers=WAITING)


def test_a_wrong_expression_is_the_only_complaint_of_a_job_that_waits() -> None:
    with pytest.raises(ValidationError, match=r"^1 validation error for Job\nschedule.cron"):
        a_job(schedule="0 8 * *", triggers=WAITING)


def test_what_the_store_kept_stays_readable_whatever_libraries_know_today() -> None:
    kept = a_job().model_dump(mode="json") | {"schedule": {"cron": "of another time"}}
    assert Job.model_validate(kept, context=STORED).schedule == JobSchedule.model_construct(cron="of another time")
    calendar = BusinessCalendar.model_validate({"country": "SU", "region": "X"}, context=STORED)
    assert (calendar.country, calendar.region) == ("SU", "X")


def test_a_definition_of_an_earlier_version_lacks_the_new_keys_and_is_read() -> None:
    job, organisation = a_job().model_dump(mode="json"), an_organisation().model_dump(mode="json")
    del job["schedule"], job["triggers"], organisation["calendar"], organisation["start_of_business"]
    assert Job.model_validate(job) == a_job()
    assert type(an_organisation()).model_validate(organisation) == an_organisation()
