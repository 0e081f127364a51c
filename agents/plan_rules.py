"""The rules of a request: what the planner's model is asked, what its answer means, and when it is asked again."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.likely import UNUSUAL, likely, never, often, rare, unlikely
from agents.llm import LanguageModels, render
from agents.plan_decision import decision_of
from agents.plan_doubts import doubts_of, strangers
from agents.plan_lines import Shown, missing_lines, shown_lines, with_shown, without_examples
from agents.plan_names import names_of, with_names
from agents.plan_reading import parse_plan, quotes_of
from agents.plan_review import open_moments, tidy
from agents.plan_schema import Said, plan_schema
from agents.plan_whole import following, latched, lingering, output_key, released
from agents.restate import restated
from agents.worked_examples import nearest
from hw.board import Board, boards
from tools.artifacts import Condition, Decision, Rule, TaskSpec
from tools.behaviour import sentence
from tools.errors import Fixable
from tools.same_demand import same_demand

SAMPLES = 3
"""Samples before the plan with the fewest doubts is taken."""


def _in_one_line(request: str) -> str:
    """The request with its lines and the points of a list as sentences."""
    lines = [re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line).strip() for line in request.splitlines()]
    return " ".join(line if re.search(r"[.,;:!?]$", line) else f"{line}." for line in lines if line)


@dataclass(frozen=True)
class Planned:
    """A plan of the model, the words that it quotes, and what is hardly meant in it."""

    rules: tuple[Rule, ...]
    quotes: tuple[str, ...]
    doubts: tuple[str, ...]
    """What was perhaps not understood."""
    names: dict[str, str] = field(default_factory=dict)
    usual: bool = True
    """Whether requests in such words often want such a plan."""


@dataclass(frozen=True)
class Asked:
    """A request as the planner's model is asked about it: what it may answer, and what its answer means."""

    request: str
    """In one line, without what is settled already: the labels' names, which results count, lines that are shown."""
    left: str
    """The words that may be quoted."""
    classes: tuple[str, ...]
    board: Board
    decision: Decision
    names: dict[str, str]
    shown: list[Shown]
    schema: dict[str, Any]
    chances: dict[str, float]
    """Of the traits that a plan may have, as learned from other requests."""

    @classmethod
    def of(cls, request: str, classes: Sequence[str], board: Board) -> "Asked":
        """What is to be asked about a request."""
        names, request = names_of(_in_one_line(request), classes)
        decision, settled = decision_of(request)
        # What says which results count is done: its numbers and times are not offered for rules.
        left = request
        for words in settled:
            left = re.sub(re.escape(words), " ", left, flags=re.IGNORECASE)
        shown = shown_lines(left, classes)
        left = without_examples(left, shown)
        chances = likely(request, classes)
        said = Said(left, often(chances), tuple(line.template for line in shown), never(chances))
        schema = plan_schema(said, classes, board)
        return cls(request, left, tuple(classes), board, decision, names, shown, schema, chances)

    def read(self, text: str) -> Planned:
        """The rules that an answer stands for; raises Fixable where it is not in the asked form."""
        read = latched(parse_plan(text, self.classes, self.left), self.left, self.board)
        read = following(released(lingering(read, self.left)))
        rules = with_shown(tidy(with_names(read, self.names, self.classes), self.left), self.shown)
        quotes, plan = quotes_of(text), json.loads(text)
        doubts = (
            *doubts_of(rules, self.decision, self.left, self.classes, self.board),
            *missing_lines(rules, self.shown),
            *strangers(quotes, self.classes),
            *unlikely(plan, self.chances),
        )
        return Planned(rules, quotes, doubts, self.names, usual=not rare(plan, self.chances, UNUSUAL))


def ask_rules(
    models: LanguageModels, request: str, classes: Sequence[str], board: Board, samples: int = SAMPLES
) -> Planned:
    """The plan with the fewest doubts of at most `samples`; one that is more than simple is asked for twice.

    Raises Fixable when none can be used.
    """
    asked = Asked.of(request, classes, board)
    best: Planned | None = None
    for sample in range(samples):
        try:
            made = _answer(models, asked, sample)
        except Fixable:
            continue
        if best is None or len(made.doubts) < len(best.doubts):
            best = made
        if not best.doubts:
            break
    if best is None:
        raise Fixable("the planner gave no usable plan: say in shorter words what the device shall do with each class")
    sure = best.usual and is_simple(best.rules)
    return best if best.doubts or sure else _seconded(models, asked, best)


def _answer(models: LanguageModels, asked: Asked, sample: int, other_examples: int = 0) -> Planned:
    examples = [example.text for example in nearest(asked.request, asked.classes, other_examples)]
    return models.ask(
        "planner",
        render("planner_system"),
        render("planner_user", examples=examples, labels=asked.classes, request=asked.request),
        schema=asked.schema,
        parse=asked.read,
        rung=sample - 1 if sample else 0,
        temperature=0.0 if sample == 0 else 0.7,
        seed=sample,
        max_tokens=600,
    ).value


def is_simple(rules: Sequence[Rule]) -> bool:
    """Whether nothing is asked but outputs that are on for labels, and lines at results or changes."""
    return all(
        r.trigger in ("while", "result", "change")
        and r.linger_ms is None
        and r.condition == Condition(labels=r.condition.labels)
        for r in rules
    )


def _seconded(models: LanguageModels, asked: Asked, first: Planned) -> Planned:
    """The plan that two of three answers agree on, each after other examples; a doubt where no two do."""
    plans = [first]
    for others in (1, 2):
        try:
            plan = _answer(models, asked, 0, others)
        except Fixable:
            continue
        if agreed := next((known for known in plans if _agree(asked, plan, known)), None):
            return agreed
        plans.append(plan)
    differing = [sentence(rule) for rule in plans[-1].rules if rule not in first.rules][:2]
    told = f"it can also be understood so: {'; '.join(differing)}" if differing else "it can be understood in two ways"
    return replace(first, doubts=(told,))


def other_reading(models: LanguageModels, spec: TaskSpec, where: Sequence[str]) -> str:
    """How else the request of `spec` is understood after other examples, in sentences; empty: in the same way.

    `where`: the outputs at which drafts did something else (`green LED`, `serial`); another reading of others explains
    nothing. What is more than simple was asked for twice already.
    """
    if not is_simple(spec.behaviour):
        return ""
    board = boards()[spec.board]
    asked = Asked.of(restated(models, spec.request, spec.classes, board), spec.classes, board)
    known = Planned(_driving(spec.behaviour, where), (), (), spec.names)
    try:
        plan = _answer(models, asked, 0, 1)
    except Fixable:
        return ""
    plan = replace(plan, rules=_driving(plan.rules, where))
    return "" if _agree(asked, known, plan) else "; ".join(sentence(r) for r in plan.rules if r not in known.rules)


def _driving(rules: Sequence[Rule], where: Sequence[str]) -> tuple[Rule, ...]:
    # What counts or switches drives nothing, and other rules depend on it.
    return tuple(r for r in rules if any(output_key(a) in ("", *where) for a in r.actions))


def _agree(asked: Asked, one: Planned, other: Planned) -> bool:
    if one.doubts or other.doubts:
        return False
    decisions = (asked.decision, asked.decision)
    rules, others = open_moments(one.rules, asked.request), open_moments(other.rules, asked.request)
    return rules == others or same_demand(rules, others, asked.classes, decisions, one.names)
