"""What a request names, found by its words alone: outputs, pins, numbers, times, buttons, commands, quoted texts.

The plan's schema offers only what is named here, so that nothing can be invented.
"""

import re
from collections.abc import Sequence

from hw.board import Board

_NUMBERS = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_ORDINALS = {"other": 2, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "tenth": 10}
_AMOUNTS = {
    "half a": 0.5, "a quarter of a": 0.25, "quarter of a": 0.25, "a quarter": 0.25, "one and a half": 1.5,
    "two and a half": 2.5, "a couple of": 2, "thirty": 30, "forty": 40, "sixty": 60, "a": 1, "an": 1, **_NUMBERS,
}  # fmt: skip
_WORDS = "|".join(sorted(_AMOUNTS, key=len, reverse=True))
_UNIT = r"milli\w*|secs?|seconds?|mins?|minutes?|hours?"
_SPAN = rf"(?:(\d+(?:\.\d+)?)[\s-]*(ms|s|h|{_UNIT})|({_WORDS})[\s-]+({_UNIT}))"
"""Four groups: number and unit, or words and unit; "as" is not "a s"."""
SPAN = rf"\b{_SPAN}\b"
"""A duration, as a regular expression."""
_QUOTES = r"\"([^\"]{1,60})\"|“([^”]{1,60})”|(?<!\w)'([^']{1,60})'(?!\w)|„([^“”]{1,60})[“”]|«([^»]{1,60})»"
_BUTTON = r"(?:push[- ]?)?buttons?\b|push ?switch|(?:push|tactile) key"
ANALOG = r"\b(?:pin|on|at|to|from|gpio|and|or|,) ?A(\d{1,2})\b"
"""A pin like A1; not a label that happens to be called so."""
_HEARD = (
    r"send|sends|sent|sending|type|types|typed|typing|"
    r"receiv\w*|enters?|entering|arriv\w*|comes? in|get|gets|got|commands?|told"
)
_WHEN = r"when|whenever|if|once|on|upon|until|after|before|should|while|each time|as soon as"
_LISTENS = rf"\b(?:{_WHEN})\b[^.;]*?\b(?:{_HEARD})\b|\bcommands?\b|\b(?:sending|typing|receiving|entering)\b"
LASTING = (
    r"longer|at least|more than|over \d|held|lasts?|lasted|has been|have been|stays?\b|remain|contin|straight|"
    r"without a break|uninterrupted|solid"
)
"""Words by which something must hold for a while."""
_NO_WORDS = {
    "the", "a", "an", "it", "text", "something", "over", "via", "on", "by", "me", "line", "word", "command", "serial",
    "to", "that", "this", "is", "in", "i", "print",
    "say", "show", "write", "switch", "turn", "toggle", "blink", "light", "label", "result", "results", "or", "and",
    "from", "through",
}  # fmt: skip


def mentions(request: str, words: str) -> bool:
    """Whether one of `words` (a regular expression) stands in the request, at the beginning of a word."""
    return bool(re.search(rf"\b(?:{words})", request.lower()))


def quoted_texts(request: str) -> list[str]:
    """What stands in quotation marks, in order."""
    return [next(filter(None, found)) for found in re.findall(_QUOTES, request)]


def without_quotes(request: str) -> str:
    """The request without what stands in quotation marks: its numbers and words are no demands."""
    for text in quoted_texts(request):
        request = request.replace(text, " ")
    return request


# --- outputs ------------------------------------------------------------------------------------------


_LAMP = r"leds?|lamps?|lights?|lit|one"


def mentioned_leds(request: str, board: Board, classes: Sequence[str] = ()) -> list[str]:
    """LEDs of the board whose name occurs in the request; one that is also a label's only as "the red LED" or so."""
    text = re.sub(r"built[- ]in|on-?board", "builtin", request.lower())
    labels = set(re.findall(r"\w+", " ".join(classes).lower()))
    found = []
    for name in board.leds:
        lamp = rf"\b{name} (?:(?:and|or|,) \w+ )?(?:{_LAMP})\b" if name in labels else rf"\b{name}\b"
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


