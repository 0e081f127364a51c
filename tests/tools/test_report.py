"""The page of a run: complete, self-contained, well-formed, and with no number but the artefacts'."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hw.board import boards
from tools.artifacts import (
    Architecture,
    Budgets,
    Build,
    Candidate,
    CheckResult,
    Clean,
    Condition,
    Converted,
    DataCard,
    Emulation,
    Estimate,
    Firmware,
    Front,
    Led,
    Normalise,
    Parity,
    PinEvent,
    Prepared,
    Print,
    Recipe,
    Rule,
    SerialLine,
    Split,
    Stage,
    TaskSpec,
    Trained,
)
from tools.network import build_network
from tools.report import write_report
from tools.report_parts import highlighted, small_percent
from tools.report_timelines import board_timeline, hop_timeline, lanes
from tools.result import failed
from tools.stimuli import NONE
from tools.store import write_arrays, write_json, write_text
from tools.svg import ticks
from tools.trace import Span

SECTIONS = ["understood", "data", "search", "training", "conversion", "firmware", "board", "hops"]
HOSTILE = '<script>alert(1)</script> & "apple"'
CLASSES = ("apple", "banana", HOSTILE)
MLP = Architecture(form="mlp", stages=(Stage(block="dense", channels=6),))
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Checks that tags are balanced; keeps the text of each section and every attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: dict[str, str] = {"": ""}
        self.attributes: list[tuple[str, str, str]] = []
        self._section = ""
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self._section = dict(attrs)["id"] or ""
            self.text[self._section] = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop() == tag
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text[self._section] += data


def estimate(macs: int) -> Estimate:
    return Estimate(
        macs=macs, params=50, arena_bytes=macs // 4, model_flash_bytes=333, ram_bytes=2_929, flash_bytes=21_717
    )


def candidates() -> list[Candidate]:
    common: dict[str, Any] = {"round": 1, "author": "llm", "architecture": MLP}
    return [
        Candidate(id="r1n0", status="trained", accuracy=0.8123, estimate=estimate(4_321), **common),
        Candidate(id="r1n1", status="trained", accuracy=0.7011, estimate=estimate(9_876), **common),
        Candidate(id="r1n2", status="rejected", reason="RAM 999,111 > 262,144 bytes", **common),
        Candidate(id="r1n3", status="duplicate", reason="proposed before", **common),
        Candidate(id="r1n0v", status="failed", reason="loss not finite", **{**common, "author": "repair"}),
    ]


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A run folder and its final state, every artefact with figures of its own."""
    run_dir = tmp_path / "fruit"
    rng = np.random.default_rng(0)
    write_arrays(run_dir / "data/arrays.npz", x_test=rng.normal(size=(20, 3)).astype(np.float32))
    torch.manual_seed(0)
    (run_dir / "model").mkdir()
    torch.save(build_network(MLP, (3,), 3).state_dict(), run_dir / "model/trained.pt")
    parity = Parity(vectors=117, bytes=351, mismatches=0, on="nano33ble (emulated)")
    state: dict[str, Any] = {
        "request": f"tell {HOSTILE} from banana",
        "spec": TaskSpec(
            request="tell fruit apart",
            name="fruit",
            board="nano33ble",
            sensor="color",
            classes=CLASSES,
            budgets=Budgets(ram_bytes=65_432),
            behaviour=(
                Rule(
                    trigger="while",
                    condition=Condition(labels=("apple",)),
                    actions=(Led(name="red"),),
                ),
                Rule(trigger="change", actions=(Print(template="now {label}"),)),
            ),
            assumptions=("the lamp is white",),
        ),
        "card": DataCard(
            source="fruit/*.csv",
            sha256="abcdef0123456789" * 4,
            kind="tabular",
            classes=CLASSES,
            counts={"apple": 71, "banana": 83, HOSTILE: 97},
            channels=("color.r", "color.g", "color.b"),
            minimum=(0.101, 0.102, 0.103),
            maximum=(0.901, 0.902, 0.903),
            mean=(0.501, 0.502, 0.503),
            std=(0.0501, 0.0502, 0.0503),
            notes=("two rows look alike",),
        ),
        "prepared": Prepared(
            arrays="data/arrays.npz",
            input_shape=(3,),
            classes=CLASSES,
            samples={"train": 157, "validation": 47, "test": 20},
            recipe=Recipe(
                steps=(Clean(), Normalise(offset=(0.4242,) * 3, gain=(7.7,) * 3), Split()), rationale="it is simple"
            ),
            sha256="0" * 64,
        ),
        "candidates": candidates(),
        "front": Front(members=("r1n0",), hypervolume=0.5432, history=(0.4321, 0.5432)),
        "chosen": "r1n0",
        "trained": Trained(
            architecture=MLP,
            input_shape=(3,),
            classes=CLASSES,
            weights="model/trained.pt",
            accuracy_train=0.9671,
            accuracy_validation=0.9482,
            epochs=37,
            seconds=5.25,
            curve=tuple({"loss": 1.0 / (i + 1), "accuracy_validation": 0.5 + 0.01 * i} for i in range(37)),
            note="distillation rolled back: undistilled: accuracy 0.948",
        ),
        "converted": Converted(
            tflite="model/model.tflite",
            c_dir="model/c",
            input_shape=(3,),
            classes=CLASSES,
            input_scale=0.1,
            input_zero_point=0,
            output_scale=0.1,
            output_zero_point=0,
            arena_bytes=1_080,
            macs=4_321,
            model_flash_bytes=333,
            accuracy_float=0.9512,
            accuracy_int8=0.9389,
            confusion_float=((61, 1, 2), (3, 62, 4), (5, 6, 63)),
            confusion_int8=((51, 11, 12), (13, 52, 14), (15, 16, 53)),
            parity=parity.model_copy(update={"on": "host", "vectors": 211}),
        ),
        "firmware": Firmware(
            board="nano33ble",
            sketch="firmware/fruit",
            elf="build/fruit.elf",
            author="drafted",
            tries=2,
            model_lines=9,
            total_lines=371,
            build=Build(
                ok=True,
                fqbn="tinysmith:arm:nano33ble",
                core="emulated",
                flash_bytes=18_765,
                flash_max_bytes=983_040,
                ram_bytes=2_345,
                ram_max_bytes=262_144,
                seconds=1.5,
            ),
            parity=parity,
            checks=(
                CheckResult(check="red LED is on while the result is 'apple'", passed=True),
                CheckResult(check="builtin LED stays off", passed=False, seen="lit at 777 ms"),
            ),
            history=({"stage": "compile", "problem": "'x' was not declared", "code": "cafe0123"},),
        ),
    }
    write_text(run_dir / "firmware/fruit/app.h", '// the app\n#include "a.h"\nif (a < 1 && b) print("</code><b>");\n')
    write_json(run_dir / "build/emulation.json", emulation())
    write_text(run_dir / "build/stimuli.csv", "t_ms,color.r\n20,300\n1020,900\n")
    for span in spans():
        with (run_dir / "trace.jsonl").open("a") as file:
            file.write(span.model_dump_json(exclude_defaults=True) + "\n")
    return run_dir, state


