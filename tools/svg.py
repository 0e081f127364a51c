"""SVG and HTML elements as safe markup: whatever is not markup already is escaped."""

import math

from markupsafe import Markup, escape

Attribute = str | float | int | None


def element(name: str, *children: str, **attributes: Attribute) -> Markup:
    """`<name …>children</name>`; `class_` means class, `stroke_width` stroke-width; None leaves an attribute out."""
    parts = [name]
    for key, value in attributes.items():
        if value is not None:
            parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"')
    inner = Markup("").join(escape(child) for child in children)
    return Markup(f"<{' '.join(parts)}>{inner}</{name}>")


def _number(value: Attribute) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def canvas(width: float, height: float, label: str, *children: str) -> Markup:
    """A picture of this size in its own units; `label` is read to those who do not see it."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        role="img",
        aria_label=label,
        style=f"--width:{_number(width)}px",
    )


def title(text: str) -> Markup:
    """What is shown when the pointer rests on the element that holds this."""
    return element("title", text)


def rect(x: float, y: float, width: float, height: float, class_: str, tip: str = "", **more: Attribute) -> Markup:
    """A bar, with a hover text if `tip` is given."""
    inner = (title(tip),) if tip else ()
    return element("rect", *inner, x=x, y=y, width=max(width, 0.0), height=height, class_=class_, **more)


def line(x1: float, y1: float, x2: float, y2: float, class_: str, tip: str = "") -> Markup:
    """A straight line."""
    inner = (title(tip),) if tip else ()
    return element("line", *inner, x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def text(x: float, y: float, words: str, class_: str = "", anchor: str = "start") -> Markup:
    """A line of text."""
    return element("text", words, x=x, y=y, class_=class_ or None, text_anchor=anchor)


def polyline(points: list[tuple[float, float]], class_: str) -> Markup:
    """A broken line."""
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=class_)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from `low` to `high` for an axis: steps of 1, 2 or 5 times a power of ten, at most `most` steps."""
    if high <= low:
        return [low]
    power = math.floor(math.log10((high - low) / most))
    steps = (mantissa * 10.0**exponent for exponent in (power, power + 1) for mantissa in (1, 2, 5))
    step = next(s for s in steps if (high - low) / s <= most + 1e-9)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]
