"""Firmware agent: drafts the application's part of the sketch and mends it from evidence."""

from collections.abc import Sequence

from agents.firmware_lint import lint
from agents.llm import Answer, LanguageModels, code_block, render
from hw.board import Board
from tools.artifacts import Pin, Rule, TaskSpec
from tools.behaviour import label_ids, led_id, sentence, uses
from tools.behaviour_cpp import drafted_rules
from tools.statements_cpp import counter_id, flag_id

_SEEDS = 1000
"""More than a firmware has samples."""


def draft(
    models: LanguageModels,
    spec: TaskSpec,
    board: Board,
    *,
    problem: str,
    sample: int,
    rung: int,
    lessons: Sequence[str] = (),
    seed: int = 1,
) -> Answer[str]:
    """C++ of `onResult`; `problem` is the evidence against the last draft, empty for a fresh sample.

    `lessons` are lines of agents/error_memory.py. Samples with another `seed` differ.
    Raises Fixable when the answer holds no such function, does what it must not, or lacks what the rules name.
    """
    labels = [*spec.classes, *spec.names.values()]
    user = render(
        "firmware_user",
        labels=list(label_ids(spec.classes).values()),
        leds=[led_id(name) for name in board.leds],
        request=spec.request,
        facts=_facts(spec),
        sentences=[sentence(rule) for rule in drafted_rules(spec.behaviour)],
        problem=problem,
        lessons=list(lessons),
    )
    return models.ask(
        "firmware",
        render("firmware_system"),
        user,
        parse=lambda text: lint(code_block(text), spec.behaviour, labels),
        rung=rung,
        temperature=0.1 if sample == 0 else 0.7,
        seed=sample + _SEEDS * (seed - 1),
        max_tokens=400,
    )


def _facts(spec: TaskSpec) -> list[str]:
    """What there is in this sketch beyond what every sketch has: only what the rules at hand use."""
    rules, used = drafted_rules(spec.behaviour), uses(spec.behaviour)
    ids = label_ids(spec.classes)
    said: list[tuple[object, str]] = [
        (used.names, "const char *const NAMES[LABEL_COUNT];  // {name} is NAMES[result.label]"),
        (used.held, "bool heldFor(const Result &result, unsigned long ms);  // the label has held for ms"),
        (used.buttons, "bool buttonIsDown(int pin);  // the button at pin is pressed"),
        (used.proximity, "int proximity();  // 0 near .. 255 nothing there"),
        (_blinks_pin(rules), "void blinkPin(int pin, int times, unsigned long ms);  // returns at once"),
        (_has_pwm(rules), "void analogWrite(int pin, int duty);  // 0 to 255"),
        (
            any(name == "" or name in ids for name in used.counters),
            "unsigned long counts[LABEL_COUNT];  // counts[result.label]++ counts, {count} is counts[result.label]",
        ),
    ]
    facts = [fact for needed, fact in said if needed]
    facts += [f"unsigned long {counter_id(n)};  // the count of '{n}'" for n in used.counters if n and n not in ids]
    return facts + [f"bool {flag_id(name)};  // whether '{name}' is set" for name in used.flags]


def _blinks_pin(rules: Sequence[Rule]) -> bool:
    return any(isinstance(a, Pin) and a.state == "blink" for r in rules for a in r.actions)


def _has_pwm(rules: Sequence[Rule]) -> bool:
    return any(isinstance(a, Pin) and a.state == "pwm" for r in rules for a in r.actions)
