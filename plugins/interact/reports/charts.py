"""Charts as Vega-Lite specifications, in one style: hairlines, direct labels, no legend box.

Titles and keys are HTML, so a specification holds the plot alone, laid out for one width in CSS pixels, of a page or of
a phone. Every layer brings its own rows with the fields x and y and, where it needs them, x2, y2, text and colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Any

from interact.chats.figures import NOT_AVAILABLE
from interact.reports.branding import Palette
from interact.reports.plots import Mark, Plot
from interact.reports.scales import Scale, day_ticks, milliseconds, value_scale

WIDE, NARROW = 656, 340
_FONT = "Report Sans"
_LETTER, _CAPITAL, _DIGIT = 5.5, 8.0, 6.4
"""Mean width of a label's letter, of a capital one and of a figure's sign, in pixels."""
_LINE = 13
"""Height of a label's line, in pixels."""
_DAY = 86_400_000
Spec = dict[str, Any]
_AXIS: Spec = {"title": None, "domain": False, "ticks": False, "labelPadding": 8, "labelOverlap": False}
_TEXT: Spec = {"type": "text", "baseline": "middle", "clip": False}
_BY_TEXT: Spec = {"field": "text", "type": "nominal"}
_BY_COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}


@dataclass(frozen=True)
class Frame:
    """The room inside the labels, in pixels, and the room that they take around it."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float


def specification(plot: Plot, palette: Palette, *, width: int) -> Spec:
    """Return the Vega-Lite specification of a plot that is `width` pixels wide with all its labels."""
    return _lying(plot, palette, width=width) if plot.layout == "bars" else _upright(plot, palette, width=width)


def colours(plot: Plot, palette: Palette) -> list[str]:
    """Return the colour of each series: the palette's, then grey."""
    return [*palette.series, *[palette.muted] * len(plot.series)][: len(plot.series)]


def needs_key(plot: Plot) -> bool:
    """Return whether the series are to be named beside the plot; lines bear their names at their ends."""
    return len(plot.series) > 1 and plot.layout != "line"


