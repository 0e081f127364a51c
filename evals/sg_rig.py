"""One sample of the suites `sg` and `fruit`: a request through the real graph on a run that is trained already, then
the case's own scene on the emulated board with what came out, judged by the scorer.
"""

import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals.sg_case import Case
from evals.sg_network import trained_run
from evals.sg_scene import Shown, stage
from evals.sg_score import judge
from graph.again import new_behaviour
from graph.config import RunConfig
from graph.run import state_of
from hw.board import boards
from tools.artifacts import Emulation, Firmware, TaskSpec
from tools.behaviour import sentence
from tools.emulate import emulate
from tools.errors import BadInput, Fixable, Infeasible
from tools.result import usage
from tools.store import read_model, write_json
from tools.trace import read_trace

Outcome = Literal[
    "works", "wrong_behaviour", "not_refused", "gave_up", "compile_failed", "crash",
    "refused_wrongly", "refused_unclearly", "refused_rightly",
]  # fmt: skip
"""wrong_behaviour: accepted by the system, but not what the case wants: a silent misunderstanding, as not_refused is.
Refused and asked are one: the run ends with one sentence for the person instead of firmware."""
RIGHT: tuple[Outcome, ...] = ("works", "refused_rightly")
SILENT: tuple[Outcome, ...] = ("wrong_behaviour", "not_refused")
LONGEST_ANSWER = 400
"""Characters of a refusal or a question that a person still reads as one sentence."""


@dataclass(frozen=True)
class Made:
    """Firmware that a way came up with, or why it did not."""

    run_dir: Path
    elf: Path | None = None
    failure: Outcome | None = None
    message: str = ""
    tries: int = 0
    author: str = ""
    model_lines: int = 0
    total_lines: int = 0
    plan: tuple[str, ...] = ()
    history: tuple[dict[str, Any], ...] = ()
    disagreement: str = ""


Way = Callable[[Case, Path, Path, RunConfig], Made]
"""(case, trained run, new run folder, settings) -> firmware."""


class _Asked(BadInput):
    """The system put a question to the person instead of going on."""


def run_sample(case: Case, folder: Path, config: RunConfig, way: Way) -> dict[str, Any]:
    """Run one sample in `folder` and return its facts as plain JSON: `outcome`, `failed`, `usage`, `plan`, ...

    `folder`/runs keeps the trained runs, `folder`/samples/CASE-SEED what this sample made. Raises Setup.
    """
    source = trained_run(case, folder / "runs", config)
    run_dir = folder / "samples" / f"{case.id}-{config.seed}"
    shutil.rmtree(run_dir, ignore_errors=True)
    started = time.monotonic()
    made = way(case, source, run_dir, config)
    seconds = round(time.monotonic() - started, 1)
    outcome, failed = _judged(case, source, made)
    facts = {
        "outcome": outcome,
        "compiled": made.elf is not None,
        "failed": failed,
        "message": made.message,
        "author": made.author,
        "tries": made.tries,
        "model_lines": made.model_lines,
        "total_lines": made.total_lines,
        "plan": list(made.plan),
        "history": [{key: entry[key] for key in ("stage", "problem") if key in entry} for entry in made.history],
        "disagreement": made.disagreement,
        "seconds": seconds,
        "usage": usage(read_trace(run_dir / "trace.jsonl")),
    }
    write_json(run_dir / "sample.json", facts)
    return facts


def _judged(case: Case, source: Path, made: Made) -> tuple[Outcome, list[str]]:
    if made.elf is None:
        assert made.failure is not None
        if made.failure != "refused_wrongly" or case.kind == "works":
            return made.failure, [made.message]
        problem = unclear(case, made.message)
        return ("refused_unclearly", [problem]) if problem else ("refused_rightly", [])
    if case.kind != "works":
        return "not_refused", [f"firmware was made for a request that cannot be done as it stands: {case.why}"]
    run, failed = watch(case, source, made.elf, made.run_dir / "scene")
    if run.status != "done":
        return "crash", failed
    return ("wrong_behaviour", failed) if failed else ("works", [])


def watch(case: Case, source: Path, elf: Path, work_dir: Path) -> tuple[Emulation, list[str]]:
    """The case's scene on the emulated board, and what a person objects to; `source` is the run of the network."""
    values = state_of(source)
    shown = Shown(case, values["prepared"], values["card"], values["converted"], source / values["converted"].tflite)
    staged = stage(case, shown, work_dir / "scene.csv")
    board = boards()[case.board]
    run = emulate(elf, board, staged.stimuli, staged.until_ms, work_dir)
    write_json(work_dir / "emulation.json", run)
    return run, judge(case, staged.phases, run, board)


def unclear(case: Case, message: str) -> str:
    """What is wrong with a refusal or question as an answer to a person; empty: nothing."""
    if not message.strip() or "\n" in message.strip() or len(message) > LONGEST_ANSWER:
        return f"the answer is not one readable sentence: {message[:LONGEST_ANSWER]!r}"
    if case.mentions and not re.search(case.mentions, message, re.IGNORECASE):
        return f"the answer does not name what is wrong ({case.why}): {message!r}"
    return ""


# --- the system's own ways --------------------------------------------------------------------------


def both(case: Case, source: Path, run_dir: Path, config: RunConfig) -> Made:
    """The system as a person meets it: `tinysmith firmware RUN REQUEST --yes`."""
    try:
        state = new_behaviour(source, run_dir, case.request, None, config.ladders, _nobody)
    except (BadInput, Infeasible) as error:
        return Made(run_dir, failure="refused_wrongly", message=str(error), plan=_plan(run_dir))
    except Fixable as error:
        return _gave_up(run_dir, str(error))
    firmware: Firmware = state["firmware"]
    return Made(
        run_dir, Path(firmware.elf), tries=firmware.tries, author=firmware.author, model_lines=firmware.model_lines,
        total_lines=firmware.total_lines, plan=_plan(run_dir), history=firmware.history,
        disagreement=firmware.disagreement,
    )  # fmt: skip


def _nobody(question: Mapping[str, Any]) -> str:
    raise _Asked(str(question.get("question", question)))


def _gave_up(run_dir: Path, message: str) -> Made:
    path = run_dir / "firmware" / "history.json"
    history: tuple[dict[str, Any], ...] = tuple(json.loads(path.read_text())) if path.exists() else ()
    last = history[-1]["stage"] if history else ""
    failure: Outcome = "compile_failed" if last == "compile" else "gave_up"
    return Made(run_dir, failure=failure, message=message, tries=len(history), plan=_plan(run_dir), history=history)


def _plan(run_dir: Path) -> tuple[str, ...]:
    if not (run_dir / "spec.json").exists():
        return ()
    spec = read_model(run_dir / "spec.json", TaskSpec)
    return tuple(map(sentence, spec.behaviour))
