"""What a prompt means to its agent while somebody writes it: placeholders, values that are kept, a warehouse away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders.story import FakeDoor
from builders.timed import Story, a_story, at
from interact.agents.analyst.lexicon import words_of
from interact.errors import QueryStopped, WarehouseUnavailable
from interact.jobs.stored import StoredAgent
from interact.runs.understand import AWAY, BUSY, FRESH, Understood, Variable, understand
from interact.store import agents
from interact.warehouse.queries import Warehouse

MEMBERS = {"campaign": ("Brand Search", "Generic Search"), "channel": ("Display", "Shopping"), "market": ("BE", "NL")}
MARKET = "Spend by campaign for {{ market }} last week"


class Door(FakeDoor):
    """A door with values; an exception stands for what goes wrong."""

    def __init__(self, members: dict[str, tuple[str, ...]] | Exception) -> None:
        super().__init__({})
        self._members = members

    def members(self, dimension: str) -> tuple[str, ...]:
        """Return the values that the test gave."""
        if isinstance(self._members, Exception):
            raise self._members
        return self._members[dimension]


@dataclass
class Opened:
    """What opens a warehouse, and how often it did."""

    members: dict[str, tuple[str, ...]] | Exception = field(default_factory=lambda: dict(MEMBERS))
    times: int = 0

    @contextmanager
    def __call__(self, agent: StoredAgent, filters: dict[str, str]) -> Iterator[Warehouse]:
        self.times += 1
        yield Door(self.members)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Make an agent, on Monday 23 November 2026 at midnight."""
    return a_story(tmp_path)


def agent_of(story: Story) -> StoredAgent:
    with story.desk.store.reading() as session:
        agent = agents.by_id(session, story.job.agent_id)
    assert agent is not None
    return agent


def told(story: Story, prompt: str, opened: Opened | None = None, *, zone: str = "UTC", **variables: Any) -> Understood:
    """Return what is understood; keywords are parameters."""
    found = understand(
        story.desk, agent_of(story), prompt, variables=variables, zone=zone, open_warehouse=opened or Opened()
    )
    assert found is not None
    return found


def test_a_prompt_is_read_with_the_values_of_the_warehouse(story: Story) -> None:
    found = told(story, "Spend of Generic Search last week")
    assert found.understanding.filters == ("Campaign: Generic Search",)
    assert (found.read_with, found.unknown, found.away) == ({}, (), "")


def test_another_kind_of_agent_does_not_say(story: Story) -> None:
    agent = agent_of(story)
    other = replace(agent, definition=agent.definition.model_copy(update={"type": "llm"}))
    assert understand(story.desk, other, "Spend", variables={}, zone="UTC", open_warehouse=Opened()) is None


def test_the_day_is_that_of_the_zone(story: Story) -> None:
    assert told(story, "Spend yesterday", zone="UTC").understanding.days == "22 November 2026"
    west = told(story, "Spend yesterday", zone="America/New_York")
    assert (west.on_date, west.understanding.days) == (date(2026, 11, 22), "21 November 2026")


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (Variable(values=("NL", "BE")), "NL"),
        (Variable(values=("NL", "BE"), chosen=("BE",)), "BE"),
        (Variable(values=("NL", "BE"), chosen=("*",)), "NL"),
        (Variable(), "BE"),
    ],
)
def test_a_placeholder_is_read_as_the_first_value_of_its_parameter(
    story: Story, variable: Variable, expected: str
) -> None:
    found = told(story, MARKET, market=variable)
    assert found.read_with == {"market": expected}
    assert found.understanding.filters == (f"Market: {expected}",)
    assert found.understanding.declined is None


def test_a_parameter_of_another_name_has_a_neutral_value_of_its_type(story: Story) -> None:
    limit = told(story, "Top {{ limit }} campaigns by ROAS last week", limit=Variable("number"))
    assert limit.understanding.breakdowns == ("10 campaigns by ROAS, highest first",)
    day = told(story, "Spend on {{ day }}", day=Variable("date"))
    assert (day.read_with, day.understanding.days) == ({"day": "2026-11-22"}, "22 November 2026")


