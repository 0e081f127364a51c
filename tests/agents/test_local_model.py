"""The embedded llama.cpp server, with the real weights."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from agents.local_model import LocalModel
from tools.errors import Setup
from tools.toolchain import model_path

SYSTEM = "You answer in JSON. " + " ".join(f"Shelf {n} holds part number {n * 7}." for n in range(12))
SHELVES = 12


class Shelf(BaseModel):
    shelf: int = Field(description="Number of the shelf", ge=0, lt=SHELVES)
    colour: Literal["red", "green"]


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return model_path()
    except Setup as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefixes")


@pytest.fixture(scope="module")
def model(weights: Path, prefixes: Path) -> Any:
    running = LocalModel(weights, prefixes)
    yield running
    running.stop()


def ask(model: LocalModel, question: str, system: str = SYSTEM, **options: Any) -> dict[str, Any]:
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(
        base_url=model.base_url(), api_key="local", model="qwen2.5-coder-1.5b", max_retries=0, timeout=120, **options
    )
    answers = chat.with_structured_output(Shelf, method="json_schema", include_raw=True)
    return answers.invoke([("system", system), ("human", question)])  # type: ignore[return-value]


@pytest.mark.model
def test_an_answer_has_the_shape_of_its_schema_and_its_tokens_are_counted(model: LocalModel) -> None:
    answer = ask(model, "Where is part 21, the green one?", temperature=0, max_tokens=40)
    assert answer["parsing_error"] is None
    assert answer["parsed"] == Shelf.model_validate_json(answer["raw"].content)
    usage = answer["raw"].usage_metadata
    assert usage["input_tokens"] > 100
    assert 5 < usage["output_tokens"] <= 40


@pytest.mark.model
def test_max_tokens_cuts_an_answer_short_and_says_so(model: LocalModel) -> None:
    # langchain raises rather than returning half an object
    from openai import LengthFinishReasonError

    with pytest.raises(LengthFinishReasonError):
        ask(model, "Where is part 14?", max_tokens=3)


@pytest.mark.model
def test_a_seed_repeats_an_answer(model: LocalModel) -> None:
    twice = [ask(model, "Pick any part.", temperature=1.5, seed=7, max_tokens=40)["raw"].content for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.model
def test_a_remembered_prompt_is_not_read_again_by_another_process(
    model: LocalModel, weights: Path, prefixes: Path
) -> None:
    model.remember(SYSTEM)
    assert len(list(prefixes.glob("*.kv"))) == 1
    other = LocalModel(weights, prefixes)  # as a later process would: it shares nothing but the folder
    try:
        other.remember(SYSTEM)
        usage = ask(other, "Where is part 7?", temperature=0, max_tokens=40)["raw"].usage_metadata
    finally:
        other.stop()
    assert usage["input_token_details"]["cache_read"] > 0.8 * usage["input_tokens"]


@pytest.mark.model
def test_a_damaged_memory_is_read_anew(model: LocalModel, prefixes: Path) -> None:
    short = "You answer in JSON."
    model.remember(short)
    mine = max(prefixes.glob("*.kv"), key=lambda p: p.stat().st_mtime_ns)
    whole = mine.stat().st_size
    mine.write_bytes(b"not a state")
    model.remember(SYSTEM)  # the slot holds another prompt, so that the damaged file is looked at
    model.remember(short)
    assert mine.stat().st_size == whole
    assert ask(model, "Where is part 7?", short, max_tokens=40)["parsing_error"] is None


@pytest.mark.model
def test_weights_that_are_not_weights_are_told_with_the_command_that_mends(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + json.dumps({}).encode())
    with pytest.raises(Setup, match=r"broken\.gguf.*make setup"):
        LocalModel(broken, tmp_path)