def emulation() -> Emulation:
    pins = ((0, 1, "digital"), (1000, 0, "digital"), (1500, 1, "digital"))
    return Emulation(
        status="done",
        virtual_ms=2_000,
        instructions=7_654_321,
        serial=(SerialLine(t_ms=1010, text=f"now {HOSTILE}"), SerialLine(t_ms=1500, text="~00ff")),
        pins=tuple(PinEvent(t_ms=t, pin=22, name="LEDR", mode=mode, value=value) for t, value, mode in pins),
        stack_bytes=401,
    )


def spans() -> list[Span]:
    usage = {
        "role": "planner",
        "model": "local:qwen",
        "prompt_tokens": 1_234,
        "cached_tokens": 1_001,
        "completion_tokens": 321,
        "seconds": 3.5,
        "cost_usd": 0.0123,
    }
    return [
        Span(id="a", parent=None, name="plan", kind="node", started=1000.0, seconds=4.0),
        Span(id="b", parent="a", name="ask planner", kind="model", started=1000.1, seconds=3.5, usage=usage),
        Span(id="c", parent=None, name="compile", kind="node", started=5000.0, seconds=2.0),
        Span(id="d", parent="c", name="arduino-cli", kind="process", started=5000.5, seconds=1.0, error="Fixable: no"),
    ]


def page_of(run_dir: Path) -> Page:
    return Page((run_dir / "report.html").read_text(encoding="utf-8"))


