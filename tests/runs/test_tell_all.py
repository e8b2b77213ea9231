"""Whatever a run, its job and its channels are like: each channel of the job ends with one visible outcome."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from builders.ended import BAD, GOOD, House, a_house
from builders.stores import opened, sqlite_url
from interact.chats.record import CORRECTED, EVERYONE, NOBODY
from interact.chats.status import ChatStatus
from interact.jobs.channels import Channel
from interact.notices.hearing import LEVELS, TOPICS
from interact.runs.tell import tell
from interact.store.ledger import Delivery

KEYS = ("mail", "ops", "teams")
KINDS = {
    "mail": {"type": "email", "recipients": ["team@example.com", "ada@elsewhere.example"]},
    "ops": {"type": "slack", "connection": "slack_bot", "recipients": ["#ops", "#board"]},
    "teams": {"type": "teams", "connection": "flow", "recipients": []},
}
HEARING = st.fixed_dictionaries(
    {"level": st.sampled_from(LEVELS), "topics": st.lists(st.sampled_from(TOPICS), min_size=1, unique=True)}
)
STATUSES = st.lists(st.sampled_from([GOOD, BAD]), min_size=1, max_size=2)


@dataclass(frozen=True)
class Case:
    """What channels hear, what came before, how the run ended, and who asked for what."""

    hearing: tuple[dict[str, Any], ...]
    domains: list[str]
    when: dict[str, str]
    check_says: bool
    before: list[ChatStatus]
    statuses: list[ChatStatus]
    highlights: tuple[str, ...]
    outage: str | None
    audience: str

    @property
    def channels(self) -> list[dict[str, Any]]:
        """The three channels as they are saved."""
        made = zip(KEYS, self.hearing, strict=True)
        return [{"key": key, "connection": "smtp_default", **KINDS[key], **heard} for key, heard in made]


CASES = st.builds(
    Case,
    hearing=st.tuples(HEARING, HEARING, HEARING),
    domains=st.sampled_from([[], ["example.com"]]),
    when=st.sampled_from([{"when": "always"}, {"when": "highlights"}, {"when": "check", "check": "SELECT 1"}]),
    check_says=st.booleans(),
    before=st.just([]) | STATUSES,
    statuses=STATUSES,
    highlights=st.sampled_from([(), ("Brand fell",)]),
    outage=st.sampled_from([None, "warehouse:w"]),
    audience=st.sampled_from([EVERYONE, EVERYONE, NOBODY, CORRECTED, "me:ada@example.com"]),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One store for all examples; each has a job of its own."""
    folder = tmp_path_factory.mktemp("told")
    with opened(sqlite_url(folder)) as store:
        yield a_house(store, folder)


def outcomes(found: list[Delivery], key: str) -> list[tuple[str, str]]:
    return [(each.recipient, str(each.state)) for each in found if each.channel_key == key]


def is_one_outcome(found: list[tuple[str, str]], channel: Channel) -> bool:
    """Return whether a channel is held as a whole, or each of its recipients has a delivery, and no two the same."""
    if len(found) == 1 and found[0] == ("", "held"):
        return True
    return sorted(recipient for recipient, _ in found) == sorted(channel.recipients or ("",))


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(case=CASES)
def test_every_channel_of_the_job_ends_with_one_visible_outcome(house: House, case: Case) -> None:
    house.later(hours=1)
    house.outages_end()
    house.channels(*case.channels)
    house.limits(recipient_domains=case.domains)
    job = house.job(key=f"job-{len(house.desk.clock)}", channels=KEYS, notices=case.when)
    first = house.ended(job, *case.before) if case.before else None
    if first:
        house.delivered(tell(house.desk, first))
        house.later(hours=1)
    ending = {"audience": case.audience, "rerun_of": first, "outage": case.outage, "highlights": case.highlights}
    run_id = house.ended(job, *case.statuses, **ending)
    found = house.deliveries(tell(house.desk, run_id, lambda *_: (case.check_says,)))
    again = house.deliveries(tell(house.desk, run_id, lambda *_: (not case.check_says,)))
    assert [each.delivery_id for each in found] == [each.delivery_id for each in again]
    assert house.run(run_id).told_at is not None
    assert all(each.told for each in found if each.state == "held")
    if case.audience == NOBODY:
        assert found == []
    elif case.audience.startswith("me:"):
        assert [(each.recipient, str(each.state)) for each in found] == [("ada@example.com", "pending")]
    else:
        for plain in case.channels:
            channel = Channel.model_validate({"organisation": "north", "name": "C", **plain})
            assert is_one_outcome(outcomes(found, channel.key), channel), (channel.key, found)
