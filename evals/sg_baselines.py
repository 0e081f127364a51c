"""Ways to firmware that the system is compared with: drafted C++ without rules, and the whole sketch as in P2.

P2 is arXiv 2501.12420: the model writes the whole sketch, compiler errors go back to it, at most 5 tries, success when
it compiles. Here it also gets what P2's earlier stages had left: the network's header, the features, the sensor's API.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agents.llm import LanguageModels
from evals.sg_case import RESULT_MS, Case
from evals.sg_network import IMU_PERIOD_MS, WINDOW
from evals.sg_rig import Made
from graph.config import RunConfig
from graph.run import state_of
from hw.board import Sensor, boards, sensors
from tools.artifacts import Build
from tools.compile import compile_sketch
from tools.features import features_c
from tools.sketch import app, line_counts, sample_period_ms, scaffold, write_sketch
from tools.trace import span, tracing_to

TEMPERATURE = 0.7
"""So that runs with different seeds differ."""
MAX_TOKENS = {"draft": 700, "p2": 1000}
SYSTEM = "You write correct, complete C++ for Arduino boards and answer with one code block."
_ERRORS = 4
"""Messages of the compiler that go back."""

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, autoescape=False
)

Write = Callable[[str], tuple[Path, dict[str, str]]]
"""Puts the model's code into a sketch folder: (folder, its files)."""


def draft(case: Case, source: Path, run_dir: Path, config: RunConfig) -> Made:
    """onStart, onResult and onTick from the request alone, in the system's scaffold; done when it compiles."""
    values = state_of(source)
    board, sensor = boards()[case.board], sensors()[case.sensor]
    recipe, card = values["prepared"].recipe, values["card"]
    spec = values["spec"].model_copy(update={"request": case.request, "behaviour": ()})
    period = sample_period_ms(recipe, sensor, card.sample_rate_hz)
    files = scaffold(spec, board, sensor, recipe, card.channels, period)
    prompt = _templates.get_template("sg_draft.jinja").render(
        board=board.name,
        headers=f"{files['classifier.h']}\n{files['outputs.h']}",
        pwm_pins=", ".join(map(str, board.pwm_pins)),
        request=case.request,
    )

    def write(code: str) -> tuple[Path, dict[str, str]]:
        whole = {**files, "app.h": app(spec, code)}
        model_c = source / values["converted"].c_dir
        return write_sketch(run_dir / "firmware" / spec.name, whole, model_c), whole

    return _tried("draft", case, run_dir, config, prompt, write)


def p2(case: Case, source: Path, run_dir: Path, config: RunConfig) -> Made:
    """P2's protocol: the whole sketch from the model."""
    values = state_of(source)
    board, sensor = boards()[case.board], sensors()[case.sensor]
    model_c = source / values["converted"].c_dir
    features = features_c(values["prepared"].recipe, values["card"].channels)
    prompt = _templates.get_template("sg_p2.jinja").render(
        board=f"{board.name} ({board.fqbn})",
        labels=", ".join(values["card"].classes),
        leds=", ".join(f"{name}: {led.pin} (active {led.active})" for name, led in board.leds.items()),
        model=_network_text(len(values["card"].channels)),
        request=case.request,
        sensor=_sensor_text(sensor, values["card"].channels),
    )

    def write(code: str) -> tuple[Path, dict[str, str]]:
        files = {"device.ino": code, "features.h": features}
        return write_sketch(run_dir / "firmware" / "device", files, model_c), {"device.ino": code}

    return _tried("p2", case, run_dir, config, prompt, write)


def _network_text(channels: int) -> str:
    return (
        '#include "src/model/model.h"\n'
        "// #define MODEL_INPUT_BYTES, MODEL_CLASSES, MODEL_OUTPUT_SCALE\n"
        "void model_infer(const int8_t *input, int8_t *output);  // logits; the largest wins\n"
        "int8_t model_quantise(float feature);\n"
        '#include "features.h"\n'
        f"void features_apply(const float *reading, float *features);  // {channels} values in, {channels} out"
    )


def _sensor_text(sensor: Sensor, channels: tuple[str, ...]) -> str:
    window = f"; {WINDOW} readings, one every {IMU_PERIOD_MS} ms, make one input" if sensor.id == "imu" else ""
    if not sensor.header:
        return f"each reading comes over Serial as one line of {len(channels)} numbers separated by commas"
    pace = IMU_PERIOD_MS if sensor.id == "imu" else RESULT_MS[sensor.id]
    read = " ".join(sensor.read.split())
    return (
        f"{sensor.name}, #include <{sensor.header}>, begin: {sensor.begin}, new reading: {sensor.available}, "
        f"read: {read}, a reading every {pace} ms{window}"
    )


def _tried(way: str, case: Case, run_dir: Path, config: RunConfig, prompt: str, write: Write) -> Made:
    """Ask, compile, and ask again with the compiler's errors, until it compiles or the tries are used up."""
    models = LanguageModels(config.ladders)
    board, problem, code = boards()[case.board], "", ""
    history: list[dict[str, Any]] = []
    with tracing_to(run_dir / "trace.jsonl"), span(way, kind="run", inputs={"request": case.request}):
        for number in range(1, config.tries + 1):
            code = models.ask(
                "firmware", SYSTEM, prompt if not problem else _again(prompt, code, problem), parse=_code,
                temperature=TEMPERATURE, seed=1000 * config.seed + number, max_tokens=MAX_TOKENS[way],
            ).value  # fmt: skip
            folder, files = write(code)
            build = compile_sketch(folder, board, run_dir / "build")
            if build.ok:
                lines, total = line_counts(files, code)
                return Made(
                    run_dir, Path(build.elf), tries=number, author="drafted", model_lines=lines, total_lines=total,
                    history=tuple(history),
                )  # fmt: skip
            problem = _problem(build)
            history.append({"stage": "compile", "problem": problem})
    return Made(
        run_dir, failure="compile_failed", message=f"does not compile after {config.tries} tries: {problem}",
        tries=config.tries, history=tuple(history),
    )  # fmt: skip


def _code(text: str) -> str:
    """The longest fenced block of an answer, since models add others that say what to install; else the whole text."""
    blocks = re.findall(r"```[a-zA-Z+]*\n(.*?)(?:```|\Z)", text, re.DOTALL)
    return str(max(blocks, key=len, default=text)).strip()


def _again(prompt: str, code: str, problem: str) -> str:
    return f"{prompt}\n\nYour last answer was:\n```cpp\n{code}\n```\nThe compiler says:\n{problem}\nMend it."


def _problem(build: Build) -> str:
    errors = [d for d in build.diagnostics if "error" in d.severity.lower() or "fatal" in d.severity.lower()]
    shown = (errors or list(build.diagnostics))[:_ERRORS]
    return "\n".join(f"line {d.line}: {d.message}" for d in shown) or "it does not compile"
