"""Whether the words that speak of an output show in its rules: reasons to ask again, found without a model.

Each part of the request that speaks of one output alone is held against the rules that drive it, and the other way
round: labels, flashing, toggling, staying on, transitions and separators.
"""

import re
from collections.abc import Sequence

from agents import wording, wording_outputs
from agents.plan_labels import mentioned_labels
from agents.plan_whole import output_key
from hw.board import Board
from tools.artifacts import Condition, Led, Pin, Print, Rule

_MARKS_END = r"[,;:]\s|\s(?=(?:and|while|but|whereas)\s)|\s-\s|\s*\n\s*"
_FLASHES = r"\b(?:blink|flash|twinkl|wink|strob|pulsat|flicker)"
_TOGGLES = r"\b(?:toggl|flips?\b|inverts?\b|(?:its|the) (?:other|opposite) state)"
_STAYS = (
    r"\blatch|\b(?:stays?|remains?) (?:on|so|lit|high)\b|\bfor good(?=\s*(?:[.,;]|$))|"
    r"\bkeeps? (?:on )?(?:sounding|burning|shining)"
)
_UNTIL_OVER = (
    r"\b(?:until|till)\b[^.;]*\b(?:over|gone|ends?|stops?|again|any ?more|no longer)\b|"
    r"\b(?:as long as|while|during|all the time|throughout|meanwhile)\b"
)
_ALL = (
    r"\b(?:any|all|every|each|everything|anything|whatever|whichever|no matter|either|both|others?|rest|else|otherwise|"
    r"unless|except|save|apart|other than|not|nothing|never|neither|low|off|out|dark|"
    r"drops?|releases?|from|to|after|before|followed|then|until|till|by itself)\b"
)
_TRANSITION = (
    r"\b(?:from|after|before|follow\w*|then|previous\w*|straight|directly|once more|order|sequence|first|turns?)\b|->|→"
)
_TASK = r"\b(?:classif|recogni|distinguish|tell .* (?:from|apart)|sort|detect|identif|listen)"
"""Words that say what is to be recognised, with all labels, before anything is said of outputs."""
_SEPARATORS = (("semicolon", ";"), ("comma", ","), ("colon", ":"), ("slash", "/"), ("arrow", ">"))


def unevidenced(rules: Sequence[Rule], request: str, classes: Sequence[str], board: Board) -> list[str]:
    """What the words about an output and its rules do not have in common."""
    outputs = wording_outputs.outputs(request, board, classes)
    parts = parts_of(request, outputs, board)
    found: list[str] = []
    for output in outputs:
        own = [r for r in rules if any(output_key(a) == output for a in r.actions)]
        told = " . ".join(parts[output]).lower()
        if not own and wording_outputs.asked_for(output, outputs, request):
            found.append(f"nothing is done with the {output}")
        if own and told:
            found += _of_output(output, own, told)
            found += _labels(output, own, parts[output], request, classes, board)
            found += _before(output, own, request, board)
    templates = [a.template for r in rules for a in r.actions if isinstance(a, Print)]
    for name, sign in _SEPARATORS:
        if re.search(rf"\b{name}\b", wording.without_quotes(request).lower()) and not any(sign in t for t in templates):
            found.append(f"no line has a {name}")
    return found


def _of_output(output: str, own: Sequence[Rule], told: str) -> list[str]:
    actions = [a for r in own for a in r.actions if output_key(a) == output]
    states = {a.state for a in actions if isinstance(a, Led | Pin)}
    if output == "serial":
        return []
    found = []
    flashing = bool(re.search(_FLASHES, told))
    if flashing and "blink" not in states and not any(isinstance(a, Led | Pin) and a.duration_ms for a in actions):
        found.append(f"the {output} does not flash")
    if re.search(_TOGGLES, told) and "toggle" not in states and not re.search(r"\bbutton\b", told):
        found.append(f"the {output} does not toggle")
    stays = re.search(_STAYS, told) and not re.search(_UNTIL_OVER, told)
    if stays and all(r.trigger == "while" and r.linger_ms is None and not _gated(r) for r in own):
        found.append(f"the {output} does not stay on")
    return found


def _before(output: str, own: Sequence[Rule], request: str, board: Board) -> list[str]:
    mark = wording_outputs.mark_of(output, board)
    told = [text for text in _sentences(request) if re.search(mark, text.lower())]
    if not any(r.condition.previous for r in own) or any(re.search(_TRANSITION, text.lower()) for text in told):
        return []
    return [f"nothing is said of the label before for the {output}"]


def _labels(
    output: str, own: Sequence[Rule], parts: Sequence[str], request: str, classes: Sequence[str], board: Board
) -> list[str]:
    """Labels that the words about an output name and no rule of it has, and the other way round."""
    if any(re.search(_ALL, part.lower()) for part in parts) or set(board.leds) & {name.lower() for name in classes}:
        return []
    named = {label for part in parts for label in mentioned_labels(part, classes)}
    meant = {label for r in own for label in (*r.condition.labels, *r.condition.previous)}
    open_to_all = any(r.condition == Condition() for r in own)
    if not named or not meant or open_to_all:
        return []
    found = [f"no rule of the {output} is for '{label}'" for label in classes if label in named - meant]
    whole = {text.strip() for text in _sentences(wording.without_quotes(request))}
    if not all(part.strip() in whole for part in parts):  # a label may lead a sentence with several outputs
        return found
    return found + [f"'{label}' is not said of the {output}" for label in classes if label in meant - named]


def parts_of(request: str, outputs: Sequence[str], board: Board) -> dict[str, list[str]]:
    """The parts of the request that speak of each output alone; texts in quotation marks are left out."""
    marks = {name: wording_outputs.mark_of(name, board) for name in outputs}
    found: dict[str, list[str]] = {name: [] for name in outputs}
    # A list of what there is, and what there is not.
    request = wording_outputs.NO_SERIAL.sub(" ", re.sub(r"\([^()]*[,/][^()]*\)", " ", request))
    for sentence in _sentences(wording.without_quotes(request)):
        joined = _joined(re.split(_MARKS_END, sentence), marks)
        for part in joined:
            of = [name for name, mark in marks.items() if re.search(mark, part.lower())]
            if len(of) == 1:
                found[of[0]].append(part)
    return found


def _joined(pieces: Sequence[str], marks: dict[str, str]) -> list[str]:
    """The pieces of a sentence, those without an output put to the one before or, at the beginning, to the next."""
    joined: list[str] = []
    pending = ""
    for piece in pieces:
        if any(re.search(mark, piece.lower()) for mark in marks.values()):
            joined.append(f"{pending}, {piece}" if pending and not re.search(_TASK, pending.lower()) else piece)
            pending = ""
        elif joined:
            joined[-1] += f", {piece}"
        else:
            pending = f"{pending}, {piece}" if pending else piece
    return joined


def _gated(rule: Rule) -> bool:
    return rule.condition.flag is not None or rule.condition.not_flag is not None


def _sentences(text: str) -> list[str]:
    return re.split(r"[.!?](?:\s+|$)", text)
