"""Trained runs for cases: well-separated classes, and a network whose confidence changes smoothly between them.

A network is made once per sensor and number of classes (about 15 s) and kept; a case's run folder is a copy of it with
the case's labels, in the alphabetical order that a data set of these names would have.
"""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.sg_case import RESULT_MS, Case
from hw.board import boards, sensors
from tools.artifacts import (
    Architecture,
    Augment,
    Candidate,
    Converted,
    Front,
    Prepared,
    Recipe,
    Stage,
    TaskSpec,
    Trained,
    Window,
)  # fmt: skip
from tools.convert import convert
from tools.data import load
from tools.estimate import portable_for
from tools.recipe import default_recipe, run_recipe
from tools.store import content_hash, read_model, write_json
from tools.toolchain import cache_dir

if TYPE_CHECKING:
    from graph.config import RunConfig

_VERSION = 1
"""Raised when the same case would get another network, so that kept ones are made again."""
IMU_PERIOD_MS = 40
WINDOW = RESULT_MS["imu"] // IMU_PERIOD_MS
"""Readings of a result; windows do not overlap, so that a change of the label falls between two of them."""
_HEADERS = {
    "color": "Red,Green,Blue",
    "imu": "t_ms,accX [g],accY [g],accZ [g],gyroX [dps],gyroY [dps],gyroZ [dps]",
    "serial": "level,pitch,rate,spread",
}
_SAMPLES, _RECORDINGS = 60, 24
_STEPS = 400
SURE_LOGIT = 5.0
"""Lead of a class at its own centre: confidence 0.99 against one other class."""


def centres(sensor: str, classes: int) -> np.ndarray:
    """(classes, channels) readings in the middle of each class, in the data's units."""
    if sensor == "color":
        angles = 2 * np.pi * np.arange(classes) / classes
        flat = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        across = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
        return 1 / 3 + 0.2 * flat @ across
    if sensor == "imu":
        return np.array([0.0, 0, 1, 0, 0, 0]) + np.diag([1.5, 1.5, -2.0, 180, 180, 180])[:classes]
    corners = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, 0], [0, 1, 1, 1]]
    return 1 + 8 * np.array(corners[:classes], dtype=float)


