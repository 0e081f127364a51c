"""What a sentence names, found by its words alone."""

import re

from hw.board import Board, boards


def named_board(text: str) -> Board | None:
    """The board that `text` names by id or name; None where it names none.

    The longest name wins: "Nano 33 BLE Sense Rev2" also contains the name of the first one.
    """
    known = boards()
    lengths = {b.id: max(_mention(text, b.id), _mention(text, b.name)) for b in known.values()}
    longest = max(known, key=lambda name: lengths[name])
    return known[longest] if lengths[longest] else None


def _mention(text: str, name: str) -> int:
    """Length of `name` in the text, as words of its own however they are spaced; 0: it is not there.

    The maker's name may be left out: "uno" means the Arduino Uno, but "you notice" does not.
    """
    parts = re.findall(r"[a-z]+|[0-9]+", re.sub(r"^(arduino|st)\s", "", name.lower()))
    found = re.search(r"(?<![a-z0-9])" + r"[\s_-]*".join(parts) + r"(?![a-z0-9])", text.lower())
    return len("".join(parts)) if found else 0
