"""Arithmetic of derived metrics: what is read, what is refused, and that no division fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact.warehouse.arithmetic import NotArithmetic, names_in, written


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("revenue - cost", "REVENUE - COST"),
        ("spend / clicks * 1000", "SPEND / NULLIF(CLICKS, 0) * 1000"),
        ("profit / (revenue + cost)", "PROFIT / NULLIF(REVENUE + COST, 0)"),
        ("a / b / c", "A / NULLIF(B, 0) / NULLIF(C, 0)"),
        ("a / 100", "A / 100"),
        ("a / 0", "A / NULLIF(0, 0)"),
        ("a / -b", "A / NULLIF(-B, 0)"),
        ("(a) / ((b) - (c))", "(A) / NULLIF((B) - (C), 0)"),
        ("- -a", "-(-A)"),
        ("coalesce(a, 0) - abs(b)", "COALESCE(A, 0) - ABS(B)"),
        ("a/nullif(b,0)", "A / NULLIF(NULLIF(B, 0), 0)"),
        (".5*a", ".5 * A"),
    ],
)
def test_names_are_put_in_and_no_divisor_is_zero(text: str, sql: str) -> None:
    assert written(text, str.upper) == sql


def test_names_are_found_once_and_functions_are_none() -> None:
    assert names_in("round(revenue / orders, 2) + orders") == ("revenue", "orders")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a // b", "'/' stands where a name"),
        ("a ** 2", r"'\*' stands where a name"),
        ("a b", "'b' stands where an operator or the end was expected"),
        ("(a", "a bracket is not closed"),
        ("a)", "'\\)' stands where an operator"),
        ("a -", "'the end' stands where a name"),
        ("", "'the end' stands where a name"),
        ("sum(a)", r"'sum' is no function that it takes \(abs, coalesce,"),
        ("a; drop", "';' is nothing that it takes"),
        ("a.b", r"'\.' is nothing that it takes"),
        ("a, b", "',' stands where an operator"),
        ("'x'", '"\'" is nothing that it takes'),
    ],
)
def test_what_is_no_arithmetic_is_refused_where_it_stands(text: str, reason: str) -> None:
    with pytest.raises(NotArithmetic, match=reason):
        names_in(text)


NUMBERS = st.integers(0, 9).map(str)
TERMS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
    ),
    max_leaves=8,
)


@given(TERMS)
def test_duckdb_reckons_as_python_and_says_null_where_python_fails(text: str) -> None:
    import duckdb

    (found,) = duckdb.execute(f"SELECT CAST({written(text, str)} AS DOUBLE)").fetchall()[0]
    try:
        expected = pytest.approx(eval(text))
    except ZeroDivisionError:
        expected = None
    assert found == expected
