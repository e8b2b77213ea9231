"""A further question takes from the one before it what it does not name itself, and the answer says what that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from interact.agents.analyst.inheriting import Inherited, inherit
from interact.agents.analyst.joints import Joints, read_joints
from interact.agents.analyst.pieces import read_pieces
from interact.agents.analyst.ratios import extended, made_in
from interact.agents.analyst.reading import complete, read_words, require_length, with_made
from interact.agents.analyst.request import Manner, Reading, Request
from interact.agents.analyst.suggestions import unknown
from interact.agents.analyst.windows import Period, find_periods
from interact.agents.contract import Question
from interact.chats.figures import literally
from interact.errors import AgentRefused
from interact.warehouse.semantic import SemanticModel

ALONE = "This question stands alone: nothing is taken from the one before."
NONE_READ = "Nothing is taken from the questions before: none of them could be read."
_QUOTED = 80
_NOTHING = Reading(
    period=None,
    versus=None,
    versus_is_bare=False,
    metrics=(),
    names_metric=False,
    overall=False,
    breakdowns=(),
    order=None,
    ranked_by=None,
    table_notes=(),
    rules=(),
    dimensions=frozenset(),
    widened=frozenset(),
    filters=(),
    filter_notes=(),
    against=False,
    manner=Manner(report=False, sections=frozenset(), unwanted=frozenset(), targets=False, asks_why=False),
    not_understood=(),
)


def read_question(question: Question, model: SemanticModel, members: Mapping[str, tuple[str, ...]]) -> Request:
    """Return what a question asks for, with what it takes from the earlier ones; they are read again, oldest first.

    An earlier one that cannot be read leaves no trace. Raises AgentRefused, in words, for what cannot be answered for
    certain.
    """
    made = made_in([*(turn.prompt for turn in question.earlier), question.prompt], model)
    thread = _Thread(extended(model, made), members, question.on_date, question.filters)
    before: _Step | None = None
    is_last = True
    for turn in question.earlier:
        try:
            before, is_last = thread.read(turn.prompt, before), True
        except AgentRefused:
            is_last = False
    step = thread.read(question.prompt, before)
    request = with_made(step.request, made, model)
    if not question.earlier:
        return request
    if before is None:
        return replace(request, taken=NONE_READ)
    return replace(request, taken=_told(step.inherited, None if is_last else before.prompt))


@dataclass(frozen=True)
class _Step:
    """One question of a thread, read and complete; `inherited` is None where it takes nothing from those before."""

    prompt: str
    reading: Reading
    request: Request
    inherited: Inherited | None = None


@dataclass(frozen=True)
class _Thread:
    """What every question of a thread is read with."""

    model: SemanticModel
    members: Mapping[str, tuple[str, ...]]
    on_date: date
    enforced: Mapping[str, str]

    def read(self, prompt: str, before: _Step | None) -> _Step:
        """Return a question after the one before it; raises AgentRefused."""
        if before is None:
            return self._alone(prompt, prompt)
        require_length(prompt)
        sheet = read_pieces(prompt, self.model, self.members, today=self.on_date)
        joints = read_joints(sheet, self.model, enforced=self.enforced)
        if joints.is_empty and (joints.repeats or joints.clears):
            return self._after(before, prompt, _NOTHING, joints)
        text = prompt if joints.is_empty else joints.text
        now = self._words(text, before.reading)
        if _stands_alone(now, joints):
            return self._alone(prompt, text)
        self._require_change(prompt, now, joints)
        return self._after(before, prompt, now, joints)

    def _require_change(self, prompt: str, now: Reading, joints: Joints) -> None:
        """Refuse a question that names nothing, unless it asks for the same again."""
        if replace(now, dimensions=frozenset(), not_understood=()) != _NOTHING:
            return
        if now.not_understood:
            raise AgentRefused(unknown(now.not_understood[0], self.model, self.members, enforced=self.enforced))
        if not (joints.repeats or joints.clears):
            raise AgentRefused(
                f"I could not tell what {' '.join(prompt.split())!r:.200} changes about the question before. Name a "
                "metric, a period, a breakdown or a value."
            )

    def _alone(self, prompt: str, text: str) -> _Step:
        reading = self._words(text, None)
        return _Step(prompt, reading, complete(reading, self.model, on_date=self.on_date))

    def _after(self, before: _Step, prompt: str, now: Reading, joints: Joints) -> _Step:
        inherited = inherit(before.reading, now, joints, self.model)
        reading = replace(inherited.reading, period=_in_whole(inherited.reading, self.on_date))
        return _Step(prompt, reading, complete(reading, self.model, on_date=self.on_date), inherited)

    def _words(self, text: str, before: Reading | None) -> Reading:
        return read_words(text, self.model, self.members, on_date=self.on_date, enforced=self.enforced, before=before)


def _stands_alone(now: Reading, joints: Joints) -> bool:
    """Tell whether a question names a period and figures to show for it, and nothing that points back."""
    has_subject = now.names_metric or now.overall
    return bool(now.period and has_subject and not joints.continues and not joints.points)


def _in_whole(reading: Reading, on_date: date) -> Period | None:
    """Return the period in whole weeks or months where the figures go by week or month, as in a single question."""
    period = reading.period
    grains = {each.grain for each in reading.breakdowns} & {"week", "month"}
    if period is None or not period.count or len(grains) != 1:
        return period
    return next(iter(find_periods(period.words, on_date, grain=grains.pop())), period)


def _told(inherited: Inherited | None, prompt: str | None) -> str:
    """Return what a question took and left, in sentences; `prompt` is the question that it goes back to."""
    if inherited is None:
        return ALONE
    words = " ".join(prompt.split()) if prompt else ""
    short = words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1].rstrip()}…"
    source = f"“{literally(short)}”, the last question that I could read" if short else "the question before"
    sentences = [f"Taken from {source}: {'; '.join(inherited.taken)}." if inherited.taken else ""]
    sentences.append(f"Not taken from it: {'; '.join(inherited.left)}." if inherited.left else "")
    return " ".join(each for each in sentences if each) or f"Nothing is taken from {source}."
