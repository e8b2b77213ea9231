"""A semantic model as people write it."""

import pytest

from builders.saved import an_agent
from builders.story import MODEL
from interact.errors import DefinitionRefused
from interact.runs.model_text import model_of, model_text, read_model_text
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = MODEL.read_text()


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_model_is_read_as_a_file_is() -> None:
    assert SemanticModel.model_validate(read_model_text(DEMO)) == read_model(MODEL)


def test_what_is_written_is_read_back_as_the_same() -> None:
    agent = an_agent(semantic_model=read_model_text(DEMO))
    text = model_text(agent)
    assert read_model_text(text) == agent.semantic_model
    assert "null" not in text and "synonyms: []" not in text
    assert model_of(agent) == read_model(MODEL)


def test_a_model_that_cannot_be_read_is_shown_as_it_is_kept() -> None:
    agent = an_agent(semantic_model={"metrics": 7})
    assert model_of(agent) is None
    assert model_text(agent) == "metrics: 7\n"


@pytest.mark.parametrize(
    ("before", "after", "at", "told"),
    [
        ("synonyms: [click]", "synonyms: [click", "- name: spend", "This is no YAML"),
        ("label: ROAS", "label: yes", "label: yes", "`metrics.label` takes text, not 'yes'; YAML reads yes as true"),
        ("- name: roas", "- name: ROAS", "- name: ROAS", "`metrics.name` takes a-z, 0-9 and underscores"),
        ("good: down", "good: sideways", "good: sideways", "`metrics.good` takes 'up' or 'down', not 'sideways'."),
        ("synonyms: [click]", "synonyms: click", "synonyms: click", "`metrics.synonyms` takes a list"),
        (
            "format: ratio",
            "fromat: ratio",
            "fromat",
            r"'fromat' is no key of metric 'roas' \(did you mean 'format'\?\)",
        ),
        (
            "- name: roas\n    label: ROAS\n",
            "- label: ROAS\n",
            "- label: ROAS",
            "Metric number 11 lacks `name`. Add it.",
        ),
        (
            "    agg: sum\n    expr: clicks\n",
            "",
            "- name: clicks",
            "Metric 'clicks' of type 'simple' lacks 'agg', 'expr'",
        ),
        ("- name: roas", "- nam: roas", "- nam: roas", "'nam' is no key of metric number 11"),
        (
            "{expr: MAX(target_roas), per: campaign}",
            "{expr: MAX(target_roas)}",
            "{expr: MAX(target_roas)}",
            "A target takes `value`, a number, or `expr` with `per`",
        ),
        ("plural: markets", "plural: markets\n    plural: m", "plural: m", "The key 'plural' stands twice"),
    ],
)
def test_a_refusal_says_the_line_and_what_is_wrong_there(before: str, after: str, at: str, told: str) -> None:
    text = DEMO.replace(before, after, 1)
    with pytest.raises(DefinitionRefused, match=told) as refused:
        read_model_text(text)
    number = int(str(refused.value).removeprefix("Line ").partition(":")[0])
    assert abs(number - line_of(text, at)) <= (1 if "twice" in told else 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The model is empty. Write it, or take one over."),
        ("# nothing\n", "The model is empty."),
        ("name: a\n---\nname: b\n", "The model is one YAML document, and these are 2."),
        ("- a\n- b\n", "Line 1: A document consists of keys and values"),
        ("name: &a [*a]", "unfolds to more than 20 levels"),
        (DEMO.replace("denominator: clicks", "denominator: clcks", 1), "Metric 'cpc' is made of 'clcks'"),
        (DEMO.replace("default_dimension: campaign", "default_dimension: x"), "The defaults name 'x'"),
    ],
)
def test_what_is_no_model_is_refused(text: str, told: str) -> None:
    with pytest.raises(DefinitionRefused, match=told):
        read_model_text(text)
