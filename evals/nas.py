"""One search by one strategy, on equal terms with the others: same space, budgets, mini-training, number of networks.

Every trained network is kept under its content's hash and shared by all strategies of a data set and seed.
"""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from agents.llm import Ladders
from agents.validator import CHANGES, apply_change
from evals.nas_nsga2 import nsga2
from evals.nas_pruning import replayed
from graph.config import EarlyStop, RunConfig
from graph.search import search_graph
from hw.board import boards, sensors
from tools.artifacts import Architecture, Artifact, Budgets, Candidate, Prepared, TaskSpec
from tools.data import load
from tools.errors import Fixable
from tools.estimate import estimate
from tools.notation import compact
from tools.pareto import eligible, hypervolume, pareto_front
from tools.recipe import default_recipe, run_recipe
from tools.store import read_model, write_json
from tools.trace import Span, read_trace

BOARD = "nano33ble"
Strategy = Literal["random", "evolution", "nsga2", "guided", "blind", "llm", "mixed"]
ALONE: tuple[Strategy, ...] = ("random", "evolution", "nsga2", "guided")
"""Strategies that ask no language model."""
_REPAIRS = 4
"""Times that a change is applied at most, as in graph/search.py."""


class Terms(Artifact):
    """What is the same for every strategy."""

    data: str
    """A built-in data set."""
    networks: int = 16
    """Trained ones of a search."""
    epochs: int = 8
    """Of a mini-training."""
    budgets: Budgets = Budgets()


def prepared_data(terms: Terms, folder: Path) -> tuple[TaskSpec, Prepared]:
    """The data, prepared once in `folder` for all strategies and seeds, and the task with its budgets."""
    sensor = "imu" if terms.data == "basic_motions" else "serial"
    path = folder / "prepared.json"
    if path.exists():
        prepared = read_model(path, Prepared)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        raw = load(terms.data)
        prepared = run_recipe(raw, default_recipe(raw.card, sensors()[sensor]), 1, folder)
        write_json(path, prepared)
    spec = TaskSpec(
        request=f"tell {', '.join(prepared.classes)} apart", name=terms.data, board=BOARD, sensor=sensor,
        classes=prepared.classes, data=terms.data, budgets=terms.budgets,
    )  # fmt: skip
    return spec, prepared


def search(
    terms: Terms, strategy: Strategy, seed: int, folder: Path, ladders: Ladders, early_stop: EarlyStop = "none"
) -> dict[str, Any]:
    """One search in `folder`; hypervolume after each trained network, what was proposed, and what it took.

    `folder` is shared by the strategies and seeds of a data set. Raises Setup where the model is missing.
    """
    spec, prepared = prepared_data(terms, folder)
    mark = "" if strategy in ALONE else f"-{'-'.join(ladders.architect)}".replace("/", "_")
    run_dir = folder / f"{strategy}-{seed}{mark}{'' if early_stop == 'none' else f'-{early_stop}'}"
    (run_dir / "search").mkdir(parents=True, exist_ok=True)
    (folder / "cache").mkdir(exist_ok=True)
    _link(run_dir / "data", folder / "data")
    _link(run_dir / "search" / "cache", folder / "cache")
    settings: dict[str, Any] = {"strategy": strategy} if strategy != "nsga2" else {}
    config = RunConfig(
        ladders=ladders, seed=seed, candidates=terms.networks, epochs_mini=terms.epochs, rounds=terms.networks,
        early_stop=early_stop, **settings,
    )  # fmt: skip
    started = time.monotonic()
    state = {"run_dir": str(run_dir), "config": config, "spec": spec, "prepared": prepared}
    if strategy == "nsga2":
        candidates = nsga2(state)
    else:
        candidates = search_graph().invoke(state, {"recursion_limit": 1000})["candidates"]
    seconds = round(time.monotonic() - started, 2)
    facts = {**_searched(candidates), **_asked(candidates, read_trace(run_dir / "trace.jsonl")), "seconds": seconds}
    if strategy == "random":
        facts["early_stop"] = replayed(candidates, prepared, run_dir, config)
    return facts | {"rescue": _rescue(candidates, spec, prepared)}


