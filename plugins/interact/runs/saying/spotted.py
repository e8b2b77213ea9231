"""What a chat's answer points out, in words, and what one of these says of whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interact.chats import finding as chats
from interact.notices.notice import Remark, Tone
from interact.reports.document import Report
from interact.reports.prose import Prose
from interact.runs.saying.plainly import TEXT, TITLE, one_line

_ALARMS: tuple[Tone, ...] = ("bad", "warning")
_ASIDE = re.compile(r"\s*\([^()]*\)$")


@dataclass(frozen=True)
class Spotted:
    """A highlight, or a finding, of one chat, in words."""

    label: str
    """The chat's values."""
    title: str
    text: str
    tone: Tone
    written: str
    """Its title as the agent wrote it, with references in the place of figures."""

    @property
    def is_alarm(self) -> bool:
        """Whether it is one to act on."""
        return self.tone in _ALARMS

    @property
    def gist(self) -> str:
        """Its title without what is said in brackets at its end."""
        return _ASIDE.sub("", self.title) or self.title

    @property
    def who(self) -> str:
        """Of "Brand: ROAS below 2" what stands before the colon; "" without one."""
        who, colon, _ = self.gist.partition(": ")
        return who if colon else ""

    @property
    def what(self) -> str:
        """And what stands behind it, else all of it."""
        return self.gist.partition(": ")[2] or self.gist

    def remark(self) -> Remark:
        """Return it as a notice holds it."""
        return Remark(title=self.title, text=self.text, tone=self.tone)


def spot(report: Report, prose: Prose, *, label: str) -> Iterator[Spotted]:
    """Yield the highlights of a report, in its order; one without words is left out."""
    for each in report.highlights:
        title, text = (prose.words(written) for written in (each.title, each.text))
        if told := one_line(title, TITLE) or one_line(text, TITLE):
            yield Spotted(label, told, one_line(text, TEXT), each.tone, each.title)


def spot_findings(findings: Iterable[chats.Finding], prose: Prose, *, label: str) -> Iterator[Spotted]:
    """Yield what an answer without a report points out, in its order."""
    for each in findings:
        if told := one_line(prose.words(each.title), TITLE):
            yield Spotted(label, told, "", each.tone, each.title)
