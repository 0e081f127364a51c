"""Put compiled firmware on a board with arduino-cli, which calls the vendor's own upload tool."""

import contextlib
import json
from pathlib import Path

from hw.board import Board
from tools.artifacts import Build
from tools.cores import AVR, core_env, is_distributions
from tools.errors import Setup
from tools.process import Completed, find, run
from tools.progress import report
from tools.toolchain import arduino_cli

TIMEOUT_S = 300.0


def upload(build: Build, board: Board, sketch_dir: Path, port: str) -> str:
    """Upload the firmware of `build` (of the vendor's core) to the board on `port`.

    Returns the port on which the board came back: one with its own USB may get another name. Raises Setup when the
    upload tool did not reach the board, with what it said last.
    """
    report("upload", f"to {board.name} on {port}")
    command: list[str | Path] = [arduino_cli(), "upload", "--json", "--fqbn", build.fqbn, "--port", port]
    env = core_env(board)
    command += ["--input-dir", Path(build.elf).parent, *_tool(board, env), sketch_dir]
    done = run(command, timeout_s=TIMEOUT_S, env=env)
    answer = _answer(done)
    if done.timed_out:
        raise Setup(f"the upload to {port} did not finish within {TIMEOUT_S:.0f} s", _mend(port))
    if done.returncode != 0:
        raise Setup(f"the upload to {port} failed: {_reason(answer, done)}", _mend(port))
    came_back = (answer.get("updated_upload_port") or {}).get("address")
    return str(came_back) if came_back else port


def _tool(board: Board, env: dict[str, str]) -> list[str]:
    """Where the upload tool is, for a core that came without it: the distribution's AVR core."""
    if not board.fqbn.startswith(AVR) or not is_distributions(env):
        return []
    avrdude = find("avrdude", "apt-get install avrdude (or arduino-cli core install arduino:avr, which brings its own)")
    return ["--upload-property", f"runtime.tools.avrdude.path={avrdude.parent.parent}"]


def _answer(done: Completed) -> dict:
    for text in (done.stdout, done.stderr):  # of a failure it is on stderr
        with contextlib.suppress(json.JSONDecodeError):
            answer = json.loads(text)
            return answer if isinstance(answer, dict) else {}
    return {}


def _reason(answer: dict, done: Completed) -> str:
    """What the upload tool said last; arduino-cli's own word where it said nothing."""
    output = answer.get("output") or {}
    said = str(output.get("stderr") or answer.get("stderr") or "") + str(output.get("stdout") or "")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    last = (errors or lines or [""])[-1]
    own = str(answer.get("error") or done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    return f"{last} ({own})" if last else own


def _mend(port: str) -> str:
    return f"close other programs that use {port}, press the board's reset button twice, and repeat"
