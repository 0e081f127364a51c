"""A request with slips of the pen or in another language, as plain English.

What follows is grounded in words (agents/wording.py), so the words have to be known ones. Slips are mended by the
nearest known word; another language is translated by the model, with labels, numbers and quoted texts held back.
"""

import difflib
import json
import re
from collections.abc import Sequence

from agents import wording
from agents.llm import LanguageModels, render
from agents.plain_words import written_out
from agents.plan_schema import object_of
from hw.board import Board
from tools.errors import Fixable

_FOREIGN = frozenset(
    """
    der das dem den ein eine einen einem einer und oder wenn solange soll sollen sonst nicht mit auf aus wird bei
    bitte ist sind sein leuchten leuchtet jedem jedes mal gib dann
    le la les un une des du et ou quand si lorsque tant que avec sur sinon pas est sont allume allumer
    el los las una y cuando mientras con por es son enciende encender apaga apagar otro para
    il lo gli uno e o quando mentre con per non accendi altrimenti
    os um uma enquanto com acende
    het een wanneer terwijl met op uit niet anders
    """.split()  # noqa: SIM905 - a page of words reads better than a list of strings
)
_KNOWN = (
    "the", "and", "for", "red", "green", "blue", "yellow", "led", "light", "turn", "switch", "when", "while", "print",
    "blink", "flash", "button", "pressed", "seconds", "every", "each", "result", "confidence", "otherwise", "label",
    "serial", "detected", "changes", "twice", "times", "output", "send", "until", "after", "which", "should", "with",
)  # fmt: skip
_ENGLISH = frozenset(
    """
    read reads lead leads ready lights turns prints printed blinks flashes buttons second everything ever very results
    labels changed change detects detect then than them they these their there where were went and ant any end add four
    form from fore her here other others blew greens greet greater rid rod bed fed tight sight night right might slight
    burn wheel whole whale write writes white far nor not now hand sand band land wind want wish width witch watch wild
    will well tell ten reach teach beach other mother timer time tires sand bend lend spend wide won one once ore true
    """.split()  # noqa: SIM905
)
"""English words that are a letter away from a known one and no slip of it."""
_ALIKE = 0.74


def restated(models: LanguageModels, request: str, classes: Sequence[str], board: Board) -> str:
    """The request in plain English; itself where that is not needed, or where the translation lost something."""
    if is_foreign(request):
        request = _translated(models, request, classes)
    return in_plain_words(request, classes, board)


def in_plain_words(request: str, classes: Sequence[str], board: Board) -> str:
    """An English request without slips of the pen and short forms."""
    return written_out(without_slips(request, classes), classes, board)


# --- slips of the pen -----------------------------------------------------------------------------------


def without_slips(request: str, classes: Sequence[str]) -> str:
    """The request with misspelt key words and labels mended, where there are two or more; quoted texts stay."""
    labels = [w for name in classes for w in re.findall(r"[^\W\d_]+", name.lower())]
    known = (*_KNOWN, *labels)
    spared = {w.lower() for text in wording.quoted_texts(request) for w in re.findall(r"[^\W\d_]+", text)}
    slips = {
        w: near for w in re.findall(r"[^\W\d_]+", request) if w.lower() not in spared and (near := _near(w, known))
    }
    if len(slips) < 2:
        return request
    return re.sub(r"[^\W\d_]+", lambda found: slips.get(found[0], found[0]), request)


def _near(word: str, known: Sequence[str]) -> str:
    """The known word that `word` is a slip of; empty: it is none."""
    low = word.lower()
    if len(low) < 3 or low in known or low in _ENGLISH or any(low.startswith(w) for w in known):
        return ""
    # Letters that changed places ("teh") are one slip, but two differences for difflib.
    swapped = [w for w in known if len(w) == len(low) and sorted(w) == sorted(low) and w[0] == low[0]]
    near = swapped or difflib.get_close_matches(low, known, n=1, cutoff=_ALIKE)
    return near[0] if near and abs(len(near[0]) - len(low)) <= 1 and near[0][0] == low[0] else ""


# --- another language -----------------------------------------------------------------------------------


def is_foreign(request: str) -> bool:
    """Whether several words of another language are in the request."""
    words = re.findall(r"[^\W\d_]+", _held_back(request, ())[0].lower())
    foreign = [w for w in words if w in _FOREIGN]
    return len(foreign) >= 3 and len(foreign) >= 0.15 * len(words)


def _translated(models: LanguageModels, request: str, classes: Sequence[str]) -> str:
    bare, held = _held_back(request, classes)
    try:
        answer = models.ask(
            "planner",
            render("restate_system"),
            render("restate_user", request=bare),
            schema=object_of({"english": {"type": "string", "minLength": 10}}),
            parse=lambda text: " ".join(str(json.loads(text)["english"]).split()),
            max_tokens=60 + 3 * len(bare.split()),
        )
    except Fixable:
        return request
    said = answer.value
    if sorted(re.findall(r"\d+", said)) != sorted(re.findall(r"\d+", bare)):  # the marks of what is held back, too
        return request
    for mark, text in held.items():
        said = said.replace(mark, text)
    return said


def _held_back(request: str, classes: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The request with marks in the place of quoted texts and labels, and what they stand for."""
    held: dict[str, str] = {}
    bare = request
    for text in wording.quoted_texts(request):
        mark = f"T{len(held) + 901}"
        quoted = rf"[\"“'„«]{re.escape(text)}[\"”'“»]"
        bare, held[mark] = re.sub(quoted, mark, bare, count=1), f'"{text}"'
    for name in classes:
        mark = f"X{len(held) + 901}"
        found = re.subn(rf"\b{re.escape(name)}\b", mark, bare, flags=re.IGNORECASE)
        if found[1]:
            bare, held[mark] = found[0], name
    return bare, held
