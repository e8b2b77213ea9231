"""What was stored by an earlier version is read as what it means today."""

from datetime import UTC, datetime
from typing import Any

from builders.saved import NOW, a_job, an_organisation
from interact.jobs.plans import plan_of
from interact.jobs.stored import Published, StoredJob

JOB = a_job(schedule="0 8 * * 1")
IDS: dict[str, Any] = {
    "job_id": "job_1",
    "organisation_id": "org_1",
    "agent_id": "agent_1",
    "dag_id": "d",
    "version": 3,
}


def test_a_published_job_says_when_it_runs_by_itself_and_since_when() -> None:
    plan = plan_of(JOB, an_organisation())
    assert plan is not None
    row = IDS | {"definition": JOB.model_dump(mode="json"), "plan": plan.plain(), "held_from": NOW.isoformat()}
    found = Published.of(row)
    assert (found.job, found.plan, found.held_from) == (StoredJob(**IDS, definition=JOB), plan, NOW)
    assert found.held_from == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_the_last_good_parse_of_an_earlier_version_lacks_plans() -> None:
    found = Published.of(IDS | {"definition": a_job().model_dump(mode="json", exclude={"schedule", "triggers"})})
    assert (found.job.definition, found.plan, found.held_from) == (a_job(), None, None)
