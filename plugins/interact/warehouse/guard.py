"""What SQL may reach the warehouse: one SELECT on the model's own table, made of parts that are known to be harmless.

Whatever is not listed here is refused. The text that was checked is the text that runs; nothing is rewritten.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from interact.errors import DefinitionRefused, QueryRefused, listed
from interact.warehouse.semantic import SemanticModel

if TYPE_CHECKING:
    from sqlglot import Token, exp

LENGTH_LIMIT = 20_000
DEPTH_LIMIT = 30
_PART_CLASSES = """
    Select With CTE From Where Group Having Order Ordered Limit Offset Distinct Qualify Subquery Join Table TableAlias
    Column Identifier Alias Star Literal Boolean Null Paren Tuple Var Interval DataType DataTypeParam
    And Or Not EQ NEQ NullSafeEQ NullSafeNEQ GT GTE LT LTE Between In Is Like ILike Exists
    Add Sub Mul Div IntDiv Mod Neg DPipe Case If Filter Window WindowSpec WithinGroup
"""
_FUNCTION_CLASSES = """
    Sum Count Avg Min Max Median Stddev StddevPop StddevSamp Variance VariancePop PercentileCont PercentileDisc
    Nullif Coalesce Abs Round Ceil Floor Greatest Least Sqrt Ln Lower Upper Trim Length Substring
    Cast TryCast TimestampTrunc DateTrunc DateDiff Extract Year Quarter Month Week Day DayOfWeek DayOfWeekIso
    RowNumber Rank DenseRank Lag Lead FirstValue LastValue Ntile
"""
PARTS = frozenset(_PART_CLASSES.split())
"""Parts of a SELECT by their class in sqlglot."""
FUNCTIONS = frozenset(_FUNCTION_CLASSES.split())
"""Functions by their class in sqlglot; none of them reads anything or grows without bound."""
CASTS = (
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "INT",
    "INTERVAL",
    "SMALLINT",
    "TEXT",
    "TIMESTAMP",
    "VARCHAR",
)
CLAUSES = frozenset(
    {
        "with_",
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "distinct",
        "qualify",
    }
)
"""What a SELECT may carry, by sqlglot's names."""
_ALLOWED = "Use plain SELECTs with joins, aggregates, CASE, casts and date functions."


def check(sql: str, model: SemanticModel) -> None:
    """Pass SQL that is one harmless SELECT on the model's table; raises QueryRefused with the first reason."""
    from sqlglot.errors import SqlglotError

    try:
        _check_text(sql)
        select = _parsed(sql)
        _check_parts(select)
        _check_tables(select, model.tables[0].table)
        _check_columns(select, model)
    except SqlglotError:
        raise QueryRefused("The query cannot be read as SQL. Write one SELECT statement.") from None
    except RecursionError:
        raise QueryRefused("The query is nested too deeply to be read. Write it flatter.") from None


def sole_column(sql: str, model: SemanticModel) -> str:
    """Return the name of the one column that this SQL selects, checked like any other; raises QueryRefused."""
    from sqlglot import exp

    check(sql, model)
    columns = _parsed(sql).expressions
    name: str = columns[0].alias_or_name
    if len(columns) != 1 or not isinstance(columns[0], exp.Column | exp.Alias) or name == "*":
        raise QueryRefused("The query does not select exactly one named column. Write SELECT DISTINCT column FROM …")
    return name


