"""The scaffold around the application's part: everything that has one right answer, rendered from facts.

The application's part itself (app.h) is drafted by the firmware agent or generated from the rules.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hw.board import Board, Sensor, sensors
from tools.artifacts import Picture, Recipe, Spectrogram, TaskSpec, Window
from tools.behaviour import Uses, label_ids, led_id, sentences, uses
from tools.channels import sensor_channels
from tools.features import features_c
from tools.identity import write_identity, write_if_changed
from tools.picture_recipe import FRAME_HEIGHT, FRAME_WIDTH, crop
from tools.spectrogram import spectrogram_c

BAUD = 115200
TABULAR_PERIOD_MS = 100
"""Pace of single readings: ten results a second, as fast as a person can follow."""
_GAP = 3
"""Readings that may be missing before a window starts anew; none is missing from sound, however late it is taken."""
PICTURE_PERIOD_MS = 1000
"""Pace of a camera: five of its frames. Taking one blocks for one to two, the network needs the rest."""
_SENSOR = {"audio": "microphone.cpp", "image": "camera.cpp"}
"""Templates of sensor.cpp, by kind of sensor; the others have one of that name."""
_SENT_PICTURES = "serial_pictures.cpp"
_PICTURE_AXES = 3
_FILES = (
    "sensor.h",
    "classifier.h",
    "classifier.cpp",
    "outputs.h",
    "outputs.cpp",
    "selftest.h",
    "selftest.cpp",
)

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


def window_of(recipe: Recipe, input_shape: Sequence[int] = ()) -> tuple[int, int]:
    """(size, stride) of the recipe's window in samples; (1, 1) for single readings, pixels for pictures.

    `input_shape`: of the network, without the batch; (H, W, C) of a picture.
    """
    if len(input_shape) == _PICTURE_AXES:
        pixels = input_shape[0] * input_shape[1]
        return pixels, pixels
    for step in recipe.steps:
        if isinstance(step, Picture):
            return step.width * step.height, step.width * step.height
        if isinstance(step, Window):
            return step.size, step.stride
    return 1, 1


def sample_period_ms(recipe: Recipe, sensor: Sensor, sample_rate_hz: float | None) -> int:
    """Milliseconds between two samples on the device; 0 where the sender sets the pace.

    The data's rate after resampling, the rate of frames for sound; single readings come at TABULAR_PERIOD_MS.
    """
    if not sensor.header:
        return 0
    if sound := sound_step(recipe):
        return sound.hop_ms
    if picture_step(recipe):
        return PICTURE_PERIOD_MS
    for step in recipe.steps:
        if step.step == "resample":
            sample_rate_hz = step.rate_hz
    return round(1000 / sample_rate_hz) if sample_rate_hz else TABULAR_PERIOD_MS


def sound_step(recipe: Recipe) -> Spectrogram | None:
    """The step that turns sound into frames, where there is one."""
    return next((step for step in recipe.steps if isinstance(step, Spectrogram)), None)


def picture_step(recipe: Recipe) -> Picture | None:
    """The step that scales a camera's frames, where there is one."""
    return next((step for step in recipe.steps if isinstance(step, Picture)), None)


def _device_channels(recipe: Recipe, channels: Sequence[str]) -> Sequence[str]:
    """Names of what the device feeds into the network at a time."""
    if sound := sound_step(recipe):
        return [f"band.{band}" for band in range(sound.bands)]
    return ["grey"] if picture_step(recipe) else channels


def _picture_facts(step: Picture | None) -> dict[str, int] | None:
    if step is None:
        return None
    left, top, width, height = crop(step)
    frame = {"frame_width": FRAME_WIDTH, "frame_height": FRAME_HEIGHT, "width": step.width, "height": step.height}
    return frame | {"left": left, "top": top, "crop_width": width, "crop_height": height}


def picture_sent(sensor: Sensor, input_shape: Sequence[int]) -> tuple[int, int, int] | None:
    """(H, W, C) of the pictures that a sender gives to a network of this input; None where it gives readings."""
    if sensor.header or len(input_shape) != _PICTURE_AXES:
        return None
    height, width, channels = input_shape
    return height, width, channels


def _sent_facts(picture: tuple[int, int, int] | None) -> dict[str, int] | None:
    if picture is None:
        return None
    height, width, channels = picture
    return {"rows": height, "columns": width, "numbers": width * channels}


