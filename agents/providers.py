"""Ways to reach a language model: in this process, at Ollama, at OpenAI or a compatible address; settings and usage."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from tools.errors import Setup

if TYPE_CHECKING:
    from agents.local_model import LocalModel

# USD per million tokens (prompt, completion), from the provider's public price list of 2025-08; a model
# that is not here is asked only while no cost ceiling is set, because its cost could not be counted.
PRICES: Mapping[str, tuple[float, float]] = {
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
}


def _local(name: str) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(base_url=local_server().base_url(), api_key="local", model=name, max_retries=1, timeout=600)  # type: ignore[arg-type]


def local_server() -> "LocalModel":
    """The local model in this process, loaded when it is first asked."""
    from agents.local_model import local_model

    return local_model()


def _ollama(name: str) -> BaseChatModel:
    from langchain_ollama import ChatOllama

    return ChatOllama(model=name)


def _openai(name: str) -> BaseChatModel:
    """`NAME` at OpenAI, or `NAME@http://host/v1` at any compatible address (key in OPENAI_API_KEY)."""
    import os

    from langchain_openai import ChatOpenAI

    model, _, address = name.partition("@")
    key = os.environ.get("OPENAI_API_KEY")
    if not key and not address:
        raise Setup("OPENAI_API_KEY is not set, and the profile asks an OpenAI model", "export OPENAI_API_KEY=…")
    return ChatOpenAI(model=model, base_url=address or None, api_key=key or "none", max_retries=2, timeout=300)  # type: ignore[arg-type]


PROVIDERS: dict[str, Callable[[str], BaseChatModel]] = {"local": _local, "ollama": _ollama, "openai": _openai}
"""Ways to reach a model; tests add `scripted`."""


def unreachable(provider: str) -> tuple[type[Exception], ...]:
    """What the provider's client raises when the server is not there or refuses; none of it is an OSError."""
    if provider in ("local", "openai"):
        from openai import OpenAIError

        return (OSError, OpenAIError)
    if provider == "ollama":
        from httpx import HTTPError
        from ollama import ResponseError

        return (OSError, HTTPError, ResponseError)
    return (OSError,)


def options_of(
    provider: str, schema: Mapping[str, Any] | None, temperature: float, seed: int, max_tokens: int
) -> dict[str, Any]:
    """The provider's own names for the settings of a call."""
    if provider == "ollama":
        options: dict[str, Any] = {"options": {"temperature": temperature, "seed": seed, "num_predict": max_tokens}}
        return options | ({"format": schema} if schema else {})
    options = {"temperature": temperature, "seed": seed, "max_tokens": max_tokens}
    if schema:
        strict = {"name": "answer", "schema": schema, "strict": True}
        # Not as an argument: the client would then parse the answer itself, and raise where one is cut short.
        options["extra_body"] = {"response_format": {"type": "json_schema", "json_schema": strict}}
    return options


def usage_of(message: AIMessage, model: str, seconds: float) -> dict[str, Any]:
    """Tokens, seconds and cost of an answer."""
    counted = message.usage_metadata or {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    prompt, completion = counted["input_tokens"], counted["output_tokens"]
    price = PRICES.get(model, (0.0, 0.0))
    return {
        "prompt_tokens": prompt,
        "cached_tokens": (counted.get("input_token_details") or {}).get("cache_read", 0) or 0,
        "completion_tokens": completion,
        "seconds": round(seconds, 3),
        "cost_usd": round((prompt * price[0] + completion * price[1]) / 1e6, 6),
    }
