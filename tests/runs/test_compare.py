"""The roll-up of a run: made when it ends, drawn when an answer has a report, and never in the way of the verdict."""

from dataclasses import replace
from pathlib import Path

import pytest

from builders.rollups import CPA, ROAS, SPEND, answer, decline
from builders.story import a_desk, a_job
from interact.chats.record import Chat, Run
from interact.chats.result import Cell, Result
from interact.chats.status import RunVerdict
from interact.errors import StoreUnavailable
from interact.jobs.stored import StoredJob
from interact.reports.rollup import Rollup
from interact.runs.accept import Accepted, Ask, accept
from interact.runs.announce import announce
from interact.runs.compare import summable_over
from interact.runs.desk import Desk
from interact.store import chats, runs
from interact.store.files import Files


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk on a fresh store."""
    return a_desk(tmp_path)


def fan_out(desk: Desk, *markets: str, job: StoredJob | None = None) -> Accepted:
    """Return an accepted run of these markets."""
    return accept(desk, Ask((job or a_job(desk)).job_id, {"market": list(markets)}, "key:test"))


def ended(desk: Desk, accepted: Accepted) -> Run:
    """End a run and return it as it is kept."""
    return announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id).run


def pdf_kept(desk: Desk, *opened: Chat) -> None:
    """Keep a PDF for each chat, as the tasks before the last one do."""
    with desk.store.writing() as session:
        for chat in opened:
            files = chats.Rendered(html_sha256="ab" * 32, pdf_sha256="cd" * 32)
            chats.set_rendered(session, chat.chat_id, 1, files)


def kept(desk: Desk, run: Run) -> Rollup:
    """Return a run's roll-up."""
    with desk.store.reading() as session:
        text = runs.rollup_of(session, run.run_id)
    assert text is not None
    return Rollup.model_validate_json(text)


def without_templates(desk: Desk, tmp_path: Path) -> Desk:
    """Return a desk that can draw nothing."""
    return replace(desk, settings=replace(desk.settings, include_dir=tmp_path / "nothing"))


def test_a_run_of_several_chats_leaves_what_compares_them(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE", "DE")
    answer(desk, accepted.chats[0], 100.0, 3.0, columns=(SPEND, ROAS))
    answer(desk, accepted.chats[1], 300.0, 1.0, columns=(SPEND, ROAS))
    decline(desk, accepted.chats[2])
    run = ended(desk, accepted)
    rollup = kept(desk, run)
    assert (rollup.title, rollup.run_id) == ("Weekly report", run.run_id)
    assert [(line.label, str(line.status), line.reason) for line in rollup.lines] == [
        ("NL", "completed", None),
        ("BE", "completed", None),
        ("DE", "failed", "I do not know 'weather'."),
    ]
    spend, roas = rollup.measures
    assert (spend.total, roas.total) == (400.0, None)
    assert (roas.best, roas.worst) == ((accepted.chats[0].chat_id,), (accepted.chats[1].chat_id,))


def test_a_prompt_without_a_report_has_no_files(desk: Desk, tmp_path: Path) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,))
    run = ended(without_templates(desk, tmp_path), accepted)
    assert (run.verdict, run.rollup_html_sha256, run.rollup_pdf_sha256, run.rollup_failure) == (
        RunVerdict.COMPLETED,
        None,
        None,
        None,
    )


def test_a_run_of_one_chat_has_no_roll_up(desk: Desk) -> None:
    accepted = fan_out(desk, "NL")
    answer(desk, accepted.chats[0], 1.0, columns=(SPEND,))
    run = ended(desk, accepted)
    with desk.store.reading() as session:
        assert runs.rollup_of(session, run.run_id) is None


def test_a_run_with_reports_leaves_a_page_and_a_pdf_of_its_comparison(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,), with_report=True)
    pdf_kept(desk, *accepted.chats)
    run = ended(desk, accepted)
    assert run.verdict is RunVerdict.COMPLETED
    page = desk.files.get(str(run.rollup_html_sha256), ".html").decode()
    assert f'href="http://localhost:8080/interact/chats/{accepted.chats[0].chat_id}"' in page
    assert "Norrland" in page and "<span>Period</span>9–15 Nov 2026" in page
    assert desk.files.get(str(run.rollup_pdf_sha256), ".pdf").startswith(b"%PDF")


