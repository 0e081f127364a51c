"""How often the planner's rules do what a careful reader's would: own requests, for developing prompts, not for proof.

Two plans are the same when the interpreter demands the same of the board under stimuli that show every pair of labels,
doubt, patience and all that either plan listens to. Run: python -m evals.planner_develop [--half a|b] [--cache FILE]
[WORD …]
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from agents import plan_decision, plan_reading, plan_rules
from agents.llm import Ladders, LanguageModels
from agents.plan_whole import moment, switched, with_counters
from agents.refusals import check_board_has
from agents.restate import in_plain_words
from hw.board import boards
from tools.artifacts import Decision, Rule
from tools.behaviour import sentence
from tools.errors import TinysmithError
from tools.same_demand import same_demand

CASES = (
    "planner.yaml", "planner_more.yaml", "planner_wide.yaml", "planner_everyday.yaml", "planner_makers.yaml",
    "planner_later.yaml",
)  # fmt: skip


def wanted_rules(case: dict[str, Any]) -> tuple[Rule, ...]:
    """The careful reader's rules, as the plan says them: no correction of the planner touches them."""
    plan = dict(case["plan"])
    switches = [{**s, "what": str(s["what"]), "turns": str(s["turns"])} for s in plan.pop("switches", [])]
    rules = [_wanted(output, entry, case) for output, entries in plan.items() for entry in entries]
    return with_counters(switched(rules, switches), case["labels"])


def _wanted(output: str, entry: dict[str, Any], case: dict[str, Any]) -> Rule:
    labels = entry.get("labels", ())
    condition: dict[str, Any] = {"labels": () if set(labels) == set(case["labels"]) else tuple(labels)}
    for said in entry.get("if", ()):
        condition |= plan_reading.asked(said)
    rule = moment(entry["when"]) | {"condition": condition}
    rule |= {"actions": (plan_reading.action_of(output, entry, case["request"]),)}
    rule["linger_ms"] = plan_reading.linger_of(entry)
    return plan_reading.settled(Rule.model_validate(rule))


def main() -> None:
    """Score the cases of a half whose request holds one of the words; all without words."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    parser.add_argument(
        "--half",
        choices=tuple("abcdefghijklmnopqr"),
        help="of planner_more.yaml (a, b), _wide (c, d), _everyday (e), _makers (f-l), _later (m-r)",
    )
    parser.add_argument("--cache", type=Path, help="answers of the model, kept from call to call")
    given = parser.parse_args()
    cases = [c for c in _read() if not given.words or any(w in c["request"] for w in given.words)]
    cases = [c for c in cases if not given.half or c.get("half") == given.half]
    models, counts = LanguageModels(Ladders(), given.cache), Counter[str]()
    begun = time.monotonic()
    for case in cases:
        verdict, told = score(models, case)
        counts[verdict] += 1
        _tell(f"{verdict}: {case['request']}", *([] if verdict == "right" else told))
    seconds = (time.monotonic() - begun) / max(1, len(cases))
    _tell(f"{dict(counts)} of {len(cases)}; {seconds:.1f} s each")


def _read() -> list[dict[str, Any]]:
    folder = Path(__file__).parent / "develop"
    return [case for name in CASES for case in yaml.safe_load((folder / name).read_text(encoding="utf-8"))]


def score(models: LanguageModels, case: dict[str, Any]) -> tuple[str, list[str]]:
    """`right`, `asked` (a doubt is left, or no plan) or `WRONG`, and what was planned, in sentences."""
    wanted, labels, board = wanted_rules(case), case["labels"], boards()["nano33ble"]
    decisions = (Decision.model_validate(case.get("decision", {})), plan_decision.decision_of(case["request"])[0])
    try:
        check_board_has(case["request"], board, labels)
        made = plan_rules.ask_rules(models, in_plain_words(case["request"], labels, board), labels, board)
    except TinysmithError as error:
        return "asked", [f"    {error}"]
    told = [f"    made   {sentence(rule)}" for rule in made.rules]
    told += [f"    wanted {sentence(rule)}" for rule in wanted] + [f"    doubt {text}" for text in made.doubts]
    if made.doubts:
        return "asked", told
    return "right" if same_demand(wanted, made.rules, labels, decisions, made.names) else "WRONG", told


def _tell(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
