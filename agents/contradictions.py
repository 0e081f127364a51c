"""Requests that want an output on and off at once: found clause by clause, without a model."""

import re
from collections.abc import Iterator, Sequence

from agents import wording_outputs
from agents.plan_labels import mentioned_labels
from hw.board import Board
from tools.errors import BadInput

_CLAUSES = r"[:,]+|\b(?:and|but|while at the same time|at the same time)\b"
_STATES = {
    "on": r"\b(?:on|high|lit|light(?:s|ed)? up|shin(?:es?|ing)|glow(?:s|ing)?)\b",
    "off": r"\b(?:off|low|dark|unlit|out)\b",
}
_LIMITED = (
    r"\d|\b(?:then|until|after|before|once|again|blink\w*|flash\w*|button|press\w*|toggl\w*|seconds?|minutes?|sure|"
    r"confiden\w*|hold\w*|held|more|less|below|above|start\w*|send\w*|receiv\w*|near|far|else|otherwise|other|times?)\b"
)
"""What makes two statements speak of different moments."""
_CONDITION = r"\b(?:if|when|whenever|while|for|during|as long as|unless|in case|on (?!and|or|off))\b"
_ALWAYS = r"\b(?:always|permanently|constantly|all the time|at all times|forever)\b"


def check_consistent(request: str, board: Board, classes: Sequence[str]) -> None:
    """Raise BadInput when the same output is wanted on and off for the same labels, or always."""
    said: dict[tuple[str, tuple[str, ...]], str] = {}
    for output, labels, state in _statements(request, board, classes):
        before = said.setdefault((output, labels), state)
        if before != state:
            when = f"for {' or '.join(labels)}" if labels else "always"
            name = output if output.startswith("pin") else f"the {output}"
            raise BadInput(
                f"the request contradicts itself: {name} cannot be on and off {when}; say which of the two it is"
            )


def _statements(request: str, board: Board, classes: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(output, labels, on or off) of each clause that says just this; no label: always."""
    for sentence in re.split(r"[.;!?\n]+(?:\s|$)", request):
        last: list[str] = []
        for clause in re.split(_CLAUSES, sentence, flags=re.IGNORECASE):
            text = clause.lower()
            bare = re.sub(r"\bpins?\s*\d+|\bd\d+|\bgpio\s*\d+", " ", text)
            outputs = [f"{name} LED" for name in wording_outputs.mentioned_leds(clause, board, classes)]
            outputs += [f"pin {pin}" for pin in wording_outputs.mentioned_pins(clause, board)]
            last = outputs or last
            states = [state for state, words in _STATES.items() if re.search(words, bare)]
            if len(last) != 1 or len(states) != 1 or re.search(_LIMITED, bare) or " not " in bare or "n't" in bare:
                continue
            always, labels = re.search(_ALWAYS, bare), mentioned_labels(text, classes)
            if always:  # leaves no room for labels of which something else is said
                yield last[0], (), states[0]
            elif labels and re.search(_CONDITION, bare):
                yield last[0], labels, states[0]