def test_every_section_is_there_in_order_with_the_artefacts_numbers(run: tuple[Path, dict[str, Any]]) -> None:
    run_dir, state = run
    result = write_report(run_dir, state)
    page = page_of(run_dir)
    assert [name for name in page.text if name] == SECTIONS
    demanded = {
        "": ["93.9 %", "95.1 %", "1,080 B", "18,765 B", "2,345 B", "1 of 2", "1,555", "$0.0123", "6.00 s", "done"],
        "understood": ["While the result is 'apple': switch the red LED on", "the lamp is white", "65,432", "3.6 %"],
        "data": ["71", "83", "97", "0.102", "0.903", "0.0503", "157", "47", "0.4242", "two rows look alike"],
        "search": ["4,321", "9,876", "81.2 %", "70.1 %", "RAM 999,111 > 262,144 bytes", "0.5432", "0.4321", "1,080"],
        "training": ["r1n0", "37 epochs", "5.25 s", "96.7 %", "94.8 %", "Distillation rolled back"],
        "conversion": ["63", "53", "16", "211 vectors", "333", "18,765 of 983,040", "budget 65,432", "1,265"],
        "firmware": ["9 of the sketch's 371", "'x' was not declared", "cafe0123", "21,717", "2,929", "#include"],
        "board": ["1 of 2", "lit at 777 ms", "2,000 virtual ms", "7,654,321", "401", "117 vectors", "cycle-accurate"],
        "hops": ["1,234", "1,001", "321", "3.5", "local:qwen", "4.00", "2.00", "paused for 3996 s"],
    }
    for section, numbers in demanded.items():
        for number in numbers:
            assert number in page.text[section], f"{number} is missing in {section or 'the headline'}"
    assert json.loads((run_dir / "result.json").read_text()) == result
    assert result["artifacts"]["report"] == str(run_dir / "report.html")


def test_sources_are_links_to_files_of_the_run_folder(run: tuple[Path, dict[str, Any]]) -> None:
    run_dir, state = run
    write_report(run_dir, state)
    links = {value for tag, name, value in page_of(run_dir).attributes if tag == "a" and name == "href"}
    files = {link for link in links if not link.startswith("#")}
    assert {"trace.jsonl", "build/emulation.json", "data/arrays.npz", "firmware/fruit/app.h"} <= files
    assert all((run_dir / file).exists() for file in files), "a source that is not there is no link"


def test_the_page_loads_nothing_from_anywhere(run: tuple[Path, dict[str, Any]]) -> None:
    run_dir, state = run
    write_report(run_dir, state)
    html = (run_dir / "report.html").read_text()
    assert not re.findall(r"https?://|//cdn|@import|url\(", re.sub(r'xmlns="[^"]*"', "", html))
    assert {(tag, name) for tag, name, _ in page_of(run_dir).attributes if name in ("src", "srcset", "data")} == set()


def test_hostile_names_are_text_and_nothing_else(run: tuple[Path, dict[str, Any]]) -> None:
    run_dir, state = run
    write_report(run_dir, state)
    html = (run_dir / "report.html").read_text()
    page = page_of(run_dir)
    assert html.count("<script>") == 1, "only the page's own"
    assert "alert(1)</script>" not in html
    assert HOSTILE in page.text[""]
    assert HOSTILE in page.text["conversion"]
    assert f"now {HOSTILE}" in page.text["board"]
    assert 'print("</code><b>")' in page.text["firmware"]


@pytest.mark.parametrize(
    "missing", ["spec", "card", "prepared", "candidates", "front", "trained", "converted", "firmware"]
)
def test_one_missing_part_is_left_out(run: tuple[Path, dict[str, Any]], missing: str) -> None:
    run_dir, state = run
    state.pop(missing)
    write_report(run_dir, state)
    page = page_of(run_dir)
    sections = {"spec": "understood", "candidates": "search", "trained": "training", "converted": "conversion"}
    gone = {sections.get(missing, missing)} | ({"board"} if missing == "firmware" else set())
    assert gone - {"card", "prepared", "front"} == set(SECTIONS) - set(page.text)
    assert "hops" in page.text


def test_a_run_that_stopped_early_has_a_page_of_what_it_reached(tmp_path: Path) -> None:
    run_dir = tmp_path / "empty"
    run_dir.mkdir()
    message = "no network fits <1 kB>"
    write_report(run_dir, {"request": "tell a from b"}, failed(run_dir, 3, message, {}))
    page = page_of(run_dir)
    assert set(page.text) == {""}
    assert "infeasible" in page.text[""]
    assert message in page.text[""]


def test_the_search_counts_what_became_of_the_candidates(run: tuple[Path, dict[str, Any]]) -> None:
    run_dir, state = run
    write_report(run_dir, state)
    told = " ".join(page_of(run_dir).text["search"].split())
    assert "5 proposed, 2 trained, 1 duplicate, 1 rejected, 1 failed, 1 repaired; by author: llm 4, repair 1" in told


