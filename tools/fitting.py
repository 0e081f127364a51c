"""One training loop for students and teachers: SGD or AdamW, one-cycle schedule, best validation weights kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.artifacts import Augment, Prepared
from tools.errors import BadInput, Fixable
from tools.optimizer import SGD, AdamW, Optimizer, one_cycle


@dataclass(frozen=True)
class Plan:
    """How to fit. The schedule is Smith and Topin's one-cycle policy (arXiv 1708.07120)."""

    epochs: int
    seed: int
    lr: float = 0.1
    """Highest learning rate of the cycle."""
    momentum: float = 0.9
    weight_decay: float = 2e-3
    label_smoothing: float = 0.05
    batch: int | None = None
    """None: a 32nd of the training part, 16 to 128: small sets need many steps more than they need speed."""
    optimizer: str = "sgd"
    """sgd (Nesterov) or adamw."""
    patience: int | None = None
    """Epochs without improvement after which a perfect network is taken as converged; None: a quarter of all."""


@dataclass(frozen=True)
class Tensors:
    """The prepared arrays on the device that trains."""

    x: dict[str, Tensor]
    y: dict[str, Tensor]
    augment: Augment
    weights: Tensor | None
    """Of the classes in the loss; None while they are balanced."""


@dataclass
class Fitted:
    """What a loop found: the best weights by validation accuracy, then by validation loss."""

    state: dict[str, Tensor]
    accuracy: float = -1.0
    loss: float = float("inf")
    epochs: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    given_up: bool = False
    """Stopped early for lack of hope, by the floors."""


Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(logits, labels, inputs) -> scalar."""
OnEpoch = Callable[[int, int, float], None]
"""(epoch, epochs, validation accuracy)."""


def device_for(elements: int) -> torch.device:
    """CUDA where it is there and the data are worth the transfer; small sets train faster on the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() and elements > 2_000_000 else "cpu")


def threads_for(tensors: Tensors) -> int | None:
    """One thread for small sets, where more cost more than they bring; None: as many as torch likes."""
    return 1 if tensors.x["train"].numel() < 1_000_000 else None


@contextmanager
def enough_memory() -> Iterator[None]:
    """Turn torch's complaints about memory into Fixable."""
    try:
        yield
    except RuntimeError as error:  # torch.OutOfMemoryError is one; the CPU's allocator raises the base class
        if "memory" not in str(error):
            raise
        raise Fixable("training this network takes more memory than there is: fewer channels or stages") from error


