"""Files are read strictly, and each refusal says where, what and what to do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.errors import FileRefused
from interact.jobs.definition import Agent, Job, Organisation, Parameter
from interact.jobs.files import read_documents

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo" / "definitions.yaml"
JOB = """\
kind: job
key: weekly
organisation: north
agent: analyst
name: Weekly
owner: ada
prompt: What did {{ market }} spend?
"""
ORGANISATION = "kind: organisation\nkey: north\nname: North\ntimezone: UTC\n"
AGENT = "kind: agent\nkey: analyst\norganisation: north\nname: Analyst\nwarehouse: w\nsemantic_model: model.yaml\n"


def refusal(text: str) -> str:
    with pytest.raises(FileRefused, match=r"^jobs\.yaml") as refused:
        read_documents(text, "jobs.yaml")
    return str(refused.value)


def outcome(text: str) -> FileRefused | None:
    """Return how a text was refused; None when it was read."""
    try:
        read_documents(text, "jobs.yaml")
    except FileRefused as refused:
        return refused
    return None


def market(values: str) -> str:
    return f"{JOB}parameters:\n  market:\n    {values}\n"


def test_documents_come_in_their_order_with_their_lines() -> None:
    found = read_documents(f"# first\n{ORGANISATION}---\n{AGENT}---\n{JOB}", "jobs.yaml")
    assert [(document.kind, type(document.definition), document.line) for document in found] == [
        ("organisation", Organisation, 2),
        ("agent", Agent, 7),
        ("job", Job, 14),
    ]
    assert (found[2].file, found[2].lines["prompt"]) == ("jobs.yaml", 20)


def test_a_job_is_read_with_its_defaults() -> None:
    [document] = read_documents(market("values: [NL, 'NO']\n    default: NL"), "jobs.yaml")
    job = document.definition
    assert isinstance(job, Job)
    assert job.parameters == {"market": Parameter(values=("NL", "NO"), default=("NL",))}
    assert (job.visibility, job.time_limit_minutes, job.timezone) == ("organisation", 30, None)


def test_anchors_and_empty_documents_are_fine() -> None:
    text = market("values: &all [NL, BE]\n    default: *all") + "---\n---\n# nothing\n"
    [document] = read_documents(text, "jobs.yaml")
    assert isinstance(document.definition, Job)
    assert document.definition.parameters["market"].default == ("NL", "BE")


def test_the_demos_prompts_are_those_of_the_story_word_for_word() -> None:
    found = {document.definition.key: document.definition for document in read_documents(DEMO.read_text(), "d.yaml")}
    report, check = found["weekly-campaign-performance-report"], found["campaign-check"]
    assert isinstance(report, Job)
    assert isinstance(check, Job)
    assert report.prompt == (
        "Analyse paid search performance for the past 7 days. Create a report with an executive summary, a table of "
        "top campaigns by ROAS, a breakdown by market, and key recommendations. Highlight any campaigns where CPA "
        "exceeded the target."
    )
    assert check.prompt == (
        "Analyse campaign performance for the past 7 days. Include impressions, clicks, spend, conversions, and ROAS "
        "by campaign. Highlight any campaigns where ROAS dropped below 2."
    )
    assert report.parameters["market"] == Parameter(values=("NL", "BE", "DE"), default=("NL", "BE", "DE"))
    assert (report.name, check.name, check.parameters) == ("Weekly Campaign Performance Report", "Campaign check", {})


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (
            JOB.replace("prompt:", "promt:"),
            7,
            "'promt' is no key of a job (did you mean 'prompt'?); it takes 'kind', 'key'",
        ),
        (JOB + "colour: red\n", 8, "'colour' is no key of a job; it takes"),
        (JOB + "colour:\n  - red\n", 8, "'colour' is no key of a job; it takes"),
        (
            market("value: [NL]"),
            10,
            "'value' is no key of a parameter (did you mean 'values'?); it takes 'values', 'default'",
        ),
        (ORGANISATION + "branding:\n  primry: x\n", 6, "'primry' is no key of branding (did you mean 'primary'?)"),
        (JOB.replace("name: Weekly\n", ""), 1, "A job lacks `name`. Add it."),
        (market("default: NL"), 9, "A parameter lacks `values`. Add it."),
        (f"{ORGANISATION}---\n{AGENT.replace('warehouse: w', '')}", 6, "An agent lacks `warehouse`. Add it."),
    ],
)
def test_a_key_too_much_or_too_few_is_named_with_the_allowed_ones(text: str, line: int, told: str) -> None:
    assert refusal(text).startswith(f"jobs.yaml, line {line}: {told}")


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (JOB + "visibility: public\n", 8, "`visibility` takes 'private' or 'organisation', not 'public'."),
        (JOB + "time_limit_minutes: 0\n", 8, "`time_limit_minutes` takes at least 1, not '0'."),
        (JOB + "time_limit_minutes: 2000\n", 8, "`time_limit_minutes` takes at most 1440, not '2000'."),
        (JOB + "time_limit_minutes: yes\n", 8, "`time_limit_minutes` takes a whole number, not 'yes'."),
        (JOB + "time_limit_minutes: '30'\n", 8, "`time_limit_minutes` takes a whole number, not '30'."),
        (JOB + "time_limit_minutes: 1.5\n", 8, "`time_limit_minutes` takes a whole number, not '1.5'."),
        (JOB + "timezone: Amsterdam\n", 8, "`timezone` is refused: 'Amsterdam' is no IANA time zone; write it as"),
        (JOB.replace("weekly", "Weekly Job"), 2, "`key` takes a-z, 0-9 and hyphens inside, as 'weekly-report', not"),
        (JOB.replace("Weekly", "x" * 121), 5, "`name` is longer than the 120 characters that are allowed."),
        (JOB.replace("Weekly", "''"), 5, "`name` is empty; fill it in."),
        (JOB.replace("Weekly", ""), 5, "`name` takes text, not nothing"),
        (JOB.replace("Weekly", "[a]"), 5, "`name` takes text, not a list."),
        (market("values: []"), 10, "`parameters.market.values` is empty; fill it in."),
        (market("values: NL"), 10, "`parameters.market.values` takes a list, as [NL, BE], not 'NL'."),
        (market("values: [NL]\n    default: BE"), 9, "`parameters.market` is refused: the default 'BE' is not among"),
        (JOB + "parameters: NL\n", 8, "`parameters` takes names with what belongs to each, not 'NL'."),
        (JOB + "parameters:\n  market: [NL]\n", 9, "`parameters.market` takes keys and values, not a list."),
        (JOB + "parameters:\n  Market: {values: [NL]}\n", 9, "`parameters` takes as a parameter's name a-z, 0-9"),
        (
            ORGANISATION + "branding: {primary: red}\n",
            5,
            "`branding.primary` takes six hexadecimal digits, as '#0B6B57'",
        ),
        (AGENT + "active: 'no'\n", 7, "`active` takes true or false, not 'no'."),
        (AGENT.replace(": w\n", ": a b\n"), 5, "`warehouse` takes the id of an Airflow connection"),
    ],
)
def test_a_value_that_a_key_does_not_take_is_named_with_what_it_takes(text: str, line: int, told: str) -> None:
    assert refusal(text).startswith(f"jobs.yaml, line {line}: {told}")


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
        ("0123", "a number"),
        ("12:30", "a number"),
        ("1e3", None),
        ("null", "nothing"),
        ("2026-01-01", "a date"),
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


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("schedule: '@daily'", "Schedules come with a later version; until then take `schedule` out"),
        ("triggers: [a]", "Data triggers come with a later version; until then take `triggers` out"),
        ("channels: [mail]", "Notices come with a later version; until then take `channels` out"),
    ],
)
def test_what_comes_later_says_so(key: str, told: str) -> None:
    assert refusal(f"{JOB}{key}\n").startswith(f"jobs.yaml, line 8: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "jobs.yaml: This file defines nothing. A document begins with `kind`: 'organisation', 'agent', 'job'."),
        ("# only words\n---\n", "jobs.yaml: This file defines nothing."),
        ("- kind: job\n", "jobs.yaml, line 1: A document consists of keys and values, as `kind: job`."),
        (f"{JOB}---\ntext\n", "jobs.yaml, line 9: A document consists of keys and values"),
        ("key: x\n", "jobs.yaml, line 1: A document lacks `kind`; it takes 'organisation', 'agent', 'job'."),
        ("key: x\nkind: jobb\n", "jobs.yaml, line 2: There is no kind 'jobb' (did you mean 'job'?); it takes"),
        ("kind: [job]\n", "jobs.yaml, line 1: There is no kind ['job']"),
        ("kind: channel\n", "jobs.yaml, line 1: Channels come with a later version"),
        (f"{JOB}key: again\n", "jobs.yaml, line 8: The key 'key' stands twice, first in line 2. Take one of them out."),
        (f"{JOB}NO: 1\n", "jobs.yaml, line 8: The key 'NO' is no text. Write it in quotes."),
        (JOB.replace("What did {{", "{{"), "jobs.yaml, line 7: This is no YAML"),
        (
            JOB.replace("What did {{ market }} spend?", "{{ market }}"),
            "jobs.yaml, line 7: The key a mapping is no text.",
        ),
        (f"{JOB}\tname: x\n", "jobs.yaml, line 8: This is no YAML: found character"),
        ("kind: [\n", "jobs.yaml, line 2: This is no YAML"),
        (f"{JOB}name2: \x07\n", "jobs.yaml, line 8: This is no YAML: it holds a control character. Take it out."),
        (f"{JOB}a: !!python/object/apply:os.system [ls]\n", "jobs.yaml, line 8: 'a' is no key of a job"),
        (f"{JOB}a: !!python/name:os.system x\n", "jobs.yaml, line 8: 'x' is no plain value."),
        (f"{JOB}a: !!int many\n", "jobs.yaml, line 8: 'many' is no plain value"),
        (f"{JOB}a: {'9' * 5000}\n", "jobs.yaml, line 8: "),
        (f"{JOB}<<: {{a: b}}\n", "jobs.yaml, line 8: The key '<<' is no text."),
        (f"{JOB}a: &a [*a]\n", "jobs.yaml, line 8: This unfolds to more than 20 levels or 20,000 values."),
        ("a: " + "[" * 5000, "jobs.yaml"),
    ],
)
def test_what_is_no_definition_is_refused_in_one_sentence(text: str, told: str) -> None:
    assert refusal(text).startswith(told)


def test_a_small_file_that_unfolds_to_a_large_one_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "This unfolds to more than" in refusal("\n".join(lines))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused = outcome(text)
    assert refused is None or str(refused).startswith("jobs.yaml")


SCALARS = st.sampled_from(
    ["NL", "NO", "", "5", "[a]", "{a: b}", "'x'", "~", "2026-01-01", "!!set {a}", "&x y", "*x", "|\n    z"]
)
KEYS = st.sampled_from(
    ["kind", "key", "name", "prompt", "parameters", "branding", "timezone", "active", "semantic_model", "x"]
)


@given(st.lists(st.tuples(KEYS, SCALARS), max_size=6), st.sampled_from(["job", "agent", "organisation"]))
def test_any_mixture_is_read_or_refused_with_a_line(pairs: list[tuple[str, str]], kind: str) -> None:
    text = f"kind: {kind}\n" + "".join(f"{key}: {value}\n" for key, value in pairs)
    refused = outcome(text)
    assert refused is None or (refused.line is not None and 1 <= refused.line <= text.count("\n") + 1)
