"""Planner: a request becomes a TaskSpec, resolved against the facts of hw/ and what is known of the data."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from agents.llm import LanguageModels, render
from hw.board import Board, Sensor, boards, sensors
from tools.artifacts import Action, Budgets, Condition, DataCard, Led, Pin, Print, Rule, TaskSpec
from tools.behaviour import FIELDS, output_name, output_of
from tools.behaviour_check import check_rules
from tools.errors import BadInput, Fixable, Infeasible

SAMPLES = 3
"""Samples before the plan with the fewest remarks is taken."""
DEFAULT_BOARD = "nano33ble"
_NUMBERS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "five": 5, "six": 6}


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
    if not request.strip():
        raise BadInput('the request is empty: say what to recognise, e.g. "tell apples from pears by colour"')
    chosen, assumptions = _choose_board(request, board)
    fact = _on_board(sensors()[sensor], chosen) if sensor else _choose_sensor(models, request, chosen, card)
    classes = card.classes if card is not None else _ask_classes(models, request)
    rules, remarks = _ask_rules(models, request, classes, chosen)
    if not rules:
        rules = (Rule(trigger="result", actions=(Print(template="{label}"),)),)
        assumptions.append("the request names no output: each result is printed on serial")
    check_rules(rules, classes, chosen)
    return TaskSpec(
        request=request,
        name=_slug(classes, fact),
        board=chosen.id,
        sensor=fact.id,
        classes=classes,
        budgets=budgets,
        behaviour=rules,
        data=data,
        questions=() if card is not None else ("Which data show these classes? Give --data PATH or NAME.",),
        assumptions=(*assumptions, *(f"please check: {r}" for r in remarks)),
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
    # The longest name wins: "Nano 33 BLE Sense Rev2" also contains the name of the first one.
    lengths = {b.id: max(_mention(request, b.id), _mention(request, b.name)) for b in known.values()}
    named = max(known, key=lambda b: lengths[b])
    if lengths[named]:
        return known[named], []
    return known[DEFAULT_BOARD], [f"no board was named: {known[DEFAULT_BOARD].name}"]


def _mention(request: str, name: str) -> int:
    """Length of `name` in the request, as words of its own however they are spaced; 0: it is not there.

    The maker's name may be left out: "uno" means the Arduino Uno, but "you notice" does not.
    """
    parts = re.findall(r"[a-z]+|[0-9]+", re.sub(r"^(arduino|st)\s", "", name.lower()))
    found = re.search(r"(?<![a-z0-9])" + r"[\s_-]*".join(parts) + r"(?![a-z0-9])", request.lower())
    return len("".join(parts)) if found else 0


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
    schema = _object({"sensor": {"enum": ids}})
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
    schema = _object({"labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}})
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


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    # llama.cpp writes required properties in order and would skip optional ones: all are required.
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def mentioned_leds(request: str, board: Board) -> list[str]:
    """LEDs of the board whose name occurs in the request."""
    text = request.lower().replace("built-in", "builtin").replace("built in", "builtin").replace("onboard", "builtin")
    return [name for name in board.leds if re.search(rf"\b{name}\b", text)]


def mentioned_numbers(request: str) -> list[int]:
    """Whole numbers and number words of the request, in order, without repetition."""
    found = [int(n) for n in re.findall(r"\b\d{1,6}\b", request)]
    found += [_NUMBERS[w] for w in re.findall(r"[a-z]+", request.lower()) if w in _NUMBERS]
    return list(dict.fromkeys(found))


def mentioned_pins(request: str, board: Board) -> list[int]:
    """Digital pins of the board that the request names as `pin 5`, `D5` or `GPIO 5`."""
    found = [int(n) for n in re.findall(r"\b(?:pin|gpio|d)\s*(\d+)\b", request.lower())]
    return [n for n in dict.fromkeys(found) if n in board.digital_pins]


def mentions_serial(request: str) -> bool:
    """Whether the request asks for text on the serial line."""
    return bool(
        re.search(r"\b(print|serial|say|send|write|log|report|tell me|announce|output|csv|json)", request.lower())
    )


def outputs(request: str, board: Board) -> list[str]:
    """Outputs that the request names, as the plan's keys: `red LED`, `pin 5`, `serial`."""
    leds = mentioned_leds(request, board)
    if not leds and re.search(r"\b(led|light|lamp|blink)", request.lower()) and board.leds:
        leds = ["builtin"] if "builtin" in board.leds else list(board.leds)[:1]
    named = [f"{n} LED" for n in leds] + [f"pin {n}" for n in mentioned_pins(request, board)]
    return named + (["serial"] if mentions_serial(request) or not named else [])


