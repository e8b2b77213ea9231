"""Files go into the store as a whole, or not at all."""

from datetime import datetime
from pathlib import Path

import pytest

from builders.saved import NOW, later
from interact.errors import DefinitionRefused, FileRefused
from interact.jobs.files import Document, read_documents
from interact.runs.definitions import Applied, apply, read_models, require_fit
from interact.store import agents, channels, jobs, organisations, periods
from interact.store.sessions import Store
from interact.warehouse.semantic import SemanticModel, read_model

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
ORGANISATION = "kind: organisation\nkey: north\nname: North\ntimezone: UTC\n---\n"
AGENT = """\
kind: agent
key: analyst
organisation: north
name: Analyst
warehouse: w
semantic_model: semantic_model.yaml
---
"""
JOB = "kind: job\nkey: weekly\norganisation: north\nagent: analyst\nname: Weekly\nowner: ada\nprompt: What happened?\n"
ALL = ORGANISATION + AGENT + JOB


def documents(text: str, file: str = str(DEMO / "jobs.yaml")) -> list[Document]:
    return read_documents(text, file)


def put(store: Store, text: str) -> list[Applied]:
    return apply(store, documents(text), now=NOW, read_model=read_model)


def outcomes(applied: list[Applied]) -> list[tuple[str, str, str]]:
    return [(entry.kind, entry.key, entry.outcome) for entry in applied]


def rows(store: Store) -> int:
    with store.reading() as session:
        return len(organisations.all_of(session)) + len(jobs.all_jobs(session))


def test_the_demo_is_applied_once_and_then_unchanged(store: Store) -> None:
    demo = read_documents((DEMO / "definitions.yaml").read_text(), str(DEMO / "definitions.yaml"))
    first = apply(store, demo, now=NOW, read_model=read_model)
    second = apply(store, demo, now=later(hours=1), read_model=read_model)
    assert [entry.outcome for entry in first] == ["created"] * 4
    assert [entry.outcome for entry in second] == ["unchanged"] * 4
    assert [entry.id for entry in first] == [entry.id for entry in second]


def test_files_may_name_things_before_they_define_them(store: Store) -> None:
    backwards = f"{JOB}---\n{AGENT}{ORGANISATION}"
    assert outcomes(put(store, backwards)) == [
        ("job", "weekly", "created"),
        ("agent", "analyst", "created"),
        ("organisation", "north", "created"),
    ]


def test_a_job_may_come_alone_once_its_agent_is_stored(store: Store) -> None:
    put(store, ORGANISATION + AGENT)
    assert outcomes(put(store, JOB)) == [("job", "weekly", "created")]
    assert outcomes(put(store, JOB.replace("What happened?", "Why?"))) == [("job", "weekly", "changed")]


def test_the_semantic_model_is_kept_inside_the_agent(store: Store) -> None:
    put(store, ALL)
    with store.reading() as session:
        north = organisations.by_key(session, "north")
        assert north is not None
        [agent] = agents.all_of(session, north.organisation_id)
    assert SemanticModel.model_validate(agent.definition.semantic_model) == read_model(DEMO / "semantic_model.yaml")


