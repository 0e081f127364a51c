"""Drafts for own requests with a careful reader's rules: make the shipped memory of errors, and measure what it brings.

The requests are those of evals/develop, never a case of a suite. `make` tries those of half a (and the older ones,
which have no half) without a memory and writes agents/errors.jsonl; `measure` tries half b with and without that file.
A draft counts as accepted when it compiles and passes the scenes; the minute and the network's vectors are left out.
Run: python -m evals.errors_develop make|measure [--out DIR] [--most N] [--samples DIR]
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from agents.error_memory import SHIPPED, Lesson, Memory, lessons_of, merged
from evals.harness import in_split
from evals.planner_develop import wanted_rules
from evals.sg_case import Case, See, Step
from evals.sg_network import trained_run
from graph import firmware as nodes
from graph import firmware_steps as steps
from graph import tries
from graph.config import RunConfig
from graph.run import state_of
from hw.board import boards, sensors
from tools.artifacts import Decision, Firmware, TaskSpec
from tools.behaviour import sentence
from tools.behaviour_check import check_rules
from tools.behaviour_cpp import drafted_rules, result_function
from tools.errors import BadInput
from tools.store import read_model, write_json, write_text

REQUESTS = ("planner.yaml", "planner_more.yaml")
_ADDED = ("history", "spent_tokens", "spent_seconds")


def requests(half: str) -> list[tuple[str, dict[str, Any]]]:
    """(id, entry) of half `a` or `b` whose rules can be drafted for the Nano; those that demand most go first."""
    found: list[tuple[int, str, dict[str, Any]]] = []
    for name in REQUESTS:
        for number, entry in enumerate(yaml.safe_load((Path(__file__).parent / "develop" / name).read_text())):
            rules = wanted_rules(entry)
            if entry.get("half", "a") == half and drafted_rules(rules) and 2 <= len(entry["labels"]) <= 6:
                try:
                    check_rules(rules, sorted(entry["labels"]), boards()["nano33ble"])
                except BadInput:
                    continue
                words = sum(len(sentence(rule).split()) for rule in drafted_rules(rules))
                found.append((words, f"{Path(name).stem}_{number}", entry))
    return [(name, entry) for _, name, entry in sorted(found, key=lambda one: (-one[0], one[1]))]


def tried(name: str, entry: Mapping[str, Any], folder: Path, memory: Memory, seed: int) -> dict[str, Any]:
    """Draft until the scenes pass or it is enough; what became of it, and in `lessons` what it teaches."""
    path = folder / f"{name}-{memory}-{seed}.json"
    if path.exists():
        return dict(json.loads(path.read_text()))
    state = _state(name, entry, folder, memory, seed)
    while not state.get("accepted"):
        _add(state, tries.timed(nodes.draft)(state))
        if state.get("author") == "rules":
            break
        if not state.get("draft"):
            continue
        _add(state, tries.timed(nodes.compile_)(state))
        if build := state.get("build"):
            shown = replace(steps.scenario(state, build), minute=None)
            done = steps.proved(state, build, shown)
            _add(state, nodes.rejected(state, done) if done.objections else {"accepted": True})
    facts = {
        "request": entry["request"], "accepted": bool(state.get("accepted")), "samples": state["samples"],
        "tokens": state["spent_tokens"], "history": state.get("history", []),
        "lessons": [lesson.model_dump(exclude_defaults=True) for lesson in tries.learned(state)],
    }  # fmt: skip
    write_json(path, facts)
    return facts


def _add(state: Any, update: Mapping[str, Any]) -> None:
    for key, value in update.items():
        state[key] = state[key] + value if key in _ADDED and key in state else value


def _state(name: str, entry: Mapping[str, Any], folder: Path, memory: Memory, seed: int) -> Any:
    labels = tuple(sorted(entry["labels"]))
    case = Case(
        id=name, request=entry["request"], labels=labels, tags=("develop",), level="simple",
        scene=(Step(show=labels[0], see=See()),),
    )  # fmt: skip
    source = trained_run(case, folder / "runs", RunConfig())
    values = state_of(source)
    run_dir = folder / f"{name}-{memory}-{seed}"
    for part in ("data", "model"):
        (run_dir / part).parent.mkdir(parents=True, exist_ok=True)
        if not (run_dir / part).exists():
            (run_dir / part).symlink_to(source / part)
    (folder / "build").mkdir(exist_ok=True)
    if not (run_dir / "build").exists():
        (run_dir / "build").symlink_to(folder / "build")
    spec = values["spec"].model_copy(
        update={
            "request": entry["request"],
            "behaviour": wanted_rules(dict(entry)),
            "decision": Decision.model_validate(entry.get("decision", {})),
        }
    )
    config = values["config"].model_copy(update={"memory": memory, "seed": seed})
    kept = {key: values[key] for key in ("card", "prepared", "converted")}
    return {**kept, "run_dir": str(run_dir), "config": config, "spec": spec, "samples": 0, "spent_tokens": 0}


def of_samples(folder: Path) -> list[Lesson]:
    """Lessons of the samples of `tinysmith eval sg --split develop --out DIR`; those of the test half are refused.

    `folder`: DIR/samples. Raises BadInput where a sample of the test half is among them.
    """
    found: list[Lesson] = []
    for run_dir in sorted(p.parent for p in folder.glob("*/spec.json")):
        case = run_dir.name.rpartition("-")[0]
        if not in_split(case, "develop"):
            raise BadInput(f"{case} is of the test half: nothing may be learned from it")
        spec, path = read_model(run_dir / "spec.json", TaskSpec), run_dir / "firmware" / "firmware.json"
        if not path.is_file():
            continue
        history = [entry for entry in read_model(path, Firmware).history if entry["code"]]
        numbered = [(entry, run_dir / tries.DRAFTS / f"{k}.cpp") for k, entry in enumerate(history, start=1)]
        # Before there was a rung in it, a draft that the lint refused was not kept.
        kept = [(e, p.read_text()) for e, p in numbered if p.is_file() and ("rung" in e or e["stage"] != "lint")]
        app_h = (run_dir / "firmware" / spec.name / "app.h").read_text()
        state: Any = {"spec": spec}
        drafts, library = [code for _, code in kept], sensors()[spec.sensor].library
        passed = result_function(app_h)
        found += lessons_of([e for e, _ in kept], drafts, passed, tries.core_of(state), library)
    return found


def make(folder: Path, most: int, samples: Sequence[Path]) -> None:
    """Write the shipped lessons."""
    lessons = [lesson for one in samples for lesson in of_samples(one)]
    _tell(f"{len(lessons)} failed tries in samples")
    for name, entry, facts in _all(folder, "a", "none", 1, most):
        lessons += [Lesson.model_validate(lesson) for lesson in facts["lessons"]]
        _tell(f"{'accepted' if facts['accepted'] else 'rules'} after {facts['samples']}: {name} {entry['request']}")
    kept = [lesson for lesson in merged(lessons) if lesson.right]
    write_text(SHIPPED, "".join(f"{lesson.model_dump_json(exclude_defaults=True)}\n" for lesson in kept))
    _tell(f"{len(lessons)} failed tries, {len(kept)} lessons in {SHIPPED.name}")


def measure(folder: Path, seeds: int, most: int) -> None:
    """Half b with and without the shipped lessons, in the same order of seeds."""
    figures: dict[Memory, list[dict[str, Any]]] = {"none": [], "shipped": []}
    for seed in range(1, seeds + 1):
        for name, entry in requests("b")[:most]:
            for memory in figures:
                figures[memory].append(tried(name, entry, folder, memory, seed))
            pair = [figures[memory][-1] for memory in figures]
            _tell(f"{name} seed {seed}: {[(f['accepted'], f['samples'], f['tokens']) for f in pair]}")
    hard = [k for k, facts in enumerate(figures["none"]) if facts["samples"] > 1]
    for title, chosen in (("all", range(len(figures["none"]))), ("more than one try without", hard)):
        for memory, found in figures.items():
            _tell(_summary(f"{title}, memory {memory}", [found[k] for k in chosen]))


def _summary(title: str, found: Sequence[Mapping[str, Any]]) -> str:
    count = len(found) or 1
    first = sum(f["accepted"] and f["samples"] == 1 for f in found)
    samples, tokens = (sum(f[key] for f in found) / count for key in ("samples", "tokens"))
    return (
        f"{title}: {len(found)} firmwares, first draft accepted {first}, accepted {sum(f['accepted'] for f in found)}, "
        f"{samples:.2f} samples and {tokens:.0f} tokens each"
    )


def _all(
    folder: Path, half: str, memory: Memory, seed: int, most: int
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, entry in requests(half)[:most]:
        yield name, entry, tried(name, entry, folder, memory, seed)


def _tell(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m evals.errors_develop", description=__doc__)
    parser.add_argument("what", choices=("make", "measure"))
    parser.add_argument("--out", type=Path, default=Path("runs/eval/errors_develop"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--most", type=int, default=1000, help="requests of the half")
    parser.add_argument(
        "--samples", type=Path, action="append", default=[], help="of make: DIR/samples of the suite sg"
    )
    chosen = parser.parse_args(arguments)
    folder = chosen.out.resolve()
    if chosen.what == "make":
        make(folder, chosen.most, chosen.samples)
    else:
        measure(folder, chosen.seeds, chosen.most)


if __name__ == "__main__":
    main(sys.argv[1:])
