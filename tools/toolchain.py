"""Find what the tools stand on: the cache folder, arduino-cli and the folder layout that it wants.

Installing is tools/install.py; what there is to install stands in hw/packages.toml.
"""

import hashlib
import os
import shutil
from pathlib import Path

from hw.packages import packages
from tools.errors import Setup

CHECKOUT = Path(__file__).resolve().parent.parent
"""Root of the source tree that is running; several of them may share one cache."""

CTAGS_TOOL = Path("packages/builtin/tools/ctags/5.8-arduino11/ctags")
"""Where arduino-cli looks for ctags below its data folder (its builtin tools, legacy/builder)."""


def cache_dir() -> Path:
    """Folder of what is fetched once and shared by all checkouts: $XDG_CACHE_HOME/tinysmith."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification tells to ignore relative paths.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "tinysmith"


def state_dir() -> Path:
    """Folder of what a person typed and did, which no set-up brings back: $XDG_STATE_HOME/tinysmith."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "tinysmith"


def arduino_cli() -> Path:
    """The arduino-cli to use: the person's own on PATH first, else the one that `make setup` put into the cache.

    Raises Setup when there is neither.
    """
    on_path = shutil.which("arduino-cli")
    if on_path is not None:
        return Path(on_path)
    cached = cache_dir() / "bin" / "arduino-cli"
    if os.access(cached, os.X_OK):
        return cached
    raise Setup("arduino-cli is not installed")


def uv() -> Path:
    """The package installer uv: on PATH, else the one that `make setup` put into the cache. Raises Setup."""
    on_path = shutil.which("uv")
    if on_path is not None:
        return Path(on_path)
    cached = cache_dir() / "uv" / "bin" / "uv"
    if os.access(cached, os.X_OK):
        return cached
    raise Setup("uv is not installed")


def model_path() -> Path:
    """The local model's GGUF: $TINYSMITH_MODEL_PATH, else the one in the cache.

    Raises Setup when it is not there. Its hash was checked when it was installed; here only the size
    is, since this is asked at the start of every run.
    """
    own = os.environ.get("TINYSMITH_MODEL_PATH", "")
    if own:
        if not Path(own).is_file():
            raise Setup(f"TINYSMITH_MODEL_PATH is {own}, which is not a file", "unset TINYSMITH_MODEL_PATH")
        return Path(own)
    fact = packages().model
    path = cache_dir() / "models" / fact.file
    if not path.is_file() or path.stat().st_size != fact.bytes:
        raise Setup("the local model is not installed")
    return path


def arduino_env(real: bool = False) -> dict[str, str]:
    """Environment for arduino-cli, with the folders it points to made when they are not there yet.

    `real`: leave the person's own data and user folders in place (~/.arduino15, ~/Arduino), where
    their vendor cores and libraries are installed; else everything is below the cache, offline.
    """
    quiet = {"ARDUINO_UPDATER_ENABLE_NOTIFICATION": "false", "ARDUINO_OUTPUT_NO_COLOR": "true"}
    if real:
        return quiet
    root = cache_dir() / "arduino"
    data, user, downloads = root / "data", root / "user" / _checkout_key(), root / "downloads"
    _lay_out_data(data)
    _lay_out_user(user)
    return quiet | {
        # Else a person's own file would bring their board indexes, which are not in this data folder.
        "ARDUINO_CONFIG_FILE": str(data / "arduino-cli.yaml"),
        "ARDUINO_BUILD_CACHE_PATH": str(root / "build"),
        "ARDUINO_DIRECTORIES_DATA": str(data),
        "ARDUINO_DIRECTORIES_USER": str(user),
        "ARDUINO_DIRECTORIES_DOWNLOADS": str(downloads),
    }


def _checkout_key() -> str:
    """Each checkout has a user folder of its own, since the platform in hw/ differs from one to the next."""
    return hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]


def _lay_out_data(data: Path) -> None:
    """Empty indexes: with them arduino-cli compiles offline and does not try to fetch the real ones."""
    _write_once(data / "package_index.json", '{"packages":[]}')
    _write_once(data / "library_index.json", '{"libraries":[]}')
    ctags = shutil.which("arduino-ctags")
    if ctags is not None:
        _link(Path(ctags), data / CTAGS_TOOL)


def _lay_out_user(user: Path) -> None:
    _link(CHECKOUT / "hw" / "platform" / "tinysmith", user / "hardware" / "tinysmith")
    core_avr = _core_avr()
    if core_avr is not None:
        _link(core_avr, user / "hardware" / "arduino" / "avr")


def _core_avr() -> Path | None:
    """The distribution's Arduino core for AVR, where installed."""
    for component in packages().component:
        if component.name == "arduino-core-avr":
            return next((Path(f).parent for f in component.files if Path(f).is_file()), None)
    return None


def _write_once(path: Path, content: str) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_text(content)
        part.replace(path)


def _link(target: Path, link: Path) -> None:
    """Make `link` point to `target`; replaced in one step, since another process may be doing the same."""
    if link.is_symlink() and os.readlink(link) == str(target):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    part = link.with_name(f".{link.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)