def mentioned_buttons(request: str, board: Board) -> list[int]:
    """Pins that have a button: in each clause with that word the next pin, or else the last before it."""
    found: list[str] = []
    pin = r"\b(?:pin|gpio|d)\s*(\d+)"
    for clause in re.split(r"[.;!?\n]", request.lower()):
        for word in re.finditer(rf"\b(?:{_BUTTON})", clause):
            before, after = clause[: word.start()], clause[word.start() :]
            near = re.search(rf"{pin}(?: push)?[ -]$", before) or re.search(pin, after)
            found += [near[1]] if near else re.findall(pin, before)[-1:]
    return [int(n) for n in dict.fromkeys(found) if int(n) in board.digital_pins]


def mentions_button(request: str) -> bool:
    """Whether a button is spoken of at all."""
    return mentions(request, _BUTTON)


def mentions_serial(request: str) -> bool:
    """Whether the request asks for text on the serial line."""
    return bool(re.search(rf"\b(?:{_PRINTING})|{_BY_VERB}", request.lower()))


_PRINTING = (
    r"print|serial|send|write|log\b|logs\b|report|tell me|announce|csv|json|monitor|greet|message|a line|dump|"
    r"transmit|uart|echo|terminal|console|emit|publish|stream|com port|usb"
)
_BEFORE_VERBS = "and|then|to|shall|should|must|please|it|device|board|also|only|or"
"""What stands before "say" and "output" where the device does it; "the last 9 results say" is something else."""
_BY_VERB = rf"(?:^|[.;:,]\s*|\b(?:{_BEFORE_VERBS})\s+)(?:say|says|output|outputs)\b(?! (?:pin|d\d))|\bsaying\b"


def outputs(request: str, board: Board, classes: Sequence[str] = ()) -> list[str]:
    """Outputs that the request names, as the plan's keys: `red LED`, `pin 5`, `serial`."""
    leds, pins = mentioned_leds(request, board, classes), mentioned_pins(request, board)
    buttons = mentioned_buttons(request, board)
    pins = [pin for pin in pins if pin not in buttons]
    lit = mentions(request, r"led|light|lamp|blink|flash")
    if not leds and not (pins and not mentions(request, r"leds?\b")) and lit and board.leds:
        leds = ["builtin"] if "builtin" in board.leds else list(board.leds)[:1]
    named = [f"{n} LED" for n in leds] + [f"pin {n}" for n in pins]
    heard = bool(mentioned_commands(request)) and not mentions(
        request, r"print|say|write|log|report|output|csv|json|tell"
    )
    found = named + (["serial"] if (mentions_serial(request) and not (heard and named)) or not named else [])
    # In the order of the request: a small model deals with its parts one after the other.
    ends = {name: re.search(mark_of(name, board), request.lower()) for name in found}
    return sorted(found, key=lambda name: at.start() if (at := ends[name]) else len(request))


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
    lit = mentions(request, r"led|light|lamp|blink|flash")
    pins, leds = mentioned_pins(request, board), mentioned_leds(request, board, classes)
    return bool(lit or pins or leds or mentions_serial(request))


# --- numbers, times -------------------------------------------------------------------------------------


def mentioned_numbers(request: str) -> list[int]:
    """Whole numbers and number words of the request, in order, without repetition."""
    found = [
        int(n)
        for n in re.findall(
            r"(?<![\d.])\b\d{1,6}(?:st|nd|rd|th)?\b(?!\.\d)", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", request)
        )
    ]
    words = re.findall(r"[a-z]+", request.lower())
    found += [_NUMBERS[w] for w in words if w in _NUMBERS]
    found += [_ORDINALS[w] for w in re.findall(r"(?:every|each) ([a-z]+)\b", request.lower()) if w in _ORDINALS]
    return list(dict.fromkeys(found))


