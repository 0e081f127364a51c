"""What cannot be planned, told in one clear sentence before anything is asked of a model or compiled."""

import re
from collections.abc import Sequence

from agents import wording, wording_events, wording_outputs
from agents.contradictions import check_consistent
from hw.board import Board, sensors
from tools.errors import BadInput, Infeasible

MAX_SENTENCES = 15
MAX_CHARACTERS = 2000
_COLOURS = "red|green|blue|yellow|orange|white|purple|violet|pink|cyan|magenta|amber|turquoise"
_ABSENT = {
    "display": r"(?:the|an?|my|its|oled|lcd|tft|segment|small|attached) (?:display|screen)|lcd|oled|e-?paper",
    "loudspeaker": r"loudspeaker|play (?:a|the) (?:song|melody|tune|sound|music)",
    "radio connection": (
        r"wi-?fi|bluetooth|internet|to the cloud|mqtt|https?|e-?mail|sms|text message|(?:to|on) my phone|tweet"
    ),
    "memory card": r"sd[ -]card|memory card|usb stick",
    "clock": r"o'clock|midnight|at noon|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|calendar",
}
"""Things that no board here has, and what they are called."""
_WIRED = r"buzzer|relay|servo|motor|fan|pump|siren|bell|valve|solenoid|horn|heater|laser"
"""Things that may hang on a pin."""
_DRIVEN = (
    r"\b(?:turn|switch|sound|ring|activate|trigger|toggle|drive|pulse|buzz|beep|run)s? "
    rf"(?:on |off )?(?:the |a |an |my )?({_WIRED})s?\b"
)
_DANGEROUS = (
    (
        r"(?:disable|block|turn off|switch off|lock|mask) (?:all )?(?:the )?interrupts",
        "without interrupts the board stands still",
    ),
    (
        r"(?:infinite|endless|eternal) loop|loop forever|block (?:for ?ever|the (?:cpu|processor|loop))|"
        r"hang (?:for ?ever|the board|itself)",
        "a sketch that blocks recognises nothing any more",
    ),
    (
        r"(?:erase|overwrite|wipe|delete|brick)\b[^.;]*\b(?:flash memory|flash|bootloader|firmware|eeprom)",
        "that would destroy what is on the board",
    ),
    (r"overclock|short[- ]circuit|disable (?:the )?(?:watchdog|protection)", "that can damage the board"),
)
_TASK = (
    r"tell|recogni[sz]|classif|detect|distinguish|sort|identif|listen|watch|sens(?:e|or|ing)|label|result|count|guess|"
    r"monitor|measur|observ|differ"
)
"""Words that say what is to be recognised."""
_ENGLISH = frozenset(
    """
    the a an and or of to in on for when if is it with by from tell led light print detect recognise recognize
    classify sort distinguish between show blink what whether sound colour color motion movement listen watch sense
    pin label labels
    """.split()  # noqa: SIM905 - a line of words reads better than a list of strings
)


def check_readable(request: str, classes: Sequence[str]) -> None:
    """Raise BadInput for a request that is empty, no sentence, too long, or that would harm the device."""
    if not request.strip():
        raise BadInput('the request is empty: say what to recognise, e.g. "tell apples from pears by colour"')
    words = re.findall(r"[^\W\d_]{2,}", request.lower())
    known = _ENGLISH | {word for name in (*classes, *_sensor_words()) for word in re.findall(r"\w+", name.lower())}
    if not any(word in known for word in words):
        raise BadInput(
            f"'{_short(request)}' was not understood: say what to recognise and what the device shall do then"
        )
    sentences = [s for s in re.split(r"[.!?]+(?:\s|$)|\n+", request) if re.search(r"\w", s)]
    if len(sentences) > MAX_SENTENCES or len(request) > MAX_CHARACTERS:
        raise BadInput(
            f"the request has {len(sentences)} sentences and {len(request)} characters; at most {MAX_SENTENCES} and "
            f"{MAX_CHARACTERS:,} are taken, so that nothing is lost: say what the device shall do in fewer words"
        )
    _check_danger(request)


def _sensor_words() -> list[str]:
    return [word for sensor in sensors().values() for word in sensor.words]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:40] + "…"


def _check_danger(request: str) -> None:
    text = request.lower()
    for pattern, why in _DANGEROUS:
        if found := re.search(pattern, text):
            raise BadInput(f"'{found[0]}' is not done: {why}")


def check_board_has(request: str, board: Board, classes: Sequence[str]) -> None:
    """Raise Infeasible when the request names what is not on the board, BadInput when it does not say at which pin."""
    _check_leds(request, board, classes)
    _check_pins(request, board)
    check_consistent(request, board, classes)
    text, labels = request.lower(), " ".join(classes).lower()
    for name, words in _ABSENT.items():
        found = re.search(rf"\b(?:{words})\b", text)
        if found and found[0] not in labels:
            raise Infeasible(
                f"{board.name} has no {name}, as '{found[0]}' would need: it has LEDs, pins and the serial line",
                board=board.id,
            )
    _check_asks(request, board, classes)
    wired = re.search(_DRIVEN, text)
    if wired and wired[1] not in labels and not re.search(r"\b(?:pin|gpio|d|a)\s*\d+\b", text):
        raise BadInput(f"the request does not say at which pin the {wired[1]} is: say e.g. 'the {wired[1]} on pin 5'")
    if (
        wording_events.mentions_button(request)
        and "button" not in labels
        and not wording_events.mentioned_buttons(request, board)
    ):
        raise BadInput("the request does not say at which pin the button is: say e.g. 'a button on pin 2'")
    if re.search(r"\bproximity\b", text) and not any(
        sensors()[s].proximity_read for s in board.sensors if s in sensors()
    ):
        raise Infeasible(f"{board.name} has no proximity sensor", board=board.id)


def _check_asks(request: str, board: Board, classes: Sequence[str]) -> None:
    """Something is recognised or done; a task without an output is no mistake, its results are printed."""
    named = any(re.search(rf"\b{re.escape(name.lower())}", request.lower()) for name in classes)
    if not (named or wording_outputs.names_output(request, board, classes) or wording.mentions(request, _TASK)):
        raise BadInput(
            f"'{_short(request)}' does not say what the device shall do: say e.g. 'print the label when it changes' or "
            f"'red LED on for {classes[0] if classes else 'a knock'}'"
        )


def _check_leds(request: str, board: Board, classes: Sequence[str]) -> None:
    for colour in re.findall(rf"\b({_COLOURS})\s+(?:leds?|lamps?|lights?)\b", request.lower()):
        lights = re.search(rf"\b{colour}\s+lights?\b", request.lower())
        if colour in board.leds or (lights and colour in " ".join(classes).lower()):
            continue
        having = ", ".join(board.leds) or "none"
        raise Infeasible(f"{board.name} has no {colour} LED; its LEDs: {having}", board=board.id)


def _check_pins(request: str, board: Board) -> None:
    for number in re.findall(r"\b(?:pin|gpio|d)\s*#?(\d+)\b", request.lower()):
        if int(number) not in board.digital_pins:
            low, high = min(board.digital_pins, default=0), max(board.digital_pins, default=0)
            raise Infeasible(f"{board.name} has no free digital pin {number}; it has {low} to {high}", board=board.id)
    for number in re.findall(wording_outputs.ANALOG, request):
        if int(number) >= len(board.analog_pins):
            last = len(board.analog_pins) - 1
            raise Infeasible(f"{board.name} has no pin A{number}; its analog pins are A0 to A{last}", board=board.id)
