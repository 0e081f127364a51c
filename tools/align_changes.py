"""Changes of an output against the demanded ones, one by one, with what chance decides left out.

Where a result ends a blink just as its next edge is due, either may come first: a flash as short as the tolerance may
be there or not. Near the end of a stretch that is certain, single changes may belong to what lies beyond it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tools.compare_serial import TOLERANCE_MS

LENGTH_TOLERANCE_MS = 40
"""How far a pulse, or a series of flashes from its first edge to its last, may be off in length."""

Change = tuple[int, int]
"""(ms, level)."""
_Node = tuple[int, int]
"""So many of the demanded changes and so many of those seen are accounted for."""


def compare_changes(
    demanded: Sequence[Change],
    seen: Sequence[Change],
    cuts: Sequence[int],
    loose: Sequence[int],
    runs: Sequence[Sequence[int]],
    held: tuple[int, int] = (0, 0),
) -> str:
    """What is wrong with the changes `seen`; "": nothing.

    `cuts`: when something ended a blink before its time; `loose`: ends beyond which nothing is certain; `runs`: of each
    blink or pulse the times of its edges; `held`: the levels demanded and seen before the first change.
    """
    pairs, reached = _align(demanded, seen, sorted(cuts), loose, held)
    if pairs is None:
        where = f" from {demanded[reached][0]} ms on" if reached < len(demanded) else ""
        return f"{len(seen)} changes, demanded {len(demanded)}{where}"
    at = {demanded[i][0]: (demanded[i][0], seen[j][0]) for i, j in pairs}
    for run in runs:
        edges = [at[t_ms] for t_ms in run if t_ms in at]
        if len(edges) < 2:
            continue
        length, lasted = (edges[-1][side] - edges[0][side] for side in (0, 1))
        if abs(length - lasted) > LENGTH_TOLERANCE_MS:
            return f"at {run[0]} ms {len(edges)} changes take {lasted} ms, demanded {length} ms"
    return ""


def _align(
    demanded: Sequence[Change],
    seen: Sequence[Change],
    cuts: Sequence[int],
    loose: Sequence[int],
    held: tuple[int, int],
) -> tuple[list[_Node] | None, int]:
    """Pairs of demanded and seen changes that belong together, None where they do not; and how far it got."""
    came: dict[_Node, tuple[_Node, bool] | None] = {(0, 0): None}
    waiting, end = [(0, 0)], (len(demanded), len(seen))
    while waiting and end not in came:
        node = waiting.pop()
        # Pairing comes off the stack before leaving out: what can be explained by a change that was seen, is.
        for step, paired in [*_left_out(node, (demanded, seen), cuts, loose, held), *_paired(node, demanded, seen)]:
            if step not in came:
                came[step] = (node, paired)
                waiting.append(step)
    if end not in came:
        return None, max(i for i, _ in came)
    pairs: list[_Node] = []
    node = end
    while (before := came[node]) is not None:
        node, paired = before
        if paired:
            pairs.append(node)
    return pairs[::-1], len(demanded)


def _paired(node: _Node, demanded: Sequence[Change], seen: Sequence[Change]) -> Iterator[tuple[_Node, bool]]:
    i, j = node
    if i < len(demanded) and j < len(seen):
        (t_ms, level), (when, value) = demanded[i], seen[j]
        if level == value and abs(t_ms - when) <= TOLERANCE_MS:
            yield (i + 1, j + 1), True


def _left_out(
    node: _Node,
    both: tuple[Sequence[Change], Sequence[Change]],
    cuts: Sequence[int],
    loose: Sequence[int],
    held: tuple[int, int],
) -> Iterator[tuple[_Node, bool]]:
    i, j = node
    for changes, at, forward, first in zip(both, node, ((1, 0), (0, 1)), held, strict=True):
        if at < len(changes) and any(abs(changes[at][0] - end) <= 2 * TOLERANCE_MS for end in loose):
            yield (i + forward[0], j + forward[1]), False
        if at + 1 < len(changes):
            (start, _), (end, level) = changes[at], changes[at + 1]
            restored = level == (changes[at - 1][1] if at else first)
            if restored and end - start <= TOLERANCE_MS and (_near(start, cuts) or _near(end, cuts)):
                yield (i + 2 * forward[0], j + 2 * forward[1]), False


def _near(t_ms: int, cuts: Sequence[int]) -> bool:
    k = bisect_left(cuts, t_ms - TOLERANCE_MS)
    return k < len(cuts) and cuts[k] <= t_ms + TOLERANCE_MS
