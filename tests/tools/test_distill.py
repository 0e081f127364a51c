"""Distillation: the published loss, a teacher for every input shape, and a guard that never returns something worse."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hw.board import sensors
from tools import distill
from tools.artifacts import Architecture, Augment, Prepared, Recipe, Stage, Trained
from tools.data import load
from tools.distill import distil, distillation_loss
from tools.errors import BadInput
from tools.fitting import evaluate, read_tensors, seeded
from tools.progress import Event, listening
from tools.recipe import default_recipe, run_recipe
from tools.store import write_arrays
from tools.teacher import Patches, Teacher, TeacherConfig, patches_for, train_teacher
from tools.train import load_network, train

TINY = TeacherConfig(embed_dim=16, depth=1, heads=2, epochs=6)
CONV1D = Architecture(
    form="conv1d",
    stages=(Stage(block="conv", channels=6, kernel=5, stride=2), Stage(block="dsconv", channels=12, stride=2)),
)


@pytest.fixture
def motions(tmp_path: Path) -> tuple[Trained, Prepared]:
    raw = load("basic_motions")
    prepared = run_recipe(raw, default_recipe(raw.card, sensors()["imu"]), 1, tmp_path)
    return train(CONV1D, prepared, tmp_path, epochs=3), prepared


@pytest.mark.parametrize(
    ("shape", "patches"),
    [
        ((3,), Patches((3, 1), (1, 1), 1)),
        ((64,), Patches((64, 1), (2, 1), 1)),
        ((40, 6), Patches((42, 1), (3, 1), 6)),
        ((7, 2), Patches((7, 1), (1, 1), 2)),
        ((8, 8, 1), Patches((8, 8), (2, 2), 1)),
        ((30, 40, 3), Patches((30, 40), (5, 5), 3)),
    ],
)
def test_a_teacher_for_every_shape(shape: tuple[int, ...], patches: Patches) -> None:
    assert patches_for(shape) == patches
    teacher = Teacher(shape, 4, TINY)
    batch = torch.randn(5, *shape, requires_grad=True)
    logits = teacher(batch)
    assert logits.shape == (5, 4)
    (gradient,) = torch.autograd.grad(logits.square().sum(), batch)
    assert (gradient != 0).all(), "the teacher does not see all of its input"


class Fixed(nn.Module):
    """Answers with given logits, whatever it is shown."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, batch: Tensor) -> Tensor:
        return self.logits


def toy_tensors(tmp_path: Path) -> tuple[Prepared, Path]:
    arrays: dict[str, np.ndarray] = {}
    for part in ("train", "validation", "test"):
        arrays |= {f"x_{part}": np.eye(4, dtype=np.float32)[[0, 1] * 10], f"y_{part}": np.array([0, 1] * 10)}
    write_arrays(tmp_path / "a.npz", **arrays)
    recipe = Recipe(steps=(Augment(),))
    samples = dict.fromkeys(("train", "validation", "test"), 20)
    return (
        Prepared(arrays="a.npz", input_shape=(4,), classes=("a", "b"), samples=samples, recipe=recipe, sha256="t"),
        tmp_path,
    )


def test_the_loss_is_hintons(tmp_path: Path) -> None:
    tensors = read_tensors(*toy_tensors(tmp_path))
    taught, own = torch.tensor([[2.0, -1.0], [0.5, 0.0]]), torch.tensor([[0.3, 0.1], [-1.0, 4.0]])
    labels = torch.tensor([0, 1])
    loss = distillation_loss(Fixed(taught), tensors, alpha=0.6, temperature=3.0)(own, labels, torch.zeros(2, 4))
    p, q = torch.softmax(taught / 3, 1).numpy(), torch.softmax(own / 3, 1).numpy()
    divergence = float((p * np.log(p / q)).sum(axis=1).mean())
    wanted = 0.6 * 9 * divergence + 0.4 * float(F.cross_entropy(own, labels))
    assert float(loss) == pytest.approx(wanted, rel=1e-5)