def test_a_model_may_stand_in_the_file_itself(store: Store) -> None:
    inline = (
        "semantic_model:\n  name: m\n  label: M\n  base_table: t\n"
        "  time_dimension: {name: day, label: Day, expr: day}\n"
        "  dimensions: [{name: market, label: Market, plural: markets, expr: market}]\n"
        "  metrics: [{name: spend, label: Spend, agg: sum, expr: spend, format: currency, unit: EUR}]\n"
        "  default_metrics: [spend]\n  default_dimension: market\n"
    )
    own = AGENT.replace("semantic_model: semantic_model.yaml\n", inline)
    assert outcomes(put(store, ORGANISATION + own))[1] == ("agent", "analyst", "created")
    with pytest.raises(FileRefused, match=r"line 11: `semantic_model` is wrong at metrics\.0"):
        put(store, ORGANISATION + own.replace("agg: sum, ", ""))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            ORGANISATION + AGENT + JOB.replace("agent: analyst", "agent: analist"),
            r"line 16: Job 'weekly' asks agent 'analist', which does not exist in organisation 'north' "
            r"\(there are 'analyst'\)\. Name one of them, or define it too\.",
        ),
        (ORGANISATION + JOB, r"line 9: Job 'weekly' asks agent 'analyst', which does not exist .* \(there are none\)"),
        (JOB, r"line 3: The job 'weekly' belongs to organisation 'north', which does not exist \(there are none\)"),
        (
            ORGANISATION + AGENT.replace("on: north", "on: nord"),
            r"line 8: The agent 'analyst' belongs to .*'nord'.*'north'",
        ),
        (
            ALL.replace("What happened?", "What did {{ market }} spend?"),
            r"line 19: The prompt uses the placeholder 'market', which is no parameter of this job",
        ),
        (ALL.replace("What happened?", "'{% if %}'"), "line 19: The prompt cannot be read as a template"),
        (
            ALL + "parameters:\n  spend: {values: [a]}\n",
            r"line 20: The parameter 'spend' bears the name of a metric.*\('campaign', 'channel', 'market'\)",
        ),
        (f"{ALL}---\n{JOB}", r"line 22: The job 'weekly' is defined twice, first in .*jobs\.yaml, line 13\."),
        (
            ORGANISATION + AGENT.replace("semantic_model.yaml", "none.yaml"),
            r"line 11: There is no semantic model at .*none\.yaml",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line_and_nothing_is_written(store: Store, text: str, told: str) -> None:
    with pytest.raises(FileRefused, match=told):
        put(store, text)
    assert rows(store) == 0


def test_one_wrong_job_keeps_all_others_out(store: Store) -> None:
    put(store, ALL)
    wrong = JOB.replace("weekly", "other") + "---\n" + JOB.replace("agent: analyst", "agent: none")
    with pytest.raises(FileRefused, match="asks agent 'none'"):
        put(store, wrong)
    with store.reading() as session:
        assert [job.definition.key for job in jobs.all_jobs(session)] == ["weekly"]


def test_a_parameter_named_like_a_dimension_is_a_filter_and_fine(store: Store) -> None:
    assert outcomes(put(store, ALL + "parameters:\n  market: {values: [NL]}\n"))[2] == ("job", "weekly", "created")


def without_markets(path: Path) -> SemanticModel:
    """Read a model that knows no markets."""
    model = read_model(path).model_dump()
    model["dimensions"] = [dimension for dimension in model["dimensions"] if dimension["name"] != "market"]
    return SemanticModel.model_validate(model)


FILTERED = JOB + "parameters:\n  market: {values: [NL]}\n"


@pytest.mark.parametrize("text", [ORGANISATION + AGENT, AGENT, ORGANISATION + AGENT + FILTERED])
def test_a_dimension_that_a_job_filters_by_cannot_be_taken_from_the_model(store: Store, text: str) -> None:
    put(store, ORGANISATION + AGENT + FILTERED)
    told = (
        r"line \d+: Job 'weekly' filters by 'market', which agent 'analyst' would not know .*\(it has 'campaign', 'ch"
    )
    with pytest.raises(FileRefused, match=told):
        apply(store, documents(text), now=NOW, read_model=without_markets)
    with store.reading() as session:
        [job] = jobs.all_jobs(session)
        agent = agents.by_id(session, job.agent_id)
    assert agent
    assert SemanticModel.model_validate(agent.definition.semantic_model).dimension("market")


def test_a_new_job_cannot_lose_its_filter_in_the_files_that_bring_it(store: Store) -> None:
    put(store, ORGANISATION + AGENT)
    with pytest.raises(FileRefused, match="Job 'weekly' filters by 'market'"):
        apply(store, documents(AGENT + FILTERED), now=NOW, read_model=without_markets)


def test_a_dimension_goes_with_the_last_job_that_filters_by_it(store: Store) -> None:
    put(store, ORGANISATION + AGENT + FILTERED)
    renamed = FILTERED.replace("market:", "country:").replace("What happened?", "What happened in {{ country }}?")
    found = apply(store, documents(AGENT + renamed), now=NOW, read_model=without_markets)
    assert outcomes(found) == [("agent", "analyst", "changed"), ("job", "weekly", "changed")]


def test_a_job_cannot_lose_its_filter_by_asking_another_agent(store: Store) -> None:
    put(store, ORGANISATION + AGENT + FILTERED)
    other = AGENT.replace("key: analyst", "key: other")
    apply(store, documents(other), now=NOW, read_model=without_markets)
    with pytest.raises(FileRefused, match=r"line 4: Job 'weekly' filters by 'market', which agent 'other'"):
        put(store, FILTERED.replace("agent: analyst", "agent: other"))


def test_a_parameter_that_never_was_a_filter_stops_nothing(store: Store) -> None:
    worded = FILTERED.replace("What happened?", "What happened in {{ market }}?")
    apply(store, documents(ORGANISATION + AGENT + worded), now=NOW, read_model=without_markets)
    again = apply(store, documents(AGENT + worded), now=NOW, read_model=without_markets)
    assert [entry.outcome for entry in again] == ["unchanged", "unchanged"]


def test_a_parameter_that_changes_nothing_is_refused_with_its_line(store: Store) -> None:
    with pytest.raises(FileRefused, match=r"line 20: The parameter 'markt' changes nothing: it is neither a dimension"):
        put(store, ORGANISATION + AGENT + FILTERED.replace("market:", "markt:"))


def test_a_placeholder_in_single_braces_is_refused(store: Store) -> None:
    with pytest.raises(
        FileRefused, match=r"line 19: The prompt holds '\{market\}'.*Write two braces: '\{\{ market \}\}'"
    ):
        put(store, ORGANISATION + AGENT + FILTERED.replace("What happened?", "'What of {market}?'"))


def test_a_prompt_that_is_more_than_placeholders_is_refused_with_its_line(store: Store) -> None:
    for prompt in ("{% for n in market %}{% endfor %}", "{{ market * 9 }}", "{{ " + "(" * 900 + ")" * 900 + " }}"):
        with pytest.raises(FileRefused, match=r"line 19: The prompt .*A prompt may hold placeholders"):
            put(store, ALL.replace("What happened?", f"'{prompt}'"))


def test_equal_keys_in_two_organisations_are_not_twice(store: Store) -> None:
    south = ALL.replace("north", "south")
    assert [entry.outcome for entry in put(store, f"{ALL}---\n{south}")] == ["created"] * 6


def test_an_agent_of_another_organisation_cannot_be_asked(store: Store) -> None:
    south = "kind: organisation\nkey: south\nname: South\ntimezone: UTC\n---\n" + JOB.replace("north", "south")
    with pytest.raises(FileRefused, match=r"asks agent 'analyst', which does not exist in organisation 'south'"):
        put(store, f"{ORGANISATION}{AGENT}{south}")


def test_a_reason_from_the_model_is_given_in_the_files_words(store: Store) -> None:
    def broken(path: Path) -> SemanticModel:
        raise DefinitionRefused(f"The semantic model {path.name!r} is wrong at metrics.")

    with pytest.raises(FileRefused, match=r"line 11: The semantic model 'semantic_model\.yaml' is wrong at metrics\."):
        apply(store, documents(ALL), now=NOW, read_model=broken)


SCHEDULED = ORGANISATION + AGENT + JOB + "schedule: 0 8 * * 1\n"


def held(store: Store) -> list[tuple[str, str, datetime]]:
    """Return the expression, the zone and the beginning of each plan that holds."""
    with store.reading() as session:
        found = [periods.current(session, job.job_id) for job in jobs.all_jobs(session)]
        plans = [(period.plan.schedule, period.held_from) for period in found if period]
    return [(schedule.expression, schedule.timezone, at) for schedule, at in plans if schedule]


def put_at(store: Store, text: str, hours: float) -> list[str]:
    return [entry.outcome for entry in apply(store, documents(text), now=later(hours=hours), read_model=read_model)]


def test_a_schedule_in_a_file_holds_from_the_moment_it_is_applied(store: Store) -> None:
    assert put_at(store, SCHEDULED, 1) == ["created"] * 3
    assert held(store) == [("0 8 * * 1", "UTC", later(hours=1))]
    assert put_at(store, SCHEDULED, 2) == ["unchanged"] * 3
    assert put_at(store, SCHEDULED.replace("What happened?", "Why?"), 3) == ["unchanged", "unchanged", "changed"]
    assert held(store) == [("0 8 * * 1", "UTC", later(hours=1))]
    assert put_at(store, SCHEDULED.replace("0 8", "0 9"), 4) == ["unchanged", "unchanged", "changed"]
    assert held(store) == [("0 9 * * 1", "UTC", later(hours=4))]


def test_an_organisations_new_zone_moves_the_schedules_of_jobs_that_no_file_names(store: Store) -> None:
    put_at(store, SCHEDULED, 1)
    assert put_at(store, ORGANISATION.replace("UTC", "Europe/Paris"), 2) == ["changed"]
    assert held(store) == [("0 8 * * 1", "Europe/Paris", later(hours=2))]


def test_a_job_that_keeps_its_zone_while_its_organisation_moves_loses_no_time(store: Store) -> None:
    put_at(store, SCHEDULED, 1)
    pinned = SCHEDULED.replace("UTC", "Europe/Paris") + "timezone: UTC\n"
    assert put_at(store, pinned, 2) == ["changed", "unchanged", "changed"]
    assert held(store) == [("0 8 * * 1", "UTC", later(hours=1))]


def test_one_schedule_that_cannot_be_leaves_everything_as_it_was(store: Store) -> None:
    put_at(store, SCHEDULED, 1)
    wrong = SCHEDULED.replace("UTC", "Europe/Paris").replace("0 8 * * 1", "0 8 31 2 *")
    with pytest.raises(FileRefused, match=r"line \d+: `schedule` is refused: Schedule '0 8 31 2 \*' never comes"):
        put_at(store, wrong, 2)
    assert held(store) == [("0 8 * * 1", "UTC", later(hours=1))]


CHANNEL = """\
kind: channel
key: mail
organisation: north
name: Mail
type: email
connection: smtp_default
recipients: [team@example.com]
---
"""


def test_channels_are_kept_and_their_jobs_may_come_before_them(store: Store) -> None:
    text = f"{ORGANISATION}{AGENT}{JOB}channels: [mail]\n---\n{CHANNEL}"
    assert outcomes(put(store, text))[2:] == [("job", "weekly", "created"), ("channel", "mail", "created")]
    assert {entry.outcome for entry in put(store, text)} == {"unchanged"}
    assert outcomes(put(store, CHANNEL.replace("Mail", "Team"))) == [("channel", "mail", "changed")]
    with store.reading() as session:
        north = organisations.by_key(session, "north")
        assert north is not None
        [channel] = channels.all_of(session, north.organisation_id)
    assert (channel.definition.name, channel.channel_id[:8]) == ("Team", "channel_")


def test_a_job_may_name_a_channel_that_is_stored(store: Store) -> None:
    put(store, ORGANISATION + AGENT + CHANNEL)
    assert outcomes(put(store, JOB + "channels: [mail]\n")) == [("job", "weekly", "created")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            ALL + f"channels: [mail, slack]\n---\n{CHANNEL}",
            r"line 20: Job 'weekly' names channel 'slack', which does not exist in organisation 'north' "
            r"\(there are 'mail'\)\. Name one of them, or define it too\.",
        ),
        (
            f"{ALL}channels: [mail]\n---\n{ORGANISATION.replace('north', 'south')}{CHANNEL.replace('north', 'south')}",
            r"line 20: Job 'weekly' names channel 'mail', which does not exist in organisation 'north' \(there are",
        ),
        (
            CHANNEL,
            r"line 3: The channel 'mail' belongs to organisation 'north', which does not exist \(there are none\)",
        ),
        (f"{ORGANISATION}{CHANNEL}{CHANNEL}", r"line 15: The channel 'mail' is defined twice, first in .*, line 6\."),
        (
            ORGANISATION.replace("---", "members: {ada: member, bob: member}\n---") + AGENT,
            r"line 5: Organisation 'north' names members and none of them as admin, so that nobody in it could change "
            r"its agents, channels and keys\. Give one of them the role admin, or name nobody\.",
        ),
    ],
)
def test_channels_and_members_that_do_not_fit_are_refused_and_nothing_is_written(
    store: Store, text: str, told: str
) -> None:
    with pytest.raises(FileRefused, match=told):
        put(store, text)
    assert rows(store) == 0