def scaffold(
    spec: TaskSpec,
    board: Board,
    sensor: Sensor,
    recipe: Recipe,
    channels: Sequence[str],
    period_ms: int,
    input_shape: Sequence[int] = (),
) -> dict[str, str]:
    """Text of every file of the sketch but app.h and the network, by path.

    `input_shape`: of the network, without the batch; needed where pictures, (H, W, C), are sent over the serial line.
    """
    size, stride = window_of(recipe, input_shape)
    sent = picture_sent(sensor, input_shape)
    used, decision = uses(spec.behaviour), spec.decision
    leds = [{"id": led_id(name), "pin": led.pin, "active": led.active} for name, led in board.leds.items()]
    at = () if sensor.kind == "image" else sensor_channels(channels, sensor)
    channels, sound = _device_channels(recipe, channels), sound_step(recipe)
    facts: dict[str, Any] = {
        "picks": () if tuple(at) == tuple(range(len(sensor.channels))) else at,
        "name": spec.name,
        "title": f"{spec.name}: tells {', '.join(spec.classes)} apart",
        "request": " ".join(spec.request.split()),
        "board": board,
        "sensor": sensor,
        "baud": BAUD,
        "channels": list(channels),
        "period_ms": period_ms,
        "label_ids": list(label_ids(spec.classes).values()),
        "label_names": [c.replace("\\", "\\\\").replace('"', '\\"') for c in spec.classes],
        "window": size,
        "stride": stride,
        "gap": size if sound else _GAP,
        "picture": _picture_facts(picture_step(recipe)),
        "sent": _sent_facts(sent),
        "leds": leds,
        "uses": used,
        "decision": decision,
        "settles": decision.stable_results > 1 or decision.stable_ms > 0,
        "command_bytes": max((len(text.encode()) for text in used.commands), default=0),
        "proximity": _proximity(board, sensor) if used.proximity else None,
    }
    names = (*_FILES, *_used_files(used, sensor))
    files = {name: _templates.get_template(f"{name}.jinja").render(**facts) for name in names}
    files[f"{spec.name}.ino"] = _templates.get_template("sketch.ino.jinja").render(**facts)
    reader = _SENT_PICTURES if sent else _SENSOR.get(sensor.kind, "sensor.cpp")
    files["sensor.cpp"] = _templates.get_template(f"{reader}.jinja").render(**facts)
    files["features.h"] = _features(recipe, channels)
    if sound is not None:
        files["spectrogram.h"] = spectrogram_c(sound)
    return files


def _used_files(used: Uses, sensor: Sensor) -> list[str]:
    """Files of the sketch that are there only when a behaviour needs them."""
    parts = [("buttons", bool(used.buttons)), ("proximity", used.proximity)]
    parts.append(("commands", bool(used.commands and sensor.header)))  # else the readings' own lines bring them
    return [f"{name}.{kind}" for name, needed in parts if needed for kind in ("h", "cpp")]


def _proximity(board: Board, sensor: Sensor) -> dict[str, str]:
    """How nearness is measured on the board; `begin` is empty where the task's own sensor does it."""
    fact = next(sensors()[name] for name in board.sensors if name in sensors() and sensors()[name].proximity_read)
    return {
        "name": fact.name,
        "header": fact.header,
        "begin": "" if fact.id == sensor.id else fact.begin,
        "available": fact.proximity_available,
        "read": fact.proximity_read,
    }


def _features(recipe: Recipe, channels: Sequence[str]) -> str:
    return (
        "// From the sensor's units to what the network was trained on; generated from data/recipe.json.\n"
        "#pragma once\n\n"
        f"constexpr int FEATURES = {len(channels)};\n\n{features_c(recipe, channels).rstrip()}\n"
    )


def app(spec: TaskSpec, code: str) -> str:
    """app.h around the application's code, with the demanded behaviour as its comment."""
    summary = "".join(f"\n// - {text}" for text in sentences(spec))
    used = uses(spec.behaviour)
    return _templates.get_template("app.h.jinja").render(summary=summary, code=code.strip(), uses=used)


def write_sketch(folder: Path, files: dict[str, str], model_c: Path) -> Path:
    """Write the sketch into `folder`, the network into src/model and what the sketch is into identity.h.

    Files that did not change keep their time, which is what lets the compiler's cache skip them.
    """
    for name, text in files.items():
        write_if_changed(folder / name, text)
    target = folder / "src" / "model"
    if not target.exists():
        shutil.copytree(model_c, target)
    write_identity(folder)
    return folder


def line_counts(files: dict[str, str], drafted: str) -> tuple[int, int]:
    """(lines a language model wrote, lines of the whole sketch without the network)."""
    total = sum(text.count("\n") for text in files.values())
    return len([line for line in drafted.splitlines() if line.strip()]), total
