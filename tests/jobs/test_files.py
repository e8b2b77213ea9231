"""Files are read strictly, and each refusal says where, what and what to do."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.definition_files import AGENT, CHANNEL, JOB, ORGANISATION, market, outcome, refusal
from interact.errors import FileRefused
from interact.jobs.channels import Channel
from interact.jobs.definition import Agent, Job, Organisation
from interact.jobs.files import read_documents, read_sent
from interact.jobs.parameters import Parameter
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
            "'value' is no key of a parameter (did you mean 'values'?); it takes 'type', 'description', ",
        ),
        (ORGANISATION + "branding:\n  primry: x\n", 6, "'primry' is no key of branding (did you mean 'primary'?)"),
        (JOB.replace("name: Weekly\n", ""), 1, "A job lacks `name`. Add it."),
        (
            market("default: NL"),
            9,
            "`parameters.market` is a choice and lacks what can be chosen. Add `values` or a `query`, or make its "
            "`type` text, number or date.",
        ),
        (CHANNEL.replace("connection: smtp\n", ""), 1, "A channel lacks `connection`. Add it."),
        (
            CHANNEL.replace("recipients", "recipient"),
            7,
            "'recipient' is no key of a channel (did you mean 'recipients'?); it takes 'kind', 'key', 'organisation', "
            "'name', 'type', 'connection', 'recipients', 'level', 'topics'.",
        ),
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
        (market("values: []"), 9, "`parameters.market` is a choice and lacks what can be chosen."),
        (market("values: NL"), 10, "`parameters.market.values` takes a list, as [NL, BE], not 'NL'."),
        (
            market("values: [NL]\n    default: BE"),
            9,
            "`parameters.market` has the default 'BE', which is not among its",
        ),
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
            "'asset' is no key of a data trigger (did you mean 'assets'?); it takes 'assets', 'enabled', 'when', "
            "'schedule', 'cutoff_minutes', 'at_cutoff', 'fresh_minutes'.",
        ),
        (f"{JOB}triggers:\n  when: all\n", 8, "A data trigger lacks `assets`. Add it."),
        (f"{JOB}triggers: [a]\n", 8, "`triggers` takes keys and values, not a list."),
        (f"{JOB}triggers: {{assets: 5}}\n", 8, "`triggers.assets` takes a list, as [warehouse.costs], not '5'."),
        (f"{JOB}triggers: {{assets: []}}\n", 8, "`triggers.assets` is empty; fill it in."),
        (f"{JOB}triggers:\n  assets:\n    - é\n", 10, "`triggers.assets` takes as an asset's name or URI letters"),
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
            "default. Give it a `default`, or the values of its `schedule`.",
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


def test_a_cut_off_longer_than_the_schedules_interval_is_refused_with_the_document() -> None:
    text = f"{JOB}schedule: '@hourly'\ntriggers: {{assets: a, schedule: and, cutoff_minutes: 90}}\n"
    assert refusal(f"{ORGANISATION}---\n{text}").startswith(
        "jobs.yaml, line 6: A job is refused: `triggers.cutoff_minutes` is 90, and the schedule '@hourly' comes again "
    )


def test_an_organisation_names_its_members() -> None:
    [document] = read_documents(f"{ORGANISATION}members: {{bob: member, ada: admin, 'NO': member}}\n", "jobs.yaml")
    assert isinstance(document.definition, Organisation)
    assert document.definition.members == {"ada": "admin", "bob": "member", "NO": "member"}


def test_a_channel_is_read_with_its_defaults() -> None:
    [document] = read_documents(CHANNEL, "jobs.yaml")
    assert document.kind == "channel"
    assert document.definition == Channel(
        key="mail",
        organisation="north",
        name="Mail",
        type="email",
        connection="smtp",
        recipients=("team@example.com",),
        level="info",
        topics=("completed_run", "failed_run", "anomaly", "skipped_run"),
    )


def test_a_job_names_its_channels_and_how_many_chats_run_side_by_side() -> None:
    [document] = read_documents(f"{JOB}channels: [mail, slack]\nparallel_chats: 4\n", "jobs.yaml")
    assert isinstance(document.definition, Job)
    assert (document.definition.channels, document.definition.parallel_chats) == (("mail", "slack"), 4)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (ORGANISATION + "members: {ada: owner}\n", 5, "`members.ada` takes 'member' or 'admin', not 'owner'."),
        (ORGANISATION + "members:\n  ada: admin\n  bob:\n", 7, "`members.bob` takes 'member' or 'admin', not nothing."),
        (ORGANISATION + "members: [ada]\n", 5, "`members` takes user names with the role of each, as {ada: admin}, no"),
        (ORGANISATION + "members:\n  NO: admin\n", 6, "The key 'NO' is no text. Write it in quotes."),
        (ORGANISATION + "members: {ada: admin, ada: member}\n", 5, "The key 'ada' stands twice, first in line 5."),
        (ORGANISATION + "members: {'': admin}\n", 5, "The name '' in `members` is empty; fill it in."),
        (
            ORGANISATION + f"members: {{{'x' * 201}: admin}}\n",
            5,
            f"The name '{'x' * 79} in `members` is longer than the 200 characters that are allowed.",
        ),
        (CHANNEL.replace("email", "sms"), 5, "`type` takes 'email', 'slack', 'teams' or 'webhook', not 'sms'."),
        (CHANNEL.replace("email", "teams"), 7, "`recipients` takes nobody for a channel of type teams: its connection"),
        (
            CHANNEL.replace("email", "slack"),
            7,
            "`recipients` takes for a channel of type slack rooms, as '#marketing' or 'C012AB3CD', not",
        ),
        (CHANNEL.replace("[team@example.com]", "[]"), 1, "A channel of type email lacks `recipients`. Add the addr"),
        (
            CHANNEL.replace("[team@example.com]", "[team]"),
            7,
            "`recipients` takes for a channel of type email addresses, as 'team@example.com', not 'team'",
        ),
        (CHANNEL.replace("[team@example.com]", "t@x.y"), 7, "`recipients` takes a list, as [team@example.com], not 't"),
        (CHANNEL.replace("[team@example.com]", "[t@x.y, t@x.y]"), 7, "`recipients` is refused: 't@x.y' stands twice."),
        (CHANNEL.replace(": smtp", ": a b"), 6, "`connection` takes the id of an Airflow connection: letters"),
        (CHANNEL + "level: all\n", 8, "`level` takes 'info', 'warning' or 'error', not 'all'."),
        (CHANNEL + "topics: []\n", 8, "`topics` is empty; fill it in."),
        (CHANNEL + "topics: failed_run\n", 8, "`topics` takes a list, as [failed_run], not 'failed_run'."),
        (CHANNEL + "topics:\n  - failed\n", 9, "`topics` takes 'completed_run', 'failed_run', 'anomaly' or 'skipped"),
        (JOB + "channels: mail\n", 8, "`channels` takes a list, as [team-mail], not 'mail'."),
        (JOB + "channels: [Team Mail]\n", 8, "`channels` takes the key of a channel, not 'Team Mail'."),
        (JOB + "channels: [a, a]\n", 8, "`channels` is refused: 'a' stands twice. Take one of them out."),
        (JOB + "channels: [on]\n", 8, "`channels` takes text, not 'on'; YAML reads on as true or false. To mean"),
        (JOB + f"channels: {[f'c{n}' for n in range(21)]}\n", 8, "`channels` holds more than the 20 entries that are"),
        (JOB + "parallel_chats: 0\n", 8, "`parallel_chats` takes at least 1, not '0'."),
        (JOB + "parallel_chats: 101\n", 8, "`parallel_chats` takes at most 100, not '101'."),
        (JOB + "parallel_chats: two\n", 8, "`parallel_chats` takes a whole number, not 'two'."),
    ],
)
def test_members_and_channels_are_refused_in_words_where_they_stand(text: str, line: int, told: str) -> None:
    assert refusal(text).startswith(f"jobs.yaml, line {line}: {told}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("type: text\n    default: growth", {"type": "text", "default": ("growth",)}),
        ("type: text\n    default: 'NO'", {"type": "text", "default": ("NO",)}),
        ("type: number\n    default: 2.50", {"type": "number", "default": ("2.5",)}),
        ("type: number\n    values: [1, '2', 3.0, 1e2]", {"type": "number", "values": ("1", "2", "3", "100")}),
        ("type: number\n    values: [0.1, 010, -.5]", {"type": "number", "values": ("0.1", "10", "-0.5")}),
        ("type: date\n    default: 2026-12-24", {"type": "date", "default": ("2026-12-24",)}),
        (
            "type: date\n    values: [2026-12-24, '2026-12-25']",
            {"type": "date", "values": ("2026-12-24", "2026-12-25")},
        ),
        ("type: choice\n    values: [NL, 'NO']\n    default: '*'", {"values": ("NL", "NO"), "default": ("*",)}),
        (
            "query: |\n      SELECT code\n      FROM markets\n    schedule: ['*']\n    description: Which",
            {"query": "SELECT code\nFROM markets", "schedule": ("*",), "description": "Which"},
        ),
        (
            "values: [012, 12:30, 2026-01-01]\n    default: 012\n    schedule: [12:30]",
            {"values": ("012", "12:30", "2026-01-01"), "default": ("012",), "schedule": ("12:30",)},
        ),
    ],
)
def test_a_parameter_of_each_type_is_read_as_it_stands(written: str, expected: dict[str, object]) -> None:
    [document] = read_documents(market(written), "jobs.yaml")
    assert isinstance(document.definition, Job)
    assert document.definition.parameters["market"] == Parameter.model_validate(expected)


@pytest.mark.parametrize(
    ("written", "line", "told"),
    [
        ("type: coice", 10, "`parameters.market.type` takes 'choice', 'text', 'number' or 'date', not 'coice'."),
        (
            "type: text\n    default: NO",
            11,
            "`parameters.market.default` takes text, not 'NO'; YAML reads NO as true or false. To mean the text, write "
            'it in quotes: "NO".',
        ),
        ("type: text\n    default: [a, yes]", 11, "`parameters.market.default` takes text, not 'yes'; YAML reads yes"),
        ("type: text\n    default: 12", 11, "`parameters.market.default` takes text, not '12'; YAML reads 12 as a n"),
        ("type: text\n    default:", 11, "`parameters.market.default` takes a value, or a list as [NL, BE], not noth"),
        (
            "type: text\n    schedule: {a: b}",
            11,
            "`parameters.market.schedule` takes a value, or a list as [NL, BE], n",
        ),
        (
            "type: number\n    default: twelve",
            11,
            "`parameters.market.default` takes a number of at most 15 digits, as 12 or 0.5, not 'twelve'.",
        ),
        (
            "type: number\n    default: yes",
            11,
            "`parameters.market.default` takes a number of at most 15 digits, as 12",
        ),
        ("type: number\n    default: 12:30", 11, "`parameters.market.default` takes a number of at most 15 digits, as"),
        ("type: number\n    default: 1_000", 11, "`parameters.market.default` takes a number of at most 15 digits, as"),
        (
            "type: number\n    values: [1, 1.0]",
            9,
            "`parameters.market` has '1' twice in `values`. Take one of them out.",
        ),
        ("type: date\n    default: 24-12-2026", 11, "`parameters.market.default` takes a date from 1900 to 2100, as 2"),
        (
            "type: date\n    default: 20261224",
            11,
            "`parameters.market.default` takes a date from 1900 to 2100, as 2026",
        ),
        (
            "type: date\n    values: [2026-02-30]",
            11,
            "`parameters.market.values` takes a date from 1900 to 2100, as 202",
        ),
        ("values: [NL, NL]", 9, "`parameters.market` has 'NL' twice in `values`. Take one of them out."),
        (
            "values: [NL]\n    query: SELECT 1",
            9,
            "`parameters.market` has both `values` and a `query`. Keep one of the",
        ),
        (
            "values: [NL]\n    schedule: BE",
            9,
            "`parameters.market` has the schedule 'BE', which is not among its values",
        ),
        ("values: [NL]\n    default: *", 11, "This is no YAML: expected alphabetic or numeric character, but found"),
        (
            "values: [NL]\n    default: ['*', NL]",
            11,
            "`parameters.market.default` does not take '*' among other values",
        ),
        (
            "type: date\n    default: '*'",
            9,
            "`parameters.market` takes any date, so that '*' in `default` stands for no",
        ),
        ("values: [NL, ' ']", 10, "`parameters.market.values` takes 1 to 200 characters, not 0."),
        ("query: ''", 10, "`parameters.market.query` is empty; fill it in."),
        ("query: 12", 10, "`parameters.market.query` takes text, not '12'; YAML reads 12 as a number."),
        (
            f"values: {list(range(1001))}\n    type: number",
            10,
            "`parameters.market.values` holds more than the 1,000 en",
        ),
        (
            "values: [NL]\n    schedul: NL",
            11,
            "'schedul' is no key of a parameter (did you mean 'schedule'?); it takes",
        ),
        ("values: [NL]\n  market: {type: text}", 11, "The key 'market' stands twice, first in line 9. Take one of the"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_where_it_stands(written: str, line: int, told: str) -> None:
    assert refusal(market(written)).startswith(f"jobs.yaml, line {line}: {told}")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"schedule": "never"}, "schedule.cron"),
        ({"schedule": {"cron": "never"}}, "schedule.cron"),
        ({"parameters": {"The market": {"values": ["NL"]}}}, "parameters.The market.[key]"),
        ({"parameters": {"a\0": {"values": ["NL"]}}}, "parameters.a\0.[key]"),
        ({"parameters": {"..": {"values": ["NL"]}}}, "parameters....[key]"),
        ({"parameters": {"market": {"values": ["NL", 5]}}}, "parameters.market.values"),
        ({"parameters": {"market": {"values": ["NL", "a\0"]}}}, "parameters.market.values"),
        ({"parameters": {"market": {}}}, "parameters.market.values"),
        ({"parameters": {"market": {"values": ["NL", "NL"]}}}, "parameters.market.values"),
        ({"parameters": {"market": {"values": ["NL"], "query": "SELECT 1"}}}, "parameters.market.query"),
        ({"parameters": {"market": {"values": ["NL"], "default": "BE"}}}, "parameters.market.default"),
        ({"parameters": {"market": {"type": "text", "schedule": "*"}}}, "parameters.market.schedule"),
        ({"parameters": {"market": {"values": ["NL"]}}, "schedule": "@daily"}, "parameters.market.default"),
        ({"parameters": {"market": {"values": ["NL"]}}, "triggers": {"assets": "a"}}, "parameters.market.default"),
        ({"triggers": {"assets": []}}, "triggers.assets"),
        ({"triggers": {"assets": "a", "schedule": "and"}}, "triggers.cutoff_minutes"),
        ({"triggers": {"assets": "a", "fresh_minutes": 5}}, "triggers.fresh_minutes"),
        ({"triggers": {"assets": "a", "schedule": "and", "cutoff_minutes": 5}}, "triggers.schedule"),
        (
            {"schedule": "@hourly", "triggers": {"assets": "a", "schedule": "and", "cutoff_minutes": 90}},
            "triggers.cutoff_minutes",
        ),
    ],
)
def test_a_refusal_leads_to_what_is_wrong(changes: dict[str, object], path: str) -> None:
    job = {
        "key": "weekly",
        "organisation": "north",
        "agent": "analyst",
        "name": "Weekly",
        "prompt": "x",
        "owner": "ada",
    }
    with pytest.raises(FileRefused, match=r"\w") as refused:
        read_sent({"kind": "job", **job, **changes})
    assert ".".join(refused.value.path) == path
    assert str(refused.value) == refused.value.fact


def test_what_came_in_a_call_is_refused_without_a_file_or_a_line() -> None:
    with pytest.raises(FileRefused, match=r"^'promt' is no key of a job \(did you mean 'prompt'\?\); it takes"):
        read_documents(JOB.replace("prompt:", "promt:"), "")
    with pytest.raises(FileRefused, match=r"^This file defines nothing"):
        read_documents("", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "",
            "jobs.yaml: This file defines nothing. A document begins with `kind`: 'organisation', 'agent', 'channel', "
            "'job'.",
        ),
        ("# only words\n---\n", "jobs.yaml: This file defines nothing."),
        ("- kind: job\n", "jobs.yaml, line 1: A document consists of keys and values, as `kind: job`."),
        (f"{JOB}---\ntext\n", "jobs.yaml, line 9: A document consists of keys and values"),
        ("key: x\n", "jobs.yaml, line 1: A document lacks `kind`; it takes 'organisation', 'agent', 'channel', 'job'."),
        ("key: x\nkind: jobb\n", "jobs.yaml, line 2: There is no kind 'jobb' (did you mean 'job'?); it takes"),
        ("kind: [job]\n", "jobs.yaml, line 1: There is no kind ['job']"),
        ("kind: channels\n", "jobs.yaml, line 1: There is no kind 'channels' (did you mean 'channel'?); it takes"),
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
        "{ada: admin}",
        "{x: {type: number, values: [1], default: '*'}}",
        "{x: {query: 1, schedule: [a, ~]}}",
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
        "members",
        "channels",
        "recipients",
        "type",
        "x",
    ]
)


@given(st.lists(st.tuples(KEYS, SCALARS), max_size=6), st.sampled_from(["job", "agent", "channel", "organisation"]))
def test_any_mixture_is_read_or_refused_with_a_line(pairs: list[tuple[str, str]], kind: str) -> None:
    text = f"kind: {kind}\n" + "".join(f"{key}: {value}\n" for key, value in pairs)
    refused = outcome(text)
    assert refused is None or (refused.line is not None and 1 <= refused.line <= text.count("\n") + 1)
