"""Pieces of SQL: whatever a value holds, it stays a value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.errors import DefinitionRefused
from interact.warehouse import clauses


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=60))
def test_duckdb_reads_a_literal_as_the_text_it_was(text: str) -> None:
    import duckdb

    assert duckdb.execute(f"SELECT {clauses.literal(text)}").fetchall() == [(text,)]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_duckdb_reads_a_number_as_the_number_it_was(value: float) -> None:
    import duckdb

    assert duckdb.execute(f"SELECT ({clauses.number(value)})::DOUBLE").fetchall() == [(value,)]


@pytest.mark.parametrize(("value", "sql"), [(2, "2"), (2.0, "2"), (-0.5, "-0.5"), (1_000_000, "1000000"), (0.1, "0.1")])
def test_a_number_is_written_as_people_write_it(value: float, sql: str) -> None:
    assert clauses.number(value) == sql


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(DefinitionRefused, match=r"Name a finite number"):
        clauses.number(value)


@pytest.mark.parametrize(
    ("expr", "sql"),
    [
        ("date", "date"),
        ('"Order Date"', '"Order Date"'),
        ("lower(market)", "lower(market)"),
        ("a || b", "(a || b)"),
        ("CASE WHEN a THEN b END", "(CASE WHEN a THEN b END)"),
        ("f(a) + g(b)", "(f(a) + g(b))"),
    ],
)
def test_an_expression_is_bracketed_where_an_operator_could_split_it(expr: str, sql: str) -> None:
    assert clauses.atom(expr) == sql


def test_every_reserved_word_can_be_a_name_once_quoted() -> None:
    import duckdb

    names = ", ".join(f"1 AS {clauses.identifier(word)}" for word in sorted(clauses.RESERVED))
    assert len(duckdb.execute(f"SELECT {names}").fetchall()[0]) == len(clauses.RESERVED)


def test_no_word_that_duckdb_reserves_is_missing() -> None:
    import duckdb

    words = duckdb.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'").fetchall()
    assert {word for (word,) in words} - clauses.RESERVED == set()
