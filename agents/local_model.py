"""The local model: llama.cpp inside this process, serving the OpenAI chat API on loopback.

Started at the first question, once per process. One slot: on a CPU several samples side by side
take as long as one after the other (measured), and llama.cpp keeps the prompts of other roles in
memory by itself. A fixed system prompt is kept on disk as well, since reading 2,000 tokens takes
half a minute and restoring them 10 ms.
"""

import atexit
import hashlib
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hw.packages import packages
from tools.errors import Setup
from tools.progress import report
from tools.toolchain import cache_dir, model_path

CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 2048
"""Where an answer ends when the request sets no max_tokens; else it could run on until the context is full."""
PROMPT_MEMORY_MIB = 1024
"""For prompts that are not in the slot at the moment; 28 KiB a token, so about 36,000 tokens."""
BATCH_TOKENS = 128
"""Tokens between two looks at whether the client is still there: bounds the wait after Ctrl-C. No slower than 512."""
KEPT_PREFIXES = 16
"""Prompt prefixes on disk; the ones used longest ago go first. A prompt of 2,000 tokens takes 57 MB."""
SPIN = "1000"
"""GOMP_SPINCOUNT, while llama.cpp loads. By default OpenMP's threads spin at each barrier: next to one other busy
process on 2 cores that makes 0.7 tokens/s, with this 8 to 12; alone it costs less than a fifth."""


class LocalModel:
    """A llama.cpp server for one GGUF; serves from construction until `stop`."""

    def __init__(self, weights: Path, prefixes: Path, threads: int | None = None) -> None:
        """Load `weights` (2 to 5 s); `prefixes` is the folder of the prompts that are kept.

        Raises Setup when llama.cpp cannot read the file.
        """
        self.weights = weights
        self.prefixes = prefixes
        prefixes.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._in_slot = ""
        self._server: Any = _serve(weights, prefixes, threads or _physical_cores())
        self.address: str = self._server.listening_address

    def base_url(self) -> str:
        """Address for OpenAI clients; the key may be anything."""
        return f"{self.address}/v1"

    def remember(self, system: str) -> None:
        """Have the fixed system prompt `system` in the slot, so that the next question with it is answered at once.

        From disk when it was ever read before on this machine, else by reading it now and keeping it
        on disk. Only of use for prompts that are the same from run to run.
        """
        key = self._key(system)
        with self._lock:
            if key != self._in_slot and not self._restore(key):
                self._read(system)
                self._save(key)
            self._in_slot = key

    def stop(self) -> None:
        """End the server; its threads end with it."""
        self._server = None

    def _key(self, system: str) -> str:
        """All on which the saved state depends: a state of another model or version would be nonsense."""
        import xllamacpp

        stat = self.weights.stat()
        parts = (xllamacpp.__version__, self.weights.name, stat.st_size, stat.st_mtime_ns, CONTEXT_TOKENS, system)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def _read(self, system: str) -> None:
        report("model", "reading a prompt for the first time; it is kept")
        messages = [{"role": "system", "content": system}, {"role": "user", "content": ""}]
        self._post("/v1/chat/completions", {"messages": messages, "max_tokens": 1, "temperature": 0})

    def _save(self, key: str) -> None:
        part = f"{key}.{os.getpid()}.part"
        self._post("/slots/0?action=save", {"filename": part})
        (self.prefixes / part).replace(self.prefixes / f"{key}.kv")
        kept = sorted(self.prefixes.glob("*.kv"), key=lambda p: p.stat().st_mtime, reverse=True)
        # A process that was killed while it saved left half a file; an hour is more than any save takes.
        abandoned = [p for p in self.prefixes.glob("*.part") if p.stat().st_mtime < time.time() - 3600]
        for old in kept[KEPT_PREFIXES:] + abandoned:
            old.unlink(missing_ok=True)

    def _restore(self, key: str) -> bool:
        path = self.prefixes / f"{key}.kv"
        if not path.exists():
            return False
        try:
            self._post("/slots/0?action=restore", {"filename": path.name})
        except urllib.error.HTTPError:  # damaged: as if it had never been there
            path.unlink(missing_ok=True)
            return False
        path.touch()
        return True

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.address + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        # No proxy: the address is this machine's own.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=600) as answer:
            return json.loads(answer.read())


def _serve(weights: Path, prefixes: Path, threads: int) -> Any:
    with _spinning_little():
        import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {packages().model.name}
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.n_predict = ANSWER_TOKENS
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = PROMPT_MEMORY_MIB
    params.slot_save_path = f"{prefixes}{os.sep}"
    params.verbosity = 0
    params.ui = False
    # Any page in a browser of this machine could ask otherwise.
    params.cors_origins = "http://localhost"
    try:
        with _signals_later():
            return xllamacpp.Server(params)
    except RuntimeError as error:
        raise Setup(
            f"llama.cpp cannot load {weights} ({error})",
            "remove the file, then make setup; or set TINYSMITH_MODEL_PATH",
        ) from error


@contextmanager
def _signals_later() -> Iterator[None]:
    """Hold Ctrl-C back while llama.cpp loads (2 to 5 s): an exception raised inside it leaves it waiting for ever.

    Handlers and not a signal mask: other threads of the process would still take the signal. Python runs handlers in
    the main thread only, so in any other one there is nothing to hold back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {which: signal.getsignal(which) for which in (signal.SIGINT, signal.SIGTERM)}
    for which in before:
        signal.signal(which, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def _spinning_little() -> Iterator[None]:
    """OpenMP reads the variable when its library is loaded; afterwards it is as it was, for child processes."""
    before = os.environ.get("GOMP_SPINCOUNT")
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN)
    try:
        yield
    finally:
        if before is None:
            del os.environ["GOMP_SPINCOUNT"]


def _physical_cores() -> int:
    """Cores that this process may use; hyper-threads do not help, they share the unit that multiplies."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


_starting = threading.Lock()


def local_model() -> LocalModel:
    """The one of this process, started now when it is not running. Raises Setup when its weights are not there."""
    with _starting:
        return _started()


@cache
def _started() -> LocalModel:
    report("model", "loading the local model")
    model = LocalModel(model_path(), cache_dir() / "prefixes")
    atexit.register(model.stop)
    return model


def base_url() -> str:
    """Address of the local model for OpenAI clients."""
    return local_model().base_url()