def test_members_may_be_nobody_or_have_an_admin_among_them(store: Store) -> None:
    assert outcomes(put(store, ORGANISATION.replace("---", "members: {}\n---")))[0][2] == "created"
    named = ORGANISATION.replace("---", "members: {ada: admin, bob: member}\n---")
    assert outcomes(put(store, named))[0][2] == "changed"
    assert (
        outcomes(put(store, named.replace("ada: admin, bob: member", "bob: member, ada: admin")))[0][2] == "unchanged"
    )


def kept_in(store: Store) -> dict[str, tuple[str | None, int]]:
    with store.reading() as session:
        return {job.definition.key: (job.kept_in, job.version) for job in jobs.all_jobs(session)}


def test_a_job_is_known_to_be_kept_by_its_file(store: Store) -> None:
    put(store, ALL)
    assert kept_in(store) == {"weekly": ("jobs.yaml", 1)}


def test_a_job_that_a_call_made_is_taken_over_by_a_file_and_that_is_said(store: Store) -> None:
    put(store, ALL)
    called = JOB.replace("weekly", "monthly")
    by_call = apply(store, documents(called, ""), now=NOW, read_model=read_model)
    assert outcomes(by_call) == [("job", "monthly", "created")]
    assert kept_in(store)["monthly"] == (None, 1)
    assert outcomes(put(store, called)) == [("job", "monthly", "changed")]
    assert outcomes(put(store, called)) == [("job", "monthly", "unchanged")]
    assert kept_in(store)["monthly"] == ("jobs.yaml", 1)


