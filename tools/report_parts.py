"""What the report says in figures and words, computed from the artefacts; the page only lays it out."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from hw.board import Board
from tools.artifacts import Budgets, Candidate, Converted, Estimate, Firmware, Picture, Spectrogram, Step
from tools.trace import Span


@dataclass(frozen=True)
class Tile:
    """One figure of the headline; `share` 0..1 of a limit, `good` None where there is nothing to pass or fail."""

    name: str
    value: str
    note: str
    source: str
    share: float | None = None
    good: bool | None = None


def tiles(result: Mapping[str, Any], board: Board | None, budgets: Budgets | None) -> list[Tile]:
    """The headline's figures; those that the run did not reach are left out."""
    metrics = result["metrics"] or {}
    out: list[Tile] = []
    if metrics.get("accuracy_int8") is not None:
        before = metrics["accuracy_float"]
        note = f"float {percent(before)}, test split" if before is not None else "test split"
        out.append(Tile("accuracy INT8", percent(metrics["accuracy_int8"]), note, "model/converted.json"))
    for key, name, chip in (
        ("arena_bytes", "arena", board.ram_bytes if board else None),
        ("ram_bytes", "RAM", board.ram_bytes if board else None),
        ("flash_bytes", "flash", board.flash_bytes if board else None),
    ):
        if metrics.get(key) is not None:
            limit = getattr(budgets, key, None) if budgets else None
            source = "model/converted.json" if key == "arena_bytes" else "firmware/firmware.json"
            out.append(_memory_tile(name, metrics[key], chip, limit, source))
    return out + _proof_tiles(result) + _effort_tiles(result)


def _memory_tile(name: str, used: int, chip: int | None, limit: int | None, source: str) -> Tile:
    whole = limit or chip
    what = "budget" if limit else "chip"
    note = f"{small_percent(used / whole)} of the {what}'s {whole:,}" if whole else "bytes"
    share = min(used / whole, 1.0) if whole else None
    return Tile(name, f"{used:,} B", note, source, share, used <= limit if limit else None)


def _proof_tiles(result: Mapping[str, Any]) -> list[Tile]:
    out = []
    if parity := result["parity"]:
        note = f"bytes differ from TFLM, of {parity['bytes']:,} in {parity['vectors']} vectors, on {parity['on']}"
        source = "firmware/firmware.json" if result["firmware"] else "model/converted.json"
        out.append(Tile("parity", f"{parity['mismatches']:,}", note, source, good=not parity["mismatches"]))
    if checks := result["behaviour"]:
        value, good = f"{checks['passed']} of {checks['checks']}", checks["passed"] == checks["checks"]
        out.append(Tile("behaviour checks", value, "passed on the board", "firmware/firmware.json", good=good))
    return out


def _effort_tiles(result: Mapping[str, Any]) -> list[Tile]:
    usage, stages = result["usage"].values(), result["seconds"].values()
    tokens = sum(role["prompt_tokens"] + role["completion_tokens"] for role in usage)
    calls = sum(role["calls"] for role in usage)
    cost = sum(role["cost_usd"] for role in usage)
    return [
        Tile("tokens", f"{tokens:,.0f}", f"{calls:.0f} model calls, {usd(cost)}", "trace.jsonl"),
        Tile("time", seconds(sum(stages)), "all stages together", "trace.jsonl"),
    ]


# --- formats ----------------------------------------------------------------------------------------


def percent(value: float | None) -> str:
    """0.9731 -> 97.3 %."""
    return "–" if value is None else f"{100 * value:.1f} %"


def small_percent(value: float) -> str:
    """A share that may be tiny, to two digits: 0.0000305 -> 0.0031 %."""
    return percent(value) if value >= 0.1 or value == 0 else f"{float(f'{100 * value:.2g}'):g} %"


def seconds(value: float) -> str:
    """Seconds for people: 0.42 s, 12 s, 3 min 05 s, 2 h 10 min."""
    if value < 10:
        return f"{value:.2f} s"
    if value < 120:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def usd(value: float) -> str:
    """Dollars to a hundredth of a cent; nothing at all is $0."""
    return f"${value:.4f}" if value else "$0"


# --- sections ---------------------------------------------------------------------------------------


def budget_rows(budgets: Budgets, result: Mapping[str, Any]) -> list[tuple[str, int, int | None]]:
    """(name, limit, reached or None) of each budget that was given."""
    names = {"ram_bytes": "RAM", "flash_bytes": "flash", "arena_bytes": "arena", "macs": "MACs"}
    metrics = result["metrics"] or {}
    limits = budgets.model_dump()
    return [(name, limits[key], metrics.get(key)) for key, name in names.items() if limits[key] is not None]


def counts(candidates: Sequence[Candidate]) -> list[tuple[str, int]]:
    """How many candidates there were, and what became of them."""
    status: Counter[str] = Counter(c.status for c in candidates)
    repaired = sum(c.author == "repair" for c in candidates)
    named = ("trained", *["skipped"] * bool(status["skipped"]), "duplicate", "rejected", "failed")
    return [("proposed", len(candidates)), *((name, status[name]) for name in named), ("repaired", repaired)]


def authors(candidates: Sequence[Candidate]) -> str:
    """Who proposed how many."""
    return ", ".join(f"{author} {n}" for author, n in Counter(c.author for c in candidates).most_common())


