"""A further question beside the one before it: what of the two is known, and what is said of the inheritance."""

from __future__ import annotations

from dataclasses import dataclass, field

from interact.agents.analyst.conditions import Rule
from interact.agents.analyst.joints import Joints
from interact.agents.analyst.request import Breakdown, Reading
from interact.warehouse.semantic import SemanticModel


@dataclass
class Heir:
    """What a further question inherits from; `taken` and `left` are told to people."""

    before: Reading
    now: Reading
    joints: Joints
    model: SemanticModel
    taken: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def is_new_subject(self) -> bool:
        """Whether the question says by itself which figures it wants, and for whom; only the period is missing."""
        now, joints = self.now, self.joints
        hangs_on = joints.continues or joints.adds or joints.narrows or joints.points
        return bool((now.metrics or now.overall) and (now.breakdowns or now.rules) and not hangs_on)

    @property
    def lists(self) -> tuple[Rule, ...]:
        """The rules of the question before that say who is shown at all."""
        return tuple(rule for rule in self.before.rules if not rule.highlight)

    @property
    def limit(self) -> int | None:
        """How many rows a table of the question before shows; None where all show every row."""
        return next(
            (each.ranking.limit for each in self.before.breakdowns if each.ranking and each.ranking.limit), None
        )

    @property
    def over_time(self) -> tuple[Breakdown, ...]:
        """The tables of the question before that go over time."""
        return tuple(each for each in self.before.breakdowns if each.grain)
