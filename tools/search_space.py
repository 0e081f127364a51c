"""The networks that are searched: draw one at random, change one choice, name the smallest.

The fall-back beside the architect agent, and the source of test networks. Forms follow the rank of the input.
"""

import random
from typing import Literal

from tools.artifacts import Architecture, Stage
from tools.layers import check_shape

Form = Literal["mlp", "conv1d", "conv2d"]
_UNITS = (4, 8, 12, 16, 24, 32, 48, 64)
_CHANNELS = (4, 8, 12, 16, 24, 32, 48, 64)
_KERNELS: tuple[Literal[1, 3, 5, 7], ...] = (3, 3, 3, 5, 7)
_BLOCKS: tuple[Literal["conv", "dsconv", "mbconv"], ...] = ("conv", "dsconv", "mbconv")
_EXPANSIONS = (1, 2, 3, 4, 6)
MAX_STAGES = {"mlp": 3, "conv1d": 5, "conv2d": 5}
_TRIES = 200


def form_of(input_shape: tuple[int, ...]) -> Form:
    """The form for inputs (F,), (T, C) or (H, W, C)."""
    return {2: "conv1d", 3: "conv2d"}.get(len(input_shape), "mlp")  # type: ignore[return-value]


def random_architecture(rng: random.Random, input_shape: tuple[int, ...]) -> Architecture:
    """A network drawn uniformly over the number of stages, then over each choice of each stage."""
    form = form_of(input_shape)
    stages = []
    size = max(input_shape[:-1], default=1)
    for _ in range(rng.randint(1, MAX_STAGES[form])):
        stage = _random_stage(rng, form)
        # A stride on what is left as a single position would be refused by check_shape.
        stage = stage.model_copy(update={"stride": 1}) if size == 1 else stage
        size = -(-size // stage.stride)
        stages.append(stage)
    activation: Literal["relu", "relu6"] = rng.choice(("relu", "relu", "relu6"))
    return Architecture(form=form, stages=tuple(stages), activation=activation)


def _random_stage(rng: random.Random, form: Form) -> Stage:
    if form == "mlp":
        return Stage(block="dense", channels=rng.choice(_UNITS))
    return Stage(
        block=rng.choice(_BLOCKS),
        channels=rng.choice(_CHANNELS),
        kernel=rng.choice(_KERNELS),
        stride=rng.choice((1, 2)),
        depth=rng.choice((1, 1, 2)),
        expansion=rng.choice(_EXPANSIONS),
        skip=rng.random() < 0.5,
    )


def mutate(arch: Architecture, rng: random.Random) -> Architecture:
    """A neighbour, never `arch` itself: one choice of one stage changed, or a stage added or removed.

    It may have gained a stride that the input has no room for; where that matters, use `mutate_for`.
    """
    for _ in range(_TRIES):
        changed = _changed(arch, rng)
        if changed != arch:
            return changed
    raise RuntimeError("no neighbour found")  # every stage has many: unreachable


def mutate_for(arch: Architecture, rng: random.Random, input_shape: tuple[int, ...]) -> Architecture:
    """A neighbour of `arch` that can be built for `input_shape`."""
    from tools.errors import Fixable

    for _ in range(_TRIES):
        changed = mutate(arch, rng)
        try:
            check_shape(changed, input_shape)
        except Fixable:
            continue
        return changed
    raise RuntimeError(f"no neighbour of the network fits {input_shape}")


def _changed(arch: Architecture, rng: random.Random) -> Architecture:
    stages = list(arch.stages)
    position = rng.randrange(len(stages))
    action = rng.choice(("change", "change", "change", "add", "remove", "activation"))
    activation = arch.activation
    if action == "change":
        stages[position] = _changed_stage(stages[position], rng, arch.form)
    elif action == "add" and len(stages) < MAX_STAGES[arch.form]:
        stages.insert(position + 1, _random_stage(rng, arch.form))
    elif action == "remove" and len(stages) > 1:
        del stages[position]
    elif action == "activation":
        activation = "relu6" if activation == "relu" else "relu"
    return Architecture(form=arch.form, stages=tuple(stages), activation=activation)


def _changed_stage(stage: Stage, rng: random.Random, form: Form) -> Stage:
    """`stage` with one field drawn anew."""
    other = _random_stage(rng, form)
    fields = ("channels",) if form == "mlp" else ("block", "channels", "kernel", "stride", "depth", "expansion", "skip")
    field = rng.choice(fields)
    return stage.model_copy(update={field: getattr(other, field)})


def cross(one: Architecture, other: Architecture, rng: random.Random) -> Architecture:
    """The first stages of `one` and the last of `other`, cut between stages; both of the same form."""
    head = rng.randint(1, len(one.stages))
    tail = rng.randint(0, len(other.stages) - 1)
    stages = (*one.stages[:head], *other.stages[tail:])[: MAX_STAGES[one.form]]
    return one.model_copy(update={"stages": stages})


def smallest_architectures(input_shape: tuple[int, ...], form: Form) -> tuple[Architecture, ...]:
    """The least networks of the space: one stage, fewest channels; which costs least depends on input and chip."""
    if form == "mlp":
        return (Architecture(form="mlp", stages=(Stage(block="dense", channels=_UNITS[0]),)),)
    stride: Literal[1, 2] = 2 if max(input_shape[:-1], default=1) > 1 else 1
    stages = (Stage(block=block, channels=_CHANNELS[0], kernel=3, stride=stride) for block in ("conv", "dsconv"))
    return tuple(Architecture(form=form, stages=(stage,)) for stage in stages)
