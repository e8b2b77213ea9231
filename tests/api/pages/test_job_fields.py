"""A job's definition as the fields of its form, and back."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interact.api.pages.forms import Fields
from interact.api.pages.job_fields import OFFERED, blank, blank_row, fields_of, plain_of, rows_of
from interact.errors import FileRefused
from interact.jobs.definition import Job

NAMED = {"key": "weekly", "organisation": "norrland", "agent": "analyst", "owner": "ada"}


def a_job(**changes: Any) -> Job:
    """A job with all that a form shows at its default, but for these."""
    return Job.model_validate({**NAMED, "name": "Weekly", "prompt": "Total spend.", **changes})


def sent(form: Fields) -> Fields:
    """The form as a browser sends it: line ends of its own, and everything escaped."""
    pairs = [(name, value.replace("\n", "\r\n")) for name, values in form.sent.items() for value in values]
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(urlencode(pairs), keep_blank_values=True, strict_parsing=True):
        found[name] = (*found.get(name, ()), value)
    return Fields(found)


def saved(form: Fields, before: Job | None = None) -> Job:
    """The job that a form makes, of nothing or of the one that is there."""
    plain = before.model_dump(mode="json", exclude_defaults=True) if before else {}
    whole = {**NAMED, **plain, **plain_of(form, plain)}
    return Job.model_validate({key: value for key, value in whole.items() if value is not None})


def form(**fields: Any) -> Fields:
    """A blank form with these fields filled in; `parameter_0_name` is `parameter-0-name`."""
    typed = {name.replace("_", "-") if name.startswith("parameter_") else name: each for name, each in fields.items()}
    many = {name: tuple(each) if isinstance(each, list) else (each,) for name, each in typed.items()}
    return Fields({**blank().sent, "name": ("Weekly",), "prompt": ("Total spend.",), **many})


lines = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="*"), max_size=12)
words = lines.map(lambda text: text.strip() or "x")
prose = st.lists(words, min_size=1, max_size=3).map("\n\t".join)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
minutes = st.none() | st.integers(1, 1440)
numbers = st.integers(-10_000, 10_000).map(str)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(str)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
assets = st.lists(st.from_regex(r"[!-~]{1,12}", fullmatch=True), min_size=1, max_size=3, unique=True)
crons = st.sampled_from([OFFERED, "0 9 * * 1-5", "@first-weekday 09:30", "0 8 1 * *"])
schedules = st.fixed_dictionaries(
    {"cron": crons},
    optional={
        "enabled": st.booleans(),
        "on_holiday": st.sampled_from(["run", "skip", "next", "previous"]),
        "lateness_minutes": minutes,
    },
)
waits = st.fixed_dictionaries(
    {"assets": assets, "schedule": st.just("and"), "cutoff_minutes": st.integers(1, 300)},
    optional={
        "when": st.sampled_from(["any", "all"]),
        "at_cutoff": st.sampled_from(["run", "skip"]),
        "fresh_minutes": minutes,
    },
)
switched = {"when": st.sampled_from(["any", "all"]), "enabled": st.booleans()}
alternatives = st.fixed_dictionaries({"assets": assets}, optional=switched)


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, Any]:
    """A parameter of any type that can run by itself."""
    kind = draw(st.sampled_from(["choice", "text", "number", "date"]))
    of_type = {"number": numbers, "date": days}.get(kind, words)
    values = draw(st.lists(of_type, min_size=1, max_size=4, unique=True))
    some = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    chosen = {"default": draw(some), "schedule": draw(st.just([]) | some | st.just(["*"]))}
    allowed = draw(st.sampled_from([{"values": values}, {"query": draw(prose)}]))
    if kind != "choice" and chosen["schedule"] != ["*"] and draw(st.booleans()):
        allowed = {}
    return {"type": kind, "description": draw(lines), **chosen, **allowed}


@st.composite
def notices(draw: st.DrawFn, asked: dict[str, Any]) -> dict[str, Any]:
    """When the runs of a job with these parameters are told, and who hears of some values only."""
    when = draw(st.sampled_from(["always", "highlights", "change", "check"]))
    values = [(name, value) for name, parameter in asked.items() for value in parameter.get("values", ())]
    routes = []
    if values:
        some = st.tuples(st.sampled_from(values), st.sampled_from(["mail", "a-1"]))
        to = st.lists(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}", fullmatch=True), max_size=2, unique=True)
        chosen = draw(st.lists(some, max_size=3, unique=True))
        routes = [{"parameter": p, "value": v, "channel": key, "recipients": draw(to)} for (p, v), key in chosen]
    check = {"check": draw(prose)} if when == "check" else {}
    return {"when": when, "attach_pdf": draw(st.booleans()), "routes": routes, **check}


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Any job that a form can express."""
    schedule = draw(st.none() | schedules)
    asked = draw(st.dictionaries(names, parameters(), max_size=3))
    return a_job(
        name=draw(words),
        prompt=draw(prose),
        visibility=draw(st.sampled_from(["private", "organisation"])),
        parameters=asked,
        notices=draw(notices(asked)),
        channels=draw(st.lists(st.sampled_from(["mail", "slack", "a-1"]), unique=True)),
        time_limit_minutes=draw(st.integers(1, 1440)),
        parallel_chats=draw(st.none() | st.integers(1, 100)),
        timezone=draw(st.sampled_from([None, "UTC", "America/New_York"])),
        schedule=schedule,
        triggers=draw(st.none() | alternatives | (waits if schedule else alternatives)),
    )


