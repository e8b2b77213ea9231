"""What changed since the last completed run of the same values: reckoned from the figures that both keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from interact.chats.figures import REFERENCE
from interact.chats.result import Column, Value
from interact.notices.notice import Remark, Tone
from interact.reports import columns
from interact.reports.comparing import Key, Summable
from interact.runs.desk import Desk
from interact.runs.saying.findings import Finding, Findings, Kept, report_in
from interact.runs.saying.plainly import SHORT, TEXT, TITLE, one_line
from interact.runs.saying.remarks import bounded
from interact.store import earlier


@dataclass(frozen=True)
class Shown:
    """A figure as people read it, and what it was made of."""

    text: str
    value: Value
    column: Column


@dataclass(frozen=True)
class Since:
    """A chat beside what it was answered the last time."""

    now: Finding
    then: Finding
    at: datetime
    """The instant that the earlier run's dates count from."""

    @property
    def is_other(self) -> bool:
        """Whether figures or highlights are other ones; also when there is nothing to compare."""
        sides = [(_figures(finding), {each.gist for each in finding.spotted}) for finding in (self.now, self.then)]
        told = [({key: (one.text, one.column.unit) for key, one in shown.items()}, gists) for shown, gists in sides]
        return told[0] != told[1] or told[0] == ({}, set())

    def moved(self) -> Iterator[Remark]:
        """Yield each figure that is another one, as `ROAS 2.41, was 2.57`; one in another unit is not compared."""
        then = _figures(self.then)
        for key, now in _figures(self.now).items():
            before, column = then.get(key), now.column
            if before and before.text != now.text and before.column.unit == column.unit and not column.is_change:
                words = f"{one_line(column.label, SHORT)} {now.text}, was {before.text}"
                yield Remark(title=one_line(words, TITLE), tone=_tone(now, before))

    def gone(self) -> list[str]:
        """Return what was to act on the last time and is not any more; what holds a figure would never stay."""
        there = {each.gist for each in self.now.spotted}
        before = self.then.spotted if self.now.report else ()
        return [
            each.gist
            for each in before
            if each.is_alarm and each.gist not in there and not _holds_figure(each.written, self.then)
        ]


def since_last(desk: Desk, found: Findings) -> dict[str, Since]:
    """Return what answered chats are compared with, by chat id; those that were never answered before are left out."""
    with desk.store.reading() as session:
        kept = earlier.last_completed(session, [finding.chat for finding in found.answered])
    return {
        finding.chat.chat_id: Since(
            finding,
            Finding(finding.chat, before.attempt, report_in(before.attempt), Kept(desk.files, before.results)),
            before.run_after,
        )
        for finding in found.answered
        if (before := kept.get(finding.chat.chat_id))
    }


def changes(found: Findings, last: Mapping[str, Since]) -> tuple[Remark, ...]:
    """Return what changed: of one chat a remark a figure, of several one a chat; then what is to act on no more."""
    told: list[Remark] = []
    several = len(found.each) > 1
    for since in last.values():
        on_day, moved = _day(since.at, found), list(since.moved())
        who = f"{since.now.label}: " if several else ""
        if several and moved:
            words = "; ".join(each.title for each in moved)
            told.append(Remark(title=one_line(f"{who}since {on_day}", TITLE), text=one_line(words, TEXT)))
        else:
            told += [each.model_copy(update={"title": f"{each.title} on {on_day}"}) for each in moved]
        told += [Remark(title=one_line(f"{who}No more: {gist}", TITLE), tone="good") for gist in since.gone()]
    return bounded(told)


def _figures(finding: Finding) -> dict[Key, Shown]:
    found = finding.read(Summable()).found
    return {
        key: Shown(
            one_line(columns.cell(each.figure.value, each.column, places=None), SHORT), each.figure.value, each.column
        )
        for key, each in found.items()
    }


def _tone(now: Shown, before: Shown) -> Tone:
    sizes, good = [columns.number(shown.value) for shown in (now, before)], now.column.good
    if good is None or sizes[0] is None or sizes[1] is None:
        return "neutral"
    return "good" if (sizes[0] > sizes[1]) == (good == "up") else "bad"


def _holds_figure(text: str, finding: Finding) -> bool:
    """Return whether a text refers to a number, or to none that can be found."""
    for result_id, _, name in REFERENCE.findall(text):
        result = finding.results.get(result_id)
        column = next((each for each in result.columns if each.name == name), None) if result else None
        if column is None or columns.is_numeric(column):
            return True
    return False


def _day(at: datetime, found: Findings) -> str:
    zone = ZoneInfo(found.snapshot.timezone)
    day, today = at.astimezone(zone), found.run.run_after.astimezone(zone)
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B %Y}"
