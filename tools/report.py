"""report.html and result.json of a run: one self-contained page, every number with the artefact it came from.

What the run did not reach is left out of the page, never filled with something else.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hw.board import Board, boards
from tools import report_parts as parts
from tools.artifacts import Converted, Emulation, Firmware, Prepared, TaskSpec, Trained
from tools.behaviour import sentence
from tools.choices import FEWEST, effects, sampled
from tools.notation import compact
from tools.pareto import plot
from tools.report_charts import Memory, bars, curve, heat_strip, hypervolume, memory_map
from tools.report_timelines import board_timeline, hop_timeline
from tools.result import make_result
from tools.rule_table import rule_table
from tools.stimuli import NONE, read_stimuli
from tools.store import read_model, write_json, write_text
from tools.svg import element
from tools.trace import read_trace, traced_tool

REPORT = "report.html"
_SECTIONS = (
    ("understood", "What was understood", ("spec",)),
    ("data", "Data", ("card", "prepared")),
    ("search", "Search", ("candidates",)),
    ("training", "Training", ("trained",)),
    ("conversion", "Conversion", ("converted",)),
    ("firmware", "Firmware", ("firmware",)),
    ("board", "On the board", ("firmware",)),
    ("hops", "Hops", ("hop_timeline",)),
)
"""(id, title, what of the page's values it shows: with none of them it is left out); templates/report/ID.html.jinja."""
_OPTIONAL = ("spec", "card", "prepared", "candidates", "front", "chosen", "trained", "converted", "firmware", "config")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "percent": parts.percent,
    "seconds": parts.seconds,
    "usd": parts.usd,
    "sentence": sentence,
    "step": parts.step_sentence,
    "compact": compact,
    "why": parts.why,
    "cpp": parts.highlighted,
}


@traced_tool
def write_report(run_dir: Path, state: Mapping[str, Any], result: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write report.html and result.json into `run_dir` and return the latter.

    `state`: artefacts as graph/state.RunState names them; any may be missing. `result`: that of a run that did not end
    well (tools.result.failed); by default that of one that did. Raises BadInput when the folder cannot be written.
    """
    spec: TaskSpec | None = state.get("spec")
    result = result or make_result(
        run_dir, spec.board if spec else state.get("board"), state.get("converted"), state.get("firmware")
    )
    values = _values(run_dir, state, result)
    sections = [{"id": id_, "title": title} for id_, title, shown in _SECTIONS if any(values[name] for name in shown)]
    page = _templates.get_template("report.html.jinja").render(**values, sections=sections)
    path = write_text(run_dir / REPORT, page)
    result = {**result, "artifacts": {**result["artifacts"], "report": str(path)}}
    write_json(run_dir / "result.json", result)
    return result


def _values(run_dir: Path, state: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    artefacts = {name: state.get(name) for name in _OPTIONAL}
    spec, converted, firmware = artefacts["spec"], artefacts["converted"], artefacts["firmware"]
    board = boards().get(result["board"] or "")
    candidates = artefacts["candidates"] or ()
    spans = read_trace(run_dir / "trace.jsonl")
    emulation = _emulation(run_dir)
    return {
        **artefacts,
        "run": run_dir.name,
        "request": state.get("request") or (spec.request if spec else ""),
        "result": result,
        "board": board,
        "started": _moment(spans[0].started) if spans else "",
        "tiles": parts.tiles(result, board, spec.budgets if spec else None),
        "table": rule_table(spec.behaviour, spec.classes) if spec and spec.behaviour else None,
        "budgets": parts.budget_rows(spec.budgets, result) if spec else [],
        "counts": parts.counts(candidates),
        "authors": parts.authors(candidates),
        "effects": effects(sampled(candidates, artefacts["front"].members)) if artefacts["front"] else [],
        "fewest": FEWEST,
        "estimate": parts.predicted(candidates, artefacts["chosen"]),
        "front_plot": Markup(plot(artefacts["front"], candidates)) if artefacts["front"] else None,
        "hypervolume": hypervolume(artefacts["front"]) if artefacts["front"] else None,
        "curve": curve(artefacts["trained"].curve) if artefacts["trained"] and artefacts["trained"].curve else None,
        "saliency": _saliency(run_dir, state),
        "confusions": parts.confusions(converted) if converted else [],
        "memory": _memory(board, spec, converted, firmware),
        "wrote": parts.wrote(firmware) if firmware else "",
        "code": _code(run_dir, firmware),
        "emulation": emulation,
        "board_timeline": _board_timeline(run_dir, emulation, board),
        "roles": parts.roles(result["usage"], spans),
        "spans": len(spans),
        "hop_timeline": hop_timeline(spans) if spans else None,
        "source": lambda path: _source(run_dir, path),
    }


def _source(run_dir: Path, path: str) -> Markup:
    """The label that says where numbers come from: a link where the file is in the run folder."""
    if not (run_dir / path).exists():
        return element("span", path, class_="source")
    return element("a", path, class_="source", href=quote(path))


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _memory(
    board: Board | None, spec: TaskSpec | None, converted: Converted | None, firmware: Firmware | None
) -> Markup | None:
    if board is None or converted is None or firmware is None:
        return None
    build, budgets = firmware.build, spec.budgets if spec else None
    weights, others = "network: weights and tables", "code, libraries, core"
    flash = Memory(
        "flash",
        board.flash_bytes,
        build.flash_bytes,
        weights,
        converted.model_flash_bytes,
        others,
        budgets.flash_bytes if budgets else None,
    )
    ram = Memory(
        "RAM",
        board.ram_bytes,
        build.ram_bytes,
        "tensor arena",
        converted.arena_bytes,
        "other static data",
        budgets.ram_bytes if budgets else None,
    )
    return memory_map((flash, ram))


def _code(run_dir: Path, firmware: Firmware | None) -> str:
    path = run_dir / firmware.sketch / "app.h" if firmware else None
    return path.read_text(encoding="utf-8", errors="replace") if path and path.is_file() else ""


def _emulation(run_dir: Path) -> Emulation | None:
    path = run_dir / "build" / "emulation.json"
    return read_model(path, Emulation) if path.exists() else None


def _board_timeline(run_dir: Path, run: Emulation | None, board: Board | None) -> Markup | None:
    if run is None or board is None:
        return None
    path = run_dir / "build" / "stimuli.csv"
    return board_timeline(run, board, read_stimuli(path) if path.exists() else NONE)


def _saliency(run_dir: Path, state: Mapping[str, Any]) -> Markup | None:
    """Heat strip of the trained network; None where weights or samples are not in the run folder."""
    trained: Trained | None = state.get("trained")
    prepared: Prepared | None = state.get("prepared")
    card = state.get("card")
    if trained is None or prepared is None or card is None or not prepared.samples.get("test"):
        return None
    if not (run_dir / trained.weights).exists() or not (run_dir / prepared.arrays).exists():
        return None
    from tools.saliency import saliency

    values = saliency(trained, prepared, run_dir)
    names = list(card.channels) if len(card.channels) == values.shape[-1] else []
    if values.ndim == 1:
        return bars(values, names or [f"input {i + 1}" for i in range(len(values))])
    if values.ndim == 2:
        return heat_strip(values.T, names or [f"channel {i + 1}" for i in range(values.shape[1])], "sample")
    return heat_strip(values.sum(axis=2), [f"row {i + 1}" for i in range(values.shape[0])], "column")
