"""A rehearsal leaves nothing in the store, and in the process what the real run would otherwise make first."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from builders.story import a_desk, a_job
from interact.agents.contract import Answer, Journal, Question
from interact.jobs.stored import Published
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.runs.ask import ask, open_attempt
from interact.runs.rehearse import rehearse
from interact.store.sessions import Store
from interact.store.tables import Base
from interact.warehouse.queries import Warehouse


class Quiet:
    """An agent that says a word."""

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        return Answer("Nothing.")


def test_a_rehearsal_leaves_nothing(store: Store, tmp_path: Path) -> None:
    built: list[Published] = []
    rehearse(replace(a_desk(tmp_path), store=store), built.append)
    with store.reading() as session:
        kept = {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }
    assert set(kept.values()) == {0}, kept
    assert [published.job.definition.name for published in built] == ["Rehearsal"]
    assert list((tmp_path / "files").rglob("*.*")) == []


def test_after_a_rehearsal_a_chat_is_answered_without_a_new_statement(store: Store, tmp_path: Path) -> None:
    desk = replace(a_desk(tmp_path), store=store)
    rehearse(desk, lambda published: None)
    accepted = accept(desk, Ask(a_job(desk).job_id, {}, "key:ci"))
    run = accepted.run
    known = set(store._current()._compiled_cache)
    attempt = open_attempt(desk, accepted.chats[0].chat_id, dag_id=run.dag_id, dag_run_id=run.dag_run_id)
    ask(desk, attempt, open_warehouse=lambda *_: nullcontext(Warehouse()), find_agent=lambda _: Quiet())
    assert announce(desk, dag_id=run.dag_id, dag_run_id=run.dag_run_id).is_whole
    assert set(store._current()._compiled_cache) == known
