"""What a definition was refused for, in the words of its form."""

import pytest

from interact.api.pages.forms import Fields
from interact.api.pages.job_refusals import LABELS, Refusal, field_at, label_of, refusal_of
from interact.errors import FileRefused, KeyTaken, NotStartable, ParameterRefused
from interact.jobs.definition import Job
from interact.jobs.telling import JobNotices
from interact.jobs.timing import DataTrigger, JobSchedule

FORM = Fields({"parameter": ("4",), "parameter-4-name": ("market",)})
ASIDE = {"key", "organisation", "agent", "parameters", "schedule", "triggers", "notices"}
"""Keys of a job that a form has no field of the same name for."""


def test_every_key_that_a_form_expresses_has_a_field() -> None:
    whole = [(key,) for key in Job.model_fields.keys() - ASIDE]
    whole += [("schedule", key) for key in JobSchedule.model_fields]
    whole += [("triggers", key) for key in DataTrigger.model_fields]
    whole += [("notices", key) for key in JobNotices.model_fields]
    assert {field_at(path) for path in whole} == LABELS.keys()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("parameters", "market"), "parameter-4-name"),
        (("parameters", "market", "[key]"), "parameter-4-name"),
        (("parameters", "market", "query"), "parameter-4-query"),
        (("parameters", "market", "colour"), "parameter-4-name"),
        (("parameters", "region", "query"), ""),
        (("parameters",), ""),
        (("parameter-4-name",), "parameter-4-name"),
        (("agent",), ""),
        (("key",), ""),
        ((), ""),
    ],
)
def test_a_path_leads_to_the_field_of_the_row_that_bears_the_name(path: tuple[str, ...], field: str) -> None:
    assert refusal_of(FileRefused("", None, "It does not fit.", path=path), FORM).field == field


def test_what_no_field_is_meant_by_is_told_as_it_is() -> None:
    assert refusal_of(KeyTaken("job", "weekly"), FORM) == Refusal("", "", str(KeyTaken("job", "weekly")))
    assert refusal_of(NotStartable("Nobody answers."), FORM) == Refusal("", "", "Nobody answers.")


def test_a_value_that_lacks_is_told_at_the_parameters_default() -> None:
    told = refusal_of(ParameterRefused("market", "has no default and no value was given", allowed=["NL"]), FORM)
    assert told == Refusal(
        "parameter-4-default",
        "Default of parameter 'market'",
        "Parameter 'market' has no default and no value was given. Allowed: 'NL'.",
    )


def test_a_parameter_without_a_name_is_called_one() -> None:
    assert label_of("parameter-0-values", Fields({})) == "Values of a parameter"


def test_words_that_people_wrote_are_not_translated() -> None:
    told = refusal_of(FileRefused("", None, "`name` takes text, not '`x` is refused'.", path=("name",)), FORM)
    assert told.sentence == "“Name” takes text, not '`x` is refused'."