@pytest.mark.parametrize(
    ("form", "shape", "cells"),
    [("conv1d", (16, 3), 48), ("conv1d", (1000, 3), 360), ("conv2d", (8, 6, 3), 48), ("mlp", (3,), 3)],
)
def test_saliency_has_a_cell_for_each_input(
    run: tuple[Path, dict[str, Any]], form: Any, shape: tuple[int, ...], cells: int
) -> None:
    run_dir, state = run
    block: Any = "dense" if form == "mlp" else "conv"
    network = Architecture(form=form, stages=(Stage(block=block, channels=4),))
    torch.save(build_network(network, shape, 3).state_dict(), run_dir / "model/trained.pt")
    write_arrays(run_dir / "data/arrays.npz", x_test=np.random.default_rng(2).normal(size=(9, *shape)))
    state["trained"] = state["trained"].model_copy(update={"architecture": network, "input_shape": shape})
    write_report(run_dir, state)
    html = (run_dir / "report.html").read_text()
    strip = html[: html.index("Saliency: mean absolute gradient")].rpartition("<svg")[2]
    assert strip.count("<title>") == cells
    assert ("color.b" in strip) is (form != "conv2d"), "rows are the channels, of a picture its rows"


def test_an_active_low_led_is_drawn_lit_while_its_pin_is_low() -> None:
    svg = str(board_timeline(emulation(), boards()["nano33ble"], NONE))
    assert re.findall(r"<title>(red LED on [^<]*)", svg) == ["red LED on from 1000 to 1500 ms"]
    assert "~00ff" not in svg, "the self-test's answers are no output of the application"
    assert "1010 ms: now" in svg


def test_hops_lie_below_their_parents_and_never_over_each_other() -> None:
    rows = lanes(spans())
    assert rows == {"a": 0, "b": 1, "c": 0, "d": 1}
    parallel = [Span(id=str(i), parent=None, name="x", kind="tool", started=0.1 * i, seconds=1.0) for i in range(3)]
    assert sorted(lanes(parallel).values()) == [0, 1, 2]


def test_a_pause_before_a_resume_takes_no_room() -> None:
    svg = str(hop_timeline(spans()))
    drawn = re.findall(r'width="([\d.]+)"[^>]*class="hop node"[^>]*><title>(\w+)', svg)
    widths = {name: float(width) for width, name in drawn}
    assert widths["plan"] > 600, "4 of 6 seconds of work, though the run lasted over an hour"
    assert widths["plan"] == pytest.approx(2 * widths["compile"], rel=0.01)


def test_code_is_marked_and_escaped() -> None:
    marked = str(highlighted('#include "a.h"\nif (x < 2) f(); // <done>'))
    assert '<i class="directive">#include</i>' in marked
    assert '<i class="string">&#34;a.h&#34;</i>' in marked
    assert '<i class="keyword">if</i> (x &lt; <i class="number">2</i>)' in marked
    assert '<i class="comment">// &lt;done&gt;</i>' in marked


def test_axes_have_round_values() -> None:
    assert ticks(0, 8420) == [0, 2000, 4000, 6000, 8000]
    assert ticks(0.9, 1.0) == [0.9, 0.92, 0.94, 0.96, 0.98, 1.0]
    assert ticks(5, 5) == [5]
    assert small_percent(8 / 262_144) == "0.0031 %"


def test_choices_are_told_with_their_numbers_and_effects_only_where_enough_networks_tell(
    run: tuple[Path, dict[str, Any]],
) -> None:
    run_dir, state = run
    thin = [
        candidate.model_copy(update={"id": f"t{i}", "architecture": arch, "accuracy": accuracy + i / 100})
        for i in range(4)
        for candidate, arch, accuracy in (
            (state["candidates"][0], MLP, 0.5),
            (state["candidates"][1], MLP.model_copy(update={"activation": "relu6"}), 0.7),
        )
    ]
    front = state["front"].model_copy(update={"members": ("r1n0", "t3")})
    write_report(run_dir, {**state, "candidates": [*state["candidates"], *thin], "front": front})
    told = " ".join(page_of(run_dir).text["search"].split())
    assert "relu6 activation 1 of 3 4 of 10 +11.9 points" in told
    write_report(run_dir, state)
    assert "design choices" not in page_of(run_dir).text["search"].lower()
