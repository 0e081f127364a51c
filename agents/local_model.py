"""The local model: llama.cpp in a process of its own, serving the OpenAI chat API on loopback.

Started at the first question, once per process, and ended with it. One slot: on a CPU several samples side by side
take as long as one after the other (measured), and llama.cpp keeps the prompts of other roles in
memory by itself. A fixed system prompt is kept on disk as well, since reading 2,000 tokens takes
half a minute and restoring them 10 ms.
"""

import atexit
import hashlib
import json
import os
import threading
import time
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from agents.llama_process import CONTEXT_TOKENS, LlamaProcess
from tools.progress import report
from tools.toolchain import cache_dir, model_path

KEPT_PREFIXES = 16
"""Prompt prefixes on disk; the ones used longest ago go first. A prompt of 2,000 tokens takes 57 MB."""


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
        self._server = LlamaProcess(weights, prefixes, threads or _physical_cores())
        self.address: str = self._server.address

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
        """End the server."""
        self._server.stop()

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
