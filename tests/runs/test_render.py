from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.story import Says, a_desk, a_job, answered, with_report
from interact.chats.record import AssetLoad
from interact.runs.accept import Ask, accept
from interact.runs.render import render, share_of
from interact.store import chats, runs

LOADED = datetime(2026, 11, 22, 6, 42, tzinfo=UTC)


def drawn(desk, job, *loads):
    """The page that is drawn of a run that began with this data."""
    accepted = accept(desk, Ask(job.job_id, {}, "key:test"))
    run, chat_id = accepted.run, accepted.chats[0].chat_id
    with desk.store.writing() as session:
        runs.set_data(session, run.run_id, loads)
    answered(desk, chat_id, Says(with_report))
    assert render(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id, share=(0, 1)) == {"drawn": 1, "failed": 0}
    with desk.store.reading() as session:
        return desk.files.get(chats.attempt(session, chat_id).html_sha256, ".html").decode()


def test_a_report_says_in_the_jobs_zone_when_its_runs_data_was_loaded(tmp_path):
    desk = a_desk(tmp_path)
    html = drawn(desk, a_job(desk, timezone="Asia/Tokyo"), AssetLoad("orders", LOADED, "orders_load", late=True))
    assert "<td>orders</td><td>22 Nov 2026, 15:42 JST <strong>had not arrived</strong></td>" in html
    assert "Not all data had arrived" in html


def test_a_report_of_a_run_without_data_says_nothing_of_it(tmp_path):
    desk = a_desk(tmp_path)
    assert "Data as of" not in drawn(desk, a_job(desk))


@pytest.mark.parametrize(
    ("chats", "count", "sizes"),
    [
        (1, 4, [1, 0, 0, 0]),
        (25, 4, [25, 0, 0, 0]),
        (60, 4, [25, 25, 10, 0]),
        (101, 4, [26, 26, 26, 23]),
        (1000, 4, [250, 250, 250, 250]),
        (1000, 40, [25] * 40),
        (30, 1, [30]),
    ],
)
def test_few_chats_are_drawn_by_the_first_tasks_and_many_by_all(chats, count, sizes):
    assert [len(share_of(range(chats), number, count)) for number in range(count)] == sizes


@given(st.integers(0, 1000), st.integers(1, 40))
def test_the_shares_are_all_chats_once_and_in_order(chats, count):
    shares = [share_of(range(chats), number, count) for number in range(count)]
    assert [chat for share in shares for chat in share] == list(range(chats))
