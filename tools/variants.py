"""What is certain of a demand where some results are not: rounding may have tipped them, and rules remember the past.

The rules are interpreted for several ways in which the unsure results may have come out; certain is what all of these
have in common, and only that is held against the board.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tools.behaviour import Output
from tools.demand import CLEARANCE_MS, CONFIDENCE_TOLERANCE, Demanded, Line, is_sure
from tools.shown import Expected
from tools.timeline import Timeline

_GROUPS = 3
"""Every third unsure result is tipped at a time: so each is, with its neighbours as they were."""
_DRAWS = 6
"""More ways, drawn by chance, so that two tipped results whose effects cancel out do not look certain."""
_BEYOND = CONFIDENCE_TOLERANCE + 0.01
_SHIFT_MS = 40
"""By so much the board may be early or late with a result."""

Key = tuple[int, str, bool, int]
"""Of a line: time, text, whether it comes by time or event and not with a result, and which of several alike it is."""


@dataclass(frozen=True)
class WantedLine:
    """A line with whether it must come; one that need not may."""

    line: Line
    certain: bool


class Variants:
    """A demand and its other possible outcomes."""

    def __init__(self, demanded: Demanded) -> None:
        self.base = demanded
        results = demanded.results
        self.unsure = [k for k, r in enumerate(results) if not is_sure(r, demanded.rules)]
        self.all = [demanded, *(_again(demanded, way) for way in self._ways())]
        timed = any(line.slot is None and line.t_ms > 0 for line in demanded.lines)
        self._shifted = [_again(demanded, _shift(results, ms)) for ms in (-_SHIFT_MS, _SHIFT_MS) if timed]

    def _ways(self) -> Iterator[list[Expected]]:
        if not self.unsure:
            return
        draw = random.Random(len(self.unsure))
        tipped = [set(self.unsure), *(set(self.unsure[group::_GROUPS]) for group in range(_GROUPS))]
        tipped += [{k for k in self.unsure if draw.random() < 0.5} for _ in range(_DRAWS)]
        outcomes = {k: self._outcomes(k) for k in self.unsure}
        for way in tipped:
            yield [draw.choice(outcomes[k]) if k in way else r for k, r in enumerate(self.base.results)]

    def _outcomes(self, k: int) -> list[Expected]:
        """What an unsure result may be as well; itself where nothing else comes to mind."""
        results, result = self.base.results, self.base.results[k]
        found = [replace(result, label=label, index=index) for label, index in result.rivals]
        for limit in self._limits():
            if abs(result.confidence - limit) <= CONFIDENCE_TOLERANCE:
                found.append(replace(result, confidence=limit + (-_BEYOND if result.confidence >= limit else _BEYOND)))
        # The board may notice an event only after the result that follows it.
        late = [e.t_ms for e in self.base.events if 0 <= result.t_ms - e.t_ms <= CLEARANCE_MS]
        found += [replace(result, t_ms=t_ms - 1) for t_ms in late]
        if not found:
            near = [results[j] for j in (k - 1, k + 1) if 0 <= j < len(results)]
            found = [replace(result, label=r.label, index=r.index) for r in near if r.label != result.label]
        return found or [result]

    def _limits(self) -> set[float]:
        conditions = [rule.condition for rule in self.base.rules]
        limits = [limit for c in conditions for limit in (c.confidence_min, c.confidence_below)]
        return {limit for limit in limits if limit is not None}

    def outputs(self, key: Output) -> list[Timeline]:
        """The timelines of one output, the demand's own first."""
        return [variant.outputs[key] for variant in self.all]

    def lines(self) -> list[WantedLine]:
        """All lines that must or may come, in the order of time."""
        told = [_told(variant.lines) for variant in self.all]
        # What a period or an event makes the board say at about the time of a result may still be of the one before.
        by_result = {key: line for key, line in told[0].items() if not key[2]}
        for other in self._shifted:
            told.append(by_result | {key: line for key, line in _told(other.lines).items() if key[2]})
        known = {key: line for lines in reversed(told) for key, line in lines.items()}
        wanted = [WantedLine(line, all(key in lines for lines in told)) for key, line in known.items()]
        order = {id(line): k for lines in told for k, line in enumerate(lines.values())}
        return sorted(wanted, key=lambda w: (w.line.t_ms, order[id(w.line)]))


def _told(lines: Sequence[Line]) -> dict[Key, Line]:
    seen: Counter[tuple[int, str, bool]] = Counter()
    told: dict[Key, Line] = {}
    for line in lines:
        alike = (line.t_ms, line.text, line.slot is None)
        seen[alike] += 1
        told[*alike, seen[alike]] = line
    return told


def _shift(results: Sequence[Expected], ms: int) -> list[Expected]:
    return [replace(r, t_ms=r.t_ms + ms) for r in results]


def _again(demanded: Demanded, results: Sequence[Expected]) -> Demanded:
    """The same rules for other results, which are already those that count."""
    return type(demanded)(demanded.rules, results, demanded.until_ms, demanded.events, None, demanded.names)
