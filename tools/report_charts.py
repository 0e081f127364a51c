"""Pictures of the report as inline SVG: training curve, hypervolume, memory map, and shades of a heat strip.

Colours are classes of the page's style sheet, so that they follow light and dark.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tools.artifacts import Front
from tools.report_parts import small_percent
from tools.svg import canvas, element, line, polyline, rect, text, ticks

_WIDTH = 720
_LEFT, _RIGHT = 52, 64
_MOST_CELLS = 120


@dataclass(frozen=True)
class _Panel:
    """A plot of one quantity over epochs; `y` from `top` down `height`."""

    name: str
    values: Sequence[float]
    low: float
    high: float
    top: float
    height: float
    class_: str
    show: Callable[[float], str]
    best: Callable[[Sequence[float]], float]

    def x(self, i: int) -> float:
        return _LEFT + i / max(len(self.values) - 1, 1) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))


def curve(points: Sequence[dict[str, float]]) -> Markup:
    """Validation accuracy and training loss per epoch, one panel each, because their scales have nothing in common."""
    accuracy = [p["accuracy_validation"] for p in points]
    loss = [p["loss"] for p in points]
    lowest = min(accuracy)
    panels = (
        _Panel(
            "validation accuracy",
            accuracy,
            max(0.0, lowest - 0.1 * (1 - lowest) - 0.005),
            1.0,
            26,
            130,
            "c1",
            lambda v: f"{100 * v:g} %",
            max,
        ),
        _Panel("training loss", loss, 0.0, max(loss) * 1.05 or 1.0, 198, 100, "c2", lambda v: f"{v:g}", min),
    )
    bottom = 298
    parts = [part for panel in panels for part in _panel(panel)]
    last = len(points) - 1
    for i in ticks(0, last, 8):
        if i == int(i):
            parts.append(text(panels[0].x(int(i)), bottom + 18, str(int(i) + 1), "tick", "middle"))
    parts.append(text(_WIDTH - _RIGHT + 12, bottom + 18, "epoch", "tick"))
    return canvas(_WIDTH, bottom + 26, "Validation accuracy and training loss per epoch", *parts)


def _panel(panel: _Panel) -> list[Markup]:
    parts = [text(0, panel.top - 12, panel.name, "label")]
    for value in ticks(panel.low, panel.high, 4):
        y = panel.y(value)
        parts.append(line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"))
        parts.append(text(_LEFT - 8, y + 4, panel.show(float(f"{value:.4g}")), "tick", "end"))
    points = [(panel.x(i), panel.y(v)) for i, v in enumerate(panel.values)]
    parts.append(polyline(points, f"stroke {panel.class_}"))
    end_x, end_y = points[-1]
    parts.append(element("circle", cx=end_x, cy=end_y, r=3, class_=f"fill {panel.class_}"))
    parts.append(text(end_x + 8, end_y + 4, panel.show(float(f"{panel.values[-1]:.3g}")), "value"))
    width = (_WIDTH - _LEFT - _RIGHT) / max(len(points), 1)
    for i, (x, _) in enumerate(points):  # invisible columns that carry the hover text
        tip = f"epoch {i + 1}: {panel.name} {panel.values[i]:g}"
        parts.append(rect(x - width / 2, panel.top, width, panel.height, "hit", tip))
    return parts


def hypervolume(front: Front) -> Markup:
    """Hypervolume after each round as columns; where they are narrow only the last one is labelled."""
    width, base, count = 330, 110, len(front.history)
    highest = max(front.history, default=0.0) or 1.0
    step = min(56.0, (width - 8) / max(count, 1))
    parts = [line(0, base, width, base, "axis")]
    for i, value in enumerate(front.history):
        tall, x = 80 * value / highest, 8 + step * i
        middle = x + 0.35 * step
        parts.append(rect(x, base - tall, 0.7 * step, tall, "fill c1", f"round {i + 1}: hypervolume {value:g}"))
        if step > 45 or i == count - 1:
            parts.append(text(middle, base - tall - 6, f"{value:.4f}", "value", "middle" if step > 45 else "end"))
        if step > 12 or i % 5 == 4:
            parts.append(text(middle, base + 17, f"{i + 1}", "tick", "middle"))
    return canvas(width, base + 24, "Hypervolume after each search round", *parts)


@dataclass(frozen=True)
class Memory:
    """One kind of memory: the chip's size, what the firmware takes, a part of that, and the budget if there is one."""

    name: str
    chip_bytes: int
    used_bytes: int
    part: str
    part_bytes: int
    rest: str
    budget_bytes: int | None = None


def memory_map(memories: Sequence[Memory]) -> Markup:
    """Per memory two bars: the firmware on the whole chip, and the firmware itself, enlarged."""
    height = 150
    parts = [part for i, memory in enumerate(memories) for part in _memory(memory, i * height)]
    words = "; ".join(f"{m.name}: {m.used_bytes} of {m.chip_bytes} bytes" for m in memories)
    return canvas(_WIDTH, height * len(memories) - 10, f"Memory map. {words}", *parts)


