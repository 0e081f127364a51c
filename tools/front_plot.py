"""Scatter plot of a Pareto front as self-contained SVG, readable in light and dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tools.svg import ticks

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 32, 50
_MEMBER, _BEATEN = "var(--c1, #2563eb)", "var(--c6, #9ca3af)"
"""Colours of the page around it, if it has any."""


@dataclass(frozen=True)
class Point:
    """One network: MACs, accuracy (0..1), arena bytes; `text` is shown when the pointer rests on it."""

    x: float
    y: float
    area: float
    label: str
    text: str
    on_front: bool


@dataclass(frozen=True)
class _Axes:
    """Ranges in data units: whole powers of ten of MACs, tenths of accuracy."""

    decades: tuple[int, int]
    accuracy: tuple[float, float]

    def at(self, point: Point) -> tuple[float, float]:
        return self.x(math.log10(point.x)), self.y(point.y)

    def x(self, decade: float) -> float:
        low, high = self.decades
        return _LEFT + (decade - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, accuracy: float) -> float:
        low, high = self.accuracy
        return _HEIGHT - _BOTTOM - (accuracy - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)


def draw(points: Sequence[Point]) -> str:
    """An <svg> element; with no points, one that says so."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12" fill="currentColor">'
    )
    if not points:
        return (
            f'{head}<text x="{_WIDTH // 2}" y="{_HEIGHT // 2}" text-anchor="middle">no network was trained</text></svg>'
        )
    axes = _axes(points)
    largest = max(point.area for point in points) or 1.0
    members = sorted((p for p in points if p.on_front), key=lambda p: p.x)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(axes.at, members))
    joined = (
        f'<polyline points="{line}" fill="none" style="stroke:{_MEMBER}" stroke-width="1.5" stroke-dasharray="4 3"/>'
    )
    rest = sorted(points, key=lambda p: (p.on_front, -p.area))
    return head + _grid(axes) + joined + "".join(_mark(p, axes, largest) for p in rest) + "</svg>"


def _axes(points: Sequence[Point]) -> _Axes:
    logs = [math.log10(point.x) for point in points]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    bottom = max(0.0, math.floor(min(point.y for point in points) * 10 - 0.01) / 10)
    return _Axes((low, max(high, low + 1)), (bottom, 1.0) if bottom < 1.0 else (0.9, 1.0))


def _grid(axes: _Axes) -> str:
    parts = []
    for decade in range(axes.decades[0], axes.decades[1] + 1):
        x = axes.x(decade)
        parts.append(_rule(x, _TOP, x, _HEIGHT - _BOTTOM) + _text(x, _HEIGHT - _BOTTOM + 18, "middle", _power(decade)))
    for accuracy in ticks(*axes.accuracy):
        y = axes.y(accuracy)
        parts.append(_rule(_LEFT, y, _WIDTH - _RIGHT, y) + _text(_LEFT - 8, y + 4, "end", f"{accuracy:g}"))
    parts.append(_text((_LEFT + _WIDTH) / 2, _HEIGHT - 12, "middle", "multiply-accumulates per inference; area: arena"))
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(
        f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">validation accuracy</text>'
    )
    return "".join(parts)


def _power(decade: int) -> str:
    return {3: "1 k", 4: "10 k", 5: "100 k", 6: "1 M", 7: "10 M", 8: "100 M"}.get(decade, f"{10**decade:,}")


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" stroke-opacity="0.15"/>'
    )


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _mark(point: Point, axes: _Axes, largest: float) -> str:
    x, y = axes.at(point)
    radius = 4 + 8 * math.sqrt(point.area / largest)
    shade, opacity = (_MEMBER, 0.75) if point.on_front else (_BEATEN, 0.5)
    fill = f'style="fill:{shade}" fill-opacity="{opacity}"'
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {fill}><title>{escape(point.text)}</title></circle>'
    return circle + (_text(x, y - radius - 3, "middle", point.label) if point.on_front else "")
