"""Dialogue: what a line of the conversation asks for, among the kinds that its words and the current run allow."""

import json
import re
from collections.abc import Sequence
from typing import Literal

from agents.llm import LanguageModels, render
from agents.mentions import named_board
from tools.errors import Fixable

Kind = Literal["new", "behaviour", "smaller", "faster", "accurate", "board", "why", "cost", "state", "other"]
LINE_CHARACTERS = 2_000
"""Of a line that the model reads: what a person says in one breath, not a pasted file."""
# A small model takes any kind that it is offered, so a kind is only offered where a word speaks for it.
_EVIDENCE: dict[Kind, str] = {
    "new": r"classif|recogni[sz]|detect|distinguish|\bapart\b|\btells? .* from\b|identif|sensor|microphone|camera|"
    r"\bbuild (?:me )?(?:a|an|one)\b|\bmake (?:me )?(?:a|an|one)\b|\bnew (?:device|project|one)\b|\bknows? when\b",
    "behaviour": r"\bleds?\b|\blights?\b|\blamps?\b|\bblink|\bflash(?:es|ing)?\b|\bprint|\bserial\b|\bpins?\b|\bsay\b|"
    r"\bsend|\bwrite|\blines?\b|\bmessage|\btoggle|\bturn(?:s|ed)? o(?:n|ff)\b|\bswitch(?:es)? o(?:n|ff)\b|\bbuzz|"
    r"\bbeep|\bred\b|\bgreen\b|\bblue\b|\bpwm\b|\bbutton|\bevery \d|\bsilent|\bquiet",
    "smaller": r"\bsmall|\btin(?:y|ier)\b|\bmemory\b|\bram\b|\bflash\b|\bshrink|\breduce|\bfit\b",
    "faster": r"\bfast|\bquick|\bspeed|\blatency|\bslow|\brespond",
    "accurate": r"\baccura|\bprecis|\bmistake|\bwrong\b|\berrors?\b|\bbetter\b|\breliab",
    "why": r"\bwhy\b|\bhow come\b|\breason|\bexplain|\bhow did you (?:choose|pick|find|decide)",
    "cost": r"\bcosts?\b|\btokens?\b|\bmoney\b|\bexpensive\b|\bprice|\bspen[dt]\b|\bhow long did\b|\bdollars?\b",
    "state": r"\bstatus\b|\bhow (?:far|good|well|accurate|big|large|small|fast)\b|\bwhat (?:is|was|are|did)\b.*"
    r"(?:accura|result|size|board|state)|\bwhere (?:is|are)\b|\bfinished\b|\bdone\b",
}  # fmt: skip
# What is asked of the program itself is no device, whatever words it is wrapped in.
_NOT_MINE = (
    r"\b(?:your|system|previous|prior) (?:system )?(?:prompt|instructions?)\b|\bignore (?:all|any|every|the|your|my)\b|"
    r"\brm -|\bsudo\b|\$\(|&&|\bin (?:a|the|your) (?:shell|bash)\b|\bshell commands?\b|\bbash\b"
)
_QUESTIONS: tuple[Kind, ...] = ("why", "cost", "state")


def understand(models: LanguageModels, line: str, classes: Sequence[str]) -> Kind:
    """The kind of `line`; `classes` of the current run, empty where there is none.

    Words decide where they can; the model is asked where they speak for several kinds, and about a first line that
    says nothing of sensing. An answer that is not in the asked form leaves `other`.
    """
    if re.search(_NOT_MINE, line, re.IGNORECASE):
        return "other"
    offered = _offered(line, bool(classes))
    if len(offered) == 1:
        return offered[0]
    if not offered and classes:
        return "other"
    return _asked(models, line, classes, [*offered] or ["new", "other"])


def _offered(line: str, running: bool) -> list[Kind]:
    found: list[Kind] = [kind for kind, words in _EVIDENCE.items() if re.search(words, line, re.IGNORECASE)]
    if not running:
        return ["new"] if {"new", "behaviour"} & set(found) else []
    asking: list[Kind] = [kind for kind in found if kind in _QUESTIONS]
    if asking:
        return asking[:1]
    return [*found, *(["board"] if named_board(line) else [])]  # type: ignore[list-item]


def _asked(models: LanguageModels, line: str, classes: Sequence[str], offered: Sequence[Kind]) -> Kind:
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": list(offered)}},
        "required": ["kind"],
        "additionalProperties": False,
    }
    try:
        return models.ask(
            "planner",
            render("dialogue_system"),
            render("dialogue_user", classes=classes, line=line[:LINE_CHARACTERS], offered=offered),
            schema=schema,
            parse=lambda text: _kind(text, offered),
            max_tokens=12,
        ).value
    except Fixable:
        return "other"


def _kind(text: str, offered: Sequence[Kind]) -> Kind:
    kind: Kind = json.loads(text)["kind"]
    if kind not in offered:
        raise Fixable(f"'{kind}' was not offered", text=text)
    return kind
