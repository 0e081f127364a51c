"""Run an outside program: argument list, time limit, own process group, captured output, never a shell."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tools.errors import Setup
from tools.trace import span


class Completed(BaseModel):
    """What an outside program left: its exit code, text output and how long it ran."""

    model_config = ConfigDict(frozen=True)

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False


def find(program: str, mend: str = "make setup") -> Path:
    """Absolute path of `program` on PATH; raises Setup naming the command that installs it."""
    found = shutil.which(program)
    if found is None:
        raise Setup(f"{program} is not installed", mend)
    return Path(found)


def run(
    argv: Sequence[str | Path],
    *,
    timeout_s: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> Completed:
    """Run `argv` to its end or to `timeout_s`; the whole process group dies with it.

    `env` is added to the environment. Output is decoded as UTF-8 with replacement. A non-zero exit
    is data, not an exception; a missing program raises Setup.
    """
    args = [str(a) for a in argv]
    name = Path(args[0]).name
    with span(name, kind="process", inputs={"argv": args}) as hop:
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                args,
                cwd=cwd,
                env={**os.environ, **env} if env else None,
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            if cwd is not None and not cwd.is_dir():
                raise  # the folder is missing, not the program
            raise Setup(f"{name} is not installed") from error
        timed_out = False
        try:
            out, err = process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            timed_out = True
            _kill_group(process)
            out, err = process.communicate()
        except BaseException:  # Ctrl-C: leave no child behind, then let it pass
            _kill_group(process)
            process.communicate()
            raise
        completed = Completed(
            argv=tuple(args),
            returncode=process.returncode,
            stdout=out.decode(errors="replace"),
            stderr=err.decode(errors="replace"),
            seconds=time.monotonic() - started,
            timed_out=timed_out,
        )
        hop.outputs = {"returncode": completed.returncode, "timed_out": timed_out}
        return completed


@contextlib.contextmanager
def running(argv: Sequence[str | Path], *, cwd: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Keep `argv` running, its output thrown away, for as long as the block lasts; its process group ends with it."""
    args = [str(a) for a in argv]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(args, cwd=cwd, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        yield process
    finally:
        _kill_group(process)
        process.wait()


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
