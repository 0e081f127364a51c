"""Training: accurate, repeatable, parallel, and honest about what failed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import worker_tasks
from torch import nn

from hw.board import sensors
from tools.artifacts import Architecture, Augment, Candidate, Prepared, Recipe, Stage
from tools.data import load
from tools.errors import BadInput, Fixable
from tools.fitting import Plan, augmented, cross_entropy, evaluate, fit, read_tensors, seeded
from tools.network import build_network
from tools.optimizer import SGD, AdamW, one_cycle
from tools.progress import Event, listening
from tools.recipe import default_recipe, run_recipe
from tools.store import write_arrays
from tools.train import Training, load_network, mini_train, train
from tools.workers import Died, Workers

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
MLP = Architecture(form="mlp", stages=(Stage(block="dense", channels=16),))
CONV1D = Architecture(
    form="conv1d",
    stages=(
        Stage(block="conv", channels=8, kernel=5, stride=2),
        Stage(block="dsconv", channels=16, kernel=5, stride=2),
        Stage(block="dsconv", channels=24, kernel=3, stride=2),
    ),
)
CONV2D = Architecture(
    form="conv2d",
    stages=(
        Stage(block="conv", channels=8),
        Stage(block="dsconv", channels=16, stride=2),
        Stage(block="dsconv", channels=32, stride=2),
    ),
)


def toy(run_dir: Path, samples: int = 96, classes: int = 3, noise: float = 0.4, augment: float = 0.0) -> Prepared:
    """Blobs around the corners of a triangle, as a prepared data set."""
    rng = np.random.default_rng(0)
    centres = 2 * np.eye(classes, 4)
    arrays: dict[str, np.ndarray] = {}
    for part in ("train", "validation", "test"):
        y = np.arange(samples) % classes
        arrays |= {
            f"x_{part}": (centres[y] + rng.normal(0, noise, (samples, 4))).astype(np.float32),
            f"y_{part}": y,
            f"g_{part}": np.arange(samples),
        }
    write_arrays(run_dir / "data/arrays.npz", **arrays)
    return Prepared(
        arrays="data/arrays.npz",
        input_shape=(4,),
        classes=tuple("abc"[:classes]),
        samples=dict.fromkeys(("train", "validation", "test"), samples),
        recipe=Recipe(steps=(Augment(noise=augment),)),
        sha256="toy",
    )


def candidate(name: str, architecture: Architecture = MLP) -> Candidate:
    return Candidate(id=name, round=0, author="random", architecture=architecture, status="proposed")


def accuracy(source: str | Path, sensor: str, architecture: Architecture, run_dir: Path, epochs: int) -> float:
    raw = load(source)
    prepared = run_recipe(raw, default_recipe(raw.card, sensors()[sensor]), 1, run_dir)
    trained = train(architecture, prepared, run_dir, epochs=epochs)
    return evaluate(load_network(trained, run_dir), read_tensors(prepared, run_dir), "test")[0]


# --- how accurate -----------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="shared sample data are not here")
def test_fruit(tmp_path: Path) -> None:
    assert accuracy(SHARED / "fruit", "color", MLP, tmp_path, 120) >= 0.97


def test_basic_motions(tmp_path: Path) -> None:
    assert accuracy("basic_motions", "imu", CONV1D, tmp_path, 60) >= 0.9


def test_digits(tmp_path: Path) -> None:
    assert accuracy("digits", "serial", CONV2D, tmp_path, 15) >= 0.95


# --- one training -----------------------------------------------------------------------------------


def test_training_is_repeatable_and_depends_on_the_seed(tmp_path: Path) -> None:
    runs = []
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        prepared = toy(tmp_path / folder, augment=0.1)
        trained = train(MLP, prepared, tmp_path / folder, epochs=5, seed=seed)
        runs.append((trained.curve, (tmp_path / folder / trained.weights).read_bytes()))
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[2][0]


def test_training_leaves_the_global_generator_alone(tmp_path: Path) -> None:
    torch.manual_seed(3)
    threads = torch.get_num_threads()
    wanted = torch.rand(3)
    torch.manual_seed(3)
    train(MLP, toy(tmp_path), tmp_path, epochs=2)
    assert torch.equal(torch.rand(3), wanted)
    assert torch.get_num_threads() == threads


def test_trained_artefact_and_its_files(tmp_path: Path) -> None:
    heard: list[Event] = []
    prepared = toy(tmp_path)
    with listening(heard.append):
        trained = train(MLP, prepared, tmp_path, epochs=20)
    assert trained.weights == "model/trained.pt"
    assert (tmp_path / "model/model.pt").read_bytes() == (tmp_path / trained.weights).read_bytes()
    assert len(trained.curve) == trained.epochs
    assert [event.done for event in heard] == list(range(1, trained.epochs + 1))
    assert {event.stage for event in heard} == {"train"}
    net = load_network(trained, tmp_path)
    tensors = read_tensors(prepared, tmp_path)
    assert evaluate(net, tensors, "validation")[0] == pytest.approx(trained.accuracy_validation)
    assert evaluate(net, tensors, "train")[0] == pytest.approx(trained.accuracy_train)
    assert max(entry["accuracy_validation"] for entry in trained.curve) == pytest.approx(
        trained.accuracy_validation, abs=1e-5
    )


def test_a_finished_training_is_reused_and_a_different_one_is_not(tmp_path: Path) -> None:
    prepared = toy(tmp_path)
    first = train(MLP, prepared, tmp_path, epochs=3)
    kept = set((tmp_path / "search/cache").iterdir())
    assert train(MLP, prepared, tmp_path, epochs=3) == first
    assert set((tmp_path / "search/cache").iterdir()) == kept
    keys = {
        Training(MLP, prepared, tmp_path, 3, 1, None).key,
        Training(CONV1D, prepared, tmp_path, 3, 1, None).key,
        Training(MLP, prepared, tmp_path, 4, 1, None).key,
        Training(MLP, prepared, tmp_path, 3, 2, None).key,
        Training(MLP, prepared, tmp_path, 3, 1, 0.01).key,
        Training(MLP, toy(tmp_path, augment=0.1), tmp_path, 3, 1, None).key,
        Training(MLP, _mirrored(prepared), tmp_path, 3, 1, None).key,
        Training(MLP, prepared.model_copy(update={"sha256": "other"}), tmp_path, 3, 1, None).key,
    }
    assert len(keys) == 8


def _mirrored(prepared: Prepared) -> Prepared:
    return prepared.model_copy(update={"recipe": Recipe(steps=(Augment(flip=True),))})


def test_a_loss_that_is_not_finite_is_fixable(tmp_path: Path) -> None:
    with pytest.raises(Fixable, match="no longer finite in epoch"):
        train(MLP, toy(tmp_path), tmp_path, epochs=3, lr=1e30)


def test_hopeless_and_converged_trainings_stop_early(tmp_path: Path) -> None:
    easy = train(MLP, toy(tmp_path / "easy", noise=0.05), tmp_path / "easy", epochs=100)
    assert easy.accuracy_validation == 1.0
    assert easy.epochs < 100
    prepared = toy(tmp_path / "hard")
    tensors = read_tensors(prepared, tmp_path / "hard")
    for value in tensors.x.values():
        value.zero_()  # nothing to learn from
    plan = Plan(epochs=40, seed=1)
    with seeded(1):
        fitted = fit(build_network(MLP, (4,), 3), tensors, plan, cross_entropy(plan, tensors))
    assert fitted.epochs == 20


def test_rare_classes_weigh_more_only_when_classes_are_unbalanced(tmp_path: Path) -> None:
    prepared = toy(tmp_path)
    assert read_tensors(prepared, tmp_path).weights is None
    with np.load(tmp_path / prepared.arrays) as file:
        arrays = dict(file)
    kept = np.flatnonzero((arrays["y_train"] != 2) | (np.arange(96) < 24))
    arrays |= {"x_train": arrays["x_train"][kept], "y_train": arrays["y_train"][kept]}
    write_arrays(tmp_path / prepared.arrays, **arrays)
    weights = read_tensors(prepared, tmp_path).weights
    assert weights is not None
    assert weights[2] == pytest.approx(4 * float(weights[0]))


def test_missing_or_foreign_weights_are_bad_input(tmp_path: Path) -> None:
    trained = train(MLP, toy(tmp_path), tmp_path, epochs=1)
    with pytest.raises(BadInput, match="does not hold this network's weights"):
        load_network(trained.model_copy(update={"architecture": CONV1D, "input_shape": (8, 2)}), tmp_path)
    (tmp_path / trained.weights).write_bytes(b"junk")
    with pytest.raises(BadInput, match="not a readable file of weights"):
        load_network(trained, tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_tensors(toy(tmp_path).model_copy(update={"arrays": "nothing.npz"}), tmp_path)


def test_augmentation_is_as_large_as_the_recipe_says() -> None:
    x = torch.ones(4000, 5)
    with seeded(1):
        noisy = augmented(x, Augment(noise=0.3))
        scaled = augmented(x, Augment(gain=0.2))
    assert float((noisy - 1).std()) == pytest.approx(0.3, rel=0.05)
    assert torch.equal(scaled, scaled[:, :1].expand(-1, 5)), "one gain per sample"
    assert float(scaled.min()) >= 0.8
    assert float(scaled.max()) <= 1.2
    assert torch.equal(augmented(x, Augment()), x)


def test_pictures_are_mirrored_and_moved_with_their_edge_repeated() -> None:
    x = torch.arange(2.0 * 6 * 5).reshape(1, 6, 5, 2).expand(500, -1, -1, -1)
    with seeded(1):
        mirrored = augmented(x, Augment(flip=True))
        moved = augmented(x, Augment(shift=1))
    flips = [torch.equal(one, x[0].flip(1)) for one in mirrored]
    assert all(flip or torch.equal(one, x[0]) for flip, one in zip(flips, mirrored, strict=True))
    assert 200 < sum(flips) < 300
    padded = torch.nn.functional.pad(x[:1].permute(0, 3, 1, 2), (1, 1, 1, 1), mode="replicate").permute(0, 2, 3, 1)[0]
    possible = {(dy, dx): padded[dy : dy + 6, dx : dx + 5] for dy in range(3) for dx in range(3)}
    seen = {at for one in moved for at, expected in possible.items() if torch.equal(one, expected)}
    assert all(any(torch.equal(one, expected) for expected in possible.values()) for one in moved)
    assert len(seen) == 9, "every direction comes"


# --- optimisers -------------------------------------------------------------------------------------


def test_sgd_is_nesterovs_and_decays_weights_only() -> None:
    """Sutskever et al. 2013 in torch's form: v <- m v + g, p <- p - lr (g + m v)."""
    weight, bias = nn.Parameter(torch.full((2, 2), 3.0)), nn.Parameter(torch.full((2,), 3.0))
    optimizer = SGD([weight, bias], momentum=0.9, weight_decay=0.5)
    p, v, q, w = 3.0, 0.0, 3.0, 0.0
    for lr in (0.1, 0.2, 0.05):
        (weight.pow(2).sum() + bias.pow(2).sum()).backward()
        optimizer.step(lr)
        g, h = 2 * p + 0.5 * p, 2 * q
        v, w = 0.9 * v + g, 0.9 * w + h
        p, q = p - lr * (g + 0.9 * v), q - lr * (h + 0.9 * w)
        assert weight.detach().numpy() == pytest.approx(np.full((2, 2), p), rel=1e-5)
        assert bias.detach().numpy() == pytest.approx(np.full(2, q), rel=1e-5)
        assert weight.grad is None


