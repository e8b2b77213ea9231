"""Who is told of a job's runs, as the fields of its form, and back."""

from typing import Any

import pytest

from interact.api.pages.forms import Fields
from interact.api.pages.job_refusals import refusal_of
from interact.api.pages.telling_fields import blank_route, notices_fields, notices_of, routes_in
from interact.errors import FileRefused
from interact.jobs.telling import JobNotices

NL = {"parameter": "market", "value": "NL", "channel": "mail"}


def form(*routes: dict[str, str], **fields: str) -> Fields:
    """A form with these rows, numbered from 3 on."""
    rows = {f"route-{number}-{key}": (text,) for number, row in enumerate(routes, 3) for key, text in row.items()}
    numbers = tuple(str(number) for number in range(3, 3 + len(routes)))
    sent = {"tell_when": "always", "attach_pdf": "on", **fields}
    return Fields({**{name: (text,) for name, text in sent.items()}, **rows, "route": numbers})


def said(sent: Fields, before: dict[str, Any] | None = None) -> Any:
    return notices_of(sent, ("market", "brand"), before or {})


def test_what_goes_without_saying_is_not_said() -> None:
    assert said(form()) is None
    assert JobNotices.model_validate(said(form(tell_when="change", attach_pdf=""))) == JobNotices(
        when="change", attach_pdf=False
    )


def test_a_form_without_these_fields_leaves_them_as_they_were() -> None:
    assert said(Fields({}), {"attach_pdf": False}) == {"attach_pdf": False}
    assert said(Fields({})) is None


def test_a_check_counts_only_while_it_is_chosen() -> None:
    assert said(form(tell_when="highlights", check="SELECT 1")) == {"when": "highlights"}
    assert said(form(tell_when="check", check="SELECT 1")) == {"when": "check", "check": "SELECT 1"}


def test_rows_that_are_empty_are_no_routes() -> None:
    assert said(form({}, {**NL, "recipients": "a@b.c\r\n\r\n d@b.c "})) == {
        "routes": [{**NL, "recipients": ["a@b.c", "d@b.c"]}]
    }
    assert routes_in(blank_route(7)) == ["7"] and said(Fields({**form().sent, **blank_route(7).sent})) is None
    assert routes_in(Fields({"route": ("x", "2", "2", "12345")})) == ["2"]


@pytest.mark.parametrize(
    ("rows", "fields", "field", "sentence"),
    [
        (
            [NL, {**NL, "parameter": "land"}],
            {},
            "route-4-parameter",
            "“Parameter” names 'land', which is no parameter of this job (there are 'brand', 'market'). Name one of "
            "them.",
        ),
        (
            [{**NL, "value": ""}],
            {},
            "route-3-value",
            "“Value” is empty; fill it in, or empty the whole row to take it out.",
        ),
        (
            [{}, {**NL, "channel": ""}],
            {},
            "route-4-channel",
            "“Channel” is empty; fill it in, or empty the whole row to take it out.",
        ),
        (
            [NL, {**NL, "recipients": "a@b.c"}],
            {},
            "route-4-value",
            "“Value” has 'NL' twice for one channel. Put both into one row.",
        ),
        (
            [],
            {"tell_when": "check", "check": " "},
            "check",
            "“Check” is empty. Write a SELECT whose first value says whether to send, or choose another “Send”.",
        ),
    ],
)
def test_a_row_that_is_filled_in_by_half_is_refused_at_its_field(
    rows: list[dict[str, str]], fields: dict[str, str], field: str, sentence: str
) -> None:
    sent = form(*rows, **fields)
    with pytest.raises(FileRefused, match="`") as refused:
        said(sent)
    told = refusal_of(refused.value, sent)
    assert (told.field, told.sentence) == (field, sentence)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("notices", "routes", "0", "value"), "route-4-value"),
        (("notices", "routes", "1", "recipients"), "route-5-recipients"),
        (("notices", "routes", "7", "value"), "routes"),
        (("notices", "routes", "recipients"), "route-5-recipients"),
        (("notices", "routes", "value"), "routes"),
        (("notices", "routes"), "routes"),
        (("notices", "when"), "tell_when"),
        (("notices", "check"), "check"),
    ],
)
def test_a_route_is_refused_in_the_row_that_it_stands_in(path: tuple[str, ...], field: str) -> None:
    sent = form({}, NL, {**NL, "value": "BE", "recipients": "a@b.c\na@b.c"})
    assert refusal_of(FileRefused("", None, "It does not fit.", path=path), sent).field == field


def test_a_jobs_notices_go_through_their_form() -> None:
    notices = JobNotices.model_validate({"when": "check", "check": "SELECT 1", "attach_pdf": False, "routes": [NL]})
    fields = notices_fields(notices)
    many = {name: tuple(each) if isinstance(each, list) else (each or "",) for name, each in fields.items()}
    assert JobNotices.model_validate(said(Fields(many))) == notices
