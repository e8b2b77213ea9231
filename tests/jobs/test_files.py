"""Files are read strictly, and each refusal says where, what and what to do."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.definition_files import AGENT, JOB, ORGANISATION, market, outcome, refusal
from interact.jobs.definition import Agent, Job, Organisation, Parameter
from interact.jobs.files import read_documents
from interact.jobs.timing import BusinessCalendar, DataTrigger, JobSchedule

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo" / "definitions.yaml"


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


def test_a_job_says_when_it_runs() -> None:
    [short] = read_documents(f"{JOB}schedule: 0 8 * * 1\n", "jobs.yaml")
    text = """\
schedule:
  cron: "@first-weekday 09:30"
  on_holiday: next
  lateness_minutes: 90
triggers:
  assets: [warehouse.ad_performance, "s3://bucket/costs"]
  when: any
  schedule: and
  cutoff_minutes: 120
  at_cutoff: skip
"""
    [long] = read_documents(JOB + text, "jobs.yaml")
    assert isinstance(short.definition, Job)
    assert short.definition.schedule == JobSchedule(cron="0 8 * * 1")
    assert isinstance(long.definition, Job)
    assert long.definition.schedule == JobSchedule(cron="@first-weekday 09:30", on_holiday="next", lateness_minutes=90)
    assert long.definition.triggers == DataTrigger(
        assets=("warehouse.ad_performance", "s3://bucket/costs"),
        when="any",
        schedule="and",
        cutoff_minutes=120,
        at_cutoff="skip",
    )
    assert long.lines["schedule"] == 8


def test_an_organisation_says_when_it_works() -> None:
    text = """\
start_of_business: 08:30
calendar:
  weekend: [friday, saturday]
  country: none
  add: [2026-12-24, "2026-12-31"]
  remove: []
