"""A run that is killed three times resumes to the same artefacts; twenty kills: `python -m tests.kills 20`."""

from pathlib import Path

import pytest

from tests.graph.conftest import Watched
from tests.kills import artefacts, kill

pytestmark = pytest.mark.toolchain


def test_kill_9_does_no_harm(watched: Watched, tmp_path: Path) -> None:
    reference = artefacts(watched.run_dir)
    assert {"model/model.tflite"} < set(reference)
    moments = [0.35 * seconds(watched.run_dir)] * 3
    killed = kill(tmp_path / "run", watched.data, moments, reference)
    assert killed.good, killed


def seconds(run_dir: Path) -> float:
    """How long the run took from its first checkpoint to its last file."""
    return (run_dir / "result.json").stat().st_mtime - (run_dir / "run.json").stat().st_mtime
