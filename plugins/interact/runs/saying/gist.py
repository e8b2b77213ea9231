"""The first words on a run: a subject and a lead that tell what came of it, and what it was about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from interact.chats.status import RunVerdict
from interact.notices.notice import Figure
from interact.reports.comparing import first_sentence
from interact.reports.rollup_words import summary
from interact.runs.saying.findings import Finding, Findings
from interact.runs.saying.plainly import LEAD, SHORT, SUBJECT, TEXT, listed, one_line
from interact.runs.saying.remarks import THE_RUN, UNSAID, failures, reason_of
from interact.runs.saying.scope import count, where
from interact.runs.saying.spotted import Spotted

_NAMED, _READ = 3, 8000
"""So many are named, and so many characters of an answer are read for what came of it."""
_LEAST = 40
"""So many characters of what came of a run stand in its subject at least, however long its values are."""
_COUNTED = re.compile(r"(?:[2-9]|[1-9][\d,]+) [^\W\d][^.:;(]{4,80}")
_HEADING = re.compile(r"^(?:executive )?summary\.\s*", re.IGNORECASE)


def subject(found: Findings, figures: Sequence[Figure], *, recovered_from: int = 0) -> str:
    """Return one line that tells the outcome, the most important first."""
    again = "Works again: " if recovered_from else ""
    gist = f"{again}{_gist(found, figures)}"
    scope = one_line(where(found), SUBJECT - _LEAST)
    if not scope:
        return one_line(gist, SUBJECT)
    fits = one_line(gist, SUBJECT - len(scope) - 3)
    return f"{fits} ({scope})" if ":" in fits.removeprefix(again) else f"{fits}: {scope}"


def lead(found: Findings, *, recovered_from: int = 0) -> str:
    """Return what came of a run, in a sentence or two."""
    told = _lead(found)
    if recovered_from:
        runs = "1 failed run" if recovered_from == 1 else f"{recovered_from:,} failed runs in a row"
        told = f"It works again after {runs}. {told}"
    return one_line(told, LEAD)


def _gist(found: Findings, figures: Sequence[Figure]) -> str:
    job = one_line(found.snapshot.job.definition.name, SHORT)
    match found.verdict:
        case RunVerdict.FAILED:
            return f"{job} failed: {_cause(found)}"
        case RunVerdict.PARTIAL:
            return _partly(found)
        case _ if len(found.each) > 1:
            return _of_several(found) or f"{job}: all {count(found)} answered"
        case _:
            return _of_one(found.each[0], figures) or job if found.each else job


def _of_one(finding: Finding, figures: Sequence[Figure]) -> str:
    """Return what to act on, else the first highlight, else what moved most; "" when there is neither."""
    seen = finding.spotted
    told = [each for each in seen if each.is_alarm] or seen
    if not told:
        return _counted(_answer(finding), "") or _moved(figures)
    first, others = told[0], told[1:]
    alike = [each for each in others if each.who and each.what == first.what]
    further = [each for each in others if first.what in each.title and each not in alike]
    if first.who and (alike or further):
        return _counted(_answer(finding), first.what) or _named([first, *alike], and_others=bool(further))
    more = f", and {len(others)} more" if others else ""
    return f"{first.gist}{more}"


def _named(told: Sequence[Spotted], *, and_others: bool) -> str:
    names = [each.who for each in told]
    return (
        f"{', '.join(names[:_NAMED])} and others: {told[0].what}" if and_others else f"{listed(names)}: {told[0].what}"
    )


def _counted(text: str, what: str) -> str:
    """Return the beginning of the sentence that counts something: "3 campaigns have ROAS below 2"; "" without one.

    Where `what` is named it says that of them, else it counts what it lists behind a colon.
    """
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        match = _COUNTED.match(sentence)
        if match and (what in match[0] if what else sentence[match.end() : match.end() + 1] == ":"):
            return match[0].strip()
    return ""


def _moved(figures: Sequence[Figure]) -> str:
    """Return the figure whose change is known to be good or bad, else the first one."""
    first = next((figure for figure in figures if figure.tone != "neutral"), figures[0] if figures else None)
    if first is None:
        return ""
    return f"{first.label} {first.value}" + (f", {first.change}" if first.change else "")


def _of_several(found: Findings) -> str:
    """Return what most of the chats are to act on, else who is best and who is worst."""
    alarms = {finding.label: {each.gist: each for each in finding.spotted if each.is_alarm} for finding in found.each}
    counts = Counter(gist for own in alarms.values() for gist in own)
    if counts:
        gist, most = counts.most_common(1)[0]
        if most == len(found.each):
            return f"{gist} in all {count(found)}"
        return f"{gist} in {listed([label for label, own in alarms.items() if gist in own])}"
    ranked = summary(found.rollup)[1:2]
    return ranked[0].rstrip(".") if ranked else ""


def _partly(found: Findings) -> str:
    lacking = found.unanswered
    if lacking:
        labels = listed([finding.label for finding in lacking])
        return f"{len(found.answered):,} of {count(found)} answered, {labels} failed: {_cause(found)}"
    told = failures(found)[0]
    return told.title if told.title != THE_RUN else first_sentence(told.text).rstrip(".")


def _lead(found: Findings) -> str:
    if found.verdict is RunVerdict.FAILED:
        return (
            f"None of the {count(found)} was answered: {_cause(found)}." if len(found.each) > 1 else f"{_cause(found)}."
        )
    if found.unanswered:
        labels = listed([finding.label for finding in found.unanswered])
        verbs = ["was" if len(those) == 1 else "were" for those in (found.answered, found.unanswered)]
        return (
            f"{len(found.answered):,} of {count(found)} {verbs[0]} answered; {labels} {verbs[1]} not: {_cause(found)}."
        )
    if len(found.each) > 1:
        return " ".join([f"All {count(found)} were answered.", *summary(found.rollup)[1:2]])
    words = first_sentence(_HEADING.sub("", _answer(found.each[0]))) if found.each else ""
    return words or f"{found.snapshot.job.definition.name} was answered."


def _cause(found: Findings) -> str:
    """Return why chats were not answered, as the first sentence of one reason says it, without its full stop."""
    reasons = dict.fromkeys(first_sentence(reason_of(finding)).rstrip(".") for finding in found.unanswered)
    if not reasons:
        return first_sentence(one_line(found.run.reason or UNSAID, TEXT)).rstrip(".")
    first, *others = reasons
    return f"{first}, and {len(others)} other reasons" if len(others) > 1 else " and ".join(reasons)


def _answer(finding: Finding) -> str:
    """Return what a chat answered, in words: the summary of its report, else what its agent said last."""
    if finding.report:
        return finding.prose.words(finding.report.summary)
    messages = finding.attempt.messages if finding.attempt else ()
    return next((finding.prose.words(said.text[:_READ]) for said in reversed(messages) if said.role == "assistant"), "")