def network_dir(sensor: str, classes: int, portable: bool, cache: Path | None = None) -> Path:
    """The folder of a network in `cache` (the program's own by default), made now when it is not there yet."""
    facts = {"version": _VERSION, "sensor": sensor, "classes": classes, "portable": portable}
    root = (cache or cache_dir() / "evals" / "sg") / content_hash(facts)
    if not root.exists():
        part = root.with_name(f"{root.name}.{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        _make(part, sensor, classes, portable)
        try:
            part.rename(root)
        except OSError:  # another process was first
            shutil.rmtree(part)
    return root


def _make(root: Path, sensor: str, classes: int, portable: bool) -> None:
    raw = load(_write_data(root / "readings", sensor, classes))
    recipe = default_recipe(raw.card, sensors()[sensor])
    cut = Window(size=WINDOW, stride=WINDOW)
    steps = (cut if isinstance(s, Window) else s for s in recipe.steps if not isinstance(s, Augment))
    prepared = run_recipe(raw, Recipe(steps=tuple(steps), rationale=recipe.rationale), 1, root)
    with np.load(root / prepared.arrays) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arch = _architecture(sensor)
    network = _trained(arch, arrays["x_train"], arrays["y_train"], classes)
    converted = convert(
        network, arch, prepared.input_shape, prepared.classes,
        arrays["x_train"], arrays["x_test"], arrays["y_test"], root / "model", portable,
    )  # fmt: skip
    write_json(root / "prepared.json", prepared)
    write_json(root / "converted.json", converted)
    accuracy = converted.accuracy_float or 0.0
    trained = Trained(
        architecture=arch, input_shape=prepared.input_shape, classes=prepared.classes, weights="model/model.pt",
        accuracy_train=accuracy, accuracy_validation=accuracy, epochs=_STEPS, seconds=0,
    )  # fmt: skip
    write_json(root / "trained.json", trained)


def _architecture(sensor: str) -> Architecture:
    if sensor == "imu":
        return Architecture(form="conv1d", stages=(Stage(block="conv", channels=8, kernel=3),))
    return Architecture(form="mlp", stages=(Stage(block="dense", channels=12),))


def _write_data(folder: Path, sensor: str, classes: int) -> Path:
    rng = np.random.default_rng(5)
    for k, middle in enumerate(centres(sensor, classes)):
        if sensor != "imu":
            rows = middle + rng.normal(0, 0.006 if sensor == "color" else 0.15, (_SAMPLES, len(middle)))
            _write_rows(folder / f"c{k}.csv", sensor, rows)
            continue
        times = np.arange(2 * WINDOW)[:, None] * IMU_PERIOD_MS
        for n in range(_RECORDINGS):
            rows = middle + rng.normal(0, [0.04] * 3 + [4.0] * 3, (2 * WINDOW, 6))
            _write_rows(folder / f"c{k}" / f"{n}.csv", sensor, np.hstack([times, rows]))
    return folder


def _write_rows(path: Path, sensor: str, rows: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if sensor == "color":
        rows = rows / rows.sum(axis=1, keepdims=True)
    lines = [_HEADERS[sensor], *(",".join(f"{value:.4g}" for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def _trained(arch: Architecture, x: np.ndarray, y: np.ndarray, classes: int) -> Any:
    """Trained on blends of two samples with the targets that a linear logit would give, so that any confidence can
    be shown: of a share `a` of class i and 1-a of class j, log(p_i / p_j) = SURE_LOGIT (2 a - 1).
    """
    import torch

    from tools.network import build_network

    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    network = build_network(arch, tuple(x.shape[1:]), classes)
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    network.train()
    for _ in range(_STEPS):
        first, second = rng.integers(0, len(x), (2, 128))
        share = rng.random(128)
        target = np.full((128, classes), 0.001)
        p = 1 / (1 + np.exp(-SURE_LOGIT * (2 * share - 1)))
        target[np.arange(128), y[first]] += p
        target[np.arange(128), y[second]] += 1 - p
        same = y[first] == y[second]
        target[same] = 0.001
        target[same, y[first][same]] = 1 / (1 + np.exp(-SURE_LOGIT))
        shape = (128, *[1] * (x.ndim - 1))
        blend = share.reshape(shape) * x[first] + (1 - share).reshape(shape) * x[second]
        target /= target.sum(axis=1, keepdims=True)
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(
            network(torch.tensor(blend, dtype=torch.float32)), torch.tensor(target, dtype=torch.float32)
        )
        loss.backward()
        optimiser.step()
    return network.eval()


# --- a case's run -----------------------------------------------------------------------------------


def trained_run(case: Case, folder: Path, config: "RunConfig", cache: Path | None = None) -> Path:
    """A run folder with a network for the case's labels, sensor and board, as if trained; made when not there yet."""
    from graph.run import opened, thread

    root = network_dir(case.sensor, len(case.labels), portable_for(boards()[case.board]), cache)
    run_dir = folder / content_hash([root.name, case.board, config.model_dump(mode="json"), *case.labels])
    if (run_dir / "run.json").exists():
        return run_dir
    shutil.rmtree(run_dir, ignore_errors=True)
    for name in ("data", "model"):
        shutil.copytree(root / name, run_dir / name)
    for index, label in enumerate(sorted(case.labels)):
        for path in (root / "readings").glob(f"c{index}*"):
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, _made(run_dir / "readings") / f"{label}{path.suffix}")
    values = _state(root, run_dir, case, config)
    with opened(run_dir) as graph:
        graph.update_state(thread(), values, as_node="report")
    write_json(run_dir / "run.json", {"request": values["request"], "data": values["data"], "board": case.board})
    return run_dir


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _state(root: Path, run_dir: Path, case: Case, config: "RunConfig") -> dict[str, Any]:
    """What the stages before the firmware would have left, with the case's labels for the classes c0, c1, ..."""
    card = load(run_dir / "readings").card
    write_json(run_dir / "data" / "card.json", card)
    spec = TaskSpec(
        request=f"tell {', '.join(card.classes)} apart", name="device", board=case.board, sensor=case.sensor,
        classes=card.classes, data=card.source,
    )  # fmt: skip
    renamed = {"classes": card.classes}
    trained = read_model(root / "trained.json", Trained).model_copy(update=renamed)
    only = Candidate(
        id="only", round=1, author="llm", architecture=trained.architecture, status="trained",
        accuracy=trained.accuracy_validation,
    )  # fmt: skip
    return {
        "request": spec.request, "data": spec.data, "board": case.board, "run_dir": str(run_dir),
        "config": config.model_copy(update={"board": case.board}), "spec": spec, "card": card,
        "prepared": read_model(root / "prepared.json", Prepared).model_copy(update=renamed),
        "candidates": [only], "front": Front(members=(only.id,), hypervolume=0.0), "chosen": only.id,
        "trained": trained, "converted": read_model(root / "converted.json", Converted).model_copy(update=renamed),
    }  # fmt: skip