def amounts(request: str) -> list[int]:
    """Numbers of the request that count something: neither pins, nor times, nor shares."""
    request = without_quotes(request)
    text = re.sub(rf"{SPAN}|\b(?:pins?|gpio|d)\s*#?\d+|\d+\s*(?:%|percent)", " ", request.lower())
    return mentioned_numbers(re.sub(r"\b(\d+)\.(?!\d)", r"\1", text))


def durations(request: str) -> list[int]:
    """Durations that the request names, in ms, in order."""
    found = [_ms(*found) for found in re.findall(SPAN, request.lower())]
    return list(dict.fromkeys(d for d in [*found, *_bare_periods(request)] if d > 0))


def held(request: str) -> list[int]:
    """Durations that something must last for, in ms: "for more than 8 seconds", "3 s without a break"."""
    before = r"(?:longer than|more than|at least|over|exceed(?:s|ing)?|lasts?(?: for)?|has been [\w ]{1,20}? for)"
    after = r"(?:straight|without (?:a )?(?:break|pause|interruption)|uninterrupted|solid|in one go|or (?:more|longer))"
    found = [_ms(*m) for m in re.findall(rf"\b{before}\s+{_SPAN}\b", request.lower())]
    found += [_ms(*m) for m in re.findall(rf"\b{_SPAN} {after}\b", request.lower())]
    return list(dict.fromkeys(found))


def periods(request: str) -> list[int]:
    """Durations after which something is to be repeated, in ms."""
    often = r"(?:every|each|once per|once an?|per)"
    found = [_ms(*found) for found in re.findall(rf"\b{often} {_SPAN}\b(?! (?:short|long|apart))", request.lower())]
    return list(dict.fromkeys(d for d in [*found, *_bare_periods(request)] if d > 0))