@lru_cache(maxsize=16)
def columns_of(model: SemanticModel) -> tuple[str, ...]:
    """Return the columns that the model's expressions name, sorted: the only ones that a query may see."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    found: dict[str, str] = {}
    for expression in _expressions(model):
        try:
            tree = sqlglot.parse_one(f"SELECT {expression}", read="duckdb")
        except (SqlglotError, RecursionError):
            raise DefinitionRefused(
                f"The model {model.name!r} has {expression!r}, which is no SQL expression."
            ) from None
        found.update({column.name.lower(): column.name for column in tree.find_all(exp.Column)})
    return tuple(found[name] for name in sorted(found))


def _expressions(model: SemanticModel) -> list[str]:
    metrics = [metric.expr for metric in model.metrics if metric.expr and metric.type == "simple"]
    targets = [metric.target.expr for metric in model.metrics if metric.target and metric.target.expr]
    return [model.times[0].expr, *(dimension.expr for dimension in model.dimensions), *metrics, *targets]


def _check_text(sql: str) -> None:
    from sqlglot import TokenType, tokenize

    if len(sql) > LENGTH_LIMIT:
        raise QueryRefused(f"The query has {len(sql):,} characters; at most {LENGTH_LIMIT:,} are allowed.")
    if "\0" in sql or any("\ud800" <= character <= "\udfff" for character in sql):
        raise QueryRefused("The query holds a character that no text can have. Remove it.")
    tokens = tokenize(sql, read="duckdb")
    if not tokens or tokens[0].token_type not in (TokenType.SELECT, TokenType.WITH):
        raise QueryRefused("The query does not begin with SELECT or WITH. Only reading is allowed.")
    if any(token.comments for token in tokens):
        raise QueryRefused("The query holds a comment. Leave comments out.")
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise QueryRefused("The query holds a semicolon. Write exactly one statement, without one.")
    if _depth(tokens) > DEPTH_LIMIT:
        raise QueryRefused(f"The query is nested more than {DEPTH_LIMIT} levels deep. Write it flatter.")


def _depth(tokens: list[Token]) -> int:
    from sqlglot import TokenType

    deepest = depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        deepest = max(deepest, depth)
    return deepest


def _parsed(sql: str) -> exp.Select:
    from sqlglot import exp, parse

    statements = parse(sql, read="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise QueryRefused("The query is not exactly one SELECT. Set operations and other statements are not allowed.")
    return statements[0]


def _check_parts(select: exp.Select) -> None:
    from sqlglot import exp

    for node in select.walk():
        kind = type(node).__name__
        if kind not in PARTS and kind not in FUNCTIONS:
            if isinstance(node, exp.Func):
                raise QueryRefused(f"The query calls {_shown(node)}, which is no allowed function. {_ALLOWED}")
            raise QueryRefused(f"The query uses {_shown(node)}, which is no allowed part of a SELECT. {_ALLOWED}")
        _check_details(node)


def _check_details(node: exp.Expr) -> None:
    """Refuse the dangerous variants of allowed parts."""
    from sqlglot import exp

    if isinstance(node, exp.With) and (node.recursive or not _stands_at_the_head(node)):
        raise QueryRefused("WITH may stand once, at the head of the query, and not be recursive.")
    if isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        raise QueryRefused(f"The query reads from the function {_shown(node)}. Read from the table only.")
    if isinstance(node, exp.TableAlias) and node.columns:
        raise QueryRefused(f"The query renames columns in {_shown(node)}. Name columns with AS in the SELECT.")
    if isinstance(node, exp.Join) and node.method:
        raise QueryRefused(f"The query joins by {node.method!r}. Write JOIN … ON, or JOIN … USING.")
    if isinstance(node, exp.DataType) and node.this.name not in CASTS:
        raise QueryRefused(f"The query casts to {_shown(node)}. Allowed: {', '.join(CASTS)}.")
    if isinstance(node, exp.Select) and (stray := {name for name, value in node.args.items() if value} - CLAUSES):
        raise QueryRefused(f"The query's SELECT has {listed(sorted(stray))}, which is not allowed. {_ALLOWED}")


def _stands_at_the_head(node: exp.Expr) -> bool:
    return node.parent is not None and node.parent.parent is None


def _check_tables(select: exp.Select, base_table: str) -> None:
    """Refuse a table that is neither the model's nor a WITH query that stands before it."""
    from sqlglot import exp

    visible = {base_table}
    for query in select.ctes:
        name = query.alias.lower()
        for table in query.find_all(exp.Table):
            _check_table(table, visible)
        if name in visible:
            raise QueryRefused(f"The query gives the name {query.alias!r} a second meaning. Choose another name.")
        visible.add(name)
    for table in select.find_all(exp.Table):
        if table.find_ancestor(exp.CTE) is None:
            _check_table(table, visible)


def _check_table(table: exp.Table, visible: set[str]) -> None:
    if len(table.parts) != 1 or table.name.lower() not in visible:
        raise QueryRefused(f"The query reads {_shown(table)}. Allowed: {listed(sorted(visible))}, without a schema.")


def _check_columns(select: exp.Select, model: SemanticModel) -> None:
    """Refuse a column that is neither the model's nor named by the query itself."""
    from sqlglot import exp

    known = {name.lower() for name in columns_of(model)}
    named = {alias.alias.lower() for alias in select.find_all(exp.Alias)}
    tables = {table.alias_or_name.lower() for table in select.find_all(exp.Table, exp.Subquery, exp.CTE)}
    for column in select.find_all(exp.Column):
        if len(column.parts) > 2 or (column.table and column.table.lower() not in tables):
            raise QueryRefused(f"The query names the column {_shown(column)}. Write TABLE.COLUMN, or the column alone.")
        if not isinstance(column.this, exp.Star) and column.name.lower() not in known | named:
            raise QueryRefused(f"There is no column {column.name!r} (there are {listed(sorted(known), limit=30)}).")


def _shown(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb", comments=False)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
