"""The one door to a language model: ladders of models per role, schema-constrained answers, usage and cost.

Not covered: what is asked (prompts/) and what an answer means (the agents).
"""

import contextlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, ValidationError

import prompts
from agents.providers import PRICES, PROVIDERS, local_server, options_of, unreachable, usage_of
from tools.errors import BadInput, Fixable, Setup
from tools.store import append_line, content_hash
from tools.trace import span

Role = Literal["planner", "data", "architect", "validator", "firmware"]
ROLES: tuple[Role, ...] = ("planner", "data", "architect", "validator", "firmware")
LOCAL = "local:qwen2.5-coder-1.5b"
T = TypeVar("T")

_templates = Environment(
    loader=FileSystemLoader(Path(prompts.__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


def render(template: str, **facts: Any) -> str:
    """Text of prompts/`template`.jinja; a variable that is missing raises instead of weakening the prompt."""
    return _templates.get_template(f"{template}.jinja").render(**facts).strip()


class Ladders(BaseModel):
    """Models per role, `provider:name`, the first is asked first; see PROFILES."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    planner: tuple[str, ...] = (LOCAL,)
    data: tuple[str, ...] = (LOCAL,)
    architect: tuple[str, ...] = (LOCAL,)
    validator: tuple[str, ...] = (LOCAL,)
    firmware: tuple[str, ...] = (LOCAL,)
    max_cost_usd: float | None = None

    def of(self, role: Role) -> tuple[str, ...]:
        """The ladder of `role`."""
        return getattr(self, role)


def _same(*models: str, validator: str = LOCAL) -> Ladders:
    return Ladders(planner=models, data=models, architect=models, firmware=models, validator=(validator,))


PROFILES: Mapping[str, Ladders] = {
    "local": Ladders(),
    "ollama": _same("ollama:qwen2.5-coder:1.5b", validator="ollama:qwen2.5-coder:1.5b"),
    "openai": _same("openai:gpt-4o-mini", "openai:gpt-4o"),
    "hybrid": _same(LOCAL, "openai:gpt-4o-mini"),
}


def resolve(profile: str, overrides: Mapping[str, str]) -> Ladders:
    """Ladders of a profile with `ROLE=PROVIDER:NAME[,PROVIDER:NAME]` overrides.

    Raises BadInput for an unknown profile, role or provider, and for a validator that would leave the machine.
    """
    if profile not in PROFILES:
        raise BadInput(f"unknown profile '{profile}': choose one of {', '.join(PROFILES)}")
    ladders = PROFILES[profile]
    for role, models in overrides.items():
        if role not in ROLES:
            raise BadInput(f"unknown role '{role}' in --model: choose one of {', '.join(ROLES)}")
        ladders = ladders.model_copy(update={role: tuple(models.split(","))})
    for role in ROLES:
        for model in ladders.of(role):
            provider = model.partition(":")[0]
            if provider not in PROVIDERS:
                raise BadInput(f"unknown provider in '{model}': write one of {', '.join(PROVIDERS)} and a name")
            if role == "validator" and provider not in ("local", "ollama", "scripted"):
                raise BadInput(f"the validator runs on this machine only: '{model}' would leave it")
    return ladders


class Answer(BaseModel, Generic[T]):
    """A parsed answer with the text it came from and the model that gave it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    value: T
    text: str
    model: str


class CostCeiling(BadInput):
    """The ceiling is reached: no paid model is asked until it is raised; what was answered is kept."""

    def __init__(self, spent_usd: float, ceiling_usd: float) -> None:
        super().__init__(
            f"the cost ceiling of {ceiling_usd:g} USD is reached ({spent_usd:.4f} USD spent): raise it, then resume"
        )
        self.spent_usd = spent_usd
        self.ceiling_usd = ceiling_usd


class LanguageModels:
    """Asks the model of a role's ladder; every call is a span with its usage, and is cached in the run folder.

    The cache makes a resumed run repeat no call: same model, messages, schema, seed and temperature, same answer.
    """

    def __init__(self, ladders: Ladders, cache: Path | None = None) -> None:
        self.ladders = ladders
        self.ceiling_usd = ladders.max_cost_usd
        """May be raised while the run goes on."""
        self.spent_usd = 0.0
        """By this run, before an interruption as well."""
        self.tokens: Counter[str] = Counter()
        """Of each role's answers since the start of the program, prompts and answers from the cache included."""
        self._cache_file = cache
        self._cached: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()
        self._lock = threading.Lock()
        if cache is not None and cache.exists():
            for line in cache.read_text().splitlines():
                # A line that a full disk or a kill cut off is a call to be made again.
                with contextlib.suppress(json.JSONDecodeError, KeyError):
                    entry = json.loads(line)
                    self._cached[entry["key"]] = entry["text"]
                    self._sizes[entry["key"]] = entry.get("tokens", 0)
                    self.spent_usd += entry.get("cost_usd", 0.0)

    def rungs(self, role: Role) -> int:
        """How many models the ladder of `role` has."""
        return len(self.ladders.of(role))

    def ask(
        self,
        role: Role,
        system: str,
        user: str,
        *,
        schema: Mapping[str, Any] | None = None,
        parse: Callable[[str], T],
        rung: int = 0,
        temperature: float = 0.0,
        seed: int = 0,
        max_tokens: int = 700,
    ) -> Answer[T]:
        """One question to the `rung`-th model of the role's ladder.

        `schema` (JSON schema) constrains the decoding; `parse` turns the text into a value and raises
        Fixable or ValidationError when it does not hold, which is passed on as Fixable.
        Raises CostCeiling when that is reached, Setup when the model cannot be reached.
        """
        name = self.ladders.of(role)[min(rung, self.rungs(role) - 1)]
        key = content_hash([name, system, user, dict(schema or {}), temperature, seed, max_tokens])
        with span(f"ask {role}", kind="model", inputs={"model": name, "system": system, "user": user}) as hop:
            text = self._cached.get(key)
            if text is None:
                text, usage = self._call(name, system, user, schema, temperature, seed, max_tokens)
                hop.usage = {"role": role, "model": name, **usage}
                self._remember(key, text, usage)
            self.tokens[role] += self._sizes[key]
            hop.outputs = {"text": text} if hop.usage else {"text": text, "cached": True}
            try:
                return Answer(value=parse(text), text=text, model=name)
            except (ValidationError, json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
                # The last three: JSON of another shape, from a model that does not keep to the schema.
                first = (str(error) or repr(error)).splitlines()[0]
                raise Fixable(f"the {role}'s answer does not have the asked form: {first}", text=text) from error

    def _call(
        self,
        name: str,
        system: str,
        user: str,
        schema: Mapping[str, Any] | None,
        temperature: float,
        seed: int,
        max_tokens: int,
    ) -> tuple[str, dict[str, Any]]:
        ceiling = self.ceiling_usd
        provider, _, model_name = name.partition(":")
        if ceiling is not None and provider == "openai":
            if self.spent_usd >= ceiling:
                raise CostCeiling(self.spent_usd, ceiling)
            if model_name not in PRICES:
                raise BadInput(f"no price of {model_name} is known, so the ceiling of {ceiling} USD could not be kept")
        chat = PROVIDERS[provider](model_name)
        if provider == "local":
            local_server().remember(system)  # system prompts are the same from run to run: read once a machine
        options = options_of(provider, schema, temperature, seed, max_tokens)
        started = time.monotonic()
        try:
            message = chat.invoke([SystemMessage(system), HumanMessage(user)], **options)
        except unreachable(provider) as error:
            raise Setup(f"the model {name} cannot be reached: {error}", "tinysmith doctor") from error
        usage = usage_of(message, model_name, time.monotonic() - started)
        self.spent_usd += usage["cost_usd"]
        return str(message.content), usage

    def _remember(self, key: str, text: str, usage: Mapping[str, Any]) -> None:
        tokens = usage["prompt_tokens"] + usage["completion_tokens"]
        entry = {"key": key, "text": text, "cost_usd": usage["cost_usd"], "tokens": tokens}
        with self._lock:
            self._cached[key] = text
            self._sizes[key] = tokens
            if self._cache_file is not None:
                append_line(self._cache_file, json.dumps(entry))


def code_block(text: str) -> str:
    """The first fenced code block of an answer, or the whole text when there is no fence."""
    found = re.search(r"```[a-zA-Z+]*\n(.*?)(?:```|\Z)", text, re.DOTALL)
    return (found.group(1) if found else text).strip()
