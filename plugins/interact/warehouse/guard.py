"""What SQL may reach the warehouse: one SELECT on the model's own tables, made of parts that are known to be harmless.

Whatever is not listed in `vocabulary` is refused. The text that was checked is the text that runs.
common-ai's `validate_sql` is not used: it belongs to Airflow, which this room does not import, lists what is forbidden
where this lists what is allowed, and knows no columns.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

from interact.errors import DefinitionRefused, QueryRefused, listed
from interact.warehouse import scopes
from interact.warehouse.exposure import Access, access_to
from interact.warehouse.growth import check_growth
from interact.warehouse.scopes import Reading, shown
from interact.warehouse.semantic import SemanticModel
from interact.warehouse.vocabulary import (
    ALLOWED,
    CASTS,
    CLAUSES,
    CLOCK,
    FUNCTIONS,
    NAMED_CLOCK,
    NAMED_FUNCTIONS,
    PARTS,
    SET_OPERATION_FLAGS,
)

if TYPE_CHECKING:
    from sqlglot import Token, exp

LENGTH_LIMIT = 20_000
DEPTH_LIMIT = 30
_BLANKS = " \t\r\n"


def check(sql: str, model: SemanticModel) -> None:
    """Pass SQL that is one harmless SELECT on the model's tables; raises QueryRefused with the first reason."""
    read(sql, access_to(model), dialect="duckdb", is_free=False)


def read(sql: str, access: Access, *, dialect: str, is_free: bool) -> Reading:
    """Return what SQL reads; raises QueryRefused with the first reason why it may not.

    `is_free` is SQL that an agent wrote, which names no `pii` column, against SQL that our compiler made.
    """
    from sqlglot.errors import SqlglotError

    try:
        _check_text(sql, dialect)
        query = _parsed(sql, dialect)
        for node in query.walk():
            _check_part(node)
        check_growth(query)
        return scopes.read(query, access, is_free=is_free)
    except SqlglotError:
        raise QueryRefused("The query cannot be read as SQL. Write one SELECT statement.") from None
    except RecursionError:
        raise QueryRefused("The query is nested too deeply to be read. Write it flatter.") from None


def sole_column(sql: str, model: SemanticModel, *, access: Access | None = None, dialect: str = "duckdb") -> str:
    """Return the name of the one column that SQL of a person selects, checked as an agent's; raises QueryRefused."""
    from sqlglot import exp

    read(sql, access or access_to(model), dialect=dialect, is_free=True)
    columns = _parsed(sql, dialect).selects
    name: str = columns[0].alias_or_name
    if len(columns) != 1 or not isinstance(columns[0], exp.Column | exp.Alias) or name == "*":
        raise QueryRefused("The query does not select exactly one named column. Write SELECT DISTINCT column FROM …")
    return name


def check_sole_column(sql: str, model: SemanticModel) -> None:
    """Pass what `sole_column` takes in DuckDB's words or in PostgreSQL's; raises QueryRefused, as DuckDB's would.

    For where the warehouse is not known yet: its door judges again.
    """
    try:
        sole_column(sql, model)
    except (QueryRefused, DefinitionRefused):
        with suppress(QueryRefused, DefinitionRefused):
            sole_column(sql, model, access=access_to(model, dialect="postgres"), dialect="postgres")
            return
        raise


def _check_text(sql: str, dialect: str) -> None:
    from sqlglot import TokenType, tokenize

    if len(sql) > LENGTH_LIMIT:
        raise QueryRefused(f"The query has {len(sql):,} characters; at most {LENGTH_LIMIT:,} are allowed.")
    if "\0" in sql or any("\ud800" <= character <= "\udfff" for character in sql):
        raise QueryRefused("The query holds a character that no text can have. Remove it.")
    tokens = tokenize(sql, read=dialect)
    if not tokens or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH):
        raise QueryRefused("The query does not begin with SELECT or WITH. Only reading is allowed.")
    if any(token.comments for token in tokens):
        raise QueryRefused("The query holds a comment. Leave comments out.")
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise QueryRefused("The query holds a semicolon. Write exactly one statement, without one.")
    if _depth(tokens) > DEPTH_LIMIT:
        raise QueryRefused(f"The query is nested more than {DEPTH_LIMIT} levels deep. Write it flatter.")
    if strange := next((each for each in _unquoted(sql, tokens) if not _is_plain(each)), ""):
        raise QueryRefused(
            f"The query holds the character U+{ord(strange):04X} outside of quotes. Write names in plain letters."
        )


