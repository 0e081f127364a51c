"""Mutants: small exact changes of a sketch's own source lines, one at a time, by operators known from mutation testing.

Operators after R. A. DeMillo, R. J. Lipton and F. G. Sayward, Computer 11 (1978) 34, and the set of K. N. King and
A. J. Offutt, Software: Practice and Experience 21 (1991) 685: relational and logical operators, arithmetic, constants,
negated conditions, deleted statements, exchanged identifiers. Comments, strings and directives are left alone; whether
a mutant changes anything at all is not said here (evals/equivalence.py).
"""

import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from evals.faults import INO, Fault

FILES = ("app.h", "classifier.cpp", "sensor.cpp", "sensor.h", "outputs.cpp", "features.h", INO)
"""What a person or a language model may write; the self-test and the network are the proof's own side."""

_LARGE = 50
_AROUND = 24
"""Characters of the line shown on each side of what a mutant changes."""
_SWAPS: Mapping[str, str] = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "*": "/", "/": "*", "+=": "-=", "-=": "+=",
    "true": "false", "false": "true", "HIGH": "LOW", "LOW": "HIGH", "OUTPUT": "INPUT",
    "println": "print", "WINDOW": "STRIDE", "STRIDE": "WINDOW", "filled": "WINDOW", "input": "input + 1",
    "setLed": "toggleLed", "setPin": "togglePin", "pulseLed": "setLed", "millis": "micros",
    "result": "latest", "now": "since", "first": "true", "winner": "0", "continue": "break",
}  # fmt: skip
"""Token -> what it is exchanged for. Where that does not compile, the mutant is not counted."""
_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), "relation"),
    **dict.fromkeys(("&&", "||"), "logic"),
    **dict.fromkeys(("+", "-", "*", "/", "+=", "-="), "arithmetic"),
}
_TOKEN = re.compile(
    r'(?P<skip>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
    r"|(?P<number>\b\d+(?:\.\d+)?(?:e[-+]?\d+)?[fLu]*\b)"
    r"|(?P<name>\b[A-Za-z_]\w*\b)"
    r"|(?P<operator><<|>>|\+\+|--|->|[<>=!+\-*/]=|&&|\|\||(?<= )[<>+\-*/](?= ))"
)
_CALL = re.compile(r"(\w+\()([^(),]+), ([^(),]+)((?:, [^()]*)?\))")
_DECLARES = r"static|const|constexpr|return \S|int|float|char|unsigned|bool"
_STATEMENT = re.compile(r"(?:[\w.\[\]>-]+ [-+*|&]?= .*|[\w.:>-]+(?:\(.*\))?|[\w.\[\]>-]+(?:\+\+|--)|continue|return);")


def mutants(folder: Path) -> Iterator[Fault]:
    """Every mutant of a sketch, file by file and line by line."""
    for file in FILES:
        path = folder / (f"{folder.name}.ino" if file == INO else file)
        lines = path.read_text().splitlines()
        groups = {"label": _matches(r"LABEL_(?!COUNT|NAMES)\w+", lines), "led": _matches(r"\w+_LED\b", lines)}
        seen: dict[str, int] = {}
        for line in lines:
            nth = seen[line] = seen.get(line, -1) + 1
            for kind, new in dict.fromkeys(_changes(line, groups)):
                yield Fault(f"{file}: {brief(line, new)}", f"mutant: {kind}", file, line, new, nth=nth)


def brief(old: str, new: str) -> str:
    """What differs between two lines, with a little of what stands around it: `…er = 0; i <[|=] MODEL_…`."""
    start, end = _alike(old, new), _alike(old[::-1], new[::-1])
    end = min(end, len(old) - start, len(new) - start)
    before, after = old[:start].lstrip(), old[len(old) - end :] if end else ""
    parts = f"[{old[start : len(old) - end]}|{new[start : len(new) - end]}]"
    return f"{_cut(before, -_AROUND)}{parts}{_cut(after.partition('//')[0].rstrip(), _AROUND)}"


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at the beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut(text: str, most: int) -> str:
    if len(text) <= abs(most):
        return text
    return f"{text[:most]}…" if most > 0 else f"…{text[most:]}"


