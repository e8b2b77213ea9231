"""`interact schedule` says what runs when, or in one sentence why it cannot."""

import re
import shlex
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interact.commands.main import main

Command = Callable[..., tuple[int, str, str]]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "schedules.md"
EXAMPLES = re.findall(r"(?m)^    \$ (interact schedule .*)\n((?:    .*\n|\n(?=    [^$]))*)", DOCS.read_text("utf-8"))


def test_it_shows_words_dates_and_notes(interact: Command) -> None:
    code, told, _ = interact("schedule", "0 8 1 * *", "--timezone", "Europe/Amsterdam", "--after", "2026-03-01")
    assert code == 0
    assert told.splitlines() == [
        "At 08:00, on day 1 of the month (Europe/Amsterdam)",
        "",
        "  Sun 01 Mar 2026  08:00  +01:00",
        "  Wed 01 Apr 2026  08:00  +02:00  the clocks have changed: +02:00 from now on",
        "  Fri 01 May 2026  08:00  +02:00",
        "  Mon 01 Jun 2026  08:00  +02:00",
        "  Wed 01 Jul 2026  08:00  +02:00",
        "",
        "Where the clocks change it still runs once: a time that is left out comes at the first moment after, one that "
        "comes twice counts the first time.",
    ]


def test_it_takes_what_an_organisation_and_a_job_add(interact: Command) -> None:
    words = "schedule @first-weekday --country NL --start-of-business 07:45 --after 2026-01-01 --count 1"
    _, told, _ = interact(*words.split())
    assert "  Fri 02 Jan 2026  07:45  +00:00\n" in told
    words = "schedule @yearly --country NL --on-holiday next --after 2026-01-01 --count 1"
    _, told, _ = interact(*words.split())
    assert "  Fri 02 Jan 2026  00:00  +00:00  moved from Thursday 2026-01-01: New Year's Day\n" in told


def test_the_first_and_the_last_day_are_taken_and_a_year_without_holidays_is_said(interact: Command) -> None:
    code, told, error = interact("schedule", "@first-weekday", "--country", "NL", "--after", "2999-12-31")
    assert (code, error) == (0, "")
    assert "The public holidays of NL are not known for 3000: none count there." in told
    assert interact("schedule", "@daily", "--timezone", "Asia/Tokyo", "--after", "1900-01-01")[0] == 0


def test_a_library_that_knows_few_years_warns_nobody(interact: Command) -> None:
    words = "schedule @daily --country IN --on-holiday skip --after 2044-01-01 --count 1"
    with warnings.catch_warnings(record=True) as seen:
        assert interact(*words.split())[0] == 0
    assert seen == []


def test_no_country_is_named_as_in_files(interact: Command) -> None:
    assert interact("schedule", "@daily", "--country", "None", "--after", "2026-01-01")[0] == 0


def test_a_day_to_begin_with_includes_its_midnight(interact: Command) -> None:
    _, told, _ = interact("schedule", "@daily", "--timezone", "Asia/Kolkata", "--after", "2026-01-01", "--count", "1")
    assert "  Thu 01 Jan 2026  00:00  +05:30\n" in told


def test_without_a_day_it_begins_now(interact: Command) -> None:
    before = datetime.now(UTC)
    _, told, _ = interact("schedule", "* * * * *", "--count", "1")
    shown = datetime.strptime(told.splitlines()[2].strip(), "%a %d %b %Y  %H:%M  %z")
    assert 0 < (shown - before).total_seconds() <= 61


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("0 25 * * *",), "Schedule '0 25 * * *' cannot be used: the hour field holds '25'; it takes 0 to 23"),
        (("@daily", "--timezone", "Mars"), "Time zone 'Mars' is not known."),
        (("@daily", "--timezone", "Mars", "--after", "2026-01-01"), "Time zone 'Mars' is not known."),
        (("@daily", "--country", "nl"), "Country 'nl' has no known public holidays"),
        (("@daily", "--region", "BY"), "Region 'BY' stands without a country."),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(interact: Command, words: tuple[str, ...], sentence: str) -> None:
    code, told, error = interact("schedule", *words)
    assert (code, told) == (1, "")
    assert error.startswith(sentence)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--count", "0"), "'0' is not from 1 to 100"),
        (("--after", "tomorrow"), "'tomorrow' is no day; write it as 2026-03-28"),
        (("--after", "1899-12-31"), "'1899-12-31' is too far away; a day lies from 1900-01-01 to 2999-12-31"),
        (("--after", "9999-12-31"), "'9999-12-31' is too far away; a day lies from 1900-01-01 to 2999-12-31"),
        (("--start-of-business", "8:5"), "'8:5' is no time of day; write it as 08:30"),
        (("--start-of-business", "24:00"), "'24:00' is no time of day; write it as 08:30"),
        (("--start-of-business", "9"), "'9' is no time of day; write it as 08:30"),
        (("--on-holiday", "never"), "choose from"),
    ],
)
def test_words_that_are_not_understood_say_how_to_write_them(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["schedule", "@daily", *words])
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_the_examples_of_the_documentation_are_true(interact: Command, command: str, output: str) -> None:
    _, told, error = interact(*shlex.split(command)[1:])
    # The page may leave out what comes after, and breaks long lines.
    assert " ".join((told + error).split()).startswith(" ".join(output.split()))


def test_the_documentation_has_examples() -> None:
    assert len(EXAMPLES) >= 10
