"""A run's firmware on a real board: compile with the vendor's core, upload, and the golden vectors over its port.

What it does not show: that the board does what was asked; the emulated board's checks did, and the live view lets a
person look.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hw.board import Board, boards
from tools.artifacts import Artifact, Build, Converted, Firmware, Parity, SerialLine, TaskSpec
from tools.compile import REAL_BUILD, compile_sketch
from tools.errors import BadInput, Fixable, Setup, TinysmithError
from tools.golden import codes_of, golden_samples
from tools.identity import Identity, hashes, read_identity, write_identity
from tools.live_board import live_board
from tools.parity import random_codes
from tools.progress import report
from tools.selftest import WHO, compare, questions, read_answer
from tools.selftest import read_identity as told_identity
from tools.serial_link import SerialLink, Unplugged, open_link
from tools.sketch import BAUD
from tools.stimuli import NONE, read_stimuli

EMULATED = "emulated"
"""In place of a port: the emulated board on a pseudo-terminal, to try all but the upload without a board."""
BOOT_S = 15.0
"""From upload or opening the port to the first answer: reset, bootloader and the sensor's start."""
_ASK_AGAIN_S = 0.7
_ANSWER_S = 5.0
"""For one inference and the host's own delays, besides the bytes' time on the line."""
_REPEATS = 3
_QUIET_S = 0.5


class Flashed(Artifact):
    """What became of one flash: RUN/flash.json."""

    run: str
    status: str
    """done, or the word of the exit code."""
    board: str
    port: str
    fqbn: str
    uploaded: bool
    identity: Identity
    """As the board told it."""
    parity: Parity
    repeats: int
    """Vectors that were sent again because the line had lost bytes."""
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    """Both of the vendor's core; None when nothing was compiled."""
    seconds: dict[str, float]
    serial: tuple[SerialLine, ...] = ()
    """Of the live view; times are since the port was opened."""
    error: str | None = None


@dataclass(frozen=True)
class Target:
    """A run's firmware and what the board must answer."""

    run_dir: Path
    board: Board
    spec: TaskSpec
    sketch: Path
    identity: Identity
    lines: list[str]
    """The self-test's questions."""
    expected: NDArray[np.int8]
    """TFLM's outputs for them, (N, classes)."""


def load_target(run_dir: Path, spec: TaskSpec, firmware: Firmware, converted: Converted, edited: bool) -> Target:
    """What the run's folder holds for its board; `edited`: take its sketch although it was changed since the run.

    Raises BadInput when the sketch is not there or is not the run's.
    """
    sketch = run_dir / firmware.sketch
    arrays = run_dir / "data" / "arrays.npz"
    size = int(np.prod(converted.input_shape))
    codes = codes_of(golden_samples(arrays), converted) if arrays.is_file() else random_codes(size)
    lines, expected = questions(codes, converted, run_dir / converted.tflite)
    return Target(run_dir, boards()[spec.board], spec, sketch, _identity(sketch, spec, edited), lines, expected)


def _identity(sketch: Path, spec: TaskSpec, edited: bool) -> Identity:
    if not (sketch / f"{sketch.name}.ino").is_file():
        raise BadInput(f"the sketch of this run is not at {sketch} any more: draft it again with `tinysmith firmware`")
    known = read_identity(sketch, spec.name, spec.board)
    if edited:
        write_identity(sketch)
        known = read_identity(sketch, spec.name, spec.board)
    if known is None:
        raise BadInput(f"{sketch} is of an older tinysmith and cannot say what it is: draft it again with `firmware`")
    if (known.model, known.sketch) != hashes(sketch):
        raise BadInput(
            f"{sketch} was edited since the run, so it is not what was checked on the emulated board: "
            "draft it again with `tinysmith firmware`, or take it as it is with --edited"
        )
    return known


def compile_real(target: Target) -> Build:
    """The run's sketch, as it is, with the vendor's core, in a build folder of its own.

    Raises Setup when the core or the sensor's library is missing, Fixable when the core refuses the sketch.
    """
    report("compile", f"{target.spec.name} with the core of {target.board.fqbn}")
    build = compile_sketch(target.sketch, target.board, target.run_dir / REAL_BUILD, "real")
    return _whole(build)


def _whole(build: Build) -> Build:
    if build.ok:
        return build
    first = build.diagnostics[0] if build.diagnostics else None
    what = f"{first.message} ({Path(first.file).name}:{first.line})" if first else "it gave no reason"
    raise Fixable(f"the core of {build.fqbn} does not compile the sketch: {what}", diagnostics=build.diagnostics)


