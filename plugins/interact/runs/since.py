"""What changed since the last completed run of the same combination: reckoned from what both kept, never recalled.

The first run says nothing of it: there is nothing to compare with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from interact.agents.contract import Answer
from interact.chats.figures import resolve
from interact.chats.finding import Finding
from interact.chats.metric import KeptMetric
from interact.chats.result import Result
from interact.errors import StoreUnavailable
from interact.jobs.naming import QUESTIONS_DAG
from interact.jobs.stored import Snapshot
from interact.reports.columns import number
from interact.reports.since import Change, Days, Since
from interact.runs.desk import Desk
from interact.store import chats, earlier, runs
from interact.store.earlier import Before
from interact.warehouse.semantic import SemanticModel

SHOWN = 8
OTHER_QUESTION = "The job asked something else then, so nothing is compared."
OTHER_WAREHOUSE = "The agent reads another warehouse since then, so nothing is compared."
SAME_DAYS = "Both runs are about the same days: what differs was loaded or corrected since, and is no change of theirs."
_OF_TIME = frozenset({"day", "week", "month", "quarter", "year"})
_OF_ANY_LENGTH = frozenset({"ratio", "percent"})


@dataclass(frozen=True)
class _Sides:
    """A run and the one before it; `now` is the newer one's snapshot."""

    now: Snapshot
    then: Snapshot
    before: Before

    @property
    def day(self) -> date:
        """The day of the run before, in the job's zone."""
        return self.before.run_after.astimezone(ZoneInfo(self.now.timezone)).date()


def since_last(
    desk: Desk, chat_id: str, answer: Answer, metrics: Sequence[KeptMetric], results: Mapping[str, Result]
) -> Since | None:
    """Return what changed; None for a question outside any job, a first run, and where neither kept anything."""
    sides = None if answer.stopped else _sides(desk, chat_id)
    if sides is None:
        return None
    day = sides.day
    if why := _why_not(sides):
        return Since(on=day, notes=(why,))
    now, then = _days(metrics), _days(sides.before.attempt.metrics)
    if now and now == then:
        return Since(on=day, now=now, then=then, notes=(SAME_DAYS,))
    changes, notes = _changes(sides, metrics, now, then)
    come, gone = _come_and_gone(desk, sides, answer, results)
    if not (changes or come or gone):
        return None
    return Since(on=day, now=now, then=then, changes=changes, come=come, gone=gone, notes=notes)


def _why_not(sides: _Sides) -> str:
    """Return why two runs are not compared at all; "" when they are."""
    if sides.before.is_other_question:
        return OTHER_QUESTION
    warehouses = (each.agent.definition.warehouse for each in (sides.now, sides.then))
    return OTHER_WAREHOUSE if len(set(warehouses)) > 1 else ""


def _sides(desk: Desk, chat_id: str) -> _Sides | None:
    with desk.store.reading() as session:
        chat = chats.by_id(session, chat_id)
        run = runs.by_id(session, chat.run_id) if chat else None
        if chat is None or run is None or run.dag_id == QUESTIONS_DAG:
            return None
        before = earlier.before(session, chat, run)
        if before is None:
            return None
        return _Sides(runs.snapshot_of(session, run.run_id), runs.snapshot_of(session, before.run_id), before)


