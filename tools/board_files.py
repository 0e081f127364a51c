"""Binary files between host and virtual board: stimuli in, trace out.

The other side is emulated_stimuli.cpp, emulated_serial.cpp, emulated_microphone.cpp, emulated_camera.cpp and
emulated_trace.h of the platform; little-endian.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tools.artifacts import PinEvent, SerialLine
from tools.stimuli import Stimuli

_MAGIC = b"STIM"
_SAMPLE_BYTES = 2
_RECORD = np.dtype([("t_ms", "<u4"), ("channel", "<u2"), ("reserved", "<u2"), ("value", "<f4")])
_TRACE_HEADER = struct.Struct("<IBBH")
_END = struct.Struct("<IIIIIQQII")
_SERIAL, _DIGITAL, _PWM, _TONE, _END_KIND, _ALIVE, _HEAP, _BAUD = range(8)
_MODES = {_DIGITAL: "digital", _PWM: "pwm", _TONE: "tone"}


@dataclass(frozen=True)
class End:
    """Last record of a trace: why the run ended."""

    status: int
    """0 done, 1 crash, 2 hang."""
    pc: int
    lr: int
    fault_status: int
    fault_address: int
    total_ns: int
    work: int
    """ARM: nanoseconds not slept; AVR: instructions."""
    stack_bytes: int
    heap_bytes: int
    reason: str


@dataclass
class Trace:
    """What the board did. `end` is None when the emulator was stopped from outside."""

    output: bytearray = field(default_factory=bytearray)
    """All bytes sent over the serial line."""
    serial: list[SerialLine] = field(default_factory=list)
    pins: list[PinEvent] = field(default_factory=list)
    heap: list[tuple[int, int]] = field(default_factory=list)
    """(t_ms, bytes) whenever the heap grew."""
    baud: int = 0
    """Bits per second that the serial line was last set to; 0: never, or ended."""
    last_ms: int = 0
    end: End | None = None


def write_stimuli(stimuli: Stimuli, folder: Path, until_ms: int, hang_ms: int) -> None:
    """Write stimuli.bin (limits and values), serial.bin (lines), audio.bin and camera.bin where the emulator will run.

    Without the column there is no audio.bin or camera.bin; a camera module without its file is not plugged in.
    """
    records = np.zeros(len(stimuli.values), dtype=_RECORD)
    if stimuli.values:
        times, channels, values = zip(*stimuli.values, strict=True)
        records["t_ms"], records["channel"], records["value"] = times, channels, values
    (folder / "stimuli.bin").write_bytes(_MAGIC + struct.pack("<II", until_ms, hang_ms) + records.tobytes())
    lines = (struct.pack("<II", t_ms, len(text)) + text for t_ms, text in stimuli.lines)
    (folder / "serial.bin").write_bytes(b"".join(lines))
    _write_if(stimuli, "audio", folder / "audio.bin", [_clip_table(stimuli.clips), *stimuli.clips])
    _write_if(stimuli, "camera", folder / "camera.bin", stimuli.pictures)


def _write_if(stimuli: Stimuli, column: str, path: Path, parts: Sequence[bytes]) -> None:
    if column not in stimuli.columns:
        path.unlink(missing_ok=True)  # of an earlier run
        return
    with path.open("wb") as file:
        file.writelines(parts)


def _clip_table(clips: Sequence[bytes]) -> bytes:
    """Number of clips, then first sample and number of samples of each."""
    lengths = [len(clip) // _SAMPLE_BYTES for clip in clips]
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    entries = (struct.pack("<II", start, length) for start, length in zip(starts, lengths, strict=True))
    return struct.pack("<I", len(clips)) + b"".join(entries)


def read_trace(path: Path, pin_name: Callable[[int], str]) -> Trace:
    """Read trace.bin; a record cut off by a killed emulator is left out."""
    data = path.read_bytes() if path.is_file() else b""
    trace = Trace()
    line = bytearray()
    at = 0
    while at + _TRACE_HEADER.size <= len(data):
        t_ms, kind, pin, size = _TRACE_HEADER.unpack_from(data, at)
        at += _TRACE_HEADER.size
        payload = data[at : at + size]
        at += size
        if len(payload) < size:
            break
        trace.last_ms = t_ms
        if kind == _SERIAL:
            trace.output += payload
            _split_lines(line, payload, t_ms, trace.serial)
        elif kind == _END_KIND:
            trace.end = _read_end(payload)
        elif kind == _HEAP:
            trace.heap.append((t_ms, struct.unpack("<i", payload)[0]))
        elif kind == _BAUD:
            trace.baud = struct.unpack("<i", payload)[0]
        elif kind in _MODES:
            value = struct.unpack("<i", payload)[0]
            trace.pins.append(PinEvent(t_ms=t_ms, pin=pin, name=pin_name(pin), mode=_MODES[kind], value=value))
    if line:  # a last line without its newline
        trace.serial.append(SerialLine(t_ms=trace.last_ms, text=_text(line)))
    return trace


def _read_end(payload: bytes) -> End:
    status, pc, lr, fault, address, total_ns, work, stack, heap = _END.unpack_from(payload)
    reason = payload[_END.size :].decode(errors="replace")
    return End(status, pc, lr, fault, address, total_ns, work, stack, heap, reason)


def _split_lines(line: bytearray, payload: bytes, t_ms: int, lines: list[SerialLine]) -> None:
    *finished, rest = payload.split(b"\n")
    for part in finished:
        line += part
        lines.append(SerialLine(t_ms=t_ms, text=_text(line)))
        line.clear()
    line += rest


def _text(line: bytes | bytearray) -> str:
    return bytes(line).decode(errors="replace").rstrip("\r")
