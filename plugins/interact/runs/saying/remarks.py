"""What a notice remarks on a run: what its answers point out, data that came late, and who failed and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from interact.chats.figures import MARK
from interact.chats.status import ChatStatus, RunVerdict
from interact.notices.notice import Remark, Tone
from interact.reports.freshness import freshness
from interact.runs.saying.findings import Finding, Findings
from interact.runs.saying.plainly import MOST, TEXT, TITLE, listed, one_line
from interact.runs.saying.spotted import Spotted

_ORDER: tuple[Tone, ...] = ("bad", "warning", "good", "neutral")
THE_RUN, NOT_ANSWERED, UNSAID = "The run as a whole", "It was not answered", "No reason was recorded."


def highlights(found: Findings) -> tuple[Remark, ...]:
    """Return the highlights, what is to act on first; of several chats each once, with the values that it holds for."""
    alike: dict[tuple[Tone, str], list[Spotted]] = {}
    for finding in found.answered:
        for each in finding.spotted:
            alike.setdefault((each.tone, each.title), []).append(each)
    ordered = sorted(alike.items(), key=lambda entry: _ORDER.index(entry[0][0]))
    several = len(found.each) > 1
    return bounded(_of_several(title, own) if several else own[0].remark() for (_, title), own in ordered)


def cautions(found: Findings) -> tuple[Remark, ...]:
    """Return what is to know before the figures are believed: data that was late, numbers that nothing shows."""
    fresh = freshness(found.run.data, found.snapshot.timezone)
    late = (
        [Remark(title="Its data was late", text=one_line(fresh.caution, TEXT), tone="warning")]
        if fresh and fresh.caution
        else []
    )
    return (*late, *_untraced(found))


def _untraced(found: Findings) -> Iterator[Remark]:
    own = [(each.label, each.attempt.untraced) for each in found.answered if each.attempt and each.attempt.untraced]
    count = sum(number for _, number in own)
    if not count:
        return
    title = (
        "One number could not be traced to a query"
        if count == 1
        else f"{count:,} numbers could not be traced to a query"
    )
    where = f" They stand in {listed([label for label, _ in own])}." if len(found.each) > 1 else ""
    text = f"{'It is' if count == 1 else 'They are'} marked with{MARK}.{where}"
    yield Remark(title=title, text=one_line(text, TEXT), tone="warning")


def failures(found: Findings) -> tuple[Remark, ...]:
    """Return who failed and why, who failed alike together; then what could not be drawn, and the roll-up."""
    told = [*_unanswered(found.unanswered), *_undrawn(found)]
    if found.is_whole and found.run.rollup_failure:
        told.append(_failure("The roll-up is missing", found.run.rollup_failure))
    if not told and found.verdict is not RunVerdict.COMPLETED:
        told.append(_failure(THE_RUN, found.run.reason))
    return bounded(told)


def reason_of(finding: Finding) -> str:
    """Return why a chat was not answered, on one line."""
    return one_line(finding.chat.reason or UNSAID, TEXT)


def bounded(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return as many remarks as a notice holds; the last one counts those that it does not."""
    told = list(remarks)
    if len(told) <= MOST:
        return tuple(told)
    return (*told[: MOST - 1], Remark(title=f"{len(told) - MOST + 1:,} more stand in the run"))


def _of_several(title: str, own: Sequence[Spotted]) -> Remark:
    labels = [each.label for each in own]
    texts = [f"{each.label}: {each.text}" if len(own) > 1 else each.text for each in own if each.text]
    told = one_line(" ".join(texts), TEXT)
    return Remark(title=one_line(f"{listed(labels)}: {title}", TITLE), text=told, tone=own[0].tone)


def _unanswered(findings: Iterable[Finding]) -> Iterator[Remark]:
    alike: dict[tuple[bool, str], list[str]] = {}
    for finding in findings:
        is_cancelled = finding.chat.status is ChatStatus.CANCELLED
        named = finding.label if finding.chat.parameters else NOT_ANSWERED
        alike.setdefault((is_cancelled, reason_of(finding)), []).append(named)
    for (is_cancelled, reason), labels in alike.items():
        yield Remark(title=one_line(listed(labels), TITLE), text=reason, tone="warning" if is_cancelled else "bad")


def _undrawn(found: Findings) -> Iterator[Remark]:
    for finding in found.each:
        if finding.lacks_pdf:
            why = finding.attempt.render_failure if finding.attempt else None
            of = f" of {finding.label}" if finding.chat.parameters else ""
            yield _failure(f"The PDF{of} is missing", why or "Its report was not drawn.")


def _failure(title: str, why: str | None) -> Remark:
    return Remark(title=one_line(title, TITLE), text=one_line(why or UNSAID, TEXT), tone="bad")