def test_an_unchanged_roll_up_is_not_drawn_again(desk: Desk, tmp_path: Path) -> None:
    accepted = fan_out(desk, "NL", "BE")
    answer(desk, accepted.chats[0], 1.0, columns=(SPEND,), with_report=True)
    answer(desk, accepted.chats[1], 2.0, columns=(SPEND,))
    pdf_kept(desk, accepted.chats[0])
    first = ended(desk, accepted)
    again = ended(without_templates(desk, tmp_path), accepted)
    assert (again.verdict, again.rollup_pdf_sha256) == (RunVerdict.COMPLETED, first.rollup_pdf_sha256)


def test_a_chat_that_is_answered_anew_changes_the_roll_up_and_its_files(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    answer(desk, accepted.chats[0], 1.0, columns=(SPEND,), with_report=True)
    pdf_kept(desk, accepted.chats[0])
    decline(desk, accepted.chats[1])
    first = ended(desk, accepted)
    answer(desk, accepted.chats[1], 7.0, columns=(SPEND,))
    again = ended(desk, accepted)
    assert (first.verdict, again.verdict) == (RunVerdict.PARTIAL, RunVerdict.COMPLETED)
    assert first.rollup_pdf_sha256 != again.rollup_pdf_sha256
    assert [line.attempt for line in kept(desk, again).lines] == [1, 2]
    assert kept(desk, again).measures[0].total == 8.0


def test_a_roll_up_that_cannot_be_drawn_leaves_the_run_partial_and_its_chats_whole(desk: Desk, tmp_path: Path) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,), with_report=True)
    pdf_kept(desk, *accepted.chats)
    told = announce(without_templates(desk, tmp_path), dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    assert (told.run.verdict, told.lacking, told.is_whole) == (
        RunVerdict.PARTIAL,
        ("the roll-up is missing",),
        False,
    )
    assert str(told.run.reason).startswith("the roll-up is missing: ")
    mended = ended(desk, accepted)
    assert (mended.verdict, mended.reason, mended.rollup_failure) == (RunVerdict.COMPLETED, None, None)
    assert mended.rollup_pdf_sha256


def test_a_press_that_stops_costs_the_pdf_and_not_the_comparison(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interact.reports.pdf.PRINT_SECONDS", 0.001)
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,), with_report=True)
    pdf_kept(desk, *accepted.chats)
    run = ended(desk, accepted)
    assert run.verdict is RunVerdict.PARTIAL
    assert "The roll-up of 'Weekly report' could not be printed" in str(run.reason)
    assert [line.label for line in kept(desk, run).lines] == ["NL", "BE"]


def test_a_result_that_is_gone_is_said_and_stops_no_verdict(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,))
    elsewhere = replace(desk, files=Files(tmp_path / "elsewhere"))
    with pytest.raises(StoreUnavailable, match="The kept file '") as missing:
        ended(elsewhere, accepted)  # the task is tried again
    with desk.store.reading() as session:
        assert runs.by_id(session, accepted.run.run_id).ended_at is None
    names = {"dag_id": accepted.run.dag_id, "dag_run_id": accepted.run.dag_run_id}
    run = announce(elsewhere, **names, without_rollup=str(missing.value)).run
    assert run.verdict is RunVerdict.PARTIAL
    assert str(run.reason).startswith("the roll-up is missing: The kept file '")
    with desk.store.reading() as session:
        assert runs.rollup_of(session, run.run_id) is None


def test_a_run_of_one_chat_has_no_roll_up_to_do_without(desk: Desk) -> None:
    accepted = fan_out(desk, "NL")
    answer(desk, accepted.chats[0], 1.0, columns=(SPEND,))
    names = {"dag_id": accepted.run.dag_id, "dag_run_id": accepted.run.dag_run_id}
    run = announce(desk, **names, without_rollup="It took too long.").run
    assert (run.verdict, run.rollup_failure) == (RunVerdict.COMPLETED, None)


