"""Which values of the data a prompt may name without quotes, so that no name in the data can steer the reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from interact.agents.analyst.lexicon import Member, Phrase, Piece, forms_of, phrase_of, plain

ACTIONS = frozenset(
    {
        *("delete", "drop", "update", "insert", "remove", "alter", "truncate", "grant", "execute", "exec"),
        *("ignore", "forget", "disregard", "override", "system", "prompt", "instruction", "instructions"),
        *("select", "table", "where", "from"),
    }
)
"""Words that a hostile name may be made of; no value made of them alone is matched unless it stands in quotes."""
SOFT = frozenset({"display", "email"})
"""Verbs that are also names of channels: the value comes first, but for "display the" where a clause begins."""
NOUNS = frozenset(
    {
        *("business", "team", "teams", "company", "account", "accounts", "client", "management", "board", "marketing"),
        *("advertising", "ads", "ad", "media", "page", "document", "single", "individual", "separate", "active"),
        *("eur", "usd", "gbp", "euro", "dollar", "pound"),
    }
)
"""Words of the language that data is often named with: a value made of them is one before a noun, as "team plan"."""
EPITHETS = frozenset(
    {
        *("main", "key", "general", "simple", "complete", "full", "whole", "short", "brief", "major", "important"),
        *("current", "latest", "recent", "total", "overall", "standard", "basic", "good", "quick", "clear", "own"),
        *("daily", "weekly", "monthly", "quarterly", "yearly", "annual", "annually", "weekend", "weekday", "target"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    }
)
"""Words that are a value only beside the word for their dimension, as "monthly plan"."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Names:
    """The values that a prompt may name: those that stand out anywhere, and those that do only beside other words."""

    strong: Mapping[Phrase, Member]
    weak: Mapping[Phrase, Member]


def names_in(text: str, members: Mapping[str, Iterable[str]], known: Mapping[Phrase, object]) -> Names:
    """Return the names that can stand in a text; values of which it lacks a word are not looked at further."""
    words = {form for word in re.findall(r"\w+", text.casefold()) for form in (word, *forms_of(word))}
    at_hand = {
        name: [
            value
            for value in values
            if (first := _WORD.search(value))
            and first[0].casefold() in words
            and words.issuperset(_WORD.findall(value.casefold()))
        ]
        for name, values in members.items()
    }
    found = _names(at_hand, known)
    return Names(_in_both_numbers(found.strong, known), found.weak)


def _in_both_numbers(names: Mapping[Phrase, Member], known: Mapping[Phrase, object]) -> Mapping[Phrase, Member]:
    """Return names also in the other number, "desktops" beside "desktop", unless that means something else."""
    more = {
        (*key[:-1], form): member for key, member in names.items() if len(key[-1]) > 3 for form in forms_of(key[-1])[1:]
    }
    return {**{key: member for key, member in more.items() if key not in known}, **names}


def member_phrases(members: Mapping[str, Iterable[str]], known: Mapping[Phrase, object]) -> Mapping[Phrase, Member]:
    """Return the values that a prompt may name anywhere, by their words."""
    return _names(members, known).strong


def _names(members: Mapping[str, Iterable[str]], known: Mapping[Phrase, object]) -> Names:
    singles = {phrase[0] for phrase in known if len(phrase) == 1} | ACTIONS
    strong: dict[Phrase, dict[str, tuple[str, ...]]] = {}
    weak: dict[Phrase, dict[str, tuple[str, ...]]] = {}
    for dimension, values in members.items():
        for value in values:
            key = phrase_of(value)
            if not key or (key in known and len(key) > 1):
                continue
            found = strong if _stands_out(value, key, singles) else weak if _is_weak(key) else None
            if found is not None:
                dimensions = found.setdefault(key, {})
                dimensions[dimension] = (*dimensions.get(dimension, ()), value)
    return Names(
        {key: Member(tuple(names.items())) for key, names in strong.items() if not _wraps(key, strong, singles)},
        {key: Member(tuple(names.items())) for key, names in weak.items()},
    )


