"""Firmware agent: drafts the application's part of the sketch and mends it from evidence."""

import re

from agents.llm import Answer, LanguageModels, code_block, render
from hw.board import Board
from tools.artifacts import TaskSpec
from tools.behaviour import label_ids, led_id, sentence
from tools.errors import Fixable

_FORBIDDEN = {
    r"\bdelay\s*\(": "it calls delay(), which stops the sampling: use blinkLed or pulseLed, they return at once",
    r"\bwhile\s*\(": "it loops by itself: onResult is called again at the next result",
    r"\b(?:setup|loop|main)\s*\(\s*\)\s*\{": "it defines setup, loop or main, which exist already",
    r"\bpinMode\s*\(|\bdigitalWrite\s*\(": "it drives pins directly: use setLed and setPin, they know the polarity",
    r"\bSerial\.begin\b": "Serial is begun already",
    r"^\s*#": "it has preprocessor lines: all needed headers are included already",
    r"\bnoInterrupts\s*\(|\bcli\s*\(": "it blocks the interrupts",
}


def draft(models: LanguageModels, spec: TaskSpec, board: Board, *, problem: str, sample: int, rung: int) -> Answer[str]:
    """C++ of `onResult`; `problem` is the evidence against the last draft, empty for a fresh sample.

    Raises Fixable when the answer holds no such function or does what it must not.
    """
    user = render(
        "firmware_user",
        labels=list(label_ids(spec.classes).values()),
        leds=[led_id(name) for name in board.leds],
        request=spec.request,
        sentences=[sentence(rule) for rule in spec.behaviour if rule.trigger not in ("start", "every")],
        problem=problem,
    )
    return models.ask(
        "firmware",
        render("firmware_system"),
        user,
        parse=lambda text: lint(code_block(text)),
        rung=rung,
        temperature=0.1 if sample == 0 else 0.7,
        seed=sample,
        max_tokens=400,
    )


def lint(code: str) -> str:
    """The code when it is fit to be compiled; raises Fixable saying what must not be in it."""
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", "", code, flags=re.DOTALL)
    if not re.search(r"void\s+onResult\s*\(\s*const\s+Result\s*&\s*\w*\s*\)", bare):
        raise Fixable("there is no function void onResult(const Result &result)", text=code)
    for pattern, problem in _FORBIDDEN.items():
        if re.search(pattern, bare, flags=re.MULTILINE):
            raise Fixable(problem, text=code)
    return code
