"""A pool of worker processes that stays alive over rounds, survives a killed worker, and ends with Ctrl-C.

Not concurrent.futures: there a worker that is killed (out of memory) breaks the pool and every task in it; here only
its own task is tried again. Importing torch takes seconds, so the processes are kept for the next round.
"""

import atexit
import importlib
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import psutil

from tools.errors import TinysmithError

WORKER_BYTES = 1 << 30
"""Memory of a process that trains a small network: torch alone takes a third of it."""

Tell = Callable[[Any], None]
Task = Callable[[Any, Tell], Any]
"""A module-level function (argument, tell) -> result; all three must be picklable."""


@dataclass(frozen=True)
class Died:
    """The result of a task whose worker was killed, twice."""

    reason: str


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int | None = None
    ready: bool = False


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Up to `count` processes; each takes one task at a time, and imports the modules of `preload` first."""

    def __init__(self, count: int, preload: tuple[str, ...] = ()) -> None:
        self.count = count
        self.preload = preload
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()

    def run(self, task: Task, arguments: Sequence[Any], on_tell: Callable[[int, Any], None] | None = None) -> list[Any]:
        """Results in the order of `arguments`: what `task` returned, the TinysmithError it raised, or Died.

        `on_tell` hears (index, message) of everything a task tells. Any other exception in a task is a bug and is
        raised here with the worker's traceback. On Ctrl-C the processes are killed.
        """
        with self._lock:
            try:
                return self._run(task, arguments, on_tell or (lambda index, message: None))
            except BaseException:
                self.close()
                raise

    def start(self, count: int | None = None) -> None:
        """Start processes ahead of need, without waiting for them."""
        while len(self._workers) < min(self.count, count or self.count):
            context = get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, self.preload), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def close(self) -> None:
        """Kill the processes."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()

    def _run(self, task: Task, arguments: Sequence[Any], on_tell: Callable[[int, Any], None]) -> list[Any]:
        results: dict[int, Any] = {}
        tries = dict.fromkeys(range(len(arguments)), 0)
        waiting = deque(tries)
        while len(results) < len(arguments):
            self.start(min(self.count, len(arguments) - len(results)))
            for worker in self._workers:
                if worker.task is None and waiting:
                    worker.task = waiting.popleft()
                    tries[worker.task] += 1
                    self._send(worker, (task, arguments[worker.task]))
            busy = {worker.pipe: worker for worker in self._workers if worker.task is not None}
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                worker = busy[pipe]
                index = worker.task
                assert index is not None
                outcome = self._receive(worker, partial(on_tell, index))
                if isinstance(outcome, Died) and tries[index] < 2:
                    waiting.append(index)
                elif outcome is not None:
                    results[index] = outcome[0] if isinstance(outcome, tuple) else outcome
        return [results[index] for index in range(len(arguments))]

    def _send(self, worker: _Worker, message: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it died while idle: reading its pipe will say so
            worker.pipe.send(message)

    def _receive(self, worker: _Worker, on_tell: Callable[[Any], None]) -> tuple[Any] | Died | None:
        """One message: (result,) when the task ended, Died when the worker did, None when it only told something."""
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            self._workers.remove(worker)
            worker.pipe.close()
            if not worker.ready:
                raise RuntimeError(
                    f"a worker process ended with {worker.process.exitcode} before it could work: a script that trains "
                    'needs `if __name__ == "__main__":` around its calls'
                ) from None
            return Died(_how(worker.process.exitcode))
        if kind == "ready":
            worker.ready = True
        elif kind == "tell":
            on_tell(value)
        elif kind == "bug":
            raise RuntimeError(f"in a worker process:\n{value}")
        else:
            worker.task = None
            return (value,)
        return None


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"the process was killed by {signal.Signals(-exitcode).name}, perhaps for lack of memory"
    return f"the process ended with exit code {exitcode}"


def _work(pipe: Connection, preload: tuple[str, ...]) -> None:
    """Life of a worker: until the pipe closes. Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in preload:
        importlib.import_module(module)
    try:
        pipe.send(("ready", None))
        while True:
            task, argument = pipe.recv()
            try:
                result = task(argument, lambda message: pipe.send(("tell", message)))
            except TinysmithError as error:
                result = error
            except (EOFError, BrokenPipeError):
                return
            except BaseException:
                pipe.send(("bug", traceback.format_exc()))
                continue
            pipe.send(("done", result))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone


_shared: Workers | None = None


def shared_workers() -> Workers:
    """The pool of this process for training, as many workers as cores and memory allow; closed at exit.

    `shared_workers().start()` while a model is still thinking saves the seconds in which they import torch.
    """
    global _shared
    if _shared is None:
        room = psutil.virtual_memory().available // WORKER_BYTES
        _shared = Workers(max(1, min(cores(), room)), preload=("tools.fitting", "tools.network"))
        atexit.register(_shared.close)
    return _shared