@contextlib.contextmanager
def rehearsal(target: Target) -> Iterator[str]:
    """The port of an emulated board that runs the sketch in real time; the run's stimuli pass before its sensors."""
    report("compile", f"{target.spec.name} for the emulated {target.board.name}")
    build = _whole(compile_sketch(target.sketch, target.board, target.run_dir / "build"))
    stimuli = target.run_dir / "build" / "stimuli.csv"
    seen = read_stimuli(stimuli) if stimuli.is_file() else NONE
    with live_board(Path(build.elf), target.board, target.run_dir / "build" / "live", stimuli=seen) as port:
        yield str(port)


def connect(target: Target, port: str, uploaded: bool) -> tuple[SerialLink, Identity]:
    """Open the port and have the firmware say that it is the run's; waits while the board restarts.

    Raises Setup when the port is not there or went away for good, Fixable when nothing answers, and when another
    sketch does: Fixable after an upload, else BadInput.
    """
    report("connect", f"waiting for the board on {port}")
    end = time.monotonic() + BOOT_S
    while True:
        link = open_link(port, BAUD, end - time.monotonic() if uploaded else 0.0)
        try:
            told = _ask_identity(link, end)
        except Unplugged:  # a board with its own USB goes away once more when its firmware starts
            link.close()
            if not uploaded or time.monotonic() > end:
                raise
            continue
        except BaseException:
            link.close()
            raise
        if told is None or told != target.identity:
            link.close()
            raise _other(target, port, told, uploaded)
        return link, told


def _ask_identity(link: SerialLink, end: float) -> Identity | None:
    """Who the board says it is; None for firmware whose self-test cannot tell. Raises Fixable when nobody answers."""
    said = ""
    while time.monotonic() < end:
        link.send("")  # ends what noise or another program has left on the line
        link.send(WHO)
        again = time.monotonic() + _ASK_AGAIN_S
        while (line := link.receive(max(0.0, again - time.monotonic()))) is not None:
            if told := told_identity(line.text):
                return told
            if read_answer(line.text) is not None:
                return None
            said = line.text.strip() or said
    heard = f"it said '{said[:80]}'" if said else "it said nothing"
    raise Fixable(
        f"nothing on {link.port} answers the self-test ({heard} within {BOOT_S:.0f} s): "
        "is it this run's firmware, with its self-test, and does its sensor answer?"
    )


def _other(target: Target, port: str, told: Identity | None, uploaded: bool) -> TinysmithError:
    runs = f"runs {told}" if told else "runs an older tinysmith sketch"
    message = f"the board on {port} {runs}, not this run's {target.identity}"
    if uploaded:
        return Fixable(f"{message}: the upload did not take")
    return BadInput(f"{message}: upload this one by leaving --no-upload away")


def check_vectors(target: Target, link: SerialLink, where: str) -> tuple[Parity, int, list[SerialLine]]:
    """Golden vectors through the board: the proof, how many were sent again, and what the board said besides.

    A vector that the board did not get whole is sent again, at most three times. Raises Unplugged, and Fixable when
    the board stops answering.
    """
    answers: list[NDArray[np.int8]] = []
    besides: list[SerialLine] = []
    repeats = 0
    for i, line in enumerate(target.lines):
        report("golden", "vectors over the serial port", i, len(target.lines))
        for attempt in range(_REPEATS + 1):
            try:
                answer = _ask(link, line, besides)
            except Unplugged as error:
                raise Setup(
                    f"the board on {link.port} was unplugged after {i} of {len(target.lines)} golden vectors",
                    error.mend,
                ) from error
            if answer is not None and len(answer) > 0:
                break
            repeats += attempt < _REPEATS
            besides += watch(link, _QUIET_S)  # a late answer must not pass for the next one's
        if answer is None:
            raise Fixable(f"the board on {link.port} stopped answering after {i} of {len(target.lines)} golden vectors")
        answers.append(answer)
    report("golden", "vectors over the serial port", len(target.lines), len(target.lines))
    return compare(answers, target.expected, where), repeats, besides


def _ask(link: SerialLink, line: str, besides: list[SerialLine]) -> NDArray[np.int8] | None:
    link.send(line)
    end = time.monotonic() + _ANSWER_S + len(line) * 10 / BAUD
    while (got := link.receive(max(0.0, end - time.monotonic()))) is not None:
        answer = read_answer(got.text)
        if answer is not None:
            return answer
        if told_identity(got.text) is None:
            besides.append(got)
    return None


def watch(link: SerialLink, seconds: float | None) -> Iterator[SerialLine]:
    """What the application prints, as it comes, for `seconds` or without end. Raises Unplugged."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        line = link.receive(min(0.2, left))
        if line is not None and read_answer(line.text) is None and told_identity(line.text) is None:
            yield line
