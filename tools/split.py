"""Divide samples into training, validation and test parts, class by class, without separating what belongs together."""

from collections.abc import Mapping

import numpy as np

from tools.errors import BadInput

PARTS = ("train", "validation", "test")


def split_groups(
    y: np.ndarray, groups: np.ndarray, validation: float, test: float, classes: tuple[str, ...], seed: int
) -> dict[str, np.ndarray]:
    """Sorted indices (into `y`) of each part; all samples of a group fall into one part.

    `y` and `groups` are (N,) int64. Shares are met per class as closely as the groups' sizes allow, and every class is
    in every part. Raises BadInput when a class has fewer than three groups.
    """
    shares = {"train": 1.0 - validation - test, "validation": validation, "test": test}
    rng = np.random.default_rng(seed)
    part_of: dict[int, str] = {}
    owner = _owners(y, groups)
    sizes = dict(zip(*(values.tolist() for values in np.unique(groups, return_counts=True)), strict=True))
    for index, name in enumerate(classes):
        own = [int(g) for g in np.unique(groups[y == index]) if owner.get(int(g), index) == index]
        if len(own) < 3:
            raise BadInput(
                f"class {name} has {len(own)} different samples or recordings: at least 3 are needed, one each for "
                "training, validation and test; record more"
            )
        rng.shuffle(own)
        part_of |= _assign({g: sizes[g] for g in own}, shares)
    parts = np.array([part_of[int(g)] for g in groups])
    return {part: np.flatnonzero(parts == part) for part in PARTS}


def _owners(y: np.ndarray, groups: np.ndarray) -> dict[int, int]:
    """Class of each group that stands under several: the one it stands under most often."""
    pairs, counts = np.unique(np.stack([groups, y], axis=1), axis=0, return_counts=True)
    if len(pairs) == len(np.unique(groups)):
        return {}
    by_count = np.argsort(counts, kind="stable")
    return {int(pairs[i, 0]): int(pairs[i, 1]) for i in by_count}


def _assign(sizes: Mapping[int, int], shares: Mapping[str, float]) -> dict[int, str]:
    """Each group goes where the share of what is still wanted is largest; one too big for a small part, to training."""
    total, typical = sum(sizes.values()), float(np.median(list(sizes.values())))
    filled = dict.fromkeys(PARTS, 0)
    out: dict[int, str] = {}
    for group, size in sizes.items():
        room = [p for p in PARTS if p == "train" or size <= max(1.5 * shares[p] * total, typical)]
        part = max(room, key=lambda p: 1.0 - filled[p] / max(shares[p] * total, 1e-9))
        filled[part] += size
        out[group] = part
    for part in PARTS:
        if part not in out.values():
            counts = {p: list(out.values()).count(p) for p in PARTS}
            fullest = max(PARTS, key=lambda p: counts[p])
            out[min((g for g in out if out[g] == fullest), key=lambda g: sizes[g])] = part
    return out
