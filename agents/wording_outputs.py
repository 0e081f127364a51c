"""Which outputs a request names, and by which words, found by its words alone.

The plan's schema offers only what is named, so that nothing can be invented.
"""

import re
from collections.abc import Sequence

from agents import wording, wording_events
from hw.board import Board

ANALOG = r"\b(?:pin|on|at|to|from|gpio|and|or|,) ?A(\d{1,2})\b"
"""A pin like A1; not a label that happens to be called so."""
_OTHER_BUILT_IN = (
    r"(?:built[- ]?in|on-?board) (?:\w+ )?(?:sensors?|microphones?|mics?|cameras?|imu|accelerometers?|gyro\w*|colou?r|"
    r"proximity|button)"
)
"""What is built in as well and no LED."""
_LAMP = r"leds?|lamps?|lights?|lit|one"


def mentioned_leds(request: str, board: Board, classes: Sequence[str] = ()) -> list[str]:
    """LEDs of the board whose name occurs in the request; one that is also a label's only as "the red LED" or so."""
    text = re.sub(_OTHER_BUILT_IN, " ", request.lower())
    text = re.sub(r"built[- ]in|on-?board", "builtin", text)
    labels = set(re.findall(r"\w+", " ".join(classes).lower()))
    found = []
    copied = re.search(r"\b(?:leds|lamps|lights)\b", text)
    for name in board.leds:
        if name in labels and copied and len(re.findall(rf"\b{name}\b", text)) > 1:
            found.append(name)
            continue
        if re.search(rf"\bled {name[0]}\b", text):
            found.append(name)
            continue
        lamp = (
            rf"\b{name} (?:(?:and|or|,) \w+ )?(?:{_LAMP})\b|\b(?:{_LAMP}|blinks?|flash(?:es)?|glows?|turns?) {name}\b"
        )
        lamp = lamp if name in labels else rf"\b{name}\b"
        if re.search(lamp, text):
            found.append(name)
    return found


def mentioned_pins(request: str, board: Board) -> list[int]:
    """Pins of the board that the request names as `pin 5`, `D5`, `GPIO 5` or `A1`, in order."""
    found = [int(n) for n in re.findall(r"\b(?:pins?|gpio|d)\s*#?(\d+)\b", request.lower())]
    found += [int(n) for n in re.findall(r"\bpins \d+(?:, \d+)*,? (?:and|or) (\d+)\b", request.lower())]
    analog = [int(n) for n in re.findall(ANALOG, request)]
    found += [board.analog_pins[n] for n in analog if n < len(board.analog_pins)]
    return [n for n in dict.fromkeys(found) if n in board.digital_pins]


def mentions_serial(request: str) -> bool:
    """Whether the request asks for text on the serial line."""
    said = rf"\b(?:{_PRINTING}|{_TELLING})|{_BY_VERB}"
    return (
        bool(wording.quoted_texts(request)) or bool(re.search(said, request.lower())) or bool(wording.shouted(request))
    )


def asks_serial(request: str) -> bool:
    """Whether it does so beyond doubt."""
    heard = wording_events.mentioned_commands(request)
    told = [
        part for part in re.split(r"[.;!?]\s", NO_SERIAL.sub(" ", request)) if not any(text in part for text in heard)
    ]
    return any(re.search(rf"\b(?:{_SURELY_PRINTING})|{_BY_VERB}", part.lower()) for part in told)


_SURELY_PRINTING = (
    r"print|serial (?:line|port|output|monitor)|(?:to|on|over|via) serial|write|report|tell me|announce|csv|json|dump|"
    r"transmit|uart|terminal|console"
)
_PRINTING = (
    r"print|gives? (?:me|us)|lets? me (?:know|see|read|query)|serial|send(?:s|ing)? (?!.{0,20}(?:to it|"
    r"the device))|write|written|log\b|logs\b|logg(?:ed|ing|er)|report|"
    r"tells? (?:me|us|him|her|them|which|the|what|whether|how)|announce|csv|json|monitor|greet|message|lines?\b|dump|"
    r"(?:each|every) (?:result|change) ?(?:=>|->|:|→)|"
    r"transmit|uart|echo|terminal|console|emit|publish|stream|com port|usb|texts?\b|notes?\b|"
    r"list(?:s|ed)? (?:every|each|the|all|new|what)|"
    r"answers?\b|repl(?:y|ies)\b|respon[ds]|on the screen|reveal|tx\b|rpt\b|entry|entries|protocol|spell|yield|"
    r"(?:says?|types?) (?:[\"“'„]|what|which|the|it|so|hello|[A-Z]{2})|wants? to (?:see|read)|(?:to|can|could) read\b"
)
_BEFORE_VERBS = "and|then|to|shall|should|must|please|it|device|board|also|only|or"
"""What stands before "say" and "output" where the device does it; "the last 9 results say" is something else."""
_BY_VERB = (
    rf"(?:^|[.;:,]\s*|(?<!while )(?<!when )(?<!if )\b(?:{_BEFORE_VERBS})\s+)"
    r"(?:says?|outputs?(?!:))\b(?! (?:pin|d\d))|\bsaying\b"
)


