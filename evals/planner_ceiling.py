"""What of a careful reader's plans can be written under the schema of their requests, and comes through the reading.

No model answers here: the wanted plan itself goes through the schema, the quotes and the corrections that a model's
answer goes through. What is lost is the planner's own fault. Run: python -m evals.planner_ceiling [FILE …]
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import yaml

from agents import plan_rules
from agents.restate import in_plain_words
from evals.planner_develop import CASES, wanted_rules
from hw.board import boards
from tools.artifacts import Decision
from tools.behaviour import sentence
from tools.same_demand import same_demand

FOLDER = Path(__file__).parent / "develop"
MOST_QUOTES = 60
"""Choices of quotes that are tried for one plan."""


def offered(entry: dict[str, Any], item: dict[str, Any]) -> dict[str, Any] | None:
    """The entry with the keys of a variant of the schema that can say it, without its quote; None: there is none."""
    for variant in item.get("anyOf", [item]):
        keys = [key for key in variant["properties"] if key != "quote"]
        whole = {key: entry.get(key, [] if key == "if" else None) for key in keys}
        if set(entry) - {"quote", "labels"} <= {*keys, *(("if",) if not entry.get("if") else ())} and all(
            _fits(whole[key], variant["properties"][key]) for key in keys
        ):
            return whole
    return None


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "array":
        return isinstance(value, list) and all(_fits(v, schema["items"]) for v in value)
    if schema["type"] == "object":
        return isinstance(value, dict)
    return isinstance(value, str) and re.match(schema["pattern"], value) is not None


def through(case: dict[str, Any]) -> tuple[str, dict[str, Any] | list[str]]:
    """`kept` and the plan with its quotes, or `not offered`, `lost` (no quotes keep it) or `doubted`, and why."""
    asked = _asked(case)
    plan, missing = _sayable(case, asked.schema)
    if missing:
        return "not offered", missing
    entries = [(output, k) for output in plan for k in range(len(plan[output]))]
    quotes = [_quotes(asked.schema, output, case["labels"], plan[output][k]) for output, k in entries]
    decisions = (Decision.model_validate(case.get("decision", {})), asked.decision)
    wanted = wanted_rules(case)
    agrees = cache(lambda rules, names: same_demand(wanted, rules, case["labels"], decisions, dict(names)))
    found: dict[str, list[str]] = {}
    for choice in islice(product(*quotes), MOST_QUOTES):
        said: dict[str, Any] = {output: [] for output in plan}
        for (output, k), quote in zip(entries, choice, strict=True):
            said[output].append({"quote": quote, **plan[output][k]})
        made = asked.read(json.dumps(said))
        kept = agrees(made.rules, tuple(made.names.items()))
        if kept and not made.doubts:
            return "kept", said
        told = list(made.doubts) if kept else [sentence(rule) for rule in made.rules]
        found.setdefault("doubted" if kept else "lost", told)
    return next(((why, found[why]) for why in ("doubted", "lost") if why in found), ("lost", ["nothing to quote"]))


def _asked(case: dict[str, Any]) -> plan_rules.Asked:
    board = boards()[case.get("board", "nano33ble")]
    return plan_rules.Asked.of(in_plain_words(case["request"], case["labels"], board), case["labels"], board)


def _sayable(case: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The wanted plan under the schema, and what the schema cannot say or wants besides."""
    missing = [f"{output} is no output" for output in case["plan"] if output not in schema["properties"]]
    plan: dict[str, list[dict[str, Any]]] = {}
    for output, item in schema["properties"].items():
        ways = [(entry, offered(entry, item["items"])) for entry in _whole(case, output)]
        plan[output] = [way for _, way in ways if way is not None]
        missing += [f"{output}: {entry}" for entry, way in ways if way is None]
        if item.get("minItems", 0) > len(ways):
            missing.append(f"{output}: something must be said of it")
    return plan, missing


def _quotes(schema: dict[str, Any], output: str, labels: Sequence[str], entry: dict[str, Any]) -> list[str]:
    """What the entry may quote, the likeliest first: what shares most words with it."""
    item = schema["properties"][output]["items"]
    variant = item.get("anyOf", [item])[0]
    every = schema["$defs"][variant["properties"]["quote"]["$ref"].rpartition("/")[2]]["enum"]
    told = [
        output,
        *labels,
        str(entry.get("print", "")),
        entry["when"],
        str(entry.get("set", "")),
        *entry.get("if", []),
    ]
    words = set(re.findall(r"\w+", " ".join(told).lower()))
    said = {quote: re.findall(r"\w+", quote.lower()) for quote in every}
    share = {quote: sum(any(w.startswith(x) for x in words) for w in set(said[quote])) for quote in every}
    return sorted(every, key=lambda quote: (-share[quote] - min(12, len(said[quote])) / 12, len(quote)))


def _whole(case: dict[str, Any], output: str) -> list[dict[str, Any]]:
    labels, made = case["labels"], []
    for entry in case["plan"].get(output, []):
        bare = (output in ("switches", "count") and "labels" not in entry) or entry["when"] == "start"
        meant = entry.get("labels", labels)
        flags = {} if bare else {"labels": {name: int(name in meant) for name in labels}}
        made.append({**{k: v for k, v in entry.items() if k != "quote"}, **flags})
    return made


def example(case: dict[str, Any], kept: dict[str, Any] | None) -> dict[str, Any]:
    """A plan as an entry of prompts/planner_examples.yaml; one that is not kept is learned from and never shown."""
    plan = case["plan"] if kept is None else {key: entries for key, entries in kept.items() if entries}
    made = {"labels": case["labels"], "request": _asked(case).request, "plan": plan}
    return made if kept is not None else made | {"shown": False}


def main() -> None:
    """Tell for each request what becomes of its wanted plan, and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--half", help="of the requests alone")
    parser.add_argument("--examples", type=Path, help="write the plans there, those that are kept with their quotes")
    given = parser.parse_args()
    examples = []
    counts = Counter[str]()
    for path in given.files or [FOLDER / name for name in CASES]:
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            if given.half and case.get("half") != given.half:
                continue
            verdict, told = through(case)
            counts[verdict] += 1
            examples.append(example(case, told if isinstance(told, dict) else None))
            if verdict != "kept":
                wanted = [f"    wanted {sentence(rule)}" for rule in wanted_rules(case)]
                lines = [f"{verdict}: {case['request']} {case['labels']}", *wanted, *(f"    {line}" for line in told)]
                sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.write(f"{dict(counts)}\n")
    if given.examples:
        lines = ["- " + json.dumps(entry, ensure_ascii=False) for entry in examples]
        given.examples.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
