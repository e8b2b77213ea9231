"""What one chat said, asked and found, as pages show it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from interact.api.chat_bodies import versions_of
from interact.api.run_words import why
from interact.api.stages import Files, files_of, progress_of
from interact.chats.figures import MARK, cited_in
from interact.chats.record import Attempt, Chat, QueryRecord, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.jobs.stored import Snapshot
from interact.reports.columns import cell, decimals, is_numeric
from interact.reports.freshness import moment
from interact.reports.prose import Prose
from interact.reports.sources import Source
from interact.runs.desk import Desk

ROWS_SHOWN = 50
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_FIGURE = re.compile(r'<a class="figure" href="([^"]*)"')
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: ?(\w+);?"')
_SCROLLS = '<div class="rows" tabindex="0" role="group" aria-label="Table">'
_COUNTED = {"queries": ("query", "queries"), "rows": ("row", "rows"), "tokens": ("token", "tokens")}
_UNSAID = frozenset({"requests", "tool_calls"})
_WITHOUT_MODEL = {
    "embedded": "the embedded analyst",
    "llm": "a model that did not give its name",
    "remote": "a service",
}


@dataclass(frozen=True)
class Turn:
    """A question and what came of it, in one attempt; `number` is 0 before the first."""

    chat_id: str
    number: int
    question: str
    parameters: Mapping[str, str]
    status: ChatStatus
    reason: str
    """Why it was not answered; "" where it was."""
    said: tuple[Markup, ...]
    queries: tuple[QueryRecord, ...]
    files: Files
    why_no_files: str
    began: str
    """When the attempt began, in the organisation's zone; "" before."""
    untraced: str
    """How many of its numbers no query shows, in a sentence; "" for none."""
    usage: str
    """As `Answered by gpt-5 · job v3 · agent v7 · context v2 · 4 queries · 12,345 tokens · $0.03`; "" before."""


@dataclass(frozen=True)
class Rows:
    """The first rows of a result, as a page shows them; `row_count` is how many there are."""

    title: str
    row_count: int
    is_cut: bool
    """True when the warehouse had more than it hands out."""
    headers: tuple[tuple[str, bool], ...]
    """Each label, and whether numbers stand under it."""
    rows: tuple[tuple[str, ...], ...]


def turn_of(
    desk: Desk, run: Run, chat: Chat, attempt: Attempt | None, question: str, *, snapshot: Snapshot | None = None
) -> Turn:
    """Return an attempt at a chat, by default none yet, as a page shows it; a snapshot says who answered."""
    status, reason = (attempt.status, attempt.reason) if attempt else (chat.status, chat.reason)
    if attempt and attempt.number == chat.attempt:
        status, reason = chat.status, chat.reason  # Cancelled before its next attempt, for one.
    texts = [said.text for said in attempt.messages if said.role == "assistant"] if attempt else []
    prose = Prose(_cited(desk, attempt, texts), sources=_sources(attempt))
    return Turn(
        chat_id=chat.chat_id,
        number=attempt.number if attempt else 0,
        question=question,
        parameters=chat.parameters,
        status=status,
        reason=why(run, reason),
        said=tuple(_for_pages(prose.blocks(text)) for text in texts if text != reason),
        queries=attempt.queries if attempt else (),
        files=files_of(run, progress_of(attempt)),
        why_no_files=(attempt.render_failure or "") if attempt else "",
        began=moment(attempt.started_at, snapshot.timezone) if attempt and snapshot else "",
        untraced=_untraced(attempt.untraced) if attempt else "",
        usage=_usage(attempt, snapshot) if attempt else "",
    )


def rows_of(result: Result) -> Rows:
    """Return the first rows of a result."""
    columns = result.columns
    places = [decimals(column, result.values(column.name)) for column in columns]
    return Rows(
        title=result.title,
        row_count=len(result.rows),
        is_cut=result.truncated,
        headers=tuple((column.label, is_numeric(column)) for column in columns),
        rows=tuple(
            tuple(cell(value, column, places=place) for value, column, place in zip(row, columns, places, strict=True))
            for row in result.rows[:ROWS_SHOWN]
        ),
    )


def _for_pages(html: Markup) -> Markup:
    """Return prose as our pages take it: no inline style, tables that scroll alone, links that leave a frame."""

    def tag(match: re.Match[str]) -> str:
        return f'<{match[1]} class="number"' if match[2] == "right" else f"<{match[1]}"

    styled = _TABLE.sub(_one_stop, _ALIGNED.sub(tag, html))  # What was escaped stays so: only whole tags are put back.
    scrolling = styled.replace("<table>", f"{_SCROLLS}<table>").replace("</table>", "</table></div>")
    return Markup(scrolling.replace("<a href=", "<a data-out href="))


def _one_stop(table: re.Match[str]) -> str:
    """Return a table in which the Tab key stops at one figure of each query, not at every cell."""
    seen = set[str]()

    def link(match: re.Match[str]) -> str:
        if match[1] in seen:
            return f'{match[0]} tabindex="-1"'
        seen.add(match[1])
        return match[0]

    return _FIGURE.sub(link, table[0])


def _cited(desk: Desk, attempt: Attempt | None, texts: list[str]) -> dict[str, Result]:
    """Return the results whose figures stand in some texts; the others stay where they are, since they can be long."""
    cited = {result_id for text in texts for result_id in cited_in(text)}
    queries = attempt.queries if attempt else ()
    return {
        query.result_id: desk.files.get_result(query.rows_sha256)
        for query in queries
        if query.rows_sha256 and query.result_id in cited
    }


def _sources(attempt: Attempt | None) -> dict[str, Source]:
    """Return where each query stands on the page: its SQL, whose fold a browser opens by itself."""
    queries = attempt.queries if attempt else ()
    return {
        query.result_id: Source(f"Query “{query.title}”", f"#sql-{query.result_id}")
        for query in queries
        if query.rows_sha256
    }


def _untraced(count: int) -> str:
    if not count:
        return ""
    many = f"{count:,} numbers of this answer" if count > 1 else "One number of this answer"
    return f"{many} could not be traced to a query, and {'are' if count > 1 else 'is'} marked with{MARK}."


def _usage(attempt: Attempt, snapshot: Snapshot | None) -> str:
    usage = dict(attempt.usage)
    spent = [usage.pop(name, 0) for name in ("input_tokens", "output_tokens")]
    counts = {name: count for name, count in usage.items() if name not in _UNSAID} | (
        {"tokens": sum(spent)} if any(spent) else {}
    )
    told = [f"{count:,} {_unit(name, count)}" for name, count in counts.items()]
    if attempt.cost_usd is not None:
        told.append(f"${attempt.cost_usd:,.{2 if attempt.cost_usd >= 0.01 else 4}f}")
    return " · ".join([*(_answered_by(attempt, snapshot) if snapshot else ()), *told])


def _answered_by(attempt: Attempt, snapshot: Snapshot) -> Iterator[str]:
    """Yield who answered, and with which versions of what it was told."""
    kind = snapshot.agent.definition.type
    yield f"Answered by {attempt.model or _WITHOUT_MODEL[kind]}"
    versions = versions_of(snapshot)
    if versions.job is not None:
        yield f"job v{versions.job}"
    yield f"agent v{versions.agent}"
    yield f"context v{versions.organisation}"


def _unit(name: str, count: int) -> str:
    one, many = _COUNTED.get(name, (name.replace("_", " "),) * 2)
    return one if count == 1 else many
