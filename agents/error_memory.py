"""What went wrong in drafts of firmware and what mended it, kept as data: a hint for a repair and for a first draft.

Classes of problems come from their words with names, numbers and texts replaced. What mended one is the line that took
the place of the wrong one in the code that passed, be it a later draft or what the rules generate. The file beside this
one is made from development requests only (python -m evals.errors_develop); a person's own grows in state_dir().
"""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from tools.artifacts import Artifact, Rule
from tools.behaviour import sentence
from tools.behaviour_cpp import drafted_rules
from tools.store import append_line
from tools.toolchain import state_dir

SHIPPED = Path(__file__).parent / "errors.jsonl"
Memory = Literal["own", "shipped", "none"]
"""`own`: the shipped lessons and the person's, which grow; `shipped`: only read; `none`: neither."""

_ALIKE = 0.45
"""Lines less alike than this did not take each other's place."""
_LONGEST = 110
"""Characters of a line that is worth showing."""
_OFTEN = 2
"""A first draft is warned only of what happened so often."""

_GENERATED = re.compile(r"\b(?:is|was)\d+\b|\b\w+(?:Mode|Wanted|Held|Holds)\b")
"""Names by which the rules' own code remembers from one line to the next."""

_BRACE = re.compile(r"""((?:"(?:\\.|[^"\\])*"|[^"{}])*\{|\})""")
"""Up to an opening brace, or a closing one; not those in strings."""

_TRIGGERS = {
    "while ": "while",
    "at every result": "result",
    "when the result changes": "change",
    "each time": "becomes",
}
_ACTIONS = (
    (r"print the line", "print"), (r"\bblink\b", "blink"), (r"\bPWM\b", "pwm"), (r"\btoggle\b", "toggle"),
    (r"all others off", "only"), (r"\bcount\b|\bset .* back to 0", "count"), (r" for \d+ ms", "pulse"),
)  # fmt: skip


class Lesson(Artifact):
    """One class of problem with one thing that mended it."""

    stage: str
    problem: str
    """The class."""
    about: str = ""
    """The name that the problem is about, e.g. of an undeclared function."""
    core: str
    """Vendor and architecture of the Arduino core, e.g. tinysmith:arm."""
    library: str = ""
    """Of the sensor."""
    kind: str = ""
    """Of the rule whose statement was wrong, e.g. `result print`."""
    wrong: str = ""
    right: str = ""
    """Took the place of `wrong`; empty: nothing mended it yet."""
    seen: int = 1
    mended: int = 0

    @property
    def identity(self) -> tuple[str, ...]:
        """What two lessons have in common that are one."""
        return (self.stage, self.problem, self.about, self.core, self.library, self.kind, self.wrong, self.right)


# --- classes ----------------------------------------------------------------------------------------


def class_of(stage: str, problem: str) -> tuple[str, str]:
    """(class of a problem, the name that it is about): of several, the first counts."""
    first = re.split(r"; (?=demanded:|')", problem)[0]
    about = re.search(r"[`'‘]([A-Za-z_]\w*)[(<'’]", first) if stage == "compile" else None
    text = re.sub(r" in the line `.*`$", "", first)
    text = re.sub(r'"[^"]*"|`[^`]*\'?|‘[^’]*’|\[[^\]]*\]|\'[^\']*\'', "<x>", text)
    text = re.sub(r"\b(?:red|green|blue|builtin) LED\b|\b[A-Z]+_LED\b|\bpin \d+", "<output>", text)
    text = re.sub(r"\d+(?:\.\d+)?", "<n>", text)
    return re.sub(r"<x>(?:(?:, | and )<x>)+", "<x>", text).strip()[:200], about[1] if about else ""


def kind_of(words: str) -> str:
    """Trigger and action of a rule's sentence, e.g. `result print`; empty where it is none."""
    low = words.strip().lower()
    trigger = next((name for head, name in _TRIGGERS.items() if low.startswith(head)), "")
    action = next((name for pattern, name in _ACTIONS if re.search(pattern, words)), "set")
    return f"{trigger} {action}" if trigger else ""


# --- learning ---------------------------------------------------------------------------------------


def lessons_of(
    history: Sequence[dict[str, Any]], drafts: Sequence[str], passed: str, core: str, library: str
) -> list[Lesson]:
    """What a firmware's tries teach, each lesson once, however often it was not learned.

    `drafts` are the codes of `history`, `passed` is the onResult that was accepted at last.
    """
    found: list[Lesson] = []
    for entry, code in zip(history, drafts, strict=False):
        stage, problem = entry["stage"], entry["problem"]
        name, about = class_of(stage, problem)
        kind, wrong, right = _mend(code, passed, about, problem)
        told = {"stage": stage, "problem": name, "about": about, "core": core, "library": library, "kind": kind}
        found.append(Lesson(**told, wrong=wrong, right=right, mended=int(bool(right))))
    return list({lesson.identity: lesson for lesson in found}.values())


