"""The self-test's word on live inferences: what went into the network and came out, compared with TFLM.

After the line "~!" the board prints for each inference "~!", a digest of the INT8 input in hex, and the INT8 outputs in
hex. A wrong scale, zero point or order of the input is told so even where it changes no result.
"""

from collections.abc import Sequence

import numpy as np

from tools.artifacts import SerialLine

REQUEST = "~!"
_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193
REACH_MS = 80
"""How far an inference may be off in time."""


def live_answer(window: np.ndarray, logits: np.ndarray) -> str:
    """What the board must say of an inference: INT8 input (any shape) and outputs (classes,).

    The digest is FNV-1a of 32 bits (draft-eastlake-fnv).
    """
    digest = _FNV_OFFSET
    for byte in window.astype(np.int8).tobytes():
        digest = (digest ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return f"{REQUEST}{digest:08x}{logits.astype(np.int8).tobytes().hex()}"


def compare_live(times: Sequence[int], wanted: Sequence[str | None], serial: Sequence[SerialLine]) -> tuple[str, int]:
    """What is wrong with the board's inferences ("" nothing), and how many were compared byte for byte.

    `times` (ms) and `wanted`: those of all inferences, in order; None where rounding may differ.
    """
    said = [line for line in serial if line.text.startswith(REQUEST)]
    compared = 0
    for k, (t_ms, want) in enumerate(zip(times, wanted, strict=True)):
        if k >= len(said):
            return f"no inference at {t_ms} ms, after {len(said)} of them", compared
        line = said[k]
        if abs(line.t_ms - t_ms) > REACH_MS:
            return f"inference {k + 1} came at {line.t_ms} ms, demanded at {t_ms} ms", compared
        if want is None:
            continue
        compared += 1
        if line.text.lower() != want:
            head = len(REQUEST) + 8
            what = "input" if line.text.lower()[:head] != want[:head] else "outputs"
            return f"at {line.t_ms} ms the network's {what} was not that of the readings shown", compared
    extra = len(said) - len(times)
    return (f"{extra} inferences too many" if extra > 1 else ""), compared
