"""Charts as pictures for mails and chats: PNG, drawn at twice the size that is shown, with titles and key."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from interact.chats.result import Result
from interact.reports import charts
from interact.reports.branding import Palette
from interact.reports.charts import Spec
from interact.reports.child import Child, ChildLost
from interact.reports.document import Chart
from interact.reports.plots import NotDrawable, Plot, read_plot
from interact.reports.printable import printable

WIDTH, SCALE = 560, 2
"""In pixels as shown, and how many dots each of them has."""
SECONDS = 20.0
_PAD, _GAP = 14, 8
_LETTERS, _LETTERS_SMALL, _LETTERS_KEY = 66, 84, 40
"""So many letters of a title, of what stands below it and of a name fit on one line."""
_LETTER = 7.5


@dataclass(frozen=True)
class Still:
    """A drawn chart; sizes in dots, twice what is shown."""

    png: bytes
    width: int
    height: int


def draw_still(chart: Chart, result: Result, *, palette: Palette, folder: Path) -> Still | None:
    """Return a chart as a picture, None when its rows make none; `folder` holds the templates of reports.

    Takes a child process of its own, which is gone afterwards.
    """
    try:
        plot = read_plot(chart, result)
        if plot is None:
            return None
        with Child("interact.reports.artist", str(folder / "fonts")) as artist:
            request = {"spec": still_of(chart, plot, palette), "scale": SCALE}
            png = base64.b64decode(artist.ask(request, seconds=SECONDS)["png"])
    except (NotDrawable, ChildLost, KeyError, ValueError, OverflowError, OSError):
        return None
    return Still(png, *(int.from_bytes(png[at : at + 4], "big") for at in (16, 20)))  # as PNG's first chunk says


def still_of(chart: Chart, plot: Plot, palette: Palette) -> Spec:
    """Return the specification of a chart with the title and the key that HTML gives it in a report."""
    spec = charts.specification(plot, palette, width=WIDTH - 2 * _PAD)
    lines = [
        *(_Line(((text, 0.0, palette.heading),), size=15, height=20) for text in _wrapped(chart.title, _LETTERS, 2)),
        *(
            _Line(((text, 0.0, palette.muted),), size=12, height=17)
            for text in _wrapped(chart.subtitle, _LETTERS_SMALL, 1)
        ),
        *_key(plot, palette),
    ]
    sides = spec["padding"]
    height = sum(line.height for line in lines) + _GAP
    layers, y = [], -float(sides["top"] + height)
    for line in lines:
        layers += [_words(part, line, x=-sides["left"], y=y + line.height / 2) for part in line.parts]
        y += line.height
    return spec | {
        "padding": {side: room + _PAD + (height if side == "top" else 0) for side, room in sides.items()},
        "background": palette.background,
        "layer": [*spec["layer"], *layers],
    }


@dataclass(frozen=True)
class _Line:
    """One line above a plot: its texts, each with how far from the left it begins and its colour."""

    parts: tuple[tuple[str, float, str], ...]
    size: int
    height: int


def _key(plot: Plot, palette: Palette) -> list[_Line]:
    if not charts.needs_key(plot):
        return []
    rows: list[list[tuple[str, float, str]]] = [[]]
    at = 0.0
    for name, colour in zip(plot.series, charts.colours(plot, palette), strict=True):
        text = f"■ {name if len(name) <= _LETTERS_KEY else name[: _LETTERS_KEY - 1] + '…'}"
        room = (len(text) + 2) * _LETTER
        if rows[-1] and at + room > WIDTH - 2 * _PAD:
            rows.append([])
            at = 0.0
        rows[-1].append((text, at, colour))
        at += room
    return [_Line(tuple(row), size=12, height=18) for row in rows]


def _wrapped(text: str, letters: int, most: int) -> list[str]:
    return wrap(printable(text), letters, max_lines=most, placeholder="…")


def _words(part: tuple[str, float, str], line: _Line, *, x: float, y: float) -> Spec:
    text, at, colour = part
    weight = 600 if line.size > 12 else 400
    style = {"type": "text", "align": "left", "baseline": "middle", "clip": False, "limit": WIDTH - 2 * _PAD}
    return {
        "data": {"values": [{"text": text}]},
        "mark": style | {"fontSize": line.size, "color": colour, "fontWeight": weight},
        "encoding": {"text": {"field": "text", "type": "nominal"}, "x": {"value": x + at}, "y": {"value": y}},
    }