def _link(link: Path, target: Path) -> None:
    if not link.exists():
        link.symlink_to(target.resolve(), target_is_directory=True)


def _searched(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """What the search reached, and every trained network in short."""
    trained = [c for c in candidates if c.status == "trained"]
    front = pareto_front(candidates).members
    return {
        "form": trained[0].architecture.form if trained else "",
        "curve": [hypervolume(trained[: n + 1]) for n in range(len(trained))],
        "accuracy": max((c.accuracy or 0.0 for c in trained), default=0.0),
        "authors": dict(Counter(c.author for c in trained)),
        "on_front": dict(Counter(c.author for c in trained if c.id in front)),
        "over_budget": len(trained) - len(eligible(trained)),
        "failed": sum(c.status == "failed" for c in candidates),
        "training_seconds": round(sum(c.seconds for c in trained), 2),
        "networks": [
            [compact(c.architecture), c.accuracy, c.estimate.macs, c.id in front] for c in trained if c.estimate
        ],
    }


def _asked(candidates: Sequence[Candidate], spans: Sequence[Span]) -> dict[str, Any]:
    """What the language model was asked and what it answered: counts, seconds, tokens; empty where it was not."""
    calls = [s for s in spans if s.kind == "model" and s.usage]  # without: from the cache of a search taken up again
    if not calls:
        return {}
    said = [c for c in candidates if c.author == "llm"]
    late = [c for c in said if c.round > 2]
    facts: dict[str, Any] = {
        "proposals": len(said),
        "skipped": sum(c.status == "skipped" for c in said),
        "duplicates": sum(c.status == "duplicate" for c in said),
        "buildable": sum(c.estimate is not None for c in said),
        "in_budget": sum(_fits(c) for c in said),
        "late": sum(c.estimate is not None for c in late),
        "late_in_budget": sum(_fits(c) for c in late),
        "flagged": sum(bool(c.flags) for c in said),
    }
    for role in ("architect", "validator"):
        mine = [s for s in calls if s.name == f"ask {role}"]
        facts[role] = {
            "calls": len(mine),
            "valid": sum(s.error is None for s in mine),
            "seconds": round(sum(s.usage.get("seconds", 0.0) for s in mine), 2),
            "tokens": sum(s.usage.get("prompt_tokens", 0) + s.usage.get("completion_tokens", 0) for s in mine),
        }
    return facts


def _fits(candidate: Candidate) -> bool:
    return candidate.estimate is not None and not candidate.estimate.violations


# --- the validator's worth ------------------------------------------------------------------------------


def _rescue(candidates: Sequence[Candidate], spec: TaskSpec, prepared: Prepared) -> dict[str, Any]:
    """Violating proposals, how many the validator's change brought into budget, and what chance would have."""
    broken = [c for c in candidates if c.author == "llm" and c.estimate and c.estimate.violations]
    repairs = [c for c in candidates if c.author == "repair"]
    front = pareto_front(candidates).members
    tried = [[_mends(c.architecture, change, spec, prepared) for change in CHANGES] for c in broken]
    return {
        "violating": len(broken),
        "advised": sum(c.verdict is not None and bool(c.verdict.hint) for c in broken),
        "rescued": len(repairs),
        "trained": sum(c.status == "trained" for c in repairs),
        "on_front": sum(c.id in front for c in repairs),
        "by_chance": round(sum(sum(row) / len(row) for row in tried), 3),
        "best_rule": {name: sum(row[i] for row in tried) for i, name in enumerate(CHANGES)},
    }


def _mends(arch: Architecture, change: str, spec: TaskSpec, prepared: Prepared) -> bool:
    """Whether this change, applied as often as the search would, makes the network fit."""
    for _ in range(_REPAIRS):
        changed = apply_change(arch, change)
        if changed == arch:
            return False
        arch = changed
        try:
            cost = estimate(
                arch, prepared.input_shape, len(prepared.classes), spec.budgets, boards()[BOARD], spec.sensor
            )
        except Fixable:
            continue  # graph/search.py goes on as well
        if not cost.violations:
            return True
    return False
