"""The checked build of a sketch that compiled: its files once more, with each access to memory looked at.

The core is that of the first build, which stays as it is. Not covered: memory that only the core touches, what lies
before a variable that follows one of the core, and on an AVR all but the sketch's arrays of known length.
"""

import json
import re
import shlex
from pathlib import Path

from pydantic import TypeAdapter

from tools.artifacts import Artifact
from tools.compile import PROPERTIES
from tools.errors import Fixable
from tools.process import run
from tools.store import write_text

_COMMANDS = "compile_commands.json"
_ARCHIVE = "core/core.a"
_FOLDER = "checked"
_TIMEOUT_S = 300.0
_TELLING = re.compile(r"error|overflowed|undefined|/ld: ")
_AVR_FLAGS = "-fsanitize=bounds -fsanitize-undefined-trap-on-error"
"""What GCC 5 has for an AVR, where the linker compiles; a wrong index calls abort()."""


class _Command(Artifact):
    """An entry of compile_commands.json, which arduino-cli writes (Clang's JSON compilation database)."""

    directory: str
    arguments: tuple[str, ...]
    file: str

    @property
    def object(self) -> Path:
        """The file that it makes."""
        return Path(self.arguments[self.arguments.index("-o") + 1])


_COMMAND_LIST = TypeAdapter(list[_Command])


def checked_build(elf: Path) -> Path:
    """The ELF of the checked build for the first one's, `elf`, which tools.compile made for the emulated board.

    Raises Fixable with the compiler's words where the sketch does not build this way.
    """
    commands, properties = _read(elf.parent)
    build_dir = Path(properties["build.path"])  # as the commands have it, whatever links lead there
    flags = shlex.split(properties.get("checked.flags", _AVR_FLAGS))
    core = Path(properties["build.core.path"])
    looked_at = {core / name for name in properties.get("checked.core", "").split()}
    if not any(Path(command.file).is_relative_to(build_dir / "sketch") for command in commands):
        raise RuntimeError(f"none of the {len(commands)} files that {build_dir} was built from is the sketch's")
    objects = []
    for command in commands:
        source = Path(command.file)
        if _is_checked(source, build_dir, properties) or source in looked_at:
            objects.append(_compile(command, flags, build_dir))
        elif not source.is_relative_to(core):  # else it lies in the archive
            objects.append(command.object)
    target = build_dir / _FOLDER / elf.name
    _run(_link(properties, objects, build_dir, target), build_dir)
    return target


def _is_checked(source: Path, build_dir: Path, properties: dict[str, str]) -> bool:
    """Whether a file is the sketch's own, or a library's; the virtual hardware in our own libraries is not."""
    if source.is_relative_to(build_dir / "sketch"):
        return True
    of_core = any(source.is_relative_to(properties[f"build.{part}.path"]) for part in ("core", "variant"))
    return "checked.flags" in properties and not of_core and not source.name.startswith("emulated_")


def _read(build_dir: Path) -> tuple[list[_Command], dict[str, str]]:
    if not (build_dir / PROPERTIES).is_file():
        raise Fixable(f"{build_dir} does not tell how it was built: compile the sketch again")
    commands = _COMMAND_LIST.validate_json((build_dir / _COMMANDS).read_bytes())
    pairs = json.loads((build_dir / PROPERTIES).read_text())
    return commands, dict(pair.split("=", 1) for pair in pairs)


def _compile(command: _Command, flags: list[str], build_dir: Path) -> Path:
    """The object of a file of the sketch, compiled where it or what it includes is newer."""
    target = build_dir / _FOLDER / command.object.relative_to(build_dir)
    argv = [*command.arguments]
    argv[argv.index("-o") + 1] = str(target)
    argv[1:1] = flags
    note = target.with_suffix(".json")
    if _is_fresh(target, note, argv):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    note.unlink(missing_ok=True)
    _run(argv, Path(command.directory))
    write_text(note, json.dumps(argv))
    return target


def _is_fresh(target: Path, note: Path, argv: list[str]) -> bool:
    """Whether an object was made by this command from files that have not changed since."""
    if not target.is_file() or not note.is_file() or json.loads(note.read_text()) != argv:
        return False
    # Written by -MMD: "target: file file \", with blanks escaped.
    told = target.with_suffix(".d").read_text().replace("\\\n", " ").partition(": ")[2]
    files = [Path(name) for name in shlex.split(told)]
    made = target.stat().st_mtime_ns
    return all(file.is_file() and file.stat().st_mtime_ns < made for file in files)


def _link(properties: dict[str, str], objects: list[Path], build_dir: Path, target: Path) -> list[str]:
    """The core's own recipe for the linker, with other objects, other memories and another target."""
    argv: list[str] = []
    for word in shlex.split(properties["recipe.c.combine.pattern"]):
        if word == "{object_files}":
            argv += [str(path) for path in objects]
        elif word == str(build_dir / target.name):
            argv.append(str(target))
        elif not word.startswith("-Wl,-Map,"):
            word = word.replace("{archive_file_path}", str(build_dir / _ARCHIVE)).replace("{archive_file}", _ARCHIVE)
            argv.append(word.replace("/memory.ld", "/checked.ld"))
    argv[1:1] = shlex.split(properties.get("checked.ldflags", f"{_AVR_FLAGS} {_avr_flash(properties)}"))
    return argv


def _avr_flash(properties: dict[str, str]) -> str:
    """The flash that there is: the linker takes each AVR to have the most of its family."""
    return f"-Wl,--defsym=__TEXT_REGION_LENGTH__={properties['upload.maximum_size']}"


def _run(argv: list[str], folder: Path) -> None:
    done = run(argv, timeout_s=_TIMEOUT_S, cwd=folder)
    if done.timed_out:
        raise Fixable(f"the checked build took longer than {_TIMEOUT_S:.0f} s")
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("collect2")]
        told = next((line for line in lines if _TELLING.search(line)), done.stderr.strip()[-300:])
        raise Fixable(f"the checked build fails: {told}")
