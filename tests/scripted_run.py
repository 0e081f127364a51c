"""A whole run with the scripted model in a process of its own, for tests that watch it from outside or kill it.

`python -m tests.scripted_run OUT DATA` starts a run; without DATA it resumes the one in OUT.
"""

import sys
from pathlib import Path
from typing import Any

from agents import llm
from graph.config import RunConfig
from graph.run import execute
from tests.fakes import FRUIT_CODE, FRUIT_PLAN, FRUIT_REQUEST, scripted

LADDERS = llm.Ladders(**{role: ("scripted:test",) for role in llm.ROLES})  # type: ignore[arg-type]
CONFIG = RunConfig(
    ladders=LADDERS,
    suite="fakes",
    candidates=3,
    epochs_mini=3,
    epochs_full=8,
    epochs_distil=2,
    board="nano33ble",
)

STAGES_TOLD = {
    *("plan", "data", "propose", "validate", "select", "mini-train", "pareto", "choose", "train", "distil", "convert"),
    *("firmware", "compile", "emulate", "report"),
}
"""Stages whose progress is heard in a whole run."""


def install_script() -> None:
    """Make the provider `scripted` answer, and every other one refuse."""
    model = scripted(planner=FRUIT_PLAN, firmware=FRUIT_CODE)
    for provider in llm.PROVIDERS:
        llm.PROVIDERS[provider] = _refuse
    llm.PROVIDERS["scripted"] = lambda _: model


def _refuse(name: str) -> Any:
    raise AssertionError(f"a scripted run asks the real model {name}")


def default(question: dict[str, Any]) -> str:
    """The answer of somebody who takes what is proposed."""
    return str(question["default"])


def main(out: str, data: str | None = None) -> None:
    """Run or resume to the end."""
    install_script()
    inputs: Any = {"request": FRUIT_REQUEST, "data": data, "run_dir": out, "config": CONFIG}
    state = execute(Path(out), inputs if data else None, default)
    assert state["result"]["status"] == "done"


if __name__ == "__main__":
    main(*sys.argv[1:])