def read_tensors(prepared: Prepared, run_dir: Path, limit: int | None = None) -> Tensors:
    """Load the arrays; at most `limit` training samples and half as many for validation, of a fixed shuffle."""
    try:
        with np.load(run_dir / prepared.arrays) as file:
            arrays = {name: file[name] for name in file.files if name[0] in "xy"}
    except (OSError, ValueError) as error:
        raise BadInput(f"{run_dir / prepared.arrays} cannot be read: run the data stage again ({error})") from error
    for part, most in (("train", limit), ("validation", limit and limit // 2)):
        if most is not None and len(arrays[f"y_{part}"]) > most:
            kept = np.sort(np.random.default_rng(0).permutation(len(arrays[f"y_{part}"]))[:most])
            arrays |= {f"{axis}_{part}": arrays[f"{axis}_{part}"][kept] for axis in "xy"}
    device = device_for(arrays["x_train"].size)
    parts = ("train", "validation", "test")
    augment = next((step for step in prepared.recipe.steps if isinstance(step, Augment)), Augment())
    return Tensors(
        x={part: torch.from_numpy(arrays[f"x_{part}"]).to(device) for part in parts},
        y={part: torch.from_numpy(arrays[f"y_{part}"]).to(device) for part in parts},
        augment=augment,
        weights=_class_weights(arrays["y_train"], len(prepared.classes), device),
    )


def _class_weights(y: np.ndarray, classes: int, device: torch.device) -> Tensor | None:
    counts = np.maximum(np.bincount(y, minlength=classes), 1)
    if counts.max() <= 1.5 * counts.min():
        return None
    return torch.tensor(counts.mean() / counts, dtype=torch.float32, device=device)


@contextmanager
def seeded(seed: int, threads: int | None = None) -> Iterator[None]:
    """Seed torch, and limit its threads, within the block only."""
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(seed)
        try:
            torch.set_num_threads(threads or before)
            yield
        finally:
            torch.set_num_threads(before)


def cross_entropy(plan: Plan, tensors: Tensors) -> Loss:
    """The usual loss: class weights where the classes are unbalanced, label smoothing as planned."""

    def loss(logits: Tensor, labels: Tensor, _: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, weight=tensors.weights, label_smoothing=plan.label_smoothing)

    return loss


def fit(
    net: nn.Module,
    tensors: Tensors,
    plan: Plan,
    loss: Loss,
    on_epoch: OnEpoch | None = None,
    floors: Sequence[float] = (),
) -> Fitted:
    """Train `net` in place and leave the best weights in it.

    Raises Fixable when the loss is no longer finite. Stops early when the network answers every validation sample
    right and no longer improves, has not risen above guessing after half of the epochs, or its best accuracy is below
    the epoch's entry of `floors` (tools/pruning.py).
    """
    optimizer = _optimizer(net, plan)
    labels = tensors.y["validation"]
    guessing = float(torch.bincount(labels).max()) / len(labels)
    best, best_epoch = Fitted(state={}), 0
    for epoch in range(1, plan.epochs + 1):
        mean_loss = _train_epoch(net, tensors, plan, loss, optimizer, epoch - 1)
        if not np.isfinite(mean_loss):
            raise Fixable(f"the loss was no longer finite in epoch {epoch}: use a lower learning rate or fewer stages")
        accuracy, validation_loss = evaluate(net, tensors, "validation")
        best.epochs = epoch
        best.curve.append({"loss": round(mean_loss, 5), "accuracy_validation": round(accuracy, 5)})
        if not best.state or (accuracy, -validation_loss) > (best.accuracy, -best.loss):
            best.state, best.accuracy, best.loss = deepcopy(net.state_dict()), accuracy, validation_loss
            best_epoch = epoch
        if on_epoch is not None:
            on_epoch(epoch, plan.epochs, accuracy)
        patience = plan.patience or max(5, plan.epochs // 4)
        converged = best.accuracy == 1.0 and epoch - best_epoch >= patience
        hopeless = epoch >= max(5, plan.epochs // 2) and best.accuracy <= guessing + 0.01
        # Rounded as in the curves that the floors are made of: equal is not behind.
        best.given_up = epoch <= len(floors) and round(best.accuracy, 5) < floors[epoch - 1]
        if converged or hopeless or best.given_up:
            break
    net.load_state_dict(best.state)
    return best


def _train_epoch(
    net: nn.Module, tensors: Tensors, plan: Plan, loss: Loss, optimizer: Optimizer, finished: int
) -> float:
    """One pass over the training part; the mean loss. `finished` epochs went before."""
    x, y = tensors.x["train"], tensors.y["train"]
    batch = min(plan.batch or max(16, min(128, 2 ** round(np.log2(max(len(y) / 32, 1))))), len(y))
    steps = len(y) // batch
    total = torch.zeros((), device=x.device)
    net.train()
    # Whole batches only: BatchNorm cannot use a single sample, and the order changes every epoch.
    batches = torch.randperm(len(y), device=x.device)[: steps * batch].split(batch)
    for step, at in enumerate(batches, start=finished * steps):
        inputs = augmented(x[at], tensors.augment)
        value = loss(net(inputs), y[at], inputs)
        value.backward()
        optimizer.step(one_cycle(step, plan.epochs * steps, plan.lr))
        total += value.detach()
    return float(total) / steps


def _optimizer(net: nn.Module, plan: Plan) -> Optimizer:
    if plan.optimizer == "adamw":
        return AdamW(net.parameters(), plan.weight_decay)
    return SGD(net.parameters(), plan.momentum, plan.weight_decay)


def augmented(inputs: Tensor, augment: Augment) -> Tensor:
    """Noise per value, gain, mirror image and place per sample, as the recipe says; `inputs` (N, ...), normalised."""
    if inputs.ndim == 4 and (augment.flip or augment.shift):
        inputs = _moved(inputs, augment.flip, augment.shift)
    if augment.gain:
        shape = (len(inputs),) + (1,) * (inputs.ndim - 1)
        inputs = inputs * (1 + augment.gain * (2 * torch.rand(shape, device=inputs.device) - 1))
    if augment.noise:
        inputs = inputs + augment.noise * torch.randn_like(inputs)
    return inputs


def _moved(pictures: Tensor, flip: bool, most: int) -> Tensor:
    """(N, H, W, C): each mirrored by chance, and moved by up to `most` pixels either way, its edge repeated."""
    count, height, width, _ = pictures.shape
    device = pictures.device
    shifts = torch.randint(-most, most + 1, (2, count, 1), device=device)
    rows = (torch.arange(height, device=device) + shifts[0]).clamp(0, height - 1)
    columns = (torch.arange(width, device=device) + shifts[1]).clamp(0, width - 1)
    if flip:
        mirrored = torch.rand(count, 1, device=device) < 0.5
        columns = torch.where(mirrored, width - 1 - columns, columns)
    at = torch.arange(count, device=device)[:, None, None]
    return pictures[at, rows[:, :, None], columns[:, None, :]]


@torch.no_grad()
def evaluate(net: nn.Module, tensors: Tensors, part: str) -> tuple[float, float]:
    """Accuracy (0..1) and cross-entropy of `net` on a part."""
    logits = predict(net, tensors.x[part])
    labels = tensors.y[part]
    return float((logits.argmax(1) == labels).float().mean()), float(F.cross_entropy(logits, labels))


@torch.no_grad()
def predict(net: nn.Module, x: Tensor) -> Tensor:
    """Logits of all of `x`, in evaluation mode."""
    net.eval()
    return torch.cat([net(chunk) for chunk in x.split(2048)])
