"""Prompts hold text and placeholders; whatever else Jinja2 could do is refused before anything runs."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.errors import DefinitionRefused
from interact.templates import PROMPT_LIMIT, check_prompt, render_prompt

NL = {"market": "nl-North"}
NAMES = frozenset(NL)


@pytest.mark.parametrize(
    ("prompt", "filled"),
    [
        ("What did {{ market }} spend?", "What did nl-North spend?"),
        ("{{market}}{{ market|upper }}", "nl-NorthNL-NORTH"),
        ("{{ market | lower }}, {{ market | title }}", "nl-north, Nl-North"),
        ("{# for Ada #}Why {{- market -}} ?", "Whynl-North?"),
        ("{% raw %}{{ market }}{% endraw %}", "{{ market }}"),
        ("Line 1\n\tLine 2", "Line 1\n\tLine 2"),
        ("", ""),
    ],
)
def test_placeholders_are_filled_and_all_else_stays(prompt: str, filled: str) -> None:
    check_prompt(prompt, NAMES)
    assert render_prompt(prompt, NL) == filled


def test_a_value_is_never_read_as_a_template_and_no_name_is_jinjas_own() -> None:
    values = {"self": "{{ market }}", "loop": "{% for x in y %}", "range": "<b>&</b>"}
    assert render_prompt("{{ self }} {{ loop }} {{ range }}", values) == "{{ market }} {% for x in y %} <b>&</b>"


@pytest.mark.parametrize(
    "prompt",
    [
        "{% for n in market %}{{ n }}{% endfor %}",
        "{% if market %}{{ market }}{% endif %}",
        "{% set a = market %}",
        "{% include 'secrets.html' %}",
        "{% import market as m %}",
        "{% macro a() %}{% endmacro %}",
        "{{ market * 1000000000 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 5 }}",
        "{{ 'market' }}",
        "{{ true }}",
        "{{ -market }}",
        "{{ not market }}",
        "{{ market ~ market }}",
        "{{ market, market }}",
        "{{ [market] }}",
        "{{ market.__class__ }}",
        "{{ market['x'] }}",
        "{{ market[0] }}",
        "{{ market() }}",
        "{{ range(1000000000) }}",
        "{{ market is defined }}",
        "{{ market if market else market }}",
        "{{ market | length }}",
        "{{ market | default('x') }}",
        "{{ market | upper(1) }}",
        "{{ market | upper(*market) }}",
        "{{ market | upper | lower }}",
        "{{ 'a' | upper }}",
        "{{ market | none_of_all }}",
    ],
)
def test_anything_but_a_placeholder_is_refused_with_what_is_allowed(prompt: str) -> None:
    for act in (lambda: check_prompt(prompt, NAMES), lambda: render_prompt(prompt, NL)):
        with pytest.raises(DefinitionRefused, match=r"line 1.*A prompt may hold placeholders such as \{\{ market \}\}"):
            act()


@pytest.mark.parametrize(
    "prompt",
    [
        "{{ " + "(" * 900 + "market" + ")" * 900 + " }}",
        "{{ " + "not " * 4_000 + "market }}",
        "{% if market %}" * 1_300,
        "{{ " + "9" * 5_000 + " }}",
        "{{ market",
        "{% market %}",
        "{{ }}",
        "{{ " + "(" * 19_000 + " }}",
    ],
)
def test_what_cannot_be_read_is_refused_too(prompt: str) -> None:
    with pytest.raises(DefinitionRefused, match=r"cannot be read as a template.*A prompt may hold placeholders"):
        render_prompt(prompt, NL)


def test_a_placeholder_without_a_parameter_is_named_with_the_parameters() -> None:
    for name in ("country", "self", "range", "loop"):
        with pytest.raises(DefinitionRefused, match=rf"placeholder '{name}', .*\(there are 'market'\)"):
            check_prompt("{{ market }} {{ " + name + " }}", NAMES)
    with pytest.raises(DefinitionRefused, match="placeholder 'country'"):
        render_prompt("{{ country }}", NL)


def test_a_refusal_never_quotes_a_value() -> None:
    for prompt in ("{{ market.secret }}", "{{ country }}", "{{ market }}" * 1_600, "{{ market | first }}"):
        with pytest.raises(DefinitionRefused, match="prompt") as refused:
            render_prompt(prompt, {"market": "hush-" * 40})
        assert "hush" not in str(refused.value)


def test_a_filled_prompt_is_not_much_longer_than_a_prompt_may_be() -> None:
    value = "x" * 200
    assert len(render_prompt("{{ market }}" * 100, {"market": value})) == 20_000
    assert len(render_prompt("{{ market }}" * 101, {"market": value})) == 20_200
    with pytest.raises(DefinitionRefused, match=r"more than 20,200 characters once its placeholders are filled in"):
        render_prompt("{{ market }}" * 102, {"market": value})


def test_a_prompt_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(DefinitionRefused, match=r"has 20,001 characters; at most 20,000"):
        check_prompt("{" * (PROMPT_LIMIT + 1), NAMES)


PARTS = ("{{", "}}", "{%", "%}", "{#", "#}", "market", "|upper", "(", ")", "for", " ", "1", "'", "\n", "\0", "\ud800")


@given(st.lists(st.sampled_from(PARTS)))
def test_no_prompt_raises_anything_else(words: list[str]) -> None:
    with suppress(DefinitionRefused):
        render_prompt("".join(words), NL)
