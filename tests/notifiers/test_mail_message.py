"""A mail as it goes out: headers, parts, and what fits into it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.letters import CHART, NOTICES, PDF, a_file, a_letter, a_picture, a_writing, an_enclosed
from builders.noticed import a_notice
from interact.notifiers.mail_message import Letter, addressable, compose, encoded, from_address

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def arrived(letter: Letter) -> EmailMessage:
    """Read what was sent, as a mail client does."""
    message: Any = message_from_bytes(letter.mime(now=NOW), policy=default)
    return message


def test_the_headers_say_who_when_and_that_no_answer_is_awaited() -> None:
    message = arrived(a_letter())
    assert {name: str(message[name]) for name in message if name not in ("MIME-Version", "Content-Type")} == {
        "From": "Norrland & Kaye <reports@example.com>",
        "To": "team@example.com",
        "Subject": "3 campaigns below ROAS 2: NL, week 47",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
        "Message-ID": "<delivery_aaaaaaaaaaaa@example.com>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Interact-Delivery": "delivery_aaaaaaaaaaaa",
    }


def test_a_sender_with_a_name_keeps_it() -> None:
    letter = a_letter(sender=from_address("Reports of N&K <reports@example.com>"))
    assert arrived(letter)["From"] == "Reports of N&K <reports@example.com>"


def test_each_try_bears_the_same_name() -> None:
    assert a_letter().message_id == a_letter().message_id
    other = compose(an_enclosed(delivery_id="delivery_bbbbbbbbbbbb"), a_writing())
    assert other.message_id == "<delivery_bbbbbbbbbbbb@example.com>"


def test_a_mail_is_text_and_page_with_its_chart_and_files() -> None:
    letter = a_letter(a_notice(**NOTICES["completed"]))
    message = arrived(letter)
    assert shape(message) == [
        "multipart/mixed",
        ["multipart/alternative", "text/plain", ["multipart/related", "text/html", "image/png"]],
        "application/pdf",
    ]
    *_, picture = message.get_body(("related",)).iter_parts()  # type: ignore[union-attr]
    assert (picture["Content-ID"], picture.get_content()) == (f"<{letter.content_id}>", CHART)
    assert f'src="cid:{letter.content_id}"' in letter.html
    [pdf] = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("Weekly report NL.pdf", PDF)
    assert shape(arrived(a_letter())) == ["multipart/alternative", "text/plain", "text/html"]


def test_the_page_of_its_own_holds_the_chart() -> None:
    page = a_letter(a_notice(chart=a_picture())).page()
    assert 'src="data:image/png;base64,iVBOR' in page
    assert "cid:" not in page


def test_every_line_is_one_that_any_server_takes() -> None:
    content = a_letter(a_notice(**NOTICES["straining"] | {"files": [a_file(name="Straße 🚀.pdf")]})).mime(now=NOW)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Report\r\nBcc: everyone@example.com", "Report Bcc: everyone@example.com"),
        ("  Two\n\nlines\t\x00\u202e here ", "Two lines here"),
        ("Größer: 25 % — €12.480 🚀", "Größer: 25 % — €12.480 🚀"),
        ("Umsatz " + "Überraschung " * 12, ("Umsatz " + "Überraschung " * 12).strip()),
        ("0000 ¡¡¡¡¡ࠀ𐀀𐀀𐀀𐀀𐀀𐀀 ¡", "0000 ¡¡¡¡¡ࠀ𐀀𐀀𐀀𐀀𐀀𐀀 ¡"),
        ("x" * 900, "x" * 199 + "…"),
    ],
)
def test_a_subject_is_one_line_and_arrives_as_it_was_written(written: str, read: str) -> None:
    message = arrived(a_letter(a_notice(subject=written)))
    assert message["Subject"] == read
    assert message["Bcc"] is None


@given(st.text(st.characters(codec="utf-8"), max_size=120), st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_name_or_subject_breaks_a_header(subject: str, organisation: str) -> None:
    letter = a_letter(a_notice(subject=subject, organisation=organisation))
    message = arrived(letter)
    assert len(message.items()) == 10
    assert (message["Subject"], message["From"].addresses[0].addr_spec) == (letter.subject, "reports@example.com")


def test_a_file_too_large_for_the_mail_is_left_out_and_that_is_said() -> None:
    letter = a_letter(a_notice(files=[{**a_file(), "bytes": 12_400_000}, a_file(name="Small.pdf")]))
    assert [file.name for file in letter.files] == ["Small.pdf"]
    for face in (letter.html, letter.text):
        assert "Weekly report NL.pdf (12.4 MB) is too large to go along with this mail." in face
        assert "Small.pdf" not in face


@pytest.mark.parametrize(("spare", "goes"), [(0, True), (-1, False)])
def test_what_counts_is_the_size_in_the_mail(spare: int, *, goes: bool) -> None:
    room = 150_000 + encoded(len(PDF)) + spare
    letter = a_letter(a_notice(files=[a_file()]), room_bytes=room)
    assert bool(letter.files) is goes
    assert len(letter.mime(now=NOW)) <= room


def test_a_chart_that_does_not_fit_is_not_shown() -> None:
    letter = a_letter(a_notice(chart=a_picture()), room_bytes=150_100)
    assert letter.chart is None
    assert "<img" not in letter.html


@pytest.mark.parametrize("count", [1, 56, 57, 58, 5_000])
def test_the_size_in_the_mail_is_that_of_base64_in_lines(count: int) -> None:
    part = EmailMessage()
    part.set_content(b"x" * count, "application", "pdf")
    lines = part.get_payload().replace("\n", "\r\n")
    assert encoded(count) - 76 <= len(lines) <= encoded(count)


def test_a_file_name_cannot_lead_elsewhere() -> None:
    message = arrived(a_letter(a_notice(files=[a_file(name='../../etc\\"x"\r\nBcc: a@b.de')])))
    assert [part.get_filename() for part in message.iter_attachments()] == ['..-..-etc-"x" Bcc: a@b.de']


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("team@example.com", "team@example.com"),
        ("jürgen@example.com", "jürgen@example.com"),
        ("info@bücher.example", "info@xn--bcher-kva.example"),
        ("a@b@c", None),
        ("Ada <ada@example.com>", None),
        ("ada@" + "x" * 70 + ".com", None),
        ("ada@example..com", None),
        ("", None),
    ],
)
def test_an_address_is_written_as_servers_take_it(address: str, usable: str | None) -> None:
    assert addressable(address) == usable


def shape(message: Any) -> list[Any]:
    """Return the types of a message's parts, as they are nested."""
    parts = [shape(part) if part.is_multipart() else part.get_content_type() for part in message.iter_parts()]
    return [message.get_content_type(), *parts]
