"""Whether the sketches of an evaluation compile, unchanged, with the core of the boards' vendors.

Run: python -m evals.vendor_core DIR   (DIR: of `tinysmith eval sg --out DIR`, or any folder that holds run folders)
Exit codes: 0 all compile, 2 no sketch there, 4 some do not compile, 5 a vendor's core or a library is not installed.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hw.board import boards
from tools.artifacts import Firmware
from tools.compile import compile_sketch
from tools.cores import core_env
from tools.diagnosis import explain
from tools.errors import BadInput, Fixable, TinysmithError
from tools.store import read_model

_BUILDS = "vendor_core"
_NAME = "sketch"


@dataclass(frozen=True)
class Compiled:
    """One sketch with the vendor's core; `problem` is empty where it compiles."""

    run: str
    board: str
    problem: str
    flash_bytes: int
    ram_bytes: int


def runs_in(folder: Path) -> list[Path]:
    """Run folders with finished firmware, at most two levels down. Raises BadInput where there is none."""
    pattern = "firmware/firmware.json"
    found = sorted({p.parents[1] for depth in ("", "*/", "*/*/") for p in folder.glob(f"{depth}{pattern}")})
    if not found:
        raise BadInput(f"no finished firmware in {folder}: give the folder that `tinysmith eval sg --out DIR` wrote")
    return found


def compile_all(folder: Path) -> list[Compiled]:
    """Compile a copy of each sketch. Raises BadInput, and Setup naming the command that installs a missing core."""
    firmwares = [(run_dir, read_model(run_dir / "firmware" / "firmware.json", Firmware)) for run_dir in runs_in(folder)]
    for id_ in sorted({firmware.board for _, firmware in firmwares}):
        core_env(boards()[id_])  # before anything is compiled
    done = []
    for run_dir, firmware in sorted(firmwares, key=lambda pair: (pair[1].board, _files(pair[0] / pair[1].sketch))):
        board, builds = boards()[firmware.board], folder / _BUILDS / firmware.board
        sketch = _under_one_name(run_dir / firmware.sketch, builds.with_name(f"{board.id}_of"))
        build = compile_sketch(sketch, board, builds, "real")
        problem = "" if build.ok else explain(build, sketch / "app.h")
        done.append(Compiled(run_dir.name, board.id, problem, build.flash_bytes, build.ram_bytes))
        _tell(f"{'compiles' if build.ok else 'fails   '}  {board.id}  {run_dir.name}  {problem}".rstrip())
    return done


def _files(sketch: Path) -> tuple[str, ...]:
    """What tells arduino-cli, besides the name, whether it may keep the core of the sketch before."""
    return tuple(sorted(str(p.relative_to(sketch)) for p in sketch.rglob("*") if p.suffix != ".ino"))


def _under_one_name(sketch: Path, folder: Path) -> Path:
    """A copy whose only difference is its name: arduino-cli builds the core anew for each sketch of another name."""
    copy = folder / _NAME
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sketch, copy)
    (copy / f"{sketch.name}.ino").rename(copy / f"{_NAME}.ino")
    return copy


def table(done: Sequence[Compiled]) -> list[str]:
    """A line per board: how many of its sketches compile, and the largest."""
    total, good = Counter(c.board for c in done), Counter(c.board for c in done if not c.problem)
    lines = []
    for board, count in sorted(total.items()):
        flash, ram = (max(getattr(c, key) for c in done if c.board == board) for key in ("flash_bytes", "ram_bytes"))
        size = f"at most {flash:,} bytes of flash and {ram:,} of RAM" if good[board] else "none"
        lines.append(f"{board}: {good[board]} of {count} compile with {boards()[board].fqbn}; {size}")
    return lines


def main(arguments: Sequence[str]) -> int:
    """The command line above; the exit code."""
    try:
        if len(arguments) != 1:
            raise BadInput("write python -m evals.vendor_core DIR")
        done = compile_all(Path(arguments[0]).resolve())
        _tell(*table(done))
        if failed := [c.run for c in done if c.problem]:
            raise Fixable(
                f"{len(failed)} of {len(done)} sketches do not compile with the vendor's core: {failed[0]}, ..."
            )
    except TinysmithError as error:
        sys.stderr.write(f"evals.vendor_core: {error}\n")
        return error.exit_code
    return 0


def _tell(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
