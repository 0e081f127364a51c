"""The house rules that a machine can check: imports, the door to models, prompts, what a commit must not hold."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta

from tools.process import run
from tools.toolchain import CHECKOUT

# An import may go to the left, never to the right. prompts/ holds no code, evals/ drives the graph.
LAYERS = ("hw", "tools", "prompts", "agents", "graph", "evals", "cli")
MODEL_PACKAGES = {"langchain_openai", "langchain_ollama", "openai", "ollama", "xllamacpp"}
MODEL_DOORS = {"agents/providers.py", "agents/local_model.py", "agents/llama_process.py"}
# A worker cannot raise into its parent: it sends what it caught, and the parent raises that.
CATCH_ALL = {"cli/main.py", "tools/process.py", "tools/workers.py"}

SOURCES = sorted(path for layer in LAYERS for path in (CHECKOUT / layer).rglob("*.py"))
PROMPTS = sorted((CHECKOUT / "prompts").glob("*.jinja"))


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_never_go_backwards(path: Path) -> None:
    own = LAYERS.index(path.relative_to(CHECKOUT).parts[0])
    backwards = [m for m in imported(path) if m.split(".")[0] in LAYERS[own + 1 :]]
    assert backwards == []


def test_only_the_doors_import_a_model() -> None:
    importing = {name_of(p) for p in SOURCES if MODEL_PACKAGES & {m.split(".")[0] for m in imported(p)}}
    assert importing == MODEL_DOORS


@pytest.mark.parametrize("package", LAYERS)
def test_packages_are_this_checkouts(package: str) -> None:
    found = [Path(p).resolve() for p in importlib.import_module(package).__path__]
    assert found == [CHECKOUT / package]


def catch_all(handler: ast.ExceptHandler) -> bool:
    """`except:`, `except Exception` and an `except BaseException` that does not pass on what it caught."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    passes_on = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    return handler.type is None or "Exception" in names or ("BaseException" in names and not passes_on)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_swallows_every_error(path: Path) -> None:
    nodes = ast.walk(ast.parse(path.read_text()))
    lines = [n.lineno for n in nodes if isinstance(n, ast.ExceptHandler) and catch_all(n)]
    assert lines == [] or name_of(path) in CATCH_ALL


class Anything:
    """Stands for any value a prompt can be given: has every attribute, one item, and is one in arithmetic."""

    def __getattr__(self, name: str) -> "Anything":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> "Anything":
        return self

    def __getitem__(self, key: object) -> "Anything":
        return self

    def __iter__(self) -> Iterator["Anything"]:
        yield self

    def __len__(self) -> int:
        return 1

    def __str__(self) -> str:
        return "anything"

    def __round__(self, digits: int = 0) -> float:
        return 1.0

    def __lt__(self, _: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __add__(self, _: object) -> "Anything":
        return self

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
    __floordiv__ = __rfloordiv__ = __mod__ = __add__

    def __float__(self) -> float:
        return 1.0

    __index__ = __int__ = __len__


@pytest.mark.parametrize("path", PROMPTS, ids=name_of)
def test_prompts_name_their_variables_and_render_with_exactly_these(path: Path) -> None:
    source = path.read_text()
    head = re.fullmatch(r"\{# variables: (.+) #\}", source.splitlines()[0])
    assert head, "the first line is {# variables: a, b #} or {# variables: none #}"
    named = [] if head.group(1) == "none" else head.group(1).split(", ")
    strict = Environment(loader=FileSystemLoader(path.parent), undefined=StrictUndefined, autoescape=False)
    assert named == sorted(meta.find_undeclared_variables(strict.parse(source)))
    values: dict[str, Any] = {name: Anything() for name in named}
    assert strict.from_string(source).render(**values).strip()


# Written in two halves, so that this file does not find itself.
PATHS = ("/ro" + "ot/", "/wo" + "rk/", "/Use" + "rs/")
REGISTRIES = (r"py" + r"pi\.org", r"python" + r"hosted", r"proxy\.go" + r"lang")
FORBIDDEN = re.compile("|".join(PATHS + REGISTRIES))


def test_tracked_files_name_no_machine_path_and_no_registry() -> None:
    listed = run(["git", "ls-files", "-z"], timeout_s=30, cwd=CHECKOUT)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = CHECKOUT / name
        if path.is_file():
            text = path.read_bytes().decode(errors="replace")
            found += [f"{name}: {hit.group()}" for hit in FORBIDDEN.finditer(text)]
    assert found == []
