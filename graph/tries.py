"""What becomes of the firmware's drafts: evidence and strategy, their budgets, and which draft stands for them at last.

A problem that is new goes back for a repair; one that comes again asks for a fresh sample, every second sample for the
next model of the ladder; one that comes a third time from the last of them ends the drafting.
"""

import functools
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agents import error_memory
from graph.state import FirmwareState
from hw.board import boards, sensors
from tools.artifacts import Emulation
from tools.behaviour_cpp import result_function, to_cpp
from tools.errors import Fixable
from tools.progress import report
from tools.store import content_hash, write_json, write_text

DRAFTS = "firmware/drafts"
"""Of a run folder: N.cpp of every try, and N.json of what the board did with it; NAME is the sketch in work."""
_STUBBORN = 3
"""The first time a draft is repaired, the second time a fresh sample is drawn."""

Entry = Mapping[str, Any]
"""One try: stage, problem, code (hash); rung of the ladder; where it ran also objections and trace (hash)."""


def timed(node: Callable[[FirmwareState], dict[str, Any]]) -> Callable[[FirmwareState], dict[str, Any]]:
    """The node, its seconds counted against the firmware's budget."""

    @functools.wraps(node)
    def counting(state: FirmwareState) -> dict[str, Any]:
        started = time.monotonic()
        return {**node(state), "spent_seconds": time.monotonic() - started}

    return counting


def rung_of(state: FirmwareState) -> int:
    """Which model of the ladder is asked next."""
    return min(state.get("samples", 0) // 2, len(state["config"].ladders.firmware) - 1)


def enough(state: FirmwareState) -> str:
    """Why nothing more is drafted; empty: go on."""
    config, history = state["config"], state.get("history", [])
    tries, samples = state.get("tries", 0), state.get("samples", 0)
    tokens, seconds = state.get("spent_tokens", 0), state.get("spent_seconds", 0.0)
    if tries >= config.tries or samples >= 2 * config.tries:
        return f"the {config.tries} tries are used up"
    if tokens >= config.firmware_tokens:
        return f"{tokens:,} tokens are spent, the budget is {config.firmware_tokens:,}"
    if seconds >= config.firmware_seconds:
        return f"{seconds:.0f} s are spent, the budget is {config.firmware_seconds:g} s"
    if not history or rung_of(state) > history[-1].get("rung", 0):
        return ""
    last = history[-1]
    same = [e for e in history if (e["problem"], e.get("rung", 0)) == (last["problem"], last.get("rung", 0))]
    return "a fresh sample brought the same problem again" if len(same) >= _STUBBORN else ""


def code_id(code: str) -> str:
    """Identity of a draft, whatever its comments and blanks."""
    return content_hash([re.sub(r"\s+", " ", re.sub(r"//[^\n]*", "", code)).strip()])


def known(state: FirmwareState, code: str) -> Entry | None:
    """What became of the same code in an earlier try."""
    identity = code_id(code)
    return next((entry for entry in state.get("history", []) if entry["code"] == identity), None)


def back(state: FirmwareState, stage: str, problem: str, code: str, **update: Any) -> dict[str, Any]:
    """Evidence for the next draft; `facts` in `update` go into the entry. Raises Fixable of the rules' own code."""
    if state.get("author") == "rules":
        raise Fixable(f"the firmware does not work within the budget of tries; at the last {stage}: {problem}")
    history = list(state.get("history", []))
    rung = update.get("rung", state.get("rung", 0))
    entry = {"stage": stage, "problem": problem, "code": code_id(code), "rung": rung, **update.pop("facts", {})}
    report("firmware", f"{stage}: {problem[:160]}")
    folder = Path(state["run_dir"]) / DRAFTS
    write_text(folder / f"{len(history) + 1}.cpp", code)
    remember(state, [*history, entry])
    seen = [earlier["problem"] for earlier in history]
    return {"problem": "" if problem in seen else problem, "draft": "", "history": [entry], **update}


def remember(state: FirmwareState, history: list[dict[str, Any]]) -> None:
    """The tries on disk, for who looks at a run that came to no firmware."""
    write_json(Path(state["run_dir"]) / "firmware" / "history.json", history)


# --- what earlier firmwares teach ---------------------------------------------------------------------


def core_of(state: FirmwareState) -> str:
    """Vendor and architecture of the core that drafts are compiled with."""
    board = boards()[state["spec"].board]
    return ":".join((board.emulator.fqbn if board.emulator else board.fqbn).split(":")[:2])


def lessons(state: FirmwareState) -> list[str]:
    """Lines for the next draft: what mended a problem like the last one, or of what a first draft is warned."""
    config, rules, history = state["config"], state["spec"].behaviour, state.get("history", [])
    remembered = error_memory.lessons(config.memory)
    if not history:
        return error_memory.warnings(remembered, rules, core_of(state))
    last = history[-1]
    line = error_memory.recall(remembered, last["stage"], last["problem"], rules, core_of(state))
    return [line] if line else []


def learned(state: FirmwareState) -> list[error_memory.Lesson]:
    """What the tries before the accepted code teach."""
    spec, history = state["spec"], [e for e in state.get("history", []) if e["code"]]
    folder = Path(state["run_dir"]) / DRAFTS
    codes = [(folder / f"{number}.cpp").read_text() for number in range(1, len(history) + 1)]
    passed = state.get("draft") or result_function(to_cpp(spec.behaviour, spec.classes, None, spec.names))
    return error_memory.lessons_of(history, codes, passed, core_of(state), sensors()[spec.sensor].library)


# --- the draft that stands for all ------------------------------------------------------------------


def ran(state: FirmwareState, run: Emulation, objections: int) -> dict[str, Any]:
    """Facts of a draft that ran but not as demanded; what the board did is kept."""
    number = len(state.get("history", [])) + 1
    write_json(Path(state["run_dir"]) / DRAFTS / f"{number}.json", run)
    trace = [[event.pin, event.value] for event in run.pins], [line.text for line in run.serial]
    return (
        {"objections": objections, "trace": content_hash(list(trace)), "number": number} if run.status == "done" else {}
    )


def rival(state: FirmwareState) -> Entry | None:
    """The draft that stands against the rules: of what most of them did, that with the fewest objections.

    Equal traces of several samples are evidence, as the rules are. None where no draft ran to the end.
    """
    candidates = [entry for entry in state.get("history", []) if "trace" in entry]
    votes = Counter(entry["trace"] for entry in candidates)
    return min(candidates, key=lambda e: (-votes[e["trace"]], e["objections"], e["number"]), default=None)


def agreeing(state: FirmwareState, entry: Entry) -> tuple[int, int]:
    """(drafts that did what this one did, all that ran)."""
    traces = [e["trace"] for e in state.get("history", []) if "trace" in e]
    return traces.count(entry["trace"]), len(traces)