def test_a_fault_in_making_it_is_logged_with_its_place_and_without_its_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("secret-value")

    monkeypatch.setattr("interact.runs.compare.read_figures", breaks)
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,))
    run = ended(desk, accepted)
    assert run.verdict is RunVerdict.PARTIAL
    assert "Its making stopped at a fault of its own (ZeroDivisionError)" in str(run.reason)
    assert "in breaks" in caplog.text and "secret-value" not in caplog.text + str(run.reason)


def test_when_all_failed_the_roll_up_says_why_for_each(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        decline(desk, chat, f"There is no {chat.parameters['market']}. Ask for another.")
    run = ended(desk, accepted)
    assert run.verdict is RunVerdict.FAILED
    assert [line.reason for line in kept(desk, run).lines] == ["There is no NL.", "There is no BE."]


def test_a_run_that_was_cancelled_stays_so(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    answer(desk, accepted.chats[0], 1.0, columns=(SPEND,))
    with desk.store.writing() as session:
        chats.cancel(session, accepted.chats[1].chat_id, reason="Cancelled by ada.", now=desk.now())
        runs.mark_cancelled(session, accepted.run.run_id, by="user:ada", reason="Cancelled by ada.", at=desk.now())
    told = announce(desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    assert (told.run.verdict, told.run.reason, told.is_whole) == (RunVerdict.CANCELLED, "Cancelled by ada.", False)
    assert [str(line.status) for line in kept(desk, told.run).lines] == ["completed", "cancelled"]


def test_only_the_results_that_stand_in_a_headline_are_read(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, 2.0, columns=(SPEND, CPA))
    other = Result(result_id="result_zzzzzzzzzzzz", title="Other", sql="SELECT 2", columns=(SPEND,), rows=((1.0,),))
    with desk.store.writing() as session:
        from builders.saved import a_query

        unread = a_query(result_id=other.result_id, rows_sha256="ef" * 32)
        chats.add_query(session, accepted.chats[0].chat_id, 1, unread)
    assert ended(desk, accepted).verdict is RunVerdict.COMPLETED


def test_a_cell_of_another_chat_gives_no_figure(desk: Desk) -> None:
    accepted = fan_out(desk, "NL", "BE")
    for chat in accepted.chats:
        answer(desk, chat, 1.0, columns=(SPEND,))
    with desk.store.writing() as session:
        first = chats.newest_attempts(session, accepted.run.run_id)[accepted.chats[0].chat_id]
        number = chats.begin_attempt(session, accepted.chats[1].chat_id, now=desk.now())
        stolen = chats.Outcome(status=accepted.chats[1].status.COMPLETED, reason=None, headline=first.headline)
        chats.finish_attempt(session, accepted.chats[1].chat_id, number, stolen, now=desk.now())
    rollup = kept(desk, ended(desk, accepted))
    assert [line.figures[0] is not None for line in rollup.lines] == [True, False]
    assert first.headline == (Cell(result_id=first.headline[0].result_id, row=0, column="spend"),)


def test_two_parameters_of_which_one_is_no_filter_are_not_added(desk: Desk) -> None:
    parameters = {
        "market": {"values": ["NL", "BE"], "default": ["NL", "BE"]},
        "tone": {"values": ["short", "long"], "default": ["short", "long"]},
    }
    job = a_job(desk, key="toned", parameters=parameters, prompt="What did {{ market }} spend? Be {{ tone }}.")
    accepted = accept(desk, Ask(job.job_id, {}, "key:test"))
    plain = accept(desk, Ask(job.job_id, {"tone": "short"}, "key:test"))
    assert summable_over(accepted.chats, accepted.snapshot).sums == frozenset()
    names = {column.name for column in summable_over(plain.chats, plain.snapshot).sums}
    assert names == {"impressions", "clicks", "spend", "conversions", "revenue"}
    assert set(summable_over(plain.chats, plain.snapshot).ratios.values()) >= {("revenue", "spend")}
