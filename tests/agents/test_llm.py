"""The door to the language models: ladders, cache, cost, broken answers, and what goes over the wire."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agents import llm, providers
from agents.llm import Ladders, LanguageModels, code_block, resolve
from tests.fakes import ScriptedModel, scripted
from tools.errors import BadInput, Fixable, Setup
from tools.trace import read_trace, tracing_to

SYSTEM = "You turn a request into rules."
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
PLANNER = Ladders(planner=("scripted:small", "scripted:large"))


def ask(models: LanguageModels, user: str = "one two", **options: Any) -> llm.Answer[Any]:
    return models.ask("planner", SYSTEM, user, schema=SCHEMA, parse=json.loads, **options)


# --- ladders ----------------------------------------------------------------------------------------


def test_an_override_replaces_the_ladder_of_its_role_only() -> None:
    ladders = resolve("local", {"firmware": "local:a,openai:gpt-4o"})
    assert ladders.firmware == ("local:a", "openai:gpt-4o")
    assert ladders.planner == (llm.LOCAL,)
    assert resolve("hybrid", {}).architect == (llm.LOCAL, "openai:gpt-4o-mini")


@pytest.mark.parametrize("profile", list(llm.PROFILES))
def test_every_profile_keeps_the_validator_on_this_machine(profile: str) -> None:
    assert resolve(profile, {}).validator[0].partition(":")[0] in ("local", "ollama")


@pytest.mark.parametrize(
    ("profile", "overrides", "words"),
    [
        ("cloud", {}, "unknown profile 'cloud': choose one of local, ollama, openai, hybrid"),
        ("local", {"cook": "local:x"}, "unknown role 'cook'"),
        ("local", {"planner": "local:x,telepathy:y"}, "unknown provider in 'telepathy:y'"),
        ("local", {"validator": "local:x,openai:gpt-4o"}, "'openai:gpt-4o' would leave it"),
    ],
)
def test_what_is_no_ladder_is_bad_input(profile: str, overrides: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        resolve(profile, overrides)


def test_a_rung_beyond_the_ladder_is_its_last_model(script: Any) -> None:
    script(planner='{"x": 1}')
    models = LanguageModels(PLANNER)
    assert [ask(models, rung=rung).model for rung in (0, 1, 7)] == [
        "scripted:small",
        "scripted:large",
        "scripted:large",
    ]


# --- cache, usage, cost -----------------------------------------------------------------------------


def test_a_second_instance_on_the_same_cache_asks_nothing(tmp_path: Path, script: Any) -> None:
    model = script(planner=['{"x": 1}', '{"x": 2}'])
    cache = tmp_path / "calls.jsonl"
    first = ask(LanguageModels(PLANNER, cache))
    again = LanguageModels(PLANNER, cache)
    assert ask(again).value == first.value == {"x": 1}
    assert len(model.asked) == 1
    assert ask(again, seed=1).value == {"x": 2}, "another seed is another question"


def test_a_cache_whose_last_line_was_cut_off_is_still_read(tmp_path: Path, script: Any) -> None:
    model = script(planner=['{"x": 1}', '{"x": 2}', '{"x": 3}'])
    cache = tmp_path / "calls.jsonl"
    models = LanguageModels(PLANNER, cache)
    ask(models, "kept")
    ask(models, "cut")
    cache.write_text(cache.read_text()[:-9])
    again = LanguageModels(PLANNER, cache)
    assert ask(again, "kept").value == {"x": 1}
    assert ask(again, "cut").value == {"x": 3}
    assert len(model.asked) == 3


def test_usage_is_counted_once_and_a_cached_answer_is_free(tmp_path: Path, script: Any) -> None:
    script(planner='{"x": 1}')
    models = LanguageModels(PLANNER, tmp_path / "calls.jsonl")
    with tracing_to(tmp_path / "trace.jsonl"):
        ask(models)
        ask(models)
    first, second = read_trace(tmp_path / "trace.jsonl")
    words = len(SYSTEM.split()) + 2
    assert (first.usage["prompt_tokens"], first.usage["completion_tokens"]) == (words, 2)
    assert first.usage["role"] == "planner"
    assert second.usage == {}
    assert second.outputs == {"text": '{"x": 1}', "cached": True}


def paid(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """A script in the place of the provider that costs money."""
    model = scripted(planner='{"x": 1}')
    monkeypatch.setitem(llm.PROVIDERS, "openai", lambda _: model)
    return model


def test_the_cost_ceiling_stops_the_next_call(monkeypatch: pytest.MonkeyPatch) -> None:
    model = paid(monkeypatch)
    models = LanguageModels(Ladders(planner=("openai:gpt-4o",), max_cost_usd=0.00003))
    ask(models, "first")
    prompt, completion = len(SYSTEM.split()) + 1, 2
    assert models.spent_usd == pytest.approx((prompt * 2.5 + completion * 10) / 1e6, abs=1e-6)
    with pytest.raises(BadInput, match="cost ceiling of 3e-05 USD is reached"):
        ask(models, "second")
    assert ask(models, "first").value == {"x": 1}, "what is cached costs nothing"
    assert len(model.asked) == 1


def test_what_was_spent_before_an_interruption_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paid(monkeypatch)
    ladders = Ladders(planner=("openai:gpt-4o",), max_cost_usd=0.00003)
    first = LanguageModels(ladders, tmp_path / "calls.jsonl")
    ask(first, "first")
    again = LanguageModels(ladders, tmp_path / "calls.jsonl")
    assert again.spent_usd == first.spent_usd > 0
    with pytest.raises(llm.CostCeiling):
        ask(again, "second")
    again.ceiling_usd = 1.0
    assert ask(again, "second").value == {"x": 1}


def test_under_a_cost_ceiling_a_model_without_a_price_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    model = paid(monkeypatch)
    ladder = ("openai:gpt-unheard-of",)
    with pytest.raises(BadInput, match="no price of gpt-unheard-of is known"):
        ask(LanguageModels(Ladders(planner=ladder, max_cost_usd=1.0)))
    assert model.asked == []
    assert ask(LanguageModels(Ladders(planner=ladder))).value == {"x": 1}


# --- answers ----------------------------------------------------------------------------------------


def test_a_broken_answer_is_fixable_and_shows_its_text(script: Any) -> None:
    script(planner='{"x": 1')
    with pytest.raises(Fixable, match="the planner's answer does not have the asked form") as caught:
        ask(LanguageModels(PLANNER))
    assert caught.value.evidence == {"text": '{"x": 1'}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Here:\n```cpp\nint a;\n```\nand\n```\nint b;\n```", "int a;"),
        ("```c++\nint a;", "int a;"),
        ("  int a;\n", "int a;"),
    ],
    ids=["first of two", "cut short", "no fence"],
)
def test_code_block(text: str, code: str) -> None:
    assert code_block(text) == code


def test_a_missing_fact_of_a_prompt_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        llm.render("planner_user", labels=["a"])


# --- over the wire ----------------------------------------------------------------------------------

OPENAI_REPLY = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "tiny",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"x": 5}'}}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
}
OLLAMA_REPLY = {
    "model": "tiny",
    "created_at": "2026-01-01T00:00:00Z",
    "message": {"role": "assistant", "content": '{"x": 5}'},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 11,
    "eval_count": 3,
}


class Recorder(ThreadingHTTPServer):
    """Answers in both providers' forms and keeps what it was sent; `status` other than 200 refuses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, body))
        reply: Any = OLLAMA_REPLY if self.path == "/api/chat" else OPENAI_REPLY
        if self.server.status != 200:
            reply = {"error": {"message": "no such key"}}
        text = (json.dumps(reply) + "\n").encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setitem(llm.PROVIDERS, "openai", providers._openai)
    monkeypatch.setitem(llm.PROVIDERS, "ollama", providers._ollama)
    server = Recorder()
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_openai_compatible_address_is_sent_the_schema(recorder: Recorder, tmp_path: Path) -> None:
    models = LanguageModels(Ladders(planner=(f"openai:tiny@{recorder.address}/v1",)))
    with tracing_to(tmp_path / "trace.jsonl"):
        answer = ask(models, temperature=0.5, seed=3, max_tokens=77)
    assert answer.value == {"x": 5}
    [(path, body)] = recorder.requests
    assert path == "/v1/chat/completions"
    assert body["model"] == "tiny"
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert [m["content"] for m in body["messages"]] == [SYSTEM, "one two"]
    assert (body["temperature"], body["seed"]) == (0.5, 3)
    assert 77 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    [span] = read_trace(tmp_path / "trace.jsonl")
    assert (span.usage["prompt_tokens"], span.usage["completion_tokens"], span.usage["cost_usd"]) == (11, 3, 0)


