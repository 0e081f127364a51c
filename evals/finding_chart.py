"""Curves of a finding as inline SVG: means with their intervals as shades, in the report's colours."""

from collections.abc import Callable

from markupsafe import Markup

from evals.finding import Curve, Finding
from tools.svg import canvas, element, line, polyline, rect, text, ticks

_WIDTH, _HEIGHT = 640.0, 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 150.0, 14.0, 44.0
_COLOURS = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#9ca3af")


def chart(finding: Finding) -> Markup | None:
    """The finding's curves; None where it has none."""
    curves = [c for c in finding.curves if c.mean]
    if not curves:
        return None
    low, high = min(min(c.low) for c in curves), max(max(c.high) for c in curves)
    high = high if high > low else low + 1e-6
    steps = max(len(c.mean) for c in curves)

    def at(step: int, value: float) -> tuple[float, float]:
        across = step / max(steps - 1, 1)
        down = (high - value) / (high - low)
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _TOP + down * (_HEIGHT - _TOP - _BOTTOM)

    parts: list[Markup] = []
    for value in ticks(low, high, 5):
        y = at(0, value)[1]
        parts += [line(_LEFT, y, _WIDTH - _RIGHT, y, "grid"), text(_LEFT - 8, y + 4, f"{value:g}", "tick", "end")]
    for value in ticks(1, steps, 8):
        if value == int(value):
            parts.append(text(at(int(value) - 1, low)[0], _HEIGHT - _BOTTOM + 18, f"{value:g}", "tick", "middle"))
    parts.append(text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, finding.axes[0], "tick", "middle"))
    for i, one in enumerate(curves):
        parts += _drawn(one, _COLOURS[i % len(_COLOURS)], _TOP + 18 * i, at)
    return canvas(_WIDTH, _HEIGHT, f"{finding.title}: {finding.axes[1]} over {finding.axes[0]}", *parts)


def _drawn(one: Curve, colour: str, legend_y: float, at: Callable[[int, float], tuple[float, float]]) -> list[Markup]:
    upper = [at(i, v) for i, v in enumerate(one.high)]
    lower = [at(i, v) for i, v in enumerate(one.low)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
    tip = f"{one.name}: {one.mean[-1]:.4f} ({one.low[-1]:.4f} to {one.high[-1]:.4f}) at the end"
    left = _WIDTH - _RIGHT + 14
    middle = [at(i, v) for i, v in enumerate(one.mean)]
    return [
        element("polygon", element("title", tip), points=points, fill=colour, fill_opacity=0.14),
        element("g", polyline(middle, ""), fill="none", stroke=colour, stroke_width=2),
        rect(left, legend_y + 3, 12, 12, "", tip, fill=colour),
        text(left + 18, legend_y + 13, one.name, "label"),
    ]
