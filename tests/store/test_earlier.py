from builders.saved import a_query, accept, later, save_job
from interact.chats.record import CORRECTED, NOBODY
from interact.chats.status import ChatStatus
from interact.store import chats, earlier


def answered(session, chat, *, status=ChatStatus.COMPLETED, queries=()):
    number = chats.begin_attempt(session, chat.chat_id, now=chat.created_at)
    for query in queries:
        chats.add_query(session, chat.chat_id, number, query)
    chats.finish_attempt(session, chat.chat_id, number, chats.Outcome(status, None), now=chat.created_at)


def test_each_chat_is_told_the_last_one_of_its_values(store):
    with store.writing() as session:
        job = save_job(session)
        for day, markets in ((0, ("NL", "BE")), (1, ("NL",))):
            for chat in accept(session, job, markets, now=later(days=day))[1]:
                answered(session, chat)
        _, now = accept(session, job, ("NL", "BE", "DE"), now=later(days=2))
        found = earlier.last_completed(session, now)
    assert {chat.parameters["market"]: found[chat.chat_id].run_after for chat in now if chat.chat_id in found} == {
        "NL": later(days=1),
        "BE": later(days=0),
    }


def test_only_completed_chats_of_earlier_runs_of_the_job_count(store):
    with store.writing() as session:
        job = save_job(session)
        _, (failed,) = accept(session, job)
        answered(session, failed, status=ChatStatus.FAILED)
        _, now = accept(session, job, now=later(days=1))
        _, (after,) = accept(session, job, now=later(days=2))
        answered(session, now[0])
        answered(session, after)
        other = save_job(session, key="other")
        _, (of_other,) = accept(session, other)
        answered(session, of_other)
        assert earlier.last_completed(session, now) == {}
        assert earlier.last_completed(session, ()) == {}


def test_what_nobody_or_one_person_was_to_hear_of_is_passed_over(store):
    with store.writing() as session:
        job = save_job(session)
        for day, audience in enumerate((CORRECTED, NOBODY, "me:ada@example.com")):
            _, (chat,) = accept(session, job, now=later(days=day), audience=audience)
            answered(session, chat)
        _, now = accept(session, job, now=later(days=3))
        (found,) = earlier.last_completed(session, now).values()
    assert found.run_after == later(days=0)


def test_a_chat_that_was_asked_otherwise_is_none(store):
    with store.writing() as session:
        job = save_job(session)
        _, (before,) = accept(session, job, prompts=("What did NL earn?",))
        answered(session, before)
        _, now = accept(session, job, now=later(days=1))
        assert earlier.last_completed(session, now) == {}


def test_the_newest_attempt_brings_its_results(store):
    old, new, failed = a_query(), a_query(rows_sha256="cd" * 32), a_query(rows_sha256=None)
    with store.writing() as session:
        job = save_job(session)
        _, (before,) = accept(session, job)
        answered(session, before, queries=(old,))
        answered(session, before, queries=(new, failed))
        _, now = accept(session, job, now=later(days=1))
        (found,) = earlier.last_completed(session, now).values()
    assert (found.attempt.chat_id, found.attempt.number) == (before.chat_id, 2)
    assert found.results == {new.result_id: "cd" * 32}


def test_so_many_chats_are_looked_through_and_no_more(store, monkeypatch):
    monkeypatch.setattr(earlier, "LOOK_BACK", 2)
    with store.writing() as session:
        job = save_job(session)
        for day, market in enumerate(("DE", "NL", "BE")):
            answered(session, accept(session, job, (market,), now=later(days=day))[1][0])
        _, now = accept(session, job, ("NL", "DE"), now=later(days=4))
        found = earlier.last_completed(session, now)
    assert [chat.chat_id in found for chat in now] == [True, False]


def test_one_chat_is_told_the_run_before_it_by_the_dates_that_runs_count_from(store):
    with store.writing() as session:
        job = save_job(session)
        for day in (0, 2, 1):  # The last of them is a backfill.
            _, (chat,) = accept(session, job, now=later(days=10 + day), run_after=later(days=day))
            answered(session, chat)
        run, (now,) = accept(session, job, now=later(days=20), run_after=later(days=3))
        found = earlier.before(session, now, run)
        again, (corrected,) = accept(session, job, now=later(days=21), run_after=later(days=21), rerun_of=run.run_id)
        of_correction = earlier.before(session, corrected, again)
    assert found and of_correction
    assert (found.run_after, found.is_other_question) == (later(days=2), False)
    assert of_correction.run_id == found.run_id


def test_one_chat_of_new_values_has_nothing_before_it(store, monkeypatch):
    monkeypatch.setattr(earlier, "RUNS_BACK", 1)
    with store.writing() as session:
        job = save_job(session)
        for day, markets in enumerate((("NL",), ("BE",))):
            for chat in accept(session, job, markets, now=later(days=day))[1]:
                answered(session, chat)
        run, (dutch, german) = accept(session, job, ("NL", "DE"), now=later(days=2))
        assert earlier.before(session, german, run) is None
        assert earlier.before(session, dutch, run) is None, "it is further back than is looked"
