"""Product code catches what it expects, logs instead of printing, and leaves nothing for later."""

from __future__ import annotations

import pytest

from rules.house import listed, shipped, written
from rules.manners import bad_manners


def test_the_code_keeps_its_manners() -> None:
    found = [sentence for module in shipped() for sentence in bad_manners(module)]
    assert not found, listed(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("try:\n    f()\nexcept Exception:\n    g()", "x:3: catches every exception"),
        ("try:\n    f()\nexcept (ValueError, BaseException):\n    g()", "x:3: catches every exception"),
        ("try:\n    f()\nexcept:\n    g()", "x:3: catches every exception"),
        ("assert f()", "x:1: asserts"),
        ("print(1)", "x:1: prints"),
        ("raise JobNotFound('Invalid job')", "x:1: the message says 'Invalid'"),
        ("raise F(f'{x}: an error occurred')", "x:1: the message says 'an error occurred'"),
        ("x = 1  # " + "TO" + "DO", "x:1: leaves something for later"),
    ],
)
def test_bad_manners_are_noticed(text: str, sentence: str) -> None:
    found = list(bad_manners(written("x", text)))
    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_what_is_in_order_passes() -> None:
    assert list(bad_manners(written("interact.commands.demo", "print(1)"))) == []
    assert list(bad_manners(written("interact.runs.ask", "try:\n    f()\nexcept Exception:\n    raise"))) == []
    assert list(bad_manners(written("x", "try:\n    f()\nexcept ValueError:\n    raise"))) == []
