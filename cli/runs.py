"""Run folders as the commands see them: listing, results, and firmware to emulate."""

import json
from pathlib import Path
from typing import Any

from tools.artifacts import Emulation, Firmware, TaskSpec
from tools.errors import BadInput
from tools.store import read_model


def list_runs(folder: Path) -> list[dict[str, Any]]:
    """Facts of every run folder below `folder`, newest first."""
    found = []
    for path in sorted(folder.glob("*/run.json"), key=lambda p: -p.stat().st_mtime):
        facts = json.loads(path.read_text())
        result = path.parent / "result.json"
        status = json.loads(result.read_text())["status"] if result.exists() else "unfinished"
        found.append({"run": str(path.parent), "status": status, "board": facts["board"], "request": facts["request"]})
    return found


def read_result(run_dir: Path) -> dict[str, Any]:
    """result.json of a run. Raises BadInput when the run has none yet."""
    path = run_dir / "result.json"
    if not path.exists():
        raise BadInput(f"{run_dir} has no result yet: go on with `tinysmith resume {run_dir}`")
    return dict(json.loads(path.read_text()))


def emulate_target(target: Path, stimuli: Path | None, until_ms: int | None, board_id: str | None) -> Emulation:
    """Emulate the firmware of a run folder, or a bare ELF for `board_id`."""
    from hw.board import boards
    from tools.emulate import emulate
    from tools.stimuli import read_stimuli

    if target.is_dir():
        elf = Path(read_model(target / "firmware" / "firmware.json", Firmware).elf)
        board_id = read_model(target / "spec.json", TaskSpec).board
        work_dir = target / "build"
    elif target.is_file():
        elf, work_dir = target, target.resolve().parent
    else:
        raise BadInput(f"{target} is not there: give a run folder or an ELF file")
    known = boards()
    if board_id not in known:
        raise BadInput(f"say which board this ELF is for: --board {'|'.join(known)}")
    if until_ms is None:
        until_ms = (read_stimuli(stimuli).end_ms if stimuli else 9_000) + 1_000
    if until_ms <= 0:
        raise BadInput(f"--until-ms must be more than 0, not {until_ms}")
    return emulate(elf, known[board_id], stimuli, until_ms, work_dir)
