"""One evaluation from its options to what it leaves in its folder."""

from pathlib import Path
from typing import Any

from agents.llm import resolve
from evals.harness import Suite, choose, evaluate
from evals.page import write_page
from evals.results import RESULTS, Results, make_results, record, write_results
from evals.suites import suite as suite_named
from evals.version import code_digest
from graph.config import parse_models
from tools.artifacts import Artifact
from tools.errors import BadInput
from tools.progress import listening, report


class Options(Artifact):
    """What a person may choose."""

    runs: int = 1
    only: tuple[str, ...] = ()
    split: str = "all"
    profile: str = "local"
    models: tuple[str, ...] = ()


def evaluate_suite(name: str, options: Options, folder: Path, recorded: bool = False) -> tuple[Suite, Results]:
    """Run what is missing of a suite's samples; write results.json and results.html into `folder`.

    `recorded`: also the suite's section of evals/RESULTS.md. Raises BadInput for an unknown suite, case, split or
    profile, and where no case is left; Setup where a tool is missing.
    """
    suite = suite_named(name)
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder.name} is a file: --out wants a folder")
    if recorded and (options.only or options.split != "all"):
        raise BadInput("--record is for a whole suite: leave out --only and --split")
    code = code_digest()
    settings = _settings(suite, options, code)
    report("eval", f"loading the cases of '{suite.name}'")
    with listening(lambda _: None):
        known = suite.load()
    cases = choose(known, options.only, options.split)
    if not cases:
        raise BadInput(f"no case of '{suite.name}' is left in the split '{options.split}'")
    samples = evaluate(suite, cases, options.runs, settings, folder, code)
    shown = {key: value for key, value in settings.items() if key != "code"} | {"split": options.split}
    results = make_results(suite, samples, options.runs, shown, complete=len(cases) == len(known))
    write_results(results, folder)
    write_page(suite, results, folder)
    if recorded:
        record(suite, results, RESULTS)
    return suite, results


def _settings(suite: Suite, options: Options, code: str) -> dict[str, Any]:
    """What else a sample's identity depends on."""
    models = parse_models(options.models)
    ladders = resolve(options.profile, models)  # a wrong flag is told even where no model is asked
    settings: dict[str, Any] = {"code": code} if suite.follows_code else {}
    if suite.uses_models:
        settings |= {"profile": options.profile, "models": ladders.model_dump(mode="json")}
    return settings