def _depth(tokens: list[Token]) -> int:
    from sqlglot import TokenType

    deepest = depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        deepest = max(deepest, depth)
    return deepest


def _unquoted(sql: str, tokens: list[Token]) -> str:
    """Return the text without its strings and quoted names, what stands between tokens included."""
    from sqlglot import TokenType

    kept, position = [], 0
    for token in tokens:
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            kept.append(sql[position : token.start])
            position = token.end + 1
    return "".join([*kept, sql[position:]])


def _is_plain(character: str) -> bool:
    """Tell whether every parser reads a character alike: no odd blank, and no letter that turns into another one."""
    if character.isascii():
        return character.isprintable() or character in _BLANKS
    turned = character.upper() + character.lower() + unicodedata.normalize("NFKC", character)
    return character.isalpha() and not any(each.isascii() for each in turned)


def _parsed(sql: str, dialect: str) -> exp.Query:
    from sqlglot import exp, parse

    statements = parse(sql, read=dialect)
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        raise QueryRefused("The query is not exactly one SELECT. Other statements are not allowed.")
    return statements[0]


def _check_part(node: exp.Expr) -> None:
    from sqlglot import exp

    kind = type(node).__name__
    if kind in PARTS or kind in FUNCTIONS:
        _check_details(node)
        return
    name = node.this.lower() if isinstance(node, exp.Anonymous) and isinstance(node.this, str) else ""
    if name in NAMED_FUNCTIONS:
        return
    if kind in CLOCK or name in NAMED_CLOCK:
        raise QueryRefused(
            f"The query asks for the hour by {shown(node)}. Write the date itself, as DATE '2026-11-15'."
        )
    if isinstance(node, exp.Func):
        raise QueryRefused(f"The query calls {shown(node)}, which is no allowed function. {ALLOWED}")
    raise QueryRefused(f"The query uses {shown(node)}, which is no allowed part of a SELECT. {ALLOWED}")


def _check_details(node: exp.Expr) -> None:
    """Refuse the dangerous variants of allowed parts."""
    from sqlglot import exp

    if isinstance(node, exp.With) and (node.recursive or not _stands_at_the_head(node)):
        raise QueryRefused("WITH may stand once, at the head of the query, and not be recursive.")
    if isinstance(node, exp.Table):
        _check_table(node)
    if isinstance(node, exp.TableAlias) and node.columns:
        raise QueryRefused(f"The query renames columns in {shown(node)}. Name columns with AS in the SELECT.")
    if isinstance(node, exp.Join) and node.method:
        raise QueryRefused(f"The query joins by {node.method!r}. Write JOIN … ON, or JOIN … USING.")
    if isinstance(node, exp.DataType) and node.this.name not in CASTS:
        raise QueryRefused(f"The query casts to {shown(node)}. Allowed: {', '.join(CASTS)}.")
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Select | exp.Count | exp.Column):
        raise QueryRefused("The query has a * that is not a SELECT's own. Name the columns.")
    if isinstance(node, exp.Column) and node.is_star and not isinstance(node.parent, exp.Select):
        raise QueryRefused(f"The query takes a whole row by {shown(node)}. Name the columns.")
    if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
        _check_clauses(node)


def _check_table(node: exp.Table) -> None:
    from sqlglot import exp

    if not isinstance(node.this, exp.Identifier):
        raise QueryRefused(f"The query reads from the function {shown(node)}. Read from a table.")
    if stray := _given(node) - {"this", "db", "catalog", "alias", "joins"}:
        raise QueryRefused(f"The query reads {shown(node)} with {listed(sorted(stray))}. Name the table only.")


def _check_clauses(node: exp.Query) -> None:
    flags = SET_OPERATION_FLAGS if type(node).__name__ != "Select" else frozenset()
    if stray := _given(node) - CLAUSES - flags:
        raise QueryRefused(f"The query's SELECT has {listed(sorted(stray))}, which is not allowed. {ALLOWED}")


def _given(node: exp.Expr) -> set[str]:
    return {name for name, value in node.args.items() if value}


def _stands_at_the_head(node: exp.Expr) -> bool:
    return node.parent is not None and node.parent.parent is None
