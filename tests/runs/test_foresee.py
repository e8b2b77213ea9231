"""What is foreseen is what applying then does, and foreseeing writes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders.saved import NOW, later
from interact.errors import FileRefused
from interact.jobs.differences import Difference
from interact.jobs.files import Document, read_documents
from interact.runs.definitions import apply
from interact.runs.foresee import LeftOut, foresee, left_out
from interact.store import jobs, organisations
from interact.store.sessions import Store
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
TEXT = """\
kind: organisation
key: north
name: North
timezone: UTC
members: {ada: admin, bob: member}
---
kind: agent
key: analyst
organisation: north
name: Analyst
warehouse: w
semantic_model: semantic_model.yaml
---
kind: channel
key: mail
organisation: north
name: Mail
type: email
connection: smtp_default
recipients: [team@example.com]
---
kind: job
key: weekly
organisation: north
agent: analyst
name: Weekly
owner: ada
prompt: What happened?
channels: [mail]
schedule: 0 8 * * 1
parameters:
  market: {values: [NL, BE], default: NL}
  channel: {type: text, default: Social}
"""


def documents(text: str, file: str = "jobs.yaml") -> list[Document]:
    return read_documents(text, str(DEMO / file) if file else "")


def other_words(path: Path) -> SemanticModel:
    model = read_model(path)
    return model.model_copy(update={"label": "Other"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text, []),
        (lambda text: text.replace("ada: admin, bob: member", "bob: member, ada: admin"), []),
        (lambda text: text.replace("Mail", "Team"), [("name", "Mail", "Team")]),
        (lambda text: text.replace("bob: member", "bob: admin"), [("members.bob", "member", "admin")]),
        (lambda text: text.replace("w\n", "v\n"), [("warehouse", "w", "v")]),
        (
            lambda text: text.replace("happened?", "changed?").replace("0 8", "0 9"),
            [("prompt", "What happened?", "What changed?"), ("schedule.cron", "0 8 * * 1", "0 9 * * 1")],
        ),
        (
            lambda text: text.replace("[NL, BE]", "[BE, NL]"),
            [("parameters.market.values", ["NL", "BE"], ["BE", "NL"])],
        ),
        (
            lambda text: (
                text.replace("  market: {values: [NL, BE], default: NL}\n", "")
                + "  market: {values: [NL, BE], default: NL}\n"
            ),
            [("parameters", ["market", "channel"], ["channel", "market"])],
        ),
    ],
)
def test_what_is_foreseen_is_what_happens_and_says_what_differs(
    store: Store, change: Callable[[str], str], expected: list[tuple[str, object, object]]
) -> None:
    apply(store, documents(TEXT), now=NOW, read_model=read_model)
    changed = documents(change(TEXT))
    foreseen = foresee(store, changed, read_model=read_model)
    assert foreseen == foresee(store, changed, read_model=read_model)
    found = [(each.key, each.before, each.after) for entry in foreseen for each in entry.differences]
    assert found == expected
    applied = apply(store, changed, now=later(hours=1), read_model=read_model)
    assert [entry.outcome for entry in foreseen] == [entry.outcome for entry in applied]
    assert {entry.outcome for entry in foresee(store, changed, read_model=read_model)} == {"unchanged"}


def test_everything_is_created_in_an_empty_store_and_nothing_is_written(store: Store) -> None:
    foreseen = foresee(store, documents(TEXT), read_model=read_model)
    assert [(entry.kind, entry.key, entry.outcome, entry.differences) for entry in foreseen] == [
        ("organisation", "north", "created", ()),
        ("agent", "analyst", "created", ()),
        ("channel", "mail", "created", ()),
        ("job", "weekly", "created", ()),
    ]
    with store.reading() as session:
        assert organisations.all_of(session) == []


def test_another_semantic_model_is_seen(store: Store) -> None:
    apply(store, documents(TEXT), now=NOW, read_model=read_model)
    foreseen = foresee(store, documents(TEXT), read_model=other_words)
    assert foreseen[1].differences == (Difference("semantic_model.label", "Campaign performance", "Other"),)
    applied = apply(store, documents(TEXT), now=NOW, read_model=other_words)
    assert [entry.outcome for entry in foreseen] == [entry.outcome for entry in applied]


def test_a_job_that_another_file_takes_over_changes_where_it_is_kept(store: Store) -> None:
    apply(store, documents(TEXT), now=NOW, read_model=read_model)
    [*_, moved] = foresee(store, documents(TEXT, "other.yaml"), read_model=read_model)
    assert (moved.outcome, moved.differences) == ("changed", (Difference("kept in", "jobs.yaml", "other.yaml"),))


def test_a_job_that_a_call_made_is_foreseen_to_be_taken_over(store: Store) -> None:
    apply(store, documents(TEXT), now=NOW, read_model=read_model)
    job = TEXT.rpartition("---\n")[2].replace("weekly", "monthly")
    apply(store, documents(job, ""), now=NOW, read_model=read_model)
    [taken] = foresee(store, documents(job), read_model=read_model)
    assert taken.differences == (Difference("kept in", None, "jobs.yaml"),)
    [by_call] = foresee(store, documents(job, ""), read_model=read_model)
    assert by_call.outcome == "unchanged"


def test_what_does_not_fit_is_refused_as_apply_would(store: Store) -> None:
    with pytest.raises(
        FileRefused, match=r"jobs\.yaml, line 29: Job 'weekly' names channel 'mail', which does not exist"
    ):
        foresee(store, documents(TEXT.replace("key: mail", "key: post")), read_model=read_model)


def test_what_the_files_leave_out_is_reported_and_stays(store: Store) -> None:
    apply(store, documents(TEXT), now=NOW, read_model=read_model)
    apply(store, documents(TEXT.replace("north", "south")), now=NOW, read_model=read_model)
    only = documents(TEXT.partition("---\n")[0])
    found = left_out(store, only)
    assert [(entry.kind, entry.key) for entry in found] == [
        ("agent", "analyst"),
        ("channel", "mail"),
        ("job", "weekly"),
    ]
    assert left_out(store, documents(TEXT)) == []
    with store.reading() as session:
        [north, south] = jobs.all_jobs(session)
    ours = north if north.definition.organisation == "north" else south
    assert found[-1] == LeftOut("job", "weekly", ours.job_id)
