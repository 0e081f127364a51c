"""Planner: a request becomes a TaskSpec, resolved against the facts of hw/ and what is known of the data."""

import json
import re
from collections.abc import Sequence

from agents.llm import LanguageModels, render
from agents.mentions import named_board
from agents.plan_decision import decision_of
from agents.plan_review import assumed, uncovered
from agents.plan_rules import ask_rules
from agents.plan_schema import object_of
from agents.refusals import check_board_has, check_readable
from agents.restate import restated
from hw.board import Board, Sensor, boards, sensors
from tools.artifacts import Budgets, DataCard, Print, Rule, TaskSpec
from tools.behaviour_check import check_decision, check_rules
from tools.errors import BadInput, Infeasible

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
