"""result.json: sums of the trace, parts that were not reached are null, a failure keeps what was reached."""

import json
from pathlib import Path

from tools.artifacts import Build, CheckResult, Converted, Firmware, Parity
from tools.result import failed, make_result, stage_seconds, usage
from tools.trace import Span

PARITY = Parity(vectors=120, bytes=360, mismatches=0, on="host")
CONVERTED = Converted(
    tflite="model/model.tflite",
    c_dir="model/c",
    input_shape=(3,),
    classes=("a", "b"),
    input_scale=0.1,
    input_zero_point=0,
    output_scale=1 / 256,
    output_zero_point=-128,
    arena_bytes=500,
    macs=700,
    model_flash_bytes=900,
    accuracy_float=0.97,
    accuracy_int8=0.96,
    parity=PARITY,
)
FIRMWARE = Firmware(
    board="nano33ble",
    sketch="firmware/color",
    elf="x.elf",
    author="drafted",
    tries=2,
    model_lines=5,
    total_lines=300,
    build=Build(ok=True, fqbn="a:b:c", core="emulated", flash_bytes=40_000, ram_bytes=9_000),
    parity=PARITY.model_copy(update={"on": "nano33ble"}),
    checks=(CheckResult(check="one", passed=True), CheckResult(check="two", passed=False, seen="nothing")),
)


def model_call(role: str, prompt: int, cost: float) -> Span:
    used = {"role": role, "prompt_tokens": prompt, "completion_tokens": 2, "seconds": 0.5, "cost_usd": cost}
    return Span(id="1", parent=None, name=f"ask {role}", kind="model", started=0, usage=used)


def node(name: str, seconds: float) -> Span:
    return Span(id="1", parent=None, name=name, kind="node", started=0, seconds=seconds)


def test_usage_sums_the_calls_of_a_role_and_leaves_cached_ones_out() -> None:
    cached = Span(id="1", parent=None, name="ask planner", kind="model", started=0)
    total = usage(
        [model_call("planner", 10, 0.001), model_call("planner", 20, 0.002), model_call("data", 5, 0), cached]
    )
    assert total["planner"] == {
        "calls": 2,
        "prompt_tokens": 30,
        "completion_tokens": 4,
        "cached_tokens": 0,
        "seconds": 1.0,
        "cost_usd": 0.003,
    }
    assert total["data"]["calls"] == 1


def test_seconds_are_summed_over_the_visits_of_a_node() -> None:
    spans = [node("propose", 1.5), node("pareto", 0.25), node("propose", 2.0), model_call("data", 5, 0)]
    assert stage_seconds(spans) == {"propose": 3.5, "pareto": 0.25}


def test_a_whole_result_is_json_with_the_boards_own_parity(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    result = make_result(tmp_path, "nano33ble", CONVERTED, FIRMWARE)
    assert json.loads(json.dumps(result)) == result
    assert result["status"] == "done"
    assert result["metrics"] == {
        "accuracy_float": 0.97,
        "accuracy_int8": 0.96,
        "macs": 700,
        "arena_bytes": 500,
        "flash_bytes": 40_000,
        "ram_bytes": 9_000,
    }
    assert result["parity"]["on"] == "nano33ble"
    assert result["behaviour"] == {"checks": 2, "passed": 1}
    assert result["artifacts"] == {"spec": str(tmp_path / "spec.json")}, "only what is there"


def test_without_firmware_its_figures_are_null(tmp_path: Path) -> None:
    result = make_result(tmp_path, "nano33ble", CONVERTED, None)
    assert result["parity"]["on"] == "host"
    assert result["metrics"]["ram_bytes"] is None
    assert result["firmware"] is None
    assert result["behaviour"] is None


def test_a_failure_has_the_same_keys_and_keeps_what_was_reached(tmp_path: Path) -> None:
    done = make_result(tmp_path, "nano33ble", CONVERTED, FIRMWARE)
    late = failed(tmp_path, 4, "gave up", {"converted": CONVERTED})
    early = failed(None, 2, "no data", {})
    assert set(late) == set(early) == set(done)
    assert (late["status"], late["error"], late["board"]) == ("gave_up", "gave up", None)
    assert late["metrics"]["macs"] == 700
    assert (early["status"], early["run"], early["metrics"]) == ("bad_input", None, None)
