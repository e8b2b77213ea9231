"""A notice in a card of Teams: what it says, that nobody's text is markup, and that it fits however much there is."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from microsoft_teams.cards import AdaptiveCard, FactSet, OpenUrlAction, TextBlock

from builders.noticed import a_notice, an_envelope
from interact.notices.notice import Figure, Link, Notice, Remark
from interact.notifiers.teams_card import MESSAGE_BYTES, card_of, message_of

ELEMENTS: dict[str, type[Any]] = {"TextBlock": TextBlock, "FactSet": FactSet, "Action.OpenUrl": OpenUrlAction}
NASTY = st.text(max_size=400) | st.sampled_from(["*_`[" * 500, "🙂" * 3_000, "\\" * 900, '"' * 900, "{{DATE(x)}}"])


def require_known(content: Any, model: type[Any]) -> None:
    """Hold a part of a card to Microsoft's model of it: of the right types, and with nothing that it does not know."""
    known = {field.serialization_alias or name for name, field in model.model_fields.items()}
    known |= {model.serialization_alias_generator(name) for name in model.model_fields} | {"$schema"}
    assert content.keys() <= known
    dumped = model.model_validate(content).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert {name: dumped.get(name) for name in content} == content


def card_in(message: bytes) -> dict[str, Any]:
    """Return the card of a message that Teams takes."""
    assert len(message) <= MESSAGE_BYTES
    document = json.loads(message)
    assert (document["type"], len(document["attachments"])) == ("message", 1)
    attached = document["attachments"][0]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attached["content"]
    require_known(card, AdaptiveCard)
    for element in [*card["body"], *card["actions"]]:
        require_known(element, ELEMENTS[element["type"]])
    return card


def said(card: dict[str, Any]) -> list[Any]:
    """Return what a card shows, in its order."""
    return [
        element["text"] if "text" in element else [(fact["title"], fact["value"]) for fact in element["facts"]]
        for element in card["body"]
    ]


def test_a_notice_says_all_that_it_holds() -> None:
    card = card_in(message_of(an_envelope()))
    assert said(card) == [
        "3 campaigns below ROAS 2: NL, week 47",
        "Norrland & Kaye · Weekly Campaign Performance Report · Market NL · 16 to 22 November 2026",
        "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.",
        [("Spend", "€12,480 (+4.0% on the 7 days before)"), ("ROAS", "2.41 (−6.2% on the 7 days before)")],
        "Highlights",
        "Brand NL fell below 2",
        "1.84, after 2.10 the week before.",
        "What changed",
        "Generic NL is above target again",
        "CPA €18.20, target €20.00.",
    ]
    assert [(action["type"], action["title"], action["url"]) for action in card["actions"]] == [
        ("Action.OpenUrl", "Open the report", "https://airflow.example.com/interact/chats/chat_aaaaaaaaaaaa"),
        ("Action.OpenUrl", "Open the run", "https://airflow.example.com/interact/runs/run_aaaaaaaaaaaa"),
    ]
    assert (card["version"], card["msteams"], card["fallbackText"]) == (
        "1.5",
        {"width": "full"},
        "3 campaigns below ROAS 2: NL, week 47",
    )
    assert card["speak"].startswith("3 campaigns below ROAS 2: NL, week 47. Three of 24 campaigns")
    assert all(element["wrap"] for element in card["body"] if element["type"] == "TextBlock")


def test_a_failure_says_who_failed_and_what_comes_next() -> None:
    failed = a_notice(
        figures=[],
        highlights=[],
        changes=[],
        failures=[{"title": "BE", "text": "The warehouse did not answer.", "tone": "bad"}],
        then="It runs again on Monday at 08:00.",
        corrects="The figures of Tuesday were incomplete.",
    )
    card = card_in(message_of(an_envelope(failed)))
    assert said(card)[2:] == [
        "Corrected: The figures of Tuesday were incomplete.",
        "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.",
        "Failed",
        "BE",
        "The warehouse did not answer.",
        "It runs again on Monday at 08:00.",
    ]
    assert card["body"][5]["color"] == "Attention"


