"""Quantisation-aware fine-tuning: the fake agrees with TFLM, and helps the networks that INT8 hurts, no others."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hw.board import sensors
from tools.artifacts import Architecture, Prepared, Stage, Trained
from tools.data import load
from tools.fitting import read_tensors
from tools.network import Convolution
from tools.qat import FINE_TUNED, FakeQuantised, fine_tune
from tools.quantise import calibrated, dequantise, quantise, quantise_network
from tools.recipe import default_recipe, run_recipe
from tools.store import sha256
from tools.tflite_file import tflm_infer, write_tflite
from tools.train import MODEL, load_network, train
from tools.weights import write_weights

CONV = Architecture(
    form="conv1d",
    stages=(
        Stage(block="conv", channels=8, kernel=5, stride=2),
        Stage(block="mbconv", channels=8, expansion=2, skip=True),
    ),
)


@pytest.fixture
def motions(tmp_path: Path) -> tuple[Trained, Prepared]:
    raw = load("basic_motions")
    prepared = run_recipe(raw, default_recipe(raw.card, sensors()["imu"]), 1, tmp_path)
    return train(CONV, prepared, tmp_path, epochs=4), prepared


def test_the_fake_computes_what_tflm_computes(motions: tuple[Trained, Prepared], tmp_path: Path) -> None:
    trained, prepared = motions
    net, tensors = load_network(trained, tmp_path), read_tensors(prepared, tmp_path)
    x = tensors.x["train"].numpy()
    values = calibrated(net, x)
    path = tmp_path / "model.tflite"
    path.write_bytes(write_tflite(quantise_network(net, x)))
    codes = tflm_infer(path, quantise(x[:64], *values[0]).reshape(64, *x.shape[1:]))
    real = dequantise(codes, *values[-1])
    with torch.no_grad():
        fake = FakeQuantised(net, values)(torch.from_numpy(x[:64])).numpy()
    assert np.abs(fake - real).max() <= 3.01 * values[-1].scale, "a few roundings apart at most"
    assert (np.abs(fake - real) < 0.51 * values[-1].scale).mean() > 0.8


def test_a_network_that_int8_does_not_hurt_is_left_alone(motions: tuple[Trained, Prepared], tmp_path: Path) -> None:
    trained, prepared = motions
    kept, outcome = fine_tune(trained, prepared, tmp_path, seed=1)
    assert kept == trained
    assert outcome.after is None
    assert not (tmp_path / FINE_TUNED).exists()


def test_fine_tuning_repairs_a_network_that_int8_hurts(motions: tuple[Trained, Prepared], tmp_path: Path) -> None:
    trained, prepared = motions
    net = load_network(trained, tmp_path)
    # Equal on floats, but one channel's range now leaves the others only a few codes.
    first, expansion = net.steps[0], net.steps[1]
    assert isinstance(first, Convolution)
    assert isinstance(expansion, Convolution)
    assert first.norm is not None
    with torch.no_grad():
        first.norm.weight[0] *= 60
        first.norm.bias[0] *= 60
        expansion.conv.weight[:, 0] /= 60
    write_weights(tmp_path / trained.weights, net)
    before = sha256(tmp_path / trained.weights)
    tuned, outcome = fine_tune(trained, prepared, tmp_path, seed=1, epochs=6)
    assert outcome.accuracy_float - outcome.before > 0.01
    assert outcome.after is not None
    assert outcome.kept
    assert outcome.after > outcome.before
    assert tuned.weights == FINE_TUNED
    assert "quantisation-aware fine-tuning" in tuned.note
    assert sha256(tmp_path / FINE_TUNED) == sha256(tmp_path / MODEL) != before
