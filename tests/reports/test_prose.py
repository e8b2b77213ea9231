import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.drafts import a_column, a_result, by_id
from interact.chats.figures import reference
from interact.reports.prose import Prose

TAGS = re.compile(r"<(/?\w+)([^>]*)>")
BLOCKS = {"p", "strong", "em", "code", "del", "s", "br", "a", "ul", "ol", "li", "h3", "h4", "pre", "blockquote", "hr"}
ALLOWED = BLOCKS | {"table", "thead", "tbody", "tr", "th", "td", "mark"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<svg onload=alert(1)><use href='file:///etc/passwd'/></svg>",
    "<img src=x onerror=alert(1)>",
    "<a rel=attachment href='file:///etc/passwd'>x</a>",
    "<link rel=attachment href='file:///etc/passwd'>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/x)",
    "[x](relative/page)",
    "![x](https://evil.example/pixel.png)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n[x]",
    '<td style="background:url(https://evil.example)">x</td>',
]


def a_prose(*cells):
    result = a_result(a_column("campaign"), rows=[(cell,) for cell in cells])
    return Prose(by_id(result)), [reference(result, row, "campaign") for row in range(len(cells))]


def assert_harmless(html):
    for tag, attributes in TAGS.findall(html):
        assert tag.lstrip("/") in ALLOWED
        assert re.fullmatch(r'(\s(href="(https:|mailto:)[^"]*"|rel="[^"]*"|style="text-align:\w+"))*\s*/?', attributes)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_an_agent_writes_can_do_harm(text):
    prose, _ = a_prose()
    assert_harmless(prose.blocks(text))
    assert_harmless(prose.line(text))


@pytest.mark.parametrize(
    "name", [*HOSTILE, "**bold**", "# heading", "a|b", "`x`", "[[result_000000000001/0/campaign]]"]
)
def test_a_name_from_the_warehouse_is_shown_as_it_is(name):
    prose, (figure,) = a_prose(name)
    html = prose.blocks(f"The campaign {figure} fell.")
    assert html.unescape() == f"<p>The campaign {name} fell.</p>\n"
    assert prose.line(figure).unescape() == name
    assert_harmless(html)


@given(st.text(max_size=60), st.text(alphabet="[]()<>*_`#!|\\\"'&:/. \nax\ue000\ue0010", max_size=120))
def test_no_text_and_no_name_make_markup_of_their_own(name, text):
    prose, (figure,) = a_prose(name)
    assert_harmless(prose.blocks(f"{text}{figure}{text}"))
    assert_harmless(prose.line(f"{text}{figure}{text}"))


def test_a_name_cannot_become_the_address_of_a_link():
    prose, (figure,) = a_prose("javascript:alert(1)")
    for text in (f"[x]({figure})", f"[x](<{figure}>)", f"[x]({figure} 'title')", f"[x]: {figure}\n\n[x]"):
        assert "href" not in prose.blocks(text)


def test_markdown_that_people_expect_works():
    prose, (figure,) = a_prose("Brand")
    html = prose.blocks(f"# Big\n\n- **{figure}** is [here](https://example.com)\n\n|a|b|\n|-|-:|\n|1|2|\n")
    assert "<h3>Big</h3>" in html
    assert '<li><strong>Brand</strong> is <a href="https://example.com" rel="noopener noreferrer">here</a></li>' in html
    assert '<td style="text-align:right">2</td>' in html


def test_a_figure_that_is_not_there_is_marked():
    prose, _ = a_prose()
    assert prose.line("CPA [[result_000000000001/7/campaign]]") == "CPA <mark>[figure not found]</mark>"


def test_words_are_all_that_is_left_of_markdown():
    prose, (brand,) = a_prose("**Brand** <b>")
    text = f"# Title\n\n**{brand}** rose *a lot*: [see](https://a.nl)\nand on.\n\n- one\n- `two`\n\n```\nthree\n```"
    assert prose.words(text) == "Title\n**Brand** <b> rose a lot: see and on.\none\ntwo\nthree\n"


def test_words_of_a_table_are_its_cells_and_html_is_words():
    prose, _ = a_prose()
    assert prose.words("| a | b |\n|---|---|\n| 1 | 2 |") == "a\nb\n1\n2"
    assert prose.words("<b>x</b> [[result_aaaaaaaaaaaa/0/c]]") == "<b>x</b> [figure not found]"


def test_a_figure_in_disguise_stays_in_disguise() -> None:
    assert (
        Prose({}).blocks("Spend was &#53;&#x30;&#48;&nbsp;k.")
        == "<p>Spend was &amp;#53;&amp;#x30;&amp;#48;&amp;nbsp;k.</p>\n"
    )
