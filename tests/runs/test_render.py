from datetime import UTC, datetime

from builders.story import Says, a_desk, a_job, answered, with_report
from interact.chats.record import AssetLoad
from interact.runs.accept import Ask, accept
from interact.runs.render import render
from interact.store import chats, runs

LOADED = datetime(2026, 11, 22, 6, 42, tzinfo=UTC)


def drawn(desk, job, *loads):
    """The page that is drawn of a run that began with this data."""
    accepted = accept(desk, Ask(job.job_id, {}, "key:test"))
    run, chat_id = accepted.run, accepted.chats[0].chat_id
    with desk.store.writing() as session:
        runs.set_data(session, run.run_id, loads)
    answered(desk, chat_id, Says(with_report))
    assert render(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id, batch=0) == {"drawn": 1, "failed": 0}
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