def draw_mutants(folder: Path, count: int, seed: int, known: set[tuple[str, str, str]]) -> list[Fault]:
    """`count` mutants at random, evenly over the kinds of change and files; none of `known` (file, old, new)."""
    found: dict[tuple[str, str], list[Fault]] = {}
    for fault in mutants(folder):
        if (fault.file, fault.old, fault.new) not in known and not fault.nth:  # of equal lines the first stands for all
            found.setdefault((fault.kind, fault.file), []).append(fault)
    rng = random.Random(seed)
    for some in found.values():
        rng.shuffle(some)
    drawn: list[Fault] = []
    while len(drawn) < count and any(found.values()):
        for key in rng.sample(sorted(found), len(found)):
            if found[key] and len(drawn) < count:
                fault = found[key].pop()
                known.add((fault.file, fault.old, fault.new))
                drawn.append(fault)
    return drawn


def _matches(pattern: str, lines: list[str]) -> list[str]:
    return list(dict.fromkeys(found for line in lines for found in re.findall(pattern, line)))


def _changes(line: str, groups: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(kind, changed line) of every operator at every place of a line."""
    code = re.split(r"//", line)[0].rstrip()
    rest = line[len(code) :]
    if not code.strip() or code.lstrip().startswith(("#", "static_assert", "/*", "*", "enum")):
        return
    for found in _TOKEN.finditer(code):
        for kind, new in _replacements(found, groups):
            yield kind, code[: found.start()] + new + code[found.end() :] + rest
    for found in _CALL.finditer(code):
        head, one, other, tail = found.groups()
        if not re.search(r"\b(?:float|int|bool|long|unsigned|char|Led|LedState|PinState|Result) ", found[0]):
            yield "arguments", code[: found.start()] + f"{head}{other}, {one}{tail}" + code[found.end() :] + rest
    yield from _negations(code, rest)
    yield from _deletions(code, rest)


def _replacements(found: re.Match[str], groups: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    token = found[0]
    if found["number"]:
        digits = re.match(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?", token)
        assert digits is not None
        suffix = token[digits.end() :]
        value = float(digits[0]) if re.search(r"[.e]", digits[0]) else int(digits[0])
        # Large whole numbers are times and rates: one more or less is below what is demanded of them.
        more, less = (value * 2, value // 2) if value >= _LARGE and isinstance(value, int) else (value + 1, value - 1)
        yield "constant", f"{more}{suffix}"
        yield "constant", f"({less}{suffix})"
        return
    if token in _SWAPS:
        yield _KINDS.get(token, "identifier"), _SWAPS[token]
    if token == "++":
        yield "arithmetic", "--"
    for names in groups.values():
        if token in names and len(names) > 1:
            yield "identifier", names[(names.index(token) + 1) % len(names)]


def _negations(code: str, rest: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"\b(?:if|while) \(", code):
        end = _closing(code, found.end())
        if end:
            test = code[found.end() : end]
            yield "negated condition", f"{code[: found.end()]}!({test}){code[end:]}{rest}"
    for found in re.finditer(r"!(?=[\w(])", code):
        yield "negated condition", code[: found.start()] + code[found.end() :] + rest


def _closing(code: str, start: int) -> int:
    """Index of the parenthesis that closes one opened before `start`; 0: on another line."""
    depth = 1
    for i in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return 0


def _deletions(code: str, rest: str) -> Iterator[tuple[str, str]]:
    """Without a statement that stands alone on its line, or without the guarded part of an `if`."""
    head = re.match(r"(\s*(?:if \(.*?\) |for \(.*?\) |else )?)(.+;)$", code)
    if head and _STATEMENT.fullmatch(head[2]) and not re.match(rf"(?:{_DECLARES})\b", head[2]):
        yield "deleted statement", f"{head[1]};{rest}"