@patient
@given(jobs())
def test_a_job_that_goes_through_its_form_is_the_same_job(job: Job) -> None:
    assert saved(sent(fields_of(job)), job).model_dump_json() == job.model_dump_json()


def is_no_more_than_offered(job: Job) -> bool:
    """Whether a job's schedule is what a blank form offers, switched off."""
    schedule = job.schedule
    return schedule is not None and schedule == a_job(schedule={"cron": OFFERED, "enabled": False}).schedule


@patient
@given(jobs().filter(lambda job: not is_no_more_than_offered(job)))
def test_a_job_is_written_into_a_blank_form_just_as_well(job: Job) -> None:
    made = saved(sent(fields_of(job)))
    assert made.model_dump_json() == job.model_dump_json()


def test_a_blank_form_is_a_job_that_runs_by_hand() -> None:
    job = saved(form())
    assert job == a_job()
    assert (job.visibility, job.schedule, job.triggers, job.time_limit_minutes) == ("organisation", None, None, 30)


def test_the_schedule_that_is_offered_counts_once_it_is_switched_on() -> None:
    assert blank().text("cron") == "0 8 * * 1"
    assert saved(form(schedule_on="on")).schedule == a_job(schedule="0 8 * * 1").schedule


@pytest.mark.parametrize("typed", [{"cron": "0 9 * * *"}, {"lateness_minutes": "20"}, {"on_holiday": "skip"}])
def test_a_schedule_that_was_written_and_not_switched_on_is_kept_for_later(typed: dict[str, str]) -> None:
    schedule = saved(form(**typed)).schedule
    assert schedule is not None and not schedule.enabled
    assert {name: str(getattr(schedule, name)) for name in typed} == typed


def test_switching_a_schedule_off_keeps_its_expression() -> None:
    before = a_job(schedule={"cron": OFFERED})
    off = Fields({**fields_of(before).sent, "schedule_on": ()})
    assert saved(off, before).schedule == a_job(schedule={"cron": OFFERED, "enabled": False}).schedule


def test_an_expression_that_is_taken_out_takes_the_schedule_with_it_once_it_is_off() -> None:
    before = a_job(schedule={"cron": "@daily", "enabled": False})
    assert saved(Fields({**fields_of(before).sent, "cron": ("",)}), before).schedule is None
    on = plain_of(form(schedule_on="on", cron=""))
    assert on["schedule"] == {"cron": "", "enabled": True, "on_holiday": "run"}