def test_a_placeholder_for_which_nothing_can_stand_is_said(story: Story) -> None:
    found = told(story, "Spend on {{ topic }}", topic=Variable("text"), other=Variable("text"))
    assert found.understanding.declined == (
        "What stands for {{ topic }} is not known yet, so the prompt cannot be read. Give the parameter a value, or a "
        "default."
    )


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("Spend for {{ region }}", "uses the placeholder 'region', which is no parameter of this job"),
        ("Spend for { market }", "which is no placeholder. Write two braces"),
        ("Spend for {{ market", "cannot be read as a template"),
        ("Spend for {{ market.x }}", "holds more than placeholders"),
    ],
)
def test_a_template_that_cannot_be_read_says_why(story: Story, prompt: str, says: str) -> None:
    found = told(story, prompt, market=Variable(values=("NL",)))
    assert says in str(found.understanding.declined)


def test_a_parameter_named_like_a_dimension_limits_without_a_placeholder(story: Story) -> None:
    found = told(story, "Spend last week", market=Variable(values=("NL",)))
    assert (found.understanding.filters, found.read_with) == (("Market: NL",), {"market": "NL"})
    declined = told(story, "Spend for BE last week", market=Variable(values=("NL",))).understanding.declined
    assert "This run is limited to Market 'NL'" in str(declined)


def test_values_that_the_data_does_not_hold_are_named(story: Story) -> None:
    found = told(story, MARKET, market=Variable(values=("NL", "FR", "US"), chosen=("*",)))
    assert found.unknown == ("Market 'FR', 'US' of parameter 'market' is not in the warehouse.",)
    assert told(story, "Spend last week", topic=Variable(values=("FR",))).unknown == ()


def test_the_warehouse_is_read_once_in_some_minutes(story: Story) -> None:
    opened = Opened()
    for letters in ("S", "Sp", "Spend", "Spend last week"):
        told(story, letters, opened)
    assert opened.times == 1
    story.to(at("00:00") + FRESH - timedelta(seconds=1))
    opened.members = {**MEMBERS, "market": ("DE",)}
    assert told(story, "Spend for DE last week", opened).understanding.declined
    story.to(at("00:00") + FRESH)
    assert told(story, "Spend for DE last week", opened).understanding.filters == ("Market: DE",)
    assert opened.times == 2


def test_another_version_of_the_agent_is_read_anew(story: Story) -> None:
    opened = Opened()
    told(story, "Spend", opened)
    with story.desk.store.writing() as session:
        agents.save(session, agent_of(story).definition.model_copy(update={"name": "Other"}), now=story.desk.now())
    told(story, "Spend", opened)
    assert opened.times == 2


@pytest.mark.parametrize(
    "error",
    [WarehouseUnavailable("The warehouse file 'w' is not there."), QueryStopped("The query was stopped: it ran.")],
)
def test_a_warehouse_that_is_away_is_said_and_asked_again_after_a_while(story: Story, error: Exception) -> None:
    opened = Opened(error)
    found = told(story, MARKET, opened, market=Variable(values=("NL",)))
    assert found.away == str(error)
    assert (found.understanding.filters, found.understanding.declined) == (("Market: NL",), None)
    opened.members = dict(MEMBERS)
    assert told(story, MARKET, opened, market=Variable(values=("NL",))).away
    story.to(at("00:00") + AWAY)
    assert not told(story, MARKET, opened, market=Variable(values=("NL",))).away
    assert opened.times == 2


def test_one_reads_and_the_others_do_not_read_as_well(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interact.runs.understand.WAIT_SECONDS", 0.05)
    opened, begun, go_on = Opened(), threading.Event(), threading.Event()

    @contextmanager
    def slow(agent: StoredAgent, filters: dict[str, str]) -> Iterator[Warehouse]:
        begun.set()
        assert go_on.wait(10)
        with opened(agent, filters) as door:
            yield door

    agent = agent_of(story)
    first = threading.Thread(
        target=lambda: understand(story.desk, agent, "Spend", variables={}, zone="UTC", open_warehouse=slow)
    )
    first.start()
    assert begun.wait(10)
    assert told(story, "Spend", opened).away == BUSY
    go_on.set()
    first.join()
    assert told(story, "Spend", opened).away == ""
    assert opened.times == 1


def test_the_words_of_a_model_are_taken_apart_once_and_not_at_each_pause_in_typing(story: Story) -> None:
    opened = Opened({**MEMBERS, "campaign": tuple(f"Campaign {number} of winter" for number in range(2_000))})
    told(story, "Spend", opened)
    before = words_of.cache_info().misses
    for letters in (
        "Spend of Campaign 7 of",
        "Spend of Campaign 7 of winter",
        "Spend of Campaign 7 of winter yesterday",
    ):
        found = told(story, letters, opened)
    assert found.understanding.filters == ("Campaign: Campaign 7 of winter",)
    assert words_of.cache_info().misses == before
