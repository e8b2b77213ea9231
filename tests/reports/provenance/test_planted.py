"""Planted false numbers are found, and right ones are left alone: the figures that issue 7 asks for."""

import os
from collections import Counter
from itertools import islice
from random import Random

import pytest

from builders.planted import Figures, figures
from builders.planting import false, right
from interact.reports.provenance.tracing import trace

FALSE, RIGHT = (20_000, 20_000) if os.environ.get("EXPLORE") else (300, 600)
SEED = 7


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return figures(tmp_path_factory.mktemp("planted") / "demo.duckdb")


def test_every_planted_false_number_is_found(found: Figures) -> None:
    planted = islice(false(found, Random(SEED)), FALSE)
    missed = [(each.kind, each.number, each.text) for each in planted if not trace(each.text, found.ground).untraced]
    assert missed == [], Counter(kind for kind, *_ in missed)


def test_at_most_one_right_number_in_fifty_is_marked(found: Figures) -> None:
    planted = islice(right(found, Random(SEED)), RIGHT)
    marked = [(each.text, traced) for each in planted if (traced := trace(each.text, found.ground).untraced)]
    assert len(marked) <= RIGHT * 0.02, marked[:20]