def test_adamw_decays_weights_only() -> None:
    """Loshchilov and Hutter, algorithm 2: the first step is lr * sign of the gradient, the decay is apart from it."""
    weight, bias = nn.Parameter(torch.full((2, 2), 3.0)), nn.Parameter(torch.full((2,), 3.0))
    optimizer = AdamW([weight, bias], weight_decay=0.5)
    (weight.pow(2).sum() + bias.pow(2).sum()).backward()
    optimizer.step(0.1)
    assert weight.detach().numpy() == pytest.approx(np.full((2, 2), 3.0 * (1 - 0.1 * 0.5) - 0.1), rel=1e-5)
    assert bias.detach().numpy() == pytest.approx(np.full(2, 3.0 - 0.1), rel=1e-5)


def test_one_cycle_rises_then_falls() -> None:
    rates = [one_cycle(step, 100, 0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.004)
    assert max(rates) == rates[25] == pytest.approx(0.1)
    assert rates[25:] == sorted(rates[25:], reverse=True)
    assert rates[-1] < 1e-3


# --- many, in parallel ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool() -> Any:
    workers = Workers(2, preload=("tools.fitting",))
    yield workers
    workers.close()


@pytest.fixture
def light() -> Any:
    workers = Workers(2)
    yield workers
    workers.close()


def test_mini_training_gives_every_candidate_its_result(tmp_path: Path, pool: Workers) -> None:
    prepared = toy(tmp_path)
    wide = Architecture(form="mlp", stages=(Stage(block="dense", channels=32),))
    unbuildable = CONV2D  # for a vector of four numbers
    heard: list[Event] = []
    with listening(heard.append):
        given = [candidate("a"), candidate("b", unbuildable), candidate("c", wide)]
        done = mini_train(given, prepared, tmp_path, epochs=8, workers=pool)
    assert [c.id for c in done] == ["a", "b", "c"]
    assert [c.status for c in done] == ["trained", "failed", "trained"]
    assert done[0].accuracy is not None
    assert done[0].accuracy > 0.9
    assert done[0].seconds > 0
    assert "conv2d" in done[1].reason
    assert {event.stage for event in heard} == {"mini-train"}
    assert {event.data.get("candidate") for event in heard} == {"a", "c", None}
    assert (heard[-1].done, heard[-1].total) == (3, 3), "also where some stop early"


def test_parallel_results_equal_those_of_one_process(tmp_path: Path, pool: Workers) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    alone = Training(MLP, toy(here, augment=0.1), here, 6, 4, None, 5000).run()
    (done,) = mini_train([candidate("a")], toy(there, augment=0.1), there, epochs=6, seed=4, workers=pool)
    assert done.accuracy == alone.accuracy_validation
    assert (there / alone.weights).read_bytes() == (here / alone.weights).read_bytes()


def test_a_second_round_uses_the_same_processes(tmp_path: Path, pool: Workers) -> None:
    first, second = pool.run(worker_tasks.pid, [0] * 4), pool.run(worker_tasks.pid, [0] * 4)
    assert len(set(first) | set(second)) <= 2


def test_a_killed_worker_is_tried_again_once(tmp_path: Path, light: Workers) -> None:
    results = light.run(
        worker_tasks.killed_until, [(tmp_path / "once", 1), (tmp_path / "always", 9), (tmp_path / "never", 0)]
    )
    assert results[0] == "survived"
    assert results[2] == "survived"
    assert isinstance(results[1], Died)
    assert "SIGKILL" in results[1].reason
    assert len(list(tmp_path.glob("always*"))) == 2


def test_a_bug_in_a_worker_is_raised_with_its_traceback(light: Workers) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        light.run(worker_tasks.bug, [0])
    assert light.run(worker_tasks.pid, [0]), "the pool works again"


def test_ctrl_c_ends_the_children(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import time, os\nfrom tools.workers import Workers\n"
        "def sleep(argument, tell):\n    tell(os.getpid())\n    time.sleep(600)\n"
        "def heard(index, pid):\n    print(pid, flush=True)\n"
        # A shell starts background jobs with SIGINT ignored, and children inherit that.
        "import signal\nif __name__ == '__main__':\n    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "    Workers(2).run(sleep, [0, 1], heard)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    children = [int(process.stdout.readline()) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    deadline = time.monotonic() + 10
    while any(_alive(pid) for pid in children):
        assert time.monotonic() < deadline, "a worker outlived Ctrl-C"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False
