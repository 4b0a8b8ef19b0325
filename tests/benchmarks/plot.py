"""Curves as an SVG drawing of plain lines and words, for a report's file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 560, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 130, 50, 60
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#7b3f99", "#555555")  # told apart without green and red as well
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4")
NICE = (1, 2, 5)


@dataclass(frozen=True)
class Curve:
    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]


def svg(title: str, panels: Sequence[Panel]) -> str:
    """The panels side by side, both axes logarithmic: what grows in proportion is a level line where y is a cost per unit."""
    parts = [_panel(panel, index * (WIDTH + 20)) for index, panel in enumerate(panels)]
    width, height = len(panels) * (WIDTH + 20), HEIGHT + 40
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
    style = 'font-family="sans-serif" font-size="13"'
    words = f'<text x="12" y="24" font-size="17">{escape(title)}</text>'
    return "\n".join([f"{head} {style}>", '<rect width="100%" height="100%" fill="white"/>', words, *parts, "</svg>"]) + "\n"


def _panel(panel: Panel, offset: float) -> str:
    points = [point for curve in panel.curves for point in curve.points]
    if not points:
        return ""
    x_at = _axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    y_at = _axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [f'<g transform="translate({offset:g} 30)">', f'<text x="{LEFT}" y="30" font-weight="bold">{escape(panel.title)}</text>']
    parts += [_tick_x(x, x_at(x)) for x in dict.fromkeys(x for x, _ in points)]
    parts += [_tick_y(y, y_at(y)) for y in ticks(min(y for _, y in points), max(y for _, y in points))]
    parts += [_curve(curve, index, x_at, y_at) for index, curve in enumerate(panel.curves) if curve.points]
    parts += _labels(panel.curves, y_at)
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(panel.x_label)}</text>')
    parts.append(f'<text transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">')
    parts.append(f"{escape(panel.y_label)}</text></g>")
    return "\n".join(parts)


def _axis(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log(min(values)), math.log(max(values))
    margin = 0.05 * (high - low) or 0.7
    low, high = low - margin, high + margin
    return lambda value: round(start + (math.log(value) - low) / (high - low) * (end - start), 1)


def ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between the two; only the powers where those are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**power for power in powers for factor in NICE if low <= factor * 10.0**power <= high]
    coarse = [value for value in fine if math.isclose(math.log10(value), round(math.log10(value)))]
    return coarse if len(fine) > 8 and len(coarse) > 1 else fine


def _tick_x(value: float, x: float) -> str:
    bottom = HEIGHT - BOTTOM
    line = f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}" stroke="#e4e4e4"/>'
    return f'{line}<text x="{x}" y="{bottom + 18}" text-anchor="middle" font-size="11">{value:,.0f}</text>'


def _tick_y(value: float, y: float) -> str:
    line = f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#e4e4e4"/>'
    return f'{line}<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" font-size="11">{value:g}</text>'


def _curve(curve: Curve, index: int, x_at: Callable[[float], float], y_at: Callable[[float], float]) -> str:
    colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
    path = " ".join(f"{x_at(x)},{y_at(y)}" for x, y in curve.points)
    dots = "".join(f'<circle cx="{x_at(x)}" cy="{y_at(y)}" r="3" fill="{colour}"/>' for x, y in curve.points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>{dots}'


def _labels(curves: Sequence[Curve], y_at: Callable[[float], float]) -> list[str]:
    """Each curve's name at its end, pushed apart where ends meet."""
    ends = sorted((y_at(curve.points[-1][1]), index, curve.label) for index, curve in enumerate(curves) if curve.points)
    labels, last = [], -math.inf
    for y, index, label in ends:
        last = max(y, last + 15)
        colour = COLOURS[index % len(COLOURS)]
        labels.append(f'<text x="{WIDTH - RIGHT + 8}" y="{last + 4:g}" fill="{colour}">{escape(label)}</text>')
    return labels
