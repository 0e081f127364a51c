"""Settings of a run, resolved once: defaults < file < flags; frozen from then on."""

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.error_memory import Memory
from agents.llm import Ladders, resolve
from tools.artifacts import Augment, Budgets, TeacherPlan
from tools.errors import BadInput
from tools.pareto import Preference

BUDGET_KEYS = {"ram": "ram_bytes", "flash": "flash_bytes", "arena": "arena_bytes", "macs": "macs"}
_SUFFIXES = {"": 1, "k": 1000, "kb": 1024, "m": 1_000_000, "mb": 1024 * 1024, "b": 1}


Strategy = Literal["mixed", "llm", "blind", "guided", "evolution", "random"]
EarlyStop = Literal["none", "median", "dominated"]


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
    samples_max: int | None = Field(default=None, ge=20)
    """Samples or recordings of the data set that are used at most, an even share of each class; None: all."""
    samples_mini: int = Field(default=5000, ge=20)
    """Training samples of a mini-training at most: enough to rank candidates."""
    augment: Augment | None = None
    """Augmentation of the training part, in place of the data agent's."""
    teacher: TeacherPlan = TeacherPlan()
    alpha: float = Field(default=0.7, ge=0, le=1)
    """Share of the teacher in the loss of distillation."""
    temperature: float = Field(default=4.0, gt=0)
    """Of distillation: how much the teacher's second thoughts count."""
    seed: int = 1
    preference: Preference = "accurate"
    """What picks the network of the front to train in full, unless the person does."""
    per_round: int = Field(default=4, ge=1, le=16)
    """Proposals asked for in one call."""
    strategy: Strategy = "mixed"
    """Who proposes networks: the architect (`llm`; `blind` without feedback), arithmetic (`random`, `evolution`,
    `guided` by a surrogate), or both into one pool of which the most promising are trained (`mixed`)."""
    early_stop: EarlyStop = "none"
    """Which rule of tools/pruning.py gives up mini-trainings without hope."""
    rounds: int = 6
    """Calls of the architect at most; whatever is missing then is filled up without it, and said so."""
    tries: int = 5
    """Drafts of the firmware that are compiled at most."""
    firmware_tokens: int = Field(default=8000, ge=1)
    """What the firmware's drafts may take, prompts included; beyond it the rules write the application."""
    firmware_seconds: float = Field(default=600.0, gt=0)
    """What drafting, compiling and emulating may take, with the same end."""
    memory: Memory = "own"
    """Which lessons of earlier firmwares the drafts are told (agents/error_memory.py)."""
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


def make_config(
    profile: str | None, models: Mapping[str, str], config_file: Path | None = None, **settings: Any
) -> RunConfig:
    """RunConfig of a file and flags; a flag that was not given (None) keeps the file's value or the default.

    `settings` are fields of RunConfig, and `max_cost_usd`: what paid models may cost. Raises BadInput.
    """
    stated = read_config(config_file) if config_file else {}
    given = {key: value for key, value in settings.items() if value is not None}
    for key in ("candidates", "epochs_mini", "epochs_full"):
        if key in given and not 1 <= given[key] <= 10_000:
            raise BadInput(f"--{key.replace('_', '-')} must be between 1 and 10000, not {given[key]}")
    if "budgets" in given and "budgets" in stated:
        given["budgets"] = stated["budgets"].model_copy(update=given["budgets"].model_dump(exclude_none=True))
    chosen = {**stated, **given}
    if chosen.get("core", "emulated") not in ("emulated", "real"):
        raise BadInput(f"--core is '{chosen['core']}': write emulated, or real for the vendor's core")
    profile = profile or chosen.pop("profile", "local")
    ladders = resolve(profile, {**chosen.pop("models", {}), **models})
    ladders = ladders.model_copy(update={"max_cost_usd": chosen.pop("max_cost_usd", None)})
    chosen.pop("profile", None)
    return RunConfig(profile=profile, ladders=ladders, **chosen)


# --- file ---------------------------------------------------------------------------------------------

_NOT_IN_FILE = ("ladders", "suite")


def read_config(path: Path) -> dict[str, Any]:
    """Settings of a TOML file: fields of RunConfig, and as the flags write them `budgets`, `models`, `max_cost_usd`.

    Raises BadInput naming file and key.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from error
    known = [name for name in RunConfig.model_fields if name not in _NOT_IN_FILE]
    for key in found:
        if key not in (*known, "models", "max_cost_usd"):
            raise BadInput(f"{path}: there is no setting '{key}'{_nearest(key, known)}")
    return _checked(path, found)


def _nearest(key: str, known: Sequence[str]) -> str:
    close = get_close_matches(key, known, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; write some of {', '.join(known)}"


def _checked(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The values in the types of RunConfig."""
    budgets, models = found.pop("budgets", None), found.pop("models", {})
    cost = found.pop("max_cost_usd", None)
    if not isinstance(models, dict) or not all(isinstance(name, str) for name in models.values()):
        raise BadInput(f'{path}: models: write a table of roles, e.g. planner = "openai:gpt-4o-mini"')
    if cost is not None and not isinstance(cost, int | float):
        raise BadInput(f"{path}: max_cost_usd: write a number, not {cost!r}")
    if budgets is not None and not isinstance(budgets, dict):
        raise BadInput(f'{path}: budgets: write a table, e.g. ram = "320KB"')
    try:
        config = RunConfig.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    values = {key: getattr(config, key) for key in found}
    if budgets is not None:
        values["budgets"] = parse_budgets([f"{key}={value}" for key, value in budgets.items()])
    return values | ({"models": models} if models else {}) | ({} if cost is None else {"max_cost_usd": float(cost)})
