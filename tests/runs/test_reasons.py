"""The sentences are those that docs/accounting.md lists."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from builders.timed import at
from interact.chats.record import AssetLoad, Run
from interact.chats.status import RunVerdict
from interact.runs import reasons
from interact.schedules.occurrences import Schedule
from interact.schedules.plan import Plan, Wait

DOCS = Path(__file__).parents[2] / "docs" / "accounting.md"
PLAN = Plan(Schedule("0 8 * * *", "Europe/Amsterdam"))
WAITING = Plan(PLAN.schedule, assets=("ads",), wait=Wait(120, "skip", None))
RUN = Run("run_x", "j", "o", "d", "s", "schedule", RunVerdict.RUNNING, None, at("08:00"), None, None, None, at("08:00"))
LOADED, NEVER = AssetLoad("ads", at("06:00"), "load_ads"), AssetLoad("costs", None, None)
TOLD = [
    reasons.holiday("Christmas Day"),
    reasons.overlap(RUN),
    reasons.data_first(RUN),
    reasons.INACTIVE,
    reasons.without_data([LOADED], at("09:00"), WAITING),
    reasons.without_data([NEVER], at("09:00"), WAITING),
    reasons.overtaken(at("09:00"), PLAN),
    reasons.overtaken(at("09:00"), WAITING),
    reasons.too_late(timedelta(minutes=31), timedelta(minutes=30)),
    reasons.paused("interact_x"),
    reasons.NO_DAG,
    reasons.changed(at("09:00"), PLAN),
    reasons.NOT_STARTED,
    reasons.waiting([LOADED, NEVER], at("09:00"), WAITING),
    reasons.NOTHING_DUE,
    reasons.ran_already("run_x"),
    reasons.ANOTHER_SCHEDULE,
    reasons.NO_DATA_WANTED,
    reasons.DELETED,
    reasons.CANCELLED,
]


def documented() -> list[re.Pattern[str]]:
    """The first column of the two tables, with what varies (in italics) as a wildcard."""
    tables = re.findall(
        r"^\| reason \(shortened\).*\n\|.*\n((?:\|.*\n)+)", DOCS.read_text(encoding="utf-8"), re.MULTILINE
    )
    rows = [line.split("|")[1].strip() for table in tables for line in table.splitlines()]
    return [re.compile(".+".join(re.escape(part) for part in re.split(r"\*[^*]+\*", row))) for row in rows]


@pytest.mark.parametrize("told", TOLD)
def test_every_reason_is_documented(told: str) -> None:
    assert [pattern.pattern for pattern in documented() if pattern.match(told)] != []


@pytest.mark.parametrize("pattern", documented(), ids=lambda pattern: pattern.pattern[:40])
def test_every_documented_reason_is_told(pattern: re.Pattern[str]) -> None:
    assert [told for told in TOLD if pattern.match(told)] != []


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (timedelta(seconds=119.9), "119 s"),
        (timedelta(minutes=31), "31 min"),
        (timedelta(hours=12), "12 h"),
        (timedelta(days=7), "7 d"),
        (timedelta(days=1, hours=1, minutes=1, seconds=59), "1 d 1 h 1 min"),
    ],
)
def test_a_duration_is_told_in_the_units_that_people_use(duration: timedelta, told: str) -> None:
    assert reasons.length(duration) == told
