"""The arithmetic of derived metrics: names, numbers, + - * / ( ) and a few functions; a division by zero is NULL."""

from __future__ import annotations

import re
from collections.abc import Callable

FUNCTIONS = frozenset({"abs", "coalesce", "greatest", "least", "nullif", "round"})
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[-+*/(),]))")


class NotArithmetic(ValueError):
    """Text that is none; says what was expected."""


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in an expression, each once, in order; raises NotArithmetic."""
    found: dict[str, None] = {}

    def noted(name: str) -> str:
        found[name] = None
        return name

    written(text, noted)
    return tuple(found)


def written(text: str, name: Callable[[str], str]) -> str:
    """Return an expression as SQL in which each name stands as `name` gives it; raises NotArithmetic."""
    reader = _Reader(text, name)
    sql = reader.sum()
    if reader.here:
        raise NotArithmetic(f"{reader.here!r} stands where an operator or the end was expected")
    return sql


class _Reader:
    """Reads from left to right; each method returns the SQL of what it read."""

    def __init__(self, text: str, name: Callable[[str], str]) -> None:
        self._tokens = _tokens(text)
        self._name = name

    @property
    def here(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def sum(self) -> str:
        sql = self._product()
        while self.here in ("+", "-"):
            sql += f" {self._next()} {self._product()}"
        return sql

    def _product(self) -> str:
        sql = self._factor()
        while self.here in ("*", "/"):
            sign = self._next()
            factor = self._factor()
            sql += f" {sign} {factor if sign == '*' or _is_number(factor) else _divisor(factor)}"
        return sql

    def _factor(self) -> str:
        token = self._next()
        if token == "-":
            factor = self._factor()
            return f"-({factor})" if factor.startswith("-") else f"-{factor}"
        if token == "(":
            return f"({self._until_closed()})"
        if token[:1].isdigit() or token[:1] == ".":
            return token
        if not token or token in "+*/),":
            raise NotArithmetic(f"{token or 'the end'!r} stands where a name, a number or a bracket was expected")
        if self.here != "(":
            return self._name(token)
        if token.lower() not in FUNCTIONS:
            raise NotArithmetic(f"{token!r} is no function that it takes ({', '.join(sorted(FUNCTIONS))})")
        self._next()
        return f"{token.upper()}({self._until_closed(with_commas=True)})"

    def _until_closed(self, *, with_commas: bool = False) -> str:
        sql = self.sum()
        while with_commas and self.here == ",":
            self._next()
            sql += f", {self.sum()}"
        if self._next() != ")":
            raise NotArithmetic("a bracket is not closed")
        return sql

    def _next(self) -> str:
        return self._tokens.pop(0) if self._tokens else ""


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            raise NotArithmetic(f"{text[at:].strip()[:1]!r} is nothing that it takes")
        found.append(token.group().strip())
        at = token.end()
    return found


def _is_number(factor: str) -> bool:
    return re.fullmatch(r"[\d.]+", factor) is not None and float(factor) != 0


def _divisor(factor: str) -> str:
    return f"NULLIF({without_brackets(factor)}, 0)"


def without_brackets(text: str) -> str:
    """Return text without the brackets that it stands in as a whole."""
    if not text.startswith("("):
        return text
    depth = 0
    for position, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return text[1:-1] if position == len(text) - 1 else text
    return text
