"""When a job runs and what became of its times, over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.airflow_tables import save_dag
from builders.instants import shown
from builders.story import a_job
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import expected

MONDAYS = {"cron": "0 8 * * 1", "lateness_minutes": 90}


def decided(rest: Any, job_id: str, *times: tuple[datetime, TimeOutcome], **changes: Any) -> None:
    """Record what became of times."""
    with rest.desk.store.writing() as session:
        for due_at, outcome in times:
            time = ExpectedTime(job_id, due_at, outcome, None, None, None, None, due_at)
            assert expected.record(session, replace(time, **changes))


def schedule_of(rest: Any, job_id: str, **query: Any) -> dict[str, Any]:
    answer = rest.client.get(f"/jobs/{job_id}/schedule", headers=rest.key(), params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_jobs_that_a_key_sees_are_listed_by_key(rest: Any) -> None:
    a_job(rest.desk, key="daily", name="Daily", schedule="0 7 * * *")
    a_job(rest.desk, key="secret", visibility="private")
    found = rest.client.get("/jobs", headers=rest.key()).json()
    assert [job["key"] for job in found["jobs"]] == ["daily", "weekly"]
    assert found["next"] is None
    daily, weekly = found["jobs"]
    assert (daily["name"], daily["schedule"], daily["enabled"]) == ("Daily", "0 7 * * *", True)
    assert datetime.fromisoformat(daily["nextAt"]) > datetime.now(UTC)
    assert (daily["timezone"], daily["agent"]["name"], daily["paused"]) == ("Europe/Amsterdam", "Analyst", None)
    assert (weekly["schedule"], weekly["enabled"], weekly["nextAt"]) == (None, None, None)
    assert "prompt" not in daily


def test_a_key_that_names_jobs_lists_those_and_a_private_one_that_it_names(rest: Any) -> None:
    private = a_job(rest.desk, key="secret", visibility="private")
    a_job(rest.desk, key="other")
    named = rest.key(job_ids=frozenset({private.job_id}))
    assert [job["key"] for job in rest.client.get("/jobs", headers=named).json()["jobs"]] == ["secret"]


def test_pages_of_jobs_come_without_gap_or_repeat(rest: Any) -> None:
    for number in range(4):
        a_job(rest.desk, key=f"job-{number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = rest.client.get("/jobs", headers=rest.key(), params={"limit": 2, "cursor": cursor}).json()
        seen += [job["key"] for job in page["jobs"]]
        cursor = page["next"]
    assert seen == ["job-0", "job-1", "job-2", "job-3", "weekly"]


def test_a_job_is_returned_as_it_was_defined(rest: Any) -> None:
    job = a_job(rest.desk, key="daily", schedule=MONDAYS, timezone="Asia/Tokyo")
    found = rest.client.get(f"/jobs/{job.job_id}", headers=rest.key()).json()
    assert found["definition"] == job.definition.model_dump(mode="json")
    assert found["definition"]["prompt"] == "What did {{ market }} spend?"
    assert (found["timezone"], found["version"]) == ("Asia/Tokyo", 1)


@pytest.mark.parametrize("path", ["", "/schedule"])
def test_a_private_job_is_unseen_unless_the_key_names_it(rest: Any, path: str) -> None:
    private = a_job(rest.desk, key="secret", visibility="private", schedule=MONDAYS)
    url = f"/jobs/{private.job_id}{path}"
    assert rest.client.get(url, headers=rest.key()).status_code == 404
    assert rest.client.get(url, headers=rest.key(job_ids=frozenset({private.job_id}))).status_code == 200
    assert rest.client.get(f"/jobs/job_000000000000{path}", headers=rest.key()).status_code == 404


def test_a_schedule_is_told_in_words_and_as_its_next_dates(rest: Any) -> None:
    found = schedule_of(rest, a_job(rest.desk, schedule=MONDAYS).job_id)
    assert "Monday" in found["words"] and "08:00" in found["words"]
    assert (found["expression"], found["enabled"], found["timezone"]) == ("0 8 * * 1", True, "Europe/Amsterdam")
    assert (found["onHoliday"], found["latenessMinutes"]) == ("run", 90)
    dates = [datetime.fromisoformat(date["at"]) for date in found["next"]]
    assert len(dates) == 5 and dates == sorted(dates)
    assert {(date.weekday(), date.hour) for date in dates} == {(0, 8)}
    assert all(date["at"].endswith(date["offset"]) for date in found["next"])


def test_half_the_interval_is_the_lateness_limit_that_nobody_sets(rest: Any) -> None:
    assert schedule_of(rest, a_job(rest.desk, schedule="0 * * * *").job_id)["latenessMinutes"] == 30


def test_a_schedule_that_is_switched_off_has_words_and_no_dates(rest: Any) -> None:
    found = schedule_of(rest, a_job(rest.desk, schedule={**MONDAYS, "enabled": False}).job_id)
    assert (found["enabled"], found["next"], found["latenessMinutes"]) == (False, [], None)
    assert "Monday" in found["words"]


def test_a_job_without_a_schedule_has_none(rest: Any) -> None:
    found = schedule_of(rest, rest.job.job_id)
    assert (found["expression"], found["words"], found["next"], found["data"]) == (None, None, [], None)


@pytest.mark.parametrize(
    ("triggers", "told"),
    [
        ({"assets": ["orders"]}, "Runs whenever 'orders' is loaded, and at each time of its schedule."),
        (
            {"assets": ["orders", "spend"], "schedule": "and", "cutoff_minutes": 120},
            "Each time of its schedule waits until all of 'orders', 'spend' are loaded, for 2 h at most; "
            "then it runs and marks what is late.",
        ),
        (
            {"assets": ["a", "b"], "when": "any", "schedule": "and", "cutoff_minutes": 90, "at_cutoff": "skip"},
            "Each time of its schedule waits until any of 'a', 'b' is loaded, for 1 h 30 min at most; "
            "then it is skipped.",
        ),
    ],
)
def test_data_that_starts_a_job_is_told_in_words(rest: Any, triggers: dict[str, Any], told: str) -> None:
    found = schedule_of(rest, a_job(rest.desk, schedule=MONDAYS, triggers=triggers).job_id)
    assert found["data"]["words"] == told
    assert found["data"]["assets"] == triggers["assets"]


def test_data_alone_starts_a_job_too(rest: Any) -> None:
    found = schedule_of(rest, a_job(rest.desk, triggers={"assets": "orders"}).job_id)
    assert found["data"]["words"] == "Runs whenever 'orders' is loaded."
    assert (found["expression"], found["next"]) == (None, [])


def test_the_newest_expected_times_come_with_what_became_of_them(rest: Any) -> None:
    job = a_job(rest.desk, schedule=MONDAYS)
    now = datetime.now(UTC).replace(microsecond=0)
    hour = timedelta(hours=1)
    decided(rest, job.job_id, (now - 2 * hour, TimeOutcome.SKIPPED), reason="Run run_1 was still in progress.")
    begun = {"run_id": None, "dag_run_id": "scheduled__a", "started_at": now - hour + timedelta(minutes=8)}
    decided(rest, job.job_id, (now - hour, TimeOutcome.RAN), **begun)
    newest, older = schedule_of(rest, job.job_id)["expected"]
    assert (newest["outcome"], newest["late"], newest["reason"]) == ("ran", True, None)
    assert newest["startedAt"] == shown(begun["started_at"])
    assert newest["run"]["url"].endswith(f"/dags/{job.dag_id}/runs/scheduled__a")
    assert older == {
        "dueAt": shown(now - 2 * hour),
        "outcome": "skipped",
        "reason": "Run run_1 was still in progress.",
        "startedAt": None,
        "late": False,
        "decidedAt": shown(now - 2 * hour),
        "run": None,
    }


def test_pages_of_expected_times_come_without_gap_or_repeat(rest: Any) -> None:
    job, now = a_job(rest.desk, schedule=MONDAYS), datetime.now(UTC)
    times = [now - timedelta(days=days) for days in range(5)]
    decided(rest, job.job_id, *((time, TimeOutcome.RAN) for time in times))
    seen, query = [], {"limit": 2}
    while True:
        page = schedule_of(rest, job.job_id, **query)
        seen += [datetime.fromisoformat(time["dueAt"]) for time in page["expected"]]
        if page["before"] is None:
            break
        query["before"] = page["before"]
    assert seen == times


def test_outcomes_are_counted_over_thirty_days(rest: Any) -> None:
    job, now = a_job(rest.desk, schedule=MONDAYS), datetime.now(UTC)
    ran, skipped, not_run = TimeOutcome.RAN, TimeOutcome.SKIPPED, TimeOutcome.NOT_RUN
    days = ((1, ran), (2, ran), (3, skipped), (29, not_run), (31, ran))
    decided(rest, job.job_id, *((now - timedelta(days=age), outcome) for age, outcome in days))
    assert schedule_of(rest, job.job_id)["counts"] == {"days": 30, "ran": 2, "skipped": 1, "notRun": 1}


def test_a_dag_that_somebody_paused_is_said_wherever_the_job_is_shown(rest: Any) -> None:
    job = a_job(rest.desk, schedule=MONDAYS)
    save_dag(job.dag_id, is_paused=True)
    shown = [rest.client.get(f"/jobs{path}", headers=rest.key()).json() for path in ("", f"/{job.job_id}")]
    told = [shown[0]["jobs"][0]["paused"], shown[1]["paused"], schedule_of(rest, job.job_id)["paused"]]
    sentence = (
        f"Somebody paused its DAG {job.dag_id!r} in Airflow: nothing starts the job, and its times are recorded as "
        "not run, until it is switched on there."
    )
    assert told == [sentence] * 3


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=0", "query.limit is '0'"),
        ("limit=101", "query.limit is '101': Input should be less than or equal to 100"),
        ("before=yesterday", "query.before is 'yesterday'"),
        ("before=2026-11-23T08:00:00", "timezone"),
        (
            "before=0001-01-01T00:00:00%2B14:00",
            "+14:00': in UTC this lies outside the years 1 to 9999; name",
        ),
        ("before=9999-12-31T23:59:59-12:00", "-12:00': in UTC this lies outside the years 1 to 9999; name an instant"),
        ("before=2026-11-23 08:00", "timezone"),
        ("after=2026-11-23T08:00:00Z", "query.after is not known here."),
    ],
)
def test_a_query_that_does_not_fit_names_field_value_and_range(rest: Any, query: str, told: str) -> None:
    answer = rest.client.get(f"/jobs/{rest.job.job_id}/schedule?{query}", headers=rest.key())
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("written", ["{}+00:00", "{}%2B00:00", "{} 00:00", "{}Z", "{}.000 0000"])
def test_an_instant_is_taken_as_it_was_shown_with_its_plus_escaped_or_not(rest: Any, written: str) -> None:
    job, due_at = a_job(rest.desk, schedule=MONDAYS), datetime(2026, 11, 23, 8, tzinfo=UTC)
    times = [due_at, due_at - timedelta(days=7)]
    decided(rest, job.job_id, *((time, TimeOutcome.RAN) for time in times))
    url = f"/jobs/{job.job_id}/schedule?before={written.format('2026-11-23T08:00:00')}"
    [older] = rest.client.get(url, headers=rest.key()).json()["expected"]
    assert older["dueAt"] == shown(times[1])


@pytest.mark.parametrize("before", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_first_and_the_last_instant_are_taken(rest: Any, before: str) -> None:
    assert schedule_of(rest, rest.job.job_id, before=before)["expected"] == []


def preview(rest: Any, **query: Any) -> Any:
    return rest.client.get("/schedule/preview", headers=rest.key(), params=query)


def test_an_expression_is_previewed_in_the_organisations_zone_or_another(rest: Any) -> None:
    found = preview(rest, expression="@first-weekday", count=3).json()
    assert found["timezone"] == "Europe/Amsterdam"
    assert [date["at"][11:16] for date in found["next"]] == ["08:00"] * 3
    other = preview(rest, expression="30 6 * * *", timezone="Asia/Tokyo").json()
    assert (other["timezone"], len(other["next"]), other["next"][0]["offset"]) == ("Asia/Tokyo", 5, "+09:00")
    assert "06:30" in other["words"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"expression": "60 8 * * *"}, ("60", "minute", "59")),
        ({"expression": "0 8 * * * *"}, ("0 8 * * * *", "five")),
        ({"expression": ""}, ("''",)),
        ({"expression": "0 8 * * *", "timezone": "Mars/Base"}, ("Mars/Base",)),
        ({"expression": "0 8 * * *", "onHoliday": "sometimes"}, ("onHoliday", "'sometimes'", "'next'")),
        ({"expression": "0 8 * * *", "count": 21}, ("count", "'21'", "20")),
        ({"timezone": "UTC"}, ("query.expression",)),
        ({"expression": "x" * 60_000}, ("xxx",)),
        ({"expression": "0 8 * * \0"}, ("day of week", "0 to 7")),
    ],
)
def test_what_cannot_be_previewed_is_refused_with_the_reason(rest: Any, query: Any, told: tuple[str, ...]) -> None:
    answer = preview(rest, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert all(word in answer.json()["detail"] for word in told), answer.json()["detail"]
    assert len(answer.json()["detail"]) < 2000
