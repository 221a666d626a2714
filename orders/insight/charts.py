"""Numbers laid out as a chart to draw: bars or lines in user units, from the same table that is shown beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 14, 34
STYLES = 3
"""So many series can be told apart without colour: filled, hatched, outlined; solid, dashed, dotted."""


@dataclass(frozen=True, slots=True)
class Series:
    """A row of numbers under a name; None is a gap, for what is not known."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, with the series that it belongs to and what it says."""

    style: int
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of a series without a gap, as the points of a polyline, and each point with what it says."""

    style: int
    points: str
    dots: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All that a template draws. `ticks` are heights with their words, `labels` places along the bottom."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    legend: tuple[tuple[int, str], ...]
    band: tuple[float, float] | None
    is_empty: bool


def bars(names: Sequence[str], series: Sequence[Series]) -> Chart:
    """Bars beside each other, a group for each name."""
    return _chart(names, series, as_lines=False)


def lines(
    names: Sequence[str], series: Sequence[Series], *, unit: str = "", band: tuple[float, float] | None = None
) -> Chart:
    """Lines over the names, broken where a number is not known; `band` is shaded between two values."""
    return _chart(names, series, as_lines=True, unit=unit, band=band)


def _chart(
    names: Sequence[str],
    series: Sequence[Series],
    *,
    as_lines: bool,
    unit: str = "",
    band: tuple[float, float] | None = None,
) -> Chart:
    if len(series) > STYLES:
        raise ValueError(f"{STYLES} series can be told apart, not {len(series)}")
    known: list[float] = [value for one in series for value in one.values if value is not None]
    step = _step(max([*known, *(band or ())], default=1))
    top: float = step * max(1, math.ceil(max([*known, *(band or ()), step]) / step))
    tall = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(names))

    def y(value: float) -> float:
        height: float = TOP + tall * (1 - value / top)
        return round(height, 1)

    def says(one: Series, number: int) -> str:
        return f"{names[number]}, {one.name}: {one.values[number]:g}{unit}"

    drawn_bars, drawn_lines = [], []
    for style, one in enumerate(series):
        if as_lines:
            middles = [
                None if value is None else (round(LEFT + slot * (number + 0.5), 1), y(value), says(one, number))
                for number, value in enumerate(one.values)
            ]
            drawn_lines += [
                Line(style, " ".join(f"{x},{height}" for x, height, _ in stretch), tuple(stretch))
                for stretch in _stretches(middles)
            ]
            continue
        width = slot * 0.8 / len(series)
        for number, value in enumerate(one.values):
            if value:
                x = round(LEFT + slot * (number + 0.1) + width * style, 1)
                drawn_bars.append(
                    Bar(style, x, y(value), round(width - 1, 1), round(TOP + tall - y(value), 1), says(one, number))
                )
    every = max(1, math.ceil(len(names) / 12))
    return Chart(
        bars=tuple(drawn_bars),
        lines=tuple(drawn_lines),
        ticks=tuple((y(step * number), f"{step * number:g}{unit}") for number in range(round(top / step) + 1)),
        labels=tuple((round(LEFT + slot * (n + 0.5), 1), name) for n, name in enumerate(names) if n % every == 0),
        legend=tuple(enumerate(one.name for one in series)),
        band=None if band is None else (y(band[1]), round(y(band[0]) - y(band[1]), 1)),
        is_empty=not any(known),
    )


def _step(most: float) -> float:
    """A round step that divides a height into five parts at the most, never less than 1 of what is counted."""
    rough = max(most, 1) / 5
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    return max(1.0, next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough))


def _stretches(
    points: Sequence[tuple[float, float, str] | None],
) -> list[list[tuple[float, float, str]]]:
    found: list[list[tuple[float, float, str]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [stretch for stretch in found if stretch]
