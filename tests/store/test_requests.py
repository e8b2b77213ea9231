"""Requests with an Idempotency-Key, and values of parameters, on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from builders.saved import NOW, accept, later, save_job
from interact.store import requests, values
from interact.store.requests import Earlier, Once
from interact.store.sessions import Store
from interact.store.values import KeptValues

ONCE = Once("key_1", "monday", "ab" * 32)


def test_a_request_is_known_for_a_day_to_its_caller(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        requests.keep(session, ONCE, run.run_id, now=NOW)
        earlier = Earlier(ONCE.sha256, run.run_id)
        assert requests.earlier(session, ONCE, now=later(hours=23, minutes=59)) == earlier
        assert requests.earlier(session, ONCE, now=later(hours=24)) is None
        assert requests.earlier(session, Once("key_2", "monday", ONCE.sha256), now=NOW) is None


def test_what_is_older_than_a_day_is_forgotten_when_another_comes(store: Store) -> None:
    with store.writing() as session:
        run, _ = accept(session, save_job(session))
        requests.keep(session, ONCE, run.run_id, now=NOW - timedelta(hours=24))
        requests.keep(session, Once("key_1", "tuesday", "cd" * 32), run.run_id, now=NOW)
        assert requests.earlier(session, ONCE, now=NOW - timedelta(hours=1)) is None
        requests.keep(session, ONCE, run.run_id, now=NOW)  # the same key, the day after


def test_values_are_kept_by_job_and_name(store: Store) -> None:
    with store.writing() as session:
        job = save_job(session)
        for found in (("NL",), ("NL", "Łódź")):
            values.keep(session, job.job_id, "market", KeptValues("SELECT market", found, NOW))
    with store.reading() as session:
        assert values.of_job(session, job.job_id) == {"market": KeptValues("SELECT market", ("NL", "Łódź"), NOW)}
        assert values.of_job(session, "job_000000000000") == {}


def test_two_that_read_a_parameter_at_once_both_keep_it(store: Store) -> None:
    with store.writing() as session:
        job_id = save_job(session).job_id

    def keep() -> None:
        with store.writing() as session:
            values.keep(session, job_id, "market", KeptValues("SELECT 1", ("NL", "BE"), later(minutes=1)))

    with ThreadPoolExecutor(1) as threads:
        with store.writing() as session:
            values.keep(session, job_id, "market", KeptValues("SELECT 1", ("NL",), NOW))
            other = threads.submit(keep)
            time.sleep(0.3)  # By then it waits.
        other.result()
    with store.reading() as session:
        assert values.of_job(session, job_id)["market"].values == ("NL", "BE")
