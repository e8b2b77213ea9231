"""What the name of a column or table suggests: money, persons, days, keys. A person checks what was guessed."""

from __future__ import annotations

import re

from interact.warehouse.catalogue import Ask, ForeignKey, Table, TableColumn, is_unique

_PERSONAL = re.compile(
    r"e?mail|phone|mobile|fax|iban|bic$|ssn|passport|birth|^dob$|address|street|post_?code|zip|surname|password|secret"
    r"|token|user_?name|login|card_number|(first|last|full|given|family|middle|contact|customer|person)_?name"
    r"|latitude|longitude|signature|(account|sales)_(manager|person|rep)"
)
_PEOPLE = re.compile(
    r"customer|user|people|person|contact|employee|member|patient|lead|staff|client|subscriber|driver|author|guest"
)
_MONEY = re.compile(
    r"amounts?|totals?|prices?|revenue|costs?|spend|sales|fees?|mrr|arr|discounts?|tax|refunds?|values?|budget|paid"
    r"|turnover|profit|basket"
)
_RATE = re.compile(
    r"rate|price|percent|percentage|pct|share|ratio|avg|average|median|score|target|goal|limit|age|year|month|week"
    r"|rank|level|number|version|size|weight|height|latitude|longitude|duration"
)
_QUOTIENT = re.compile(r"rate|percent|percentage|pct|share|ratio")
_KEY = re.compile(r"(^|_)(id|code|key|uuid|guid|no|nr|line|position|index)$")
_STOCK = re.compile(r"snapshots?|balances?|stocks?|inventory|holdings?|positions?")
_DAYS = (r"^(date|day)$", r"^(order|sale|event|visit|snapshot|payment|transaction)", r"created|_date$|_on$|_at$", r"")
_ISO_4217 = re.compile(r"_(eur|usd|gbp|chf|sek|nok|dkk|pln|jpy|cad|aud)$")


def is_personal(column: str, table: str) -> bool:
    """Whether a column seems to tell who a person is."""
    name = column.lower()
    return bool(_PERSONAL.search(name)) or (name in ("name", "title") and bool(_PEOPLE.search(table.lower())))


def is_money(column: str) -> bool:
    """Whether a column seems to hold money."""
    return unit_of(column) is not None or (_has_word(_MONEY, column) and not _has_word(_QUOTIENT, column))


def is_rate(column: str) -> bool:
    """Whether a column's values seem to make no sense when they are added."""
    return _has_word(_RATE, column)


def is_key(column: str) -> bool:
    """Whether a column seems to name a row, here or elsewhere."""
    return bool(_KEY.search(column.lower()))


def is_stock(table: Table) -> bool:
    """Whether a table seems to hold the same things anew each day."""
    return any(_has_word(_STOCK, name) for name in (table.name, *(each.name for each in days_of(table)[:1])))


def unit_of(column: str) -> str | None:
    """Return the currency that a column's name ends in."""
    found = _ISO_4217.search(column.lower())
    return found.group(1).upper() if found else None


def days_of(table: Table) -> list[TableColumn]:
    """Return the columns that a table's days may be cut by, the likeliest first."""
    found = [
        each for each in table.columns if each.kind in ("date", "moment") and not is_personal(each.name, table.name)
    ]
    return sorted(found, key=lambda each: next(at for at, one in enumerate(_DAYS) if re.search(one, each.name.lower())))


def _has_word(words: re.Pattern[str], name: str) -> bool:
    return any(words.fullmatch(part) for part in name.lower().split("_"))


def singular(name: str) -> str:
    """Return an English noun in the singular: "country" of "countries"."""
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ss", "ss"),
        ("s", ""),
    ):
        if name.endswith(ending):
            return name.removesuffix(ending) + instead
    return name


def guess_keys(tables: list[Table], ask: Ask, dialect: str) -> list[Table]:
    """Give tables without keys those that names suggest and the rows bear out; return the tables that got one."""
    guessed = []
    for table in tables:
        if not table.primary_key and (found := _own_key(table)) and is_unique(table, [found], ask, dialect):
            table.primary_key = (found,)
            guessed.append(table)
    for table in tables:
        for other in tables:
            known = {each.table.lower() for each in table.foreign_keys}
            if other is not table and len(other.primary_key) == 1 and other.name.lower() not in known:
                _relate(table, other)
    return guessed


def _own_key(table: Table) -> str | None:
    noun = singular(table.name.lower())
    for wanted in (f"{noun}_id", "id", f"{noun}_code", "code", f"{noun}_key", "key"):
        column = table.column(wanted)
        if column and table.rows and column.distinct == table.rows:
            return column.name
    return None


def _relate(table: Table, other: Table) -> None:
    (key,) = other.primary_key
    noun = singular(other.name.lower())
    names = [f"{noun}_{key}", noun] if key.lower() in ("id", "code", "key") else [key]
    column = next((found for name in names if (found := table.column(name))), None)
    theirs = other.column(key)
    if column and theirs and column.kind == theirs.kind and (column.name,) != table.primary_key:
        table.foreign_keys.append(ForeignKey((column.name,), other.name, (key,), is_guessed=True))
