"""Numbers, times, shares and texts that a request names, found by its words alone.

The plan's schema offers only what is named, so that nothing can be invented.
"""

import re

NUMBERS = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fiftieth": 50, "hundredth": 100,
}  # fmt: skip
NTH = rf"(?:\d+(?:st|nd|rd|th)|{'|'.join(_ORDINALS)})"
_AMOUNTS = {
    "half a": 0.5, "half": 0.5, "a quarter of a": 0.25, "quarter of a": 0.25, "a quarter": 0.25, "one and a half": 1.5,
    "two and a half": 2.5, "a couple of": 2,
    "a whole": 1, "a full": 1, "one whole": 1, "one full": 1, "thirty": 30, "forty": 40, "sixty": 60, "a": 1, "an": 1,
    **NUMBERS,
}  # fmt: skip
_WORDS = "|".join(sorted(_AMOUNTS, key=len, reverse=True))
UNIT = r"milli(?:s|sec\w*)?|secs?|seconds?|mins?|minutes?|hours?"
_SPAN = rf"(?:(\d+(?:\.\d+)?)[\s-]*(ms|s|h|{UNIT})|({_WORDS})[\s-]+({UNIT}))"
"""Four groups: number and unit, or words and unit; "as" is not "a s"."""
SPAN = rf"\b{_SPAN}\b"
"""A duration, as a regular expression."""
QUOTES = r"\"([^\"]{1,60})\"|“([^”]{1,60})”|(?<!\w)'([^']{1,60})'(?!\w)|„([^“”]{1,60})[“”]|«([^»]{1,60})»"
LASTING = (
    r"longer|at least|after (?:\d|an?\b|one|two|three|five|ten|half)|more than|over \d|held|lasts?|lasted|"
    r"has been|have been|had been|been\b|stays?\b|remain|contin|"
    r"straight|without (?:a |any )?(?:break|pause|stop|interruption|\w+ing)|uninterrupted|\d ?s\w* solid|"
    r"for (?:an? |one |two |three |\d+ ?)(?:whole |full )?(?:hours?|h\b|minutes?|min\b)|persist|goes on for|gone on|"
    r"going on|whole|for (?:>=?|≥)|once .{0,40}\bfor\b|after .{0,40}\bfor\b|if .{0,40}\bfor\b|when .{0,40}\bfor\b|"
    r"\d+ ?(?:s|seconds?|min|minutes?|ms) ?(?:->|=>|:|→|>>)|[>≥] ?\d|for \d+ ?\w+ ?[:,]|or (?:more|longer)|mark\b"
)
"""Words by which something must hold for a while."""
LONGEST_FLASH_MS = 5000
"""What is longer is no flash, and no half of a blinking."""


def mentions(request: str, words: str) -> bool:
    """Whether one of `words` (a regular expression) stands in the request, at the beginning of a word."""
    return bool(re.search(rf"\b(?:{words})", request.lower()))


def quoted_texts(request: str) -> list[str]:
    """What stands in quotation marks, in order."""
    return [next(filter(None, found)) for found in re.findall(QUOTES, request)]


def without_quotes(request: str) -> str:
    """The request without what stands in quotation marks: its numbers and words are no demands."""
    for text in quoted_texts(request):
        request = request.replace(text, " ")
    return request


_NO_TEXTS = {
    "LED", "LEDS", "PWM", "GPIO", "JSON", "CSV", "USB", "UART", "RGB", "BLE", "IMU", "REQ", "OK", "ID", "HIGH", "LOW",
    "ON", "OFF", "NOT", "ONLY", "AND", "OR", "MUST", "ALL", "ADC", "MCU", "AC", "DC", "QC", "TV", "PC", "MS", "IN", "A",
    "I", "PIN", "THE", "IF", "WHEN", "NO", "EVERY", "EACH",
}  # fmt: skip


def shouted(request: str) -> list[str]:
    """Words in capitals, as texts to print often are, in order; not where most of the request is in capitals."""
    bare = without_quotes(request)
    told = re.findall(r"\b[A-Z][A-Z0-9]+(?: [A-Z][A-Z0-9]+)*\b", bare)
    if len(re.findall(r"\b[a-z]{2,}\b", bare)) <= 2 * len(told):
        return []
    plain = [
        text
        for text in told
        if not any(w in _NO_TEXTS or re.fullmatch(r"(?:[A-Z]|GPIO|PIN|REQ)\d+", w) for w in text.split())
    ]
    return list(dict.fromkeys(text for text in plain if len(text) > 2))


