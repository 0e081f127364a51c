"""The suite `sg`: everyday requests for a device's behaviour, and whether the firmware does what a person must see."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from agents.llm import Ladders
from evals.harness import Context, Evidence, Score, Scorer, Suite
from evals.sg_case import Case, load_cases
from evals.sg_findings import findings
from evals.sg_rig import RIGHT, Way, both, run_sample
from evals.sg_score import VERSION
from graph.config import RunConfig
from tools.progress import listening
from tools.store import content_hash

COLUMNS = ("passed", "rate", "interval", "tokens", "seconds", "tries", "share", "failures")


def run(case: Case, context: Context, *, way: Way, tries: int) -> Evidence:
    """One sample; what the system says of itself while it works is not shown."""
    settings = context.settings
    config = RunConfig(
        profile=settings["profile"], ladders=Ladders.model_validate(settings["models"]), seed=context.run, tries=tries,
        suite="sg", memory="shipped",
    )  # fmt: skip
    with listening(lambda _: None):
        facts = run_sample(case, Path(context.folder), config, way)
    return evidence(facts)


def evidence(facts: dict[str, Any]) -> Evidence:
    """Facts of a sample as the harness counts them: all tokens, also those that were cached."""
    roles = facts["usage"].values()
    return Evidence(
        facts=facts,
        tokens=int(sum(role["prompt_tokens"] + role["completion_tokens"] for role in roles)),
        tries=facts["tries"],
        model_lines=facts["model_lines"],
        total_lines=facts["total_lines"],
        seconds=facts["seconds"],
    )


def works(_: Case, seen: Evidence) -> Score:
    """Whether the outcome is right; a miss is counted under its class."""
    outcome = seen.facts["outcome"]
    right = outcome in RIGHT
    note = "; ".join(seen.facts["failed"])[:500]
    return Score(passed=right, failure="" if right else outcome.replace("_", " "), note="" if right else note)


def make_suite(
    name: str, title: str, cases: str = "sg", way: Way = both, tries: int = 5, most: int | None = None
) -> Suite:
    """A suite over the cases of the folder `cases`, made by `way`; `most`: so many, drawn by a hash of their ids."""

    def load() -> Sequence[Case]:
        drawn = sorted(load_cases(cases), key=lambda case: content_hash(["drawn", case.id]))[:most]
        return sorted(drawn, key=lambda case: case.id)

    return Suite(
        name=name, title=title, load=load, run=partial(run, way=way, tries=tries),
        scorers=(Scorer("works", VERSION, works),), columns=COLUMNS, findings=findings,
    )  # fmt: skip


SUITE = make_suite("sg", "Sketch generation: firmware from everyday requests, judged by scenes on the emulated board")