def rules_schema(request: str, classes: Sequence[str], board: Board) -> dict[str, Any]:
    """JSON schema of the plan, grounded in the request: its outputs as keys, its numbers as enums, nothing else."""
    quote = {"type": "string", "pattern": '^[^"\\\\\n]{1,60}$'}
    properties = {}
    for name in outputs(request, board):
        variants = [_object({"quote": quote, **v}) for v in _variants(name, request, classes)]
        properties[name] = {"type": "array", "items": {"anyOf": variants}, "minItems": 1, "maxItems": 3}
    return _object(properties)


def _variants(output: str, request: str, classes: Sequence[str]) -> list[dict[str, Any]]:
    numbers, durations = mentioned_numbers(request), _durations(request)
    labels = {"labels": _object({name: {"enum": [0, 1]} for name in classes})}
    steady: list[dict[str, Any]] = []
    if output == "serial":
        fields = "|".join(rf"\{{{f}\}}" for f in FIELDS)
        once: list[dict[str, Any]] = [
            {"print": {"type": "string", "pattern": rf"^([a-zA-Z0-9 ,.:;!?=_/%-]|{fields}){{1,60}}$"}}
        ]
    elif output.startswith("pin"):
        steady = [{"set": {"enum": ["high", "low"]}}]
        once = [{"set": {"enum": ["toggle"]}}, *([{"high_for_ms": {"enum": durations}}] if durations else [])]
    else:
        steady = [{"set": {"enum": ["on", "off", "blink"] if "blink" in request.lower() else ["on", "off"]}}]
        once = [{"set": {"enum": ["toggle"]}}, *([{"on_for_ms": {"enum": durations}}] if durations else [])]
        if re.search(r"blink|flash", request.lower()):
            once.append({"blink": {"enum": numbers or [1, 2, 3]}})
    conditions: list[dict[str, Any]] = [labels]
    for limit in ("confidence_below", "confidence_min") if _thresholds(request) else ():
        conditions.append({**labels, limit: {"enum": _thresholds(request)}})
    events = ["result", "change", "becomes"] if output == "serial" else ["change", "becomes"]
    variants = [{"when": {"const": "while"}, **c, **a} for c in conditions for a in steady]
    variants += [{"when": {"enum": events}, **c, **a} for c in conditions for a in once]
    variants += [{"when": {"const": "start"}, **a} for a in (*once, *steady)]
    if durations and re.search(r"\bevery\b|\beach\b|\bper\b", request.lower()):
        variants += [{"when": {"const": "every"}, "ms": {"enum": durations}, **a} for a in once]
    return variants


def _durations(request: str) -> list[int]:
    """Durations that the request names, in ms."""
    found: list[int] = []
    for number, unit in re.findall(
        r"\b(\d+(?:\.\d+)?|half a|a|one|two|three|five|ten)\s*(ms|milli\w*|s|sec\w*|min\w*)\b", request.lower()
    ):
        words = {"half a": 0.5, "a": 1, "one": 1, "two": 2, "three": 3, "five": 5, "ten": 10}
        value = words[number] if number in words else float(number)
        found.append(
            int(
                value
                * (
                    1
                    if unit.startswith("m") and not unit.startswith("min")
                    else 60000
                    if unit.startswith("min")
                    else 1000
                )
            )
        )
    if re.search(r"\b(each|every|per) second\b", request.lower()):
        found.append(1000)
    return list(dict.fromkeys(d for d in found if d > 0))


def _thresholds(request: str) -> list[float]:
    found = [float(x) / 100 for x in re.findall(r"\b(\d{1,2})\s*(?:%|percent)", request)]
    found += [float(x) for x in re.findall(r"\b0\.\d+\b", request)]
    if not found and re.search(r"\b(unsure|uncertain|confident|not sure|doubt)", request.lower()):
        found = [0.6]
    return list(dict.fromkeys(found))


def parse_rules(text: str, classes: Sequence[str]) -> tuple[Rule, ...]:
    """Rules of the planner's compact JSON (output -> entries); raises Fixable when something is missing."""
    try:
        plan_ = json.loads(text)
        return tuple(_rule(output, entry, classes) for output, entries in plan_.items() for entry in entries)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Fixable(f"the plan is not in the asked form: {error!r}", text=text) from error


def _rule(output: str, entry: dict[str, Any], classes: Sequence[str]) -> Rule:
    labels = tuple(name for name, meant in entry.get("labels", {}).items() if meant)
    action = _action(output, entry)
    if labels:
        labels = _grounded(labels, entry.get("quote", ""), classes, action)
    condition = Condition(
        labels=() if set(labels) == set(classes) else labels,
        confidence_min=entry.get("confidence_min"),
        confidence_below=entry.get("confidence_below"),
    )
    return Rule(trigger=entry["when"], condition=condition, actions=(action,), period_ms=entry.get("ms"))