def test_what_is_too_much_is_counted() -> None:
    many = a_notice(
        highlights=[{"title": f"Campaign {n}", "text": "fell"} for n in range(24)],
        figures=[{"label": f"Figure {n}", "value": str(n)} for n in range(24)],
    )
    shown = said(card_in(message_of(an_envelope(many))))
    assert [text for text in shown if text == "… and 12 more"] == ["… and 12 more"] * 2
    assert shown[shown.index("Highlights") + 23 : shown.index("What changed")] == [
        "Campaign 11",
        "fell",
        "… and 12 more",
    ]


def test_a_card_that_would_be_too_large_shows_less_and_counts_it() -> None:
    remarks = [{"title": f"Campaign {n} " + "🙂" * 150, "text": "🙂" * 900} for n in range(40)]
    shown = said(card_in(message_of(an_envelope(a_notice(highlights=remarks, failures=remarks)))))
    assert [text for text in shown if isinstance(text, str) and text.startswith("…")] == ["… and 34 more"] * 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*b* _i_ ~s~ `c`", r"\*b\* \_i\_ \~s\~ \`c\`"),
        ("[x](https://evil.example)", r"\[x\](https://evil.example)"),
        ("<https://evil.example>", r"\<https://evil.example\>"),
        ("- one", r"\- one"),
        ("# one", r"\# one"),
        ("-", r"\-"),
        ("+4.0% #1 -2", "+4.0% #1 -2"),
        ("1. one", r"1\. one"),
        ("12) one", r"12\) one"),
        ("1.84, after 2.10", "1.84, after 2.10"),
        ("−6.2% - less", "−6.2% - less"),
        ("a\\b", r"a\\b"),
        ("{{DATE(2026-11-26T08:00:00Z)}}", "{\u2060{DATE(2026-11-26T08:00:00Z)}}"),
        ("two\n\n- lines", "two - lines"),
    ],
)
def test_text_is_no_markup(text: str, shown: str) -> None:
    card = card_in(message_of(an_envelope(a_notice(lead=text, figures=[{"label": text, "value": text}]))))
    assert said(card)[2:4] == [shown, [(shown, shown)]]


def test_what_is_spoken_is_no_markup() -> None:
    card = card_of(an_envelope(a_notice(subject="<break/> a & b", lead="ok")))
    assert card["speak"] == " break/  a   b. ok"


NOTICES = st.builds(
    a_notice,
    **dict.fromkeys(("subject", "lead", "organisation", "job", "about", "then", "corrects"), NASTY),
    figures=st.lists(st.builds(Figure, label=NASTY, value=NASTY, change=NASTY), max_size=30),
    highlights=st.lists(st.builds(Remark, title=NASTY, text=NASTY), max_size=30),
    changes=st.lists(st.builds(Remark, title=NASTY, text=NASTY), max_size=30),
    failures=st.lists(st.builds(Remark, title=NASTY, text=NASTY), max_size=30),
    links=st.lists(st.builds(Link, label=NASTY, path=NASTY.map(lambda text: f"/{text}")), max_size=12),
)


@settings(max_examples=60, deadline=None)
@given(NOTICES)
def test_whatever_there_is_to_say_teams_takes_it(notice: Notice) -> None:
    card = card_in(message_of(an_envelope(notice)))
    assert not re.search(r"\{\{", json.dumps(card["body"]))
    assert all(element["text"].strip() for element in card["body"] if element["type"] == "TextBlock")


def test_the_largest_notice_of_all_fits() -> None:
    text, remark = "🙂" * 9_000, {"title": "🙂" * 900, "text": "🙂" * 900}
    parts = dict.fromkeys(("subject", "lead", "organisation", "job", "about", "then", "corrects"), text)
    lists = dict.fromkeys(("highlights", "changes", "failures"), [remark] * 99)
    links = [{"label": text, "path": "/" + "x" * 960} for _ in range(9)]
    figures = [{"label": text, "value": text, "change": text}] * 99
    card = card_in(message_of(an_envelope(a_notice(**parts, **lists, links=links, figures=figures))))
    assert len(card["actions"]) == 5
