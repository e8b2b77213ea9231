"""The prompt suite: no answer is wrong and silent, and most are right."""

import json
from collections import Counter
from pathlib import Path

import pytest

from prompts.suite import Judged, counted, explained, run_suite, written
from prompts.suite_cases import read_cases
from prompts.warehouses import TABLES

FLOOR = 0.95


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    """The whole suite, answered and judged."""
    return run_suite()


def test_no_answer_is_wrong_and_silent(judged: list[Judged]) -> None:
    silent = [each for each in judged if each.verdict.outcome == "silent"]
    assert not silent, explained(silent)


def test_most_answers_are_right(judged: list[Judged]) -> None:
    right = sum(each.verdict.outcome == "right" for each in judged)
    assert right >= FLOOR * len(judged), f"{counted(judged)}\n\n{explained(judged)}"


def test_each_prompt_has_one_row_in_the_file(judged: list[Judged], tmp_path: Path) -> None:
    written(judged, tmp_path / "prompts.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    assert sorted(row["id"] for row in rows) == sorted(case.id for case in read_cases())
    assert {row["outcome"] for row in rows} <= {"right", "told", "silent"}


def test_there_are_at_least_35_prompts_a_model_and_each_says_what_is_right() -> None:
    cases = read_cases()
    counts = Counter(case.model for case in cases)
    assert set(counts) == set(TABLES) and min(counts.values()) >= 35 and counts.total() >= 120
    assert len({case.id for case in cases}) == len(cases)
    assert [case.id for case in cases if not (case.decline or case.tables or case.highlights)] == []
    assert [case.id for case in cases if case.window is None and not case.decline] == []
