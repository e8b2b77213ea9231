"""Alternating pairs, and the row that a benchmark leaves."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of `bench.jsonl`. `ratio` is the median of the pairs' ratios; without a baseline both are None."""

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    aim: float | None


@dataclass(frozen=True)
class Pairs:
    """What was measured, side by side, in seconds."""

    ours: tuple[float, ...]
    baseline: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the ratios of adjacent measurements."""
        return statistics.median(a / b for a, b in zip(self.ours, self.baseline, strict=True))

    @property
    def spread(self) -> float:
        """How much the baseline alone swings: (largest - smallest) / median."""
        return (max(self.baseline) - min(self.baseline)) / statistics.median(self.baseline)

    def row(self, name: str, *, aim: float) -> Row:
        """Return the row of these pairs."""
        return Row(name, statistics.median(self.ours), "s", statistics.median(self.baseline), self.ratio, aim)


def alternate(ours: Callable[[], float], baseline: Callable[[], float], *, pairs: int = 5) -> Pairs:
    """Measure both in turn, the first of each pair changing places, after one round that does not count."""
    ours(), baseline()
    first: list[float] = []
    second: list[float] = []
    for number in range(pairs):
        for measure, kept in ((ours, first), (baseline, second)) if number % 2 else ((baseline, second), (ours, first)):
            kept.append(measure())
    return Pairs(tuple(first), tuple(second))


def table(rows: Sequence[Row], file: Path) -> str:
    """Write the rows to a file, one JSON object a line, and return them as a table for people."""
    file.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), encoding="utf-8")
    lines = [f"{'name':<25}{'value':>10} {'unit':<6}{'baseline':>10}{'ratio':>8}{'aim':>8}"]
    for row in rows:
        shown = [f"{x:.3f}" if x is not None else "-" for x in (row.value, row.baseline, row.ratio, row.aim)]
        lines.append(f"{row.name:<25}{shown[0]:>10} {row.unit:<6}{shown[1]:>10}{shown[2]:>8}{shown[3]:>8}")
    return "\n".join(lines)
