"""kill -9 at random moments: does the run resume to the same artefacts, and is nothing finished done twice?

`python -m tests.kills 20` kills twenty runs of the scripted model (real training, compiler and emulator) and prints a
line each; the exit code is 1 when any of them differs.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import write_fruit
from tools.store import sha256
from tools.trace import read_trace

ROOT = Path(__file__).parents[1]
Kept = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Killed:
    """What became of one run that was killed."""

    after_s: float
    stage: str
    """The last node that had ended."""
    ended: bool
    """It was too late to kill it."""
    same: bool
    """All artefacts are those of a run that was not killed."""
    repeated_calls: int
    repeated_trainings: int

    @property
    def good(self) -> bool:
        """Whether the kill did no harm."""
        return self.same and not self.repeated_calls and not self.repeated_trainings


def command(run_dir: Path, data: Path | None = None) -> list[str]:
    """Start a run, or resume it."""
    return [sys.executable, "-m", "tests.scripted_run", str(run_dir), *([str(data)] if data else [])]


def artefacts(run_dir: Path) -> dict[str, str]:
    """Hashes of the model, its C sources and the sketch."""
    found = [
        run_dir / "model" / "model.tflite",
        *(run_dir / "model" / "c").rglob("*"),
        *(run_dir / "firmware").rglob("*"),
    ]
    files = [path for path in found if path.suffix in (".tflite", ".c", ".h", ".cpp", ".ino")]
    return {str(path.relative_to(run_dir)): sha256(path) for path in files}


def trainings(run_dir: Path) -> Kept:
    """Finished trainings; a training that is repeated writes its file again."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in run_dir.glob("search/cache/*.json")}


def kill(run_dir: Path, data: Path, moments: Sequence[float], reference: dict[str, str]) -> Killed:
    """Start a run and kill it at each of `moments` (seconds of work since the last one), resume it, and compare."""
    finished: Kept = {}
    ended = False
    for after_s in moments:
        since = time.time() - 0.05  # the clock of the file system is coarser
        process = subprocess.Popen(command(run_dir, None if (run_dir / "run.json").exists() else data), cwd=ROOT)
        while process.poll() is None and not at_work(run_dir, since):
            time.sleep(0.005)
        time.sleep(after_s)
        ended = process.poll() is not None
        process.kill()
        process.wait()
        finished |= {name: kept for name, kept in trainings(run_dir).items() if name not in finished}
    nodes = [span.name for span in read_trace(run_dir / "trace.jsonl") if span.kind == "node"]
    subprocess.run(command(run_dir), cwd=ROOT, check=True, timeout=400)
    now = trainings(run_dir)
    return Killed(
        after_s=round(sum(moments), 2),
        stage=nodes[-1] if nodes else "open",
        ended=ended,
        same=artefacts(run_dir) == reference,
        repeated_calls=repeated_calls(run_dir),
        repeated_trainings=sum(now.get(name) != kept for name, kept in finished.items()),
    )


def at_work(run_dir: Path, since: float) -> bool:
    """Whether a process that was started at `since` works on the run: its first checkpoint is there, and its lock."""
    lock = run_dir / ".lock"
    return (run_dir / "run.json").exists() and lock.stat().st_mtime >= since


def repeated_calls(run_dir: Path) -> int:
    """Model calls with the same inputs that were made more than once."""
    lines = (run_dir / "calls.jsonl").read_text().splitlines()
    keys = Counter(json.loads(line)["key"] for line in lines)
    made = Counter(
        json.dumps([span.name, span.inputs], sort_keys=True)
        for span in read_trace(run_dir / "trace.jsonl")
        if span.kind == "model" and span.usage
    )
    assert len(keys) >= 4, (
        "planner, data, architect and firmware were asked; the validator only where a budget is broken"
    )
    return sum(count - 1 for count in keys.values()) + sum(count - 1 for count in made.values())


def whole(run_dir: Path, data: Path) -> float:
    """A run that nobody kills; its seconds from the first checkpoint to the end."""
    process = subprocess.Popen(command(run_dir, data), cwd=ROOT)
    while not (run_dir / "run.json").exists():
        assert process.poll() is None, "it ended before it began"
        time.sleep(0.005)
    started = time.monotonic()
    assert process.wait(400) == 0
    return time.monotonic() - started


def tell(line: str) -> None:
    """A line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(runs: int, seed: int = 1) -> int:
    """Kill `runs` runs at moments drawn evenly over a whole one, and print what became of them."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        data = write_fruit(Path(folder))
        seconds = whole(Path(folder) / "whole", data)
        reference = artefacts(Path(folder) / "whole")
        tell(f"not killed: {seconds:.1f} s, {len(reference)} artefacts")
        good = tried = late = 0
        while tried < runs:
            killed = kill(Path(folder) / f"run{tried + late}", data, [rng.uniform(0, seconds)], reference)
            if killed.ended:  # runs are quicker when the files are in memory: draw again, from less
                late, seconds = late + 1, min(seconds, killed.after_s)
                continue
            tried, good = tried + 1, good + killed.good
            tell(f"{tried:>3}  {killed}")
        tell(f"{good} of {runs} resumed to the same artefacts, nothing finished was repeated")
    return 0 if good == runs else 1


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
