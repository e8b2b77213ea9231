"""What an edit changes, as people read it."""

from typing import Any

from builders.saved import an_agent, an_organisation
from builders.story import MODEL
from interact.api.edits import Edit, agent_edits, in_a_line, organisation_edits, organisation_in_a_line
from interact.jobs.definition import Agent
from interact.warehouse.semantic import read_model


def an_analyst(**changes: Any) -> Agent:
    return an_agent(**{"semantic_model": read_model(MODEL).model_dump(mode="json"), **changes})


def with_metrics(*names: str, **labels: str) -> Agent:
    model = read_model(MODEL).model_dump(mode="json")
    kept = [each | {"label": labels.get(each["name"], each["label"])} for each in model["metrics"]]
    chosen = [each for each in kept if each["name"] in names or not names]
    return an_analyst(semantic_model=model | {"metrics": chosen, "default_metrics": ["spend"]})


def test_short_values_stand_beside_each_other_under_their_labels() -> None:
    before, after = an_analyst(), an_analyst(name="Other", active=False, description="New")
    assert agent_edits(before, after) == (
        Edit("Name", "Analyst", "Other"),
        Edit("Description", "nothing", "New"),
        Edit("Active", "yes", "no"),
    )


def test_of_long_texts_the_lines_that_differ_are_shown() -> None:
    (edit,) = agent_edits(an_analyst(), an_analyst(instructions="Be brief.\nBe sure."))
    assert (edit.label, edit.lines) == ("Instructions", (("+", "Be brief."), ("+", "Be sure.")))
    (model,) = agent_edits(with_metrics("spend", "clicks"), with_metrics("spend", "clicks", clicks="Visits"))
    assert [line for line in model.lines if line[0] in "+-"] == [("-", "    label: Clicks"), ("+", "    label: Visits")]


def test_an_organisations_keys_are_named_as_its_form_names_them() -> None:
    before = an_organisation(members={"ada": "member", "ivy": "admin"})
    after = an_organisation(
        timezone="UTC",
        members={"ivy": "admin", "bob": "member"},
        calendar={"country": "NL", "add": ["2026-12-24"]},
        branding={"primary": "#0E5A6B"},
    )
    assert set(organisation_edits(before, after)) == {
        Edit("Time zone", "Europe/Amsterdam", "UTC"),
        Edit("Primary", "nothing", "#0E5A6B"),
        Edit("Country", "nothing", "NL"),
        Edit("Own holidays", "nothing", "2026-12-24"),
        Edit("Members, ada", "member", "nothing"),
        Edit("Members, bob", "nothing", "member"),
    }


def test_a_save_is_told_in_a_line() -> None:
    assert in_a_line(None, an_analyst()) == "created"
    assert in_a_line(an_analyst(), an_analyst()) == "saved again, without a change"
    changed = an_analyst(name="Other", active=False, warehouse="v", instructions="Be brief.")
    assert in_a_line(an_analyst(), changed) == (
        "name 'Analyst' → 'Other'; switched off; warehouse 'w' → 'v'; instructions"
    )
    assert in_a_line(an_analyst(active=False), an_analyst()) == "switched on"


def test_the_line_names_the_metrics_that_came_went_and_changed() -> None:
    before, after = with_metrics("spend", "clicks"), with_metrics("spend", "revenue", spend="Cost")
    assert in_a_line(before, after) == "metric clicks taken out; metric spend changed; metric revenue added"
    assert in_a_line(with_metrics(), with_metrics("spend")).endswith("; and 5 more")


def test_a_model_that_cannot_be_read_is_told_as_a_whole() -> None:
    assert in_a_line(an_agent(semantic_model={"a": 1}), an_analyst()) == "semantic model"


def test_a_kind_and_what_it_asks_are_told_in_a_line() -> None:
    model = an_analyst(type="llm", connection="gpt")
    assert in_a_line(an_analyst(), model) == "kind 'embedded' → 'llm'; model or service 'gpt'"
    assert in_a_line(model, an_analyst(type="llm", connection="claude")) == "model or service 'gpt' → 'claude'"
    assert in_a_line(model, an_analyst()) == "kind 'llm' → 'embedded'; no model or service"


def test_a_save_of_an_organisation_is_told_in_a_line() -> None:
    before = an_organisation()
    after = an_organisation(
        context="We sell bikes.", calendar={"weekend": ["friday"], "country": "none"}, members={"ada": "admin"}
    )
    assert organisation_in_a_line(None, before) == "created"
    assert organisation_in_a_line(before, before) == "saved again, without a change"
    assert organisation_in_a_line(before, after) == "weekend; context; members"
