"""The first node: a run folder and resolved settings, also when the graph is started without the command line."""

import time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.llm import resolve
from graph.config import RunConfig
from graph.state import RunState
from tools.errors import BadInput
from tools.store import write_json


def new_run_dir(parent: Path = Path("runs")) -> Path:
    """An unused folder named by the time: runs/20260131-154501."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = parent / stamp
    for n in range(2, 1000):
        if not path.exists():
            break
        path = parent / f"{stamp}-{n}"
    return path


def open_run(state: RunState) -> dict[str, Any]:
    """Fill in what the caller left out and record the request."""
    run_dir = Path(state.get("run_dir") or new_run_dir()).resolve()
    config = _settings(state.get("config"))
    facts = {"request": state["request"], "data": state.get("data"), "board": state.get("board") or config.board}
    write_json(run_dir / "run.json", {**facts, "config": config.model_dump(mode="json")})
    return {"run_dir": str(run_dir), "config": config}


def _settings(given: Any) -> RunConfig:
    """The settings as a RunConfig; over the API they come as JSON. Raises BadInput."""
    if isinstance(given, RunConfig):
        return given
    try:
        config = RunConfig.model_validate(given or {})
        stated = "ladders" in config.model_fields_set
        return config if stated else config.model_copy(update={"ladders": resolve(config.profile, {})})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"config.{where} is wrong: {first['msg']}") from error
