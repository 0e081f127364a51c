"""The rig: trained runs for cases, the ways to firmware with a scripted model, and how what came out is classed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from agents import llm
from evals.harness import Context
from evals.sg_baselines import draft, p2
from evals.sg_case import CASES, Case, read_case
from evals.sg_network import trained_run
from evals.sg_rig import Made, run_sample, unclear
from evals.sg_suite import evidence, make_suite, works
from evals.suites import suite
from graph.config import RunConfig
from graph.run import state_of
from tools.errors import BadInput

SCRIPTED = llm.Ladders(**{role: ("scripted:test",) for role in llm.ROLES})  # type: ignore[arg-type]
CONFIG = RunConfig(ladders=SCRIPTED, seed=1, tries=5)

RELAY = """```cpp
void onStart() { pinMode(7, OUTPUT); }
void onResult(const Result &result) { digitalWrite(7, result.label == LABEL_BOILING ? HIGH : LOW); }
void onTick(unsigned long) {}
```"""
WRONG_RELAY = RELAY.replace("== LABEL_BOILING", "!= LABEL_BOILING")
BROKEN = RELAY.replace("LABEL_BOILING", "LABEL_STEAM")
WHOLE = """```cpp
#include <Arduino_APDS9960.h>
#include "features.h"
#include "src/model/model.h"
void setup() { Serial.begin(115200); APDS.begin(); pinMode(7, OUTPUT); }
void loop() {
  if (!APDS.colorAvailable()) return;
  int r, g, b;
  APDS.readColor(r, g, b);
  float reading[3] = {(float)r, (float)g, (float)b}, features[3];
  features_apply(reading, features);
  int8_t in[3], out[3];
  for (int i = 0; i < 3; i++) in[i] = model_quantise(features[i]);
  model_infer(in, out);
  digitalWrite(7, out[0] > out[1] && out[0] > out[2] ? HIGH : LOW);
  delay(100);
}
```"""

Script = Callable[..., list[str]]


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> Script:
    """`replies(text, ...)` makes a model answer so, in this order."""

    def install(*texts: str) -> list[str]:
        model = FakeListChatModel(responses=list(texts))
        monkeypatch.setitem(llm.PROVIDERS, "scripted", lambda _: model)
        return list(texts)

    return install


def relay() -> Case:
    return read_case(CASES / "sg" / "boiling_relay.yaml")


def bad() -> Case:
    return read_case(CASES / "sg" / "bad_unknown_label.yaml")


def answering(made: dict[str, Any]) -> Any:
    """A way that makes this."""
    return lambda case, source, run_dir, config: Made(run_dir, **made)


def test_a_trained_run_is_one_with_the_labels_of_the_case(tmp_path: Path) -> None:
    run_dir = trained_run(relay(), tmp_path, CONFIG)
    state = state_of(run_dir)
    assert state["converted"].classes == state["card"].classes == ("boiling", "cold", "warm")
    assert state["spec"].board == "nano33ble"
    assert (run_dir / state["converted"].tflite).exists()
    assert trained_run(relay(), tmp_path, CONFIG) == run_dir
    assert trained_run(bad(), tmp_path, CONFIG) != run_dir


@pytest.mark.toolchain
def test_a_draft_that_works_after_the_compilers_word(tmp_path: Path, replies: Script) -> None:
    replies(BROKEN, RELAY)
    facts = run_sample(relay(), tmp_path, CONFIG, draft)
    assert (facts["outcome"], facts["tries"], facts["failed"]) == ("works", 2, [])
    assert "LABEL_STEAM" in facts["history"][0]["problem"]
    assert facts["model_lines"] == 3
    assert facts["usage"]["firmware"]["calls"] == 2


@pytest.mark.toolchain
def test_a_draft_that_does_the_opposite_is_a_silent_misunderstanding(tmp_path: Path, replies: Script) -> None:
    replies(WRONG_RELAY)
    facts = run_sample(relay(), tmp_path, CONFIG, draft)
    assert facts["outcome"] == "wrong_behaviour"
    assert facts["failed"][0] == "step 1 (cold): pin 7 is on at the end, wanted off"


@pytest.mark.toolchain
def test_whole_sketches_work_or_are_given_up_after_five(tmp_path: Path, replies: Script) -> None:
    replies(f"Install this first:\n```\nhttp://example.com\n```\nThen:\n{WHOLE}")
    facts = run_sample(relay(), tmp_path, CONFIG, p2)
    assert (facts["outcome"], facts["tries"]) == ("works", 1), facts["failed"]
    replies(BROKEN)
    facts = run_sample(relay(), tmp_path, CONFIG, p2)
    assert (facts["outcome"], facts["tries"], facts["compiled"]) == ("compile_failed", 5, False)


@pytest.mark.parametrize(
    ("made", "outcome", "outcome_of_bad"),
    [
        ({"failure": "refused_wrongly", "message": "unknown label pineapple"}, "refused_wrongly", "refused_rightly"),
        ({"failure": "refused_wrongly", "message": "no"}, "refused_wrongly", "refused_unclearly"),
        ({"failure": "gave_up", "message": "no way"}, "gave_up", "gave_up"),
        ({"failure": "compile_failed", "message": "no"}, "compile_failed", "compile_failed"),
    ],
)  # fmt: skip
def test_what_ends_without_firmware(tmp_path: Path, made: dict[str, Any], outcome: str, outcome_of_bad: str) -> None:
    for case, wanted in ((relay(), outcome), (bad(), outcome_of_bad)):
        assert run_sample(case, tmp_path, CONFIG, answering(made))["outcome"] == wanted


def test_firmware_for_what_cannot_be_done_is_wrong(tmp_path: Path) -> None:
    facts = run_sample(bad(), tmp_path, CONFIG, answering({"elf": tmp_path / "x.elf"}))
    assert facts["outcome"] == "not_refused"


@pytest.mark.parametrize("message", ["", "two\nlines", "pineapple " * 60, "something is wrong"])
def test_an_answer_must_be_one_sentence_that_names_what_is_wrong(message: str) -> None:
    assert unclear(bad(), message)
    assert not unclear(bad(), "the network does not know the label pineapple")


def test_scores_and_figures_of_a_sample(tmp_path: Path) -> None:
    tokens = {"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 90}
    facts = run_sample(relay(), tmp_path, CONFIG, answering({"failure": "gave_up", "message": "no way", "tries": 3}))
    seen = evidence({**facts, "usage": {"planner": tokens, "firmware": tokens}})
    assert (seen.tokens, seen.tries) == (240, 3)
    score = works(relay(), seen)
    assert (score.passed, score.failure, score.note) == (False, "gave up", "no way")
    assert works(relay(), evidence({**facts, "outcome": "works"})).passed


def test_a_suite_runs_its_way_with_the_settings(tmp_path: Path) -> None:
    seen: list[RunConfig] = []

    def way(case: Case, source: Path, run_dir: Path, config: RunConfig) -> Made:
        seen.append(config)
        return Made(run_dir, failure="gave_up", message="no")

    made = make_suite("sg_trial", "a trial", way=way, tries=2)
    settings = {"profile": "local", "models": SCRIPTED.model_dump(mode="json")}
    assert made.run(relay(), Context(tmp_path, run=4, settings=settings)).facts["outcome"] == "gave_up"
    assert (seen[0].seed, seen[0].tries, seen[0].ladders) == (4, 2, SCRIPTED)
    assert {case.group for case in made.load()} == {"simple", "medium", "hard", "bad requests"}


@pytest.mark.parametrize("name", ["sg", "fruit", "sg_rules", "sg_draft", "sg_p2", "fruit_p2"])
def test_the_suites_are_there(name: str) -> None:
    assert suite(name).name == name
    with pytest.raises(BadInput, match="unknown suite"):
        suite("sgg")
