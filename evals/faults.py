"""Faults for a working firmware folder: what people and language models get wrong, as exact changes of its text.

Each fault says whether it changes what the device must do, so that a verifier can be measured both ways: how many
changes it misses, and how many harmless ones it holds against the board. Not covered: faults in the vendor's core.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from evals.fault import INO, Fault, changed, path_of, seed
from evals.faults_of_action import ACTION_FAULTS
from evals.faults_of_input import INPUT_FAULTS

__all__ = ["GENERIC", "INO", "Fault", "app_faults", "changed", "changes_behaviour", "faults_for", "seed"]

GENERIC = (*INPUT_FAULTS, *ACTION_FAULTS)


def app_faults(app_h: str) -> Iterator[Fault]:
    """Faults in the application's part, derived from its text: each condition, LED, printed text and flash in it."""
    for n, test in enumerate(dict.fromkeys(re.findall(r"result\.label == LABEL_\w+", app_h))):
        yield _app(f"condition {n} inverted", test, test.replace("==", "!="))
        others = [t for t in re.findall(r"LABEL_\w+", app_h) if t != test.split()[-1]]
        if others:
            yield _app(f"condition {n} on another class", test, f"result.label == {others[0]}")
    for n, call in enumerate(dict.fromkeys(re.findall(r"(?:set|pulse|blink|toggle)Led\(\w+_LED[^;]*;", app_h))):
        yield _app(f"LED action {n} missing", call, ";")
        yield _app(f"LED action {n} on the built-in LED", call, re.sub(r"\w+_LED", "BUILTIN_LED", call, count=1))
        yield from _lengths(n, call)
    for n, call in enumerate(
        dict.fromkeys(re.findall(r"(?:(?:set|pulse|blink|toggle)Pin|analogWrite)\([^;]*;", app_h))
    ):
        yield _app(f"pin action {n} missing", call, ";")
        yield _app(
            f"pin action {n} on the pin beside", call, re.sub(r"\d+", lambda m: str(int(m[0]) + 1), call, count=1)
        )
    for n, call in enumerate(dict.fromkeys(re.findall(r"Serial\.print(?:ln)?\([^;]*;", app_h))):
        yield _app(f"print {n} missing", call, ";")
        yield _app(f"print {n} with a blank more", call, 'Serial.print(" ");\n' + call)
    if "result.changed" in app_h:
        yield _app("prints without asking for a change", "if (result.changed)", "if (true)")
    for n, period in enumerate(re.findall(r"beat\d+ \+= \d+;", app_h)):
        yield _app(f"period {n} doubled", period, period.replace("+= ", "+= 2 * "))


def _lengths(n: int, call: str) -> Iterator[Fault]:
    found = re.fullmatch(r"(blinkLed|pulseLed)\((\w+), (?:(\d+), )?(\d+)\);", call)
    if found is None:
        return
    function, led, times, ms = found.groups()
    count = f"{times}, " if times else ""
    yield _app(f"LED action {n} for too long", call, f"{function}({led}, {count}{2 * int(ms)});")
    yield _app(f"LED action {n} too briefly", call, f"{function}({led}, {count}{int(ms) // 3});")
    if times:
        yield _app(f"LED action {n} once more", call, f"{function}({led}, {int(times) + 1}, {ms});")


def _app(name: str, old: str, new: str) -> Fault:
    return Fault(name, "behaviour", "app.h", old, new)


def faults_for(folder: Path) -> list[Fault]:
    """All faults that can be put into this sketch; those of the network's C count even where that is not there yet."""
    found = [*GENERIC, *app_faults((folder / "app.h").read_text())]
    return [fault for fault in found if fault.old in _text(folder, fault)]


def _text(folder: Path, fault: Fault) -> str:
    path = path_of(folder, fault)
    if not path.exists():
        return fault.old if fault.file.startswith("src/") else ""
    return path.read_text()


def changes_behaviour(fault: Fault, folder: Path) -> bool:
    """Whether the device then does something else than demanded, as far as the fault's author can tell."""
    return not fault.harmless and re.search(fault.seen_in, (folder / "app.h").read_text(), re.DOTALL) is not None
