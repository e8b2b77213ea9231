"""The words that only join a further question to the one before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from interact.agents.analyst.joints import Joints, read_joints
from interact.agents.analyst.pieces import read_pieces
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

FLAGS = ("continues", "joins", "adds", "narrows", "repeats", "clears")


@pytest.fixture
def joints(model: SemanticModel, members: dict[str, tuple[str, ...]]) -> Callable[..., Joints]:
    def build(prompt: str, *enforced: str) -> Joints:
        sheet = read_pieces(prompt, model, members, today=date(2026, 6, 18))
        return read_joints(sheet, model, enforced=enforced)

    return build


@pytest.mark.parametrize(
    ("prompt", "left", "flags"),
    [
        ("and by market?", "by market?", {"continues", "joins"}),
        ("what about last month?", "last month?", {"continues"}),
        ("Ok great, now please by market", "by market", set()),
        ("Could you sort them by spend", "sort by spend", set()),
        ("also CTR", "CTR", {"continues", "adds"}),
        ("add CTR", "add CTR", {"adds"}),
        ("clicks as well", "clicks as well", {"adds"}),
        ("clicks as well as CTR", "clicks as well as CTR", set()),
        ("clicks instead", "clicks", {"continues"}),
        ("by market instead of campaign", "by market instead of campaign", set()),
        ("only NL", "only NL", {"narrows"}),
        ("limit it to NL", "NL", {"narrows"}),
        ("which of those have spend above 5", "which have spend above 5", {"narrows"}),
        ("the same for BE", "for BE", {"continues", "repeats"}),
        ("the same report for BE", "a report for BE", {"continues", "repeats"}),
        ("same period last year", "same period last year", set()),
        ("so far this month", "so far this month", set()),
        ("but not Display", "but not Display", set()),
        ("but only Display", "only Display", {"continues", "narrows"}),
        ("break that down by market", "break down by market", set()),
        ("turn it into a report", "into a report", set()),
        ("show this month", "show this month", set()),
        ("by market without conditions", "by market", {"clears"}),
        ("again", "", {"continues", "repeats"}),
        ("spend last week, again", "spend last week,", {"continues", "repeats"}),
    ],
)
def test_they_are_taken_out_and_remembered(
    joints: Callable[..., Joints], prompt: str, left: str, flags: set[str]
) -> None:
    found = joints(prompt)
    assert len(found.text) == len(prompt)
    assert " ".join(found.text.split()) == left
    assert {flag for flag in FLAGS if getattr(found, flag)} == flags
    assert found.is_empty is not bool(left)


@pytest.mark.parametrize(
    ("prompt", "points"),
    [
        ("show those in NL", "those"),
        ("their CPA", "their"),
        ("the same campaigns in NL", "the same campaigns"),
        ("campaigns by ROAS, highlight those with CPA above 30", ""),
        ("show that as a report", ""),
    ],
)
def test_a_word_for_members_of_the_answer_before_is_found(
    joints: Callable[..., Joints], prompt: str, points: str
) -> None:
    assert joints(prompt).points == points


@pytest.mark.parametrize(
    "prompt", ["that campaign", "the second one", "the third campaign", "the others", "this market"]
)
def test_what_points_at_one_of_them_is_refused(joints: Callable[..., Joints], prompt: str) -> None:
    with pytest.raises(AgentRefused, match="points at the answer before, which I do not read again"):
        joints(f"spend of {prompt}")


def test_a_dimension_with_one_value_may_be_pointed_at(joints: Callable[..., Joints]) -> None:
    assert joints("spend of this market", "market").text == "spend of this market"