def _mend(failed: str, passed: str, about: str, problem: str) -> tuple[str, str, str]:
    """(kind of rule, wrong line, line that took its place); of several, the one that the problem speaks of."""
    wrong, right = _lines(failed), [line for _, line in _lines(passed)]
    before = {line for _, line in wrong}
    pairs = []
    for kind, line in wrong:
        if line in right:
            continue
        apt = [other for other in right if other not in before and _stands_alone(other, line)]
        near = [(SequenceMatcher(None, line, other).ratio(), other) for other in apt]
        ratio, other = max(near, default=(0.0, ""))
        if ratio >= _ALIKE and max(len(line), len(other)) <= _LONGEST:
            pairs.append((kind, line, other))
    named = [about] if about else [f"{n.upper()}_LED" for n in re.findall(r"\b(red|green|blue|builtin) LED", problem)]
    told = [pair for pair in pairs if any(name in pair[1] for name in named)]
    kind, line, other = (told or pairs or [("", "", "")])[0]
    return kind, *_general(line, other)


def _stands_alone(line: str, beside: str) -> bool:
    """Whether a statement means something without those around it, and is as conditional as the other."""
    plain = not line.startswith("else") and not _GENERATED.search(line)
    return plain and line.startswith("if") == beside.startswith("if")


def _lines(code: str) -> list[tuple[str, str]]:
    """(kind of the rule in the comment above, statement with what it depends on) of code, blanks evened out."""
    found: list[tuple[str, str]] = []
    kind, around = "", list[str]()
    for line in code.splitlines():
        written, _, comment = line.partition("//")
        kind = kind_of(comment) or kind
        for piece in _BRACE.split(written):
            text = re.sub(r"\s+", " ", piece or "").strip()
            if text == "}":
                around = around[:-1]
            elif text.endswith("{"):
                around.append("" if text.startswith("void") else text[:-1].strip())
            elif text:
                found.append((kind, " ".join([*filter(None, around), text])))
    return found


def _general(wrong: str, right: str) -> tuple[str, str]:
    """Both lines without the labels and texts of their request."""
    names = {
        name: f"LABEL_{chr(65 + k)}"
        for k, name in enumerate(dict.fromkeys(re.findall(r"LABEL_[A-Z]\w*", f"{wrong} {right}")))
    }

    def replaced(line: str) -> str:
        line = re.sub(r'"(?:\\.|[^"\\])*"', '"..."', line)
        return re.sub(r"LABEL_[A-Z]\w*", lambda found: names[found[0]], line)

    return replaced(wrong), replaced(right)


def learn(lessons: Iterable[Lesson], path: Path | None = None) -> None:
    """Append to the person's own file."""
    for lesson in lessons:
        append_line(path or own_file(), lesson.model_dump_json(exclude_defaults=True))


def own_file() -> Path:
    """Where a person's own lessons are."""
    return state_dir() / "firmware_errors.jsonl"


# --- remembering ------------------------------------------------------------------------------------


def lessons(memory: Memory) -> list[Lesson]:
    """What is remembered, each lesson once with its counts added up; a line that was cut off is left out."""
    paths = {"own": (SHIPPED, own_file()), "shipped": (SHIPPED,), "none": ()}[memory]
    return merged(lesson for path in paths for lesson in _read(path))


def _read(path: Path) -> Iterable[Lesson]:
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        with suppress(ValidationError, json.JSONDecodeError):
            yield Lesson.model_validate_json(line)


def merged(found: Iterable[Lesson]) -> list[Lesson]:
    """Lessons that are one counted together, the most frequent first."""
    by_identity: dict[tuple[str, ...], Lesson] = {}
    for lesson in found:
        same = by_identity.get(lesson.identity)
        if same is not None:
            lesson = lesson.model_copy(update={"seen": same.seen + lesson.seen, "mended": same.mended + lesson.mended})
        by_identity[lesson.identity] = lesson
    return sorted(by_identity.values(), key=lambda lesson: (-lesson.seen, lesson.identity))


def recall(known: Sequence[Lesson], stage: str, problem: str, behaviour: Sequence[Rule], core: str) -> str:
    """The line for a repair: what mended a problem of this class for this core; empty: nothing is known."""
    name, about = class_of(stage, problem)
    kinds = _kinds(behaviour)
    fitting = [k for k in known if k.right and (k.stage, k.problem, k.core) == (stage, name, core)]
    fitting = [k for k in fitting if not k.kind or k.kind in kinds]
    best = max(fitting, key=lambda k: (k.about == about, bool(k.kind), k.mended), default=None)
    return _said(best) if best else ""


def warnings(known: Sequence[Lesson], behaviour: Sequence[Rule], core: str, most: int = 2) -> list[str]:
    """Lines for a first draft: the most frequent slips with rules of the kinds at hand, for this core."""
    kinds = _kinds(behaviour)
    fitting = [k for k in known if k.right and k.core == core and k.kind in kinds and k.seen >= _OFTEN]
    by_kind = {lesson.kind: lesson for lesson in reversed(fitting)}  # the most frequent of each
    return [_said(lesson) for lesson in sorted(by_kind.values(), key=lambda k: -k.seen)[:most]]


def _kinds(behaviour: Sequence[Rule]) -> set[str]:
    return {kind_of(sentence(rule)) for rule in drafted_rules(behaviour)}


_HEADS = {name: head.strip() for head, name in _TRIGGERS.items()}


def _said(lesson: Lesson) -> str:
    head = _HEADS.get(lesson.kind.split(" ")[0], "")
    under = f'under "{head.capitalize()} ..." ' if head else ""
    return f"{under}not `{lesson.wrong}` but `{lesson.right}`"
