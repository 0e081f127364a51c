"""result.json of a run: the contract's keys, each number from an artefact or from the trace."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.artifacts import Converted, Firmware
from tools.trace import Span, read_trace

STATUS = {0: "done", 1: "bug", 2: "bad_input", 3: "infeasible", 4: "gave_up", 5: "setup", 130: "interrupted"}
"""Status word of each exit code."""
_ARTIFACTS = {
    "spec": "spec.json",
    "data_card": "data/card.json",
    "recipe": "data/recipe.json",
    "candidates": "search/candidates.jsonl",
    "front": "search/front.json",
    "weights": "model/model.pt",
    "tflite": "model/model.tflite",
    "model_c": "model/c",
    "parity": "model/parity.json",
    "firmware": "firmware/firmware.json",
    "stimuli": "build/stimuli.csv",
    "emulation": "build/emulation.json",
    "golden": "build/golden.json",
    "trace": "trace.jsonl",
    "report": "report.html",
}


def make_result(
    run_dir: Path, board: str | None, converted: Converted | None, firmware: Firmware | None
) -> dict[str, Any]:
    """The JSON object of `run`, `firmware` and `deploy`; parts of the run that were not reached are null."""
    spans = read_trace(run_dir / "trace.jsonl")
    return {
        "run": str(run_dir),
        "status": STATUS[0],
        "board": board,
        "error": None,
        "metrics": _metrics(converted, firmware),
        "parity": (firmware or converted).parity.model_dump() if firmware or converted else None,  # type: ignore[union-attr]
        "behaviour": {
            "checks": len(firmware.checks),
            "passed": sum(c.passed for c in firmware.checks),
        }
        if firmware
        else None,
        "firmware": {
            "tries": firmware.tries,
            "sketch": str(run_dir / firmware.sketch),
            "elf": firmware.elf,
            "author": firmware.author,
            "model_lines": firmware.model_lines,
            "total_lines": firmware.total_lines,
            "disagreement": firmware.disagreement,
        }
        if firmware
        else None,
        "usage": usage(spans),
        "seconds": stage_seconds(spans),
        "artifacts": {name: str(run_dir / path) for name, path in _ARTIFACTS.items() if (run_dir / path).exists()},
    }


def _metrics(converted: Converted | None, firmware: Firmware | None) -> dict[str, Any] | None:
    if converted is None:
        return None
    return {
        "accuracy_float": converted.accuracy_float,
        "accuracy_int8": converted.accuracy_int8,
        "macs": converted.macs,
        "arena_bytes": converted.arena_bytes,
        "flash_bytes": firmware.build.flash_bytes if firmware else None,
        "ram_bytes": firmware.build.ram_bytes if firmware else None,
    }


def usage(spans: list[Span]) -> dict[str, Any]:
    """Calls, tokens, seconds and cost per role, summed over the trace's model calls; cached answers are free."""
    total: dict[str, dict[str, float]] = {}
    keys = ("prompt_tokens", "completion_tokens", "cached_tokens", "seconds", "cost_usd")
    for span in spans:
        if span.kind != "model" or not span.usage:
            continue
        role = total.setdefault(span.usage["role"], {"calls": 0, **dict.fromkeys(keys, 0)})
        role["calls"] += 1
        for key in keys:
            role[key] = round(role[key] + span.usage.get(key, 0), 6)
    return total


def stage_seconds(spans: list[Span]) -> dict[str, float]:
    """Seconds per node, summed over its visits."""
    seconds: dict[str, float] = {}
    for span in spans:
        if span.kind == "node":
            seconds[span.name] = round(seconds.get(span.name, 0.0) + span.seconds, 3)
    return seconds


def failed(run_dir: Path | None, exit_code: int, message: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of a run that did not end well; what was reached before is kept."""
    if run_dir is None:
        empty = ("run", "board", "metrics", "parity", "behaviour", "firmware")
        return {
            **dict.fromkeys(empty),
            "usage": {},
            "seconds": {},
            "artifacts": {},
            "status": STATUS[exit_code],
            "error": message,
        }
    spec = state.get("spec")
    board = spec.board if spec else None
    result = make_result(run_dir, board, state.get("converted"), state.get("firmware"))
    return {**result, "status": STATUS[exit_code], "error": message}
