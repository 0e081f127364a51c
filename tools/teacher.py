"""A vision transformer (timm) as teacher, shaped to readings, recordings and pictures alike."""

import math
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional as F

from tools.errors import BadInput
from tools.fitting import OnEpoch, Plan, Tensors, cross_entropy, fit
from tools.weights import read_weights

MAX_CPU_STEPS = 4000
"""Steps of a teacher's training without a GPU: about a minute for small inputs; fewer epochs for larger sets."""


@dataclass(frozen=True)
class TeacherConfig:
    """Size and training of the teacher (Dosovitskiy et al., arXiv 2010.11929); the default is trained from scratch."""

    embed_dim: int = 48
    depth: int = 3
    heads: int = 4
    epochs: int = 40
    lr: float = 3e-3
    weights: str | None = None
    """File of a timm vision transformer's state_dict to start from (.pt, .pth, .safetensors) of the same size."""


@dataclass(frozen=True)
class Patches:
    """How an input is cut into tokens, all in the transformer's terms."""

    image: tuple[int, int]
    """Height and width after zero padding to whole patches."""
    patch: tuple[int, int]
    channels: int


def patches_for(input_shape: tuple[int, ...]) -> Patches:
    """At most 32 tokens of a vector (F,), about 12 of a recording (T, C), at most 8 x 8 of a picture (H, W, C)."""
    if len(input_shape) == 1:
        (size,) = input_shape
        patch = math.ceil(size / 32)
        return Patches((_whole(size, patch), 1), (patch, 1), 1)
    if len(input_shape) == 2:
        time, channels = input_shape
        patch = max(1, round(time / 12))
        return Patches((_whole(time, patch), 1), (patch, 1), channels)
    height, width, channels = input_shape
    patch = max(2, math.ceil(max(height, width) / 8))  # single pixels as tokens learn slowly
    return Patches((_whole(height, patch), _whole(width, patch)), (patch, patch), channels)


def _whole(size: int, patch: int) -> int:
    return math.ceil(size / patch) * patch


class Teacher(nn.Module):
    """A vision transformer over channels-last batches of `input_shape`; logits out."""

    def __init__(self, input_shape: tuple[int, ...], classes: int, config: TeacherConfig) -> None:
        super().__init__()
        from timm.models.vision_transformer import VisionTransformer

        self.patches = patches_for(input_shape)
        self.vit = VisionTransformer(
            img_size=self.patches.image,
            patch_size=self.patches.patch,
            in_chans=self.patches.channels,
            num_classes=classes,
            embed_dim=config.embed_dim,
            depth=config.depth,
            num_heads=config.heads,
            mlp_ratio=2.0 if config.weights is None else 4.0,
            class_token=config.weights is not None,
            global_pool="avg" if config.weights is None else "token",
        )

    def forward(self, batch: Tensor) -> Tensor:
        """(N, *input_shape) -> (N, classes)."""
        if batch.ndim == 2:
            batch = batch[:, :, None]
        if batch.ndim == 3:
            batch = batch[:, :, None, :]
        image = batch.permute(0, 3, 1, 2)
        height, width = self.patches.image
        image = F.pad(image, (0, width - image.shape[3], 0, height - image.shape[2]))
        logits: Tensor = self.vit(image)
        return logits


def train_teacher(
    config: TeacherConfig, tensors: Tensors, classes: int, seed: int, on_epoch: OnEpoch | None = None
) -> tuple[Teacher, float]:
    """A teacher trained on the task, in evaluation mode, and its validation accuracy. Seed torch first.

    Raises BadInput when `config.weights` does not fit, Fixable when the loss is no longer finite.
    """
    x = tensors.x["train"]
    net = Teacher(tuple(x.shape[1:]), classes, config)
    if config.weights is not None:
        _load_pretrained(net.vit, Path(config.weights))
    net.to(x.device)
    epochs = config.epochs
    if x.device.type == "cpu":
        epochs = max(5, min(epochs, MAX_CPU_STEPS * 32 // max(len(x), 1)))
    plan = Plan(epochs, seed, lr=config.lr, weight_decay=0.05, optimizer="adamw", batch=32)
    fitted = fit(net, tensors, plan, cross_entropy(plan, tensors), on_epoch)
    return net.eval(), fitted.accuracy


def _load_pretrained(vit: nn.Module, path: Path) -> None:
    """Take over every tensor of the same name and shape; the head and the patches are the task's own."""
    state, own = read_weights(path), vit.state_dict()
    fitting = {name: value for name, value in state.items() if name in own and value.shape == own[name].shape}
    blocks = [name for name in own if name.startswith("blocks.")]
    matching = sum(name in fitting for name in blocks)
    if matching < len(blocks):
        raise BadInput(
            f"{path} does not fit the teacher: {matching} of {len(blocks)} tensors of its blocks match; "
            "give embed_dim, depth and heads of the vision transformer that it was saved from"
        )
    vit.load_state_dict(fitting, strict=False)