def test_what_belongs_to_waiting_counts_only_while_something_waits() -> None:
    waiting = {"assets": "orders\nspend", "cutoff_minutes": "90", "at_cutoff": "skip", "fresh_minutes": "60"}
    assert plain_of(form(**waiting))["triggers"] == {"assets": ["orders", "spend"], "when": "all"}
    assert plain_of(form(trigger_schedule="and", **waiting))["triggers"] == {
        "assets": ["orders", "spend"],
        "when": "all",
        "schedule": "and",
        "cutoff_minutes": 90,
        "at_cutoff": "skip",
        "fresh_minutes": 60,
    }


def test_waiting_for_no_data_is_not_forgotten_in_silence() -> None:
    assert plain_of(form(trigger_schedule="and", schedule_on="on"))["triggers"]["assets"] == []


def test_what_is_no_whole_number_is_handed_on_as_it_was_typed() -> None:
    assert plain_of(form(time_limit_minutes="half an hour"))["time_limit_minutes"] == "half an hour"
    assert plain_of(form(time_limit_minutes=" -5 "))["time_limit_minutes"] == -5
    assert plain_of(form(time_limit_minutes=""))["time_limit_minutes"] is None
    assert plain_of(form(time_limit_minutes="9" * 5_000))["time_limit_minutes"] == "9" * 5_000


def test_the_rows_of_parameters_keep_their_order_and_not_their_numbers() -> None:
    rows = form(
        parameter=["7", "2", "7", "x", "-1"],
        parameter_7_name="market",
        parameter_7_values="NL\n\n BE \n",
        parameter_2_name="day",
        parameter_2_type="date",
    )
    assert rows_of(rows) == ["7", "2"]
    assert plain_of(rows)["parameters"] == {"market": {"values": ["NL", "BE"]}, "day": {"type": "date"}}


def test_a_row_that_was_never_filled_in_is_no_parameter() -> None:
    added = Fields({**form().sent, **blank_row(0).sent})
    assert rows_of(added) == ["0"]
    assert plain_of(added)["parameters"] is None


def test_a_parameter_that_stands_twice_is_refused_at_the_second() -> None:
    twice = form(parameter=["0", "1"], parameter_0_name="market", parameter_1_name="market")
    with pytest.raises(FileRefused, match=r"The parameter 'market' stands twice\. Give one") as refused:
        plain_of(twice)
    assert refused.value.path == ("parameter-1-name",)


def test_keys_that_the_form_has_no_field_for_stay_as_they_are() -> None:
    before = {
        "owner": "ada",
        "colour": "red",
        "schedule": {"cron": "@daily", "jitter": 5},
        "triggers": {"assets": ["orders"], "grace": 7},
        "parameters": {"market": {"values": ["NL"], "unit": "country"}, "gone": {"values": ["x"], "unit": "none"}},
    }
    typed = form(
        schedule_on="on",
        cron="@weekly",
        assets="spend",
        parameter=["0"],
        parameter_0_name="market",
        parameter_0_values="BE",
    )
    after = plain_of(typed, before)
    assert "colour" not in after and "owner" not in after  # A change leaves what it does not name.
    assert after["schedule"] == {"cron": "@weekly", "enabled": True, "on_holiday": "run", "jitter": 5}
    assert after["triggers"] == {"assets": ["spend"], "when": "all", "grace": 7}
    assert after["parameters"] == {"market": {"values": ["BE"], "unit": "country"}}


def test_channels_keep_their_order_when_their_boxes_stand_in_another() -> None:
    before = a_job(channels=["slack", "mail"])
    ticked = Fields({**fields_of(before).sent, "channels": ("a-1", "mail", "slack")})
    assert saved(ticked, before).channels == ("slack", "mail", "a-1")
    assert saved(Fields({**ticked.sent, "channels": ()}), before).channels == ()


def test_what_the_agent_may_do_is_ticked_and_chosen() -> None:
    plain = saved(form())
    assert (plain.allow_sql, plain.untraced) == (False, "mark")
    job = saved(form(allow_sql="on", untraced="hold"))
    assert (job.allow_sql, job.untraced) == (True, "hold")
    again = sent(fields_of(job))
    assert (again.is_on("allow_sql"), again.text("untraced")) == (True, "hold")
    unticked = Fields({name: values for name, values in again.sent.items() if name != "allow_sql"})
    assert saved(unticked, job).allow_sql is False