def _upright(plot: Plot, palette: Palette, *, width: int) -> Spec:
    is_line = plot.layout == "line"
    ends = _ends(plot) if is_line else []
    right = min(0.32 * width, max((len(text) for _, text in ends), default=0) * _LETTER + 18)
    right = right if plot.days else max(right, 0.1 * width)
    frame = Frame(width - 44 - right, 160 if width >= WIDE else 156, left=44, right=right, top=8, bottom=24)
    values = plot.values() if plot.reference is None else [*plot.values(), plot.reference]
    scale = value_scale(values, plot.column, from_zero=not is_line)
    places, begin, end = _along(plot)
    x = _axis("x", begin, end)
    if plot.days:
        ticks, wording = day_ticks(plot.days, count=max(2, int(frame.width // 64)))
        x["axis"] = _AXIS | {"grid": False, "values": ticks, "labelExpr": wording}
    y = _axis("y", scale.low, scale.high)
    y["axis"] = _AXIS | {"gridColor": palette.line, "values": list(scale.ticks), "labelExpr": scale.wording}
    layers = _lines(plot, palette) if is_line else [_columns(plot, palette, places)]
    layers += _end_names(ends, scale, frame, inks=colours(plot, palette))
    if not plot.days:
        layers += _names_below(plot, palette, frame)
    if plot.reference is not None:
        row = {"x": begin, "x2": end, "y": plot.reference, "text": plot.shown(plot.reference)}
        layers += _reference(row, palette, {"align": "left", "dy": -7}, x2={"field": "x2"})
    return _whole(layers, x, y, frame=frame, palette=palette)


def _lying(plot: Plot, palette: Palette, *, width: int) -> Spec:
    sets, count = len(plot.series), len(plot.names)
    thick, row_height = (14, 26) if sets == 1 else (11, 12 * sets + 12)
    room = min(0.28 * width, max(map(_extent, plot.names)) + 14)
    longest = max(len(plot.shown(value)) for value in plot.values())
    figure = min(0.3 * width, max(64 if width >= WIDE else 56, longest * _DIGIT + 8))
    reference = [] if plot.reference is None else [plot.reference]
    values = [0.0, *plot.values(), *reference]
    low, high = min(values), max(values)
    # Figures of bars to the left stand between the names and the bars.
    beside = figure if min(plot.values()) < 0 else 0
    left, top = room + beside, 18 if reference else 8
    frame = Frame(width - left - figure, row_height * count, left=left, right=figure, top=top, bottom=4)
    x, y = _axis("x", low, high if high > low else low + 1), _axis("y", count - 0.5, -0.5)
    down = {"x": 0, "y": -0.5, "y2": count - 0.5}
    middles = [mark.at + (mark.series - (sets - 1) / 2) * (thick + 1) / row_height for mark in plot.marks]
    layers = [_bars(plot, palette, middles, half=thick / row_height / 2)]
    layers.append(_layer([down], {"type": "rule", "color": palette.muted, "strokeWidth": 1}, y2={"field": "y2"}))
    for value in reference:
        row = down | {"x": value, "text": plot.shown(value)}
        layers += _reference(row, palette, {"align": "center", "dy": -9}, y2={"field": "y2"})
    layers += _figures(plot, palette, middles)
    layers += _names_beside(plot, palette, room=room, dx=-beside - 10)
    return _whole(layers, x, y, frame=frame, palette=palette)


def _bars(plot: Plot, palette: Palette, middles: list[float], *, half: float) -> Spec:
    inks = colours(plot, palette)
    rows = [
        {"x": 0, "x2": mark.value, "y": middle - half, "y2": middle + half, "colour": inks[mark.series]}
        for mark, middle in zip(plot.marks, middles, strict=True)
        if mark.value is not None
    ]
    return _layer(rows, {"type": "rect"}, x2={"field": "x2"}, y2={"field": "y2"}, color=_BY_COLOUR)


def _figures(plot: Plot, palette: Palette, middles: list[float]) -> list[Spec]:
    """Return each bar's value at its end."""
    layers = []
    for is_left in (False, True):
        rows = [
            {"x": mark.value or 0, "y": middle, "text": NOT_AVAILABLE if mark.value is None else plot.shown(mark.value)}
            for mark, middle in zip(plot.marks, middles, strict=True)
            if ((mark.value or 0) < 0) == is_left
        ]
        style = {"align": "right", "dx": -6} if is_left else {"align": "left", "dx": 6}
        layers += _rimmed(rows, style, ink=palette.text, rim=palette.background)
    return layers


def _rimmed(rows: list[Spec], style: Spec, *, ink: str, rim: str) -> list[Spec]:
    """Return words on a rim of the background, which keeps them legible over lines."""
    edge = {"stroke": rim, "strokeWidth": 4, "strokeJoin": "round"}
    return [_layer(rows, _TEXT | style | own, text=_BY_TEXT) for own in (edge, {"color": ink})]


def _along(plot: Plot) -> tuple[list[int], float, float]:
    """Return the places along the axis, where it begins and where it ends: half a place further on for columns."""
    places = [milliseconds(day) for day in plot.days] if plot.days else list(range(len(plot.names)))
    step = min((after - before for before, after in pairwise(places)), default=_DAY if plot.days else 1)
    spare = 0 if plot.layout == "line" and len(places) > 1 else step / 2
    return places, places[0] - spare, places[-1] + spare


def _lines(plot: Plot, palette: Palette) -> list[Spec]:
    """Return a line a series, and a dot where one ends or a value stands between two that are missing."""
    layers = []
    for series, ink in enumerate(colours(plot, palette)):
        marks = [mark for mark in plot.marks if mark.series == series]
        missing = [True, *(mark.value is None for mark in marks), True]
        alone = [mark for n, mark in enumerate(marks, start=1) if missing[n - 1] and missing[n + 1] and not missing[n]]
        dots = [*alone, *[mark for mark in marks if mark.value is not None][-1:]]
        line = {"type": "line", "strokeWidth": 2, "strokeJoin": "round", "strokeCap": "round", "color": ink}
        layers.append(_layer([{"x": mark.at, "y": mark.value} for mark in marks], line))
        layers.append(
            _layer(
                [{"x": mark.at, "y": mark.value} for mark in dots],
                {"type": "circle", "size": 30, "opacity": 1, "color": ink},
            )
        )
    return layers


def _columns(plot: Plot, palette: Palette, places: list[int]) -> Spec:
    step = min((after - before for before, after in pairwise(places)), default=_DAY)
    thick, inks = step * 0.72 / len(plot.series), colours(plot, palette)
    bars = []
    for mark in (mark for mark in plot.marks if mark.value is not None):
        begin = mark.at + (mark.series - len(plot.series) / 2) * thick
        bars.append({"x": begin, "x2": begin + thick, "y": 0, "y2": mark.value, "colour": inks[mark.series]})
    return _layer(bars, {"type": "rect"}, x2={"field": "x2"}, y2={"field": "y2"}, color=_BY_COLOUR)


def _ends(plot: Plot) -> list[tuple[Mark, str]]:
    """Return the last value of each line with the words that stand beside it."""
    last = {mark.series: mark for mark in plot.marks if mark.value is not None}
    return [(mark, plot.series[mark.series] or plot.shown(mark.value or 0)) for mark in last.values()]


def _end_names(ends: list[tuple[Mark, str]], scale: Scale, frame: Frame, *, inks: list[str]) -> list[Spec]:
    wanted = [frame.height * (scale.high - (mark.value or 0)) / (scale.high - scale.low) for mark, _ in ends]
    style = _TEXT | {"align": "left", "dx": 8, "fontWeight": 600, "limit": frame.right - 8}
    return [
        _layer(
            [{"text": text}],
            style | {"color": inks[mark.series]},
            text=_BY_TEXT,
            x={"value": frame.width},
            y={"value": height},
        )
        for (mark, text), height in zip(ends, _apart(wanted, bottom=frame.height), strict=True)
    ]


def _apart(wanted: list[float], *, bottom: float) -> list[float]:
    """Return heights near the wanted ones, at least a line apart, none below the bottom."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    found = dict.fromkeys(order, 0.0)
    above = -float(_LINE)
    for place in order:
        above = found[place] = max(wanted[place], above + _LINE)
    below = bottom + _LINE
    for place in reversed(order):
        below = found[place] = min(found[place], below - _LINE)
    return [found[place] for place in range(len(wanted))]


def _names_below(plot: Plot, palette: Palette, frame: Frame) -> list[Spec]:
    room = frame.width / max(1, len(plot.names) - 1)
    every = -(-56 // max(1, int(room)))
    rows = [{"x": place, "text": name} for place, name in enumerate(plot.names) if place % every == 0]
    style = _TEXT | {"align": "center", "limit": min(max(room * every - 8, 48), 140), "color": palette.muted}
    return [_layer(rows, style, text=_BY_TEXT, y={"value": frame.height + 14})]


def _names_beside(plot: Plot, palette: Palette, *, room: float, dx: float) -> list[Spec]:
    """Return the names of lying bars, on two lines where one is too short."""
    layers = []
    for place, name in enumerate(plot.names):
        letter = _extent(name) / len(name) if name else _LETTER
        lines = wrap(name, width=max(1, int((room - 12) / letter)), max_lines=2, placeholder="…") or [""]
        for number, line in enumerate(lines):
            style = _TEXT | {"align": "right", "dx": dx, "color": palette.text, "limit": room - 10}
            style["dy"] = (number - (len(lines) - 1) / 2) * 11
            layers.append(_layer([{"text": line, "y": place}], style, text=_BY_TEXT, x={"value": 0}))
    return layers


def _extent(name: str) -> float:
    """Return about how wide a label is, in pixels."""
    return sum(_CAPITAL if letter.isupper() else _LETTER for letter in name)


def _reference(row: Spec, palette: Palette, style: Spec, **other_end: Spec) -> list[Spec]:
    rule = {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1, "color": palette.muted}
    return [_layer([row], rule, **other_end), *_rimmed([row], style, ink=palette.muted, rim=palette.background)]


def _axis(field: str, begin: float, end: float) -> Spec:
    scale = {"domain": [begin, end], "zero": False, "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None, "title": None}


def _layer(rows: Iterable[Mapping[str, object]], mark: Spec, **encoding: Spec) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def _whole(layers: list[Spec], x: Spec, y: Spec, *, frame: Frame, palette: Palette) -> Spec:
    label = {"labelFont": _FONT, "labelFontSize": 10, "labelColor": palette.muted}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": frame.width,
        "height": frame.height,
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        "autosize": {"type": "none"},
        "background": None,
        "encoding": {"x": x, "y": y},
        "layer": layers,
        "config": {"aria": False, "axis": label, "text": {"font": _FONT, "fontSize": 10}, "view": {"stroke": None}},
    }