NO_SERIAL = re.compile(
    r"\b(?:no|without|not|never|nothing) (?:any |on |over |to )?(?:the )?(?:serial|print\w*|text|"
    r"lines?)(?: output| line| port)?",
    re.IGNORECASE,
)


def outputs(request: str, board: Board, classes: Sequence[str] = (), prints: bool = False) -> list[str]:
    """Outputs that the request names, as the plan's keys: `red LED`, `pin 5`, `serial`.

    `prints`: such requests often want lines, whatever the words.
    """
    leds, pins = mentioned_leds(request, board, classes), mentioned_pins(request, board)
    buttons = wording_events.mentioned_buttons(request, board)
    pins = [pin for pin in pins if pin not in buttons]
    wired = rf"\b(?:an? |the )?(?:{_LAMP}) (?:on|at|to|connected to|wired to) (?:the )?(?:digital )?(?=pin|gpio|d\d)"
    lit = wording.mentions(
        re.sub(wired, " ", wording_events.without_labels(request, classes), flags=re.IGNORECASE),
        r"leds?\b|(?<!traffic )lights?\b|lamp|blink|flash|lit\b",
    )
    if not leds and not (pins and not wording.mentions(request, r"leds?\b")) and lit and board.leds:
        leds = ["builtin"] if "builtin" in board.leds else list(board.leds)[:1]
    named = [f"{n} LED" for n in leds] + [f"pin {n}" for n in pins]
    heard = bool(wording_events.mentioned_commands(request)) and not _tells(request, classes)
    bare = NO_SERIAL.sub(" ", request)
    spoken = mentions_serial(wording_events.without_labels(bare, classes))
    prints = prints and bare == request
    found = named + (["serial"] if prints or (spoken and not (heard and named)) or not named else [])
    # In the order of the request: a small model deals with its parts one after the other.
    ends = {name: re.search(mark_of(name, board), request.lower()) for name in found}
    return sorted(found, key=lambda name: at.start() if (at := ends[name]) else len(request))


def _tells(request: str, classes: Sequence[str]) -> bool:
    """Whether a request that names commands also wants lines: by a word for it, or a text that is no command."""
    others = {text.lower() for text in (*wording_events.mentioned_commands(request), *classes)}
    told = any(text.lower() not in others for text in wording.quoted_texts(request))
    return told or wording.mentions(request, _TELLING)


_TELLING = (
    r"print|gives? (?:me|us)|lets? me (?:know|see|read)|says?\b|writ|logs?\b|logg|report|csv|json|tell|console|"
    r"screen|answer|repl(?:y|ies)|note[sd]?\b|"
    r"list (?:every|each|the|all|new|what)|reads?\b|tx\b|"
    r"shows? (?:me )?(?:the|what)|gets? back|i get|dump|echo|lines?\b|entr(?:y|ies)"
)


def asked_for(output: str, outputs: Sequence[str], request: str) -> bool:
    """Whether something must be said of an output: it is the only one, or not named by a passing word alone."""
    if output == "serial":
        return len(outputs) == 1 or asks_serial(request)
    return (
        output != "builtin LED"
        or len(outputs) == 1
        or wording.mentions(re.sub(_OTHER_BUILT_IN, " ", request.lower()), r"built|on-?board|leds?\b")
    )


def mark_of(output: str, board: Board) -> str:
    """Regular expression of the words, in lower case, by which a request speaks of an output."""
    if output == "serial":
        return rf"\b(?:{_PRINTING})|{_BY_VERB}|[\"“„«]"
    if output == "builtin LED":
        return r"built[- ]?in|on-?board|\b(?:leds?|lamps?|lights?|lit|blink|flash)"
    if output.endswith(" LED"):
        return rf"\b{output.removesuffix(' LED')}\b"
    number = int(output.removeprefix("pin "))
    analog = [f"a{n}" for n, pin in enumerate(board.analog_pins) if pin == number]
    return "|".join([rf"(?:\bpins?|\bgpio|\bd|\band|\bor|,)\s*#?{number}\b", *(rf"\b{name}\b" for name in analog)])


def names_output(request: str, board: Board, classes: Sequence[str] = ()) -> bool:
    """Whether any output is named at all; `outputs` falls back on the serial line."""
    lit = wording.mentions(request, r"led|light|lamp|blink|flash")
    pins, leds = mentioned_pins(request, board), mentioned_leds(request, board, classes)
    return bool(lit or pins or leds or mentions_serial(request))
