"""Short forms of a request written out: "buzzer on 9" is the buzzer on pin 9, "3x" is 3 times, ".9" is 0.9.

What follows looks for plain words, and so does the model, which sees the same text.
"""

import re
from collections.abc import Sequence

from agents import wording
from hw.board import Board

_WIRED = (
    r"relays?|indicators?|buzzers?|beepers?|motors?|sirens?|pumps?|valves?|fans?|gates?|flaps?|locks?|horns?|solenoids?|speakers?|"
    r"bells?|lids?|servos?|lamps?|heaters?|lasers?|outputs?|outs?|channels?|transistors?|gpios?|doors?|blowers?|sprayers?|"
    r"vibrators?|coolers?|openers?|chimes?|strobes?"
)
"""Things that may hang on a pin."""
_UNIT = (
    r"(?!\.\d|\s*(?:%|percent|per cent|ms\b|s\b|sec|min\b|minute|hour|h\b|milli|times?\b|x\b|results?|readings?|"
    r"flashes|blinks|beeps|pulses|in a row|consecutive|st\b|nd\b|rd\b|th\b|or more|o'clock|of\b|degrees?))"
)
"""What must not follow: the number would count or measure something."""
_NUMBER = rf"#?(\d{{1,2}})\b(?!,? ?\(?(?:that's |that is |is |on |at )?(?:pin|gpio|d\d)){_UNIT}"
_SHORT = (
    (r"\bLED_BUILTIN\b", "built-in LED"),
    (r"\bbtns?\b", "button"),
    (r"\bcmd\b", "command"),
    (r"\bex(?:e|c|s)pt\b", "except"),
    (r"(?<=[\d.]) h(?:r|rs)?\b", " hours"),
    (r"\bw/\s*(?=\w)", "with "),
    (r"(?<![\w.])\.(\d+)\b", r"0.\1"),
    (r"\b(\d+)\s?x(?=\s|[,.;:!?)]|$)", r"\1 times"),
    (r"\bconsol\b", "console"),
    (r"(?<![,;|])\bconf\.?(?=\s)", "confidence"),
    (r"\buntill\b", "until"),
    (r"(?<=\d)\s?secs?\b(?:\.(?!\s+(?:\w+:|(?-i:[A-Z])|$)))?", " seconds"),
    (r"(?<=\d)\s?mins?\b(?:\.(?!\s+(?:\w+:|(?-i:[A-Z])|$)))?", " minutes"),
    (r"\s*(?:!=|<>|≠)\s*", " is not "),
    (r"\s*<=>\s*", " when "),
    (r"\bkey switch\b", "button"),
    (r"\bpushes (?=the|a|my)", "presses "),
)


def written_out(request: str, classes: Sequence[str], board: Board) -> str:
    """The request with its short forms written out; quoted texts and labels stay as they are."""
    bare, held = _held_back(request, classes)
    for pattern, words in _SHORT:
        bare = re.sub(pattern, words, bare, flags=re.IGNORECASE)
    bare = _with_pins(bare, board)
    for mark, text in held.items():
        bare = bare.replace(mark, text)
    return bare


def _with_pins(text: str, board: Board) -> str:
    def pin(found: re.Match[str]) -> str:
        number = int(found[found.lastindex or 1])
        if number not in board.digital_pins:
            return found[0]
        return f"{found[0][: found.start(found.lastindex or 1) - found.start()].rstrip('#')}pin {number}"

    told = r"(?:is |hangs |sits |wired |connected )?(?:on|at|to|is|nr\.?|no\.?|number|:|\()"
    forms = (
        rf"\bdigital (?:pin |output )?{_NUMBER}",
        rf"\b(?:{_WIRED})\s+(?:(?!of\b)\w+\s+)?{told}?\s*{_NUMBER}",
        rf"\bbuttons?(?:\s+\(?(?:on|at|no\.?|number))?\s+\(?{_NUMBER}",
        rf"\b(?:on|at)\s+{_NUMBER}(?=\s*(?:\(|as\b|for\b|when|while|is\b|goes|:|[,.;)]|$))",
    )
    for form in forms:
        text = re.sub(form, pin, text, flags=re.IGNORECASE)
    # "lids on pin 2 (plastic), 3 (glass)": the list goes on as it began.
    for _ in range(6):
        text = re.sub(
            r"(\bpin \d+ \([^)]*\)(?:,| and|, and)\s+)(\d{1,2})(?=\s*\()", lambda m: f"{m[1]}pin {m[2]}", text
        )
    return re.sub(r"\b(?:digital\s+)pin (?=\d)", "pin ", text)


def _held_back(request: str, classes: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The request with marks for quoted texts and labels, and what they stand for."""
    held: dict[str, str] = {}
    for text in (*wording.quoted_texts(request), *sorted(classes, key=len, reverse=True)):
        if re.search(r"\d|\bx\b", text) or text not in classes:
            mark = f"\x00{chr(0xE000 + len(held))}\x00"
            request, held[mark] = request.replace(text, mark), text
    return request, held
