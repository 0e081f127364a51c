"""One whole run with the scripted model, watched by a LangSmith server on loopback, for every test that looks at it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.recorder import Recorder, recording
from tools.trace import Span, read_trace

ROOT = Path(__file__).parents[1]
SECRET = "correct-horse-battery"


@dataclass(frozen=True)
class Watched:
    """A finished run and what arrived at the server."""

    run_dir: Path
    data: Path
    recorder: Recorder
    spans: tuple[Span, ...] = ()
    """Of the run itself; tests that work on the folder add others to its trace."""

    def forgetful(self, folder: Path) -> Path:
        """A copy that remembers no answer of a model: what is redone from it is asked again."""
        return shutil.copytree(self.run_dir, folder, ignore=shutil.ignore_patterns("calls.jsonl"))


def watch(folder: Path, data: Path) -> Iterator[Watched]:
    """The run; its environment holds a secret that must be seen nowhere."""
    with recording() as recorder:
        tracing = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "key", "LANGSMITH_ENDPOINT": recorder.url}
        subprocess.run(
            [sys.executable, "-m", "tests.scripted_run", folder / "run", data],
            cwd=ROOT,
            env={**os.environ, **tracing, "OPENAI_API_KEY": SECRET},
            check=True,
            timeout=300,
        )
        spans = read_trace(folder / "run" / "trace.jsonl")
        yield Watched(folder / "run", data, recorder, tuple(spans))
