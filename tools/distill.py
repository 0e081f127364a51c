"""Distil a vision-transformer teacher into the trained network, and take it back when the network got worse.

Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, arXiv 1503.02531:
loss = alpha * T^2 * KL(teacher_T || student_T) + (1 - alpha) * cross-entropy.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from tools.artifacts import Prepared, Trained
from tools.fitting import (
    Fitted,
    Loss,
    OnEpoch,
    Plan,
    Tensors,
    enough_memory,
    evaluate,
    fit,
    read_tensors,
    seeded,
    threads_for,
)
from tools.network import Network
from tools.progress import report
from tools.store import content_hash, sha256, write_bytes, write_json
from tools.teacher import Teacher, TeacherConfig, train_teacher
from tools.trace import traced_tool
from tools.train import CACHE, MODEL, keep_result, load_network, publish, read_result

DISTILLED = "model/distilled.pt"
FALLBACKS = ((0.3, 2.0), (0.1, 1.0))
"""(alpha, temperature) tried in turn when the first choice makes the student worse: ever less of the teacher."""
WEAKER = 0.1
"""A teacher this much less accurate than the student has nothing to teach."""
STUDENT_LR = 0.03
"""The student starts from trained weights, so it moves less than in training."""


@dataclass(frozen=True)
class Attempt:
    """One distillation and what came of it on the validation part."""

    alpha: float
    temperature: float
    accuracy: float
    loss: float

    def __str__(self) -> str:
        seen = f"accuracy {self.accuracy:.3f}, loss {self.loss:.3f}"
        return f"alpha {self.alpha:g}, temperature {self.temperature:g}: {seen}"


@traced_tool
def distil(
    trained: Trained,
    prepared: Prepared,
    run_dir: Path,
    *,
    teacher: TeacherConfig | None = None,
    alpha: float = 0.7,
    temperature: float = 4.0,
    epochs: int = 50,
    seed: int = 1,
) -> Trained:
    """Train a teacher, distil it into `trained`, and keep whichever is better on the validation part.

    The result is `distilled` with weights model/distilled.pt, or `trained` itself; `note` says which and why. Either
    way model/model.pt holds its weights. Worse means lower accuracy, or the same with a higher cross-entropy; then the
    FALLBACKS are tried. Reports stage `distil`. Raises Fixable when a loss is no longer finite.
    """
    config = teacher or TeacherConfig()
    key = content_hash(
        {
            "weights": sha256(run_dir / trained.weights),
            "prepared": prepared.sha256,
            "teacher": asdict(config),
            "numbers": [alpha, temperature, epochs, seed, [list(pair) for pair in FALLBACKS]],
        }
    )
    result = read_result(run_dir, key)
    if result is None:
        tensors = read_tensors(prepared, run_dir)
        with enough_memory(), seeded(seed, threads_for(tensors)):
            result = _distil(trained, tensors, run_dir, config, [(alpha, temperature), *FALLBACKS], epochs, seed, key)
    if result.distilled:
        return publish(result, run_dir, DISTILLED)
    write_bytes(run_dir / MODEL, (run_dir / trained.weights).read_bytes())
    return result


def _distil(
    trained: Trained,
    tensors: Tensors,
    run_dir: Path,
    config: TeacherConfig,
    choices: list[tuple[float, float]],
    epochs: int,
    seed: int,
    key: str,
) -> Trained:
    started = time.monotonic()
    net = load_network(trained, run_dir).to(tensors.x["train"].device)
    accuracy, loss = evaluate(net, tensors, "validation")
    before = f"undistilled: accuracy {accuracy:.3f}, loss {loss:.3f}"
    vit, taught = train_teacher(config, tensors, len(trained.classes), seed, _reporter("teacher"))
    attempts: list[Attempt] = []
    for alpha, temperature in choices if taught > accuracy - WEAKER else []:
        net = load_network(trained, run_dir).to(tensors.x["train"].device)
        fitted = _teach(net, vit, tensors, alpha, temperature, epochs, seed)
        attempts.append(Attempt(alpha, temperature, fitted.accuracy, fitted.loss))
        if (fitted.accuracy, -fitted.loss) > (accuracy, -loss):
            note = f"distilled with {attempts[-1]} ({before}; teacher: accuracy {taught:.3f})"
            distilled = trained.model_copy(
                update={
                    "weights": f"{CACHE}/{key}.pt",
                    "accuracy_train": evaluate(net, tensors, "train")[0],
                    "accuracy_validation": fitted.accuracy,
                    "epochs": trained.epochs + fitted.epochs,
                    "seconds": round(trained.seconds + time.monotonic() - started, 3),
                    "curve": (*trained.curve, *fitted.curve),
                    "distilled": True,
                    "note": note + _tried(attempts[:-1]),
                }
            )
            return keep_result(run_dir, key, distilled, net)
    why = f"teacher: accuracy {taught:.3f}" + ("" if attempts else ", too weak to teach")
    kept = trained.model_copy(update={"note": f"distillation rolled back: {before}; {why}{_tried(attempts)}"})
    write_json(run_dir / CACHE / f"{key}.json", kept)
    return kept


def _tried(attempts: list[Attempt]) -> str:
    return f"; no better with {'; with '.join(map(str, attempts))}" if attempts else ""


def _reporter(who: str) -> OnEpoch:
    def on_epoch(epoch: int, total: int, accuracy: float) -> None:
        report("distil", f"{who}: validation accuracy {accuracy:.3f}", epoch, total, accuracy=accuracy)

    return on_epoch


def _teach(
    net: Network, teacher: Teacher, tensors: Tensors, alpha: float, temperature: float, epochs: int, seed: int
) -> Fitted:
    plan = Plan(epochs, seed, lr=STUDENT_LR)
    return fit(net, tensors, plan, distillation_loss(teacher, tensors, alpha, temperature), _reporter("student"))


def distillation_loss(teacher: Teacher, tensors: Tensors, alpha: float, temperature: float) -> Loss:
    """The loss of the module's docstring; the teacher sees the same (augmented) inputs as the student."""

    def loss(logits: Tensor, labels: Tensor, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            soft = F.log_softmax(teacher(inputs) / temperature, dim=1)
        own = F.log_softmax(logits / temperature, dim=1)
        imitation = F.kl_div(own, soft, reduction="batchmean", log_target=True)
        hard = F.cross_entropy(logits, labels, weight=tensors.weights)
        return alpha * temperature**2 * imitation + (1 - alpha) * hard

    return loss