def _changes(
    sides: _Sides, metrics: Sequence[KeptMetric], now: Days | None, then: Days | None
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return each metric that both name, and why others are not compared."""
    kept = _by_name(sides.before.attempt.metrics)
    redefined = _redefined(sides.now, sides.then)
    changes, lacking = list[Change](), list[str]()
    alike = _alike(now, then)
    for name, metric in _by_name(metrics).items():
        past, column = kept.get(name), metric.column
        if past is None:
            lacking.append(f"{column.label} (not among the figures then)")
        elif (past.column.format, past.column.unit) != (column.format, column.unit):
            lacking.append(f"{column.label} (in another unit then)")
        elif name in redefined:
            lacking.append(f"{column.label} (defined otherwise since)")
        else:
            comparable = alike or column.format in _OF_ANY_LENGTH
            fraction = _fraction(metric, past) if comparable else None
            changes.append(Change(column=column, now=metric.value, then=past.value, fraction=fraction))
    notes = [f"Not compared: {', '.join(lacking)}."] if lacking and kept else []
    if not alike and now and then and any(each.column.format not in _OF_ANY_LENGTH for each in changes):
        notes.append(f"{_count(now)} now and {_count(then)} then: sums stand side by side, without a change.")
    return tuple(changes), tuple(notes)


def _come_and_gone(
    desk: Desk, sides: _Sides, answer: Answer, results: Mapping[str, Result]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is pointed out only now and only then, in words; a day or a week of then is gone by itself."""
    before = sides.before.attempt
    if not before.findings and not before.metrics:
        return (), ()  # It was answered by a version of this program that kept neither.
    past = {_key(each): each for each in before.findings}
    present = {_key(each): each for each in answer.findings}
    gone = [each for key, each in past.items() if key not in present and not _OF_TIME & {name for name, _ in each.key}]
    calculations = answer.report.calculations if answer.report else ()
    come = [resolve(each.title, results, calculations) for key, each in present.items() if key not in past]
    kept = _results(desk, sides.before, gone)
    return _shown(come), _shown([resolve(each.title, kept) for each in gone])


def _results(desk: Desk, before: Before, findings: Iterable[Finding]) -> dict[str, Result]:
    """Return the earlier results that some findings show; those that cannot be read are marked in their words."""
    wanted = {id_ for each in findings for id_ in (each.figure.result_id, *each.result_ids)} & before.results.keys()
    try:
        return {id_: desk.files.get_result(before.results[id_]) for id_ in wanted}
    except StoreUnavailable:
        return {}


def _redefined(now: Snapshot, then: Snapshot) -> frozenset[str]:
    """Return the metrics that both models have and that mean something else now."""
    models = [SemanticModel.model_validate(each.agent.definition.semantic_model) for each in (now, then)]
    if models[0] == models[1]:
        return frozenset()
    shared = {each.name for each in models[0].metrics} & {each.name for each in models[1].metrics}
    return frozenset(name for name in shared if _meaning(models[0], name) != _meaning(models[1], name))


def _meaning(model: SemanticModel, name: str) -> list[object]:
    """Return what the values of a metric depend on: its definition, those that it is made of, and their tables."""
    metric = model.metric(name)
    own = metric.model_dump(exclude={"label", "description", "synonyms", "good", "target", "settles_days"})
    table = None if metric.parts else model.dataset(metric.dataset).table
    return [own, table, *(_meaning(model, part) for part in metric.parts)]


def _by_name(metrics: Iterable[KeptMetric]) -> dict[str, KeptMetric]:
    """Return metrics by their names; one that stands in several rows is not known from which."""
    found = list(metrics)
    counts = Counter(each.column.name for each in found)
    return {each.column.name: each for each in found if counts[each.column.name] == 1}


def _fraction(now: KeptMetric, then: KeptMetric) -> float | None:
    sizes = number(now.value), number(then.value)
    if sizes[0] is None or not sizes[1]:
        return None
    return (sizes[0] - sizes[1]) / abs(sizes[1])


def _days(metrics: Iterable[KeptMetric]) -> Days | None:
    return next((Days(start=each.start, end=each.end) for each in metrics if each.start and each.end), None)


def _alike(now: Days | None, then: Days | None) -> bool:
    """Return whether sums of two periods can be compared: as many days, or both of whole months."""
    if now is None or then is None:
        return now == then
    return now.count == then.count or all(_is_whole_months(each) for each in (now, then))


def _is_whole_months(days: Days) -> bool:
    return days.start.day == 1 and (days.end + timedelta(days=1)).day == 1


def _count(days: Days) -> str:
    return "1 day" if days.count == 1 else f"{days.count:,} days"


def _key(finding: Finding) -> tuple[str, tuple[tuple[str, str], ...]]:
    return finding.metric, tuple(sorted(finding.key))


def _shown(words: list[str]) -> tuple[str, ...]:
    more: Iterator[str] = (f"and {len(words) - SHOWN} more" for _ in range(len(words) > SHOWN))
    return (*words[:SHOWN], *more)