def test_a_definition_that_came_in_a_call_names_no_file_and_reads_none(store: Store) -> None:
    put(store, ORGANISATION + AGENT)
    with pytest.raises(FileRefused, match=r"^Job 'weekly' asks agent 'x', which does not exist"):
        apply(store, documents(JOB.replace("analyst", "x"), ""), now=NOW, read_model=read_model)
    with pytest.raises(
        FileRefused, match=r"^`semantic_model` names a file, and beside a definition that comes in a call"
    ):
        apply(store, documents(AGENT, ""), now=NOW, read_model=read_model)


def test_files_fit_together_by_themselves_or_are_refused_without_a_store() -> None:
    def check(text: str) -> None:
        found = documents(text)
        require_fit(found, read_models(found, read_model), None)

    check(f"{ALL}channels: [mail]\n---\n{CHANNEL}")
    for text, told in (
        (JOB, r"line 3: The job 'weekly' belongs to organisation 'north', which does not exist \(there are none\)"),
        (ORGANISATION + JOB, "asks agent 'analyst', which does not exist"),
        (ALL + "channels: [mail]\n", "names channel 'mail', which does not exist"),
        (ALL + "parameters:\n  markt: {values: [NL]}\n", "The parameter 'markt' changes nothing"),
    ):
        with pytest.raises(FileRefused, match=told):
            check(text)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT DISTINCT market FROM secrets", "reads 'secrets'"),
        ("SELECT market, channel FROM ad_performance", "exactly one named column"),
        ("DROP TABLE ad_performance", "does not begin with SELECT"),
        ("SELECT password FROM ad_performance", "no column 'password'"),
    ],
)
def test_a_query_that_the_guard_keeps_out_is_refused_where_it_stands(store: Store, query: str, told: str) -> None:
    text = ALL + f"parameters:\n  market: {{query: {query!r}}}\n"
    with pytest.raises(FileRefused, match=rf"line 20: The query of parameter 'market' .*{told}"):
        put(store, text)


def test_a_query_is_taken_without_a_warehouse(store: Store) -> None:
    text = ALL + "parameters:\n  market: {query: SELECT DISTINCT market FROM ad_performance}\n"
    assert outcomes(put(store, text))[2] == ("job", "weekly", "created")


def test_a_query_in_the_words_of_another_warehouse_is_taken(store: Store) -> None:
    query = "SELECT DISTINCT market FROM ad_performance WHERE TO_DATE(campaign, 'YYYY') < date"
    text = ALL + f'parameters:\n  market: {{query: "{query}"}}\n'
    assert outcomes(put(store, text))[2] == ("job", "weekly", "created")
