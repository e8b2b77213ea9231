"""Links and images of a model's words."""

import pytest

from interact.agents.llm.plain import without_links
from interact.reports.prose import Prose

FIGURE = "[[result_000000000000/0/spend]]"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[here](https://evil.example/?a=1)", "here"),
        ("![pixel](https://evil.example/x.png)", "pixel"),
        ('[here](https://evil.example/(x) "title")', "here"),
        (f"[{FIGURE} spent](https://evil.example)", f"{FIGURE} spent"),
        ("[here][1] and so\n\n[1]: https://evil.example", "here and so\n\n"),
        ("<https://evil.example>", "https://evil.example"),
        (f"Spend was {FIGURE} (all).", f"Spend was {FIGURE} (all)."),
        (f"{FIGURE}{FIGURE}", f"{FIGURE}{FIGURE}"),
        ("[x] (a) [y]", "[x] (a) [y]"),
    ],
)
def test_links_become_their_words(text: str, plain: str) -> None:
    assert without_links(text) == plain
    assert "href" not in Prose({}).blocks(without_links(text))


@pytest.mark.parametrize(
    "text",
    [
        "[a [b] c](https://evil.example)",
        "[a\\]b](https://evil.example)",
        "[a`]`b](https://evil.example)",
        "[a](\nhttps://evil.example\n)",
        "[a](https://evil.example/((x)))",
        "[a](https://evil.example/\\()",
        "![[a]](https://evil.example)",
        f"[[{FIGURE}]](https://evil.example)",
        "[a]\ue000(https://evil.example)",
        "[a]\n\n[a]:\nhttps://evil.example",
        "[a]\n\n> [a]: https://evil.example",
        "[a]\n\n- [a]: https://evil.example",
        "<ht\ue000tps://evil.example>",
        "<a@evil.example>",
        "<<https://evil.example>>",
        "<https://evil.example<https://evil.example>a>",
        "<https://evil.example\u00a0>",
    ],
)
def test_no_way_of_writing_one_leads_out(text: str) -> None:
    assert "href" not in Prose({}).blocks(without_links(text))


def test_a_figure_may_stand_before_a_bracket_and_a_colon() -> None:
    text = f"- {FIGURE}: {FIGURE} ({FIGURE}){FIGURE}(all)"
    assert without_links(text) == text


def test_a_long_text_takes_no_long_time() -> None:
    assert without_links("[" * 20_000) == "[" * 20_000
    assert without_links("[a](" * 5_000) == "[a] (" * 5_000
    assert without_links("<" + ":" * 20_000) == "< " + ":" * 20_000
