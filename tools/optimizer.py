"""SGD and AdamW by torch's own functions, and the one-cycle schedule.

torch.optim's classes import torch._dynamo when they are made, which costs several seconds in every worker process,
more than a mini-training itself; the functions that they call do not.
"""

import math
from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd


class Optimizer(Protocol):
    """Takes a step along the gradients, with the learning rate of the moment, and clears them."""

    def step(self, lr: float) -> None:
        """Update the parameters."""


def _groups(parameters: Iterable[Parameter], weight_decay: float) -> list[tuple[list[Parameter], float]]:
    # On biases and normalisation weight decay only hurts (arXiv 1812.01187, section 3.1).
    every = list(parameters)
    return [([p for p in every if p.ndim > 1], weight_decay), ([p for p in every if p.ndim <= 1], 0.0)]


def _take_gradients(parameters: list[Parameter]) -> tuple[list[Tensor], list[Tensor]]:
    """Parameters as tensors and their gradients (0 where there is none), which are cleared."""
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    for parameter in parameters:
        parameter.grad = None
    return [p.detach() for p in parameters], gradients


class SGD:
    """Stochastic gradient descent with Nesterov momentum."""

    def __init__(self, parameters: Iterable[Parameter], momentum: float, weight_decay: float) -> None:
        self.momentum = momentum
        self.groups = _groups(parameters, weight_decay)
        self.velocity: list[list[Tensor | None]] = [[None] * len(group) for group, _ in self.groups]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Update the parameters and clear their gradients."""
        for (group, decay), velocity in zip(self.groups, self.velocity, strict=True):
            values, gradients = _take_gradients(group)
            sgd(
                values,
                gradients,
                velocity,
                foreach=True,
                weight_decay=decay,
                momentum=self.momentum,
                lr=lr,
                dampening=0.0,
                nesterov=self.momentum > 0,
                maximize=False,
            )


class AdamW:
    """Adam with decoupled weight decay (arXiv 1711.05101)."""

    def __init__(self, parameters: Iterable[Parameter], weight_decay: float) -> None:
        self.groups = _groups(parameters, weight_decay)
        self.first = [[torch.zeros_like(p) for p in group] for group, _ in self.groups]
        self.second = [[torch.zeros_like(p) for p in group] for group, _ in self.groups]
        self.steps = [[torch.zeros(()) for _ in group] for group, _ in self.groups]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Update the parameters and clear their gradients."""
        for (group, decay), first, second, steps in zip(self.groups, self.first, self.second, self.steps, strict=True):
            values, gradients = _take_gradients(group)
            adamw(
                values,
                gradients,
                first,
                second,
                [],
                steps,
                foreach=True,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=lr,
                weight_decay=decay,
                eps=1e-8,
                maximize=False,
            )


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
