"""YAML is taken as it stands there: nothing guessed, nothing hidden, nothing that is no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.definition_files import AGENT, JOB, ORGANISATION, market, outcome, refusal
from interact.jobs.definition import Job, Organisation
from interact.jobs.files import read_documents


@pytest.mark.parametrize(
    ("text", "line", "sign"),
    [
        (JOB.replace("Weekly", r'"a\0b"'), 5, "U+0000"),
        (JOB.replace("Weekly", r'"a\ud800b"'), 5, "U+D800"),
        (JOB.replace("Weekly", r'"a\tb"'), 5, "U+0009"),
        (JOB.replace("Weekly", r'"a\nb"'), 5, "U+000A"),
        (JOB.replace("Weekly", r'"a\e[31mb"'), 5, "U+001B"),
        (JOB.replace("Weekly", r'"a\x9bb"'), 5, "U+009B"),
        (JOB.replace("ada", r'"ada\x7f"'), 6, "U+007F"),
        (JOB.replace("weekly", r'"week\0ly"'), 2, "U+0000"),
        (JOB.replace("What", r'"What\0').replace("spend?", 'spend?"'), 7, "U+0000"),
        (JOB.replace("What", r'"What\r').replace("spend?", 'spend?"'), 7, "U+000D"),
        (JOB.replace("What", r'"What\udfff').replace("spend?", 'spend?"'), 7, "U+DFFF"),
        (JOB + '"\\ud800": 1\n', 8, "U+D800"),
        (JOB + '"a\\0": 1\n', 8, "U+0000"),
        (market(r'values: [NL, "B\0E"]'), 10, "U+0000"),
        (market(r'values: [NL, "B\nE"]'), 10, "U+000A"),
        (market('values:\n      - NL\n      - "B\\udc00E"'), 12, "U+DC00"),
        (ORGANISATION.replace("North", r'"\ud800"'), 3, "U+D800"),
        (AGENT.replace("model.yaml", r'{name: "m\0"}'), 6, "U+0000"),
        (AGENT.replace("model.yaml", '"model\\0.yaml"'), 6, "U+0000"),
    ],
)
def test_a_character_that_is_no_text_is_refused_where_it_stands(text: str, line: int, sign: str) -> None:
    told = refusal(text)
    assert told.startswith(f"jobs.yaml, line {line}: The text ")
    assert f"holds the character {sign}, which is none to read. Take it out" in told
    assert told.isprintable()


def test_tabs_and_line_breaks_may_stand_in_a_prompt_and_around_anything() -> None:
    text = JOB.replace("What did {{ market }} spend?", "|\n  What?\n  \t- Why?\n").replace("Weekly", ">\n  Weekly\n")
    [document] = read_documents(text, "jobs.yaml")
    assert isinstance(document.definition, Job)
    assert (document.definition.prompt, document.definition.name) == ("What?\n\t- Why?", "Weekly")


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("NO", "true or false"),
        ("on", "true or false"),
        ("12", "a number"),
        ("0123", None),
        ("0x1F", None),
        ("1_000", None),
        ("12:30", None),
        ("1e3", None),
        (".5", "a number"),
        ("null", "nothing"),
    ],
)
def test_what_yaml_takes_for_something_else_is_to_be_quoted(value: str, read_as: str | None) -> None:
    text = market(f"values:\n      - NL\n      - {value}")
    if read_as is None:
        assert read_documents(text, "jobs.yaml")
        return
    told = refusal(text)
    assert told.startswith("jobs.yaml, line 12: ")
    assert f'YAML reads {value} as {read_as}. To mean the text, write it in quotes: "{value}".' in told


def test_a_date_is_read_as_it_stands_there() -> None:
    [document] = read_documents(market("values: [2026-01-01]"), "jobs.yaml")
    assert isinstance(document.definition, Job)
    assert document.definition.parameters["market"].values == ("2026-01-01",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            ORGANISATION + "start_of_business: 8:00\n",
            "`start_of_business` takes a time of day, as \"08:00\", not '8:00'.",
        ),
        (
            ORGANISATION + "start_of_business: 8\n",
            "`start_of_business` takes a time of day in quotes, as \"08:00\", not '8'.",
        ),
        (JOB + "time_limit_minutes: 2:00\n", "`time_limit_minutes` takes a whole number, not '2:00'."),
        (JOB + "time_limit_minutes: 010\n", "`time_limit_minutes` takes a whole number, not '010'."),
        (JOB + "time_limit_minutes: 1:30.5\n", "`time_limit_minutes` takes a whole number, not '1:30.5'."),
        (JOB + "schedule: {cron: 5}\n", "`schedule.cron` takes an expression in quotes, as \"0 8 * * 1\", not '5'."),
        (
            JOB + 'schedule: {cron: "0 8 * * 1", on_holiday: no}\n',
            "`schedule.on_holiday` takes 'run', 'skip', 'next' or 'previous', not 'no'.",
        ),
        (
            JOB + f"time_limit_minutes: {'9' * 5000}\n",
            f"'{'9' * 57}'… is too long: a number has at most 40 digits, and text of digits needs quotes.",
        ),
    ],
)
def test_advice_that_would_be_refused_is_not_given(text: str, told: str) -> None:
    assert refusal(text).split(": ", 1)[1] == told


def test_a_time_of_day_is_read_as_it_stands_there() -> None:
    [document] = read_documents(ORGANISATION + "start_of_business: 12:30\n", "jobs.yaml")
    assert isinstance(document.definition, Organisation)
    assert document.definition.start_of_business == "12:30"


def test_a_question_ends_as_one() -> None:
    told = refusal(ORGANISATION + "calendar: {country: DE, region: by}\n")
    assert told.endswith("?") and "Did you mean 'BY'" in told


def test_a_small_file_that_unfolds_to_a_large_one_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "This unfolds to more than" in refusal("\n".join(lines))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused = outcome(text)
    assert refused is None or str(refused).startswith("jobs.yaml")
