"""Serial lines of a step against what a case wants of them; tolerances are these constants, the same for all cases."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from evals.sg_case import Entry, Lines, Phase

CONFIDENCE_TOLERANCE = 0.05
PERIOD_SHARE = 0.15
"""How far the gap between periodic lines may be off, besides one result."""
COUNT_TOLERANCE = 1
"""Lines more or less than results: a button is noticed after or before the first result of its step."""

_Line = tuple[int, str]


def objection_to_lines(wanted: Lines, got: Sequence[_Line], phase: Phase, result_ms: int) -> str:
    """What is wrong with the lines (time, text) that came in a step; empty: nothing."""
    rest, objection = _take_first(wanted.first, got, phase)
    return objection or _objection_to_rest(wanted, rest, phase, result_ms)


def _take_first(wanted: Sequence[Entry], got: Sequence[_Line], phase: Phase) -> tuple[list[_Line], str]:
    """What is left of the lines behind the first ones, and what is wrong with those."""
    rest = list(got)
    for entry in wanted:
        if rest and fits(entry, rest[0][1], phase.confidence):
            rest.pop(0)
        elif not entry.maybe:
            seen = f"'{rest[0][1]}' comes" if rest else "nothing more comes"
            return rest, f"{seen} over serial, wanted {words(entry)}"
    return rest, ""


def _objection_to_rest(wanted: Lines, got: Sequence[_Line], phase: Phase, result_ms: int) -> str:
    entry = wanted.each or wanted.some or wanted.line
    if entry is None:
        return f"'{got[0][1]}' comes over serial, wanted nothing{' more' if wanted.first else ''}" if got else ""
    odd = next((text for _, text in got if not fits(entry, text, phase.confidence)), None)
    if odd is not None:
        return f"'{odd}' comes over serial, wanted {words(entry)}"
    if wanted.some:
        return "" if got else f"nothing comes over serial, wanted {words(entry)}"
    if wanted.each:
        few = max(1, phase.results - COUNT_TOLERANCE)
        right = few <= len(got) <= phase.results + COUNT_TOLERANCE
        return "" if right else f"{len(got)} lines like {words(entry)} in {phase.results} results"
    return _objection_to_period(wanted.every_ms or 0, [t for t, _ in got], phase, result_ms)


def _objection_to_period(every_ms: int, times: Sequence[int], phase: Phase, result_ms: int) -> str:
    expected = (phase.end_ms - phase.start_ms) / every_ms
    if abs(len(times) - expected) > 1 + PERIOD_SHARE * expected or not times:
        return f"{len(times)} lines in {phase.end_ms - phase.start_ms} ms, wanted one every {every_ms} ms"
    gaps = [b - a for a, b in pairwise(times)]
    odd = next((gap for gap in gaps if abs(gap - every_ms) > PERIOD_SHARE * every_ms + result_ms), None)
    return "" if odd is None else f"two lines come {odd} ms apart, wanted {every_ms} ms"


_NUMBER = r"-?\d+(?:\.\d+)?"


def fits(entry: Entry, text: str, confidence: float) -> bool:
    """Whether a line is what the entry wants, where the model is `confidence` sure."""
    if entry.json_ is not None:
        return _fits_json(entry.json_, text, confidence)
    wanted = entry.text or ""
    if wanted.startswith("~"):
        return wanted[1:].lower() in text.lower()
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return re.fullmatch(wanted[1:-1], text) is not None
    found = re.fullmatch(_pattern(wanted), text)
    shown = found.groupdict() if found else {}
    return found is not None and _near(shown, "c", confidence) and _near(shown, "p", 100 * confidence)


def _pattern(text: str) -> str:
    """Regular expression of an exact line with its numbers; each placeholder at most once as a named group."""
    numbers = {"number": _NUMBER, "ms": r"\d+", "percent": rf"(?P<p>{_NUMBER})", "confidence": rf"(?P<c>{_NUMBER})"}
    out = ""
    for part in re.split(r"(\{(?:(?:confidence|percent)(?::\d)?|number|ms)\})", text):
        name, _, decimals = part.removeprefix("{").removesuffix("}").partition(":")
        if not part.startswith("{") or name not in numbers:
            out += re.escape(part)
        elif decimals:
            fraction = rf"\.\d{{{decimals}}}" if decimals != "0" else ""
            out += rf"(?P<{name[0]}>\d+{fraction})"
        else:
            out += numbers[name]
    return out


def _near(shown: Mapping[str, str | None], name: str, wanted: float) -> bool:
    value = shown.get(name)
    scale = 100 if name == "p" else 1
    return value is None or abs(float(value) - wanted) <= CONFIDENCE_TOLERANCE * scale


def _fits_json(wanted: Mapping[str, Any], text: str, confidence: float) -> bool:
    try:
        got = json.loads(text)
    except json.JSONDecodeError:
        return False
    if not isinstance(got, dict) or set(got) != set(wanted):
        return False
    return all(_fits_value(value, got[key], confidence) for key, value in wanted.items())


def _fits_value(wanted: Any, got: Any, confidence: float) -> bool:
    scale = {"{confidence}": 1.0, "{percent}": 100.0, "{number}": 0.0}.get(str(wanted))
    if scale is None:
        return bool(got == wanted)
    if isinstance(got, bool) or not isinstance(got, int | float):
        return False
    return scale == 0 or abs(got - scale * confidence) <= CONFIDENCE_TOLERANCE * scale


def words(entry: Entry) -> str:
    """An entry as it is quoted in an objection."""
    return json.dumps(entry.json_) if entry.json_ is not None else f"'{entry.text}'"
