"""A bench for behaviours: rules become a sketch, the emulated board runs it, and it must do what the rules demand.

The network tells three colours apart, one result each 100 ms, so that a test says what the board sees as letters:
`a`, `b` and `c` clearly, `A`, `B` and `C` with little confidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hw.board import Board, boards, sensors
from tests.tools.behaviours import Behaviour
from tools.artifacts import (
    Architecture,
    CheckResult,
    Converted,
    Decision,
    Emulation,
    Normalise,
    Ratio,
    Recipe,
    Rule,
    Stage,
    TaskSpec,
)
from tools.behaviour_check import check_decision, check_rules
from tools.behaviour_cpp import to_cpp
from tools.compile import compile_sketch
from tools.convert import convert
from tools.demand import Demanded, Event, Expected
from tools.emulate import emulate
from tools.estimate import portable_for
from tools.features import device_features
from tools.network import build_network
from tools.oracle import compare
from tools.quantise import quantise
from tools.sketch import app, scaffold, write_sketch
from tools.tflite_file import tflm_infer

CLASSES = ("ash", "bay", "cob")
SHARES = np.array([(0.6, 0.25, 0.15), (0.2, 0.6, 0.2), (0.2, 0.25, 0.55)])
NORMALISE = Normalise(offset=(0.34, 0.36, 0.3), gain=(5.0, 5.0, 5.0))
STEP_MS = 100
START_MS = 20
SURE_LSB = 6
"""Distance of the best two outputs under which rounding could tip a result."""
ARCHITECTURE = Architecture(form="mlp", stages=(Stage(block="dense", channels=8),))


@dataclass(frozen=True)
class Proof:
    """What came of a behaviour."""

    demanded: Demanded
    run: Emulation
    failed: list[CheckResult]
    code: str


class Bench:
    """One trained network and one board; `prove` is what tests call."""

    def __init__(self, root: Path, board: str = "nano33ble", sensor: str = "color") -> None:
        self.root, self.board, self.sensor = root, boards()[board], sensors()[sensor]
        self.recipe = Recipe(steps=(Ratio(in_data=True), NORMALISE))
        self.channels = tuple(c.name for c in self.sensor.channels) or ("r", "g", "b")
        self.converted = _network(root, self.board)
        self.readings = {letter: row for letter, row in self._letters()}

    def _letters(self) -> list[tuple[str, np.ndarray]]:
        sure = np.round(SHARES * 1000)
        out = [(letter, sure[k]) for k, letter in enumerate("abc")]
        for k, letter in enumerate("ABC"):
            other = sure[(k + 1) % 3]
            blends = np.round(sure[k] + (other - sure[k]) * np.linspace(0, 1, 200)[:, None])
            found = [r for r in self.results(blends) if r.index == k and r.sure]
            near = min(found, key=lambda r: abs(r.confidence - 0.65))
            out.append((letter, blends[found.index(near)]))
        return out

    def results(self, readings: np.ndarray) -> list[Expected]:
        """What the network must say to each reading."""
        features = device_features(readings, self.recipe)
        c, out = self.converted, []
        q = quantise(features.reshape(len(readings), 3), c.input_scale, c.input_zero_point)
        for k, logits in enumerate(tflm_infer(self.root / c.tflite, q).reshape(len(readings), -1).astype(int)):
            best = np.sort(logits)
            confidence = float(1 / np.exp((logits - logits.max()) * c.output_scale).sum())
            index = int(np.argmax(logits))
            sure = bool(best[-1] - best[-2] >= SURE_LSB)
            out.append(Expected(START_MS + k * STEP_MS, CLASSES[index], index, confidence, sure))
        return out

    def prove(
        self,
        rules: Sequence[Rule],
        shown: str,
        events: Sequence[Event] = (),
        decision: Decision | None = None,
        names: Mapping[str, str] | None = None,
        sketch: Behaviour | None = None,
        rollover_ms: int | None = None,
    ) -> Proof:
        """Generate, compile and run a behaviour (or another `sketch`) while the board is `shown` letters.

        At `rollover_ms` millis() goes from its largest value back to 0.
        """
        check_rules(rules, CLASSES, self.board)
        check_decision(decision or Decision())
        spec = TaskSpec(
            request="a test", name="trial", board=self.board.id, sensor=self.sensor.id, classes=CLASSES,
            behaviour=sketch.rules if sketch else tuple(rules),
            decision=sketch.decision if sketch else decision or Decision(),
            names=sketch.names if sketch else dict(names or {}),
        )  # fmt: skip
        code = to_cpp(spec.behaviour, CLASSES, names=spec.names)
        period = STEP_MS if self.sensor.header else 0
        files = scaffold(spec, self.board, self.sensor, self.recipe, self.channels, period)
        files["app.h"] = app(spec, code)
        folder = self.root / "trial"
        for old in folder.glob("*.*"):
            if old.name not in files:
                old.unlink()
        write_sketch(folder, files, self.root / self.converted.c_dir)
        build = compile_sketch(folder, self.board, self.root / "build")
        assert build.ok, (build.diagnostics, code)
        sequence = np.stack([self.readings[letter] for letter in shown])
        stimuli, until = self.root / "stimuli.csv", len(shown) * STEP_MS + START_MS
        stimuli.write_text(self._csv(sequence, events, rollover_ms))
        run = emulate(Path(build.elf), self.board, stimuli, until, self.root / "run")
        results = self.results(sequence)
        demanded = Demanded(rules, results, until, events, decision, names)
        return Proof(demanded, run, [c for c in compare(demanded, run, self.board) if not c.passed], code)

    def _csv(self, sequence: np.ndarray, events: Sequence[Event], rollover_ms: int | None) -> str:
        serial = not self.sensor.header
        pins = sorted({int(e.value) for e in events if e.kind in ("pressed", "released")})
        columns = [*([] if serial else self.channels), "serial", *(f"pin.{p}" for p in pins)]
        columns += ["proximity"] if any(e.kind == "proximity" for e in events) else []
        begin = {f"pin.{p}": "1" for p in pins}
        if rollover_ms is not None:
            columns, begin = [*columns, "rollover"], {**begin, "rollover": str(rollover_ms)}
        rows: list[tuple[int, dict[str, str]]] = [(0, begin)]
        for k, row in enumerate(sequence):
            values = [f"{v:g}" for v in row]
            if serial:
                rows.append((START_MS + k * STEP_MS, {"serial": ",".join(values)}))
            else:
                rows.append((k * STEP_MS, dict(zip(self.channels, values, strict=True))))
        for e in events:
            column = f"pin.{e.value}" if e.kind in ("pressed", "released") else e.kind
            value = {"pressed": "0", "released": "1"}.get(e.kind, str(e.value))
            rows.append((e.t_ms, {column: value}))
        quoted = [(t, [_cell(cells.get(c, "")) for c in columns]) for t, cells in sorted(rows, key=lambda r: r[0])]
        return "\n".join([",".join(["t_ms", *columns]), *(",".join([str(t), *cells]) for t, cells in quoted)]) + "\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _network(root: Path, board: Board) -> Converted:
    import torch

    rng = np.random.default_rng(3)
    y = np.repeat(np.arange(3), 60)
    x = ((SHARES[y] + rng.normal(0, 0.05, (180, 3)) - NORMALISE.offset) * NORMALISE.gain).astype(np.float32)
    torch.manual_seed(1)
    network = build_network(ARCHITECTURE, (3,), 3)
    optimiser = torch.optim.Adam(network.parameters(), 2e-2)
    for _ in range(150):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(torch.tensor(x)), torch.tensor(y)).backward()
        optimiser.step()
    portable = portable_for(board)
    return convert(network.eval(), ARCHITECTURE, (3,), CLASSES, x, x[:6], y[:6], root / "model", portable=portable)