def _bare_periods(request: str) -> list[int]:
    text = request.lower()
    units = re.findall(r"\b(?:each|every|(?<!times )per|once a|once every) (second|minute|hour)\b(?! time| one)", text)
    times = rf"\b(twice|thrice|(?:\d+|{'|'.join(_NUMBERS)}) times) (?:a|per|every|each) (second|minute|hour)\b"
    often = [_ms("1", unit, "", "") // mentioned_numbers(count)[0] for count, unit in re.findall(times, text)]
    return [_ms("1", unit, "", "") for unit in units] + often


def _ms(number: str, unit: str, words: str, unit_of_words: str) -> int:
    value, unit = float(number) if number else _AMOUNTS[words], unit or unit_of_words
    per = 1 if unit == "ms" or unit.startswith("milli") else 60_000 if unit.startswith("min") else 3_600_000
    return int(value * (1000 if unit.startswith("s") else per))


def duties(request: str) -> list[int]:
    """Duties 0..255 that the request names as percent or as half, quarter and full."""
    found = [round(float(x) * 2.55) for x in re.findall(r"\b(\d{1,3})\s*(?:%|percent|per cent)", request)]
    words = {"half": 128, "full": 255, "quarter": 64}
    return found + [duty for word, duty in words.items() if mentions(request, rf"{word}\b(?! an?\b)")]


def thresholds(request: str) -> list[float]:
    """Confidences that the request names, 0..1; 0.6 where it only speaks of doubt."""
    sure = mentions(request, r"sure|certain|confiden|probab|likel|score|trust|doubt|threshold|unsure|uncertain")
    driven = mentions(request, r"pwm|duty|bright|dim|speed|power|intensity|strength|throttle")
    found = [float(x) / 100 for x in re.findall(r"\b(\d{1,2})\s*(?:%|percent|per cent)", request) if sure or not driven]
    found += [float(x) for x in re.findall(r"\b0\.\d+\b(?!\s*(?:s|sec|min|ms)\b)", request)]
    if not found and mentions(request, r"unsure|uncertain|confident|not sure|not certain|doubt|certain|sure\b"):
        found = [0.6]
    return list(dict.fromkeys(found))


# --- from outside ---------------------------------------------------------------------------------------


def mentioned_commands(request: str) -> list[str]:
    """Words that somebody sends to the device, where the request says that it reacts to them."""
    found: list[str] = []
    for clause in re.split(r"(?<=[.;!?])\s", request):
        heard = re.search(_LISTENS, clause, flags=re.IGNORECASE)
        if not heard:
            continue
        texts = quoted_texts(clause[heard.start() :])
        if not texts:
            said = rf"\b(?:{_HEARD})\s+(?:the (?:word|letter|text|line|command|message)\s+)?([A-Za-z0-9]+)"
            texts = re.findall(said, clause[heard.start() :], flags=re.IGNORECASE)
            texts += re.findall(r"\b([A-Z]{2,}\w*) (?:is|was|gets) (?:received|sent|typed)", clause)
            texts = [w for w in texts if w.lower() not in _NO_WORDS]
        printed = re.findall(rf"\b(?:print|say|write|answer|reply|show|output)s?\s+(?:{_QUOTES})", clause)
        shown = {next(filter(None, p)) for p in printed if any(p)}
        found += [text for text in texts if text not in shown]
    return list(dict.fromkeys(found))


def events_outside(request: str, board: Board) -> list[str]:
    """Moments that come from outside, as the plan writes them: `button 2 pressed`, `received stop`."""
    buttons = [f"button {pin} {what}" for pin in mentioned_buttons(request, board) for what in ("pressed", "released")]
    return buttons + [f"received {text}" for text in mentioned_commands(request)]


def answered(request: str) -> list[str]:
    """Commands that are answered by a line or set counts back, as the plan writes their moment: they switch nothing."""
    found: list[str] = []
    for clause in re.split(r"(?<=[.;!])\s", request):
        if mentions(
            clause,
            r"answers?|repl(?:y|ies)|respond|report back|tells? me|returns? the|send(?:s)? back|"
            r"reset|back to (?:0|zero)|zeroe?s?\b|start(?:s|ing)? over|from zero|clear",
        ):
            found += [f"received {text}" for text in mentioned_commands(clause)]
    return found


def conditions(request: str, classes: Sequence[str], board: Board, near: bool) -> list[str]:
    """What a rule may ask for besides its labels, as the plan writes it; `near`: the board feels nearness."""
    found: list[str] = []
    for limit in thresholds(request):
        found += [f"confidence below {limit:g}", f"confidence at least {limit:g}"]
    if mentions(request, LASTING):
        found += [f"held {ms} ms" for ms in durations(request)]
    if mentions(request, r"in a row|consecutive|successive|one after (?:another|the other)"):
        found += [f"{n} in a row" for n in amounts(request) if n > 1]
    if mentions(request, r"count|every|each|after|total|time"):
        counted = mentions(
            request, r"(?:every|each) (?:\d+(?:st|nd|rd|th)|other|second|third|fourth|fifth|sixth|tenth)\b"
        )
        found += [f"every {n}. time" for n in amounts(request) if n > 1 and counted]
        many = mentions(request, r"count|total|altogether|so far|seen")
        found += [f"count at least {n}" for n in amounts(request) if n > 1 and many]
    for pin in mentioned_buttons(request, board):
        found += [f"button {pin} down", f"button {pin} up"]
    if mentions(request, r"from|after|directly|previous|before|follow|straight|right after|turns? (?:in)?to"):
        found += [f"before: {name}" for name in classes if re.search(rf"\b{re.escape(name.lower())}", request.lower())]
    if near and mentions(request, r"near|close to|comes? close|is close|proximity|approach|in front|hand\b"):
        found += ["near", "far"]
    return found