def _wraps(key: Phrase, names: Mapping[Phrase, object], words: set[str]) -> bool:
    """Tell whether a name is another one with words of the language around it ("Paid search performance")."""
    for start in range(len(key)):
        for end in range(start + 1, len(key) + 1):
            around = (*key[:start], *key[end:])
            if around and key[start:end] in names and words.issuperset(around) and not _may_surround(around):
                return True
    return False


def _may_surround(around: Phrase) -> bool:
    return all(word in NOUNS or word in EPITHETS or word == "plus" for word in around)


def _stands_out(value: str, key: Phrase, words: set[str]) -> bool:
    """Tell whether a value can be told from other words: codes by their capitals, others by a word of their own."""
    if len(value.strip()) < 3:
        return re.fullmatch(r"[A-Z]{2}", value.strip()) is not None
    return any(not word[0].isdigit() and (word not in words or word in SOFT) for word in key)


def _is_weak(key: Phrase) -> bool:
    return len(key) <= 3 and all(word in NOUNS or word in EPITHETS or word in ACTIONS for word in key)


def with_weak_names(pieces: list[Piece], weak: Mapping[Phrase, Member]) -> list[Piece]:
    """Return the pieces with weak names where they stand for a value: beside their dimension's word, before a noun."""
    if not weak:
        return pieces
    # A list is read from its end: "monthly and annual plans".
    found = _with_weak_names(pieces, weak)
    while len(found) != len(pieces) or any(one is not other for one, other in zip(found, pieces, strict=True)):
        pieces, found = found, _with_weak_names(found, weak)
    return found


def _with_weak_names(pieces: list[Piece], weak: Mapping[Phrase, Member]) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    while at < len(pieces):
        end, member = _weak_at(pieces, at, weak)
        if member is None:
            found.append(pieces[at])
        else:
            words = " ".join(piece.text for piece in pieces[at:end])
            found.append(Piece("v", words, pieces[at].start, pieces[end - 1].end, member, is_word=True))
        at = max(end, at + 1)
    return found


def _weak_at(pieces: list[Piece], at: int, weak: Mapping[Phrase, Member]) -> tuple[int, Member | None]:
    key: Phrase = ()
    for end in range(at + 1, min(at + 4, len(pieces) + 1)):
        piece = pieces[end - 1]
        if piece.kind in "vwnmdPDp.,":
            break
        key = (*key, *(plain(word) for word in piece.text.split()))
        member = weak.get(key)
        if member is not None and _stands_for_a_value(pieces, at, end, member=member):
            return end, member
    return at + 1, None


def _stands_for_a_value(pieces: list[Piece], at: int, end: int, *, member: Member) -> bool:
    words = {plain(word) for piece in pieces[at:end] for word in piece.text.split()}
    dimensions = {name for name, _ in member.found}
    before = pieces[at - 1] if at else Piece(".", "", 0, 0)
    after = pieces[end] if end < len(pieces) else Piece(".", "", 0, 0)
    if before.kind == "d" and before.value in dimensions and not before.text.endswith("s"):
        return True
    if words & ACTIONS:
        return False
    if (after.kind == "d" and after.value in dimensions) or _is_listed(pieces, at, end, dimensions=dimensions):
        return True
    if before.kind in "ikx" and (after.kind in ".,wbkx&" or _is_spelt(pieces[at:end], member)):
        return True
    return words <= NOUNS and (after.kind in "mdS" or (before.kind in "&|,v" and _is_spelt(pieces[at:end], member)))


def _is_spelt(pieces: list[Piece], member: Member) -> bool:
    """Tell whether a name stands as in the data, with a capital."""
    written = {value for _, values in member.found for value in values if value != value.casefold()}
    return " ".join(piece.text for piece in pieces) in written


def _is_listed(pieces: list[Piece], at: int, end: int, *, dimensions: set[str]) -> bool:
    """Tell whether a name stands in a list beside a value of its dimension: "team and starter plans"."""
    for joint, other in ((at - 1, at - 2), (end, end + 1)):
        if 0 <= other < len(pieces) and joint < len(pieces) and pieces[joint].kind in "&,|k":
            value = pieces[other].value
            if isinstance(value, Member) and dimensions & {name for name, _ in value.found}:
                return True
    return False
