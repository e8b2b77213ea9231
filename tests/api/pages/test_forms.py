"""What forms send, and what no form of ours sends."""

from typing import Any

import pytest

from builders.signed_in import bearer
from interact.api.pages.forms import FORM, Fields


def test_a_field_is_read_without_the_blanks_and_line_ends_of_browsers() -> None:
    form = Fields({"prompt": ("first", "\r\n one\r\ntwo "), "empty": ("",), "on": ("on",), "off": ("off",)})
    assert (form.text("prompt"), form.text("empty"), form.text("other")) == ("one\ntwo", "", "")
    assert form.all("prompt") == ("first", "one\ntwo")
    assert form.lines("prompt") == ("one", "two")
    assert [form.is_on(name) for name in ("on", "off", "empty", "other")] == [True, False, False, False]


@pytest.mark.parametrize(
    ("sent", "version"), [("12", 12), (" 3 ", 3), ("", 0), ("-1", 0), ("1.5", 0), ("9" * 10, 0), ("two", 0)]
)
def test_a_version_that_is_none_is_that_of_nothing(sent: str, version: int) -> None:
    assert Fields({"version": (sent,)}).version == version
    assert Fields({}).version == 0


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b'{"prompt": "Spend"}', "application/json", "takes the fields of a form"),
        (b"prompt=Spend", "text/plain", "takes the fields of a form"),
        (b"prompt=%ff", FORM, "The form cannot be read: it takes UTF-8"),
        (b"prompt=\xff", FORM, "The form cannot be read: it takes UTF-8"),
        (b"&".join([b"a=b"] * 2001), FORM, "at most 2,000 fields"),
    ],
)
def test_what_no_form_sends_is_refused_in_a_sentence(site: Any, body: bytes, kind: str, told: str) -> None:
    path = f"/agents/{site.found.agents['analyst'].agent_id}/ask"
    answer = site.client.post(path, content=body, headers=bearer("ada") | {"Content-Type": kind})
    assert answer.status_code == 422
    assert told in answer.text
