"""What one chat said, asked and found, as pages show it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from interact.api.run_words import why
from interact.api.stages import Files, files_of, progress_of
from interact.chats.figures import REFERENCE
from interact.chats.record import Attempt, Chat, QueryRecord, Run
from interact.chats.result import Result
from interact.chats.status import ChatStatus
from interact.reports.columns import cell, decimals, is_numeric
from interact.reports.prose import Prose
from interact.runs.desk import Desk

ROWS_SHOWN = 50
_ALIGNED = re.compile(r'<(t[hd]) style="text-align: ?(\w+);?"')
_SCROLLS = '<div class="rows" tabindex="0" role="group" aria-label="Table">'
_COUNTED = {"queries": ("query", "queries"), "rows": ("row", "rows")}


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
    usage: str
    """As `4 queries · 12,345 tokens`; "" before the end."""


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


def turn_of(desk: Desk, run: Run, chat: Chat, attempt: Attempt | None, question: str) -> Turn:
    """Return an attempt at a chat, by default none yet, as a page shows it."""
    status, reason = (attempt.status, attempt.reason) if attempt else (chat.status, chat.reason)
    if attempt and attempt.number == chat.attempt:
        status, reason = chat.status, chat.reason  # Cancelled before its next attempt, for one.
    texts = [said.text for said in attempt.messages if said.role == "assistant"] if attempt else []
    prose = Prose(_cited(desk, attempt, texts))
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
        usage=_usage(attempt.usage) if attempt else "",
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

    styled = _ALIGNED.sub(tag, html)  # What was escaped stays so: only whole tags are put back.
    scrolling = styled.replace("<table>", f"{_SCROLLS}<table>").replace("</table>", "</table></div>")
    return Markup(scrolling.replace("<a href=", "<a data-out href="))


def _cited(desk: Desk, attempt: Attempt | None, texts: list[str]) -> dict[str, Result]:
    """Return the results whose figures stand in some texts; the others stay where they are, since they can be long."""
    cited = {match[1] for text in texts for match in REFERENCE.finditer(text)}
    queries = attempt.queries if attempt else ()
    return {
        query.result_id: desk.files.get_result(query.rows_sha256)
        for query in queries
        if query.rows_sha256 and query.result_id in cited
    }


def _usage(usage: Mapping[str, int]) -> str:
    return " · ".join(f"{count:,} {_unit(name, count)}" for name, count in usage.items())


def _unit(name: str, count: int) -> str:
    one, many = _COUNTED.get(name, (name.replace("_", " "),) * 2)
    return one if count == 1 else many
