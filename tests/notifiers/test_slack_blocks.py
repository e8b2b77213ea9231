"""A notice in Slack's blocks: what it says, what it never does, and that Slack takes it however much there is."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from builders.noticed import a_notice, an_envelope
from interact.notices.notice import Figure, Link, Notice, Remark
from interact.notifiers.cutting import length
from interact.notifiers.slack_blocks import message_of

# What Slack would act on: a mention, a group, a link, a date.
ACTS = re.compile(r"<[@#!][^>]*>|<https?://(?!airflow\.example\.com)")
NASTY = st.text(max_size=400) | st.sampled_from(["<!channel>", "<@U1|x>" * 90, "&" * 4_000, "🙂" * 3_000, "*_~`" * 500])


def texts_of(part: Any) -> list[str]:
    """Return each text in blocks."""
    if isinstance(part, list):
        return [text for each in part for text in texts_of(each)]
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in texts_of(value)]
    return []


def require_taken(message: dict[str, Any]) -> None:
    """Hold a message to Slack's own models and to the limits that they leave out."""
    for block in Block.parse_all(message["blocks"]):
        block.validate_json()
    assert [block.to_dict() for block in Block.parse_all(message["blocks"])] == message["blocks"]
    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        limit = 150 if block["type"] == "header" else 2_000 if "fields" in block else 3_000
        assert all(0 < length(text) <= limit for text in texts_of(block))
    assert sum(length(text) for text in texts_of(message["blocks"])) <= 12_000
    assert 0 < length(message["text"]) <= 4_000


def test_a_notice_says_all_that_it_holds() -> None:
    message = message_of(an_envelope())
    require_taken(message)
    assert message["text"] == (
        "3 campaigns below ROAS 2: NL, week 47 Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%."
    )
    assert [(block["type"], texts_of(block)) for block in message["blocks"]] == [
        ("header", ["3 campaigns below ROAS 2: NL, week 47"]),
        (
            "context",
            ["Norrland & Kaye · Weekly Campaign Performance Report · Market NL · 16 to 22 November 2026"],
        ),
        ("section", ["Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%."]),
        (
            "section",
            [
                "*Spend*\n€12,480\n+4.0% on the 7 days before",
                "*ROAS*\n2.41\n−6.2% on the 7 days before",
            ],
        ),
        ("section", ["*Highlights*\n• *Brand NL fell below 2* – 1.84, after 2.10 the week before."]),
        ("section", ["*What changed*\n• *Generic NL is above target again* – CPA €18.20, target €20.00."]),
        (
            "section",
            [
                "<https://airflow.example.com/interact/chats/chat_aaaaaaaaaaaa|Open the report> · "
                "<https://airflow.example.com/interact/runs/run_aaaaaaaaaaaa|Open the run>"
            ],
        ),
    ]


def test_a_failure_says_who_failed_and_what_comes_next() -> None:
    failed = a_notice(
        kind="partial",
        figures=[],
        highlights=[],
        changes=[],
        links=[],
        failures=[{"title": "BE", "text": "The warehouse did not answer."}],
        then="It runs again on Monday at 08:00.",
        corrects="The figures of Tuesday were incomplete.",
    )
    shown = [texts_of(block)[0] for block in message_of(an_envelope(failed))["blocks"]]
    assert shown[2:] == [
        "*Corrected:* The figures of Tuesday were incomplete.",
        "Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.",
        "*Failed*\n• *BE* – The warehouse did not answer.",
        "It runs again on Monday at 08:00.",
    ]


def test_what_is_too_much_is_counted() -> None:
    many = a_notice(
        highlights=[{"title": f"Campaign {n}", "text": "fell"} for n in range(24)],
        figures=[{"label": f"Figure {n}", "value": str(n)} for n in range(22)],
    )
    blocks = message_of(an_envelope(many))["blocks"]
    highlights = next(text for text in texts_of(blocks) if text.startswith("*Highlights*"))
    assert highlights.splitlines()[-2:] == ["• *Campaign 11* – fell", "… and 12 more"]
    figures = next(n for n, block in enumerate(blocks) if "fields" in block)
    assert (len(blocks[figures]["fields"]), texts_of(blocks[figures + 1])) == (10, ["… and 12 more"])


def test_nobody_is_called_and_nothing_is_linked_by_what_others_wrote() -> None:
    hostile = "<!channel> <@U012AB3CD> @here <https://evil.example|ours> & https://evil.example"
    notice = a_notice(subject=hostile, lead=hostile, highlights=[{"title": hostile, "text": hostile}], then=hostile)
    message = message_of(an_envelope(notice))
    marked = [text for text in [message["text"], *_of_type(message["blocks"], "mrkdwn")] if ACTS.search(text)]
    assert marked == []
    assert all(each["verbatim"] is True for each in _objects(message["blocks"], "mrkdwn"))
    assert "&lt;!channel&gt; &lt;@U012AB3CD&gt; @here &lt;https://evil.example|ours&gt; &amp;" in message["text"]


@pytest.mark.parametrize("title", ["3*4", "`x`", "~5%", "_private_"])
def test_a_title_with_a_mark_in_it_is_not_bold(title: str) -> None:
    notice = a_notice(highlights=[{"title": title}])
    assert f"*Highlights*\n• {title}" in texts_of(message_of(an_envelope(notice))["blocks"])


def test_links_lead_where_they_say_or_are_left_out() -> None:
    links = [
        {"label": "a|b>c", "path": "/interact/chats?x=1&y=<z>|q r"},
        {"label": "far", "path": "/" + "x" * 4_000},
        *[{"label": str(n), "path": f"/{n}"} for n in range(9)],
    ]
    line = texts_of(message_of(an_envelope(a_notice(links=links)))["blocks"])[-1].split(" · ")
    assert line[0] == "<https://airflow.example.com/interact/chats?x=1&amp;y=%3Cz%3E%7Cq%20r|a b&gt;c>"
    assert line[1:] == [f"<https://airflow.example.com/{n}|{n}>" for n in range(4)]
    assert "Open" not in json.dumps(message_of(an_envelope(a_notice(), base_url="javascript:alert(1)"))["blocks"])


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
def test_whatever_there_is_to_say_slack_takes_it(notice: Notice) -> None:
    message = message_of(an_envelope(notice))
    require_taken(message)
    assert not any(ACTS.search(text) for text in [message["text"], *_of_type(message["blocks"], "mrkdwn")])


def _objects(part: Any, kind: str) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [found for each in part for found in _objects(each, kind)]
    if isinstance(part, dict):
        return [part] * (part.get("type") == kind) + [x for each in part.values() for x in _objects(each, kind)]
    return []


def _of_type(blocks: Any, kind: str) -> list[str]:
    return [each["text"] for each in _objects(blocks, kind)]
