"""What the board is shown, as the checks see it: results that the network must give, and events from outside."""

from dataclasses import dataclass, replace
from typing import Literal

from tools.artifacts import Decision

JITTER_MS = 20
"""Results come on a raster: one that is early by no more than this counts as in time (classifier.h says the same)."""


@dataclass(frozen=True)
class Expected:
    """A result that the model must give on the board: `sure` is False where rounding could tip it either way."""

    t_ms: int
    label: str
    index: int
    confidence: float
    sure: bool = True
    rivals: tuple[tuple[str, int], ...] = ()
    """(label, index) of the results that it could be as well, where it is not sure."""


EventKind = Literal["pressed", "released", "serial", "proximity"]


@dataclass(frozen=True)
class Event:
    """Something from outside: `value` is the pin of a button, the line sent, or the proximity (0 near .. 255)."""

    t_ms: int
    kind: EventKind
    value: int | str


def decide(results: list[Expected], decision: Decision) -> list[Expected]:
    """The results that count, as the rules see them; classifier.cpp does the same on the board."""
    return _stable(_majority(_paced(results, decision.pace_ms), decision.majority), decision)


def _paced(results: list[Expected], pace_ms: int) -> list[Expected]:
    kept: list[Expected] = []
    for result in results:
        if not kept or result.t_ms - kept[-1].t_ms + JITTER_MS >= pace_ms:
            kept.append(result)
    return kept


def _majority(results: list[Expected], size: int) -> list[Expected]:
    """Each result with the label, and the newest confidence of it, that most of the last `size` have."""
    out = []
    for k, result in enumerate(results):
        ballots = results[max(0, k + 1 - size) : k + 1][::-1]
        votes = [ballot.index for ballot in ballots]
        winner = next(b for b in ballots if votes.count(b.index) == max(map(votes.count, votes)))
        sure = all(b.sure for b in ballots)
        out.append(replace(winner, t_ms=result.t_ms, sure=sure))
    return out


def _stable(results: list[Expected], decision: Decision) -> list[Expected]:
    if decision.stable_results <= 1 and decision.stable_ms <= 0:
        return results
    out = []
    begin = 0
    for k, result in enumerate(results):
        if k and result.index != results[k - 1].index:
            begin = k
        settled = k - begin + 1 >= decision.stable_results
        if settled and result.t_ms - results[begin].t_ms + JITTER_MS >= decision.stable_ms:
            # Had any of them, or the one before, been another label, this result would not count, or one before it.
            out.append(replace(result, sure=all(r.sure for r in results[max(0, begin - 1) : k + 1])))
    return out
