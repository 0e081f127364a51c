"""Planner: a request becomes a TaskSpec, resolved against the facts of hw/ and what is known of the data."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.llm import LanguageModels, render
from agents.mentions import named_board
from agents.plan_decision import decision_of
from agents.plan_doubts import doubts_of, strangers
from agents.plan_lines import Shown, missing_lines, shown_lines, with_shown, without_examples
from agents.plan_names import names_of, with_names
from agents.plan_reading import parse_plan, quotes_of
from agents.plan_review import assumed, tidy, uncovered
from agents.plan_schema import object_of, plan_schema
from agents.plan_whole import latched, lingering
from agents.refusals import check_board_has, check_readable
from agents.restate import restated
from agents.worked_examples import nearest
from hw.board import Board, Sensor, boards, sensors
from tools.artifacts import Budgets, Condition, DataCard, Decision, Print, Rule, TaskSpec
from tools.behaviour import sentence
from tools.behaviour_check import check_decision, check_rules
from tools.errors import BadInput, Fixable, Infeasible
from tools.same_demand import same_demand

SAMPLES = 3
"""Samples before the plan with the fewest doubts is taken."""
DEFAULT_BOARD = "nano33ble"


def plan(
    models: LanguageModels,
    request: str,
    *,
    board: str | None,
    card: DataCard | None,
    data: str | None,
    budgets: Budgets,
    sensor: str | None = None,
) -> TaskSpec:
    """TaskSpec of a request; `card` tells the classes and channels when there are data, `sensor` what is settled.

    Raises BadInput (empty request, unknown board), Infeasible (the board lacks what the request needs).
    """
    check_readable(request, card.classes if card is not None else ())
    chosen, assumptions = _choose_board(request, board)
    english = restated(models, request, card.classes if card is not None else (), chosen)
    if english != request:
        assumptions.append(f"understood as: {english}")
    fact = _on_board(sensors()[sensor], chosen) if sensor else _choose_sensor(models, english, chosen, card)
    classes = card.classes if card is not None else _ask_classes(models, english)
    check_board_has(english, chosen, classes)
    planned = ask_rules(models, english, classes, chosen)
    rules = planned.rules
    if not rules:
        rules = (Rule(trigger="result", actions=(Print(template="{label}"),)),)
        assumptions.append("the request names no output: each result is printed on serial")
    check_rules(rules, classes, chosen)
    decision, said = decision_of(english)
    check_decision(decision)
    missed = uncovered(english, (*planned.quotes, *said, chosen.name, chosen.id, *fact.words), classes)
    checks = [*planned.doubts, *([f"no rule speaks of: {', '.join(missed)}"] if missed else [])]
    return TaskSpec(
        request=request,
        name=_slug(classes, fact),
        board=chosen.id,
        sensor=fact.id,
        classes=classes,
        budgets=budgets,
        behaviour=rules,
        decision=decision,
        names=planned.names,
        doubts=planned.doubts,
        data=data,
        questions=() if card is not None else ("Which data show these classes? Give --data PATH or NAME.",),
        assumptions=(*assumptions, *assumed(rules, english), *(f"please check: {text}" for text in checks)),
    )


def _slug(classes: Sequence[str], sensor: Sensor) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", f"{sensor.id}_{'_'.join(classes[:3])}".lower()).strip("_")
    return words[:40].rstrip("_")


def _choose_board(request: str, board: str | None) -> tuple[Board, list[str]]:
    known = boards()
    if board is not None:
        if board not in known:
            raise BadInput(f"unknown board '{board}': choose one of {', '.join(known)} (tinysmith boards lists them)")
        return known[board], []
    if named := named_board(request):
        return named, []
    return known[DEFAULT_BOARD], [f"no board was named: {known[DEFAULT_BOARD].name}"]


# --- sensor -----------------------------------------------------------------------------------------


def _choose_sensor(models: LanguageModels, request: str, board: Board, card: DataCard | None) -> Sensor:
    known = sensors()
    text = f" {request.lower()} "
    named = [s for s in known.values() if any(re.search(rf"\b{re.escape(w)}", text) for w in s.words)]
    fitting = [s for s in known.values() if card is not None and _fits(s, card)]
    physical = [s for s in named if s.id != "serial"]
    candidates = [s for s in (physical or fitting) if not fitting or s in fitting] or physical or fitting
    if len(candidates) == 1:
        sensor = candidates[0]
    else:
        sensor = known[_ask_sensor(models, request, candidates or list(known.values()))]
    if sensor.id not in board.sensors and card is not None and "serial" in board.sensors and not physical:
        return known["serial"]
    return _on_board(sensor, board)


def _on_board(sensor: Sensor, board: Board) -> Sensor:
    """The sensor, when the board has it and firmware can read it; raises Infeasible otherwise."""
    known = sensors()
    if sensor.id not in board.sensors:
        having = [b.id for b in boards().values() if sensor.id in b.sensors]
        raise Infeasible(
            f"{board.name} has no {sensor.name}; its sensors: {', '.join(board.sensors) or 'none'}. "
            + (f"Boards that have one: {', '.join(having)}." if having else "No known board has one."),
            sensor=sensor.id,
            board=board.id,
        )
    if sensor.header and not sensor.read:
        readable = [known[s].name for s in board.sensors if known[s].read or not known[s].header]
        raise Infeasible(f"firmware that reads the {sensor.name} is not built yet; it can read: {', '.join(readable)}")
    return sensor


def _fits(sensor: Sensor, card: DataCard) -> bool:
    return bool(sensor.channels) and set(card.channels) <= {c.name for c in sensor.channels}


def _ask_sensor(models: LanguageModels, request: str, candidates: Sequence[Sensor]) -> str:
    ids = [s.id for s in candidates]
    schema = object_of({"sensor": {"enum": ids}})
    facts = [{"id": s.id, "name": s.name} for s in candidates]
    answer = models.ask(
        "planner",
        render("planner_sensor_system"),
        render("planner_sensor_user", sensors=facts, request=request),
        schema=schema,
        parse=lambda text: str(json.loads(text)["sensor"]),
        max_tokens=20,
    )
    return answer.value


def _ask_classes(models: LanguageModels, request: str) -> tuple[str, ...]:
    schema = object_of({"labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}})
    answer = models.ask(
        "planner",
        render("planner_classes_system"),
        render("planner_classes_user", request=request),
        schema=schema,
        parse=lambda text: tuple(dict.fromkeys(str(x).strip() for x in json.loads(text)["labels"])),
        max_tokens=100,
    )
    return answer.value


# --- rules ------------------------------------------------------------------------------------------


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

    @classmethod
    def of(cls, request: str, classes: Sequence[str], board: Board) -> "Asked":
        """What is to be asked about a request."""
        names, request = names_of(_in_one_line(request), classes)
        decision, said = decision_of(request)
        # What says which results count is done: its numbers and times are not offered for rules.
        left = request
        for words in said:
            left = re.sub(re.escape(words), " ", left, flags=re.IGNORECASE)
        shown = shown_lines(left, classes)
        left = without_examples(left, shown)
        return cls(request, left, tuple(classes), board, decision, names, shown, plan_schema(left, classes, board))

    def read(self, text: str) -> Planned:
        """The rules that an answer stands for; raises Fixable where it is not in the asked form."""
        read = lingering(latched(parse_plan(text, self.classes, self.left), self.left, self.board), self.left)
        rules = with_shown(tidy(with_names(read, self.names, self.classes), self.left), self.shown)
        quotes = quotes_of(text)
        doubts = (
            *doubts_of(rules, self.decision, self.left, self.classes, self.board),
            *missing_lines(rules, self.shown),
            *strangers(quotes, self.classes),
        )
        return Planned(rules, quotes, doubts, self.names)


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
    return best if best.doubts or is_simple(best.rules) else _seconded(models, asked, best)


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
        if any(_agree(asked, plan, known) for known in plans):
            return next(known for known in plans if _agree(asked, plan, known))
        plans.append(plan)
    differing = [sentence(rule) for rule in plans[-1].rules if rule not in first.rules][:2]
    told = f"it can also be understood so: {'; '.join(differing)}" if differing else "it can be understood in two ways"
    return replace(first, doubts=(told,))


def _agree(asked: Asked, one: Planned, other: Planned) -> bool:
    if one.doubts or other.doubts:
        return False
    decisions = (asked.decision, asked.decision)
    return one.rules == other.rules or same_demand(one.rules, other.rules, asked.classes, decisions, one.names)