def test_ollama_is_sent_the_schema_as_format_and_the_options(recorder: Recorder, tmp_path: Path) -> None:
    models = LanguageModels(Ladders(planner=("ollama:tiny:1b",)))
    with tracing_to(tmp_path / "trace.jsonl"):
        assert ask(models, temperature=0.5, seed=3, max_tokens=77).value == {"x": 5}
    [(path, body)] = recorder.requests
    assert path == "/api/chat"
    assert body["model"] == "tiny:1b"
    assert body["format"] == SCHEMA
    assert body["options"] == {"temperature": 0.5, "seed": 3, "num_predict": 77}
    [span] = read_trace(tmp_path / "trace.jsonl")
    assert (span.usage["prompt_tokens"], span.usage["completion_tokens"]) == (11, 3)


@pytest.mark.parametrize("model", ["openai:tiny@{address}/v1", "ollama:tiny"])
def test_a_server_that_refuses_is_a_setup_failure(recorder: Recorder, model: str) -> None:
    recorder.status = 401
    models = LanguageModels(Ladders(planner=(model.format(address=recorder.address),)))
    with pytest.raises(Setup, match="cannot be reached"):
        ask(models)


@pytest.mark.parametrize("model", ["openai:tiny@http://127.0.0.1:9/v1", "ollama:tiny"])
def test_a_server_that_is_not_there_is_a_setup_failure(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    with pytest.raises(Setup, match="cannot be reached"):
        ask(LanguageModels(Ladders(planner=(model,))))


def test_without_a_key_openai_itself_is_not_asked(recorder: Recorder) -> None:
    with pytest.raises(Setup, match="OPENAI_API_KEY is not set"):
        ask(LanguageModels(Ladders(planner=("openai:gpt-4o",))))
