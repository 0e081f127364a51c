"""Quantisation-aware fine-tuning: train on with the rounding that the device will do, when INT8 costs accuracy.

Fake quantisation with straight-through gradients (arXiv 1712.05877, section 3): weights symmetric per channel after
BatchNorm is folded with its running statistics, activations asymmetric per tensor with the ranges that calibration
sees; the same scheme as tools.quantise, which afterwards makes the real constants.
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tools.artifacts import Prepared, Trained
from tools.fitting import Plan, Tensors, cross_entropy, enough_memory, evaluate, fit, read_tensors, seeded, threads_for
from tools.network import Convolution, Dense, Network, activate, to_channels_first
from tools.progress import report
from tools.quantise import Affine, calibrated
from tools.train import load_network, publish
from tools.weights import write_weights

FINE_TUNED = "model/finetuned.pt"
TOLERATED_DROP = 0.01
"""Accuracy that INT8 may cost before fine-tuning is tried: one point."""
EPOCHS = 10
_LR = 0.005


@dataclass(frozen=True)
class Outcome:
    """Validation accuracies (0..1) of the float network, of INT8 before and, where it was tried, after fine-tuning."""

    accuracy_float: float
    before: float
    after: float | None = None
    kept: bool = False

    def __str__(self) -> str:
        text = f"INT8 costs {100 * (self.accuracy_float - self.before):.1f} points on the validation part"
        if self.after is None:
            return f"{text}: no fine-tuning needed"
        end = "kept" if self.kept else "rolled back"
        return f"{text}; quantisation-aware fine-tuning: {self.before:.3f} -> {self.after:.3f}, {end}"


class FakeQuantised(nn.Module):
    """A network that computes as its INT8 twin will, on floats; shares the network's parameters."""

    def __init__(self, network: Network, values: tuple[Affine, ...]) -> None:
        super().__init__()
        self.network, self.codes = network, values

    def forward(self, batch: Tensor) -> Tensor:
        """Logits (N, classes)."""
        net = self.network
        values = [_rounded(to_channels_first(batch, net.form), self.codes[0])]
        for index, (layer, step) in enumerate(zip(net.layers, net.steps, strict=True)):
            inputs = [values[i] for i in layer.inputs]
            result = _with_codes(step, inputs[0]) if layer.weight_shape else step(*inputs)
            values.append(_rounded(activate(result, layer), self.codes[index + 1]))
        return values[-1]


def fine_tune(
    trained: Trained, prepared: Prepared, run_dir: Path, *, seed: int, epochs: int = EPOCHS
) -> tuple[Trained, Outcome]:
    """Fine-tune when INT8 costs more than TOLERATED_DROP on the validation part; else `trained` itself.

    The fine-tuned weights (FINE_TUNED, and model/model.pt) are only taken when INT8 got better by them. Raises Fixable
    when the loss is no longer finite.
    """
    tensors = read_tensors(prepared, run_dir)
    with enough_memory(), seeded(seed, threads_for(tensors)):
        net = load_network(trained, run_dir).to(tensors.x["train"].device)
        accuracy_float = evaluate(net, tensors, "validation")[0]
        before = evaluate(_fake(net, tensors), tensors, "validation")[0]
        if accuracy_float - before <= TOLERATED_DROP:
            return trained, Outcome(accuracy_float, before)
        report("convert", f"INT8 loses {100 * (accuracy_float - before):.1f} points: fine-tuning with its rounding")
        plan = Plan(epochs, seed, lr=_LR)
        fit(_fake(net, tensors), tensors, plan, cross_entropy(plan, tensors))
        after = evaluate(_fake(net, tensors), tensors, "validation")[0]
    outcome = Outcome(accuracy_float, before, after, kept=after > before)
    note = f"{trained.note}; {outcome}" if trained.note else str(outcome)
    if not outcome.kept:
        return trained.model_copy(update={"note": note}), outcome
    write_weights(run_dir / FINE_TUNED, net)
    tuned = trained.model_copy(update={"weights": FINE_TUNED, "note": note, "epochs": trained.epochs + epochs})
    return publish(tuned, run_dir, FINE_TUNED), outcome


def _fake(net: Network, tensors: Tensors) -> FakeQuantised:
    samples = tensors.x["train"].cpu().numpy()
    return FakeQuantised(net, calibrated(deepcopy(net).cpu(), np.asarray(samples)))


def _rounded(value: Tensor, code: Affine) -> Tensor:
    """`value` on the grid of its INT8 codes; the gradient passes as if it had not been touched, inside the range."""
    low, high = (code.scale * (end - code.zero_point) for end in (-128, 127))
    inside = value.clamp(low, high)
    on_grid = torch.round(inside / code.scale) * code.scale
    return inside + (on_grid - inside).detach()


def _with_codes(step: nn.Module, value: Tensor) -> Tensor:
    """A layer with weights, folded and rounded."""
    if isinstance(step, Dense):
        return F.linear(value, _rounded_weight(step.linear.weight), step.linear.bias)
    assert isinstance(step, Convolution)
    weight, bias = step.conv.weight, step.conv.bias
    if step.norm is not None:
        assert step.norm.running_mean is not None
        assert step.norm.running_var is not None
        gain = step.norm.weight / torch.sqrt(step.norm.running_var + step.norm.eps)
        weight, bias = weight * gain[:, None, None, None], step.norm.bias - step.norm.running_mean * gain
    if any(step.pad):
        value = F.pad(value, step.pad)
    conv = step.conv
    assert not isinstance(conv.padding, str)
    return F.conv2d(value, _rounded_weight(weight), bias, conv.stride, conv.padding, groups=conv.groups)


def _rounded_weight(weight: Tensor) -> Tensor:
    by_channel = weight.detach().abs().reshape(len(weight), -1).amax(dim=1).clamp_min(1e-12) / 127
    scales = by_channel.reshape(-1, *[1] * (weight.ndim - 1))
    return weight + (torch.round(weight / scales) * scales - weight).detach()
