"""Cases as YAML: evals/cases/SUITE/*.yaml, each file a list, checked against the suite's own model."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tools.errors import BadInput

CASES = Path(__file__).parent / "cases"
M = TypeVar("M", bound=BaseModel)


def read_cases(suite: str, model: type[M], root: Path = CASES) -> list[M]:
    """All cases of a suite, in the order of file names and lists.

    Raises BadInput naming file, case and key where a case does not fit `model`, and where there are none.
    """
    found: list[M] = []
    for path in sorted((root / suite).glob("*.yaml")):
        for number, entry in enumerate(_entries(path), start=1):
            try:
                found.append(model.model_validate(entry))
            except ValidationError as error:
                first = error.errors()[0]
                key = ".".join(map(str, first["loc"])) or "the whole"
                raise BadInput(f"{path.name}, case {_name(entry, number)}: {key}: {first['msg']}") from error
    if not found:
        raise BadInput(f"the suite '{suite}' has no cases: there is no filled {suite}/*.yaml in {root.name}/")
    return found


def _entries(path: Path) -> list[Any]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadInput(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(entries, list):
        raise BadInput(f"{path.name} must hold a list of cases, each beginning with a dash")
    return entries


def _name(entry: Any, number: int) -> str:
    return f"'{entry['id']}'" if isinstance(entry, dict) and isinstance(entry.get("id"), str) else str(number)
