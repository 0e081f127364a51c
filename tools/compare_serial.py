"""Serial lines against the demanded ones: text, count, order and time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tools.timeline import TOLERANCE_MS as TOLERANCE_MS
from tools.variants import WantedLine

_START_UP_MS = 1000
"""Sensors may take a moment to answer before the first line comes."""
_MOST_CELLS = 4_000_000

Said = tuple[int, str]
"""A line that the board printed: (t_ms, text)."""


@dataclass(frozen=True)
class Deviation:
    """Something that was not as demanded, and when."""

    t_ms: int
    text: str
    slot: int | None = None
    """The result that it belongs to, where that is known."""


def fits(wanted: WantedLine, said: Said, reach_ms: int) -> bool:
    """Whether the board's line is the wanted one. Where the past is not certain neither are counts."""
    if abs(said[0] - wanted.line.t_ms) > reach_ms:
        return False
    return wanted.line.fits(said[1]) if wanted.certain else wanted.line.pattern.fullmatch(said[1]) is not None


def take_timed(
    timed: Sequence[WantedLine], serial: Sequence[Said], until_ms: int
) -> tuple[list[Said], list[Deviation]]:
    """Match the certain lines of start-up, periods and events by time; `match_rest` takes the others."""
    left, missing = list(serial), []
    for wanted in (w for w in timed if w.certain):
        near = [s for s in left if fits(wanted, s, _reach(wanted))]
        if near:
            left.remove(min(near, key=lambda s: abs(s[0] - wanted.line.t_ms)))
        elif wanted.line.t_ms + TOLERANCE_MS < until_ms:
            missing.append(Deviation(wanted.line.t_ms, f"no line '{wanted.line.text}' near {wanted.line.t_ms} ms"))
    return left, missing


def _reach(wanted: WantedLine) -> int:
    return 2 * TOLERANCE_MS if wanted.line.t_ms else _START_UP_MS


def match_rest(wanted: Sequence[WantedLine], timed: Sequence[WantedLine], left: Sequence[Said]) -> list[Deviation]:
    """As `match`, but what is too much may be a line of a period or event that may come and need not."""
    may, left = [w for w in timed if not w.certain], list(left)
    while True:
        found = match(wanted, left)
        extra = {deviation.t_ms for deviation in found}
        taken = next(((s, w) for s in left if s[0] in extra for w in may if fits(w, s, _reach(w))), None)
        if taken is None:
            return found
        left.remove(taken[0])
        may.remove(taken[1])


def match(wanted: Sequence[WantedLine], said: Sequence[Said]) -> list[Deviation]:
    """What is wrong with lines that belong to results: missing ones and ones too many, in the order of time."""
    found = _match_in_turn(wanted, said)
    if found and len(wanted) * len(said) <= _MOST_CELLS:
        found = _match_best(wanted, said)
    return sorted(found, key=lambda deviation: deviation.t_ms)


def _missing(wanted: WantedLine, said: Sequence[Said]) -> Deviation:
    line = wanted.line
    near = [text for t_ms, text in said if abs(t_ms - line.t_ms) <= TOLERANCE_MS][:3]
    return Deviation(line.t_ms, f"at {line.t_ms} ms it printed {near}, demanded '{line.text}'", line.slot)


def _extra(said: Said) -> Deviation:
    return Deviation(said[0], f"at {said[0]} ms it printed '{said[1]}', which is not demanded then")


def _match_in_turn(wanted: Sequence[WantedLine], said: Sequence[Said]) -> list[Deviation]:
    """Each line taken for the first wanted one that it fits: quick, and right wherever nothing is wrong."""
    found, at = [], 0
    for line in said:
        ahead = at
        while ahead < len(wanted) and not fits(wanted[ahead], line, TOLERANCE_MS):
            ahead += 1
            if ahead < len(wanted) and wanted[ahead].line.t_ms > line[0] + TOLERANCE_MS:
                ahead = len(wanted)
        if ahead == len(wanted):
            found.append(_extra(line))
            continue
        found += [_missing(w, said) for w in wanted[at:ahead] if w.certain]
        at = ahead + 1
    return found + [_missing(w, said) for w in wanted[at:] if w.certain]


def _match_best(wanted: Sequence[WantedLine], said: Sequence[Said]) -> list[Deviation]:
    """The alignment with the fewest deviations (Needleman and Wunsch 1970), where a line could be one of several."""
    times = [t_ms for t_ms, _ in said]
    costs = [list(range(len(said) + 1))]
    for w in wanted:
        before, skip = costs[-1], int(w.certain)
        row = [before[0] + skip]
        near = range(
            bisect_right(times, w.line.t_ms - TOLERANCE_MS - 1), bisect_right(times, w.line.t_ms + TOLERANCE_MS)
        )
        for j in range(len(said)):
            best = min(before[j + 1] + skip, row[j] + 1)
            if j in near and before[j] < best and fits(w, said[j], TOLERANCE_MS):
                best = before[j]
            row.append(best)
        costs.append(row)
    return _walk_back(costs, wanted, said)


def _walk_back(costs: list[list[int]], wanted: Sequence[WantedLine], said: Sequence[Said]) -> list[Deviation]:
    found = []
    i, j = len(wanted), len(said)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] and fits(wanted[i - 1], said[j - 1], TOLERANCE_MS):
            i, j = i - 1, j - 1
        elif i and costs[i][j] == costs[i - 1][j] + int(wanted[i - 1].certain):
            i -= 1
            found += [_missing(wanted[i], said)] if wanted[i].certain else []
        else:
            j -= 1
            found.append(_extra(said[j]))
    return found
