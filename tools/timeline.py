"""Levels of one output over time: what is demanded of it, or what the board did with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_FOREVER = -1
TOLERANCE_MS = 80
"""How far the board may be off in time: sampling jitter, serial transmission, one pass of loop()."""


@dataclass
class Timeline:
    """(t_ms, level) at each change, level 0 at the beginning; PWM levels are duties."""

    changes: list[tuple[int, int]] = field(default_factory=list)
    edges_left: int = 0
    next_edge: int = 0
    period: int = 0
    runs: list[list[int]] = field(default_factory=list)
    """Of each blink or pulse the times of its edges, the first one included."""
    cuts: list[int] = field(default_factory=list)
    """When something ended a blink, or might have: whether its last edge came just before is left to chance."""
    tolerance: int = 0
    """How far a level may be off: duties that follow the confidence are not exact."""

    @property
    def level(self) -> int:
        """The level now."""
        return self.changes[-1][1] if self.changes else 0

    def set(self, t_ms: int, level: int) -> None:
        """Hold `level` from now; ends blinking."""
        self._cut(t_ms)
        self.edges_left = 0
        self._drive(t_ms, level)

    def blink(self, t_ms: int, times: int, period: int) -> None:
        """`times` flashes (0: for ever) of `period` ms."""
        self._cut(t_ms)
        self._drive(t_ms, 1)
        self.runs.append([t_ms])
        self.edges_left = _FOREVER if times == 0 else 2 * times - 1
        self.period, self.next_edge = period, t_ms + period

    def advance(self, t_ms: int) -> None:
        """Let the timers run up to `t_ms`."""
        while self.edges_left and self.next_edge <= t_ms:
            self._drive(self.next_edge, 1 - self.level)
            self.runs[-1].append(self.next_edge)
            if self.edges_left > 0:
                self.edges_left -= 1
            self.next_edge += self.period

    def at(self, t_ms: int) -> int:
        """The level at a time of the past."""
        level = 0
        for when, value in self.changes:
            if when > t_ms:
                break
            level = value
        return level

    def _cut(self, t_ms: int) -> None:
        if self.edges_left or (self.runs and t_ms - self.runs[-1][-1] <= TOLERANCE_MS):
            self.cuts.append(t_ms)

    def _drive(self, t_ms: int, level: int) -> None:
        if level != self.level:
            self.changes.append((t_ms, level))


def stretches(edges: Sequence[int], holds: Callable[[int], bool], until_ms: int) -> Iterator[tuple[int, int]]:
    """The stretches [start, end) of time in ms in which `holds`, which changes at `edges` (ascending) only."""
    start: int | None = None
    for t_ms in edges:
        now = holds(t_ms)
        if now and start is None:
            start = t_ms
        elif not now and start is not None:
            yield start, t_ms
            start = None
    if start is not None:
        yield start, until_ms