"""
    [document] = read_documents(ORGANISATION + text, "jobs.yaml")
    organisation = document.definition
    assert isinstance(organisation, Organisation)
    assert organisation.start_of_business == "08:30"
    assert organisation.calendar == BusinessCalendar(
        weekend=("friday", "saturday"), add=(date(2026, 12, 24), date(2026, 12, 31))
    )


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (f"{JOB}schedule: 0 8 * *\n", 8, "`schedule` is refused: Schedule '0 8 * *' has 4 fields"),
        (f"{JOB}schedule:\n  cron: 0 25 * * *\n", 9, "`schedule.cron` is refused: "),
        (f"{JOB}schedule:\n  enabled: true\n", 8, "A schedule lacks `cron`. Add it."),
        (
            f"{JOB}schedule:\n  corn: 0 8 * * *\n",
            9,
            "'corn' is no key of a schedule (did you mean 'cron'?); "
            "it takes 'cron', 'enabled', 'on_holiday', 'lateness_minutes'.",
        ),
        (
            f"{JOB}schedule: 8\n",
            8,
            "`schedule` takes an expression in quotes, as \"0 8 * * 1\", or keys and values, not '8'.",
        ),
        (
            f"{JOB}schedule: {{cron: '@daily', on_holiday: move}}\n",
            8,
            "`schedule.on_holiday` takes 'run', 'skip', 'next' or 'previous', not 'move'.",
        ),
        (
            f"{JOB}schedule: {{cron: '@daily', lateness_minutes: 0}}\n",
            8,
            "`schedule.lateness_minutes` takes at least 1",
        ),
        (f"{JOB}schedule: {{cron: '@daily', enabled: 'no'}}\n", 8, "`schedule.enabled` takes true or false, not 'no'."),
        (
            f"{JOB}schedule: */5 * * * *\n",
            8,
            "This is no YAML: expected alphabetic or numeric character, but found '/'. "
            "Text that begins with * needs quotes.",
        ),
        (
            f"{JOB}schedule: @daily\n",
            8,
            "This is no YAML: found character '@' that cannot start any token. Text that begins with @ needs quotes.",
        ),
        (
            f"{JOB}triggers:\n  asset: [a]\n",
            9,
            "'asset' is no key of a data trigger (did you mean 'assets'?); it takes 'assets', 'when', 'schedule', "
            "'cutoff_minutes', 'at_cutoff', 'fresh_minutes'.",
        ),
        (f"{JOB}triggers:\n  when: all\n", 8, "A data trigger lacks `assets`. Add it."),
        (f"{JOB}triggers: [a]\n", 8, "`triggers` takes keys and values, not a list."),
        (f"{JOB}triggers: {{assets: 5}}\n", 8, "`triggers.assets` takes a list, as [warehouse.costs], not '5'."),
        (f"{JOB}triggers: {{assets: []}}\n", 8, "`triggers.assets` is empty; fill it in."),
        (f"{JOB}triggers: {{assets: [é]}}\n", 8, "`triggers.assets` takes as an asset's name or URI letters, digits"),
        (f"{JOB}triggers: {{assets: {[f'a{n}' for n in range(21)]}}}\n", 8, "`triggers.assets` holds more than"),
        (f"{JOB}triggers: {{assets: [a], schedule: and}}\n", 8, "`triggers` is refused: with `schedule: and` it needs"),
        (
            f"{JOB}triggers: {{assets: [a], schedule: and, cutoff_minutes: 5}}\n",
            8,
            "`triggers` is refused: with `schedule: and` the job's own `schedule` waits for the data, and the job has "
            "none. Give it a `schedule`, or write `schedule: or`.",
        ),
        (
            market("values: [NL]") + "schedule: '@daily'\n",
            11,
            "`schedule` is refused: nobody names values when the job runs by itself, and the parameter 'market' has no "
            "default. Give it a `default`.",
        ),
        (ORGANISATION + "start_of_business: 8:00\n", 5, '`start_of_business` takes a time of day, as "08:00", not'),
        (ORGANISATION + "start_of_business: noon\n", 5, '`start_of_business` takes a time of day, as "08:00", not'),
        (
            ORGANISATION + "calendar:\n  county: NL\n",
            6,
            "'county' is no key of a calendar (did you mean 'country'?); "
            "it takes 'weekend', 'country', 'region', 'add', 'remove'.",
        ),
        (ORGANISATION + "calendar:\n  country: NO\n", 6, "`calendar.country` takes text, not 'NO'; YAML reads NO as "),
        (ORGANISATION + "calendar:\n  country: XX\n", 6, "`calendar.country` is refused: Country 'XX' has no known "),
        (ORGANISATION + "calendar:\n  country: DE\n  region: XX\n", 7, "`calendar.region` is refused: Region 'XX' is "),
        (ORGANISATION + "calendar:\n  weekend:\n    - sun\n", 7, "`calendar.weekend` takes 'monday', 'tuesday', "),
        (ORGANISATION + "calendar:\n  add:\n    - 24-12-2026\n", 7, "`calendar.add` takes a date, as 2026-12-24, not"),
        (ORGANISATION + "calendar:\n  add: [2026-02-30]\n", 6, "`calendar.add` takes a date, as 2026-12-24, not"),
        (ORGANISATION + "calendar:\n  add: [2026-12-24 08:00:00]\n", 6, "`calendar.add` takes a date, as 2026-12-24"),
        (
            ORGANISATION + "calendar:\n  add: 2026-12-24\n",
            6,
            "`calendar.add` takes a list, as [2026-12-24], not '2026-12-24'",
        ),
    ],
)
def test_when_a_job_runs_is_refused_in_words_where_it_stands(text: str, line: int, told: str) -> None:
    assert refusal(text).startswith(f"jobs.yaml, line {line}: {told}")


@pytest.mark.parametrize(
    ("key", "told"),
    [
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


SCALARS = st.sampled_from(
    [
        "NL",
        "NO",
        "",
        "5",
        "[a]",
        "{a: b}",
        "'x'",
        "~",
        "2026-01-01",
        "!!set {a}",
        "&x y",
        "*x",
        "|\n    z",
        "'@daily'",
        "{cron: '@daily'}",
        "{assets: [a]}",
        "{country: NL}",
        "{x: 1}",
    ]
)
KEYS = st.sampled_from(
    [
        "kind",
        "key",
        "name",
        "prompt",
        "parameters",
        "branding",
        "timezone",
        "active",
        "semantic_model",
        "schedule",
        "triggers",
        "calendar",
        "start_of_business",
        "x",
    ]
)


@given(st.lists(st.tuples(KEYS, SCALARS), max_size=6), st.sampled_from(["job", "agent", "organisation"]))
def test_any_mixture_is_read_or_refused_with_a_line(pairs: list[tuple[str, str]], kind: str) -> None:
    text = f"kind: {kind}\n" + "".join(f"{key}: {value}\n" for key, value in pairs)
    refused = outcome(text)
    assert refused is None or (refused.line is not None and 1 <= refused.line <= text.count("\n") + 1)
