"""Where the real core of a board is installed: with the person's own arduino-cli, or, for AVR, by the distribution."""

import json
from pathlib import Path

from hw.board import Board
from tools.errors import Setup
from tools.process import run
from tools.toolchain import arduino_cli, arduino_env

_TIMEOUT_S = 120.0
AVR = "arduino:avr:"


def core_env(board: Board) -> dict[str, str]:
    """Environment in which arduino-cli has the vendor's core of `board`; the person's own goes first.

    Raises Setup naming the command that installs the core.
    """
    own = arduino_env(real=True)
    if _knows(board.fqbn, own):
        return own
    ours = arduino_env()
    if board.fqbn.startswith(AVR) and _knows(board.fqbn, ours):
        return ours
    platform = ":".join(board.fqbn.split(":")[:2])
    index = f" --additional-urls {board.index}" if board.index else ""
    raise Setup(
        f"the vendor's core {platform} for {board.name} is not installed", f"arduino-cli core install {platform}{index}"
    )


def is_distributions(env: dict[str, str]) -> bool:
    """Whether core_env() found the core in our own layout."""
    return "ARDUINO_DIRECTORIES_DATA" in env


def _knows(fqbn: str, env: dict[str, str]) -> bool:
    # `core list` leaves out cores in the sketchbook's hardware folder; this finds both kinds.
    command: list[str | Path] = [arduino_cli(), "board", "details", "--json", "--fqbn", fqbn]
    done = run(command, timeout_s=_TIMEOUT_S, env=env)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return False
    return done.returncode == 0 and "error" not in answer