def _memory(memory: Memory, top: float) -> list[Markup]:
    scale = _WIDTH / max(memory.chip_bytes, memory.used_bytes, 1)
    used = max(memory.used_bytes * scale, 1.5)
    share = small_percent(memory.used_bytes / max(memory.chip_bytes, 1))
    y, lower = top + 24, top + 76
    head = f"{memory.used_bytes:,} of {memory.chip_bytes:,} bytes ({share})"
    parts = [
        text(0, top + 14, memory.name, "label"),
        text(_WIDTH, top + 14, head, "value", "end"),
        rect(0, y, _WIDTH, 16, "chip", f"the chip's {memory.name}: {memory.chip_bytes:,} bytes"),
        rect(0, y, used, 16, "fill ink", f"firmware: {memory.used_bytes:,} bytes"),
        element("path", d=f"M0 {y + 16} L{used:.1f} {y + 16} L{_WIDTH} {lower} L0 {lower} Z", class_="zoom"),
    ]
    if memory.budget_bytes:
        x = min(memory.budget_bytes * scale, _WIDTH - 1)
        anchor = "end" if x > _WIDTH / 2 else "start"
        parts.append(line(x, y - 5, x, y + 21, "stroke c2", f"budget: {memory.budget_bytes:,} bytes"))
        shift = -5 if anchor == "end" else 5
        parts.append(text(x + shift, y + 31, f"budget {memory.budget_bytes:,}", "tick", anchor))
    return parts + _zoomed(memory, lower)


def _zoomed(memory: Memory, y: float) -> list[Markup]:
    rest = max(memory.used_bytes - memory.part_bytes, 0)
    width = _WIDTH * min(memory.part_bytes / max(memory.used_bytes, 1), 1.0)
    name, left = f"{memory.part} {memory.part_bytes:,}", f"{memory.rest} {rest:,}"
    return [
        rect(0, y, width, 22, "fill c1", f"{name} bytes"),
        rect(width, y, _WIDTH - width, 22, "fill c6", f"{left} bytes"),
        rect(0, y + 31, 10, 10, "fill c1"),
        text(16, y + 40, name, "tick"),
        rect(30 + 6.2 * len(name), y + 31, 10, 10, "fill c6"),
        text(46 + 6.2 * len(name), y + 40, left, "tick"),
    ]


def shades(values: np.ndarray) -> np.ndarray:
    """Values as shades 0..1 of the largest one; all 0 where nothing is above 0."""
    highest = float(values.max()) if values.size else 0.0
    return values / highest if highest > 0 else np.zeros_like(values)


def heat_strip(values: np.ndarray, rows: Sequence[str], time_name: str) -> Markup:
    """`values` (rows, columns) as shaded cells, a row per name; `time_name` says what the columns are.

    More than _MOST_CELLS columns are shown as means of neighbours.
    """
    height, left = 20, _names_width(rows)
    blocks = np.array_split(np.arange(values.shape[1]), min(values.shape[1], _MOST_CELLS))
    means = np.stack([values[:, block].mean(axis=1) for block in blocks], axis=1)
    cell = (_WIDTH - left) / len(blocks)
    parts = []
    for r, (name, shade) in enumerate(zip(rows, shades(means), strict=True)):
        parts.append(text(left - 8, r * height + 14, name, "tick", "end"))
        for c, block in enumerate(blocks):
            to = f" to {block[-1] + 1}" if len(block) > 1 else ""
            tip = f"{name}, {time_name} {block[0] + 1}{to}: {means[r, c]:.4g}"
            opacity = round(float(shade[c]), 3)
            parts.append(rect(left + c * cell, r * height + 1, cell, height - 2, "heat", tip, fill_opacity=opacity))
    bottom = len(rows) * height
    parts.append(text(left, bottom + 14, f"{time_name} 1", "tick"))
    parts.append(text(_WIDTH, bottom + 14, f"{time_name} {values.shape[1]}", "tick", "end"))
    return canvas(_WIDTH, bottom + 20, f"Saliency of {len(rows)} rows over {time_name}s", *parts)


def bars(values: np.ndarray, rows: Sequence[str]) -> Markup:
    """`values` (rows,) as bars, a row each."""
    height, left = 20, _names_width(rows)
    parts = []
    for r, (name, share) in enumerate(zip(rows, shades(values), strict=True)):
        y, width = r * height, float(share) * (_WIDTH - left - 60)
        parts.append(text(left - 8, y + 14, name, "tick", "end"))
        parts.append(rect(left, y + 3, width, height - 6, "fill c1", f"{name}: {values[r]:.4g}"))
        parts.append(text(left + width + 8, y + 14, f"{values[r]:.3g}", "value"))
    return canvas(_WIDTH, len(rows) * height, "Saliency per channel", *parts)


def _names_width(rows: Sequence[str]) -> float:
    return 12 + 6.6 * max(map(len, rows), default=0)
