"""The process that llama.cpp runs in, in its own session: Ctrl-C ends the run and not a half-loaded model.

Inside the person's process a signal that came while the weights were loading left llama.cpp waiting for ever in about
one of eight trials, whatever the handlers, and its threads shared OpenMP's settings with torch.
"""

import os
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hw.packages import packages
from tools.errors import Setup

CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 2048
"""Where an answer ends when the request sets no max_tokens; else it could run on until the context is full."""
PROMPT_MEMORY_MIB = 1024
"""For prompts that are not in the slot at the moment; 28 KiB a token, so about 36,000 tokens."""
BATCH_TOKENS = 128
"""Tokens between two looks at whether the client is still there: bounds the wait after Ctrl-C. No slower than 512."""
SPIN = "1000"
"""GOMP_SPINCOUNT. By default OpenMP's threads spin at each barrier: next to one other busy process on 2 cores that
makes 0.7 tokens/s, with this 8 to 12; alone it costs less than a fifth."""
LOADING_S = 300
"""Longest time to wait for the weights; 2 to 5 s are usual, minutes on a machine that is busy with other things."""
STOPPING_S = 2


class LlamaProcess:
    """A llama.cpp server for one GGUF in a child process, listening at `address` once constructed."""

    def __init__(self, weights: Path, prefixes: Path, threads: int) -> None:
        """Start and wait until the weights are loaded. Raises Setup when llama.cpp cannot read them."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, str(weights), str(prefixes), threads), name="llama.cpp", daemon=True
        )
        self._process.start()
        theirs.close()
        try:
            answer = self._pipe.recv() if self._pipe.poll(LOADING_S) else ("slow", f"not loaded in {LOADING_S} s")
        except EOFError:
            answer = ("failed", f"the process ended with code {self._process.exitcode}")
        except BaseException:
            self.stop()
            raise
        if answer[0] != "ready":
            self.stop()
            raise Setup(
                f"llama.cpp cannot load {weights} ({answer[1]})",
                "wait until the machine is less busy, then resume"
                if answer[0] == "slow"
                else "remove the file, then make setup; or set TINYSMITH_MODEL_PATH",
            )
        self.address: str = answer[1]

    def stop(self) -> None:
        """End the process, also in the middle of an answer."""
        self._process.terminate()
        self._process.join(STOPPING_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, weights: str, prefixes: str, threads: int) -> None:
    """Load and serve until the parent is gone: its end of the pipe closes with it, however it ended."""
    os.setsid()
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN)  # read when OpenMP is loaded, which the next import does
    import xllamacpp

    try:
        server = xllamacpp.Server(_params(xllamacpp, weights, prefixes, threads))
    except RuntimeError as error:
        pipe.send(("failed", str(error)))
        return
    pipe.send(("ready", server.listening_address))
    with suppress(EOFError, OSError):
        pipe.recv()
    os._exit(0)  # nothing is left to tidy up, and llama.cpp would finish its answer first


def _params(xllamacpp: Any, weights: str, prefixes: str, threads: int) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = weights
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
    return params
