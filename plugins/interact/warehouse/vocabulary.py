"""The parts of SQL that are known to be harmless, by their class in sqlglot; whatever is not listed here is refused."""

from __future__ import annotations

_PARTS = """
    Select Union Intersect Except With CTE From Where Group Having Order Ordered Limit Offset Fetch LimitOptions
    Distinct Qualify Rollup Cube GroupingSets Subquery Join Table TableAlias Column Identifier Alias Star Literal
    Boolean Null Paren Tuple Var Interval DataType DataTypeParam And Or Not EQ NEQ NullSafeEQ NullSafeNEQ GT GTE LT
    LTE Between In Is Like ILike SimilarTo Escape Exists Any All Add Sub Mul Div IntDiv Mod Neg DPipe Case If Filter
    Window WindowSpec WithinGroup IgnoreNulls RespectNulls AtTimeZone
"""
PARTS = frozenset(_PARTS.split())
"""Parts of a SELECT."""
_FUNCTIONS = """
    Sum Count CountIf Avg Min Max Median Mode Quantile PercentileCont PercentileDisc ApproxQuantile ApproxDistinct
    Stddev StddevPop StddevSamp Variance VariancePop Corr CovarPop CovarSamp RegrSlope RegrIntercept RegrR2 RegrCount
    Skewness Kurtosis ArgMax ArgMin AnyValue First Last GroupConcat LogicalAnd LogicalOr Grouping
    RowNumber Rank DenseRank PercentRank CumeDist Lag Lead FirstValue LastValue NthValue Ntile
    Nullif Coalesce Greatest Least Abs Sign Round Ceil Floor Trunc Sqrt Cbrt Ln Log Exp Pow IsNan IsInf WidthBucket
    SafeDivide Lower Upper Initcap Trim Length Substring Left Right Replace Translate SplitPart StrPosition Concat
    ConcatWs Contains StartsWith EndsWith Reverse Levenshtein RegexpLike RegexpILike RegexpExtract RegexpReplace
    Cast TryCast Date DateFromParts DateTrunc TimestampTrunc DatetimeTrunc DateDiff TimestampDiff DatetimeDiff DateAdd
    DateSub DatetimeAdd DatetimeSub TimestampAdd TimestampSub DateBin AddMonths MonthsBetween LastDay Extract
    Year Quarter Month Week WeekOfYear Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname Monthname Hour Minute
    Second TimeToStr DateToDateStr ToChar StrToDate StrToTime TimeToUnix TsOrDsToDate TsOrDsToTimestamp TsOrDsAdd
    TsOrDsDiff TimeStrToTime ToDays
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions; none of them reads anything, tells the hour, or makes a long text of a short one by a number."""
NAMED_FUNCTIONS = frozenset({"age", "date_part", "date_sub", "datesub", "div", "every", "fsum", "isfinite", "isoyear"})
"""Functions that sqlglot knows by name only."""
NAMED_FUNCTIONS |= {"julianday", "mad", "make_date", "product", "weekday", "weekofyear", "yearweek"}
CLOCK = frozenset({"CurrentDate", "CurrentTime", "CurrentTimestamp", "CurrentDatetime", "Localtime", "Localtimestamp"})
NAMED_CLOCK = frozenset({"now", "today", "get_current_timestamp", "clock_timestamp", "transaction_timestamp"})
"""What tells the hour: a run has a date of its own, so that it gives the same answer when it is done again."""
CASTS = (
    *("BIGINT", "BOOLEAN", "DATE", "DATETIME", "DECIMAL", "DOUBLE", "FLOAT", "INT", "INT128", "INTERVAL"),
    *("SMALLINT", "TEXT", "TIME", "TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPTZ", "TINYINT", "VARCHAR"),
)
CLAUSES = frozenset(
    {
        *("with_", "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset"),
        *("distinct", "qualify", "windows", "this", "expression"),
    }
)
"""What a SELECT or a UNION may carry, by sqlglot's names; a UNION's two halves among them."""
SET_OPERATION_FLAGS = frozenset({"by_name", "side", "kind", "on"})
ALLOWED = "Use plain SELECTs with joins, aggregates, window functions, CASE, casts, text and date functions."
