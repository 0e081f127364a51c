"""The suite `verify`: working firmwares must pass the checks, and every fault put into one must be objected to.

A case of evals/cases/verify/*.yaml names a firmware, or several by their rules; from one with `faults` come a case for
each fault by hand and each drawn mutant. A fault is not counted where it does not compile, leaves the machine code as
it was, or has a written reason in evals/equivalent.toml for not being visible: then the checks must not object either.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import Field

from evals.cases import read_cases
from evals.equivalence import image_digest, why_equivalent
from evals.faults import Fault, changes_behaviour, faults_for
from evals.firmwares import Variant, working, write_text_of
from evals.harness import Case, Context, Evidence, Score, Scorer, Suite
from evals.mutants import draw_mutants
from evals.verify import Working, faulty, verdict
from tools.artifacts import Artifact
from tools.compile import compile_sketch

MAX_JOBS = 2
_CORRECT, _HARMLESS = "correct firmware", "harmless change"
_EACH = 2
"""Firmwares into which each fault by hand is put, where it applies."""


class Plan(Artifact):
    """One entry of a YAML file: firmwares that differ in their rules only, and what becomes of them."""

    board: str
    data: Literal["color", "imu", "serial", "serial_series"]
    form: Literal["mlp", "conv1d"]
    classes: int = Field(ge=2, le=5)
    seed: int
    rules: tuple[int, ...]
    """Seeds of the rules, a firmware each."""
    faults: bool = False
    """Put the faults by hand into them."""
    mutants: int = Field(default=0, ge=0)
    """Mutants to draw from each."""


class VerifyCase(Case):
    """A firmware, and the fault to put into it; None: as it is."""

    firmware: Variant
    fault: Fault | None = None
    harmless: bool = False


def load() -> list[VerifyCase]:
    """Every case: correct firmwares first, then the faulty ones."""
    plans = read_cases("verify", Plan)
    cases = [
        VerifyCase(id=variant.id, group=_CORRECT, firmware=variant) for plan in plans for variant in _variants(plan)
    ]
    used: dict[str, int] = {}
    known: set[tuple[str, str, str]] = set()
    with tempfile.TemporaryDirectory() as folder:
        for plan in plans:
            if plan.faults or plan.mutants:
                for variant in _variants(plan):
                    cases += _faulty_cases(plan, variant, Path(folder) / variant.id, used, known)
    return cases


def _variants(plan: Plan) -> Iterator[Variant]:
    for rules in plan.rules:
        yield Variant(
            board=plan.board, data=plan.data, form=plan.form, classes=plan.classes, seed=plan.seed, rules=rules
        )


def _faulty_cases(
    plan: Plan, variant: Variant, folder: Path, used: dict[str, int], known: set[tuple[str, str, str]]
) -> Iterator[VerifyCase]:
    sketch = write_text_of(variant, folder)
    by_hand = faults_for(sketch) if plan.faults else []
    for fault in by_hand:
        visible = changes_behaviour(fault, sketch)
        if (fault.harmless or visible) and used.get(fault.name, 0) < _EACH:
            used[fault.name] = used.get(fault.name, 0) + 1
            known.add((fault.file, fault.old, fault.new))
            yield _case(variant, fault)
    for fault in draw_mutants(sketch, plan.mutants, variant.seed * 1000 + variant.rules, known):
        yield _case(variant, fault)


def _case(variant: Variant, fault: Fault) -> VerifyCase:
    mark = sha256(f"{fault.file}\n{fault.nth}\n{fault.old}\n{fault.new}".encode()).hexdigest()[:6]
    group = _HARMLESS if fault.harmless else fault.kind if fault.kind.startswith("mutant") else f"fault: {fault.kind}"
    return VerifyCase(id=f"{variant.id} {fault.name} #{mark}", group=group, firmware=variant, fault=fault)


# --- running ----------------------------------------------------------------------------------------

_made: dict[tuple[Path, str], tuple[Working, str]] = {}
_laid_out: set[str] = set()
_lock = threading.Lock()


def run(case: VerifyCase, context: Context) -> Evidence:
    """Put the fault in, compile, and let the chain look at it."""
    builds = context.folder / "builds" / str(context.worker)
    firmware, image = _firmware(case.firmware, context.folder, builds)
    if case.fault is None:
        found = verdict(firmware)
        return Evidence(facts={"objection": found.objection})
    if not image:
        return Evidence(failure="no working firmware", facts={"error": "it does not compile without the fault"})
    found = verdict(firmware, faulty(firmware, case.fault), unless_image=image)
    reason = why_equivalent(case.fault, firmware.folder, firmware.board.id)
    facts = {"objection": found.objection, "harmless": case.fault.harmless or bool(reason), "reason": reason}
    return Evidence(facts=facts, excluded=_excluded(found.image, image, found.objection, reason))


def _excluded(image: str, clean: str, objection: str, reason: str) -> str:
    if not image:
        return "does not compile"
    if image == clean:
        return "the same machine code"
    return f"not visible: {reason}" if reason and not objection else ""


def _firmware(variant: Variant, folder: Path, builds: Path) -> tuple[Working, str]:
    """The working firmware, and its machine code's digest."""
    key = (builds, variant.id)
    if key not in _made:
        with _lock:
            firmware = working(variant, folder, builds)
            # What the tools lay out once for all (links, the runner for AVR) must not be laid out by two at a time.
            if firmware.board.id not in _laid_out:
                verdict(firmware)
                _laid_out.add(firmware.board.id)
        build = compile_sketch(firmware.folder, firmware.board, firmware.build_dir)
        _made[key] = (firmware, image_digest(Path(build.elf)) if build.ok else "")
    return _made[key]


def _caught(case: VerifyCase, evidence: Evidence) -> Score:
    """A correct firmware and a harmless change must pass the checks; any other change must not."""
    objection = evidence.facts.get("objection", "")
    if case.fault is None or evidence.facts.get("harmless"):
        return Score(passed=not objection, failure="false alarm", note=objection)
    return Score(passed=bool(objection), failure="missed", note=objection)


def jobs() -> int:
    """As many at a time as there are processors, at most MAX_JOBS: more build folders cost more than they save."""
    return min(MAX_JOBS, len(os.sched_getaffinity(0)))


SUITE = Suite(
    name="verify",
    title="Faults put into working firmware: what the checks catch, and what they hold against correct firmware",
    load=load,
    run=run,
    scorers=(Scorer("caught", 1, _caught),),
    columns=("passed", "rate", "interval", "excluded", "seconds", "failures"),
    uses_models=False,
    follows_code=True,
    jobs=jobs(),
)
