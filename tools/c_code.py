"""Full-INT8 .tflite -> standalone C: bakenn's compiler with our arena layout, flattened into one folder.

The folder compiles as it is: every include is a file beside it, so it needs no -I flags and can stand anywhere below an
Arduino sketch's src/. The code runs on a host, on Cortex-M4/M7 (with CMSIS-NN) and on AVR (constants stay in flash).
"""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.arena import ALIGNMENT
from tools.errors import BadInput
from tools.features import c_float
from tools.kernels import SYMBOL, compile_tflite, depthwise_kernels
from tools.quantise import Affine
from tools.store import write_text

# Pointers to constants in the generated kernels: on AVR they must point into flash.
_CONSTANT = re.compile(
    r"const (int8_t|int32_t) (\*(?:weight|bias|multiplier|shift|channel_weight|pair_weight|pair|tail_weight)\b"
    rf"|{SYMBOL}_(?:constant|packed)_\d+\[|{SYMBOL}_op\d+_(?:multiplier|shift)\[)"
)
_CMSIS_CALL = re.compile(r"\b(arm_\w+)\(")


@dataclass(frozen=True)
class Code:
    """What the generated C needs on the device."""

    arena_bytes: int
    constant_bytes: int
    input_bytes: int
    output_bytes: int
    input: Affine
    output: Affine
    kernels: tuple[str, ...]
    """Of each operation."""


def generate(tflite: bytes, c_dir: Path, cmsis: bool) -> Code:
    """Write the C of a .tflite file to `c_dir` (replaced): model.h, model.c and what they need.

    `cmsis` uses the CMSIS-NN kernels of a core with DSP extension (Cortex-M4, M7) where they are exact.
    Raises BadInput when the model uses something that the C compiler does not know.
    """
    from bakenn.errors import BakeNNError

    with tempfile.TemporaryDirectory() as folder:
        try:
            made = compile_tflite(tflite, Path(folder) / "c", cmsis)
        except BakeNNError as error:
            raise BadInput(f"the model cannot run on a microcontroller: {error}") from error
        code = _describe(made)
        shutil.rmtree(c_dir, ignore_errors=True)
        _flatten(Path(folder) / "c", c_dir)
    _keep_needed(c_dir, depthwise_kernels(made.backend_plan.execution_plan))
    write_text(c_dir / "model.h", _header(code))
    write_text(c_dir / "model.c", _source(code))
    return code


def _describe(made: Any) -> Code:
    report, plan = made.memory_report, made.backend_plan.execution_plan
    ends = [plan.tensors[names[0]].tensor_type.qparams for names in (plan.inputs, plan.outputs)]
    return Code(
        arena_bytes=report.arena_bytes,
        constant_bytes=report.emitted_constant_payload_bytes,
        input_bytes=report.input_bytes,
        output_bytes=report.output_bytes,
        input=Affine(ends[0].scale, ends[0].zero_point),
        output=Affine(ends[1].scale, ends[1].zero_point),
        kernels=tuple(s.kernel_id for s in made.backend_plan.selections),
    )


def _flatten(made: Path, c_dir: Path) -> None:
    """Copy the C files of all folders into one, so that quoted includes resolve beside the including file."""
    for path in sorted(made.rglob("*")):
        if path.suffix in (".c", ".h"):
            text = path.read_text(encoding="utf-8")
            if path.name.startswith(SYMBOL):
                text = _in_flash(path.name, text)
            elif path.name == "arm_nn_math_types.h":
                text = _CMSIS_MACROS + text
            write_text(c_dir / path.name, text)
        elif path.name == "LICENSE.txt":
            write_text(c_dir / f"LICENSE_{path.parent.name}.txt", path.read_text(encoding="utf-8"))


