"""Names fit where they go, whatever people type."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.jobs.naming import ID_PATTERN, KEY_PATTERN, dag_id, new_id, slug

AIRFLOW_ALLOWS = re.compile(r"[A-Za-z0-9_.-]{1,250}")


@pytest.mark.parametrize("prefix", ["org", "agent", "job", "run", "chat", "result", "key", "channel", "notice"])
def test_an_id_is_a_prefix_and_twelve_letters(prefix: str) -> None:
    assert re.match(ID_PATTERN, new_id(prefix))


def test_ids_differ_unless_chance_is_given() -> None:
    assert len({new_id("job") for _ in range(1000)}) == 1000
    assert new_id("job", chance=random.Random(1)) == new_id("job", chance=random.Random(1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Weekly Campaign Performance Report", "weekly_campaign_performance_report"),
        ("Zürich – Ökologie", "zurich_okologie"),
        ("  ROAS / CPA (NL)  ", "roas_cpa_nl"),
        ("日本", "job"),
        ("🙂", "job"),
        ("x" * 100, "x" * 60),
        ("a" * 59 + " b", "a" * 59),
    ],
)
def test_a_slug_is_what_is_left_of_a_name(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
def test_any_name_makes_a_slug(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9_]{0,58}[a-z0-9])?", slug(name))


@given(st.text(), st.booleans())
def test_any_job_makes_a_dag_id_that_airflow_takes(name: str, private: bool) -> None:
    assert AIRFLOW_ALLOWS.fullmatch(dag_id(name, new_id("job"), private=private))


def test_a_private_jobs_dag_tells_nothing_of_its_name() -> None:
    assert dag_id("Secret plan", "job_aaaaaaaax9k2", private=True) == "interact_private_x9k2"
    assert dag_id("Secret plan", "job_aaaaaaaax9k2", private=False) == "interact_secret_plan_x9k2"


@pytest.mark.parametrize("key", ["a", "weekly-report", "a1", "x" * 80])
def test_a_key_may_be(key: str) -> None:
    assert re.match(KEY_PATTERN, key)


@pytest.mark.parametrize("key", ["", "-a", "a-", "Weekly", "a_b", "a b", "x" * 81, "é"])
def test_a_key_may_not_be(key: str) -> None:
    assert not re.match(KEY_PATTERN, key)
