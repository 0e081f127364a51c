"""Which design choices recur on the Pareto front, and what the networks with a choice have that those without lack.

Differences of means over what the search happened to train: other choices vary along with each one, so they describe
this search and prove no cause. With few networks on either side nothing is said.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import mean

from tools.artifacts import Architecture, Candidate
from tools.pareto import eligible

FEWEST = 4
"""Networks with and without a choice, below which its effect is not told."""


@dataclass(frozen=True)
class Sampled:
    """A trained network as far as it matters here."""

    architecture: Architecture
    accuracy: float
    macs: int
    on_front: bool


@dataclass(frozen=True)
class Effect:
    """One choice: how often it was taken, and what came with it."""

    name: str
    count: int
    """Networks with it, of `of`."""
    of: int
    on_front: int
    """Networks of the front with it, of `front`."""
    front: int
    accuracy: float | None = None
    """Mean accuracy with it less that without, -1..1; None where too few networks tell."""
    accuracy_low: float = 0.0
    accuracy_high: float = 0.0
    """95 % interval of `accuracy` (Welch's t, unequal variances)."""
    macs: float | None = None
    """Geometric mean of the MACs with it, divided by that without."""

    @property
    def told_apart(self) -> bool:
        """Whether the interval of the accuracy leaves out 0."""
        return self.accuracy is not None and (self.accuracy_low > 0 or self.accuracy_high < 0)


def sampled(candidates: Sequence[Candidate], members: Collection[str]) -> list[Sampled]:
    """The trained networks within budget; `members`: ids of the front."""
    return [
        Sampled(c.architecture, c.accuracy or 0.0, c.estimate.macs if c.estimate else 0, c.id in members)
        for c in eligible(candidates)
    ]


def choices_of(arch: Architecture) -> frozenset[str]:
    """The choices that make up a network, in words; every network has one of each kind, or several."""
    stages = arch.stages
    found = {f"{arch.activation} activation"}
    if arch.form == "mlp":
        layers = len(stages)
        return frozenset(found | {f"{layers} layer{'s' * (layers > 1)}", f"first layer of {stages[0].channels}"})
    strides = sum(stage.stride == 2 for stage in stages)
    found |= {f"{stage.block} block" for stage in stages}
    found |= {f"{stage.kernel}x{stage.kernel if arch.form == 'conv2d' else 1} kernel" for stage in stages}
    found |= {f"stride 2 in {strides if strides < 3 else '3 or more'} stage{'s' * (strides != 1)}"}
    found |= {f"{len(stages)} stage{'s' * (len(stages) > 1)}"}
    found |= {"stride 2 in the first stage"} if stages[0].stride == 2 else set()
    found |= {"a stage of depth 2 or more"} if any(stage.depth > 1 for stage in stages) else set()
    found |= {"a skip connection"} if any(stage.skip for stage in stages) else set()
    widest = max(stage.channels for stage in stages)
    return frozenset(found | {"widest stage " + ("32 or more" if widest >= 32 else "below 32")})


def effects(networks: Sequence[Sampled], fewest: int = FEWEST) -> list[Effect]:
    """An Effect for each choice that some but not all networks made, the clearest first.

    `fewest`: networks that must be on either side for a difference to be told.
    """
    made = [choices_of(net.architecture) for net in networks]
    names = sorted({name for one in made for name in one if any(name not in other for other in made)})
    found = [_effect(name, networks, made, fewest) for name in names]
    return sorted(found, key=lambda e: (e.accuracy is None, not e.told_apart, -abs(e.accuracy or 0.0), e.name))


def _effect(name: str, networks: Sequence[Sampled], made: Sequence[frozenset[str]], fewest: int) -> Effect:
    with_it = [net for net, one in zip(networks, made, strict=True) if name in one]
    without = [net for net, one in zip(networks, made, strict=True) if name not in one]
    counts = Effect(
        name=name,
        count=len(with_it),
        of=len(networks),
        on_front=sum(net.on_front for net in with_it),
        front=sum(net.on_front for net in networks),
    )
    if min(len(with_it), len(without)) < fewest:
        return counts
    low, high = _welch([n.accuracy for n in with_it], [n.accuracy for n in without])
    return Effect(
        **{**vars(counts)}
        | {
            "accuracy": mean(n.accuracy for n in with_it) - mean(n.accuracy for n in without),
            "accuracy_low": low,
            "accuracy_high": high,
            "macs": _geometric(with_it) / _geometric(without),
        }
    )


def _geometric(networks: Sequence[Sampled]) -> float:
    return math.exp(mean(math.log(max(net.macs, 1)) for net in networks))


def _welch(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the difference of means: B. L. Welch, Biometrika 34 (1947) 28."""
    variances = [_variance(values) / len(values) for values in (ours, theirs)]
    difference, error = mean(ours) - mean(theirs), math.sqrt(sum(variances))
    if error == 0:
        return difference, difference
    from scipy.stats import t

    freedom = error**4 / sum(v**2 / (len(side) - 1) for v, side in zip(variances, (ours, theirs), strict=True))
    spread = float(t.ppf(0.975, freedom)) * error
    return difference - spread, difference + spread


def _variance(values: Sequence[float]) -> float:
    centre = mean(values)
    return sum((value - centre) ** 2 for value in values) / (len(values) - 1)
