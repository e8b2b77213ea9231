"""What differs is named key by key, and nothing differs only when the texts are the same."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from builders.saved import a_job, an_agent, an_organisation
from interact.jobs.differences import ABSENT, Difference, differences

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


class Holder(BaseModel):
    """Anything at all."""

    content: object = None


def keys(before: BaseModel, after: BaseModel) -> list[str]:
    return [difference.key for difference in differences(before, after)]


def test_each_key_that_differs_is_named_with_both_values() -> None:
    before = a_job(schedule="0 8 * * 1", prompt="What did {{ market }} spend?")
    after = a_job(schedule="0 9 * * 1", prompt="Why?", parameters={})
    assert differences(before, after) == (
        Difference("prompt", "What did {{ market }} spend?", "Why?"),
        Difference("parameters.market", before.parameters["market"].model_dump(mode="json"), ABSENT),
        Difference("schedule.cron", "0 8 * * 1", "0 9 * * 1"),
    )


def test_what_comes_and_goes_is_compared_with_nothing() -> None:
    assert differences(a_job(), a_job(timezone="UTC")) == (Difference("timezone", None, "UTC"),)
    assert keys(an_organisation(), an_organisation(members={"ada": "admin"})) == ["members.ada"]


def test_order_counts_where_it_means_something() -> None:
    one, other = {"a": {"type": "text"}}, {"b": {"type": "text"}}
    assert differences(a_job(parameters=one | other), a_job(parameters=other | one)) == (
        Difference("parameters", ["a", "b"], ["b", "a"]),
    )
    assert keys(an_agent(semantic_model={"a": 1, "b": 2}), an_agent(semantic_model={"b": 2, "a": 1})) == [
        "semantic_model"
    ]
    named = an_organisation(members={"ada": "admin", "bob": "member"})
    assert keys(named, an_organisation(members={"bob": "member", "ada": "admin"})) == []


@given(PLAIN, PLAIN)
def test_nothing_differs_when_and_only_when_the_texts_are_the_same(before: object, after: object) -> None:
    found = differences(Holder(content=before), Holder(content=after))
    assert (found == ()) == (json.dumps(before) == json.dumps(after))
    assert all(each.key == "content" or each.key.startswith("content.") for each in found)