def why(candidate: Candidate) -> str:
    """The reason for a candidate's fate, or its author's own words where there was nothing to object."""
    violations = candidate.estimate.violations if candidate.estimate else ()
    return candidate.reason or "; ".join(violations) or candidate.rationale


def step_sentence(step: Step) -> str:
    """A step of a recipe in plain words."""
    match step.step:
        case "clean":
            dropped = ["rows with missing values"] * step.drop_missing + ["exact duplicates"] * step.drop_duplicates
            return f"drop {' and '.join(dropped) or 'nothing'}"
        case "ratio":
            return "divide each reading by the sum of its channels" + " (on the device only)" * step.in_data
        case "scale":
            return f"multiply by {_values(step.factors)}, to the data's unit (on the device only)"
        case "clip":
            return f"limit to {_values(step.low)} … {_values(step.high)}"
        case "resample":
            return f"resample to {step.rate_hz:g} Hz"
        case "picture" | "spectrogram":
            return _perception(step)
        case "window":
            return f"cut into windows of {step.size} samples, a new one every {step.stride}"
        case "normalise":
            if step.method == "none":
                return "do not normalise"
            return f"normalise ({step.method}): subtract {_values(step.offset)}, multiply by {_values(step.gain)}"
        case "augment":
            more = [", mirrored"] * step.flip + [f", moved by up to {step.shift} pixels"] * bool(step.shift)
            return f"augment the training part: noise {step.noise:g}, gain ± {step.gain:g}{''.join(more)}"
        case "split":
            train = 1 - step.validation - step.test
            return f"split {train:.0%} training, {step.validation:.0%} validation, {step.test:.0%} test"


def _perception(step: Picture | Spectrogram) -> str:
    if isinstance(step, Picture):
        return f"grey pictures of {step.width} x {step.height} pixels"
    return (
        f"turn sound of {step.rate_hz} Hz into energies of {step.bands} bands from {step.low_hz:g} to "
        f"{step.high_hz:g} Hz, frames of {step.frame_ms} ms every {step.hop_ms} ms"
    )


def _values(values: Sequence[float]) -> str:
    shown = [f"{value:.4g}" for value in values]
    if len(set(shown)) == 1:
        return shown[0]
    return "(" + ", ".join(shown[:9]) + ", …" * (len(shown) > 9) + ")"


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: row is the true class; each cell has its count and its share of the row."""

    name: str
    accuracy: float | None
    rows: tuple[tuple[str, tuple[tuple[int, float], ...]], ...]


def confusions(converted: Converted) -> list[Confusion]:
    """Float and INT8, as far as there are any."""
    out = []
    for name, accuracy, matrix in (
        ("float", converted.accuracy_float, converted.confusion_float),
        ("INT8", converted.accuracy_int8, converted.confusion_int8),
    ):
        if matrix:
            rows = [
                (label, tuple((n, n / max(sum(row), 1)) for n in row))
                for label, row in zip(converted.classes, matrix, strict=True)
            ]
            out.append(Confusion(name, accuracy, tuple(rows)))
    return out


def predicted(candidates: Sequence[Candidate], chosen: str | None) -> Estimate | None:
    """The estimate that the chosen network was picked by."""
    return next((c.estimate for c in candidates if c.id == chosen), None)


def roles(usage: Mapping[str, Mapping[str, float]], spans: Sequence[Span]) -> list[dict[str, Any]]:
    """A row per role with the models that answered, and the total."""
    models: dict[str, list[str]] = {}
    for span in spans:
        if span.kind == "model" and span.usage:
            models.setdefault(span.usage["role"], []).append(str(span.usage.get("model", "")))
    rows: list[dict[str, Any]] = [
        {"role": role, "models": ", ".join(dict.fromkeys(models.get(role, ()))), **used} for role, used in usage.items()
    ]
    if rows:
        keys = ("calls", "prompt_tokens", "cached_tokens", "completion_tokens", "seconds", "cost_usd")
        rows.append({"role": "all", "models": "", **{key: sum(row[key] for row in rows) for key in keys}})
    return rows


def wrote(firmware: Firmware) -> str:
    """Who wrote the application's part, in a sentence."""
    tries = f"{firmware.tries} draft{'s' * (firmware.tries != 1)}"
    if firmware.author == "drafted" and firmware.tries == 1:
        return "Drafted by the language model; the first draft that was compiled passed every check."
    if firmware.author == "drafted":
        return f"Drafted by the language model; {tries} compiled until one passed every check."
    tried = f" after {tries} of the language model had not passed" if firmware.tries else ""
    return f"Generated from the rules{tried}."


# --- C++ --------------------------------------------------------------------------------------------

_TOKENS = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<directive>^[ \t]*#\w+)"
    r"|(?P<keyword>\b(?:bool|case|char|const|constexpr|else|extern|float|for|if|int|long|return|static|switch|unsigned"
    r"|void|while|true|false|struct|break)\b)"
    r"|(?P<number>\b\d[\d.]*f?\b)",
    re.DOTALL | re.MULTILINE,
)


def highlighted(code: str) -> Markup:
    """C++ with its comments, strings, directives, keywords and numbers marked; all text escaped."""
    parts, at = [], 0
    for found in _TOKENS.finditer(code):
        parts += [escape(code[at : found.start()]), Markup('<i class="{}">{}</i>').format(found.lastgroup, found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(code[at:])])