def _keep_needed(c_dir: Path, depthwise: frozenset[str]) -> None:
    """Call the one depthwise kernel that the layers use, and drop sources that nothing calls.

    CMSIS-NN's wrapper chooses at run time between kernels of 1 to 2 kB each, and so links them all.
    """
    kernels = c_dir / f"{SYMBOL}_kernels.c"
    text = kernels.read_text(encoding="utf-8")
    if len(depthwise) == 1:
        text = text.replace("arm_depthwise_conv_wrapper_s8", next(iter(depthwise)))
        write_text(kernels, text)
    sources = {path.stem: path.read_text(encoding="utf-8") for path in c_dir.glob("arm_*.c")}
    needed: set[str] = set()
    found = set(_CMSIS_CALL.findall(text)) & set(sources)
    while found:
        needed |= found
        found = {name for done in found for name in _CMSIS_CALL.findall(sources[done])} & set(sources) - needed
    for name in set(sources) - needed:
        (c_dir / f"{name}.c").unlink()


def _in_flash(name: str, text: str) -> str:
    """Mark constants, and pointers to them, so that on AVR they stay in flash instead of being copied to RAM."""
    marked = _CONSTANT.sub(r"const MODEL_FLASH \1 \2", text)
    if name == f"{SYMBOL}.h":
        return marked.replace("#include <stdint.h>\n", "#include <stdint.h>\n\n" + _FLASH_MACRO, 1)
    if name.endswith(("_kernels.h", "_weights.h")):
        return marked.replace("\n\n", f'\n\n#include "{SYMBOL}.h"\n', 1)
    return marked


# Arduino passes no -D flags of ours, so they stand in the header.
_CMSIS_MACROS = """/* Keeps the fixed-width loads of the DSP kernels from becoming library calls. */
#define BAKENN_CMSIS_NN_BUILTIN_MEMORY 1
#if !defined(__arm__) /* a host: the same kernels in plain C, for the parity check */
#define __GNUC_PYTHON__ 1
#define __RESTRICT __restrict
#endif
"""
_FLASH_MACRO = """/* Where constants stand: AVR needs an address space of its own to read them from flash. */
#if defined(__AVR__)
#define MODEL_FLASH __flash
#else
#define MODEL_FLASH
#endif
"""


def _header(code: Code) -> str:
    return f"""/* INT8 model: `model_infer` computes logits; made by tinysmith from model.tflite. */
#ifndef TINYSMITH_MODEL_H
#define TINYSMITH_MODEL_H

#include <math.h>
#include <stdint.h>

#define MODEL_INPUT_BYTES {code.input_bytes}
#define MODEL_CLASSES {code.output_bytes}
#define MODEL_INPUT_SCALE {c_float(code.input.scale)}
#define MODEL_INPUT_ZERO_POINT ({code.input.zero_point})
#define MODEL_OUTPUT_SCALE {c_float(code.output.scale)}
#define MODEL_OUTPUT_ZERO_POINT ({code.output.zero_point})
#define MODEL_ARENA_BYTES {code.arena_bytes}

#ifdef __cplusplus
extern "C" {{
#endif

/* Input: MODEL_INPUT_BYTES codes, channels last. Output: MODEL_CLASSES codes of logits. They must not overlap. */
void model_infer(const int8_t *input, int8_t *output);

/* Code of a real input value; halves away from zero, saturating; NaN becomes -128. */
static inline int8_t model_quantise(float value) {{
    const float code = value / MODEL_INPUT_SCALE;
    if (!(code > (float)(-128 - MODEL_INPUT_ZERO_POINT))) return -128;
    if (code >= (float)(127 - MODEL_INPUT_ZERO_POINT)) return 127;
    return (int8_t)(lroundf(code) + MODEL_INPUT_ZERO_POINT);
}}

/* Real value (logit) of an output code. */
static inline float model_dequantise(int8_t code) {{
    return (float)(code - MODEL_OUTPUT_ZERO_POINT) * MODEL_OUTPUT_SCALE;
}}

#ifdef __cplusplus
}}
#endif

#endif
"""


def _source(code: Code) -> str:
    arena = f"static _Alignas({ALIGNMENT}) uint8_t arena[MODEL_ARENA_BYTES];\n\n" if code.arena_bytes else ""
    pointer = "arena" if code.arena_bytes else "0"
    return f"""#include "model.h"

#include "{SYMBOL}.h"

{arena}void model_infer(const int8_t *input, int8_t *output) {{
    {SYMBOL}_infer({pointer}, input, output);
}}
"""
