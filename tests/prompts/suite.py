"""Puts every prompt of the suite to what `interact ask` calls, and judges the answers."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from interact.commands.ask import Asking, Told
from interact.errors import InteractError
from interact.warehouse.semantic import read_model
from prompts.judge import Verdict, judge
from prompts.suite_cases import Case, Expected, expected, read_cases
from prompts.warehouses import TABLES, make, model_path


@dataclass(frozen=True)
class Judged:
    """A case, what was answered, and the verdict."""

    case: Case
    told: Told
    verdict: Verdict


def run_suite(only: str = "") -> list[Judged]:
    """Return the judged answers to all prompts, or to those whose id begins so."""
    cases = [case for case in read_cases() if case.id.startswith(only)]
    with tempfile.TemporaryDirectory(prefix="interact-prompts-") as folder:
        return [judged for model in TABLES for judged in _run_model(model, cases, Path(folder))]


def _run_model(model: str, cases: Iterable[Case], folder: Path) -> Iterator[Judged]:
    own = [case for case in cases if case.model == model]
    if not own:
        return
    import duckdb

    path = make(model, folder)
    with duckdb.connect(str(path), read_only=True) as database:
        right = [expected(case, database) for case in own]
    with Asking(read_model(model_path(model)), path) as asking:
        for each in right:
            yield _asked(asking, each)


def _asked(asking: Asking, right: Expected) -> Judged:
    case = right.case
    try:
        told = asking.ask(case.prompt, case.parameters, on_date=case.as_of)
    except InteractError as error:  # A fault is no reasoned refusal: it is never right.
        return Judged(case, Told(answer=str(error)), Verdict("told", (f"failed: {error}",)))
    except Exception as error:  # noqa: BLE001  # One crash must not hide what the other prompts do.
        return Judged(case, Told(answer=""), Verdict("silent", (f"crashed: {type(error).__name__}: {error}",)))
    return Judged(case, told, judge(right, told))


def counted(judged: Iterable[Judged]) -> str:
    """Return how many are right, told and silent, a line for each model and one for all."""
    counts: dict[str, Counter[str]] = {}
    for each in judged:
        for name in (each.case.model, "all"):
            counts.setdefault(name, Counter())[each.verdict.outcome] += 1
    lines = [f"{'':<15}{'prompts':>8}{'right':>8}{'told':>8}{'silent':>8}"]
    for name in (*TABLES, "all"):
        count = counts.get(name, Counter())
        lines.append(f"{name:<15}{count.total():>8}{count['right']:>8}{count['told']:>8}{count['silent']:>8}")
    return "\n".join(lines)


def explained(judged: Iterable[Judged]) -> str:
    """Return each case that is not right: its prompt, what was missed, and what was said instead."""
    return "\n\n".join(_explained(each) for each in judged if each.verdict.outcome != "right")


def _explained(judged: Judged) -> str:
    case, told = judged.case, judged.told
    lines = [f"{judged.verdict.outcome:<7}{case.id}: {case.prompt}"]
    if case.parameters:
        lines.append(f"       with {case.parameters}")
    lines += [f"     - {fault}" for fault in judged.verdict.faults]
    if told.not_understood:
        lines.append(f"       not understood: {', '.join(repr(part) for part in told.not_understood)}")
    return "\n".join(lines)


def written(judged: Iterable[Judged], path: Path) -> None:
    """Write one row a prompt: its id and its outcome."""
    rows = (json.dumps({"id": each.case.id, "outcome": each.verdict.outcome}) for each in judged)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
