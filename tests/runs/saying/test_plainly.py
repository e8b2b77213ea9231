import pytest

from interact.runs.saying.plainly import listed, one_line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Weekly report", "Weekly report"),
        ("  two\r\n lines\t\u2028 ", "two lines"),
        ("a\x00b\x1b[31mc\x7f\x85d", "ab[31mc d"),
        ("\u202egnirts\u2066x\u2069\ufeff", "gnirtsx"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("👩\u200d💻 ships", "👩\u200d💻 ships"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("", ""),
    ],
)
def test_a_text_stands_on_one_line_without_signs_that_nobody_sees(text: str, told: str) -> None:
    assert one_line(text, 100) == told


def test_a_long_text_is_cut_with_a_sign() -> None:
    assert one_line("word " * 1_000_000, 12) == "word word w…"
    assert one_line("x" * 12, 12) == "x" * 12


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], ""),
        (["NL"], "NL"),
        (["NL", "BE"], "NL and BE"),
        (["NL", "BE", "DE"], "NL, BE and DE"),
        (["x"] * 1003, "x, x, x and 1,000 more"),
        (["w" * 100, "a\nb"], f"{'w' * 59}… and a b"),
    ],
)
def test_names_are_listed_as_people_do(names: list[str], told: str) -> None:
    assert listed(names) == told