def mentioned_numbers(request: str) -> list[int]:
    """Whole numbers and number words of the request, in order, without repetition."""
    found = [
        int(n)
        for n in re.findall(
            r"(?<![\d.])\b\d{1,6}(?:st|nd|rd|th)?\b(?!\.\d)", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", request)
        )
    ]
    words = re.findall(r"[a-z]+", request.lower())
    found += [NUMBERS[w] for w in words if w in NUMBERS]
    found += [2] * bool(re.search(r"\b(?:every|each) other\b", request.lower()))
    found += [_ORDINALS[w] for w in words if w in _ORDINALS and w != "second"]
    found += [2] * bool(re.search(r"\b(?:every|each|the|a|her|his|my) second\b(?! \w+ing)", request.lower()))
    return list(dict.fromkeys(found))


def amounts(request: str) -> list[int]:
    """Numbers of the request that count something: neither pins, nor times, nor shares."""
    request = without_quotes(request)
    text = re.sub(rf"{SPAN}|\b(?:pins?|gpio|d)\s*#?\d+|\d+\s*(?:%|percent)", " ", request.lower())
    return mentioned_numbers(re.sub(r"\b(\d+)\.(?!\d)", r"\1", text))


def durations(request: str) -> list[int]:
    """Durations that the request names, in ms, in order."""
    text = re.sub(_OFTEN, " ", request.lower())
    found = [_ms(*found) for found in re.findall(SPAN, text)]
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
    found = [
        _ms(*found)
        for found in re.findall(
            rf"\b{often} (?:full |whole |single )?{_SPAN}\b(?! (?:short|long|apart))", request.lower()
        )
    ]
    return list(dict.fromkeys(d for d in [*found, *_bare_periods(request)] if d > 0))


_OFTEN = rf"\b(twice|thrice|(?:\d+|{'|'.join(NUMBERS)}) times) (?:a|per|every|each) (second|minute|hour)\b"


def _bare_periods(request: str) -> list[int]:
    text = request.lower()
    units = re.findall(
        r"\b(?:each|every|(?<!times )per|once a|once every|line a|message a|report a) "
        r"(second|minute|hour)\b(?! time| one)",
        text,
    )
    often = [_ms("1", unit, "", "") // mentioned_numbers(count)[0] for count, unit in re.findall(_OFTEN, text)]
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
    found += [float(x) for x in re.findall(r"(?<![\d.v])0?\.\d+\b(?!\s*(?:s|sec|min|ms)\b)", request)]
    if not found and mentions(
        request,
        r"unsure|uncertain|not (?:so |very |really |quite )?(?:sure|certain)|doubt|if (?:it is |you are |you're )?sure",
    ):
        found = [0.6]
    return list(dict.fromkeys(found))


_MOST_COUNTED = 1000


def numbers_beside(request: str, words: str) -> list[int]:
    """The numbers that count something in the parts of the request that hold `words` (a regular expression)."""
    parts = [part for part in re.split(r"[,;:]\s|[.!?](?:\s|$)|\n| and (?=the|then|a )", without_quotes(request))]
    found = [n for part in parts if re.search(rf"\b(?:{words})", part.lower()) for n in amounts(part)]
    shown = {int(n) for text in quoted_texts(request) for n in re.findall(r"\d+", text)}
    found = [n for n in found if n not in shown]  # "in place of the 4" of a line that is shown
    return list(dict.fromkeys(n for n in found if 1 < n <= _MOST_COUNTED))


def nth(request: str) -> list[int]:
    """The n of "every nth", "each dozen", "every 3 eggs", in order."""
    text = re.sub(SPAN, " ", without_quotes(request).lower())
    found: list[int] = []
    for said in re.findall(rf"\b(?:every|each) ({NTH}|other|dozen|\d+|{'|'.join(NUMBERS)})\b", text):
        digits = re.match(r"\d+", said)
        n = int(digits[0]) if digits else 2 if said == "other" else _ORDINALS.get(said, NUMBERS.get(said, 0))
        found += [n] if 1 < n <= _MOST_COUNTED else []
    return list(dict.fromkeys(found))
