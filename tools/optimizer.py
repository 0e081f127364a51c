"""SGD and AdamW, and the one-cycle schedule.

torch.optim's classes import torch._dynamo when they are made, which costs several seconds in every worker process,
more than a mini-training itself. A test holds these to torch.optim's results.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import Parameter


class Optimizer(Protocol):
    """Takes a step along the gradients, with the learning rate of the moment, and clears them."""

    def step(self, lr: float) -> None:
        """Update the parameters."""


def _decay(parameter: Parameter, weight_decay: float) -> float:
    # On biases and normalisation weight decay only hurts (arXiv 1812.01187, section 3.1).
    return weight_decay if parameter.ndim > 1 else 0.0


class SGD:
    """Stochastic gradient descent with Nesterov momentum, as torch.optim.SGD(nesterov=True)."""

    def __init__(self, parameters: Iterable[Parameter], momentum: float, weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.velocity = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Update the parameters and clear their gradients."""
        for parameter, velocity in zip(self.parameters, self.velocity, strict=True):
            if parameter.grad is None:
                continue
            gradient = parameter.grad
            if decay := _decay(parameter, self.weight_decay):
                gradient = gradient.add(parameter, alpha=decay)
            velocity.mul_(self.momentum).add_(gradient)
            parameter.add_(gradient.add(velocity, alpha=self.momentum), alpha=-lr)
            parameter.grad = None


class AdamW:
    """Adam with decoupled weight decay (arXiv 1711.05101), as torch.optim.AdamW."""

    def __init__(
        self, parameters: Iterable[Parameter], weight_decay: float, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        self.betas = betas
        self.steps = 0
        self.first: Sequence[Tensor] = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.second: Sequence[Tensor] = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Update the parameters and clear their gradients."""
        self.steps += 1
        slow, slower = self.betas
        bias_first, bias_second = 1 - slow**self.steps, 1 - slower**self.steps
        for parameter, first, second in zip(self.parameters, self.first, self.second, strict=True):
            if parameter.grad is None:
                continue
            parameter.mul_(1 - lr * _decay(parameter, self.weight_decay))
            first.lerp_(parameter.grad, 1 - slow)
            second.mul_(slower).addcmul_(parameter.grad, parameter.grad, value=1 - slower)
            spread = second.sqrt().div_(math.sqrt(bias_second)).add_(1e-8)
            parameter.addcdiv_(first, spread, value=-lr / bias_first)
            parameter.grad = None


def one_cycle(step: int, steps: int, highest: float, rising: float = 0.25) -> float:
    """Learning rate at `step` of `steps`: up from a 25th to `highest`, then down to nearly 0, both along a cosine.

    Smith and Topin, arXiv 1708.07120, with the cosine of torch's OneCycleLR.
    """
    turn = max(1.0, rising * steps)
    if step < turn:
        start, end, share = highest / 25, highest, step / turn
    else:
        start, end, share = highest, highest / 25e4, (step - turn) / max(1.0, steps - turn)
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
