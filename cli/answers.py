"""Answers to questions about a run, from its artefacts alone: why this network, what it cost, how far it is."""

from pathlib import Path
from typing import Any

from tools.artifacts import Candidate, Front


def why(state: dict[str, Any]) -> list[str]:
    """Why this network: what was tried, the reason of the choice, the rationale it came with, what is beside it."""
    if "candidates" not in state:
        return ["no network was searched yet in this run"]
    candidates: list[Candidate] = state["candidates"]
    trained = [c for c in candidates if c.status == "trained"]
    left = "" if len(trained) == len(candidates) else "; the others were duplicates, over budget or broken"
    lines = [f"{len(candidates)} networks were proposed and {len(trained)} trained{left}"]
    front: Front | None = state.get("front")
    by_id = {c.id: c for c in candidates}
    if "chosen" in state and state["chosen"] in by_id:
        chosen = by_id[state["chosen"]]
        lines.append(f"chosen: {_line(chosen)}")
        if chosen.rationale:
            lines.append(f'the architect said of it: "{chosen.rationale}"')
        lines += [f"that is not true: {flag}" for flag in chosen.flags]
    if front:
        others = [by_id[name] for name in front.members if name != state.get("chosen")][:4]
        lines += [f"also on the front: {_line(c)}" for c in others]
    if state.get("trained") is not None and state["trained"].note:
        lines.append(state["trained"].note)
    return lines


def _line(candidate: Candidate) -> str:
    cost = candidate.estimate
    figures = f"{cost.macs:,} MACs, {cost.arena_bytes:,} bytes of arena, {cost.flash_bytes:,} of flash" if cost else ""
    return f"{candidate.id}: {100 * (candidate.accuracy or 0):.1f} % on the validation part, {figures}"


def cost(run_dir: Path) -> list[str]:
    """Calls, tokens, seconds and USD per role, and the seconds of each stage, of this run alone."""
    from tools.result import stage_seconds, usage
    from tools.trace import read_trace

    trace = run_dir / "trace.jsonl"
    spans = read_trace(trace) if trace.exists() else []
    used, seconds = usage(spans), stage_seconds(spans)
    lines = [
        f"{role}: {u['calls']:.0f} calls, {tokens:,.0f} tokens, {u['seconds']:.0f} s"
        for role, u in used.items()
        for tokens in [u["prompt_tokens"] + u["completion_tokens"]]
    ]
    total = sum(u["cost_usd"] for u in used.values())
    spent = ", ".join(f"{stage} {s:.0f} s" for stage, s in seconds.items() if s >= 0.5) or "nothing yet"
    training = sum(seconds.get(stage, 0.0) for stage in ("mini_train", "train", "distil"))
    return [*lines, f"stages: {spent}", f"training: {training:.0f} s", f"cost: {total:.4f} USD"]


def state_lines(run_dir: Path, state: dict[str, Any]) -> list[str]:
    """What the current run is and how far it got, in a few lines."""
    spec = state.get("spec")
    lines = [f"run {run_dir.name}: {spec.request if spec else state.get('request', '')}"]
    if spec:
        lines.append(f"on {spec.board} with the {spec.sensor} sensor: {', '.join(spec.classes)}")
    converted, firmware = state.get("converted"), state.get("firmware")
    if converted:
        right = converted.accuracy_int8
        told = f"INT8 accuracy {100 * right:.1f} %, " if right is not None else ""
        lines.append(f"{told}{converted.macs:,} MACs, {converted.arena_bytes:,} bytes of arena")
    if firmware:
        passed = sum(check.passed for check in firmware.checks)
        lines.append(
            f"firmware: {passed} of {len(firmware.checks)} checks passed on the board, "
            f"{firmware.build.flash_bytes:,} bytes of flash, {firmware.build.ram_bytes:,} of RAM"
        )
    else:
        lines.append("not finished: /resume goes on with it")
    return lines


def last_run(folder: Path) -> Path | None:
    """The newest run folder below `folder`."""
    found = sorted(folder.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
    return found[-1].parent.resolve() if found else None