def test_distillation_lifts_a_half_trained_network(motions: tuple[Trained, Prepared], tmp_path: Path) -> None:
    trained, prepared = motions
    tensors = read_tensors(prepared, tmp_path)
    before = evaluate(load_network(trained, tmp_path), tensors, "validation")
    heard: list[Event] = []
    with listening(heard.append):
        student = distil(trained, prepared, tmp_path, teacher=TINY, epochs=15)
    after = evaluate(load_network(student, tmp_path), tensors, "validation")
    assert student.distilled
    assert (after[0], -after[1]) > (before[0], -before[1])
    assert student.accuracy_validation == pytest.approx(after[0])
    assert student.weights == "model/distilled.pt"
    assert (tmp_path / "model/model.pt").read_bytes() == (tmp_path / student.weights).read_bytes()
    assert student.note.startswith("distilled with alpha")
    assert {event.stage for event in heard} == {"distil"}
    assert {event.text.split(":")[0] for event in heard} == {"teacher", "student"}
    trained_again = load_network(trained, tmp_path)
    assert evaluate(trained_again, tensors, "validation") == before, "the undistilled weights are still there"
    heard.clear()
    with listening(heard.append):
        assert distil(trained, prepared, tmp_path, teacher=TINY, epochs=15) == student
    assert not heard, "a finished distillation is done again"


def misled(config: TeacherConfig, tensors: object, classes: int, seed: int, report: object) -> tuple[nn.Module, float]:
    """A teacher that claims to be perfect and calls everything class 0."""

    class Liar(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            return 20 * F.one_hot(torch.zeros(len(batch), dtype=torch.long), classes).float()

    return Liar(), 1.0


def test_a_student_that_got_worse_is_rolled_back(
    tmp_path: Path, motions: tuple[Trained, Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, prepared = motions
    trained = train(CONV1D, prepared, tmp_path, epochs=40)
    monkeypatch.setattr(distill, "train_teacher", misled)
    monkeypatch.setattr(distill, "FALLBACKS", ((1.0, 2.0),))
    monkeypatch.setattr(distill, "STUDENT_LR", 0.1)
    kept = distil(trained, prepared, tmp_path, alpha=1.0, temperature=1.0, epochs=6)
    assert not kept.distilled
    assert kept.model_copy(update={"note": ""}) == trained
    assert kept.note.startswith("distillation rolled back: undistilled: accuracy")
    assert "with alpha 1, temperature 1" in kept.note
    assert "with alpha 1, temperature 2" in kept.note
    assert (tmp_path / "model/model.pt").read_bytes() == (tmp_path / trained.weights).read_bytes()


def test_a_weak_teacher_is_not_asked(
    tmp_path: Path, motions: tuple[Trained, Prepared], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained, prepared = motions
    monkeypatch.setattr(distill, "train_teacher", lambda *given: (misled(*given)[0], 0.0))
    kept = distil(trained, prepared, tmp_path, epochs=6)
    assert not kept.distilled
    assert "teacher: accuracy 0.000, too weak to teach" in kept.note


def test_pretrained_weights_are_taken_over_and_wrong_ones_refused(tmp_path: Path) -> None:
    prepared, run_dir = toy_tensors(tmp_path)
    tensors = read_tensors(prepared, run_dir)
    path = tmp_path / "vit.pt"
    config = TeacherConfig(embed_dim=16, depth=1, heads=2, epochs=1, lr=0.0, weights=str(path))
    with seeded(5):
        source = Teacher((4,), 7, config)
    torch.save({"model": source.vit.state_dict()}, path)
    with seeded(1):
        teacher, _ = train_teacher(config, tensors, 2, 1)
    name = "blocks.0.attn.qkv.weight"
    assert torch.equal(teacher.vit.state_dict()[name], source.vit.state_dict()[name])
    with pytest.raises(BadInput, match="does not fit the teacher: 0 of"):
        train_teacher(TeacherConfig(embed_dim=24, depth=1, heads=2, weights=str(path)), tensors, 2, 1)
    path.write_bytes(b"PK\x03\x04 no weights")
    with pytest.raises(BadInput, match="not a readable file of weights"):
        train_teacher(config, tensors, 2, 1)
    with pytest.raises(BadInput, match="is not there"):
        train_teacher(TeacherConfig(weights=str(tmp_path / "none.pt")), tensors, 2, 1)
