"""Recipes: no leakage, the same numbers in Python and in C, and a sentence where steps make no sense."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw.board import sensors
from tools.artifacts import (
    Augment,
    Clean,
    Clip,
    DataCard,
    Normalise,
    Prepared,
    Ratio,
    Recipe,
    Resample,
    Scale,
    Split,
    Step,
    Window,
)
from tools.data import RawData, load
from tools.errors import BadInput, Fixable
from tools.features import c_float, data_steps
from tools.process import run
from tools.recipe import (
    check_recipe,
    default_recipe,
    device_features,
    features_c,
    held_out,
    in_order,
    run_recipe,
    sample_rate_hz,
    sensor_readings,
)
from tools.split import PARTS, split_groups

MOTION = tuple(f"{part}.{axis}" for part in ("accel", "gyro") for axis in "xyz")


def replaced(recipe: Recipe, **changes: dict[str, object]) -> Recipe:
    steps = (step.model_copy(update=changes.get(step.step, {})) for step in recipe.steps)
    return Recipe(steps=tuple(steps))


@pytest.fixture(scope="module")
def motions() -> RawData:
    return load("basic_motions")


@pytest.fixture
def prepared(motions: RawData, tmp_path: Path) -> Prepared:
    return run_recipe(motions, default_recipe(motions.card, sensors()["imu"]), 1, tmp_path)


def arrays_of(run_dir: Path, prepared: Prepared) -> dict[str, np.ndarray]:
    with np.load(run_dir / prepared.arrays) as file:
        return {name: file[name] for name in file.files}


# --- split ------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000), validation=st.floats(0.1, 0.3), test=st.floats(0.1, 0.3))
def test_split_never_separates_a_group_and_reaches_every_class(
    data: st.DataObject, seed: int, validation: float, test: float
) -> None:
    classes = data.draw(st.integers(2, 4))
    sizes = [data.draw(st.lists(st.integers(1, 6), min_size=3, max_size=25)) for _ in range(classes)]
    y = np.concatenate([np.full(sum(s), i) for i, s in enumerate(sizes)])
    groups = np.repeat(np.arange(sum(map(len, sizes))), [n for s in sizes for n in s])
    parts = split_groups(y, groups, validation, test, tuple(map(str, range(classes))), seed)
    assert sorted(np.concatenate([parts[part] for part in PARTS])) == list(range(len(y)))
    for part in PARTS:
        assert set(y[parts[part]]) == set(range(classes))
        for other in PARTS:
            assert part == other or not set(groups[parts[part]]) & set(groups[parts[other]])


def test_split_meets_the_shares_per_class() -> None:
    y = np.repeat([0, 1], [50, 100])
    parts = split_groups(y, np.arange(150), 0.2, 0.2, ("a", "b"), 3)
    assert [np.bincount(y[parts[part]]).tolist() for part in PARTS] == [[30, 60], [10, 20], [10, 20]]
    again = split_groups(y, np.arange(150), 0.2, 0.2, ("a", "b"), 4)
    assert parts["test"].tolist() != again["test"].tolist()


def test_split_keeps_a_group_with_two_labels_in_one_part() -> None:
    y = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    groups = np.array([0, 1, 2, 3, 3, 4, 5, 6, 7])
    for seed in range(20):
        parts = split_groups(y, groups, 0.2, 0.2, ("a", "b"), seed)
        homes = [part for part in PARTS if set(parts[part].tolist()) & {3, 4}]
        assert len(homes) == 1


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(BadInput, match="class b has 2 different samples"):
        split_groups(np.array([0, 0, 0, 1, 1]), np.arange(5), 0.2, 0.2, ("a", "b"), 1)


# --- running ----------------------------------------------------------------------------------------


def test_all_windows_of_a_recording_are_in_one_part(prepared: Prepared, tmp_path: Path) -> None:
    arrays = arrays_of(tmp_path, prepared)
    assert prepared.input_shape == (40, 6)
    assert prepared.samples == {"train": 192, "validation": 64, "test": 64}
    homes = [set(arrays[f"g_{part}"].tolist()) for part in PARTS]
    assert homes[0] | homes[1] | homes[2] == set(range(80))
    assert sum(map(len, homes)) == 80, "a recording is in two parts"
    assert {arrays[f"x_{part}"].dtype for part in PARTS} == {np.dtype(np.float32)}


def test_equal_readings_are_in_one_part(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        rows = rng.integers(1, 6, (80, 2))
        (tmp_path / f"{name}.csv").write_text("u,v\n" + "\n".join(f"{u},{v}" for u, v in rows))
    raw = load(tmp_path)
    assert raw.card.duplicates > 50
    prepared = run_recipe(raw, default_recipe(raw.card), 2, tmp_path / "run")
    arrays = arrays_of(tmp_path / "run", prepared)
    rows_of = [set(map(bytes, arrays[f"x_{part}"])) for part in PARTS]
    assert not rows_of[0] & rows_of[1]
    assert not rows_of[0] & rows_of[2]
    assert not rows_of[1] & rows_of[2]


def test_statistics_come_from_the_training_part_only(motions: RawData, tmp_path: Path) -> None:
    recipe = default_recipe(motions.card, sensors()["imu"])
    first = run_recipe(motions, recipe, 1, tmp_path / "1")
    arrays = arrays_of(tmp_path / "1", first)
    assert arrays["x_train"].reshape(-1, 6).mean(axis=0) == pytest.approx(np.zeros(6), abs=1e-3)
    assert arrays["x_train"].reshape(-1, 6).std(axis=0) == pytest.approx(np.ones(6), abs=1e-3)
    other = [x.copy() for x in motions.x]
    for index in set(arrays["g_test"].tolist()) | set(arrays["g_validation"].tolist()):
        other[index] = other[index] * 0.5 + 3.0
    changed = RawData(other, motions.y, motions.classes, motions.groups, motions.card)
    assert run_recipe(changed, recipe, 1, tmp_path / "2").recipe == first.recipe


def test_the_same_inputs_give_the_same_bytes(motions: RawData, prepared: Prepared, tmp_path: Path) -> None:
    again = run_recipe(motions, default_recipe(motions.card, sensors()["imu"]), 1, tmp_path / "again")
    assert again == prepared
    assert (tmp_path / "again" / again.arrays).read_bytes() == (tmp_path / prepared.arrays).read_bytes()
    other = run_recipe(motions, default_recipe(motions.card, sensors()["imu"]), 2, tmp_path / "other")
    assert other.sha256 != prepared.sha256


def test_held_out_recordings_are_the_test_part_in_data_units(
    motions: RawData, prepared: Prepared, tmp_path: Path
) -> None:
    kept = held_out(tmp_path)
    arrays = arrays_of(tmp_path, prepared)
    sources = list(dict.fromkeys(arrays["g_test"].tolist()))
    assert [label for label, _ in kept] == [int(motions.y[i]) for i in sources]
    for (_, recording), source in zip(kept, sources, strict=True):
        assert np.array_equal(recording, motions.x[source])


def test_missing_values_are_dropped(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        lines = [f"{u:.5f},{v:.5f}" for u, v in rng.random((30, 2))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["u,v", "0.5,", *lines]))
    raw = load(tmp_path)
    recipe = default_recipe(raw.card)
    prepared = run_recipe(raw, recipe, 1, tmp_path / "run")
    assert sum(prepared.samples.values()) == 60
    with pytest.raises(Fixable, match="drop_missing"):
        run_recipe(raw, Recipe(steps=recipe.steps[1:]), 1, tmp_path / "run2")


def test_resampling_keeps_the_span_of_time(motions: RawData, tmp_path: Path) -> None:
    recipe = Recipe(steps=(Resample(rate_hz=5.0), Window(size=20, stride=10), Normalise(method="none"), Split()))
    prepared = run_recipe(motions, recipe, 1, tmp_path)
    arrays = arrays_of(tmp_path, prepared)
    source = int(arrays["g_train"][0])
    assert arrays["x_train"][0] == pytest.approx(motions.x[source][:40:2], rel=1e-5)
    assert sample_rate_hz(motions.card, recipe) == 5.0
    assert held_out(tmp_path)[0][1].shape == (50, 6)


# --- the device's part ------------------------------------------------------------------------------


def test_sensor_readings_undo_the_device_part(motions: RawData, prepared: Prepared, tmp_path: Path) -> None:
    arrays = arrays_of(tmp_path, prepared)
    recording = held_out(tmp_path)[0][1]
    readings = sensor_readings(recording, prepared.recipe, sensors()["imu"], motions.card.channels)
    assert readings[:, 0] == pytest.approx(recording[:, 0] / 9.80665)
    assert readings[:, 3] == pytest.approx(np.degrees(recording[:, 3]))
    assert device_features(readings[:40], prepared.recipe) == pytest.approx(arrays["x_test"][0], abs=1e-5)


def test_ratios_become_counts_and_back(fruit_data: Path, tmp_path: Path) -> None:
    raw = load(fruit_data)
    color = sensors()["color"]
    prepared = run_recipe(raw, default_recipe(raw.card, color), 1, tmp_path)
    samples = np.concatenate([x for _, x in held_out(tmp_path)])
    readings = sensor_readings(samples, prepared.recipe, color, raw.card.channels)
    assert np.array_equal(readings, np.rint(readings))
    assert readings.sum(axis=1) == pytest.approx(np.full(len(readings), 4000), abs=10)
    features = device_features(readings, prepared.recipe)
    assert features == pytest.approx(arrays_of(tmp_path, prepared)["x_test"], abs=0.05)
    dimmer = device_features(np.rint(readings / 8), prepared.recipe)
    assert dimmer == pytest.approx(features, abs=0.2), "a ratio does not depend on the light"


FITTED = Normalise(offset=(0.1, -2.0, 1e-3), gain=(3.3, 0.25, 123.456))
CHAINS: dict[str, tuple[Step, ...]] = {
    "nothing": (Clean(), Split()),
    "no normalising": (Normalise(method="none"),),
    "normalise": (FITTED,),
    "ratio": (Ratio(in_data=True), Clip(low=(0, 0, 0), high=(1, 1, 1)), FITTED),
    "scale": (Scale(factors=(9.80665, -1.0, 0.0174532925)), Clip(low=(-4, -1e9, 0), high=(4, 2.5, 1e-7)), FITTED),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("language", ["c99", "c++17"])
def test_c_computes_what_python_computes(tmp_path: Path, name: str, language: str) -> None:
    """The generated source, compiled by gcc with all warnings as errors, against device_features on hard inputs."""
    compiler = shutil.which("g++" if language == "c++17" else "gcc")
    if compiler is None:
        pytest.skip("gcc is not installed")
    recipe = Recipe(steps=CHAINS[name])
    rng = np.random.default_rng(5)
    readings = np.concatenate(
        [rng.normal(0, 10.0**scale, (200, 3)) for scale in (-3, 0, 3)]
        + [rng.integers(0, 65536, (200, 3)), np.zeros((1, 3)), np.full((1, 3), -1.0), np.full((1, 3), np.nan)]
    ).astype(np.float32)
    (tmp_path / "reading.h").write_text(features_c(recipe, ("color.r", "evil */ #error", "b\n")))
    source = tmp_path / ("main.cpp" if language == "c++17" else "main.c")
    source.write_text(
        "#include <stdio.h>\n#include <reading.h>\nint main(void) {\n"
        "  float in[FEATURES_CHANNELS], out[FEATURES_CHANNELS];\n"
        "  while (fread(in, sizeof in, 1, stdin) == 1) {\n"
        "    features_apply(in, out);\n    fwrite(out, sizeof out, 1, stdout);\n  }\n  return 0;\n}\n"
    )
    flags = [f"-std={language}", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{tmp_path}"]
    built = run([compiler, *flags, source, "-o", tmp_path / "main"], timeout_s=60)
    assert built.returncode == 0, built.stderr
    (tmp_path / "in").write_bytes(readings.tobytes())
    ran = run(["sh", "-c", f"{tmp_path}/main < {tmp_path}/in > {tmp_path}/out"], timeout_s=60)
    assert ran.returncode == 0
    out = np.frombuffer((tmp_path / "out").read_bytes(), dtype=np.float32).reshape(-1, 3)
    np.testing.assert_array_max_ulp(out, device_features(readings, recipe), maxulp=1)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_c_literals_are_exact(value: float) -> None:
    text = c_float(value)
    assert text.endswith("f")
    assert "." in text or "e" in text
    assert np.float32(text[:-1]) == np.float32(value)


def test_a_recipe_that_was_not_fitted_cannot_reach_a_device() -> None:
    with pytest.raises(ValueError, match="no fitted values"):
        device_features(np.zeros((1, 3)), Recipe(steps=(Normalise(), Split())))
    with pytest.raises(ValueError, match="no fitted values"):
        features_c(Recipe(steps=(Normalise(), Split())), ("a", "b", "c"))


# --- choosing and checking --------------------------------------------------------------------------

CARD = DataCard(
    source="x",
    sha256="0",
    kind="series",
    classes=("a", "b"),
    counts={"a": 10, "b": 10},
    channels=MOTION,
    units=("g",) * 3 + ("deg/s",) * 3,
    sample_rate_hz=100.0,
    recording_samples=(500, 900),
    minimum=(-2.0,) * 6,
    maximum=(2.0,) * 6,
    mean=(0.0,) * 6,
    std=(1.0,) * 6,
)
TABLE = CARD.model_copy(
    update={
        "kind": "tabular",
        "channels": ("color.r", "color.g", "color.b"),
        "units": ("count",) * 3,
        "sample_rate_hz": None,
        "recording_samples": None,
        "minimum": (0.0,) * 3,
        "maximum": (900.0,) * 3,
    }
)


def test_default_recipe_for_motion() -> None:
    recipe = default_recipe(CARD, sensors()["imu"])
    assert [step.step for step in recipe.steps] == [
        "clean",
        "clip",
        "resample",
        "window",
        "normalise",
        "augment",
        "split",
    ]
    by_name = {step.step: step for step in recipe.steps}
    assert by_name["resample"] == Resample(rate_hz=50.0)
    assert by_name["window"] == Window(size=200, stride=100)
    assert by_name["clip"] == Clip(low=(-4.0,) * 3 + (-2000.0,) * 3, high=(4.0,) * 3 + (2000.0,) * 3)
    check_recipe(recipe, CARD)
    metric = default_recipe(CARD.model_copy(update={"units": ("m/s^2",) * 3 + ("rad/s",) * 3}), sensors()["imu"])
    assert isinstance(metric.steps[1], Scale)
    assert metric.steps[1].factors[0] == 9.80665


def test_default_recipe_for_colours() -> None:
    counts = default_recipe(TABLE, sensors()["color"])
    assert Ratio(in_data=False) in counts.steps
    assert [type(step) for step in data_steps(counts)] == [Ratio, Clip, Normalise]
    shares = default_recipe(TABLE.model_copy(update={"rows_sum_to_one": True}), sensors()["color"])
    assert Ratio(in_data=True) in shares.steps
    assert [type(step) for step in data_steps(shares)] == [Clip, Normalise]


@pytest.mark.parametrize("shortest", [9, 37, 64, 333, 5000])
@pytest.mark.parametrize("rate", [None, 10.0, 33.3, 104.0, 1000.0])
def test_default_recipes_are_always_sensible(shortest: int, rate: float | None) -> None:
    card = CARD.model_copy(update={"recording_samples": (shortest, 2 * shortest), "sample_rate_hz": rate})
    for sensor in (None, sensors()["imu"]):
        check_recipe(default_recipe(card, sensor), card)


def series(*steps: Step) -> Recipe:
    return in_order(Recipe(steps=steps))


W, N, S = Window(size=100, stride=50), Normalise(), Split()
NONSENSE: dict[str, tuple[Recipe, DataCard, str]] = {
    "no split": (series(W, N), CARD, "no step `split`"),
    "two splits": (series(W, N, S, S), CARD, "`split` occurs 2 times"),
    "no window": (series(N, S), CARD, "no step `window`"),
    "wrong order": (Recipe(steps=(S, W)), CARD, "wrong order"),
    "window too long": (series(Window(size=501, stride=50), S), CARD, "the shortest recording has 500"),
    "window too long after resampling": (
        series(Resample(rate_hz=50), Window(size=251, stride=50), S),
        CARD,
        "the shortest recording has 250",
    ),
    "stride": (series(Window(size=100, stride=101), S), CARD, "stride 101"),
    "window of a table": (series(W, S), TABLE, "`window` is for recordings"),
    "rate unknown": (
        series(Resample(rate_hz=50), W, S),
        CARD.model_copy(update={"sample_rate_hz": None}),
        "rate of these recordings is not known",
    ),
    "ratio of motion": (series(Ratio(), W, S), CARD, "`ratio` is for readings"),
    "ratio twice": (
        series(Ratio(), S),
        TABLE.model_copy(update={"rows_sum_to_one": True}),
        "in_data of `ratio` to true",
    ),
    "negative ratio": (series(Ratio(), S), TABLE.model_copy(update={"minimum": (-1.0, 0, 0)}), "never negative"),
    "scale": (series(Scale(factors=(1.0,)), W, S), CARD, "1 values for 6 channels"),
    "scale by 0": (series(Scale(factors=(0.0,) * 6), W, S), CARD, "would erase"),
    "clip upside down": (series(Clip(low=(1.0,) * 6, high=(0.0,) * 6), W, S), CARD, "is not below high"),
    "missing": (series(W, S), CARD.model_copy(update={"missing": 3}), "drop_missing"),
    "no test": (series(W, Split(test=0.0)), CARD, "a share of 0"),
    "noise": (series(W, Augment(noise=7), S), CARD, "noise 7"),
}


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_told_in_a_sentence(case: str) -> None:
    recipe, card, said = NONSENSE[case]
    with pytest.raises(Fixable) as caught:
        check_recipe(recipe, card)
    assert said in str(caught.value)


def test_clip_limits_in_the_wrong_unit_are_found(motions: RawData, tmp_path: Path) -> None:
    recipe = replaced(default_recipe(motions.card, sensors()["imu"]), clip={"low": (-0.1,) * 6, "high": (0.1,) * 6})
    with pytest.raises(Fixable, match="would flatten"):
        run_recipe(motions, recipe, 1, tmp_path)
