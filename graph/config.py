"""Settings of a run, resolved once: defaults < flags; frozen from then on."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.llm import Ladders, resolve
from tools.artifacts import Budgets
from tools.errors import BadInput
from tools.pareto import Preference

BUDGET_KEYS = {"ram": "ram_bytes", "flash": "flash_bytes", "arena": "arena_bytes", "macs": "macs"}
_SUFFIXES = {"": 1, "k": 1000, "kb": 1024, "m": 1_000_000, "mb": 1024 * 1024, "b": 1}


Strategy = Literal["mixed", "llm", "blind", "evolution", "random"]
EarlyStop = Literal["none", "median"]


class RunConfig(BaseModel):
    """Everything that a run depends on besides request and data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = "local"
    suite: str | None = None
    """The evaluation that the run belongs to: a tag of its trace."""
    ladders: Ladders = Ladders()
    board: str | None = None
    budgets: Budgets = Budgets()
    candidates: int = Field(default=8, ge=1, le=1000)
    """Networks to train in the search."""
    epochs_mini: int = Field(default=12, ge=1, le=10_000)
    epochs_full: int = Field(default=60, ge=1, le=10_000)
    epochs_distil: int = Field(default=25, ge=1, le=10_000)
    seed: int = 1
    preference: Preference = "accurate"
    """What picks the network of the front to train in full, unless the person does."""
    per_round: int = Field(default=4, ge=1, le=16)
    """Proposals asked for in one call."""
    strategy: Strategy = "llm"
    """Who proposes networks: the architect (`llm`; `blind` without feedback), arithmetic, or both in turns."""
    early_stop: EarlyStop = "none"
    """Which rule of tools/pruning.py gives up mini-trainings without hope."""
    rounds: int = 6
    """Calls of the architect at most; whatever is missing then is filled by mutation, and said so."""
    tries: int = 5
    """Drafts of the firmware that are compiled at most."""
    core: str = "emulated"


def parse_budgets(pairs: Sequence[str]) -> Budgets:
    """Budgets of `KEY=VALUE` flags: ram, flash, arena (bytes; k, KB, MB allowed) and macs (k, M). Raises BadInput."""
    found: dict[str, int] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        name = BUDGET_KEYS.get(key.strip().lower())
        if name is None:
            raise BadInput(f"unknown budget '{key}': write one of {', '.join(BUDGET_KEYS)}, e.g. ram=64KB")
        found[name] = _amount(pair, value.strip())
    return Budgets(**found)


def _amount(pair: str, value: str) -> int:
    digits = value.rstrip("abkmABKM")
    suffix = value[len(digits) :].strip().lower()
    try:
        amount = int(float(digits) * _SUFFIXES[suffix])
    except (ValueError, KeyError, OverflowError) as error:
        raise BadInput(f"'{pair}' is not a budget: write a number, with k, KB, M or MB if you like") from error
    if amount <= 0:
        raise BadInput(f"'{pair}' is not a budget: it must be more than 0")
    return amount


def parse_models(pairs: Sequence[str]) -> dict[str, str]:
    """`ROLE=PROVIDER:NAME` flags as a mapping. Raises BadInput."""
    found = {}
    for pair in pairs:
        role, equals, model = pair.partition("=")
        if not equals or ":" not in model:
            raise BadInput(f"'{pair}' is not ROLE=PROVIDER:NAME, e.g. planner=openai:gpt-4o-mini")
        found[role] = model
    return found


def make_config(profile: str, models: Mapping[str, str], **settings: Any) -> RunConfig:
    """RunConfig of flags; a flag that was not given (None) keeps its default. Raises BadInput.

    `settings` are fields of RunConfig, and `max_cost_usd`: what paid models may cost.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    for key in ("candidates", "epochs_mini", "epochs_full"):
        if key in given and not 1 <= given[key] <= 10_000:
            raise BadInput(f"--{key.replace('_', '-')} must be between 1 and 10000, not {given[key]}")
    if given.get("core", "emulated") not in ("emulated", "real"):
        raise BadInput(f"--core is '{given['core']}': write emulated, or real for the vendor's core")
    ladders = resolve(profile, models).model_copy(update={"max_cost_usd": given.pop("max_cost_usd", None)})
    return RunConfig(profile=profile, ladders=ladders, **given)