def mentioned_labels(quote: str, classes: Sequence[str]) -> tuple[str, ...]:
    """Labels that the quoted words name, whole or by a common stem (`run` names `running`); none where they negate."""
    words = re.findall(r"\w+", quote.lower())
    if {"not", "unless", "except", "other", "otherwise", "without", "no", "but"} & set(words):
        return ()
    return tuple(c for c in classes if all(any(_same_stem(p, w) for w in words) for p in re.findall(r"\w+", c.lower())))


def _same_stem(label: str, word: str) -> bool:
    shorter, longer = sorted((label, word), key=len)
    return len(shorter) >= 3 and longer.startswith(shorter) and len(longer) - len(shorter) <= 5


def _grounded(
    labels: tuple[str, ...], quote: str, classes: Sequence[str], action: Print | Led | Pin
) -> tuple[str, ...]:
    """Labels that the words name outweigh the model's guess; a line that shows the label is for all of them."""
    named = mentioned_labels(quote, classes)
    if named:
        return named
    return tuple(classes) if isinstance(action, Print) and "{label}" in action.template else labels


def _action(output: str, entry: dict[str, Any]) -> Print | Led | Pin:
    if output == "serial":
        return Print(template=entry["print"].strip())
    if output.startswith("pin "):
        number = int(output.removeprefix("pin "))
        if "high_for_ms" in entry:
            return Pin(pin=number, state="high", duration_ms=entry["high_for_ms"])
        return Pin(pin=number, state=entry["set"])
    name = output.removesuffix(" LED")
    if "blink" in entry:
        return Led(name=name, state="blink", times=entry["blink"])
    if "on_for_ms" in entry:
        return Led(name=name, state="on", duration_ms=entry["on_for_ms"])
    return Led(name=name, state=entry["set"])


def tidy(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Common sense that needs no model: no rule twice, and no "off" where the output reverts by itself."""
    kept: list[Rule] = []
    lit = {_target(a) for r in rules if r.trigger == "while" for a in r.actions if a.kind == "led" and a.state != "off"}
    for rule in dict.fromkeys(rules):
        action = rule.actions[0]
        if rule.trigger == "while" and isinstance(action, Led) and action.state == "off" and _target(action) in lit:
            continue
        kept.append(rule)
    return tuple(kept)


def _target(action: Action) -> str:
    return output_name(output_of(action)) if isinstance(action, Led | Pin) else "serial line"


def remarks(rules: Sequence[Rule], classes: Sequence[str], request: str) -> list[str]:
    """What is hardly meant: reasons for another sample, and for asking the person."""
    found = []
    for rule in rules:
        action = rule.actions[0]
        if rule.trigger == "while" and rule.condition == Condition() and "always" not in request.lower():
            found.append(f"the {_target(action)} would be on for every label")
        if isinstance(action, Print) and rule.trigger == "result" and any(c in action.template for c in classes):
            found.append(f'the same line "{action.template}" for whatever label')
    claimed: dict[str, set[str]] = {}
    for rule in rules:
        if rule.trigger != "while":
            continue
        target, labels = _target(rule.actions[0]), set(rule.condition.labels or classes)
        if claimed.setdefault(target, set()) & labels:
            found.append(f"two rules say something about the {target} for the same label")
        claimed[target] |= labels
    return found


def _ask_rules(
    models: LanguageModels, request: str, classes: Sequence[str], board: Board
) -> tuple[tuple[Rule, ...], list[str]]:
    schema = rules_schema(request, classes, board)
    best: tuple[tuple[Rule, ...], list[str]] | None = None
    parse: Callable[[str], tuple[Rule, ...]] = lambda text: tidy(parse_rules(text, classes))  # noqa: E731
    for sample in range(SAMPLES):
        try:
            answer = models.ask(
                "planner",
                render("planner_system"),
                render("planner_user", labels=classes, request=request),
                schema=schema,
                parse=parse,
                rung=sample - 1 if sample else 0,
                temperature=0.0 if sample == 0 else 0.7,
                seed=sample,
                max_tokens=400,
            )
        except Fixable:
            continue
        found = remarks(answer.value, classes, request)
        if best is None or len(found) < len(best[1]):
            best = (answer.value, found)
        if not found:
            break
    if best is None:
        raise Fixable("the planner gave no usable plan: say in shorter words what the device shall do with each class")
    return best
