"""Jobs get a version for each change, and names that never change."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat

import pytest
from sqlalchemy import select, text, update

from builders.saved import NOW, a_job, an_agent, an_organisation, ask, later, save_job, snapshot_of
from builders.stores import emptied
from interact.errors import NotFound, StoreUnavailable
from interact.jobs.parameters import Parameter
from interact.jobs.plans import plan_of
from interact.jobs.rights import Owned
from interact.jobs.stored import Published
from interact.store import agents, jobs, organisations, periods
from interact.store.published import published
from interact.store.sessions import Store
from interact.store.tables import JobRow, JobVersionRow


def test_saving_says_what_it_did_and_counts_versions(store: Store) -> None:
    with store.writing() as session:
        first = save_job(session)
        again, unchanged = jobs.save(session, a_job(), now=later(hours=1))
        second, changed = jobs.save(session, a_job(prompt="Why?"), now=later(hours=2))
        versions = session.scalars(select(JobVersionRow.version).where(JobVersionRow.job_id == first.job_id)).all()
    assert (unchanged, changed) == ("unchanged", "changed")
    assert (first.version, again.version, second.version, sorted(versions)) == (1, 1, 2, [1, 2])


def test_a_new_name_or_visibility_changes_neither_id_nor_dag(store: Store) -> None:
    with store.writing() as session:
        first = save_job(session)
        second, _ = jobs.save(session, a_job(name="Renamed", visibility="private", owner="bob"), now=NOW)
        row = session.get_one(JobRow, first.job_id)
        assert (second.job_id, second.dag_id) == (first.job_id, first.dag_id)
        assert (row.owner, row.visibility) == ("bob", "private")
    assert first.dag_id == f"interact_weekly_report_{first.job_id[-4:]}"


def test_the_order_of_values_is_a_change(store: Store) -> None:
    turned = {"market": Parameter(values=("DE", "BE", "NL"), default=("NL",))}
    with store.writing() as session:
        save_job(session)
        saved, outcome = jobs.save(session, a_job(parameters=turned), now=NOW)
    assert (outcome, saved.definition.parameters["market"].values) == ("changed", ("DE", "BE", "NL"))


def test_a_job_comes_back_as_it_was_saved(store: Store) -> None:
    with store.writing() as session:
        saved = save_job(session, name="Jób 🙂", prompt="Line 1\nLine {{ market }}", timezone="UTC")
    with store.reading() as session:
        assert jobs.by_id(session, saved.job_id) == saved
        assert jobs.by_key(session, saved.organisation_id, "weekly") == saved


def test_an_id_whose_dag_is_taken_is_drawn_again(store: Store) -> None:
    ids = chain(["job_aaaaaaaax9k2", "job_bbbbbbbbx9k2", "job_ccccccccx9k2"], repeat("job_ddddddddwxyz"))
    with store.writing() as session:
        save_job(session, key="other")
        first, _ = jobs.save(session, a_job(key="first"), now=NOW, new_id=lambda: next(ids))
        jobs.mark_deleted(session, first.job_id, now=NOW)
        second, _ = jobs.save(session, a_job(key="second"), now=NOW, new_id=lambda: next(ids))
    assert (first.dag_id, second.dag_id) == ("interact_weekly_report_x9k2", "interact_weekly_report_wxyz")


def test_a_deleted_job_leaves_every_list_and_frees_its_key(store: Store) -> None:
    with store.writing() as session:
        old = save_job(session)
        jobs.mark_deleted(session, old.job_id, now=NOW)
        assert jobs.by_id(session, old.job_id) is None
        assert jobs.by_key(session, old.organisation_id, "weekly") is None
        assert jobs.snapshot(session, old.job_id) is None
        assert jobs.all_jobs(session) == []
        new, outcome = jobs.save(session, a_job(), now=NOW)
    assert (outcome, new.version) == ("created", 1)
    assert new.job_id != old.job_id


def test_a_deleted_job_still_stands_as_it_was_last(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        assert jobs.standing(session, job.job_id) == Owned(job.job_id, job.organisation_id, "ada", is_private=False)
        jobs.save(session, a_job(visibility="private", owner="bob"), now=NOW)
        jobs.mark_deleted(session, job.job_id, now=NOW)
        assert jobs.standing(session, job.job_id) == Owned(job.job_id, job.organisation_id, "bob", is_private=True)
        assert jobs.standing(session, "job_aaaaaaaaaaaa") is None
        assert jobs.id_by_dag(session, job.dag_id) == job.job_id
        assert jobs.id_by_dag(session, "interact_none_0000") is None


def test_each_agent_has_as_many_jobs_as_somebody_sees(store: Store) -> None:
    with store.writing() as session:
        first = save_job(session, key="shared")
        save_job(session, key="private", visibility="private")
        gone = save_job(session, key="gone")
        jobs.mark_deleted(session, gone.job_id, now=NOW)
        ask(session, snapshot_of(session, first).agent)
        other, _ = agents.save(session, an_agent(key="other"), now=NOW)
        jobs.save(session, a_job(key="elsewhere", agent="other", owner="bob", visibility="private"), now=NOW)
        seen = {name: jobs.counts(session, first.organisation_id, owner=name) for name in ("ada", "bob")}
    assert seen == {"ada": {first.agent_id: 2}, "bob": {first.agent_id: 1, other.agent_id: 1}}


def test_all_jobs_come_in_the_order_of_their_dags(store: Store) -> None:
    with store.writing() as session:
        for key, name in (("c", "Cherry"), ("a", "Apple"), ("b", "Banana")):
            save_job(session, key=key, name=name)
        found = jobs.all_jobs(session)
    assert [job.definition.name for job in found] == ["Apple", "Banana", "Cherry"]


def test_a_snapshot_holds_all_three_and_the_zone(store: Store) -> None:
    with store.writing() as session:
        taken = snapshot_of(session, save_job(session))
    assert (taken.agent.definition, taken.organisation.definition) == (an_agent(), an_organisation())
    assert taken.timezone == "Europe/Amsterdam"


def test_a_job_moves_to_another_agent(store: Store) -> None:
    with store.writing() as session:
        first = save_job(session)
        other, _ = agents.save(session, an_agent(key="other"), now=NOW)
        second, _ = jobs.save(session, a_job(agent="other"), now=NOW)
        assert snapshot_of(session, second).agent == other
    assert second.agent_id != first.agent_id


def test_a_job_of_an_unknown_agent_or_organisation_is_refused(store: Store) -> None:
    with store.writing() as session:
        organisations.save(session, an_organisation(), now=NOW)
    with pytest.raises(NotFound, match="no agent 'analyst'"), store.writing() as session:
        jobs.save(session, a_job(), now=NOW)
    with pytest.raises(NotFound, match="no organisation 'east'"), store.writing() as session:
        jobs.save(session, a_job(organisation="east"), now=NOW)


def test_two_live_jobs_of_one_key_cannot_be(store: Store) -> None:
    with store.writing() as session:
        save_job(session)
        other = save_job(session, key="other")
    with pytest.raises(StoreUnavailable, match="met another writer"), store.writing() as session:
        session.execute(update(JobRow).where(JobRow.id == other.job_id).values(key="weekly"))


def test_what_is_published_is_plain_and_one_that_cannot_be_read_hides_no_other(store: Store) -> None:
    with store.writing() as session:
        good = save_job(session, key="good", name="A good one")
        bad = save_job(session, key="bad", name="Bad")
        broken = (
            update(JobVersionRow).where(JobVersionRow.job_id == bad.job_id).values(definition={"of": "another version"})
        )
        session.execute(broken)
    with store.reading() as session:
        found = published(session)
        assert [row["dag_id"] for row in found] == [good.dag_id, bad.dag_id]
        assert found[1]["definition"] == {"of": "another version"}
        assert [row["job_id"] for row in published(session, only=good.dag_id)] == [good.job_id]
        assert published(session, only="unknown") == []


def test_what_is_published_says_when_a_job_runs_by_itself_and_since_when(store: Store) -> None:
    with store.writing() as session:
        by_hand = save_job(session, key="by-hand", name="A")
        weekly = save_job(session, key="weekly", name="B", schedule="0 8 * * 1")
        jobs.save(session, a_job(key="weekly", name="B", schedule="0 9 * * 1"), now=later(hours=1, microseconds=5))
        off = save_job(session, key="off", name="C", schedule="@daily")
        jobs.save(session, a_job(key="off", name="C", schedule={"cron": "@daily", "enabled": False}), now=later(days=1))
        plan = plan_of(a_job(schedule="0 9 * * 1"), an_organisation())
        assert plan is not None
    with store.reading() as session:
        rows = published(session)
        found = [Published.of(row) for row in json.loads(json.dumps(rows))]
        assert published(session, only=weekly.dag_id) == [rows[1]]
        assert [entry.job for entry in found] == jobs.all_jobs(session)
    assert [entry.job.job_id for entry in found] == [by_hand.job_id, weekly.job_id, off.job_id]
    assert [(entry.plan, entry.held_from) for entry in found] == [
        (None, None),
        (plan, later(hours=1, microseconds=5)),
        (None, None),
    ]
    assert (rows[1]["plan"], rows[1]["held_from"]) == (plan.plain(), "2026-11-23T09:00:00.000005+00:00")


def test_an_organisation_and_its_jobs_saved_at_once_end_with_a_plan_of_both(store: Store) -> None:
    zones, crons = ("UTC", "Europe/Paris"), ("0 8 * * 1", "0 9 * * 1", "@daily")
    with store.writing() as session:
        job = save_job(session, schedule=crons[0])

    def move(number: int) -> None:
        with store.writing() as session:
            if number % 2:
                organisations.save(session, an_organisation(timezone=zones[number // 2 % 2]), now=later(seconds=number))
            else:
                jobs.save(session, a_job(schedule=crons[number // 2 % 3]), now=later(seconds=number))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(move, range(40)))
    with store.reading() as session:
        found, taken = periods.current(session, job.job_id), snapshot_of(session, job)
    assert found is not None
    assert found.plan == plan_of(taken.job.definition, taken.organisation.definition)


def test_a_job_that_comes_from_a_file_is_kept_there(store: Store) -> None:
    with store.writing() as session:
        by_call = save_job(session, key="by-call")
        kept, _ = jobs.save(session, a_job(), now=NOW, kept_in="jobs.yaml")
        assert (by_call.kept_in, kept.kept_in) == (None, "jobs.yaml")
        assert jobs.by_id(session, kept.job_id) == kept
        assert {row["definition"]["key"]: row["kept_in"] for row in published(session)} == {
            "by-call": None,
            "weekly": "jobs.yaml",
        }
        assert {Published.of(row).job.kept_in for row in published(session)} == {None, "jobs.yaml"}


def test_taking_a_job_into_a_file_is_a_change_without_a_new_version(store: Store) -> None:
    with store.writing() as session:
        before = save_job(session)
        taken, change = jobs.save(session, a_job(), now=NOW, kept_in="jobs.yaml")
        _, again = jobs.save(session, a_job(), now=NOW, kept_in="jobs.yaml")
        moved, moving = jobs.save(session, a_job(), now=NOW, kept_in="other.yaml")
        assert (change, again, moving) == ("changed", "unchanged", "changed")
        assert (taken.kept_in, moved.kept_in) == ("jobs.yaml", "other.yaml")
        assert before.version == taken.version == moved.version == 1


def test_a_save_without_a_file_leaves_a_job_with_the_one_that_keeps_it(store: Store) -> None:
    with store.writing() as session:
        save_job(session)
        jobs.save(session, a_job(), now=NOW, kept_in="jobs.yaml")
        same, unchanged = jobs.save(session, a_job(), now=NOW)
        changed, _ = jobs.save(session, a_job(prompt="Why?"), now=NOW)
    assert (same.kept_in, unchanged, changed.kept_in) == ("jobs.yaml", "unchanged", "jobs.yaml")


def test_a_job_with_a_channel_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="no channel 'mail'"), store.writing() as session:
        save_job(session, channels=["mail"])


def test_a_row_that_cannot_be_read_hides_no_other_and_is_not_deleted(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with store.writing() as session:
        bad, good = save_job(session), save_job(session, key="other")
        spoil = text("UPDATE job_versions SET definition = :broken WHERE job_id = :job_id")
        session.execute(spoil, {"broken": '{"secret": 1}', "job_id": bad.job_id})
    with store.reading() as session:
        assert [job.job_id for job in jobs.all_jobs(session)] == [good.job_id]
        assert jobs.by_id(session, bad.job_id) is None
        assert not jobs.is_deleted(session, bad.job_id)
    assert f"Job {bad.job_id} cannot be read" in caplog.text and "secret" not in caplog.text


def test_a_job_is_read_as_it_stands_although_the_session_holds_its_row(postgres_store: Store) -> None:
    store = emptied(postgres_store)
    with store.writing() as session:
        job = save_job(session)
    with store.writing() as session:
        held = session.get_one(JobRow, job.job_id)
        with store.writing() as another:
            saved, _ = jobs.save(another, a_job(name="Renamed"), now=later(hours=1))
        assert jobs.by_id(session, job.job_id) == saved
        assert held.version == saved.version == 2
